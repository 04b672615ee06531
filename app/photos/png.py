"""Whether a PNG is whole, in flat memory.

Decoding one to pixels takes four bytes a pixel (240 MB for 60 megapixels). Everything that can be broken in it shows
already when its compressed data is unpacked: checksums, the length of the data, the filter byte of each row
(ISO/IEC 15948). So the data is unpacked piece by piece and thrown away.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

PIECE = 256 * 1024  # bytes read and unpacked at once
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # colour type → samples a pixel
_ADAM7 = ((0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4), (0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2))


class BrokenPng(Exception):
    """It breaks off, or a checksum or a length is wrong."""


def check_png(file: BinaryIO) -> None:
    """Read the whole image data of the PNG `file`. Raises BrokenPng."""
    file.seek(16)  # the header is always the first chunk, at a fixed place
    try:
        rows = _Rows(file.read(13))
        file.seek(4, 1)
        unpacker = zlib.decompressobj()
        for packed in _image_data(file):
            while packed and not unpacker.eof:
                rows.take(unpacker.decompress(packed, PIECE))
                packed = unpacker.unconsumed_tail  # noqa: PLW2901 - what is still packed of this piece
        rows.take(unpacker.flush())
    except (struct.error, zlib.error, KeyError) as error:
        raise BrokenPng(str(error)) from error
    rows.finish()


class _Rows:
    """Counts unpacked rows and looks at the filter byte each begins with."""

    def __init__(self, header: bytes) -> None:
        width, height, depth, colour, _compression, _filter, interlace = struct.unpack(">IIBBBBB", header)
        bits = depth * _CHANNELS[colour]
        passes = _ADAM7 if interlace else ((0, 1, 0, 1),)
        self._passes: list[tuple[int, int]] = []  # bytes a row with its filter byte, rows
        for left, across, top, down in passes:
            columns, rows = -(-(width - left) // across), -(-(height - top) // down)
            if columns > 0 and rows > 0:
                self._passes.append(((columns * bits + 7) // 8 + 1, rows))
        self._left_in_pass = 0
        self._stride = 1
        self._into_row = 0

    def take(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            if self._left_in_pass == 0:
                if not self._passes:
                    return  # more data than the picture has: decoders ignore it
                self._stride, rows = self._passes.pop(0)
                self._left_in_pass, self._into_row = self._stride * rows, 0
            part = data[at : at + self._left_in_pass]
            first = -self._into_row % self._stride
            if any(filter_byte > 4 for filter_byte in part[first :: self._stride]):
                raise BrokenPng("no such filter")
            self._into_row = (self._into_row + len(part)) % self._stride
            self._left_in_pass -= len(part)
            at += len(part)

    def finish(self) -> None:
        if self._left_in_pass or self._passes:
            raise BrokenPng("rows are missing")


def _image_data(file: BinaryIO) -> Iterator[bytes]:
    """The contents of the run of IDAT chunks, their checksums held to."""
    found = False
    while True:
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"IEND" or (found and kind != b"IDAT"):
            return
        if kind != b"IDAT":
            file.seek(length + 4, 1)
            continue
        found = True
        checksum = zlib.crc32(kind)
        while length:
            piece = file.read(min(length, PIECE))
            if not piece:
                raise BrokenPng("breaks off")
            checksum = zlib.crc32(piece, checksum)
            length -= len(piece)
            yield piece
        if struct.unpack(">I", file.read(4))[0] != checksum:
            raise BrokenPng("wrong checksum")
