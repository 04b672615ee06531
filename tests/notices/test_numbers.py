"""Numbers kept for phones without network: given once, used once by their holder, never lost from the register."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.errors import AppError, Invalid, NotAllowed, NotFound, Refused
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Inspection
from app.notices import numbers, services
from app.notices.kinds import get_kind
from app.notices.models import Notice, NumberReservation, NumberSeries, ReservationState
from app.notices.numbers import MOST_AT_ONCE, MOST_OPEN, Claim
from tests.factories.people import County, expired, make_person
from tests.notices.conftest import Scene
from tests.notices.factory import make_premises, make_visit, wish

ADVICE = get_kind("xuncha_advice")
MORNING = datetime(2026, 11, 20, 1, tzinfo=UTC)  # 09:00 in China


def keep(by: Person, count: int = 3, now: datetime | None = None) -> list[NumberReservation]:
    return numbers.reserve(by, ADVICE, count, new_id(), device="红米", now=now or clock.now())


def arrives(by: Person, visit_id: UUID, claim: Claim, now: datetime | None = None) -> Notice:
    """The content of a notice that was issued on a phone."""
    visit = db.session.get_one(Inspection, visit_id)
    return services.issue_notice(new_id(), wish(visit, claim=claim), by=by, now=now or clock.now())


def claim_of(row: NumberReservation, at: datetime | None = None) -> Claim:
    return Claim(row.number, row.token, at)


def test_numbers_come_from_the_series_each_with_its_own_address(person: Person, scene: Scene) -> None:
    kept = keep(person)
    year = clock.local(clock.now()).year
    assert [row.number for row in kept] == [f"北卫协建〔{year}〕{n:04d}号" for n in (1, 2, 3)]
    assert len({row.token for row in kept}) == 3
    assert {row.state for row in kept} == {ReservationState.RESERVED}
    issued = services.issue_notice(
        new_id(), wish(db.session.get_one(Inspection, scene.visit_id)), by=person, now=clock.now()
    )
    assert issued.sequence == 4, "a notice issued with network takes the next one"


@pytest.mark.parametrize("count", [0, -1, MOST_AT_ONCE + 1])
def test_a_reserve_has_a_size(person: Person, count: int) -> None:
    with pytest.raises(Invalid):
        keep(person, count)


def test_nobody_hoards_numbers(person: Person) -> None:
    for _ in range(MOST_OPEN // MOST_AT_ONCE):
        keep(person, MOST_AT_ONCE)
    with pytest.raises(Refused):
        keep(person, 1)
    assert db.session.scalars(select(NumberSeries.last)).all() == [MOST_OPEN]


def test_the_same_request_again_gives_the_same_numbers(person: Person) -> None:
    batch = new_id()
    first = numbers.reserve(person, ADVICE, 4, batch, now=clock.now())
    again = numbers.reserve(person, ADVICE, 4, batch, now=clock.now())
    assert [row.id for row in first] == [row.id for row in again]
    for other in ((ADVICE, 5), (get_kind("fire_advice"), 4)):
        with pytest.raises(Refused):
            numbers.reserve(person, *other, batch, now=clock.now())


@pytest.mark.parametrize("round_", range(2))
def test_ten_identical_requests_at_once_make_one_reserve(
    app: Flask, county: County, database_url: str, round_: int
) -> None:
    by_id, batch = county.person(Role.COORDINATOR).id, new_id()

    def work(_: int) -> list[str]:
        with app.app_context(), transaction():
            by = db.session.get_one(Person, by_id)
            return [row.number for row in numbers.reserve(by, ADVICE, 5, batch, now=clock.now())]

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(work, range(10)))
    assert all(answer == answers[0] for answer in answers)
    with app.app_context():
        assert len(db.session.scalars(select(NumberReservation)).all()) == 5
        assert db.session.scalars(select(NumberSeries.last)).all() == [5]


def test_eight_issuing_while_others_reserve_leave_no_gap(
    app: Flask, county: County, database_url: str
) -> None:
    by_id = county.person(Role.COORDINATOR).id
    with app.app_context():
        by = db.session.get_one(Person, by_id)
        premises = make_premises(county.villages[0])
        visits = [make_visit(by, premises, ("CAT-10",), photos=0).id for _ in range(8)]
        db.session.commit()

    def work(visit_id: UUID | None) -> list[int | None]:
        with app.app_context(), transaction():
            by = db.session.get_one(Person, by_id)
            if visit_id is None:
                return [row.sequence for row in keep(by, 2)]
            visit = db.session.get_one(Inspection, visit_id)
            return [services.issue_notice(new_id(), wish(visit), by=by, now=clock.now()).sequence]

    jobs = [job for visit in visits for job in (visit, None)]
    with ThreadPoolExecutor(16) as pool:
        given = [number for answer in pool.map(work, jobs) for number in answer]
    assert sorted(given) == list(range(1, 25))  # type: ignore[type-var]


def test_a_notice_issued_on_a_phone_bears_its_reserved_number(person: Person, scene: Scene) -> None:
    kept = keep(person)
    notice = arrives(person, scene.visit_id, claim_of(kept[1]))
    assert (notice.number, notice.token, notice.sequence) == (kept[1].number, kept[1].token, 2)
    assert (kept[1].state, kept[1].notice_id) == (ReservationState.USED, notice.id)
    assert notice.content["number"] == kept[1].number


def test_the_paper_bears_the_day_the_phone_showed(person: Person, scene: Scene) -> None:
    row = keep(person, 1, MORNING)[0]
    told, received = MORNING + timedelta(hours=2), MORNING + timedelta(days=3)
    notice = arrives(person, scene.visit_id, claim_of(row, told), received)
    assert (notice.issued_on_device_at, notice.issued_at) == (told, received)
    assert notice.content["issued_on"] == "2026-11-20"
    assert notice.content["issued_at"] == received.isoformat()


@pytest.mark.parametrize("wrong", [timedelta(days=-400), timedelta(days=4), timedelta(days=9000)])
def test_a_phone_whose_clock_is_years_off_does_not_date_the_paper(
    person: Person, scene: Scene, wrong: timedelta
) -> None:
    row, received = keep(person, 1, MORNING)[0], MORNING + timedelta(days=3)
    notice = arrives(person, scene.visit_id, claim_of(row, MORNING + wrong), received)
    assert notice.content["issued_on"] == "2026-11-23"
    assert notice.issued_on_device_at == MORNING + wrong, "what the clock said is kept beside"


def test_a_certificate_counts_on_the_day_of_the_paper(person: Person, scene: Scene) -> None:
    row = keep(person, 1, MORNING)[0]
    person.certificate_until = clock.local(MORNING).date()
    later = MORNING + timedelta(days=3)
    assert arrives(person, scene.visit_id, claim_of(row, MORNING), later).is_issued
    expired(person, clock.local(later).date())
    other = make_visit(person, make_premises(person.region, "别家"), ("CAT-10",), photos=0)
    with pytest.raises(NotAllowed):
        arrives(person, other.id, claim_of(keep(person, 1, later)[0], later), later)


def test_a_number_is_used_once_and_by_its_holder_only(person: Person, scene: Scene, county: County) -> None:
    kept = keep(person, 3)
    colleague = make_person(Role.COORDINATOR, person.organisation)
    theirs = make_visit(colleague, make_premises(county.villages[0], "别家"), ("CAT-10",), photos=0)
    with pytest.raises(Refused, match="not reserved for you"):
        arrives(colleague, theirs.id, claim_of(kept[0]))
    for mixed in (Claim(kept[0].number, kept[1].token), Claim(kept[0].number, "x" * 22), Claim("", "")):
        with pytest.raises(Refused, match="not reserved for you"):
            arrives(person, scene.visit_id, mixed)
    arrives(person, scene.visit_id, claim_of(kept[0]))
    mine = make_visit(person, make_premises(county.villages[0], "又一家"), ("CAT-10",), photos=0)
    with pytest.raises(Refused, match="already stands"):
        arrives(person, mine.id, claim_of(kept[0]))
    with pytest.raises(Refused, match="another kind"):
        visit = make_visit(person, make_premises(county.villages[0], "火"), ("FIR-03",), photos=0)
        asked = wish(visit, "fire_advice", claim=claim_of(kept[1]))
        services.issue_notice(new_id(), asked, by=person, now=clock.now())


def test_the_same_content_sent_again_is_one_notice(
    app: Flask, scene: Scene, county: County, database_url: str
) -> None:
    by_id, notice_id = county.person(Role.COORDINATOR).id, new_id()
    with app.app_context(), transaction():
        claim = claim_of(keep(db.session.get_one(Person, by_id), 1)[0])

    def work(_: int) -> str:
        with app.app_context(), transaction():
            by = db.session.get_one(Person, by_id)
            asked = wish(db.session.get_one(Inspection, scene.visit_id), claim=claim)
            return services.issue_notice(notice_id, asked, by=by, now=clock.now()).number

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(work, range(10))) == {claim.number}
    with app.app_context():
        assert [row.id for row in db.session.scalars(select(Notice))] == [notice_id]


def test_unused_numbers_are_given_back_and_never_used_again(person: Person, scene: Scene) -> None:
    kept = keep(person, 3)
    used = arrives(person, scene.visit_id, claim_of(kept[0]))
    for _again in range(2):
        back = numbers.return_unused(person, [kept[1].token, kept[2].token], "换手机", clock.now())
        assert {row.state for row in back} == {ReservationState.RETURNED}
        assert {row.reason for row in back} == {"换手机"}
    with pytest.raises(Refused, match="used"):
        numbers.return_unused(person, [used.token], "", clock.now())
    with pytest.raises(Refused, match="given back"):
        arrives(person, make_visit(person, used.premises, ("CAT-10",), photos=0).id, claim_of(kept[1]))
    assert keep(person, 1)[0].sequence == 4


def test_nobody_gives_back_what_is_not_theirs(person: Person, county: County) -> None:
    kept = keep(person, 1)
    for by, tokens in ((county.neighbour, [kept[0].token]), (person, ["x"]), (person, [])):
        with pytest.raises(NotFound):
            numbers.return_unused(by, tokens, "", clock.now())


def test_old_reserves_become_void_and_late_content_still_gets_its_number(
    person: Person, scene: Scene
) -> None:
    old, young = keep(person, 2, MORNING), keep(person, 1, MORNING + timedelta(days=29))
    now = MORNING + timedelta(days=31)
    assert numbers.release_unused(timedelta(days=30), now) == old
    assert numbers.release_unused(timedelta(days=30), now) == []
    assert {row.reason for row in old} == {"Reserved, never used"}
    assert young[0].state is ReservationState.RESERVED
    notice = arrives(person, scene.visit_id, claim_of(old[0], MORNING + timedelta(days=1)), now)
    assert notice.content["issued_on"] == "2026-11-21", "the paper was handed over that day"
    assert old[0].state is ReservationState.USED


def test_a_number_does_not_outlive_its_year(person: Person) -> None:
    december = datetime(2026, 12, 28, tzinfo=UTC)
    assert keep(person, 1, december)[0].expires_at == datetime(2026, 12, 31, 16, tzinfo=UTC)


def test_the_command_says_what_it_released(app: Flask, county: County) -> None:
    with app.app_context(), transaction():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        kept = keep(by, 2, clock.now() - timedelta(days=8))
    runner = app.test_cli_runner()
    assert "0 numbers" in runner.invoke(args=["notices", "release-reserved"]).output
    answer = runner.invoke(args=["notices", "release-reserved", "--days", "7"])
    assert answer.exit_code == 0
    assert kept[0].number in answer.output
    assert "2 numbers" in answer.output
    with app.app_context():
        states = db.session.scalars(select(NumberReservation.state)).all()
        assert set(states) == {ReservationState.VOID}


def test_a_refused_issue_leaves_the_number_reserved(app: Flask, scene: Scene, county: County) -> None:
    by_id = county.person(Role.COORDINATOR).id
    with app.app_context(), transaction():
        claim = claim_of(keep(db.session.get_one(Person, by_id), 1)[0])
    with app.app_context(), pytest.raises(AppError), transaction():
        by = db.session.get_one(Person, by_id)
        asked = services.Wish(scene.visit_id, "xuncha_advice", [], claim=claim)
        services.issue_notice(new_id(), asked, by=by, now=clock.now())
    with app.app_context():
        assert db.session.scalars(select(NumberReservation.state)).all() == [ReservationState.RESERVED]
