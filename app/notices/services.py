"""Verbs on notices: draft, issue, withdraw, replace, deliver. They flush; the caller holds the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import current_app, has_app_context
from sqlalchemy import case, literal, select, update

from app.accounts.models import Person
from app.accounts.rules import Certificate, certificate_state
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, AlreadyClosed, Invalid, NotAllowed, Refused
from app.inspections.models import Finding, Inspection, InspectionPhoto
from app.inspections.models import Status as InspectionStatus
from app.notices import content, gather, numbers, queries, rules, turning
from app.notices.kinds import Kind, get_kind
from app.notices.models import Notice, NoticeFinding, Status
from app.notices.numbers import Claim, Taken
from app.notices.progress import Stage
from app.seals import chain

LONGEST_REASON = 1000  # characters
LONGEST_REGISTRATION = 60


@dataclass(frozen=True)
class Wish:
    """What shall become a notice: the chosen findings, the kind, and the notice it takes the place of."""

    inspection_id: UUID
    kind: str
    finding_ids: Sequence[UUID]
    replaces_id: UUID | None = None
    reason: str = ""  # why the replaced one is withdrawn
    registration_number: str = ""  # of the official register, for kinds that have one
    claim: Claim | None = None  # the reserved number it was issued under without network


def issue_notice(notice_id: UUID, wish: Wish, *, by: Person, now: datetime) -> Notice:
    """Issue a notice: numbered without gaps, frozen as worded now. The same id again gives the same notice.

    One issued on a phone without network comes with `wish.claim`: the reserved number its paper bears (numbers.py).
    Raises NotAllowed for the wrong role or certificate, Refused while the inspection is open or a finding stands on
    another notice in force, Invalid for a choice that makes no notice.
    """
    inspection = _lock_inspection(wish.inspection_id)
    known = _known(notice_id, inspection)
    if known is not None and known.status is not Status.DRAFT:
        return _the_same(known, wish)
    kind, findings = _check_wish(inspection, wish, by, besides=notice_id)
    taken = numbers.take(by, kind, wish.claim, now) if wish.claim else None
    rules.check_issuer(kind, by.role_names, certificate_of(by, taken.at if taken else now))
    taken = taken or numbers.take(by, kind, None, now)
    earlier = _make_way(wish, by, now)
    notice = known or _new_notice(notice_id, inspection, kind, by, now)
    notice.content = gather.content_of(inspection, kind, findings, by)
    _fill(notice, kind, wish, taken, by, now, earlier)
    db.session.add(notice)
    db.session.flush()
    numbers.mark_used(taken, notice.id, now)
    _carry(notice, findings)
    turning.begin(notice, findings)
    _mark_photos(notice)
    audit.record("notice_issued", notice, by=by.id, after={"number": notice.number, "digest": notice.digest})
    db.session.flush()
    return notice


def draft_notice(notice_id: UUID, wish: Wish, *, by: Person, now: datetime) -> Notice:
    """Prepare a notice for somebody who may issue it: no number, no code that opens. The same id gives the same."""
    inspection = _lock_inspection(wish.inspection_id)
    known = _known(notice_id, inspection)
    if known is not None:
        return known
    kind, findings = _check_wish(inspection, wish, by, besides=notice_id)
    if not rules.may_draft(kind, by.role_names):
        raise NotAllowed(N_("Your role does not include this."))
    notice = _new_notice(notice_id, inspection, kind, by, now)
    notice.content = gather.content_of(inspection, kind, findings, by)
    notice.due_on = _date(notice.content["due_on"])
    db.session.add(notice)
    db.session.flush()
    _carry(notice, findings)
    audit.record("notice_drafted", notice, by=by.id, after={"kind": kind.key})
    db.session.flush()
    return notice


def wish_of(draft: Notice, registration_number: str = "") -> Wish:
    """What a prepared notice shall become."""
    findings = queries.finding_ids_of(draft.id)
    return Wish(draft.inspection_id, draft.kind, findings, registration_number=registration_number)


def issue_draft(notice: Notice, *, by: Person, now: datetime, registration_number: str = "") -> Notice:
    """Issue a prepared notice, worded anew as of today."""
    wish = wish_of(notice, registration_number)
    return issue_notice(notice.id, wish, by=by, now=now)


def may_make(inspection: Inspection, by: Person) -> bool:
    """Whether `by` decides about the notices of this visit: whoever was on it, and supervisors."""
    return by.is_supervisor or (by.is_inspector and inspection.is_worked_on_by(by))


def discard_draft(notice: Notice, *, by: Person) -> None:
    """Throw a draft away; it had no number and nobody saw it. Raises AlreadyClosed for an issued one, NotAllowed."""
    inspection = _lock_inspection(notice.inspection_id)
    status = db.session.scalar(select(Notice.status).where(Notice.id == notice.id))
    if status is None:
        return  # another tap was quicker
    if status is not Status.DRAFT:
        raise AlreadyClosed(N_("This notice has been issued; withdraw it instead."))
    if not may_make(inspection, by):
        raise NotAllowed(N_("Only the people on this visit, or a supervisor, can make its notice."))
    audit.record("notice_draft_discarded", notice, by=by.id, before={"kind": notice.kind, "visit": str(inspection.id)})
    for row in db.session.scalars(select(NoticeFinding).where(NoticeFinding.notice_id == notice.id)):
        db.session.delete(row)
    db.session.flush()
    db.session.delete(notice)
    db.session.flush()


def withdraw_notice(
    notice: Notice, reason: str, *, by: Person, now: datetime, change_id: UUID | None = None
) -> None:
    """Take back an issued notice with a reason; its number stays used. Raises Invalid, NotAllowed."""
    reason = check_reason(reason)
    if not rules.may_issue(get_kind(notice.kind), by.role_names):
        raise NotAllowed(N_("Your role does not include this."))
    if not by.is_supervisor and by.organisation_id != notice.organisation_id:
        raise NotAllowed(N_("Only the body that issued a notice, or a supervisor, can withdraw it."))
    db.session.refresh(notice, ["status"], with_for_update=True)
    notice.withdraw(by, reason, now)
    db.session.flush()
    _mark_photos(notice)
    audit.record(
        "notice_withdrawn",
        notice,
        by=by.id,
        change_id=change_id,
        note=reason,
        after={"number": notice.number},
    )
    db.session.flush()


def preview(inspection: Inspection, wish: Wish, *, by: Person) -> dict[str, Any]:
    """Return the content the owner would read, without number; checks everything issuing would check but the issuer."""
    kind, findings = _check_wish(inspection, wish, by, besides=None)
    content_now = gather.content_of(inspection, kind, findings, by)
    if not rules.may_issue(kind, by.role_names):
        return content_now
    return content_now | {"issued_by": {"name": by.name, "certificate": by.certificate_number}}


def note_opening(notice_id: UUID, now: datetime) -> None:
    """Count that the owner's page was opened. One statement; staff previews are not counted by the caller."""
    first = db.func.coalesce(Notice.first_opened_at, now)
    unopened = Notice.stage.in_((Stage.ISSUED, Stage.DELIVERED))
    opened = case((unopened, literal(Stage.OPENED, Notice.stage.type)), else_=Notice.stage)
    db.session.execute(
        update(Notice)
        .where(Notice.id == notice_id)
        .values(openings=Notice.openings + 1, first_opened_at=first, last_opened_at=now, stage=opened)
        .execution_options(synchronize_session=False)
    )


def acknowledge(notice: Notice, now: datetime) -> None:
    """Note that the owner tapped "I have received this"; once is enough. It is not legal service (DOMAIN.md)."""
    if notice.acknowledged_at is not None:
        return
    notice.acknowledged_at = now
    db.session.flush()
    audit.record("notice_acknowledged", notice, by=None)


def certificate_of(person: Person, now: datetime) -> Certificate:
    """How the person's certificate stands on the day of `now`."""
    warn = current_app.extensions["settings"].certificate_warn_days if has_app_context() else 60
    return certificate_state(
        person.certificate_number, person.certificate_until, clock.local(now).date(), warn
    )


def _lock_inspection(inspection_id: UUID) -> Inspection:
    """The visit, locked until the end of the transaction: everything about its notices happens one after the other."""
    return db.session.scalars(
        select(Inspection)
        .where(Inspection.id == inspection_id)
        .with_for_update(of=Inspection)
        .execution_options(populate_existing=True)
    ).one()


def _known(notice_id: UUID, inspection: Inspection) -> Notice | None:
    """The notice made under this id before. Raises Refused when it belongs to another visit."""
    known = db.session.scalars(
        select(Notice).where(Notice.id == notice_id).execution_options(populate_existing=True)
    ).one_or_none()
    if known is not None and known.inspection_id != inspection.id:
        raise Refused(N_("Another notice was already made under this number. Reload the page."))
    return known


def _the_same(known: Notice, wish: Wish) -> Notice:
    """The issued notice, if it says what is wished. Raises Refused for another content under its id."""
    asked = (wish.kind, set(wish.finding_ids), wish.claim.number if wish.claim else known.number)
    if asked != (known.kind, set(queries.finding_ids_of(known.id)), known.number):
        raise Refused(N_("Another notice was already made under this number. Reload the page."))
    return known


def _check_wish(
    inspection: Inspection, wish: Wish, by: Person, *, besides: UUID | None
) -> tuple[Kind, list[Finding]]:
    if inspection.status is not InspectionStatus.FINISHED or not inspection.digest:
        raise Refused(N_("The visit is not finished yet."), hint=N_("Finish it first, then make the notice."))
    if not may_make(inspection, by):
        raise NotAllowed(N_("Only the people on this visit, or a supervisor, can make its notice."))
    kind = get_kind(wish.kind)
    wanted = set(wish.finding_ids)
    findings = [finding for finding in queries.findings_of(inspection) if finding.id in wanted]
    if not findings or len(findings) != len(wanted):
        raise Invalid(N_("Choose at least one finding for the notice."), field="findings")
    _refuse_twice(findings, besides, wish.replaces_id)
    items = [finding.answer.item for finding in findings]
    rules.check_domains(kind, {item.version.domain for item in items})
    visited_on = clock.local(inspection.started_at).date()
    for finding in findings:
        if finding.outcome is None:
            raise Invalid(
                N_("A finding has no outcome yet, so it cannot stand on a notice."), field="findings"
            )
        rules.check_deadline(finding.due_on, visited_on, finding.outcome.value)
    return kind, findings


def _refuse_twice(findings: Sequence[Finding], *besides: UUID | None) -> None:
    taken = queries.findings_in_force([finding.id for finding in findings])
    for notice in taken.values():
        if notice.id not in besides:
            raise Refused(
                N_("A finding you chose already stands on notice %(number)s."),
                hint=N_("Withdraw that notice first, or leave the finding out."),
                number=notice.number,
            )


def _make_way(wish: Wish, by: Person, now: datetime) -> Notice | None:
    """The notice this one takes the place of: withdrawn now when the wish says so, or withdrawn before."""
    if wish.replaces_id is None:
        return queries.withdrawn_before(wish.finding_ids)
    earlier = db.session.scalars(
        select(Notice).where(Notice.id == wish.replaces_id, Notice.inspection_id == wish.inspection_id)
    ).one_or_none()
    if earlier is None or earlier.status is Status.DRAFT:
        raise Refused(N_("The notice to be replaced does not exist."))
    successor = db.session.scalar(select(Notice.number).where(Notice.replaces_id == earlier.id))
    if successor is not None:
        raise Refused(N_("This notice was already replaced by %(number)s."), number=successor)
    if earlier.status is Status.ISSUED:
        withdraw_notice(earlier, wish.reason, by=by, now=now)
    return earlier


def _new_notice(notice_id: UUID, inspection: Inspection, kind: Kind, by: Person, now: datetime) -> Notice:
    notice = Notice(
        id=notice_id,
        inspection_id=inspection.id,
        premises_id=inspection.premises_id,
        lead_id=inspection.lead_id,
        organisation_id=by.organisation_id,
        kind=kind.key,
        status=Status.DRAFT,
        drafted_by_id=by.id,
        created_at=now,
        content={},
        region_id=inspection.region_id,
        county_id=inspection.county_id,
        township_id=inspection.township_id,
        village_id=inspection.village_id,
    )
    notice.inspection, notice.premises, notice.organisation = inspection, inspection.premises, by.organisation
    return notice


def _fill(
    notice: Notice, kind: Kind, wish: Wish, taken: Taken, by: Person, now: datetime, earlier: Notice | None
) -> None:
    """Number it and freeze every word. The number's row stays locked until the transaction ends: no gaps."""
    notice.organisation_id, notice.organisation = by.organisation_id, by.organisation
    notice.year, notice.sequence, notice.number = taken.year, taken.sequence, taken.text
    if taken.reservation is not None:
        notice.token = taken.reservation.token
        notice.issued_on_device_at = wish.claim.issued_at if wish.claim else None
    notice.registration_number = check_registration(wish.registration_number) if kind.registration else ""
    replaces = None
    if earlier is not None:
        notice.replaces_id = earlier.id
        db.session.expire(earlier, ["replaced_by"])
        replaces = {"number": earlier.number, "on": earlier.content["issued_on"]}
    notice.content = content.stamp(
        notice.content | chain.frozen(),
        number=notice.number,
        issued_at=now,
        dated_at=taken.at,
        by=content.PersonData(by.name, by.certificate_number),
        replaces=replaces,
        registration=notice.registration_number,
    )
    notice.digest = rules.digest(notice.content)
    notice.due_on = _date(notice.content["due_on"])
    notice.status, notice.issued_by_id, notice.issued_by, notice.issued_at = Status.ISSUED, by.id, by, now


def _carry(notice: Notice, findings: Sequence[Finding]) -> None:
    known = set(queries.finding_ids_of(notice.id))
    for position, finding in enumerate(findings, start=1):
        if finding.id not in known:
            db.session.add(NoticeFinding(notice_id=notice.id, finding_id=finding.id, position=position))
    db.session.flush()


def _mark_photos(notice: Notice) -> None:
    """Let the photo log know which photos stand on a notice in force."""
    photo_ids = [UUID(photo["id"]) for finding in notice.content["findings"] for photo in finding["photos"]]
    db.session.execute(
        update(InspectionPhoto)
        .where(InspectionPhoto.photo_id.in_(photo_ids))
        .values(on_notice=notice.status is Status.ISSUED)
        .execution_options(synchronize_session="fetch")
    )


def check_reason(reason: str) -> str:
    """Return the reason of a withdrawal, trimmed. Raises Invalid."""
    reason = reason.strip()
    if not reason:
        raise Invalid(N_("Write why the notice is withdrawn."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(
            N_("This is too long: %(most)s characters at most."), field="reason", most=LONGEST_REASON
        )
    return reason


def check_registration(text: str) -> str:
    """Return an official registration number, trimmed. Raises Invalid."""
    text = text.strip()
    if len(text) > LONGEST_REGISTRATION:
        raise Invalid(
            N_("This is too long: %(most)s characters at most."),
            field="registration_number",
            most=LONGEST_REGISTRATION,
        )
    return text


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
