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
