"""The code on the paper: error correction M, a quiet zone of four modules, black on white."""

from functools import lru_cache
from io import BytesIO

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

QUIET = 4  # modules; ISO/IEC 18004 asks for four on every side


@lru_cache(maxsize=256)
def modules(url: str) -> tuple[tuple[bool, ...], ...]:
    """Return the dark modules of the code, row by row, with the quiet zone."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET)
    code.add_data(url.encode())
    code.make(fit=True)
    return tuple(tuple(bool(dark) for dark in row) for row in code.get_matrix())


def qr_png(url: str, scale: int = 10) -> bytes:
    """Return a one-bit PNG, `scale` pixels a module: sharp at every size that is a multiple of it."""
    rows = modules(url)
    image = Image.new("1", (len(rows), len(rows)), 1)
    image.putdata([0 if dark else 255 for row in rows for dark in row])
    out = BytesIO()
    image.resize((len(rows) * scale, len(rows) * scale), Image.Resampling.NEAREST).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


def qr_svg(url: str) -> str:
    """Return an SVG without size, for pages: neighbouring modules of a row are one stroke, so no seams show."""
    rows = modules(url)
    path = "".join(_runs(y, row) for y, row in enumerate(rows))
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>'
    )


def _runs(y: int, row: tuple[bool, ...]) -> str:
    path, x = "", 0
    while x < len(row):
        start = x
        while x < len(row) and row[x]:
            x += 1
        if x > start:
            path += f"M{start} {y}h{x - start}v1H{start}z"
        x += 1
    return path
