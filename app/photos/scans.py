"""Whether a JPEG holds all of its picture.

A file that broke off and was closed with an end marker looks whole: libjpeg paints what is missing neutral grey and
only warns, and nobody hears the warning. But a decoder that has everything reads no further, while one that lacks
something takes whatever follows for its picture. So some bytes are put before the end marker, and where they change
a pixel the picture was not whole. The second decoding is made only where the first leaves a doubt: a last pixel in
that grey, or a progressive JPEG, whose later scans add detail that no single pixel shows.
"""

import hashlib
import mmap
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any, BinaryIO

_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # ends the data of a scan; restart markers and stuffing do not
_FOLLOWING = bytes(range(1, 255))
_SCAN, _END = 0xDA, 0xD9
_NEUTRAL = range(126, 131)  # 128, and what colour conversion makes of it


class BrokenScan(Exception):
    """The picture breaks off before its end marker."""


def check_scans(image: Any, file: BinaryIO, open_jpeg: Callable[[BinaryIO], Any]) -> None:
    """Decode the JPEG `image`, opened from `file`, small. Raises BrokenScan when it is not whole."""
    progressive = bool(image.info.get("progressive"))
    _load(image, progressive=progressive)
    last = image.getpixel((image.width - 1, image.height - 1))
    neutral = all(value in _NEUTRAL for value in (last if isinstance(last, tuple) else (last,)))
    if not (neutral or progressive):
        return
    decoded = _digest(image)
    image.close()  # its pixels are not needed beside the next ones
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        followed = BytesIO(data[: end_of_scans(data)] + _FOLLOWING + b"\xff\xd9")
    again = open_jpeg(followed)
    _load(again, progressive=progressive)
    if _digest(again) != decoded:
        raise BrokenScan("the picture breaks off")


def end_of_scans(data: Any) -> int:
    """Where the last scan's data ends. What makers append behind the picture's own end marker is not looked at."""
    at, end = 2, 0
    while (found := _MARKER.search(data, at)) is not None:
        at, kind = found.end(), data[found.start() + 1]
        if kind == _END:
            return end or found.start()
        at += int.from_bytes(data[at : at + 2], "big")
        if kind == _SCAN:
            following = _MARKER.search(data, at)
            end = at = following.start() if following else len(data)
    return end or len(data)


def _load(image: Any, *, progressive: bool) -> None:
    """Read every bit of the data; the pixels take a sixty-fourth, of a progressive JPEG a quarter."""
    image.draft(image.mode, (image.width // 2, image.height // 2) if progressive else (1, 1))
    image.load()


def _digest(image: Any) -> bytes:
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()
