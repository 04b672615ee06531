"""What is on the server, against what was done: counted in its database, its files and through its addresses."""

import hashlib
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from app.core.database import db
from app.core.storage import Storage, storage
from app.inspections.models import AnnouncedPhoto, Answer, Inspection, InspectionPhoto
from app.notices.models import Notice, NumberReservation, ReservationState
from app.photos.models import Photo
from app.premises.models import Premises
from app.sync.models import SyncChange
from tools.soak.record import Paper, Record, Seen, Visited

ON_ITS_WAY = "内容正在路上"


@dataclass
class Verdict:
    """`lost`: done, but not there as it was done. `doubled`: there more often than it was done."""

    sent: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    def count(self, what: str, found: int, wanted: int = 1) -> None:
        if found < wanted:
            self.lost.append(f"{what}: {found} instead of {wanted}")
        elif found > wanted:
            self.doubled.append(f"{what}: {found} instead of {wanted}")

    def same(self, what: str, found: Any, wanted: Any) -> None:
        if found != wanted:
            self.lost.append(f"{what}: {found!r} instead of {wanted!r}")


def visits() -> set[UUID]:
    """All visits the server knows."""
    return set(db.session.scalars(select(Inspection.id)))


def check(app: Flask, record: Record) -> Verdict:
    """Everything of the record, each once and as it was."""
    verdict = Verdict(sent=len(record.changes) + len(record.pictures))
    with app.app_context():
        _changes(record, verdict)
        _visits(record, verdict)
        for visited in record.visits:
            inspection = db.session.get(Inspection, visited.id)
            if inspection is not None:
                _visit(inspection, visited, verdict)
                _notice(inspection, visited, verdict)
        _pictures(record, storage(), verdict)
    return verdict


def _changes(record: Record, verdict: Verdict) -> None:
    """Each change the phone had kept is there, and was taken for what it is."""
    rows = db.session.execute(select(SyncChange.id, SyncChange.status)).tuples()
    known = {str(id_): status.value for id_, status in rows}
    for id_, kind in record.changes.items():
        verdict.same(f"{kind} {id_[:8]}", known.get(id_, "not there"), "received")


def _visits(record: Record, verdict: Verdict) -> None:
    """As many visits and places as were made, no more; whoever the server thinks made them, and by whatever way."""
    wanted, found = {visited.id for visited in record.visits}, visits() - record.earlier
    names = [visited.place for visited in record.visits]
    for id_ in found - wanted:
        name = db.session.get_one(Inspection, id_).premises.name
        verdict.doubled.append(f"a visit of {name} that nobody made")
    verdict.lost += [f"visit {id_}" for id_ in wanted - found]
    count = select(Premises.name, func.count()).where(Premises.name.in_(names)).group_by(Premises.name)
    places = dict(db.session.execute(count).tuples().all())
    for name in set(names):
        verdict.count(f"place {name}", places.get(name, 0))


def _visit(inspection: Inspection, visited: Visited, verdict: Verdict) -> None:
    name = visited.place
    verdict.same(f"{name}: status", inspection.status.value, "finished")
    verdict.same(f"{name}: signer", inspection.signer_name, visited.signer)
    verdict.same(f"{name}: reason of no signature", inspection.refusal_reason, visited.refusal)
    signature = storage().read(inspection.signature_key) if inspection.signature_key else b""
    drawn = hashlib.sha256(visited.signature).hexdigest()
    verdict.same(f"{name}: signature", hashlib.sha256(signature).hexdigest(), drawn)
    answers = {answer.item.code: answer for answer in inspection.answers}
    for code, seen in visited.items.items():
        _answer(f"{name} {code}", answers.get(code), seen, verdict)
    extra = {code for code, answer in answers.items() if answer.result} - set(visited.items)
    verdict.doubled += [f"{name}: an answer to {code}" for code in sorted(extra)]
    _places_of_photos(inspection, visited, verdict)


def _answer(what: str, answer: Answer | None, seen: Seen, verdict: Verdict) -> None:
    if answer is None:
        verdict.same(f"{what}: result", None, seen.result)
        return
    verdict.same(f"{what}: result", answer.result.value if answer.result else None, seen.result)
    verdict.same(f"{what}: note", answer.note, seen.note)
    phrases = [answer.item.phrases[number]["zh"] for number in answer.phrases]
    verdict.same(f"{what}: phrases", phrases, seen.phrases)
    verdict.same(
        f"{what}: values", [str(one["value"]) for one in answer.readings], [seen.value] if seen.value else []
    )
    finding = answer.finding
    outcome = finding.outcome.value if finding and finding.outcome else ""
    verdict.same(f"{what}: outcome", outcome, seen.outcome)
    due = finding.due_on.isoformat() if finding and finding.due_on else ""
    verdict.same(f"{what}: date", due, seen.due_on)


def _places_of_photos(inspection: Inspection, visited: Visited, verdict: Verdict) -> None:
    """Each photo hangs where it was taken: visit, item, purpose."""
    rows = db.session.scalars(select(InspectionPhoto).where(InspectionPhoto.inspection_id == inspection.id))
    found = Counter(
        (row.answer.item.code if row.answer else "", row.photo.purpose.value, row.photo.sha256)
        for row in rows
    )
    wanted = Counter(("", "scene", picture.sha256) for picture in visited.scene)
    wanted += Counter(
        (code, purpose, picture.sha256)
        for code, seen in visited.items.items()
        for purpose, picture in seen.photos
    )
    for key in wanted | found:
        code, purpose, sha256 = key
        verdict.count(f"{visited.place} {code} photo {sha256[:8]} ({purpose})", found[key], wanted[key])
    missing = select(func.count()).where(
        AnnouncedPhoto.inspection_id == inspection.id, AnnouncedPhoto.arrived_at.is_(None)
    )
    verdict.same(f"{visited.place}: photos still expected", db.session.scalar(missing), 0)


def _pictures(record: Record, files: Storage, verdict: Verdict) -> None:
    """The very bytes, once."""
    for picture in record.pictures:
        rows = list(db.session.scalars(select(Photo).where(Photo.sha256 == picture.sha256)))
        verdict.count(f"photo {picture.path.name}", len(rows))
        for row in rows:
            verdict.same(f"bytes of {picture.path.name}", _hash(files, row.storage_key), picture.sha256)


def _hash(files: Storage, key: str) -> str:
    if not files.exists(key):
        return "no file"
    with files.open(key) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _notice(inspection: Inspection, visited: Visited, verdict: Verdict) -> None:
    """Under the number that was kept for it, once, with the findings of the visit."""
    issued = list(db.session.scalars(select(Notice).where(Notice.inspection_id == inspection.id)))
    verdict.count(f"{visited.place}: notice", len(issued), 1 if visited.paper else 0)
    if visited.paper is None or not issued:
        return
    verdict.same(f"{visited.place}: number", issued[0].number, visited.paper.number)
    verdict.same(f"{visited.place}: status of the notice", issued[0].status.value, "issued")
    verdict.same(f"{visited.place}: address", visited.paper.url.rpartition("/")[2], issued[0].token)
    reservation = db.session.scalar(
        select(NumberReservation).where(NumberReservation.number == visited.paper.number)
    )
    state = reservation.state if reservation else None
    verdict.same(f"{visited.place}: reserved number", state, ReservationState.USED)


# ---- what an owner sees


def page_of(paper: Paper, port: int) -> str:
    """What the code of a paper opens, asked at `port` (the owner's phone has a line of its own)."""
    path = "/" + paper.url.split("/", 3)[3]
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return f"status {error.code}"


def papers_before(record: Record, port: int) -> list[str]:
    """Scanned while the content is still on the phone: the owner reads that it is on its way."""
    pages = [(paper, page_of(paper, port)) for paper in record.papers]
    return [
        f"{paper.number}: the owner does not read that it is on its way"
        for paper, page in pages
        if paper.number not in page or ON_ITS_WAY not in page
    ]


def papers_after(record: Record, port: int, verdict: Verdict) -> None:
    """The same code opens the notice now."""
    for visited in record.visits:
        if visited.paper is None:
            continue
        page = page_of(visited.paper, port)
        notes = [seen.note for seen in visited.items.values() if seen.result == "does_not"]
        there = visited.paper.number in page and ON_ITS_WAY not in page
        readable = all(escaped(note) in page for note in notes)
        verdict.same(f"{visited.paper.number}: what the code opens", (there, readable), (True, True))


def escaped(text: str) -> str:
    from markupsafe import escape

    return str(escape(text))


# ---- what is left on the phone

STORES = ("changes", "photos", "blobs", "thumbs", "notices")


def left_on(stored: dict[str, int]) -> list[str]:
    return [f"{count} {name}" for name, count in stored.items() if count]
