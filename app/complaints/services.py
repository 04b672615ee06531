"""What changes a complaint. Services flush, they never commit. Nothing said here names who complained."""

import hashlib
import hmac
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.fernet import MultiFernet
from sqlalchemy import select

from app.accounts.county import option
from app.accounts.models import Person
from app.accounts.regions import Region
from app.complaints import judges, rules
from app.complaints.models import Complaint, ComplaintPhoto, ComplaintSubject, ComplaintTurn
from app.complaints.rules import Channel, Event, Kind, State
from app.complaints.sealing import Complainant, box, open_sealed, seal
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed, NotFound, Refused
from app.core.ids import new_id
from app.core.roles import INSPECTORS, Role
from app.core.settings import settings
from app.core.storage import storage
from app.inspections.models import Fellow, Inspection
from app.notices.models import Notice
from app.premises.models import Premises

REGISTRARS = (*INSPECTORS, Role.ADMINISTRATOR)
_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another


@dataclass(frozen=True)
class Lodged:
    """What is known when a complaint comes in. `about`: people it is about; they never see it."""

    channel: Channel
    region: Region
    kind: Kind = Kind.COMPLAINT
    matter: str = ""
    domain: str = ""
    premises: Premises | None = None
    inspection_id: UUID | None = None
    notice_id: UUID | None = None
    complainant: Complainant = field(default_factory=Complainant)
    about: frozenset[UUID] = frozenset()


def receipt_code(complaint_id: UUID, secret: str) -> str:
    """With number and code the complainant sees what became of it. Made from the id, so it is stored nowhere."""
    digest = hmac.new(secret.encode(), b"complaint code" + complaint_id.bytes, hashlib.sha256).digest()
    return "".join(_SIGNS[byte % 32] for byte in digest[:8])


def _number(complaint_id: UUID, now: datetime) -> str:
    digest = hashlib.sha256(b"complaint number" + complaint_id.bytes).digest()
    return f"{clock.local(now):%y%m%d}-" + "".join(_SIGNS[byte % 32] for byte in digest[:5])


def register_complaint(
    complaint_id: UUID, lodged: Lodged, *, by: Person | None, now: datetime, boxed: MultiFernet | None = None
) -> Complaint:
    """Keep a complaint; `by` None: it came by itself. The same id again gives the same one.

    Raises NotAllowed, Invalid (with its field), NoKey where nothing can be locked away.
    """
    known = db.session.get(Complaint, complaint_id)
    if known is not None:
        if known.registered_by_id != (by.id if by else None):
            raise Refused(N_("Another complaint was already sent under this number."))
        return known
    if by is not None:
        _check_registrar(by, lodged)
    _check_said(lodged, by)
    region = lodged.premises.region if lodged.premises else lodged.region
    days = int(option(region.county_id, "complaints.days"))
    complaint = Complaint(
        id=complaint_id,
        number=_number(complaint_id, now),
        channel=lodged.channel,
        kind=lodged.kind,
        domain=lodged.domain,
        premises_id=lodged.premises.id if lodged.premises else None,
        inspection_id=lodged.inspection_id,
        notice_id=lodged.notice_id,
        matter=lodged.matter.strip(),
        sealed=seal(_trimmed(lodged.complainant), boxed or box(settings())),
        is_anonymous=lodged.complainant.is_anonymous,
        registered_by_id=by.id if by else None,
        received_at=now,
        due_on=clock.local(now).date() + timedelta(days=days),
        state=State.RECEIVED,
    )
    complaint.place_in(region)
    db.session.add(complaint)
    db.session.flush()
    db.session.add_all(ComplaintSubject(complaint_id=complaint.id, person_id=one) for one in sorted(lodged.about))
    db.session.flush()
    after = {"channel": lodged.channel.value, "kind": lodged.kind.value, "premises": str(complaint.premises_id or "")}
    audit.record("complaint_registered", complaint, by=complaint.registered_by_id, after=after)
    return complaint


def _trimmed(who: Complainant) -> Complainant:
    lines = {name: getattr(who, name).strip()[: rules.LONGEST_LINE] for name in ("name", "phone", "address", "where")}
    return replace(who, **lines, other=who.other.strip()[: rules.LONGEST_NOTE], words=who.words.strip())


def _check_registrar(by: Person, lodged: Lodged) -> None:
    if not by.is_any(*REGISTRARS):
        raise NotAllowed(N_("Your role does not include this."))
    if by.id in lodged.about:
        raise NotAllowed(N_("A complaint about yourself is taken by somebody else."))


def _check_said(lodged: Lodged, by: Person | None) -> None:
    if by is not None and not lodged.matter.strip():
        raise Invalid(N_("Say what it is about."), field="matter")
    if by is None and not lodged.complainant.words.strip():
        raise Invalid(N_("Say what it is about."), field="words")
    if len(lodged.matter) > rules.LONGEST_MATTER:
        raise Invalid(N_("At most %(max)s characters."), field="matter", max=rules.LONGEST_MATTER)
    if len(lodged.complainant.words) > rules.LONGEST_WORDS:
        raise Invalid(N_("At most %(max)s characters."), field="words", max=rules.LONGEST_WORDS)


def register_feedback(
    notice_id: UUID, kind: str, text: str, contact: str, *, feedback_id: UUID | None = None
) -> Complaint:
    """Praise or a grievance about the inspection itself, from the owner's page of a notice.

    It goes to the county's supervisors; those who inspected or issued never see it. The same `feedback_id` again is
    the same feedback. Raises NotFound, Invalid.
    """
    notice = db.session.get(Notice, notice_id)
    if notice is None:
        raise NotFound
    if kind not in {Kind.PRAISE.value, Kind.GRIEVANCE.value}:
        raise Invalid(N_("Choose one of the answers."), field="kind")
    lodged = Lodged(
        channel=Channel.OWNER_PAGE,
        region=db.session.get_one(Region, notice.region_id),
        kind=Kind(kind),
        premises=db.session.get(Premises, notice.premises_id),
        inspection_id=notice.inspection_id,
        notice_id=notice.id,
        complainant=Complainant(phone=contact, words=text),
        about=frozenset(_who_was_there(notice)),
    )
    return register_complaint(feedback_id or new_id(), lodged, by=None, now=clock.now())


def _who_was_there(notice: Notice) -> set[UUID]:
    inspection = db.session.get(Inspection, notice.inspection_id) if notice.inspection_id else None
    found = {notice.issued_by_id, inspection.lead_id if inspection else None}
    if inspection:
        found |= set(db.session.scalars(select(Fellow.person_id).where(Fellow.inspection_id == inspection.id)))
    return {one for one in found if one}


@dataclass(frozen=True)
class Step:
    """What somebody says with a step: a note, to whom, who goes and looks, and the matter in neutral words."""

    event: Event
    note: str = ""
    to: str = ""
    verifier: Person | None = None
    matter: str = ""


def take_step(complaint_id: UUID, step: Step, *, turn_id: UUID, by: Person, now: datetime) -> ComplaintTurn:
    """One step of a complaint; the same `turn_id` again changes nothing.

    Raises NotPossible when the state forbids it, NotAllowed when it is another's to do, Invalid for missing words.
    """
    known = db.session.get(ComplaintTurn, turn_id)
    if known is not None:
        if (known.complaint_id, known.event) != (complaint_id, step.event):
            raise Refused(N_("Another step was already sent under this number. Reload the page."))
        return known
    held = select(Complaint).where(Complaint.id == complaint_id).with_for_update()
    complaint = db.session.scalar(held.execution_options(populate_existing=True))  # as it stands now
    if complaint is None:
        raise NotFound
    if step.event not in may_do(complaint, by) and (complaint.state, step.event) in rules.TABLE:
        raise NotAllowed(N_("This is for whoever handles the complaint."))
    before, after = complaint.state, rules.next_state(complaint.state, step.event)
    _check_words(step, complaint)
    turn = ComplaintTurn(
        id=turn_id, complaint_id=complaint.id, event=step.event, state_before=before, state_after=after, at=now,
        by_id=by.id, note=step.note.strip(), to=step.to.strip(),
    )  # fmt: skip
    db.session.add(turn)
    complaint.state = after
    _apply(complaint, step, by, now)
    db.session.flush()
    facts: dict[str, Any] = {"state": after.value} | ({"to": turn.to} if turn.to else {})
    audit.record(
        f"complaint_{step.event.value}", complaint, by=by.id, change_id=turn_id, before={"state": before.value},
        after=facts,
    )  # fmt: skip
    return turn


def _apply(complaint: Complaint, step: Step, by: Person, now: datetime) -> None:
    if step.event in rules.TAKING:
        complaint.handler_id = by.id
    elif step.event is Event.ASSIGNED:
        assert step.verifier is not None
        complaint.verifier_id = step.verifier.id
    elif step.event is Event.HANDED_OVER:
        complaint.handed_to = step.to.strip()
    elif step.event is Event.ANSWERED:
        complaint.answer, complaint.answered_at = step.note.strip(), now
    if step.matter.strip():
        complaint.matter = step.matter.strip()


def _check_words(step: Step, complaint: Complaint) -> None:
    if len(step.note) > rules.LONGEST_NOTE:
        raise Invalid(N_("At most %(max)s characters."), field="note", max=rules.LONGEST_NOTE)
    if len(step.matter) > rules.LONGEST_MATTER:
        raise Invalid(N_("At most %(max)s characters."), field="matter", max=rules.LONGEST_MATTER)
    if step.event is Event.HANDED_OVER and not step.to.strip():
        raise Invalid(N_("Say to whom it is handed over."), field="to")
    if step.event is Event.ASSIGNED:
        if step.verifier is None or step.verifier.id in {one.person_id for one in complaint.subjects}:
            raise Invalid(N_("Choose somebody the complaint is not about."), field="verifier")
        if not (step.matter.strip() or complaint.matter):
            raise Invalid(N_("Write in neutral words what it is about, for who verifies."), field="matter")
    silent = {Event.TAKEN_ON, Event.TAKEN_OVER, Event.ASSIGNED, Event.FOUND_TRUE, Event.HANDED_OVER}
    if step.event not in silent and not step.note.strip():
        raise Invalid(N_("A few words are needed here."), field="note")


def may_do(complaint: Complaint, person: Person) -> list[Event]:
    """What this person may do next: any supervisor takes on, the verifier verifies, the rest is the handler's."""
    if person.id in {one.person_id for one in complaint.subjects}:
        return []
    handles = _is_handler(complaint, person)
    found = []
    for event in rules.possible(complaint.state):
        if event in rules.TAKING:
            allowed = may_take(complaint, person) and not handles
        elif event in rules.VERDICTS:
            allowed = handles or complaint.verifier_id == person.id
        else:
            allowed = handles
        found += [event] if allowed else []
    return found


def may_look(complaint: Complaint, person: Person) -> bool:
    """The smallest circle: the supervisor who handles it and whoever registered it; never somebody it is about."""
    if person.id in {one.person_id for one in complaint.subjects}:
        return False
    return complaint.registered_by_id == person.id or _is_handler(complaint, person)


def _is_handler(complaint: Complaint, person: Person) -> bool:
    return complaint.handler_id == person.id and person.is_any(Role.SUPERVISOR, Role.ADMINISTRATOR)


def may_take(complaint: Complaint, person: Person) -> bool:
    """Any supervisor of the area; an administrator where it is about all of those. Nobody judges themselves."""
    if not person.region.contains(complaint) or person.id in {one.person_id for one in complaint.subjects}:
        return False
    return person.is_supervisor or (person.is_any(Role.ADMINISTRATOR) and judges.falls_to_administrators(complaint))


def link_visit(complaint: Complaint, visit: Inspection | None, *, by: Person) -> None:
    """Say which visit of its place it belongs to, or none. Raises NotAllowed, Invalid for another place's visit."""
    if not _is_handler(complaint, by):
        raise NotAllowed(N_("This is for whoever handles the complaint."))
    if visit is not None and (visit.premises_id != complaint.premises_id or not by.region.contains(visit)):
        raise Invalid(N_("Choose a visit of this place."), field="visit")
    before, after = complaint.inspection_id, visit.id if visit else None
    if before == after:
        return
    complaint.inspection_id = after
    db.session.flush()
    told = [str(one) if one else "" for one in (before, after)]
    audit.record("complaint_visit_linked", complaint, by=by.id, before={"visit": told[0]}, after={"visit": told[1]})


def look(complaint: Complaint, *, by: Person) -> Complainant | None:
    """Open what is locked away; every look is written down. None once it was purged. Raises NotAllowed."""
    if not may_look(complaint, by):
        raise NotAllowed(N_("Who complained is for the one who handles it and the one who registered it."))
    audit.record("complaint_person_looked_at", complaint, by=by.id)
    return open_sealed(complaint.sealed, box(settings())) if complaint.sealed else None


def name_subjects(complaint: Complaint, people: Collection[UUID], *, by: Person) -> None:
    """Say whom it is about; from then on it does not exist to them. Raises NotAllowed, Invalid."""
    if not may_look(complaint, by):
        raise NotAllowed(N_("This is for whoever handles the complaint."))
    if by.id in people:
        raise Invalid(N_("A complaint about yourself is taken by somebody else."), field="about")
    known = {one.person_id for one in complaint.subjects}
    db.session.add_all(ComplaintSubject(complaint_id=complaint.id, person_id=one) for one in set(people) - known)
    if complaint.verifier_id in people:
        complaint.verifier_id = None
    db.session.flush()
    audit.record("complaint_subjects_named", complaint, by=by.id, after={"count": len(known | set(people))})


# upper features name the complaints among these that are not to be purged (a legal hold)
spared: list[Callable[[Collection[UUID]], Collection[UUID]]] = []


def purge(before: datetime, now: datetime) -> list[str]:
    """Forget who complained where the answer is older than `before`; the case stays. Numbers of those purged."""
    asked = select(Complaint).where(Complaint.answered_at < before, Complaint.purged_at.is_(None))
    rows = db.session.scalars(asked.limit(1000)).all()
    kept = {one for ask in spared for one in ask([row.id for row in rows])}
    gone = [row for row in rows if row.id not in kept]
    for complaint in gone:
        forget(complaint, now)
        audit.record("complaint_purged", complaint, by=None)
    return [complaint.number for complaint in gone]


def forget(complaint: Complaint, now: datetime) -> list[str]:
    """Empty what says who complained, photos included. The SHA-256 of each thing as it was kept, locked. Flushes."""
    hashes = [hashlib.sha256(complaint.sealed).hexdigest()] if complaint.sealed else []
    for photo in complaint.photos:
        if storage().exists(photo.storage_key):
            hashes.append(hashlib.sha256(storage().read(photo.storage_key)).hexdigest())
        storage().delete(photo.storage_key)
        db.session.delete(photo)
    complaint.sealed, complaint.purged_at = None, now
    db.session.flush()
    return hashes


def rotate(boxed: MultiFernet) -> int:
    """Lock everything anew with the first key; how many complaints."""
    rows = db.session.scalars(select(Complaint).where(Complaint.sealed.is_not(None))).all()
    for complaint in rows:
        assert complaint.sealed is not None
        complaint.sealed = boxed.rotate(complaint.sealed)
    for photo in db.session.scalars(select(ComplaintPhoto)):
        storage().put_bytes(photo.storage_key, boxed.rotate(storage().read(photo.storage_key)))
    db.session.flush()
    return len(rows)
