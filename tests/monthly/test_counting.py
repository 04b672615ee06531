"""Each figure counts what it says, in the month on the wall, also when it is counted much later."""

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.accounts.regions import Region
from app.core.database import db
from app.core.ids import new_id
from app.monthly.counting import Counted, Frame, count
from app.monthly.rules import Figure, Month
from app.notices.progress import Event
from app.notices.services import withdraw_notice
from app.photos.models import Photo
from app.premises.models import Status as PlaceStatus
from app.referrals.rules import Event as Step
from app.referrals.rules import Outcome
from app.reports.rules import Event as ReportEvent
from app.reports.services import Told, make_report, take_step
from tests.factories.people import County
from tests.monthly.conftest import NOVEMBER, Township, october
from tests.referrals.factory import sent, take

OCTOBER = Month(2026, 10)
F = Figure


@pytest.fixture
def town(app: Flask, county: County) -> Any:
    with app.app_context():
        yield Township(county)


def counted(region: Region, now: datetime = NOVEMBER, month: Month = OCTOBER) -> Counted:
    db.session.flush()
    return count(Frame.of(db.session.get_one(Region, region.id), month, now, 183))


def told(found: Counted, *wanted: Figure) -> list[int]:
    return [found.figures[one] for one in wanted]


@pytest.mark.both_databases
def test_visits_count_by_the_month_on_the_wall(town: Township, county: County) -> None:
    one, two = town.place("第一家(演示)"), town.place("第二家(演示)")
    town.visit(one, datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC))  # still September
    town.visit(one, datetime(2026, 9, 30, 16, tzinfo=UTC))  # midnight
    town.visit(one, october(20))
    town.visit(two, datetime(2026, 10, 31, 15, 59, tzinfo=UTC), photos=0, receipt=None)
    town.visit(two, datetime(2026, 10, 31, 16, tzinfo=UTC))  # November
    town.visit(two, october(21), finished=False)
    other = Township(county, second=True)
    other.visit(other.place("别的乡镇(演示)"), october(5))
    found = counted(county.townships[0])
    assert told(found, F.VISITS, F.VISITED, F.PREMISES, F.FINDINGS) == [3, 2, 2, 6]
    assert told(found, F.NO_PHOTO, F.UNSIGNED, F.UNFINISHED) == [1, 1, 1]
    domains = [
        (line.domain, line.premises, line.visited, line.visits, line.findings) for line in found.domains
    ]
    assert domains == [("catering", 2, 2, 3, 3), ("fire", 2, 2, 3, 3)]
    whole = counted(county.region)
    assert told(whole, F.VISITS, F.VISITED, F.PREMISES) == [4, 3, 3]


def test_findings_tell_what_is_critical_and_return_visits_are_named(town: Township, county: County) -> None:
    place = town.place("回访的(演示)")
    first = town.visit(place, october(3), ("CAT-10", "CAT-09", "FIR-03"))
    town.visit(place, october(9), ("CAT-09",), parent_id=first.id)
    found = counted(county.townships[0])
    critical = sum(1 for one in first.findings if one.outcome == "referred")
    assert critical
    assert told(found, F.FINDINGS, F.CRITICAL, F.RETURNS, F.FIXED_AT_ONCE) == [4, critical, 1, 0]


@pytest.mark.both_databases
def test_coverage_never_has_more_visited_than_registered(town: Township, county: County) -> None:
    """A place that closed, moved away or was entered later, but was visited in the month, counts on both sides."""
    shut, moved, late = town.place("关了(演示)"), town.place("搬走(演示)"), town.place("补录(演示)", NOVEMBER)
    lifted = town.place("归县里管(演示)")
    for place in (shut, moved, late, lifted):
        town.visit(place, october(8))
    shut.status = PlaceStatus.CLOSED
    moved.place_in(db.session.get_one(Region, county.villages[2].id))
    lifted.place_in(db.session.get_one(Region, county.region.id))  # it lies in no township now
    town.place("关了没去(演示)", status=PlaceStatus.CLOSED)
    kept = town.place("并入(演示)")
    town.place("被并(演示)", merged_into_id=kept.id)
    town.place("十一月才登记(演示)", NOVEMBER)
    found = counted(county.townships[0], NOVEMBER + timedelta(days=5))
    assert told(found, F.PREMISES, F.VISITED) == [5, 4]  # those four and `kept`
    assert all(line.visited <= line.premises for line in found.domains)


@pytest.mark.both_databases
def test_what_was_open_and_overdue_at_the_end_is_told_later_too(town: Township, county: County) -> None:
    made = {}
    for name, due in (("closed", 10), ("late", 20), ("answered", 20), ("extended", 25), ("not_yet", 31)):
        visit = town.visit(town.place(f"{name}(演示)"), october(6))
        made[name] = town.notice(visit, october(6, 3), date(2026, 10, due))
    gone = town.notice(town.visit(town.place("gone(演示)"), october(6)), october(6, 4), date(2026, 10, 9))
    town.turn(made["closed"], Event.VERIFIED_FIXED, october(15))
    town.turn(made["answered"], Event.REPLIED, october(19))
    withdraw_notice(gone, "写错了", by=town.by, now=NOVEMBER)
    wanted = (F.ISSUED, F.WITHDRAWN, F.CLOSED, F.SEEN_FIXED, F.OPEN_AT_END, F.OVERDUE)
    end = datetime(2026, 10, 31, 16, tzinfo=UTC)
    # at the end: late, extended (due on the 25th) and the one withdrawn later are overdue, one is due on the last day
    assert told(counted(county.townships[0]), *wanted) == [6, 1, 1, 2, 5, 3]
    town.turn(made["extended"], Event.EXTENDED, end + timedelta(days=1), date(2026, 11, 20))
    town.turn(made["late"], Event.VERIFIED_FIXED, end + timedelta(days=2))
    town.turn(made["answered"], Event.ACCEPTED, end + timedelta(days=2))
    later = end + timedelta(days=90)
    assert told(counted(county.townships[0], later), *wanted) == [6, 1, 1, 2, 5, 3]
    november = counted(county.townships[0], later, Month(2026, 11))
    assert told(november, F.CLOSED, F.SEEN_FIXED, F.ACCEPTED, F.OPEN_AT_END) == [2, 2, 2, 2]


def test_a_running_month_knows_what_is_overdue_today(town: Township, county: County) -> None:
    notice = town.notice(town.visit(town.place("今天(演示)"), october(6)), october(6, 3), date(2026, 10, 20))
    assert notice.due_on == date(2026, 10, 20)
    assert told(counted(county.townships[0], october(20)), F.OPEN_AT_END, F.OVERDUE) == [1, 0]
    assert told(counted(county.townships[0], october(21)), F.OPEN_AT_END, F.OVERDUE) == [1, 1]


def test_referrals_and_information_reports(town: Township, county: County) -> None:
    done = sent(town.by, town.village, october(4))
    take(done, Step.ACKNOWLEDGE, town.by, october(5), name="某部门")
    take(done, Step.ACCEPT, town.by, october(5), name="某部门")
    take(done, Step.CLOSE, town.by, october(9), reason="已处理", outcome=Outcome.DEALT_WITH, name="某部门")
    back = sent(town.by, town.village, october(6))
    take(back, Step.CLOSE, town.by, october(7), reason="写错了", outcome=Outcome.WITHDRAWN)
    sent(town.by, town.village, NOVEMBER)
    steps = {
        "passed on": (ReportEvent.FOUND_TRUE, ReportEvent.FORWARDED),
        "untrue": (ReportEvent.FOUND_UNTRUE, ReportEvent.FED_BACK),
        "waiting": (),
    }
    for place, events in steps.items():
        report = make_report(new_id(), Told("practice", "演示", place=place), by=town.by, now=october(10))
        for one in events:
            take_step(
                report.id, one, turn_id=new_id(), by=town.by, now=october(11), note="演示", to="演示部门"
            )
    found = counted(county.townships[0])
    assert told(found, F.REFERRED, F.REFERRALS_CLOSED) == [2, 1]
    assert told(found, F.REPORTS, F.UNTRUE, F.PASSED_ON) == [3, 1, 1]


def test_places_that_wait_longer_than_planned(town: Township, county: County) -> None:
    visited = town.place("春天去过(演示)")
    town.visit(visited, datetime(2026, 3, 1, 2, tzinfo=UTC))
    town.visit(visited, NOVEMBER)  # too late for October
    fresh = town.place("秋天去过(演示)")
    town.visit(fresh, datetime(2026, 9, 1, 2, tzinfo=UTC))
    town.visit(fresh, NOVEMBER)
    town.place("从没去过(演示)")
    town.place("新登记(演示)", october(1))
    town.place("停业(演示)", status=PlaceStatus.PAUSED)
    assert told(counted(county.townships[0], NOVEMBER + timedelta(days=9)), F.NOT_VISITED) == [2]


def test_deleting_photos_after_their_period_changes_nothing(town: Township, county: County) -> None:
    town.visit(town.place("照片过期(演示)"), october(6))
    before = asdict(counted(county.townships[0]))
    for photo in db.session.query(Photo):
        photo.removed_at = NOVEMBER
    assert asdict(counted(county.townships[0])) == before
    assert before["figures"][F.NO_PHOTO] == 0


def test_an_empty_month_is_all_noughts_and_the_reads_are_constant(town: Township, county: County) -> None:
    region = db.session.get_one(Region, county.townships[0].id)
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, text, *_rest: seen.append(text))
    assert set(counted(region).figures.values()) == {0}
    few = len(seen)
    for number in range(6):
        visit = town.visit(town.place(f"{number}(演示)"), october(6))
        town.notice(visit, october(6, 3), date(2026, 10, 20))
    db.session.flush()
    seen.clear()
    assert counted(region).figures[F.VISITS] == 6
    assert len(seen) == few == 7
