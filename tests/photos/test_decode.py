"""What is a photo, what is not, and what only claims to be one."""

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image

from app.photos.decode import BrokenPhoto, MediaType, NotAPhoto, TooManyPixels, examine
from tests.photos.pictures import chunk, encoded, noise, png

KINDS = {"JPEG": MediaType.JPEG, "PNG": MediaType.PNG, "WEBP": MediaType.WEBP, "HEIF": MediaType.HEIC}


@pytest.fixture
def look(tmp_path):
    def at(data, max_pixels=60_000_000):
        path = tmp_path / "upload.jpg"
        path.write_bytes(data)
        return examine(path, max_pixels=max_pixels)

    return at


def zipped():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("photo.jpg", b"\xff\xd8\xff")
    return out.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_known_by_its_content(look, kind):
    picture = look(encoded(kind))
    assert (picture.media_type, picture.width, picture.height) == (KINDS[kind], 320, 240)


@pytest.mark.parametrize(
    ("name", "width", "height"),
    [
        ("portrait_6.jpg", 450, 600),
        ("iphone_13_pro_max.HEIC", 3024, 4032),
        ("iphone_hdr_NO.jpg", 3264, 2448),
        ("HMD_Nokia_8.3_5G.jpg", 4608, 1976),
    ],
)
def test_real_photos_are_measured_upright(real, name, width, height):
    picture = examine(real(name), max_pixels=60_000_000)
    assert (picture.width, picture.height) == (width, height)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_measured_upright(look, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = look(encoded("JPEG", exif=exif))
    assert (picture.width, picture.height) == ((240, 320) if orientation >= 5 else (320, 240))


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "JPEG", "progressive": True},
        {"kind": "JPEG", "image": noise().convert("L")},
        {"kind": "JPEG", "image": noise().convert("CMYK")},
        {"kind": "PNG", "image": noise().convert("P")},
        {"kind": "PNG", "image": noise().convert("1")},
        {"kind": "PNG", "image": noise().convert("I;16")},
        {"kind": "PNG", "image": noise(3, 5).convert("RGBA")},
        {"kind": "PNG", "image": noise(1, 1)},
        {"kind": "WEBP", "lossless": True},
        {"kind": "WEBP", "image": noise().convert("RGBA")},
    ],
)
def test_every_variant_is_taken(look, options):
    assert look(encoded(**options)).width >= 1


def test_an_interlaced_png_is_counted_pass_by_pass(look):
    sizes = [(1, 1), (1, 1), (2, 1), (1, 2), (3, 1), (2, 3), (5, 2)]  # of the seven passes of 5 × 5 pixels
    rows = b"".join((b"\0" + bytes(3 * columns)) * lines for columns, lines in sizes)
    assert look(png(5, 5, rows, interlace=1)).width == 5
    with pytest.raises(BrokenPhoto):
        look(png(5, 5, rows[:-1], interlace=1))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.995])
def test_a_truncated_photo_is_named_so(look, kind, share):
    data = encoded(kind)
    with pytest.raises(BrokenPhoto):
        look(data[: int(len(data) * share)])


@pytest.mark.parametrize("name", ["portrait_6.jpg", "HMD_Nokia_8.3_5G.jpg", "iphone_13_pro_max.HEIC"])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.97])
def test_a_truncated_real_photo_is_named_so(look, real, name, share):
    data = real(name).read_bytes()
    with pytest.raises(BrokenPhoto):
        look(data[: int(len(data) * share)])


@pytest.mark.parametrize(
    "content",
    [
        "我不是照片".encode(),
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        b"GIF89a" + bytes(100),
        b"%PDF-1.7",
        b"\x7fELF" + bytes(60),
        b"\0\0\0\x1cftypavif" + bytes(60),
        b"\0\0\0\x1cftypisom" + bytes(60),
        b"BM" + bytes(60),
        b"\0" * 1000,
        b"\xff",
        zipped(),
    ],
)
def test_what_only_bears_the_name_of_a_photo_is_refused(look, content):
    with pytest.raises(NotAPhoto):
        look(content)


@pytest.mark.parametrize(
    "start",
    [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBPVP8 ", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"],
)
def test_a_right_beginning_with_garbage_behind_is_damaged(look, start):
    with pytest.raises(BrokenPhoto):
        look(start + b"\x5a garbage" * 500)


def test_a_png_that_claims_sixty_thousand_pixels_square_is_refused_from_its_header(look):
    with pytest.raises(TooManyPixels) as refusal:
        look(png(60_000, 60_000, bytes(100)))
    assert refusal.value.params == {"width": 60_000, "height": 60_000, "megapixels": 60}
    assert refusal.value.status == 422


def webp_canvas(width, height):
    canvas = b"\0" * 4 + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + canvas + bytes(50)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_other_bombs_are_refused_from_their_headers(look):
    jpeg = bytearray(encoded("JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", 65_000, 65_000)
    for bomb in (bytes(jpeg), webp_canvas(16_000, 16_000)):
        with pytest.raises(TooManyPixels):
            look(bomb)


def test_the_limit_itself_is_taken(look):
    assert look(encoded("JPEG"), max_pixels=320 * 240)
    with pytest.raises(TooManyPixels):
        look(encoded("JPEG"), max_pixels=320 * 240 - 1)


def test_a_png_with_too_few_rows_or_a_wrong_checksum_is_damaged(look):
    whole = (b"\0" + bytes(30)) * 10
    assert look(png(10, 10, whole)).width == 10
    with pytest.raises(BrokenPhoto):
        look(png(10, 10, whole[:-31]))
    with pytest.raises(BrokenPhoto):
        look(png(10, 10, b"\x09" + whole[1:]))
    wrong = bytearray(png(10, 10, whole))
    wrong[-13] ^= 1  # the checksum of the data
    with pytest.raises(BrokenPhoto):
        look(bytes(wrong))


def test_a_png_whose_rows_unpack_without_end_is_read_in_flat_memory(look):
    packed = zlib.compress(bytes(200_000_000), 9)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 10, 10, 8, 2, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    assert look(bomb).width == 10


def test_an_exif_directory_that_lies_does_not_stop_the_photo(look):
    entries = b"".join(struct.pack("<HHII", tag, 2, 60_000, 8) for tag in range(5000))
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 5000) + entries
    assert look(encoded("JPEG", exif=exif)).width == 320
