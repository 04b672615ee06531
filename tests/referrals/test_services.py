"""Opening, sending, answering: numbers, clocks, links, notices that move along, and who may do what."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.county import set_option
from app.accounts.models import Person
from app.calendar.days import snapshot
from app.calendar.services import Changed
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.errors import Invalid, NotAllowed, NotFound, Refused
from app.core.ids import new_id
from app.core.roles import Role
from app.notices import services as notices
from app.notices import turning
from app.notices.delivery import Handing, record_delivery
from app.notices.models import DeliveryMethod, Notice, NoticeFinding
from app.notices.progress import Stage, Step
from app.referrals import limits, links, prefill, queries, services, steps
from app.referrals.models import Referral, ReferralEvent, ReferralSeries
from app.referrals.queries import Shelf
from app.referrals.rules import Event, NotPossible, Outcome, Status
from tests.factories.people import County, make_county
from tests.notices.factory import finding_ids, make_premises, make_visit, set_due, wish
from tests.referrals.conftest import DISCOVERED
from tests.referrals.factory import (
    DONE,
    RECEIVED,
    make_addressee,
    make_referral,
    opening,
    sent,
    take,
    with_photos,
)


def test_a_matter_without_a_name_goes_out_with_number_clock_and_link(
    sender: Person, supervisor: Person, county: County
) -> None:
    make_addressee(supervisor, county.region)
    with clock.freeze(DISCOVERED + timedelta(hours=3)):
        referral = sent(sender, county.villages[0], now=clock.now())
    year = clock.local(DISCOVERED).year
    assert referral.number == f"北卫移〔{year}〕0001号"
    assert (referral.status, referral.round, referral.subject) == (Status.SENT, 1, "")
    assert referral.due_at == DISCOVERED + timedelta(hours=27)
    assert (referral.to_name, referral.to_phone) == ("试验县卫生健康局", "000-1234567")
    assert referral.content["subject"]["name"] == ""
    assert referral.link is not None and len(referral.link.token) == 22
    assert [row.event for row in referral.events] == [Event.SEND]


def test_the_same_id_opens_one_referral_and_another_persons_id_none(sender: Person, county: County) -> None:
    asked, now = opening(county.villages[0]), clock.now()
    one = services.open_referral(new_id(), asked, by=sender, now=now)
    assert services.open_referral(one.id, asked, by=sender, now=now) is one
    with pytest.raises(Refused):
        services.open_referral(one.id, asked, by=db.session.get_one(Person, county.neighbour.id), now=now)


@pytest.mark.parametrize("role", [Role.INFORMANT, Role.ADMINISTRATOR])
def test_who_does_not_inspect_does_not_refer(sender: Person, county: County, role: Role) -> None:
    by = db.session.get_one(Person, county.person(role).id)
    with pytest.raises(NotAllowed):
        make_referral(by, county.villages[0])


@pytest.mark.parametrize("lacking", ["address", "facts", "scene"])
def test_what_nobody_could_act_on_is_not_sent(sender: Person, county: County, lacking: str) -> None:
    made = make_referral(sender, county.villages[0], facts={lacking: " "})
    with pytest.raises(Invalid) as refused:
        take(queries.get_referral(made.id, sender), Event.SEND, sender)
    assert refused.value.field == lacking
    assert made.number == "", "a refused one takes no number"


def test_a_step_sent_twice_is_taken_once_and_another_under_its_id_refused(sender: Person, county: County) -> None:
    referral = queries.get_referral(make_referral(sender, county.villages[0]).id, sender)
    step = steps.Step(new_id(), Event.SEND)
    first = steps.take_step(referral, step, by=sender, now=clock.now())
    assert steps.take_step(referral, step, by=sender, now=clock.now()) is first
    assert len(queries.get_referral(referral.id, sender).events) == 1
    with pytest.raises(Refused):
        steps.take_step(referral, steps.Step(step.id, Event.CLOSE), by=sender, now=clock.now())


def test_returned_completed_sent_again_accepted_filed_handed_on_closed(sender: Person, county: County) -> None:
    referral = sent(sender, county.villages[0])
    number, first_link = referral.number, referral.link
    assert first_link is not None
    referral = take(referral, Event.RETURN, sender, name="李某", reason="缺门牌号")
    facts = opening(county.villages[0], facts={"address": "集市东头 12 号", "authority": "township"}).facts
    services.save_draft(referral, facts, by=sender, now=clock.now())
    referral = take(referral, Event.SEND, sender)
    assert (referral.number, referral.round) == (number, 2)
    assert referral.content["subject"]["address"] == "集市东头 12 号"
    assert links.link_by_token(first_link.token) is None, "the old link opens nothing any more"
    for event in (Event.ACKNOWLEDGE, Event.ACCEPT, Event.FILE, Event.HAND_OVER):
        referral = take(referral, event, sender, **RECEIVED)
    referral = take(referral, Event.CLOSE, sender, **DONE)
    assert (referral.status, referral.outcome) == (Status.CLOSED, Outcome.DEALT_WITH)
    assert [row.place for row in referral.events] == list(range(1, 9))
    db.session.commit()
    actions = set(db.session.scalars(select(AuditRecord.action).where(AuditRecord.object_id == referral.id)))
    assert {"referral_opened", "referral_sent", "referral_returned", "referral_closed"} <= actions


def test_what_is_out_is_not_changed(sender: Person, county: County) -> None:
    referral = sent(sender, county.villages[0], photos=with_photos(sender))
    with pytest.raises(NotPossible):
        services.save_draft(referral, opening(county.villages[0]).facts, by=sender, now=clock.now())
    with pytest.raises(NotPossible):
        services.drop_photo(referral, referral.photos[0].photo_id, by=sender)


def test_the_senders_word_for_the_other_side_needs_a_name(sender: Person, county: County) -> None:
    referral = sent(sender, county.villages[0])
    with pytest.raises(Invalid) as refused:
        take(referral, Event.ACKNOWLEDGE, sender)
    assert refused.value.field == "name"


def test_a_supervisor_of_the_addressee_acknowledges_in_the_app(
    sender: Person, supervisor: Person, county: County
) -> None:
    make_addressee(supervisor, county.region, organisation=supervisor.organisation)
    referral = sent(sender, county.villages[0])
    assert steps.may_receive(referral, supervisor)
    referral = take(referral, Event.ACKNOWLEDGE, supervisor)
    assert (referral.events[-1].by_id, referral.events[-1].name) == (supervisor.id, "")
    assert not steps.may_receive(referral, sender)


def test_only_the_body_that_refers_sends(sender: Person, county: County) -> None:
    referral = queries.get_referral(make_referral(sender, county.villages[0]).id, sender)
    with pytest.raises(NotAllowed):
        neighbour = db.session.get_one(Person, county.neighbour.id)
        steps.take_step(referral, steps.Step(new_id(), Event.SEND), by=neighbour, now=clock.now())


def test_another_area_sees_nothing_of_it(sender: Person, county: County) -> None:
    referral = make_referral(sender, county.villages[0])
    with pytest.raises(NotFound):
        queries.get_referral(referral.id, db.session.get_one(Person, county.neighbour.id))
    region = county.townships[1]
    assert queries.counts_of(region)[Shelf.TO_SEND] == 0


def test_the_county_may_set_its_own_hours_where_the_law_gives_none(
    sender: Person, supervisor: Person, county: County
) -> None:
    set_option(county.region.id, "referrals.lead_hours", 12, by=supervisor, now=clock.now())
    referral = make_referral(sender, county.villages[0], at=DISCOVERED)
    assert referral.due_at == DISCOVERED + timedelta(hours=12)
    law = make_referral(sender, county.villages[0], matter="outbreak", at=DISCOVERED)
    assert law.due_at == DISCOVERED + timedelta(hours=2)


def test_a_holiday_announced_later_moves_drafts_that_count_in_working_days(
    sender: Person, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_referral(sender, county.villages[0], matter="foodborne_case", at=DISCOVERED)
    out = sent(sender, county.villages[0], now=DISCOVERED, matter="foodborne_case")
    before = out.due_at
    monday = clock.local(DISCOVERED).date() + timedelta(days=3)
    monkeypatch.setattr(limits, "is_working_day", lambda day: day.weekday() < 5 and day != monday)
    limits.count_anew(Changed(snapshot(), snapshot(), clock.now(), sender))
    assert case.due_at == DISCOVERED.replace(hour=16) + timedelta(days=5), "until the end of Wednesday"
    assert queries.get_referral(out.id, sender).due_at == before, "what is out keeps its limit"


# ---- links


def test_a_link_answers_once_then_it_is_for_reading_only(sender: Person, county: County) -> None:
    referral = sent(sender, county.villages[0])
    link = links.link_by_token(referral.link.token)  # type: ignore[union-attr]
    assert link is not None
    with pytest.raises(Invalid):
        steps.answer_by_link(link, steps.Step(new_id(), Event.ACKNOWLEDGE), now=clock.now())
    asked = steps.Step(new_id(), Event.ACKNOWLEDGE, name="王某")
    event = steps.answer_by_link(link, asked, now=clock.now())
    assert (event.by_id, event.name, event.link_id) == (None, "王某", link.id)
    assert steps.answer_by_link(link, asked, now=clock.now()) is event, "the same form twice"
    for again in (Event.ACCEPT, Event.RETURN):
        with pytest.raises(Refused):
            steps.answer_by_link(link, steps.Step(new_id(), again, name="转来的人", reason="x"), now=clock.now())
    assert links.link_by_token(link.token) is not None, "still to be read"


def test_a_new_link_lets_the_authority_answer_on(sender: Person, county: County) -> None:
    referral = sent(sender, county.villages[0])
    old = referral.link
    assert old is not None
    steps.answer_by_link(old, steps.Step(new_id(), Event.ACKNOWLEDGE, name="王某"), now=clock.now())
    referral = queries.get_referral(referral.id, sender)
    fresh = links.make_link(referral, by=sender, now=clock.now())
    assert links.link_by_token(old.token) is None
    steps.answer_by_link(fresh, steps.Step(new_id(), Event.ACCEPT, name="王某", opinion="立即核实"), now=clock.now())
    referral = queries.get_referral(referral.id, sender)
    assert (referral.status, referral.answer_opinion) == (Status.ACCEPTED, "立即核实")
    take(referral, Event.CLOSE, sender, **DONE)
    with pytest.raises(Refused):
        links.make_link(queries.get_referral(referral.id, sender), by=sender, now=clock.now())


def test_taken_back_no_link_opens_it(sender: Person, county: County) -> None:
    referral = sent(sender, county.villages[0])
    token = referral.link.token  # type: ignore[union-attr]
    take(referral, Event.CLOSE, sender, reason="写错了", outcome=Outcome.WITHDRAWN)
    assert links.link_by_token(token) is None


def test_the_closest_addressee_counts(sender: Person, supervisor: Person, county: County) -> None:
    make_addressee(supervisor, county.region, name="县局")
    make_addressee(supervisor, county.townships[0], name="镇所")
    make_addressee(supervisor, county.townships[1], name="别镇的所")
    assert sent(sender, county.villages[0]).to_name == "镇所"


# ---- from findings and notices


def visit_with_notice(by: Person, county: County, *codes: str) -> Notice:
    visit = make_visit(by, make_premises(county.villages[0]), codes or ("CAT-10", "CAT-02", "FIR-03"))
    return notices.issue_notice(new_id(), wish(visit), by=by, now=clock.now())


def steps_of(notice: Notice) -> dict[str, Step]:
    rows = db.session.scalars(
        select(NoticeFinding).where(NoticeFinding.notice_id == notice.id).execution_options(populate_existing=True)
    )
    return {str(row.finding_id): row.step for row in rows}


def test_a_critical_finding_writes_its_own_referral(sender: Person, county: County) -> None:
    visit = make_visit(sender, make_premises(county.villages[0]), ("CAT-10", "FIR-03"))
    (proposal,) = prefill.proposals_of(visit)
    assert proposal.authority == "fire_rescue"
    made = services.open_referral(
        new_id(), prefill.from_visit(visit, "fire_rescue", sender), by=sender, now=clock.now()
    )
    referral = queries.get_referral(made.id, sender)
    assert referral.subject == "青禾小饭馆(演示)"
    assert "安全出口、疏散通道畅通" in referral.facts
    assert (len(referral.photos), steps.missing(referral)) == (1, [])
    assert referral.due_at is not None and clock.local(referral.due_at).hour == 0, "the same day, until midnight"
    assert prefill.proposals_of(visit) == []
    with pytest.raises(Refused):
        prefill.from_visit(visit, "fire_rescue", sender)
    take(referral, Event.CLOSE, sender, reason="已口头移交", outcome=Outcome.NOT_SENT)
    assert len(prefill.proposals_of(visit)) == 1, "one that never went out leaves the finding to be referred"


def test_a_refused_overdue_notice_is_referred_with_its_story_and_moves_along(sender: Person, county: County) -> None:
    notice = visit_with_notice(sender, county, "CAT-10", "CAT-02")
    set_due(notice.inspection, clock.today() + timedelta(days=2))
    refusal = Handing(DeliveryMethod.REFUSED, receiver="某老板", reason="不认可", witness="村干部甲")
    record_delivery(new_id(), notice, refusal, by=sender, now=clock.now())
    with clock.freeze(clock.now() + timedelta(days=20)):
        made = services.open_referral(
            new_id(), prefill.from_notice(notice, "market_supervision", sender), by=sender, now=clock.now()
        )
        for words in (notice.number, "拒签", "村干部甲", "到期没有改好", "冰箱 9 度"):
            assert words in made.facts
        referral = take(queries.get_referral(made.id, sender), Event.SEND, sender)
    assert set(steps_of(notice).values()) == {Step.REFERRED}
    assert db.session.get_one(Notice, notice.id).stage is Stage.REFERRED
    referral = take(referral, Event.RETURN, sender, name="李某", reason="请先复看")
    assert set(steps_of(notice).values()) == {Step.AWAITED}
    turns = turning.turns_of(notice.id)
    assert {turn.reason for turn in turns if turn.event is turning.Event.REFERRAL_RETURNED} == {"请先复看"}
    referral = take(referral, Event.SEND, sender)
    referral = take(referral, Event.ACCEPT, sender, **RECEIVED)
    take(referral, Event.CLOSE, sender, **DONE)
    assert set(steps_of(notice).values()) == {Step.CLOSED}
    assert db.session.get_one(Notice, notice.id).stage is Stage.CLOSED


def test_a_point_that_was_put_right_meanwhile_stays_closed(sender: Person, county: County) -> None:
    notice = visit_with_notice(sender, county, "CAT-10")
    made = services.open_referral(
        new_id(), prefill.from_notice(notice, "market_supervision", sender), by=sender, now=clock.now()
    )
    referral = take(queries.get_referral(made.id, sender), Event.SEND, sender)
    (finding_id,) = finding_ids(notice.inspection)
    move = turning.Move(new_id(), turning.Event.VERIFIED_FIXED)
    turning.take_turn(notice.id, finding_id, move, by=sender, now=clock.now())
    take(referral, Event.RETURN, sender, name="李某", reason="已改好")
    assert set(steps_of(notice).values()) == {Step.CLOSED}


def test_hooks_hear_of_every_step(sender: Person, county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr(steps, "_hooks", [lambda referral, event: heard.append(f"{referral.number} {event.event}")])
    referral = sent(sender, county.villages[0])
    assert heard == [f"{referral.number} send"]


# ---- at once


@pytest.mark.both_databases
def test_twelve_sent_at_once_are_numbered_without_gap(app: Flask, county: County) -> None:
    by_id, village = county.person(Role.COORDINATOR).id, county.villages[0]
    with app.app_context():
        by = db.session.get_one(Person, by_id)
        ids = [make_referral(by, village).id for _ in range(12)]
        db.session.commit()

    def work(referral_id: UUID) -> int | None:
        with app.app_context(), transaction():
            by = db.session.get_one(Person, by_id)
            referral = queries.get_referral(referral_id, by)
            steps.take_step(referral, steps.Step(new_id(), Event.SEND), by=by, now=clock.now())
            return referral.sequence

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(work, ids))
    assert sorted(given) == list(range(1, 13))  # type: ignore[type-var]
    with app.app_context():
        assert db.session.scalars(select(ReferralSeries.last)).all() == [12]


@pytest.mark.both_databases
def test_a_link_answered_by_six_at_once_has_one_answer(app: Flask, county: County) -> None:
    by_id = county.person(Role.COORDINATOR).id
    with app.app_context():
        by = db.session.get_one(Person, by_id)
        referral = sent(by, county.villages[0])
        token, referral_id = referral.link.token, referral.id  # type: ignore[union-attr]
        db.session.commit()

    def work(number: int) -> str:
        event = (Event.ACKNOWLEDGE, Event.ACCEPT, Event.RETURN)[number % 3]
        try:
            with app.app_context(), transaction():
                link = links.link_by_token(token)
                assert link is not None
                asked = steps.Step(new_id(), event, name=f"某{number}", reason="因为")
                return steps.answer_by_link(link, asked, now=clock.now()).event.value
        except Refused:
            return ""

    with ThreadPoolExecutor(6) as pool:
        answers = [answer for answer in pool.map(work, range(6)) if answer]
    assert len(answers) == 1
    with app.app_context():
        rows = db.session.scalars(select(ReferralEvent).where(ReferralEvent.referral_id == referral_id)).all()
        assert sorted(row.place for row in rows) == [1, 2]


def test_lists_page_by_key_the_most_pressing_first(sender: Person, county: County) -> None:
    for minutes in range(7):
        make_referral(sender, county.villages[0], at=DISCOVERED + timedelta(minutes=minutes))
    make_referral(sender, county.villages[0], matter="other")
    seen: list[Referral] = []
    after = ""
    while True:
        page = queries.referrals_on(Shelf.TO_SEND, county.region, after, size=3)
        seen += page.referrals
        if page.next_key is None:
            break
        after = page.next_key
    assert len({row.id for row in seen}) == 8
    assert [row.order_at for row in seen] == sorted(row.order_at for row in seen)
    assert seen[-1].due_at is None, "what has no limit stands behind what has one"


def test_another_countys_list_stays_its_own(sender: Person, county: County) -> None:
    make_referral(sender, county.villages[0])
    other = make_county("邻试县", "990300")
    assert queries.counts_of(other.region)[Shelf.TO_SEND] == 0
