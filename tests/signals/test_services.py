"""Found where things arrive, once however often it is computed, and never while a county only tries it."""

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, event

from app.accounts.models import Person
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Answer, Inspection
from app.photos.models import Photo, Source
from app.photos.rules import PhotoMeta
from app.premises.services import merge_premises
from app.signals import gathering, likeness, running, services
from app.signals.models import Signal, SignalCheck, VisitTrace
from app.signals.rules import Found, Kind
from tests.factories.inspections import jpeg
from tests.factories.people import County
from tests.signals.conftest import NINE, add_photo, go, show

Compute = Callable[[], list[Signal]]


def kinds(rows: list[Signal]) -> list[Kind]:
    return [row.kind for row in rows]


@pytest.mark.usefixtures("shown")
def test_an_honest_day_raises_nothing(app: Flask, county: County, signals: Compute) -> None:
    by = county.person(Role.COORDINATOR)
    with app.app_context():
        for number in range(6):
            go(by, minutes=45 * number, north=0.01 * number, findings=(("CAT-09", f"第 {number} 家"),))
    assert signals() == []


@pytest.mark.both_databases
@pytest.mark.usefixtures("shown")
def test_a_photo_used_before_is_one_signal_however_often_it_is_computed(
    app: Flask, county: County, signals: Compute
) -> None:
    by = county.person(Role.COORDINATOR)
    with app.app_context():
        first = go(by, photo=jpeg("#123456"))
        second = go(by, minutes=60, north=0.01, photo=jpeg("#123456"))
    (one,) = signals()
    assert (one.kind, one.inspection_id, one.other_inspection_id) == (Kind.SAME_BYTES, second, first)
    assert not one.shadow
    with app.app_context(), transaction():
        db.session.execute(delete(SignalCheck))  # as if nothing had ever been looked at
    again = signals()
    assert [row.id for row in again] == [one.id]
    with app.app_context():
        assert running.run().looked_at == 0


def test_on_trial_it_is_found_and_hidden_and_off_it_is_not_looked_for(
    app: Flask, county: County, signals: Compute
) -> None:
    by = county.person(Role.COORDINATOR)
    with app.app_context():
        go(by, photo=jpeg("#123456"))
        go(by, minutes=60, photo=jpeg("#123456"))
    (one,) = signals()
    assert one.shadow
    show(app, county, "off")
    with app.app_context():
        go(by, minutes=120, photo=jpeg("#123456"))
    assert len(signals()) == 1


@pytest.mark.usefixtures("shown")
def test_visits_quicker_than_the_way_are_found_whichever_arrives_first(
    app: Flask, county: County, signals: Compute
) -> None:
    by = county.person(Role.COORDINATOR)
    with app.app_context():
        later = go(by, minutes=3, north=0.2)  # 22 km away
        assert running.run().found == 0
        earlier = go(by)
    (one,) = signals()
    assert (one.kind, one.inspection_id, one.other_inspection_id) == (Kind.TOO_FAST, later, earlier)


@pytest.mark.usefixtures("shown")
def test_days_without_signal_sent_at_once_are_no_evening(
    app: Flask, county: County, signals: Compute
) -> None:
    """A clock that is absurd gives the moment of receipt: it says nothing about when anybody was where."""
    by = county.person(Role.COORDINATOR)
    with app.app_context():
        visits = [go(by, minutes=660 + n / 10, north=0.1 * n) for n in range(14)]
        with transaction():
            for visit in visits:
                row = db.session.get_one(Inspection, visit)
                row.received_at = row.started_at
                row.device_started_at, row.clock_offset_ms = row.started_at + timedelta(days=900), None
    assert signals() == []


@pytest.mark.usefixtures("shown")
def test_an_evening_and_the_ways_of_one_at_a_desk(app: Flask, county: County, signals: Compute) -> None:
    by = county.person(Role.COORDINATOR)
    with app.app_context():
        for number in range(13):
            go(by, minutes=660 + 4 * number, north=0.01 * number)
    assert kinds(signals()) == [Kind.EVENING]


@pytest.mark.usefixtures("shown")
def test_the_same_words_at_five_places_and_a_signature_seen_before(
    app: Flask, county: County, signals: Compute
) -> None:
    by = county.person(Role.COORDINATOR)
    found = (("CAT-09", "食品直接放地上"), ("CAT-07", "三袋面包过期"), ("CAT-05", "未戴工作帽"))
    with app.app_context():
        for number in range(5):
            go(by, minutes=60 * number, north=0.01 * number, findings=found)
        go(by, minutes=400, signature="originals/aa/bb/" + "c" * 64)
        go(by, minutes=500, signature="originals/aa/bb/" + "c" * 64)
    assert kinds(signals()) == [Kind.PATTERN, Kind.SIGNATURE]


@pytest.mark.usefixtures("shown")
def test_photos_from_afar_and_from_the_gallery_of_last_year(
    app: Flask, county: County, signals: Compute
) -> None:
    by = county.person(Role.COORDINATOR)
    far = PhotoMeta(NINE, 0, 28.6, 112.8, 15.0, source=Source.CAMERA)
    screen = PhotoMeta(NINE, 0, source=Source.GALLERY, original_name="Screenshot_20261120.png")
    with app.app_context():
        go(by, photo=jpeg("#101010"), meta=far)
        go(by, minutes=60, photo=jpeg("#202020"), meta=screen)
        old = go(by, minutes=120, photo=jpeg("#303030"), meta=dataclasses.replace(screen, original_name=""))
        with transaction():
            photo = db.session.get_one(Inspection, old).photos[0].photo
            photo.taken_at, photo.exif = NINE - timedelta(days=365), {"Software": "GIMP 2.10"}
    assert kinds(signals()) == [Kind.EDITED, Kind.FAR, Kind.OLD, Kind.SCREEN]


@pytest.mark.usefixtures("shown")
@pytest.mark.usefixtures("shown")
def test_a_place_without_a_position_is_far_from_nothing(app: Flask, county: County, signals: Compute) -> None:
    """Lists write 0, 0 where they know none: in the sea off Africa, far from every honest photo."""
    with app.app_context():
        visits = [go(county.person(Role.COORDINATOR), minutes=90 * turn, photo=jpeg(colour))
                  for turn, colour in enumerate(("tan", "teal"))]  # fmt: skip
        with transaction():
            place = db.session.get_one(Inspection, visits[0]).premises
            place.latitude = place.longitude = 0.0
    assert kinds(signals()) == []


def test_taps_by_the_phones_own_clock_and_positions_that_never_come(
    app: Flask, county: County, signals: Compute
) -> None:
    by = county.person(Role.COORDINATOR)
    with app.app_context():
        visit = go(by)
        with transaction():
            rows = db.session.query(Answer).filter_by(inspection_id=visit).all()
            for number, row in enumerate(rows):
                row.sweep_id, row.device_at = None, NINE + timedelta(days=90, milliseconds=100 * number)
        for number in range(1, 11):
            go(by, minutes=60 * number, north=0.01 * number, positioned=False)
    assert kinds(signals()) == [Kind.NO_POSITION, Kind.SECONDS]


@pytest.mark.usefixtures("shown")
def test_what_fails_holds_nothing_up_and_is_tried_again(
    app: Flask, county: County, signals: Compute, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = county.person(Role.COORDINATOR)
    with app.app_context():
        go(by, photo=jpeg("#123456"))
        go(by, minutes=60, photo=jpeg("#123456"))
        with monkeypatch.context() as broken:
            broken.setattr(gathering, "picture", lambda _id: 1 / 0)
            tally = running.run()
        assert (tally.failed, tally.found, tally.looked_at) == (2, 0, 2)
        assert db.session.query(VisitTrace).count() == 2
    assert kinds(signals()) == [Kind.SAME_BYTES]


@pytest.mark.usefixtures("shown")
def test_a_likeness_found_later_is_looked_at_then(
    app: Flask, county: County, signals: Compute, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = county.person(Role.COORDINATOR)
    with app.app_context():
        first, second = (go(by, minutes=n, north=0.001, photo=jpeg(f"#1234{n}")) for n in (10, 60))
        one, other = (db.session.get_one(Inspection, visit).photos[0].photo_id for visit in (first, second))
    assert signals() == []
    alike: dict[UUID, dict[UUID, dict[str, object]]] = {other: {one: {"mirrored": True}}}
    monkeypatch.setattr(likeness, "alike", lambda photo: alike.get(photo.id, {}))
    with app.app_context(), transaction():
        photos = [db.session.get_one(Photo, each) for each in (one, other)]
        pair = {
            "sha256": photos[1].sha256,
            "other": photos[0].sha256,
            "mirrored": True,
            "places": 40,
            "share": 0.9,
        }
        db.session.add(likeness.LikenessPair(**pair, agreement=0.9, found_at=NINE))
        db.session.flush()
        likeness.compared([one, other])
    (found,) = signals()
    assert (found.kind, found.photo_id, found.other_photo_id) == (Kind.ALIKE, other, one)
    assert found.numbers["mirrored"] is True


@pytest.mark.usefixtures("shown")
def test_what_comes_after_the_servers_clock_was_set_back_is_looked_at(app: Flask, county: County) -> None:
    by = county.person(Role.COORDINATOR)
    with app.app_context():
        go(by, minutes=30_000)
        assert running.run().looked_at == 1
        go(by, photo=jpeg("#123456"))
        assert running.run(limit=1).looked_at == 1
        assert running.run().looked_at == 1
        assert running.run().looked_at == 0


def test_photos_of_an_open_visit_are_looked_at_in_a_constant_number_of_reads(
    app: Flask, county: County
) -> None:
    from tests.factories.inspections import make_visit

    seen: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        counts = []
        for number in (2, 12):
            with clock.freeze(NINE), transaction():
                visit = make_visit(by)
                for _n in range(number):
                    add_photo(visit, by, jpeg(f"#{new_id().hex[:6]}"), None)
            seen.clear()
            tally = running.run()
            assert tally.looked_at == number
            counts.append((len(seen) - 20) / number)
        assert counts[1] <= 8


@pytest.mark.usefixtures("shown")
def test_a_signal_that_cannot_be_kept_holds_up_no_other_and_is_tried_again(
    app: Flask, county: County, signals: Compute, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, keep = county.person(Role.COORDINATOR), services.keep_signal
    with app.app_context():
        go(by, photo=jpeg("#123456"))
        bad, good = (go(by, minutes=n, photo=jpeg("#123456")) for n in (60, 120))

        def stumble(found: Found, owner: gathering.Owner, now: datetime) -> Signal | None:
            if found.visit == bad:
                raise ValueError("nothing the database takes")
            return keep(found, owner, now)

        monkeypatch.setattr(services, "keep_signal", stumble)
        tally = running.run()
        assert (tally.found, tally.failed) == (1, 1)
        assert [row.inspection_id for row in db.session.query(Signal)] == [good]
        monkeypatch.setattr(services, "keep_signal", keep)
    assert {row.inspection_id for row in signals()} == {bad, good}


@pytest.mark.usefixtures("shown")
def test_the_command_says_what_it_did_and_a_merged_place_takes_its_signals_along(
    app: Flask, county: County, signals: Compute
) -> None:
    by = county.person(Role.COORDINATOR)
    with app.app_context():
        first = go(by, photo=jpeg("#123456"))
        second = go(by, minutes=60, photo=jpeg("#123456"))
    said = app.test_cli_runner().invoke(args=["signals", "compute"]).output
    assert said == "4 looked at, 1 signals found, 0 failed.\n"
    with app.app_context(), transaction():
        kept, other = (db.session.get_one(Inspection, one).premises for one in (first, second))
        merge_premises(kept, other, db.session.get_one(Person, county.person(Role.ADMINISTRATOR).id))
        kept_id = kept.id
    (one,) = signals()
    assert one.premises_id == kept_id


@pytest.mark.both_databases
def test_what_somebody_marked_as_looked_at_is_found_when_all_is_looked_at_anew(app: Flask, county: County) -> None:
    """With the database's password a line in an unbound list keeps signals from being computed; not for good."""
    by = county.person(Role.COORDINATOR)
    with app.app_context():
        go(by, photo=jpeg("#123456"))
        go(by, minutes=60, photo=jpeg("#123456"))
        last = db.session.query(AuditRecord).order_by(AuditRecord.seq.desc()).first()
        assert last is not None and last.object_id is not None
        with transaction():
            made_up = {"action": last.action, "object_id": last.object_id, "event_at": last.at, "tries": 1}
            db.session.add(SignalCheck(id=last.id, **made_up))
    runner = app.test_cli_runner()
    assert runner.invoke(args=["signals", "compute"]).output.startswith("0 looked at, 0 signals")
    for found in ("1", "0"):  # the second time it is known
        said = runner.invoke(args=["signals", "compute", "--again"]).output
        assert said == f"4 looked at, {found} signals found, 0 failed.\n"
