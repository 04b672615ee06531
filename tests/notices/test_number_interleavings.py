"""Whatever order reserving, using, giving back, releasing and retrying come in: no gap, no number twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.core import clock
from app.core.database import db
from app.core.errors import AppError
from app.core.ids import new_id
from app.core.roles import Role
from app.notices import numbers, services
from app.notices.kinds import get_kind
from app.notices.models import Notice, NumberReservation, NumberSeries, ReservationState
from app.notices.numbers import Claim
from app.notices.register import Fate, register_page
from tests.factories.people import County, make_organisation, make_person
from tests.notices.factory import make_premises, make_visit, wish

ADVICE = get_kind("xuncha_advice")
PERSON, PLACE = st.integers(0, 1), st.integers(0, 6)
STEP = st.one_of(
    st.tuples(st.just("reserve"), PERSON, st.integers(1, 3)),
    st.tuples(st.just("reserve_again"), PERSON, PLACE),
    st.tuples(st.just("issue"), PERSON),
    st.tuples(st.just("use"), PERSON, PLACE),
    st.tuples(st.just("use"), PERSON, PLACE),
    st.tuples(st.just("use_again"), PLACE),
    st.tuples(st.just("give_back"), PERSON, PLACE),
    st.tuples(st.just("release"), st.integers(0, 3)),
    st.tuples(st.just("days_pass"), st.integers(1, 20)),
)


class Desk:
    """The program, driven, beside what a clerk with a paper register would have: number → its fate."""

    def __init__(self, county: County) -> None:
        body = make_organisation(county.townships[0], f"院{new_id().hex[:6]}", new_id().hex[:4])
        self.people = [make_person(Role.COORDINATOR, body) for _ in range(2)]
        self.premises = make_premises(county.villages[0])
        self.now = clock.now()
        self.year = clock.local(self.now).year
        self.batches: list[tuple[Any, UUID, int]] = []
        self.kept: list[NumberReservation] = []
        self.sent: list[tuple[Any, UUID, Any]] = []
        self.book: dict[int, Fate] = {}
        self.holders: dict[int, Any] = {}

    def attempt(self, work: Callable[[], Any]) -> Any:
        """What a request does: everything or nothing."""
        try:
            with db.session.begin_nested():
                return work()
        except AppError:
            return None

    def reserve(self, who: int, count: int) -> None:
        by, batch = self.people[who], new_id()
        rows = self.attempt(lambda: numbers.reserve(by, ADVICE, count, batch, now=self.now))
        self.batches.append((by, batch, count))
        self.kept += rows
        for row in rows:
            self.book[row.sequence], self.holders[row.sequence] = Fate.RESERVED, by

    def reserve_again(self, _who: int, place: int) -> None:
        if self.batches:
            by, batch, count = self.batches[place % len(self.batches)]
            rows = self.attempt(lambda: numbers.reserve(by, ADVICE, count, batch, now=self.now))
            assert [row.batch_id for row in rows] == [batch] * count

    def issue(self, who: int) -> None:
        notice = self._issue(who, None)
        self.book[notice.sequence] = Fate.ISSUED

    def use(self, who: int, place: int) -> None:
        if not self.kept:
            return
        row = self.kept[place % len(self.kept)]
        notice = self._issue(who, Claim(row.number, row.token, self.now))
        mine = self.holders[row.sequence] is self.people[who]
        free = self.book[row.sequence] in {Fate.RESERVED, Fate.VOID}
        assert (notice is not None) == (mine and free)
        if notice is not None:
            assert (notice.sequence, notice.token) == (row.sequence, row.token)
            self.book[row.sequence] = Fate.ISSUED

    def use_again(self, place: int) -> None:
        if self.sent:
            by, notice_id, asked = self.sent[place % len(self.sent)]
            again = self.attempt(lambda: services.issue_notice(notice_id, asked, by=by, now=self.now))
            assert again.id == notice_id

    def give_back(self, who: int, place: int) -> None:
        if not self.kept:
            return
        row, by = self.kept[place % len(self.kept)], self.people[who]
        done = self.attempt(lambda: numbers.return_unused(by, [row.token], "没用", self.now))
        mine, used = self.holders[row.sequence] is by, self.book[row.sequence] is Fate.ISSUED
        assert bool(done) == (mine and not used)
        if done and self.book[row.sequence] is Fate.RESERVED:
            self.book[row.sequence] = Fate.RETURNED

    def release(self, days: int) -> None:
        for row in numbers.release_unused(timedelta(days=days), self.now):
            if row.sequence in self.book and row.organisation_id == self.people[0].organisation_id:
                assert self.book[row.sequence] is Fate.RESERVED
                self.book[row.sequence] = Fate.VOID

    def days_pass(self, days: int) -> None:
        later = self.now + timedelta(days=days)
        if clock.local(later).year == self.year:
            self.now = later

    def _issue(self, who: int, claim: Claim | None) -> Notice | None:
        by, notice_id = self.people[who], new_id()
        by.certificate_until = clock.local(self.now).date() + timedelta(days=400)
        asked = wish(make_visit(by, self.premises, ("CAT-10",), photos=0), claim=claim)
        notice = self.attempt(lambda: services.issue_notice(notice_id, asked, by=by, now=self.now))
        if notice is not None:
            self.sent.append((by, notice_id, asked))
        return notice  # type: ignore[no-any-return]

    def check(self, county: County) -> None:
        last = db.session.scalar(
            select(NumberSeries.last).filter_by(organisation_id=self.people[0].organisation_id)
        )
        assert sorted(self.book) == list(range(1, (last or 0) + 1)), "no gap, none twice"
        if not last:
            return
        key = (self.people[0].organisation_id, ADVICE.key, self.year)
        lines = [
            line
            for page in range(1, -(-last // 50) + 1)
            for line in register_page(db.session.merge(county.region), *key, page).lines
        ]
        assert {line.sequence: line.fate for line in lines} == self.book
        for line in lines:
            if line.reservation and line.reservation.state is ReservationState.USED:
                assert line.notice is not None
                assert line.notice.id == line.reservation.notice_id


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEP, min_size=1, max_size=16))
def test_any_order_of_steps_leaves_a_register_without_gap(
    context: Flask, county: County, steps: list[tuple[Any, ...]]
) -> None:
    desk = Desk(county)
    for name, *values in steps:
        getattr(desk, name)(*values)
    desk.check(county)
    db.session.rollback()
