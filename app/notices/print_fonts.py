"""Fonts for the paper: the print font, and whatever fills its gaps when a rare character or an emoji occurs."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from unicodedata import category

import typst

from app.core.settings import Settings
from app.photos.fonts import FontFile, system_fonts

PRINT_FONTS = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf", "NotoSerifSC-Bold.ttf")  # serif: for heads
ASK_SECONDS = 5
MOST_ASKED = 40  # characters for which the system is asked, one by one; the others count as missing


@dataclass(frozen=True)
class Loaded:
    """Fonts ready for typst, their families in the order in which they are asked. Keeps `folder` alive."""

    fonts: typst.Fonts
    families: tuple[str, ...]
    folder: tempfile.TemporaryDirectory[str]


@dataclass(frozen=True)
class FontSet:
    """The fonts of this installation."""

    font_dir: Path
    rare_font: str = ""

    @classmethod
    def of(cls, settings: Settings) -> "FontSet":
        return cls(settings.font_dir, settings.rare_font)

    def load(self, extra: tuple[FontFile, ...] = ()) -> Loaded:
        """Return the print fonts, then `extra`. Loaded once per process."""
        return _load((*_print_fonts(self.font_dir), *extra))

    def lacking(self, text: str) -> list[str]:
        """Return the characters of `text` that the print font has no glyph for, each once, in order."""
        have = self._characters()
        return [sign for sign in dict.fromkeys(text) if ord(sign) not in have and not _invisible(sign)]

    def fallbacks(self, signs: Iterable[str]) -> tuple[tuple[FontFile, ...], list[str]]:
        """Return fonts that have `signs` (the one from the settings first, then the system's) and who stays missing."""
        chosen: dict[FontFile, None] = {}
        missing = []
        for place, sign in enumerate(signs):
            known = next((font for font in chosen if ord(sign) in font.characters), None)
            font = known or (self._having(sign) if place < MOST_ASKED else None)
            if font is None:
                missing.append(sign)
            else:
                chosen[font] = None
        return tuple(chosen), missing

    def _having(self, sign: str) -> FontFile | None:
        rare = [FontFile(Path(self.rare_font))] if self.rare_font else []
        for font in (*rare, *system_fonts()):
            if ord(sign) in font.characters:
                return font
        return _asked(sign)

    def _characters(self) -> frozenset[int]:
        return frozenset().union(*(font.characters for font in _print_fonts(self.font_dir)[:1]))


@lru_cache(maxsize=4)
def _print_fonts(font_dir: Path) -> tuple[FontFile, ...]:
    """The print fonts in `font_dir`, else beside it; Sans first, since every character is asked of it."""
    for folder in (font_dir, font_dir.parent):
        found = {path.name: path for path in sorted(folder.rglob("Noto*SC-*.ttf"))}
        if "NotoSansSC-Regular.ttf" in found:
            return tuple(FontFile(found[name]) for name in PRINT_FONTS if name in found)
    return ()


@lru_cache(maxsize=16)
def _load(files: tuple[FontFile, ...]) -> Loaded:
    """Typst takes folders, so the chosen files are linked into one of their own."""
    folder = tempfile.TemporaryDirectory(prefix="xuncha-fonts-")
    for count, file in enumerate(files):
        Path(folder.name, f"{count:02d}{file.path.suffix}").symlink_to(file.path.resolve())
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder.name])
    names = {(Path(info.path).resolve(), info.index): info.family for info in fonts.fonts() if info.path}
    families = dict.fromkeys(names.get((file.path.resolve(), file.face), "") for file in files)
    return Loaded(fonts, tuple(name for name in families if name), folder)


@lru_cache(maxsize=256)
def _asked(sign: str) -> FontFile | None:
    """The first font fontconfig names for the character, where there is fontconfig; checked in its own table."""
    program = shutil.which("fc-list")
    if program is None:
        return None
    command = [program, f":charset={ord(sign):x}", "--format", "%{file}|%{index}\n"]
    try:
        told = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, timeout=ASK_SECONDS, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    for line in sorted(told.splitlines()):
        path, _, index = line.rpartition("|")
        font = FontFile(Path(path), int(index) & 0xFFFF if index.isdigit() else 0)
        if ord(sign) in font.characters:
            return font
    return None


def _invisible(sign: str) -> bool:
    """Blanks, joiners and variation selectors leave no mark of their own."""
    chooses_form = "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"
    return sign.isspace() or category(sign) == "Cf" or chooses_form
