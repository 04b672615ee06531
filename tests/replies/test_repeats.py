"""The same found again at the same place is marked, as far back as the county looks."""

from datetime import timedelta

from flask import Flask

from app.accounts.county import set_option
from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections import queries, services
from app.inspections.models import Inspection, Result
from app.notices import services as notices
from app.notices.models import Notice
from app.replies import verifying
from app.replies.desk_options import REPEAT_MONTHS
from app.replies.repeats import found_before
from tests.factories.people import County
from tests.fixtures.signing_in import SignIn
from tests.notices.factory import make_visit, wish
from tests.replies.test_verifying import end, say


def again(notice: Notice, person: Person, days: int) -> tuple[Inspection, Notice]:
    """The same place `days` later, with one of the findings once more."""
    with clock.freeze(clock.now() + timedelta(days=days)), transaction():
        visit = make_visit(person, notice.premises, ("CAT-10",))
        return visit, notices.issue_notice(new_id(), wish(visit), by=person, now=clock.now())


def test_found_again_stands_on_the_visit_and_on_the_notice(notice: Notice, person: Person, sign_in: SignIn) -> None:
    visit, later = again(notice, person, 30)
    client = sign_in(Role.COORDINATOR)
    for path in (f"/inspections/{visit.id}", f"/notices/{later.id}"):
        assert "↻ 反复出现" in client.page(path).text
    for path in (f"/inspections/{notice.inspection_id}", f"/notices/{notice.id}"):
        assert "反复出现" not in client.page(path).text


def test_the_card_of_a_finding_says_so_while_the_visit_goes_on(notice: Notice, person: Person, sign_in: SignIn) -> None:
    with clock.freeze(clock.now() + timedelta(days=9)), transaction():
        visit = services.start_inspection(new_id(), notice.premises, by=person)
        items = {item.code: item for item in queries.items_of(visit).values()}
        services.save_answer(visit, items["CAT-10"], Result.DOES_NOT, by=person)
        services.save_answer(visit, items["CAT-09"], Result.DOES_NOT, by=person)
    assert sign_in(Role.COORDINATOR).page(f"/inspections/{visit.id}").text.count("↻ 反复出现") == 1


def test_the_county_says_how_far_back(notice: Notice, person: Person, context: Flask, county: County) -> None:
    visit, _later = again(notice, person, 100)
    assert "CAT-10" in found_before(visit)
    for months, found in ((3, False), (4, True), (0, False)):
        with transaction():
            set_option(visit.county_id, REPEAT_MONTHS, months, by=None, now=clock.now())
        assert ("CAT-10" in found_before(visit)) is found


def test_a_re_inspection_is_no_repetition(notice: Notice, person: Person) -> None:
    with clock.freeze(clock.now() + timedelta(days=5)):
        with transaction():
            child = verifying.begin(new_id(), notice, by=person)
        say(child, "CAT-10", Result.NOT_FIXED, person)
        end(child, person)
    assert db.session.query(Inspection).count() == 2
    visit, _later = again(notice, person, 30)
    assert len(found_before(visit)["CAT-10"].times) == 1
