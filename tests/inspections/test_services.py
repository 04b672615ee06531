"""The visit on both databases: answers, findings, the sweep, the end, corrections."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.errors import AlreadyClosed, Invalid, NotAllowed, Refused
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections import queries, rules, services
from app.inspections.amending import amend
from app.inspections.digests import content_digest
from app.inspections.models import Answer, Finding, Outcome, Receipt, Result, Review
from app.inspections.progress import progress_of
from app.inspections.rules import Missing
from app.photos.models import Purpose
from app.premises.services import merge_premises
from tests.factories.inspections import (
    item_of,
    make_checklists,
    make_restaurant,
    make_visit,
    make_waterworks,
    signed,
    take_photo,
)
from tests.factories.people import County, make_person

pytestmark = pytest.mark.both_databases


@pytest.fixture
def by(context: Flask, county: County):
    return db.session.merge(county.people[Role.COORDINATOR])


def test_a_visit_is_tied_to_the_versions_and_items_of_its_day(by) -> None:
    visit = make_visit(by)
    assert [sheet.version.domain for sheet in visit.sheets] == ["catering", "fire"]
    assert all(sheet.item_ids for sheet in visit.sheets)


def test_the_same_start_twice_is_one_visit(by) -> None:
    first = make_visit(by)
    assert services.start_inspection(first.id, first.premises, by=by) is first


def test_a_start_under_an_id_that_belongs_to_another_place_is_refused(by) -> None:
    first, elsewhere = make_visit(by), make_restaurant(by.region, name="另一家")
    with pytest.raises(Refused):
        services.start_inspection(first.id, elsewhere, by=by)


def test_a_finding_comes_with_a_bad_answer_and_goes_with_a_good_one(by) -> None:
    visit = make_visit(by)
    item = item_of(visit, "CAT-09")
    answer = services.save_answer(visit, item, Result.DOES_NOT, by=by)
    assert answer.finding is not None
    assert answer.finding.outcome is Outcome.BY_DATE
    assert answer.finding.due_on == clock.today() + timedelta(days=3)
    services.save_answer(visit, item, Result.CONFORMS, by=by)
    assert db.session.scalar(select(func.count()).select_from(Finding)) == 0


def test_a_critical_finding_is_referred_the_same_day_by_default(by) -> None:
    visit = make_visit(by)
    finding = services.save_answer(visit, item_of(visit, "FIR-03"), Result.DOES_NOT, by=by).finding
    assert finding is not None
    assert (finding.outcome, finding.refer_to, finding.refer_on) == (Outcome.REFERRED, "fire_rescue", clock.today())


def test_a_critical_finding_cannot_be_left_to_a_date(by) -> None:
    visit = make_visit(by)
    item = item_of(visit, "FIR-03")
    services.save_answer(visit, item, Result.DOES_NOT, by=by)
    with pytest.raises(Invalid):
        services.save_outcome(visit, item, services.Plan(Outcome.BY_DATE, clock.today()), by=by)


def test_a_date_before_the_visit_is_refused(by) -> None:
    visit = make_visit(by)
    item = item_of(visit, "CAT-09")
    services.save_answer(visit, item, Result.DOES_NOT, by=by)
    with pytest.raises(Invalid) as refused:
        services.save_outcome(visit, item, services.Plan(Outcome.BY_DATE, clock.today() - timedelta(days=1)), by=by)
    assert refused.value.field == "due_on"


def test_the_rest_conforms_leaves_findings_alone_and_is_undone_exactly(by) -> None:
    visit = make_visit(by)
    services.save_answer(visit, item_of(visit, "CAT-09"), Result.DOES_NOT, by=by)
    by_eye, sweep = count_by_eye(visit) - 1, new_id()  # one is answered
    assert services.sweep_rest(visit, sweep, by=by).count == by_eye
    assert progress_of(visit).sweep_id == sweep
    services.save_answer(visit, item_of(visit, "CAT-05"), Result.NOT_APPLICABLE, by=by)
    assert services.undo_sweep(visit, sweep, by=by) == by_eye - 1
    assert progress_of(visit).answered == 2
    assert progress_of(visit).sweep_id is None


def count_by_eye(visit) -> int:
    """How many items can be judged by looking."""
    items, applying = queries.items_of(visit), [UUID(one) for sheet in visit.sheets for one in sheet.item_ids]
    return sum(not rules.is_measurement(items[one].code) for one in applying)


def test_the_rest_conforms_gives_no_measurement_an_answer_without_a_value(by) -> None:
    visit = make_visit(by, make_waterworks(by.region))
    services.save_readings(visit, item_of(visit, "WAT-M2"), [{"measure": "chlorine", "conforms": True}], by=by)
    swept = services.sweep_rest(visit, new_id(), by=by)
    measured = {item.id for item in queries.items_of(visit).values() if rules.is_measurement(item.code)}
    given = {item_id for item_id, answer in queries.answers_of(visit).items() if answer.result is not None}
    assert measured & given == {item_of(visit, "WAT-M2").id}
    assert swept.unmeasured == progress_of(visit).left > 0


def test_the_rest_conforms_does_not_speak_for_what_somebody_wrote_down_or_photographed(by) -> None:
    visit = make_visit(by)
    noted, shown, taken_back = (item_of(visit, code) for code in ("CAT-05", "CAT-06", "CAT-07"))
    services.save_note(visit, noted, "墙角有鼠迹", by=by)
    take_photo(visit, "CAT-06", by)
    services.save_answer(visit, taken_back, Result.DOES_NOT, by=by)
    services.save_answer(visit, taken_back, None, by=by)
    swept = services.sweep_rest(visit, new_id(), by=by)
    answers = queries.answers_of(visit)
    assert [answers[item.id].result for item in (noted, shown)] == [None, None]
    assert answers[taken_back.id].result is Result.CONFORMS  # nothing but a tap, taken back
    assert swept.recorded == 2


def test_progress_names_what_each_finding_still_needs(by) -> None:
    visit = make_visit(by)
    item = item_of(visit, "CAT-09")
    answer = services.save_answer(visit, item, Result.DOES_NOT, by=by)
    assert progress_of(visit).incomplete == {answer.id: [Missing.PHOTO, Missing.FACT]}
    services.save_note(visit, item, "两袋面粉放在地上", by=by)
    take_photo(visit, "CAT-09", by)
    assert progress_of(visit).incomplete == {}


def test_fixed_on_the_spot_needs_a_photo_after(by) -> None:
    visit = make_visit(by)
    item = item_of(visit, "CAT-09")
    answer = services.save_answer(visit, item, Result.DOES_NOT, by=by)
    services.save_note(visit, item, "已当场离地", by=by)
    take_photo(visit, "CAT-09", by)
    services.save_outcome(visit, item, services.Plan(Outcome.FIXED), by=by)
    assert progress_of(visit).incomplete == {answer.id: [Missing.PHOTO_AFTER]}
    take_photo(visit, "CAT-09", by, Purpose.AFTER)
    assert progress_of(visit).incomplete == {}


def test_a_visit_with_an_incomplete_finding_cannot_be_finished(by) -> None:
    visit = make_visit(by)
    services.save_answer(visit, item_of(visit, "CAT-09"), Result.DOES_NOT, by=by)
    with pytest.raises(Invalid):
        services.finish_inspection(visit, signed(), by=by)


def test_a_visit_where_nothing_was_looked_at_cannot_be_finished(by) -> None:
    with pytest.raises(Invalid):
        services.finish_inspection(make_visit(by), signed(), by=by)


@pytest.mark.parametrize(
    "ending",
    [
        services.Ending("", Receipt.SIGNED, signer_name="某某"),
        services.Ending("", Receipt.SIGNED, signature_key="x"),
        services.Ending("", Receipt.REFUSED),
    ],
)
def test_an_end_needs_a_signature_with_a_name_or_a_reason(by, ending: services.Ending) -> None:
    visit = make_visit(by)
    services.sweep_rest(visit, new_id(), by=by)
    with pytest.raises(Invalid):
        services.finish_inspection(visit, ending, by=by)


def test_a_finished_visit_is_frozen_and_says_so_to_the_register(by) -> None:
    visit = make_visit(by)
    services.sweep_rest(visit, new_id(), by=by)
    services.finish_inspection(visit, signed(), by=by)
    assert visit.premises.last_inspected_at == visit.finished_at
    assert visit.digest == content_digest(visit)
    for change in (
        lambda: services.save_answer(visit, item_of(visit, "CAT-09"), Result.DOES_NOT, by=by),
        lambda: services.save_note(visit, item_of(visit, "CAT-09"), "later", by=by),
        lambda: services.sweep_rest(visit, new_id(), by=by),
        lambda: take_photo(visit, "CAT-09", by),
    ):
        with pytest.raises(AlreadyClosed):
            change()


def test_finishing_twice_keeps_the_first_end(by) -> None:
    visit = make_visit(by)
    services.sweep_rest(visit, new_id(), by=by)
    first = services.finish_inspection(visit, signed(), by=by).finished_at
    refused = services.Ending("", Receipt.REFUSED, refusal_reason="不在")
    assert services.finish_inspection(visit, refused, by=by).finished_at == first
    assert visit.receipt is Receipt.SIGNED


def test_a_correction_shows_both_versions(by) -> None:
    visit = make_visit(by)
    item = item_of(visit, "CAT-09")
    services.save_answer(visit, item, Result.DOES_NOT, by=by)
    answer = services.save_note(visit, item, "两袋面粉", by=by)
    take_photo(visit, "CAT-09", by)
    services.finish_inspection(visit, signed(), by=by)
    before = visit.digest
    amendment = amend(new_id(), visit, answer, "三袋面粉", "数错了", by=by)
    assert (amendment.before, amendment.after) == ("两袋面粉", "三袋面粉")
    assert content_digest(visit) == before


def test_somebody_who_is_not_on_the_visit_reads_only(by) -> None:
    visit = make_visit(by)
    other = make_person(Role.COORDINATOR, by.organisation, "别人")
    with pytest.raises(NotAllowed):
        services.save_answer(visit, item_of(visit, "CAT-09"), Result.CONFORMS, by=other)


def test_a_fellow_writes_too(by) -> None:
    other = make_person(Role.COORDINATOR, by.organisation, "同行人")
    place = make_restaurant(by.region)
    make_visit(by, place)
    visit = services.start_inspection(new_id(), place, by=by, fellows=[other, by])
    assert [fellow.person_id for fellow in visit.fellows] == [other.id]
    assert services.save_answer(visit, item_of(visit, "CAT-09"), Result.CONFORMS, by=other).answered_by_id == other.id


def test_a_photo_id_belongs_to_one_visit(by) -> None:
    first, second = make_visit(by), make_visit(by, make_restaurant(by.region, name="第二家"))
    row = take_photo(first, "CAT-09", by)
    with pytest.raises(Refused):
        services.attach_photo(second, row.photo, item_of(second, "CAT-09"), by=by)


def test_sending_a_photo_back_needs_a_remark(by) -> None:
    row = take_photo(make_visit(by), "CAT-09", by)
    with pytest.raises(Invalid):
        services.review_photo(row, Review.SENT_BACK, by=by)
    services.review_photo(row, Review.SENT_BACK, by=by, remark="看不清,请补拍")
    assert queries.sent_back_photos(by) == [row]


def test_a_note_of_ten_thousand_characters_is_kept_and_one_more_is_refused(by) -> None:
    visit = make_visit(by)
    item = item_of(visit, "CAT-09")
    note = "𠮷😀" * 5000
    assert services.save_note(visit, item, note, by=by).note == note
    with pytest.raises(Invalid):
        services.save_note(visit, item, note + "。", by=by)


def test_every_change_of_a_visit_leaves_an_audit_record(by) -> None:
    visit = make_visit(by)
    services.save_answer(visit, item_of(visit, "CAT-09"), Result.CONFORMS, by=by)
    services.sweep_rest(visit, new_id(), by=by)
    services.finish_inspection(visit, signed(), by=by)
    db.session.commit()
    actions = set(db.session.scalars(select(AuditRecord.action).where(AuditRecord.person_id == by.id)))
    assert {"inspection_started", "answer_saved", "rest_conforms", "inspection_finished"} <= actions


def test_an_answer_has_the_same_id_on_every_device(by) -> None:
    visit = make_visit(by)
    item = item_of(visit, "CAT-09")
    services.save_answer(visit, item, Result.CONFORMS, by=by)
    services.save_answer(visit, item, Result.DOES_NOT, by=by)
    assert db.session.scalar(select(func.count()).select_from(Answer).where(Answer.item_id == item.id)) == 1


def test_a_visit_of_a_file_that_was_merged_away_is_one_of_the_file_kept(by) -> None:
    make_checklists()
    kept, other = make_restaurant(by.region), make_restaurant(by.region, name="旧档案")
    merge_premises(kept, other, by)
    assert services.start_inspection(new_id(), other, by=by).premises_id == kept.id


def test_the_audit_keeps_what_a_finding_said_before_a_tap_took_it_away(by) -> None:
    visit = make_visit(by)
    item = item_of(visit, "FIR-03")
    services.save_answer(visit, item, Result.DOES_NOT, by=by)
    plan = services.Plan(Outcome.REFERRED, refer_to="fire_rescue", refer_reason="出口锁死")
    services.save_outcome(visit, item, plan, by=by)
    services.save_answer(visit, item, Result.CONFORMS, by=by)
    db.session.commit()
    told = db.session.scalars(select(AuditRecord.before).where(AuditRecord.action == "answer_saved")).all()
    assert told[-1]["refer_reason"] == "出口锁死"
