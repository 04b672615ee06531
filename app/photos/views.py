"""What is shown of a photo: smaller, upright, without EXIF, in sRGB. Made when first asked for, then kept.

Every view but the plain one is made from the plain one, so an original of any kind is decoded once. Of a photo whose
bytes were deleted after their period every view is a card that says so.
"""

import enum
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageCms

from app.core.settings import settings
from app.core.storage import Storage
from app.photos.covering import Box, cover, version_of
from app.photos.decode import MediaType, as_broken, decoding, open_picture, upright_orientation
from app.photos.fonts import FontShelf
from app.photos.models import Photo
from app.photos.removed import card
from app.photos.strip import Strip, with_strip

VIEW_TYPE = "image/jpeg"
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class View(enum.StrEnum):
    """The ways a photo is shown."""

    SMALL = "small"  # walls and lists
    LARGE = "large"  # one photo on a screen, with the strip
    PLAIN = "plain"  # the same without the strip
    PRINT = "print"  # on paper


LONGEST_EDGE = {
    View.SMALL: 400,
    View.LARGE: 1600,
    View.PLAIN: 1600,
    View.PRINT: 1000,
}  # pixels, strip not counted
QUALITY = {View.PLAIN: 85}  # JPEG quality where it is not 80; the others are made from it


def view_key(photo: Photo, view: View, strip: Strip | None = None, covers: Sequence[Box] = ()) -> str:
    """Where the view is kept. Strip and covers are part of the name: other text, other rectangles, another view."""
    if photo.removed_at is not None:
        return f"derived/{photo.sha256}/{view}-removed-{photo.removed_at:%Y%m%d}.jpg"
    ending = f"-{strip.digest}" if view is View.LARGE and strip else ""
    ending += f"-covered-{version_of(covers)}" if covers else ""
    return f"derived/{photo.sha256}/{view}{ending}.jpg"


def ensure_view(
    photo: Photo,
    view: View,
    *,
    storage: Storage,
    shelf: FontShelf | None = None,
    strip: Strip | None = None,
    covers: Sequence[Box] = (),
) -> str:
    """The key of the view, made now if it was not asked for before. `shelf` is the running app's unless given."""
    key = view_key(photo, view, strip, covers)
    if storage.exists(key):
        return key
    if photo.removed_at is not None:
        gone = card(photo, LONGEST_EDGE[view], shelf or FontShelf.of(settings()))
        storage.put_bytes(key, _jpeg(gone, QUALITY.get(view, 80)))
        return key
    plain = None if view is View.PLAIN else storage.read(ensure_view(photo, View.PLAIN, storage=storage))
    with decoding(), as_broken(photo.media_type):
        image = _upright(photo, storage) if plain is None else _opened(plain)
        image = _smaller(cover(image, covers), LONGEST_EDGE[view])
        if view is View.LARGE and strip:
            image = with_strip(image, strip, shelf or FontShelf.of(settings()))
        data = _jpeg(image, QUALITY.get(view, 80))
    storage.put_bytes(key, data)
    return key


def read_view(
    photo: Photo,
    view: View,
    *,
    storage: Storage,
    shelf: FontShelf | None = None,
    strip: Strip | None = None,
    covers: Sequence[Box] = (),
) -> bytes:
    """The view's JPEG bytes."""
    return storage.read(ensure_view(photo, view, storage=storage, shelf=shelf, strip=strip, covers=covers))


def reduced(photo: Photo, edge: int, *, storage: Storage) -> Image.Image:
    """The picture itself, upright, its longer side at most `edge` pixels; from the small view where that is kept.

    Raises NotFound and BrokenPhoto.
    """
    small = view_key(photo, View.SMALL)
    kept = storage.read(small) if storage.exists(small) else None
    with decoding(), as_broken(photo.media_type):
        return _smaller(_opened(kept), edge) if kept is not None else _upright(photo, storage, edge)


def _upright(photo: Photo, storage: Storage, edge: int = LONGEST_EDGE[View.PLAIN]) -> Image.Image:
    """The original, its longer side at most `edge` pixels (those of the plain view), turned and in sRGB."""
    media_type = MediaType(photo.media_type)
    with storage.path(photo.storage_key) as path, path.open("rb") as file:
        image = open_picture(file, media_type)
        turn = TURNS.get(upright_orientation(image, media_type))
        profile = image.info.get("icc_profile")
        size = _fitted(image.size, edge)
        image.draft(image.mode, size)
        image.load()
        image = _eight_bit(image)
        if image.size != size:
            image = image.resize(size, Image.Resampling.LANCZOS)
    image = _srgb(_without_transparency(image), profile)
    return image if turn is None else image.transpose(turn)


def _opened(plain: bytes) -> Image.Image:
    return Image.open(BytesIO(plain), formats=["JPEG"])


def _smaller(image: Image.Image, edge: int) -> Image.Image:
    size = _fitted(image.size, edge)
    image.draft("RGB", size)  # does nothing to a picture that is decoded already
    image.load()
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)


def _fitted(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """`size` within a square of `edge`, never enlarged."""
    scale = min(1.0, edge / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _eight_bit(image: Image.Image) -> Image.Image:
    """A mode that can be scaled: palettes and deep greys are brought to eight bits a channel."""
    if image.mode in ("RGB", "RGBA", "L", "LA", "CMYK"):
        return image
    if image.mode.startswith(("I", "F")):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert(
        "RGBA" if "transparency" in image.info or "A" in image.mode or "a" in image.mode else "RGB"
    )


def _without_transparency(image: Image.Image) -> Image.Image:
    if image.mode not in ("RGBA", "LA"):
        return image
    paper = Image.new("RGBA", image.size, "white")
    paper.alpha_composite(image.convert("RGBA"))
    return paper.convert("RGB")


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Phones photograph in wider colour spaces; the profile does not travel with the view, so it is applied."""
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, own, _srgb_profile(), outputMode="RGB")
            return converted or image.convert("RGB")
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a damaged or unfitting profile: the plain numbers are close enough
    return image.convert("RGB")


@lru_cache(maxsize=1)
def _srgb_profile() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _jpeg(image: Image.Image, quality: int) -> bytes:
    """Encoded with nothing but pixels: comments, EXIF, XMP and profiles stay behind."""
    image.info = {}
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, progressive=True, optimize=True)
    return out.getvalue()
