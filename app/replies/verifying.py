"""Re-inspection: a child visit begins with what still stands on the notices of a visit, and its end moves them on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from app.accounts.models import Person
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, Refused
from app.core.ids import derived_id
from app.inspections import finishing, services
from app.inspections.models import VERDICTS, Answer, Finding, Inspection, Sheet
from app.inspections.models import Status as VisitStatus
from app.inspections.rechecking import finding_id_of
from app.inspections.services import Again, Start
from app.notices import turning
from app.notices.models import Notice, NoticeFinding, Status
from app.notices.progress import NotPossible, Step
from app.notices.turning import Move
from app.replies.verified import EVENTS, Verdict, Verification


def begin(
    inspection_id: UUID,
    notice: Notice,
    *,
    by: Person,
    start: Start | None = None,
    fellows: Sequence[Person] = (),
    change_id: UUID | None = None,
) -> Inspection:
    """Begin the re-inspection of a notice: every point that the notices of its visit still have open.

    The same id again gives the same visit. Raises Refused when nothing is left to look at.
    """
    known = db.session.get(Inspection, inspection_id)
    again = Again(notice.inspection_id, known_sheets(known) if known else sheets_for(notice.inspection_id))
    if not again.sheets:
        hint = N_("Reload the page to see how it stands now.")
        raise Refused(N_("Nothing on this notice is open any more."), hint=hint)
    return services.start_inspection(
        inspection_id, notice.premises, by=by, fellows=fellows, start=start, domains=again, change_id=change_id
    )


def known_sheets(visit: Inspection) -> services.Sheets:
    """The sheets of a visit that was begun before."""
    return [(sheet.version_id, sheet.item_ids) for sheet in visit.sheets]


def sheets_for(visit_id: UUID) -> services.Sheets:
    """What is looked at again of a visit: its open findings as items, by checklist, in the order of its sheets."""
    return sheets_of_findings(open_findings([visit_id])).get(visit_id, [])


def sheets_of_findings(findings: Sequence[Finding]) -> dict[UUID, services.Sheets]:
    """The same for the findings of several visits at once, by visit; one read."""
    visit_ids = {finding.inspection_id for finding in findings}
    rows = db.session.execute(
        select(Sheet.inspection_id, Sheet.version_id, Sheet.position).where(Sheet.inspection_id.in_(visit_ids))
    )
    order = {(visit_id, version_id): position for visit_id, version_id, position in rows}
    found: dict[UUID, dict[UUID, list[str]]] = {}
    for finding in sorted(findings, key=lambda one: _place_of(one, order)):
        answer = finding.answer
        found.setdefault(finding.inspection_id, {}).setdefault(answer.version_id, []).append(str(answer.item_id))
    return {visit_id: list(sheets.items()) for visit_id, sheets in found.items()}


def _place_of(finding: Finding, order: dict[tuple[UUID, UUID], int]) -> tuple[int, int]:
    answer = finding.answer
    return order.get((finding.inspection_id, answer.version_id), 99), answer.item.position


def open_findings(visit_ids: Sequence[UUID]) -> list[Finding]:
    """The findings of these visits that are open on a notice in force, in one read with their items."""
    return list(
        db.session.scalars(
            select(Finding)
            .join(NoticeFinding, NoticeFinding.finding_id == Finding.id)
            .join(Notice, Notice.id == NoticeFinding.notice_id)
            .where(
                Notice.inspection_id.in_(visit_ids),
                Notice.status == Status.ISSUED,
                NoticeFinding.step != Step.CLOSED,
            )
            .options(joinedload(Finding.answer).joinedload(Answer.item))
        ).unique()
    )


def again_running(visit_id: UUID, person: Person) -> Inspection | None:
    """The re-inspection of this visit that this person can go on with."""
    rows = db.session.scalars(
        select(Inspection)
        .where(Inspection.parent_id == visit_id, Inspection.status == VisitStatus.OPEN)
        .options(joinedload(Inspection.fellows))
        .order_by(Inspection.started_at.desc())
    ).unique()
    return next((visit for visit in rows if visit.is_worked_on_by(person)), None)


def verifications_of(inspection_id: UUID) -> list[Verification]:
    """What a re-inspection came to."""
    return list(db.session.scalars(select(Verification).where(Verification.inspection_id == inspection_id)))


def notices_of(visit_id: UUID) -> list[Notice]:
    """The notices in force about what a visit found, without their content."""
    asked = select(Notice).where(Notice.inspection_id == visit_id, Notice.status == Status.ISSUED)
    return list(db.session.scalars(asked.options(defer(Notice.content)).order_by(Notice.issued_at)))


@dataclass(frozen=True)
class _Point:
    notice_id: UUID
    in_force: bool


def apply(inspection: Inspection, by: Person) -> None:
    """The end of a re-inspection: each answer becomes a verification and moves its point on, once.

    What is over meanwhile (closed by somebody else, notice withdrawn) stays as it is; the verification is kept.
    """
    if inspection.parent_id is None:
        return
    answers = db.session.scalars(
        select(Answer).where(Answer.inspection_id == inspection.id, Answer.result.in_(VERDICTS))
    ).all()
    by_finding = {finding_id_of(inspection.parent_id, answer.item_id): answer for answer in answers}
    points = _points(list(by_finding))
    # notices are locked in this order, so that two ends at once do not wait for each other
    for finding_id, point in sorted(points.items(), key=lambda one: (one[1].notice_id, one[0])):
        _verify(inspection, by_finding[finding_id], finding_id, point, by, clock.now())


def _verify(
    inspection: Inspection, answer: Answer, finding_id: UUID, point: _Point, by: Person, now: datetime
) -> None:
    row_id = derived_id(inspection.id, "verification", str(finding_id))
    if db.session.get(Verification, row_id) is not None:
        return
    verdict = Verdict(str(answer.result))
    row = Verification(
        id=row_id, inspection_id=inspection.id, notice_id=point.notice_id, finding_id=finding_id,
        answer_id=answer.id, result=verdict, note=answer.note.strip(), at=answer.answered_at,
        by_id=answer.answered_by_id,
    )  # fmt: skip
    data = {"inspection": str(inspection.id), "verification": str(row_id)}
    move = Move(derived_id(row_id, "turn"), EVENTS[verdict], reason=row.note, data=data)
    why_not = ""
    try:
        row.turn_id = turning.take_turn(point.notice_id, finding_id, move, by=by, now=now).id
    except NotPossible as error:
        why_not = error.message
    db.session.add(row)
    db.session.flush()
    told = {"finding": str(finding_id), "result": verdict, "inspection": str(inspection.id)}
    audit.record("finding_verified", row, by=by.id, after=told, note=why_not)


def _points(finding_ids: Sequence[UUID]) -> dict[UUID, _Point]:
    """By finding the notice it stands on: the one in force, else the latest that was."""
    rows = db.session.execute(
        select(NoticeFinding.finding_id, NoticeFinding.notice_id, Notice.status)
        .join(Notice, Notice.id == NoticeFinding.notice_id)
        .where(NoticeFinding.finding_id.in_(finding_ids), Notice.status != Status.DRAFT)
        .order_by(Notice.issued_at)
    )
    found: dict[UUID, _Point] = {}
    for finding_id, notice_id, status in rows:
        known = found.get(finding_id)
        if known is None or not known.in_force:
            found[finding_id] = _Point(notice_id, status is Status.ISSUED)
    return found


def add() -> None:
    """Follow the end of every visit."""
    finishing.on_finished(apply)
