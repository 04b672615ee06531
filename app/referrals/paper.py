"""The hand-over sheet as PDF: plain data in, typst out; a referral's frozen content is all it reads."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.notices.paper_images import for_a4
from app.notices.paper_text import printable
from app.notices.print_fonts import FontSet
from app.notices.typesetting import PrintJob, Rendered, timestamp, typeset, written

TEMPLATE = Path(__file__).parent / "typst" / "sheet.typ"
LABELS: dict[str, dict[str, str]] = {
    "zh": {
        "number": "编号", "colon": "：", "phone": "联系电话", "subject": "违法单位（个人）", "address": "地址",
        "person_in_charge": "负责人", "business": "经营项目", "urgency": "紧急程度", "matter": "事项",
        "discovered_at": "发现时间", "discovered_by": "发现人", "clock": "报告时限", "facts": "主要违法事实",
        "scene": "现场保护情况", "opinion": "处理意见（移送单位）", "answer_opinion": "处理意见（接收单位）",
        "evidence": "所附材料", "photos_line": "现场照片 {count} 张（见后页，原始文件随电子材料移送）",
        "photos": "现场照片", "photo": "照片", "unreadable": "照片无法打印",
        "from": "移送单位", "to": "接收单位", "handed_by": "移送人",
        "signature": "移送人签字", "received_by": "接收人签字", "receiver_opinion": "接收意见",
        "receiver_seal": "（接收单位盖章）", "date": "日期", "check_code": "校验码", "check_at": "核验",
        "chain_head": "链头", "page": "第 {page} 页 · 共 {pages} 页",
    },
    "en": {
        "number": "No.", "colon": ": ", "phone": "Phone", "subject": "Place or person", "address": "Address",
        "person_in_charge": "In charge", "business": "What is done there", "urgency": "Urgency", "matter": "Matter",
        "discovered_at": "Discovered", "discovered_by": "Discovered by", "clock": "To be reported by",
        "facts": "Main facts", "scene": "How the scene was preserved", "opinion": "Proposal of the referring body",
        "answer_opinion": "Opinion of the receiving body", "evidence": "Evidence",
        "photos_line": "{count} photos (overleaf; the original files go along electronically)", "photos": "Photos",
        "photo": "Photo", "unreadable": "cannot be printed", "from": "Referring body", "to": "Receiving body",
        "handed_by": "Handed over by", "signature": "Signature", "received_by": "Received by",
        "receiver_opinion": "Opinion", "receiver_seal": "(stamp of the receiving body)", "date": "Date",
        "check_code": "Check code", "check_at": "Check at", "chain_head": "Chain head",
        "page": "Page {page} of {pages}",
    },
}  # fmt: skip


@dataclass(frozen=True)
class PaperPhoto:
    """`data`: a derived JPEG; empty where it cannot be read."""

    place: int
    caption: str
    at: str
    sha256: str
    data: bytes = b""


@dataclass(frozen=True)
class SheetPaper:
    """Everything printed. An empty text prints nothing, except in the boxes of the form."""

    title: str
    number: str
    sender: str
    receiver: str
    subject: str
    address: str
    facts: str
    sent_on: str = ""
    sent_iso: str = ""
    sender_phone: str = ""
    receiver_phone: str = ""
    handed_by: str = ""
    opening: str = ""
    person_in_charge: str = ""
    phone: str = ""
    business: str = ""
    urgency: str = ""
    matter: str = ""
    discovered_at: str = ""
    discovered_by: str = ""
    clock: str = ""
    scene: str = ""
    opinion: str = ""
    answer_opinion: str = ""
    papers: tuple[str, ...] = ()
    photos: tuple[PaperPhoto, ...] = ()
    answers: tuple[str, ...] = ()  # what the receiver has answered electronically
    note: str = ""
    mark: str = ""  # across the page: taken back
    footer: str = ""
    seal: str = ""
    copies: str = ""
    check_code: str = ""
    chain_text: str = ""  # the head of the audit chain when it was sent
    check_url: str = ""  # where anybody compares number and code
    seal_text: str = ""  # what the file is signed with
    key_line: str = ""  # how the electronic evidence is checked
    language: str = "zh"
    labels: Mapping[str, str] = field(default_factory=dict)


_APART = {"papers", "photos", "answers", "labels", "sent_iso"}
_PLAIN = tuple(name for name in SheetPaper.__dataclass_fields__ if name not in _APART)


def render_sheet(paper: SheetPaper, *, fonts: FontSet, pdf_a: bool = True) -> Rendered:
    """Return the sheet as PDF; PDF/A unless a character has no glyph anywhere. Raises TypstError for our own faults."""
    with tempfile.TemporaryDirectory(prefix="xuncha-sheet-") as name:
        folder = Path(name).resolve()
        (folder / TEMPLATE.name).write_bytes(TEMPLATE.read_bytes())
        data = _data(paper, folder)
        return typeset(PrintJob(data, folder, TEMPLATE.name, timestamp(paper.sent_iso)), fonts, pdf_a=pdf_a)


def _data(paper: SheetPaper, folder: Path) -> dict[str, Any]:
    labels = {**LABELS[paper.language], **paper.labels}
    labels["photos_line"] = labels["photos_line"].replace("{count}", str(len(paper.photos)))
    data: dict[str, Any] = {name: getattr(paper, name) for name in _PLAIN}
    data |= {
        "labels": labels,
        "papers": list(paper.papers),
        "answers": list(paper.answers),
        "photos": [_photo(photo, folder) for photo in paper.photos],
    }
    return printable(data) | {"photos": [printable(one) | {"sha256": one["sha256"]} for one in data["photos"]]}


def _photo(photo: PaperPhoto, folder: Path) -> dict[str, Any]:
    picture = for_a4(photo.data) if photo.data else None
    said = {"place": photo.place, "caption": photo.caption, "at": photo.at, "sha256": photo.sha256}
    return said | written(picture, folder, f"photo-{photo.place}")
