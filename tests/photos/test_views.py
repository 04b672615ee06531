"""Derived views: upright, small, clean, made once."""

import io
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from app.core.storage import Storage
from app.photos.decode import BrokenPhoto
from app.photos.fonts import FontShelf
from app.photos.strip import Strip, with_strip
from app.photos.views import LONGEST_EDGE, View, ensure_view, read_view, view_key
from tests.photos.pictures import encoded, noise

STRIP = Strip("𠮷野家小吃店(北山镇)", "2026-11-29 10:35", "协小二", "南卫协建〔2026〕0012号", "17307b12")
QUADRANTS = {(0, 0): (255, 0, 0), (1, 0): (0, 255, 0), (0, 1): (0, 0, 255), (1, 1): (255, 255, 0)}
WAYS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.fixture
def view(storage, shelf):
    def opened(photo, which, strip=None):
        data = read_view(photo, which, storage=storage, shelf=shelf, strip=strip)
        return Image.open(io.BytesIO(data))

    return opened


@pytest.fixture
def kept(keep, tmp_path):
    def from_bytes(data):
        path = tmp_path / "upload"
        path.write_bytes(data)
        return keep(path)

    return from_bytes


def near(colour, other):
    return all(abs(one - two) < 40 for one, two in zip(colour, other, strict=True))


def quadrants(width=120, height=80):
    image = Image.new("RGB", (width, height))
    for (across, down), colour in QUADRANTS.items():
        image.paste(colour, (across * width // 2, down * height // 2, width, height))
    return image


@pytest.mark.parametrize(
    "name", ["portrait_6.jpg", "iphone_13_pro_max.HEIC", "iphone_hdr_NO.jpg", "DSCN0010.jpg"]
)
@pytest.mark.parametrize("which", View)
def test_views_of_real_photos_are_upright_and_carry_nothing_but_pixels(real, keep, view, name, which):
    photo = keep(real(name))
    image = view(photo, which)
    assert (image.width < image.height) == (photo.width < photo.height)
    assert max(image.size) == min(LONGEST_EDGE[which], max(photo.width, photo.height))
    assert not {"exif", "icc_profile", "xmp", "comment", "photoshop"} & set(image.info)
    assert dict(image.getexif()) == {}
    assert (image.format, image.mode, image.info.get("progressive")) == ("JPEG", "RGB", 1)


@pytest.mark.parametrize("orientation", WAYS)
def test_every_orientation_comes_out_the_same_way_up(kept, view, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = view(
        kept(encoded("JPEG", quadrants().transpose(WAYS[orientation]), exif=exif, quality=95)), View.PLAIN
    )
    assert image.size == (120, 80)
    for (across, down), colour in QUADRANTS.items():
        assert near(image.getpixel((30 + 60 * across, 20 + 40 * down)), colour)


def test_the_original_is_untouched_by_its_views(real, keep, view, storage):
    photo = keep(real("DSCN0010.jpg"))
    for which in View:
        view(photo, which)
    assert storage.read(photo.storage_key) == real("DSCN0010.jpg").read_bytes()


def test_a_view_is_made_once(real, keep, storage):
    photo = keep(real("portrait_6.jpg"))
    key = ensure_view(photo, View.SMALL, storage=storage)
    assert key == f"derived/{photo.sha256}/small.jpg"
    storage.put_bytes(key, b"kept")
    assert read_view(photo, View.SMALL, storage=storage) == b"kept"


def test_another_strip_is_another_view(real, keep):
    photo = keep(real("portrait_6.jpg"))
    other = Strip("别处", STRIP.time, STRIP.inspector, STRIP.number, STRIP.short_hash)
    assert view_key(photo, View.LARGE, STRIP) != view_key(photo, View.LARGE, other)
    assert view_key(photo, View.SMALL, STRIP) == view_key(photo, View.SMALL, other)


def test_the_strip_stands_below_the_picture_and_hides_nothing(real, keep, view):
    photo = keep(real("DSCN0010.jpg"))
    plain, large = view(photo, View.PLAIN), view(photo, View.LARGE, STRIP)
    assert large.width == plain.width
    assert 20 < large.height - plain.height < 120
    band = large.crop((0, plain.height, large.width, large.height)).convert("L")
    dark, bright = band.getextrema()
    assert dark < 40
    assert bright > 220, "text is written in white on a dark ground"


def test_the_strip_is_burnt_in_with_the_fonts_of_the_running_app(context, real, keep, storage):
    photo = keep(real("DSCN0010.jpg"))
    image = Image.open(io.BytesIO(read_view(photo, View.LARGE, storage=storage, strip=STRIP)))
    assert image.height > photo.height


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (2000, 3), (5000, 300)])
def test_odd_shapes_are_survived(kept, view, size):
    photo = kept(encoded("PNG", Image.new("RGB", size, "red")))
    for which in View:
        assert view(photo, which, STRIP if which is View.LARGE else None).width >= 1


@pytest.mark.parametrize(
    "image",
    [noise().convert(mode) for mode in ("L", "1", "P", "RGBA", "LA", "I;16")]
    + [Image.new("RGBA", (9, 9), (0, 0, 0, 0))],
    ids=lambda image: f"{image.mode}-{image.width}",
)
def test_every_mode_of_png_has_views(kept, view, image):
    assert view(kept(encoded("PNG", image)), View.SMALL).mode == "RGB"


def test_transparency_becomes_white_paper(kept, view):
    photo = kept(encoded("PNG", Image.new("RGBA", (50, 50), (0, 0, 0, 0))))
    assert view(photo, View.SMALL).getpixel((25, 25)) == (255, 255, 255)


def test_a_print_shop_jpeg_has_views(kept, view):
    assert view(kept(encoded("JPEG", noise().convert("CMYK"))), View.SMALL).mode == "RGB"


def test_colours_of_a_phones_wider_profile_are_brought_to_srgb(real, kept, view):
    heif = pillow_heif.open_heif(real("iphone_13_pro_max.HEIC"))
    display_p3 = heif[heif.primary_index].info["icc_profile"]
    red = Image.new("RGB", (64, 64), (200, 60, 60))
    converted = view(kept(encoded("PNG", red, icc_profile=display_p3)), View.PLAIN).getpixel((9, 9))
    assert converted[0] > 208
    assert converted[1] < 55


def test_a_damaged_profile_is_ignored(kept, view):
    grey = Image.new("RGB", (64, 64), (128, 128, 128))
    assert near(
        view(kept(encoded("JPEG", grey, icc_profile=b"garbage" * 50)), View.PLAIN).getpixel((9, 9)),
        (128,) * 3,
    )


def test_a_comment_in_the_original_does_not_travel(kept, view):
    assert "comment" not in view(kept(encoded("JPEG", comment=b"call 13900000000")), View.PLAIN).info


def test_an_original_damaged_on_disk_is_named_so(real, keep, storage, tmp_path):
    photo = keep(real("DSCN0010.jpg"))
    path = tmp_path / "files" / photo.storage_key
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(BrokenPhoto):
        ensure_view(photo, View.SMALL, storage=storage)


@pytest.mark.parametrize(
    "text",
    [
        "𠮷" * 200,
        "🍜👩‍👩‍👧",
        "\u202eabc\0\r\n\t",
        "\ufdd0\U0010fffe",
        "龘" * 10_000,
        "",
        "   ",
        "ﷺ" * 50,
        "x" * 500,
    ],
)
def test_any_text_can_be_burnt_in(shelf, text):
    image = with_strip(Image.new("RGB", (600, 400)), Strip(text, text, text, text, text), shelf)
    assert image.width == 600
    assert 400 < image.height < 700


def test_a_machine_without_any_font_still_burns_in(monkeypatch, tmp_path):
    monkeypatch.setattr("app.photos.fonts.system_fonts", tuple)
    image = with_strip(
        Image.new("RGB", (600, 400)), STRIP, FontShelf(tmp_path, rare_font=str(tmp_path / "none.ttf"))
    )
    assert image.height > 400


def test_a_rare_character_comes_from_another_font_or_as_a_mark(shelf):
    runs = list(shelf.runs("巡查𠮷\U0010fffd"))
    assert "".join(piece for piece, _font in runs)[:2] == "巡查"
    assert "\U0010fffd" not in "".join(piece for piece, _font in runs)


def test_views_on_an_object_store(s3_server, real, limits, tmp_path, shelf):
    from app.core.ids import new_id
    from app.photos.intake import _photo, receive_photo
    from app.photos.rules import PhotoMeta

    storage = Storage(s3_server.place(), s3_server.options, spool=tmp_path / "spool")
    with Path(real("portrait_6.jpg")).open("rb") as stream:
        received = receive_photo(stream, storage=storage, limits=limits)
    photo = _photo(received, new_id(), None, PhotoMeta(), "Asia/Shanghai")
    data = read_view(photo, View.LARGE, storage=storage, shelf=shelf, strip=STRIP)
    assert Image.open(io.BytesIO(data)).width == 480
    assert list((tmp_path / "spool").iterdir()) == []
