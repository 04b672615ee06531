"""The paper of a notice: plain data in, PDF out, in A4 and on the strips of portable printers.

Nothing here knows the database. User text reaches typst as JSON input values, never as markup; photos, the
signature and the code as files with names of our own in a private folder.
"""

import enum
import json
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from app.notices.paper_images import Picture, for_a4, for_strip, signature_png
from app.notices.paper_labels import labels_for
from app.notices.paper_text import printable
from app.notices.print_fonts import FontSet, Loaded
from app.notices.qr import qr_png

TEMPLATES = Path(__file__).parent / "typst"
QR_SCALE = 8  # pixels a module


class Layout(enum.StrEnum):
    """The papers notices are printed on."""

    A4 = "a4"
    MM80 = "80mm"
    MM58 = "58mm"

    @property
    def print_width(self) -> int:
        """Dots across at 203 dpi, as thermal printers have; 0 for A4."""
        return {"a4": 0, "80mm": 576, "58mm": 384}[self.value]


class ReceiptKind(enum.StrEnum):
    """How the paper reached the owner. EMPTY: lines to sign by hand."""

    EMPTY = "empty"
    SIGNED = "signed"
    REFUSED = "refused"
    LEFT = "left"
    SENT = "sent"


@dataclass(frozen=True)
class PaperPerson:
    name: str
    certificate_number: str = ""


@dataclass(frozen=True)
class PaperFinding:
    """One point. `due_text` is a whole sentence with its absolute date; `photos` are derived JPEGs."""

    ordinal: int
    title: str
    fact: str = ""
    basis: str = ""
    advice: str = ""
    due_text: str = ""
    outcome_text: str = ""
    photos: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Receipt:
    """`reason`: why refused, where left, or to which number or address sent. `signature`: PNG."""

    kind: ReceiptKind = ReceiptKind.EMPTY
    receiver: str = ""
    at_text: str = ""
    reason: str = ""
    witness: str = ""
    signature: bytes | None = None


@dataclass(frozen=True)
class NoticePaper:
    """Everything printed, as worded on the day of issue. An empty text prints nothing, except the lines to sign.

    `labels` go over the shipped words of paper_labels.py. `issued_iso` (ISO 8601 with offset) becomes the date of
    the file, so that the same paper gives the same bytes.
    """

    issuing_body: str
    kind_title: str
    number: str
    is_official: bool
    premises_name: str
    issuing_phone: str = ""
    person_in_charge: str = ""
    address: str = ""
    phone: str = ""
    credit_code: str = ""
    registration_number: str = ""  # of the official inspection register, where a county keeps one
    signatory: PaperPerson | None = None  # who issued it, where that is nobody of the inspectors
    translation_text: str = ""  # says that this is a translation, and of what
    inspected_at: str = ""
    inspectors: tuple[PaperPerson, ...] = ()
    opening_text: str = ""
    due_summary: str = ""  # the first deadline, shown large
    findings: tuple[PaperFinding, ...] = ()
    reply_text: str = ""
    objection_text: str = ""
    receipt_text: str = ""  # such as: signing is up to you
    receipt: Receipt = field(default_factory=Receipt)
    footer: str = ""
    stamp_text: str = ""
    copies_text: str = ""
    issued_on: str = ""
    issued_iso: str = ""
    digest: str = ""
    chain_text: str = ""  # the head of the audit chain when it was issued
    check_url: str = ""  # where anybody compares number and code
    seal_text: str = ""  # what the file is signed with
    url: str = ""  # empty prints no code
    reply_code: str = ""  # for an owner without a registered phone
    withdrawn_text: str = ""
    replaces_text: str = ""
    is_draft: bool = False
    language: str = "zh"
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rendered:
    """`missing_glyphs`: characters that no font here can draw; they print as empty boxes, and it is no PDF/A then."""

    pdf: bytes
    is_pdf_a: bool
    missing_glyphs: list[str]


_PLAIN = tuple(
    f.name
    for f in fields(NoticePaper)
    if f.name not in {"inspectors", "signatory", "findings", "receipt", "labels", "issued_iso"}
)


def render(paper: NoticePaper, layout: Layout, *, fonts: FontSet, pdf_a: bool = True) -> Rendered:
    """Return the paper as PDF; PDF/A unless a character has no glyph anywhere or `pdf_a` is False.

    Raises typst.TypstError only for a fault of the templates.
    """
    with tempfile.TemporaryDirectory(prefix="xuncha-paper-") as name:
        folder = Path(name).resolve()
        for template in TEMPLATES.glob("*.typ"):
            (folder / template.name).write_bytes(template.read_bytes())
        main = "a4.typ" if layout is Layout.A4 else "strip.typ"
        sheet = Sheet(_data(paper, layout, folder), folder, main, timestamp(paper.issued_iso))
        return typeset(sheet, fonts, pdf_a=pdf_a)


@dataclass(frozen=True)
class Sheet:
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


def typeset(sheet: Sheet, fonts: FontSet, *, pdf_a: bool = True) -> Rendered:
    """Print with our font alone; when typst finds a gap, ask which characters and look for fonts that fill it.

    The common case never reads a font's character table.
    """
    if pdf_a and fonts.load().families:
        with suppress(typst.TypstError):
            return Rendered(sheet.pdf(fonts.load(), archival=True), is_pdf_a=True, missing_glyphs=[])
    extra, missing = fonts.fallbacks(fonts.lacking(_all_text(sheet.data)))
    loaded = fonts.load(extra)
    if pdf_a and not missing:
        with suppress(typst.TypstError):  # a fallback font may hold what PDF/A does not take
            return Rendered(sheet.pdf(loaded, archival=True), is_pdf_a=True, missing_glyphs=[])
    return Rendered(sheet.pdf(loaded, archival=False), is_pdf_a=False, missing_glyphs=missing)


def _data(paper: NoticePaper, layout: Layout, folder: Path) -> dict[str, Any]:
    """Return what the templates read, every text cleaned, and write the pictures they name."""
    labels = {**labels_for(paper.language, official=paper.is_official), **paper.labels}
    data: dict[str, Any] = {name: getattr(paper, name) for name in _PLAIN}
    data |= {
        "labels": labels,
        "width": {Layout.A4: 210, Layout.MM80: 80, Layout.MM58: 58}[layout],
        "inspectors": [[person.name, person.certificate_number] for person in paper.inspectors],
        "signatory": [paper.signatory.name, paper.signatory.certificate_number] if paper.signatory else [],
        "findings": [_finding(finding, layout, folder) for finding in paper.findings],
        "receipt": _receipt(paper.receipt, folder),
        "qr": "",
    }
    if paper.url:
        data["qr"] = "qr.png"
        (folder / "qr.png").write_bytes(qr_png(paper.url, QR_SCALE))
    return printable(data)


def _finding(finding: PaperFinding, layout: Layout, folder: Path) -> dict[str, Any]:
    names = ("ordinal", "title", "fact", "basis", "advice", "due_text", "outcome_text")
    photos = []
    for place, data in enumerate(finding.photos, start=1):
        picture = for_a4(data) if layout is Layout.A4 else for_strip(data, layout.print_width)
        photos.append(written(picture, folder, f"photo-{finding.ordinal}-{place}"))
    return {name: getattr(finding, name) for name in names} | {"photos": photos}


def written(picture: Picture | None, folder: Path, name: str) -> dict[str, Any]:
    if picture is None:
        return {"file": "", "width": 4, "height": 3}
    file = f"{name}.{picture.ending}"
    (folder / file).write_bytes(picture.data)
    return {"file": file, "width": picture.width, "height": picture.height}


def _receipt(receipt: Receipt, folder: Path) -> dict[str, Any]:
    picture = signature_png(receipt.signature) if receipt.signature else None
    names = ("receiver", "at_text", "reason", "witness")
    values = {name: getattr(receipt, name) for name in names}
    return values | {"kind": receipt.kind.value, "signature": written(picture, folder, "signature")["file"]}


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
