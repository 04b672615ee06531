"""Typst as we use it: a folder and plain values in, a PDF out, archival where the fonts allow.

User text reaches typst as JSON input values, never as markup; pictures as files with names of our own.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from app.notices.paper_images import Picture
from app.notices.print_fonts import FontSet, Loaded


@dataclass(frozen=True)
class Rendered:
    """`missing_glyphs`: characters that no font here can draw; they print as empty boxes, and it is no PDF/A then."""

    pdf: bytes
    is_pdf_a: bool
    missing_glyphs: list[str]


@dataclass(frozen=True)
class PrintJob:
    """A folder ready for typst with its `main` template, and the values that go in as JSON: never as markup."""

    data: dict[str, Any]
    folder: Path
    main: str
    at: datetime | None

    def pdf(self, loaded: Loaded, *, archival: bool) -> bytes:
        values = json.dumps(self.data | {"fonts": loaded.families}, ensure_ascii=False)
        return typst.compile(
            str(self.folder / self.main),
            root=str(self.folder),
            font_paths=loaded.fonts,
            ignore_system_fonts=True,
            sys_inputs={"data": values},
            pdf_standards=["a-2a"] if archival else [],  # tagged, and every character can be read out again
            timestamp=self.at,
        )


def typeset(job: PrintJob, fonts: FontSet, *, pdf_a: bool = True) -> Rendered:
    """Print with our font alone; when typst finds a gap, ask which characters and look for fonts that fill it.

    The common case never reads a font's character table.
    """
    if pdf_a and fonts.load().families:
        with suppress(typst.TypstError):
            return Rendered(job.pdf(fonts.load(), archival=True), is_pdf_a=True, missing_glyphs=[])
    extra, missing = fonts.fallbacks(fonts.lacking(_all_text(job.data)))
    loaded = fonts.load(extra)
    if pdf_a and not missing:
        with suppress(typst.TypstError):  # a fallback font may hold what PDF/A does not take
            return Rendered(job.pdf(loaded, archival=True), is_pdf_a=True, missing_glyphs=[])
    return Rendered(job.pdf(loaded, archival=False), is_pdf_a=False, missing_glyphs=missing)


def written(picture: Picture | None, folder: Path, name: str) -> dict[str, Any]:
    """Write a picture into the folder; what a template needs of it, no file where there is no picture."""
    if picture is None:
        return {"file": "", "width": 4, "height": 3}
    file = f"{name}.{picture.ending}"
    (folder / file).write_bytes(picture.data)
    return {"file": file, "width": picture.width, "height": picture.height}


def _all_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "".join(_all_text(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return "".join(_all_text(inner) for inner in value)
    return str(value)


def timestamp(text: str) -> datetime | None:
    """The moment of issue; None (now) where there is none or it has no offset."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.replace(microsecond=0) if moment.tzinfo else None
