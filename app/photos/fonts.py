"""Fonts that have the glyphs: ours first, then the one set for rare Han characters, then what the system has."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont, TTLibError
from PIL import ImageFont

from app.core.settings import Settings

OURS = "NotoSansSC-Regular.ttf"
GETA = "〓"  # what Chinese and Japanese typesetters put where a glyph is missing
SYSTEM_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
)
# in this order: common Chinese first, then fonts that go beyond the basic plane, then Latin
SYSTEM_FONTS = (
    *(
        "NotoSansSC-Regular.ttf",
        "NotoSansSC-Regular.otf",
        "NotoSansCJKsc-Regular.otf",
        "NotoSansCJK-Regular.ttc",
    ),
    *(
        "SourceHanSansSC-Regular.otf",
        "SourceHanSans.ttc",
        "PingFang.ttc",
        "Hiragino Sans GB.ttc",
        "STHeiti Light.ttc",
    ),
    *("wqy-zenhei.ttc", "wqy-microhei.ttc", "uming.ttc", "msyh.ttc"),
    *(
        "NotoSerifCJK-Regular.ttc",
        "HanaMinB.ttf",
        "HanaMinA.ttf",
        "BabelStoneHan.ttf",
        "simsunb.ttf",
        "Jigmo2.ttf",
    ),
    *("Jigmo3.ttf", "Jigmo.ttf", "DejaVuSans.ttf", "Arial Unicode.ttf"),
)


@dataclass(frozen=True)
class FontFile:
    """One face of a font file."""

    path: Path
    face: int = 0

    @property
    def characters(self) -> frozenset[int]:
        """The code points it has glyphs for; none when the file cannot be read."""
        return _characters(self)

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        return _at(self, size)


@dataclass(frozen=True)
class FontShelf:
    """The fonts of this installation in the order in which they are asked for a glyph."""

    font_dir: Path
    rare_font: str = ""

    @classmethod
    def of(cls, settings: Settings) -> "FontShelf":
        return cls(settings.font_dir, settings.rare_font)

    @cached_property
    def own(self) -> tuple[FontFile, ...]:
        """Ours and the one from the settings, as far as they exist and can be read."""
        rare = [FontFile(Path(self.rare_font))] if self.rare_font else []
        ours = [FontFile(path) for path in sorted(self.font_dir.rglob(OURS))[:1]]
        return tuple(font for font in (*ours, *rare) if font.characters)

    def having(self, character: str) -> FontFile | None:
        """The first font that has a glyph for the character."""
        for fonts in (self.own, system_fonts()):
            for font in fonts:
                if ord(character) in font.characters:
                    return font
        return None

    def runs(self, text: str) -> Iterator[tuple[str, FontFile | None]]:
        """The text in pieces of one font each; characters no font has come as GETA. None: no font at all."""
        piece, current = "", None
        for character in text:
            font = self.having(character)
            if font is None:
                character, font = (GETA, self.having(GETA)) if self.having(GETA) else ("?", self.having("?"))  # noqa: PLW2901
            if piece and font != current:
                yield piece, current
                piece = ""
            piece, current = piece + character, font
        if piece:
            yield piece, current


@lru_cache(maxsize=1)
def system_fonts() -> tuple[FontFile, ...]:
    """The fonts of SYSTEM_FONTS that this machine has, in that order. Looked for once, when first needed."""
    found: dict[str, Path] = {}
    for folder in SYSTEM_FOLDERS:
        for place, _folders, files in os.walk(Path(folder).expanduser()):
            for name in files:
                if name in SYSTEM_FONTS:
                    found.setdefault(name, Path(place) / name)
    fonts = [FontFile(found[name], _simplified_face(found[name])) for name in SYSTEM_FONTS if name in found]
    return tuple(font for font in fonts if font.characters)


def _simplified_face(path: Path) -> int:
    """Which face of a collection draws Han characters the mainland way."""
    if path.suffix != ".ttc":
        return 0
    try:
        with TTCollection(path, lazy=True) as collection:
            names = [str(font["name"].getBestFamilyName()) for font in collection.fonts]
    except (OSError, TTLibError):
        return 0
    return next((face for face, name in enumerate(names) if name.endswith((" SC", "GB"))), 0)


@lru_cache(maxsize=32)
def _characters(font: FontFile) -> frozenset[int]:
    try:
        with TTFont(font.path, fontNumber=font.face, lazy=True) as opened:
            characters = frozenset(opened.getBestCmap() or ())
        font.at(12)
    except (OSError, TTLibError):
        return frozenset()
    return characters


@lru_cache(maxsize=64)
def _at(font: FontFile, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font.path), size, index=font.face, layout_engine=ImageFont.Layout.BASIC)
