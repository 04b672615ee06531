"""The photo log's reads, on both databases."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.errors import NotFound
from app.core.paging import Cursor
from app.core.roles import Role
from app.inspections.models import Inspection, InspectionPhoto, Review
from app.oversight import queries
from app.oversight.queries import Filters, page_of_photos
from tests.factories.people import County
from tests.oversight.factory import Log, make_photo

pytestmark = pytest.mark.both_databases


def everything(filters: Filters, size: int = 3) -> list[UUID]:
    """All pages after each other."""
    found: list[UUID] = []
    after: Cursor | None = None
    for _ in range(50):
        page = page_of_photos(filters, after, size)
        found += [tile.photo_id for tile in page.tiles]
        if page.next is None:
            return found
        after = page.next
    raise AssertionError("the pages do not end")


def test_pages_give_every_photo_once_newest_first(log: Log, context: Flask, county: County) -> None:
    assert everything(Filters(county.townships[0])) == list(log.north)
    whole = everything(Filters(county.region))
    assert sorted(whole) == sorted([*log.north, *log.south])
    assert everything(Filters(county.region), 100) == whole


def test_new_photos_arriving_while_paging_make_no_gap_and_no_double(
    log: Log, context: Flask, county: County
) -> None:
    filters = Filters(county.townships[0])
    first = page_of_photos(filters, size=4)
    visit = db.session.get_one(Inspection, log.visit_id)
    make_photo(visit, clock.now() + timedelta(seconds=1), "lime")
    second = page_of_photos(filters, first.next, size=4)
    third = page_of_photos(filters, second.next, size=4)
    seen = [tile.photo_id for page in (first, second, third) for tile in page.tiles]
    assert seen == list(log.north)


def test_photos_of_the_same_moment_are_paged_without_loss(log: Log, context: Flask, county: County) -> None:
    visit, at = db.session.get_one(Inspection, log.visit_id), clock.now() - timedelta(days=30)
    same = {make_photo(visit, at).photo_id for _ in range(7)}
    found = everything(Filters(county.region, until=clock.today() - timedelta(days=20)), 2)
    assert set(found) == same
    assert len(found) == 7


def test_each_filter_and_their_meetings(log: Log, context: Flask, county: County) -> None:
    rows = list(db.session.query(InspectionPhoto).order_by(InspectionPhoto.received_at.desc()))
    rows[0].on_notice, rows[1].domain, rows[2].review, rows[3].review = True, "fire", Review.REVIEWED, Review.SENT_BACK
    db.session.flush()
    top = Filters(county.region)
    wanted = {
        "severity": (replace(top, severity="A"), lambda row: row.severity == "A"),
        "with notice": (replace(top, on_notice=True), lambda row: row.on_notice),
        "without": (replace(top, on_notice=False), lambda row: not row.on_notice),
        "domain": (replace(top, domain="fire"), lambda row: row.domain == "fire"),
        "review": (replace(top, review=Review.WAITING), lambda row: row.review == Review.WAITING),
        "place": (replace(top, premises_id=log.premises_id), lambda row: row.premises_id == log.premises_id),
        "person": (
            replace(top, inspector_id=county.neighbour.id),
            lambda row: row.inspector_id == county.neighbour.id,
        ),
        "all at once": (
            replace(
                replace(top, premises_id=log.premises_id, severity="A"),
                review=Review.WAITING,
                on_notice=False,
                domain="catering",
            ),
            lambda row: row.premises_id == log.premises_id
            and (row.severity, row.review, row.on_notice, row.domain) == ("A", Review.WAITING, False, "catering"),
        ),
        "person and severity": (
            replace(top, inspector_id=county.neighbour.id, severity="B"),
            lambda row: row.inspector_id == county.neighbour.id and row.severity == "B",
        ),
        "day": (
            replace(top, since=clock.today(), until=clock.today()),
            lambda row: clock.local(row.received_at).date() == clock.today(),
        ),
    }
    for name, (filters, holds) in wanted.items():
        expected = [row.photo_id for row in rows if holds(row)]
        assert everything(filters) == expected, name
        assert queries.count_photos([filters]) == [queries.Count(len(expected))], name
        assert queries.keys_to_export(filters, 100) == expected, name


def test_a_rare_choice_looks_back_window_by_window(
    log: Log, context: Flask, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "WINDOW", 3)
    rare = Filters(county.townships[0], severity="A")
    page = page_of_photos(rare, size=60)
    assert page.looked_to is not None
    assert len(page.tiles) == 1
    assert everything(rare, 60) == list(log.north)[1::2]
    assert queries.keys_to_export(rare, 4) == list(log.north)[1:8:2]
    nothing = page_of_photos(Filters(county.townships[0], domain="water"))
    assert not nothing.tiles
    assert nothing.next is not None


def test_neighbours_stay_within_the_choice(log: Log, context: Flask, county: County) -> None:
    row = db.session.get_one(InspectionPhoto, log.north[5])
    newer, older = queries.neighbours(
        Filters(county.townships[0], severity="A"), Cursor(row.received_at, row.photo_id), 2, 2
    )
    assert [tile.photo_id for tile in newer] == [log.north[1], log.north[3]]
    assert [tile.photo_id for tile in older] == [log.north[7], log.north[9]]


def test_the_same_bytes_are_flagged_from_the_second_upload_on(log: Log, context: Flask, county: County) -> None:
    tiles = page_of_photos(Filters(county.region)).tiles
    by_id = {tile.photo_id: tile for tile in tiles}
    assert by_id[log.north[0]].reused  # the same colour as the eighth
    assert not by_id[log.north[7]].reused
    row = queries.log_row(log.north[0], county.region)
    uses = queries.earlier_uses(row.photo, county.townships[0])
    assert [use.photo_id for use in uses if use.photo_id] == [log.north[7]]
    assert [use.premises_name for use in uses if use.photo_id is None] == [""] * (len(uses) - 1)


def test_another_township_sees_nothing_of_it(log: Log, context: Flask, county: County) -> None:
    assert everything(Filters(county.townships[1])) == list(log.south)
    with pytest.raises(NotFound):
        queries.log_row(log.north[0], county.townships[1])


def test_days_are_counted_with_their_places(log: Log, context: Flask, county: County) -> None:
    days = {clock.local(tile.at).date() for tile in page_of_photos(Filters(county.region)).tiles}
    counts = queries.count_days(Filters(county.region), sorted(days))
    assert sum(count.photos for count in counts.values()) == 13
    assert counts[clock.local(clock.now()).date()].places >= 1


def test_inspectors_of_the_area_only(log: Log, context: Flask, county: County) -> None:
    names = [name for _, name in queries.inspectors_in(county.townships[0])]
    person = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
    assert names == [person.name]


def test_a_cursor_survives_its_address() -> None:
    cursor = Cursor(clock.now(), UUID(int=7))
    assert Cursor.parse(str(cursor)) == cursor
    for nonsense in ("", "x", "1.x", "9" * 40 + "." + "0" * 32, "1." + "0" * 31):
        assert Cursor.parse(nonsense) is None
