"""One drawn sample in the demo: some sheets filled, one to be tried again, the others to call; an owner who answered."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import derived_id
from app.notices.models import Notice
from app.sampling import queries
from app.sampling.frames import Frame, LeftOut, prepare
from app.sampling.models import Answer, CallSheet, Reached, Sample
from app.sampling.rules import Method, Plan
from app.sampling.services import Said, confirm_visit, keep_call, keep_sample

PLACE = UUID("00000000-0000-4000-8000-00000000da7c")  # namespace of these ids
SEED = "00000000000000000000000000000000"  # so that the demo is the same everywhere; a real seed is made at the draw
YES, NO = Answer.YES, Answer.NO
CALLS = (
    Said(Reached.SPOKEN, YES, YES, YES, "态度很好(演示)"),
    Said(Reached.SPOKEN, YES, YES, NO, "希望提前打个电话(演示)"),
    Said(Reached.NO_ANSWER),
    Said(Reached.SPOKEN, YES, Answer.NOT_KNOWN, YES),
)


def draw_and_call(people: Mapping[str, Person]) -> None:
    """Whole or not at all; what is there is not made again."""
    sample_id = derived_id(PLACE, "sample")
    if db.session.get(Sample, sample_id) is not None:
        return
    by, today, now = people["jiandu"], clock.today(), clock.now()
    frame = Frame(sample_id, by.region, today - timedelta(days=40), today)
    prepared = prepare(frame, Plan(Method.SIMPLE, number=8), LeftOut(), by=by)
    with transaction():
        sample = keep_sample(prepared, SEED, by=by, now=now - timedelta(hours=3))
        for number, said in enumerate(CALLS):
            at = now - timedelta(minutes=150 - 7 * number)
            sheet_id = queries.next_sheet(sample.id, by, at)
            if sheet_id is not None:
                keep_call(sheet_id, said, call_id=derived_id(sheet_id, "call"), by=by, now=at)
        for notice in _notices(sample.id)[:1]:
            confirm_visit(notice, YES, proved_by="phone", now=now - timedelta(hours=1))


def _notices(sample_id: UUID) -> list[Notice]:
    drawn = db.session.query(CallSheet.inspection_id).filter_by(sample_id=sample_id)
    found = db.session.query(Notice).filter(Notice.inspection_id.in_(drawn), Notice.issued_at.is_not(None))
    return [notice for notice in found.order_by(Notice.issued_at) if notice.is_issued]
