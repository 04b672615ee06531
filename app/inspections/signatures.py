"""A signature drawn on the screen: checked to be a small picture, kept under its hash like every other file."""

import base64
import binascii
import io

from PIL import Image, UnidentifiedImageError

from app.core.errors import N_, Invalid
from app.core.storage import storage

PREFIX = "data:image/png;base64,"
LARGEST = 400_000  # bytes of PNG
_UNREADABLE = N_("The signature could not be read. Clear it and sign again.")


def keep_signature(data_url: str) -> str:
    """Store the drawn signature and return its storage key; "" when nothing was drawn.

    Raises Invalid for anything that is not a PNG of reasonable size, or an empty sheet.
    """
    if not data_url:
        return ""
    if not data_url.startswith(PREFIX) or len(data_url) > LARGEST * 4 // 3:
        raise Invalid(_UNREADABLE, field="signature")
    try:
        raw = base64.b64decode(data_url[len(PREFIX) :], validate=True)
        with Image.open(io.BytesIO(raw), formats=["PNG"]) as image:
            if image.width * image.height > 4_000_000:
                raise Invalid(_UNREADABLE, field="signature")
            image.load()
    except (binascii.Error, UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise Invalid(_UNREADABLE, field="signature") from None
    return storage().put_stream(io.BytesIO(raw), max_bytes=LARGEST).key
