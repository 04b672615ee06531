"""The monthly report as PDF: plain data in, typst out. Chinese first, the English of each line small beside it."""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.notices.paper import QR_SCALE
from app.notices.paper_text import printable
from app.notices.print_fonts import FontSet
from app.notices.qr import qr_png
from app.notices.typesetting import PrintJob, Rendered, timestamp, typeset

TEMPLATE = Path(__file__).parent / "typst" / "report.typ"


@dataclass(frozen=True)
class Both:
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class PaperRow:
    label: Both
    value: str
    is_part: bool = False


@dataclass(frozen=True)
class PaperSection:
    title: Both
    rows: tuple[PaperRow, ...]


@dataclass(frozen=True)
class PaperDomain:
    name: Both
    cells: tuple[str, ...]


@dataclass(frozen=True)
class MonthPaper:
    """Everything printed. An empty text prints nothing."""

    title: Both
    sender: Both
    area: Both
    month: Both
    number: str
    issued_on: str
    issued_iso: str
    by: str
    sections: tuple[PaperSection, ...]
    domains: tuple[PaperDomain, ...]
    domain_heads: tuple[Both, ...]
    domain_title: Both
    domain_note: Both
    meanings: tuple[PaperRow, ...]  # label and what it counts
    footer: Both
    seal: Both
    check_code: str
    check_url: str
    qr_url: str
    chain_text: str = ""
    seal_text: str = ""
    note: str = ""  # which one it takes the place of, and why
    mark: str = ""  # across the page: corrected since
    phone: str = ""


def render_report(paper: MonthPaper, *, fonts: FontSet, pdf_a: bool = True) -> Rendered:
    """Return the report as PDF; PDF/A unless a character has no glyph anywhere. Raises TypstError for our faults."""
    with tempfile.TemporaryDirectory(prefix="xuncha-month-") as name:
        folder = Path(name).resolve()
        (folder / TEMPLATE.name).write_bytes(TEMPLATE.read_bytes())
        (folder / "qr.png").write_bytes(qr_png(paper.qr_url, QR_SCALE))
        data: dict[str, Any] = printable(asdict(paper))
        return typeset(PrintJob(data, folder, TEMPLATE.name, timestamp(paper.issued_iso)), fonts, pdf_a=pdf_a)
