"""What a file really is, and whether it can really be decoded to its last row.

Names and declared types are not believed. The header is read first, so a file that claims more pixels than allowed
is refused before any memory is taken for them. One picture is decoded at a time in each process: eight phones
sending at once queue here, and memory stays that of one.
"""

import ctypes
import enum
import logging
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pillow_heif
from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from app.core.errors import N_, Invalid
from app.photos.exif import Fields, orientation_of, read_exif
from app.photos.png import check_png
from app.photos.scans import check_scans

log = logging.getLogger("xuncha.photos")

_one_at_a_time = threading.Lock()
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}


class MediaType(enum.StrEnum):
    """The kinds of pictures phones send."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"


@dataclass(frozen=True)
class Picture:
    """What a file turned out to be after it was decoded completely."""

    media_type: MediaType
    width: int  # pixels, upright
    height: int
    exif: Fields


class NotAPhoto(Invalid):
    """The content is no picture of a kind that is taken."""


class BrokenPhoto(Invalid):
    """It is such a picture, but incomplete or damaged."""


class TooManyPixels(Invalid):
    """A picture, or a bomb, with more pixels than are taken."""


class _Jpeg(JpegImagePlugin.JpegImageFile):
    """Pillow's JPEG without its EXIF reader, which a crafted directory can make take gigabytes."""

    def _read_dpi_from_exif(self) -> None:
        pass


def _give_memory_back() -> None:
    """Let pixels leave the process when a picture is done with.

    glibc otherwise learns from each freed block to keep the next one of its size, in a pool for every thread: eight
    12-megapixel HEIC photos left a worker at 353 MB instead of 137 MB.
    """
    threshold = -3  # M_MMAP_THRESHOLD of mallopt(3)
    with suppress(OSError, AttributeError):  # other C libraries do not do this
        ctypes.CDLL(None).mallopt(threshold, 1024 * 1024)


_give_memory_back()


@contextmanager
def decoding() -> Iterator[None]:
    """The one place of this process in which pixels are in memory."""
    with _one_at_a_time:
        yield


def examine(path: Path, *, max_pixels: int) -> Picture:
    """Decode the file completely and say what it is. Raises NotAPhoto, BrokenPhoto, TooManyPixels."""
    with path.open("rb") as file:
        media_type = media_type_of(file.read(32))
        if media_type is None:
            raise NotAPhoto(
                N_("This file is not a photo."),
                hint=N_("Send a photo as JPEG, PNG, WebP or HEIC, as phones make them."),
            )
        file.seek(0)
        with decoding(), as_broken(media_type):
            return _examine(file, media_type, max_pixels)


def media_type_of(head: bytes) -> MediaType | None:
    """The kind of picture that begins with these 32 bytes."""
    if head.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return MediaType.WEBP
    if head[4:8] == b"ftyp" and (head[8:12] in _HEIF_BRANDS):
        return MediaType.HEIC
    return None


def open_picture(file: BinaryIO, media_type: MediaType) -> Image.Image:
    """The picture; JPEG, PNG and WebP with only the header read so far. Call inside `decoding()`."""
    if media_type is MediaType.JPEG:
        return _Jpeg(file)
    if media_type is MediaType.PNG:
        return PngImagePlugin.PngImageFile(file)
    if media_type is MediaType.WEBP:
        return WebPImagePlugin.WebPImageFile(file)
    opened = pillow_heif.open_heif(file)
    heif = opened[opened.primary_index]
    image = Image.frombytes(heif.mode, heif.size, heif.data, "raw", heif.mode, heif.stride)
    image.info["icc_profile"] = heif.info.get("icc_profile")
    return image


def upright_orientation(image: Image.Image, media_type: MediaType) -> int:
    """The turn still to be made. The HEIF decoder has turned its pictures already."""
    return 1 if media_type is MediaType.HEIC else orientation_of(read_exif(image.info.get("exif")))


def _examine(file: BinaryIO, media_type: MediaType, max_pixels: int) -> Picture:
    if media_type is MediaType.WEBP:  # its decoder takes memory before anything else is known
        _hold_to_pixels(_webp_size(file), max_pixels)
    image: Any
    if media_type is MediaType.HEIC:
        _hold_boxes(file)
        image = pillow_heif.open_heif(file)
    else:
        image = open_picture(file, media_type)
    width, height = image.size
    _hold_to_pixels((width, height), max_pixels)
    exif = read_exif(image.info.get("exif"))
    if media_type is MediaType.PNG:
        check_png(file)
    elif media_type is MediaType.HEIC:
        _ = image.data  # decodes
    elif media_type is MediaType.JPEG:
        check_scans(image, file, _Jpeg)
    else:
        image.load()
    if media_type is not MediaType.HEIC and orientation_of(exif) >= 5:
        width, height = height, width
    return Picture(media_type, width, height, exif)


def _hold_to_pixels(size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise ValueError("no pixels")
    if width * height > max_pixels:
        raise TooManyPixels(
            N_(
                "This picture has %(width)s × %(height)s pixels; at most %(megapixels)s megapixels can be taken."
            ),
            hint=N_("Choose a smaller size in the camera's settings and take the photo again."),
            width=width,
            height=height,
            megapixels=max_pixels // 1_000_000,
        )


def _webp_size(file: BinaryIO) -> tuple[int, int]:
    """The canvas from the header (RFC 9649)."""
    head = file.read(30)
    file.seek(0)
    if len(head) < 30:
        raise ValueError("breaks off")
    kind = head[12:16]
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8L" and head[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", head, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind != b"VP8 " or head[23:26] != b"\x9d\x01\x2a":
        raise ValueError("no WebP picture")
    width, height = struct.unpack_from("<HH", head, 26)
    return width & 0x3FFF, height & 0x3FFF


def _hold_boxes(file: BinaryIO) -> None:
    """The boxes that make the picture must lie within the file (ISO/IEC 14496-12).

    Its decoder paints missing tiles grey and says nothing. What makers append behind the boxes is left alone.
    """
    end = file.seek(0, 2)
    at = 0
    needed = {b"ftyp", b"meta", b"mdat"}
    while at + 8 <= end and needed:
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(8))
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
        elif size == 0:  # up to the end of the file
            size = end - at
        if size < 8 or at + size > end:
            break
        needed.discard(kind)
        at += size
    if needed:
        raise ValueError("breaks off")
    file.seek(0)


@contextmanager
def as_broken(media_type: str) -> Iterator[None]:
    """Decoders fed with hostile bytes raise almost anything; all of it means the same to the one who sent them."""
    try:
        yield
    except TooManyPixels:
        raise
    except Exception as error:
        log.info('"photo refused: %s %s"', media_type, type(error).__name__)
        raise BrokenPhoto(
            N_("This photo is incomplete or damaged."),
            hint=N_("Send it again; if that does not help, take it again."),
        ) from error
