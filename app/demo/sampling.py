"""One drawn sample in the demo: some sheets filled, one to be tried again, the others to call; an owner who answered."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import derived_id
from app.demo.telling import Step
from app.notices.models import Notice
from app.sampling import queries
from app.sampling.frames import Frame, LeftOut, prepare
from app.sampling.models import Answer, CallSheet, Reached, Sample
from app.sampling.rules import Method, Plan
from app.sampling.services import Said, confirm_visit, keep_call, keep_sample

PLACE = UUID("00000000-0000-4000-8000-00000000da7c")  # namespace of these ids
SAMPLE = derived_id(PLACE, "sample")
SEED = "00000000000000000000000000000000"  # so that the demo is the same everywhere; a real seed is made at the draw
YES, NO = Answer.YES, Answer.NO
CALLS = (
    Said(Reached.SPOKEN, YES, YES, YES, "态度很好(演示)"),
    Said(Reached.SPOKEN, YES, YES, NO, "希望提前打个电话(演示)"),
    Said(Reached.NO_ANSWER),
    Said(Reached.SPOKEN, YES, Answer.NOT_KNOWN, YES),
)


def steps(people: Mapping[str, Person], now: datetime) -> Iterator[Step]:
    """Each whole or not at all; what is there is not made again."""
    yield now - timedelta(minutes=170), partial(_draw_and_call, people["jiandu"])
    yield now - timedelta(minutes=60), _confirm


def _draw_and_call(by: Person) -> None:
    if db.session.get(Sample, SAMPLE) is not None:
        return
    today, now = clock.today(), clock.now()
    frame = Frame(SAMPLE, by.region, today - timedelta(days=40), today)
    prepared = prepare(frame, Plan(Method.SIMPLE, number=8), LeftOut(), by=by)
    sample = keep_sample(prepared, SEED, by=by, now=now)
    for number, said in enumerate(CALLS, 3):
        at = now + timedelta(minutes=7 * number)
        with clock.freeze(at):
            sheet_id = queries.next_sheet(sample.id, by, at)
            if sheet_id is not None:
                keep_call(sheet_id, said, call_id=derived_id(sheet_id, "call"), by=by, now=at)


def _confirm() -> None:
    for notice in _notices(SAMPLE)[:1]:
        confirm_visit(notice, YES, proved_by="phone", now=clock.now())


def _notices(sample_id: UUID) -> list[Notice]:
    drawn = db.session.query(CallSheet.inspection_id).filter_by(sample_id=sample_id)
    found = db.session.query(Notice).filter(Notice.inspection_id.in_(drawn), Notice.issued_at.is_not(None))
    return [notice for notice in found.order_by(Notice.issued_at) if notice.is_issued]
