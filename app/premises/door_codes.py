"""The QR code that hangs at a premises' door and opens its file for patrol staff."""

import re
from io import BytesIO

import qrcode
from markupsafe import Markup
from qrcode.image.svg import SvgPathImage

_CODE = re.compile(r"(?:.*/d/)?([A-Za-z0-9_-]{22})/?\s*")


def as_svg(address: str, label: str) -> Markup:
    """`address` as an inline SVG picture named `label`. Error correction M: survives a scratched door."""
    code = qrcode.QRCode(
        error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, image_factory=SvgPathImage
    )
    code.add_data(address)
    code.make(fit=True)
    buffer = BytesIO()
    code.make_image().save(buffer)
    svg = buffer.getvalue().decode()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r' (width|height)="[^"]*"', "", svg, count=2)
    svg = re.sub(r' id="[^"]*"', "", svg)  # many codes stand on one page
    opening = Markup('<svg role="img" aria-label="{}" ').format(label)
    return opening + Markup(svg.removeprefix("<svg "))  # noqa: S704 - numbers and paths made here, no user text


def token_in(text: str) -> str:
    """The door token in what was scanned or typed: the whole address or the token alone; "" if there is none."""
    match = _CODE.fullmatch(text.strip())
    return match.group(1) if match else ""
