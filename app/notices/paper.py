"""The paper of a notice: plain data in, PDF out, in A4 and on the strips of portable printers.

Nothing here knows the database; photos, the signature and the code are files in a private folder.
"""

import enum
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from app.notices.paper_images import for_a4, for_strip, signature_png
from app.notices.paper_labels import labels_for
from app.notices.paper_text import printable
from app.notices.print_fonts import FontSet
from app.notices.qr import qr_png
from app.notices.typesetting import PrintJob, Rendered, timestamp, typeset, written

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
        job = PrintJob(_data(paper, layout, folder), folder, main, timestamp(paper.issued_iso))
        return typeset(job, fonts, pdf_a=pdf_a)


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


def _receipt(receipt: Receipt, folder: Path) -> dict[str, Any]:
    picture = signature_png(receipt.signature) if receipt.signature else None
    names = ("receiver", "at_text", "reason", "witness")
    values = {name: getattr(receipt, name) for name in names}
    return values | {"kind": receipt.kind.value, "signature": written(picture, folder, "signature")["file"]}
