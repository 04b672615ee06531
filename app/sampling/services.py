"""What changes a sample's records. Services flush, they never commit."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed, NotFound, Refused
from app.core.ids import derived_id
from app.inspections.models import Fellow, Inspection
from app.notices import turning
from app.notices.models import Notice
from app.sampling import rules
from app.sampling.frames import Prepared
from app.sampling.models import Answer, Call, CallSheet, Confirmation, Population, Reached, Sample, State
from app.sampling.rules import LONGEST_NOTE, Unit


def new_seed() -> str:
    """128 bits nobody chose: whoever draws could otherwise try seeds until the right visits come up."""
    return secrets.token_hex(16)


def keep_sample(prepared: Prepared, seed: str, *, by: Person, now: datetime, change_id: UUID | None = None) -> Sample:
    """Draw, and freeze population, seed and what was drawn. The same id again gives the same sample.

    Raises NotAllowed for who may not draw, Refused where the id stands for somebody else's draw.
    """
    frame, plan = prepared.frame, prepared.plan
    known = db.session.get(Sample, frame.sample_id)
    if known is not None:
        if known.drawn_by_id != by.id:
            raise Refused(N_("Another draw was already made under this number. Begin anew."))
        return known
    if not by.is_supervisor:
        raise NotAllowed(N_("Your role does not include this."))
    drawn = rules.draw(prepared.units, prepared.size, seed, plan.method)
    lines = rules.as_lines(prepared.units)
    sample = _row(prepared, seed, drawn, rules.digest_of(lines))
    sample.drawn_by_id, sample.drawn_at = by.id, now
    db.session.add(sample)
    db.session.flush()
    db.session.add(Population.of(sample.id, lines))
    db.session.add_all(
        CallSheet(
            id=derived_id(sample.id, unit.id), sample_id=sample.id, inspection_id=UUID(unit.id), position=place,
            stratum=unit.stratum, state=State.WAITING, tries=0,
        )
        for place, unit in enumerate(drawn, start=1)
    )  # fmt: skip
    db.session.flush()
    facts = {
        "seed": seed, "method": plan.method.value, "stratum": plan.stratum.value, "size": sample.size,
        "population": sample.population_size, "digest": sample.population_digest, "excluded": sample.excluded,
        "first": str(frame.first), "last": str(frame.last),
    }  # fmt: skip
    audit.record("sample_drawn", sample, by=by.id, change_id=change_id, after=facts)
    return sample


def _row(prepared: Prepared, seed: str, drawn: Sequence[Unit], digest: str) -> Sample:
    """The draw as it is kept, but for who drew it and when."""
    frame, plan, given = prepared.frame, prepared.plan, rules.sizes_of(drawn)
    sample = Sample(
        id=frame.sample_id,
        first=frame.first,
        last=frame.last,
        method=plan.method,
        stratum=plan.stratum,
        size=len(drawn),
        number=plan.number,
        confidence=plan.confidence,
        margin=plan.margin,
        seed=seed,
        population_size=len(prepared.units),
        population_digest=digest,
        strata=[
            {"key": key, "size": size, "drawn": given.get(key, 0)}
            | dict(zip(("name_zh", "name_en"), prepared.names.get(key, ("", "")), strict=True))
            for key, size in prepared.sizes.items()
        ],
        exclusions=list(prepared.exclusions),
    )
    sample.place_in(frame.region)
    return sample


@dataclass(frozen=True)
class Said:
    """What a call brought. `corrects`: it takes the place of what was written before, and the note says why."""

    reached: Reached
    visited: Answer | None = None
    as_recorded: Answer | None = None
    satisfied: Answer | None = None
    note: str = ""
    corrects: bool = False


def keep_call(
    sheet_id: UUID, said: Said, *, call_id: UUID, by: Person, now: datetime, change_id: UUID | None = None
) -> Call:
    """Write down a try or its answers; the same `call_id` again changes nothing.

    Raises NotAllowed for those who took part in the visit, Invalid (with its field) for what is missing, Refused where
    the sheet is filled already and this is no correction.
    """
    known = db.session.get(Call, call_id)
    if known is not None:
        if (known.sheet_id, known.by_id) != (sheet_id, by.id):
            raise Refused(N_("Another call was already sent under this number. Reload the page."))
        return known
    sheet = db.session.scalar(select(CallSheet).where(CallSheet.id == sheet_id).with_for_update())
    if sheet is None:
        raise NotFound
    if not by.is_supervisor or took_part(sheet.inspection_id, by):
        raise NotAllowed(N_("Whoever took part in the visit does not fill its sheet. Somebody else calls here."))
    _check(sheet, said)
    last = _last_answers(sheet_id) if said.corrects else None
    spoken = said.reached is Reached.SPOKEN
    call = Call(
        id=call_id,
        sheet_id=sheet.id,
        at=now,
        by_id=by.id,
        reached=said.reached,
        visited=said.visited if spoken else None,
        as_recorded=(said.as_recorded or Answer.NOT_KNOWN) if spoken else None,
        satisfied=(said.satisfied or Answer.NOT_KNOWN) if spoken else None,
        note=said.note.strip(),
        corrects_id=last.id if last else None,
    )
    db.session.add(call)
    before = _standing(sheet)
    _follow(sheet, call)
    db.session.flush()
    action = "call_sheet_corrected" if said.corrects else "call_made"
    audit.record(action, sheet, by=by.id, change_id=change_id, before=before, after=_standing(sheet))
    return call


def took_part(inspection_id: UUID, person: Person) -> bool:
    """Whether this person led the visit or came along."""
    lead = db.session.scalar(select(Inspection.lead_id).where(Inspection.id == inspection_id))
    return lead == person.id or db.session.get(Fellow, (inspection_id, person.id)) is not None


def _check(sheet: CallSheet, said: Said) -> None:
    if sheet.is_done and not said.corrects:
        raise Refused(
            N_("This sheet is filled already."),
            hint=N_("Somebody else may have been quicker. Reload the page; what was written can be corrected there."),
        )
    if said.corrects and not sheet.is_done:
        raise Refused(N_("There is nothing to correct yet."))
    if said.reached is Reached.SPOKEN and said.visited is None:
        raise Invalid(N_("Tap whether somebody was there that day."), field="visited")
    if said.corrects and not said.note.strip():
        raise Invalid(N_("Say in a few words why it is corrected."), field="note")
    if len(said.note) > LONGEST_NOTE:
        raise Invalid(N_("At most %(max)s characters."), field="note", max=LONGEST_NOTE)


def _last_answers(sheet_id: UUID) -> Call | None:
    made = select(Call).where(Call.sheet_id == sheet_id, Call.reached == Reached.SPOKEN)
    return db.session.scalars(made.order_by(Call.at.desc(), Call.id.desc()).limit(1)).first()


def _follow(sheet: CallSheet, call: Call) -> None:
    """The sheet shows what its last call says."""
    sheet.state = {
        Reached.SPOKEN: State.DONE,
        Reached.NO_ANSWER: State.LATER,
        Reached.WRONG_NUMBER: State.WRONG_NUMBER,
    }[call.reached]
    sheet.visited, sheet.as_recorded, sheet.satisfied = call.visited, call.as_recorded, call.satisfied
    if call.corrects_id is None:
        sheet.tries += 1
        sheet.last_call_at = call.at


def _standing(sheet: CallSheet) -> dict[str, str]:
    said = {"visited": sheet.visited, "as_recorded": sheet.as_recorded, "satisfied": sheet.satisfied}
    return {"state": sheet.state.value} | {name: value.value for name, value in said.items() if value}


def confirm_visit(notice: Notice, says: Answer, *, proved_by: str, now: datetime) -> Confirmation:
    """Keep what the owner says about the visit of this notice; said again, the last word counts."""
    notice = turning.lock_notice(notice.id)  # a button tapped twice: one waits for the other
    if not notice.is_issued:
        raise Refused(N_("This notice is not in force."))
    row = db.session.get(Confirmation, notice.id, populate_existing=True)
    before = {"says": row.says.value} if row else None
    if row is not None and row.says is says:
        return row
    if row is None:
        row = Confirmation(notice_id=notice.id, inspection_id=notice.inspection_id)
        db.session.add(row)
    row.says, row.at, row.proved_by = says, now, proved_by
    db.session.flush()
    audit.record("visit_confirmed_by_owner", row, by=None, before=before, after={"says": says.value})
    return row
