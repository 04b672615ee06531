"""Pictures made for tests, and where the real ones are."""

import io
import os
import struct
import zlib
from pathlib import Path

import pillow_heif
from PIL import Image

PHOTOS = Path(__file__).resolve().parents[3] / "shared" / "photos"


def noise(width=320, height=240):
    return Image.frombytes("RGB", (width, height), os.urandom(width * height * 3))


def encoded(kind, image=None, **options):
    """The bytes of `image` (noise) as JPEG, PNG, WEBP or HEIF."""
    image = image or noise()
    out = io.BytesIO()
    if kind == "HEIF":
        pillow_heif.from_pillow(image).save(out, **options)
    else:
        image.save(out, kind, **options)
    return out.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, rows, colour=2, interlace=0):
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, interlace)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def exif_block(entries, order="<", exif_entries=(), gps_entries=()):
    """A TIFF block from (tag, type, count, four bytes or longer data) entries, laid out without any care."""
    magic = b"II*\0" if order == "<" else b"MM\0*"
    lists = [list(entries), list(exif_entries), list(gps_entries)]
    lists[0] += [(0x8769, 4, 1, None), (0x8825, 4, 1, None)]
    starts, at = [], 8
    for one in lists:
        starts.append(at)
        at += 2 + 12 * len(one) + 4
    pointers = {0x8769: starts[1], 0x8825: starts[2]}
    out, tail = magic + struct.pack(order + "I", 8), b""
    for one in lists:
        out += struct.pack(order + "H", len(one))
        for tag, kind, count, given in one:
            data = struct.pack(order + "I", pointers[tag]) if given is None else given
            out += struct.pack(order + "HHI", tag, kind, count)
            if len(data) > 4:
                out += struct.pack(order + "I", at + len(tail))
                tail += data
            else:
                out += data.ljust(4, b"\0")
        out += bytes(4)
    return b"Exif\0\0" + out + tail
