"""A re-inspection without signal arrives as any visit, and closes its notice exactly once."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Inspection
from app.inspections.progress import findings_with_photos
from app.notices import services, turning
from app.notices.models import Notice
from app.notices.progress import Stage
from app.replies.verified import Verification
from tests.factories.people import County
from tests.sync.phone import Phone, whole_visit

pytestmark = pytest.mark.both_databases


@pytest.fixture
def noticed(app: Flask, county: County, phone: Phone, place: Any) -> tuple[UUID, UUID, list[Any]]:
    """A finished visit with a notice in force: both ids, and the items that were found."""
    changes = whole_visit(phone, place.id, place.items)
    assert set(phone.statuses(*changes)) == {"received"}
    visit_id = UUID(changes[0]["inspection_id"])
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        findings = [finding for finding, _photos in findings_with_photos(visit_id)]
        wish = services.Wish(visit_id, "xuncha_advice", [finding.id for finding in findings])
        items = [finding.answer.item for finding in findings]
        with transaction():
            notice = services.issue_notice(new_id(), wish, by=by, now=clock.now())
        return visit_id, notice.id, [(item.id, item.version_id) for item in items]


def begin(phone: Phone, place: Any, parent: UUID, items: list[Any], visit: UUID) -> dict[str, Any]:
    sheets: dict[str, list[str]] = {}
    for item_id, version_id in items:
        sheets.setdefault(str(version_id), []).append(str(item_id))
    said = [{"version_id": version, "item_ids": ids} for version, ids in sheets.items()]
    return phone.change("visit_start", visit, premises_id=str(place.id), parent_id=str(parent), sheets=said, fellows=[])


def again(phone: Phone, place: Any, parent: UUID, items: list[Any], result: str = "fixed") -> list[dict[str, Any]]:
    visit = new_id()
    changes = [begin(phone, place, parent, items, visit)]
    changes += [phone.change("answer", visit, item_id, result=result, sweep=None) for item_id, _version in items]
    changes.append(phone.change("note", visit, items[0][0], note="地面已清理", phrases=[]))
    changes.append(phone.announce(visit, items[0][0], b"after", purpose="after"))
    return [*changes, phone.finish(visit)]


def notice_of(app: Flask, notice_id: UUID) -> tuple[Any, ...]:
    with app.app_context():
        notice = db.session.get_one(Notice, notice_id)
        turns = turning.turns_of(notice_id)
        return notice.stage, [turn.event.value for turn in turns], {turn.reason for turn in turns} - {""}


def test_all_of_it_in_one_sending_closes_the_notice_once(
    app: Flask, phone: Phone, place: Any, noticed: tuple[UUID, UUID, list[Any]]
) -> None:
    parent, notice_id, items = noticed
    changes = again(phone, place, parent, items)
    assert set(phone.statuses(*changes)) == {"received"}
    assert set(phone.statuses(*changes)) == {"duplicate"}
    stage, events, reasons = notice_of(app, notice_id)
    assert stage is Stage.CLOSED
    assert events == ["verified_fixed"] * len(items)
    assert reasons == {"地面已清理"}
    with app.app_context():
        assert db.session.query(Verification).count() == len(items)
        child = db.session.get_one(Inspection, UUID(changes[0]["inspection_id"]))
        assert child.parent_id == parent
        assert child.digest


def test_piece_by_piece_is_the_same(
    app: Flask, phone: Phone, place: Any, noticed: tuple[UUID, UUID, list[Any]]
) -> None:
    parent, notice_id, items = noticed
    for change in again(phone, place, parent, items, "partly"):
        assert phone.statuses(change) == ["received"]
    stage, events, _reasons = notice_of(app, notice_id)
    assert stage is Stage.ISSUED
    assert events == ["verified_partly"] * len(items)


def test_answers_of_another_kind_are_refused_and_do_not_block_the_others(
    app: Flask, phone: Phone, place: Any, noticed: tuple[UUID, UUID, list[Any]]
) -> None:
    parent, notice_id, items = noticed
    visit = new_id()
    wrong = phone.change("answer", visit, items[0][0], result="does_not", sweep=None)
    right = phone.change("answer", visit, items[1][0], result="not_fixed", sweep=None)
    changes = [begin(phone, place, parent, items, visit), wrong, right, phone.finish(visit)]
    assert phone.statuses(*changes) == ["received", "refused", "received", "received"]
    assert notice_of(app, notice_id)[1] == ["verified_not_fixed"]
    plain = new_id()
    said = phone.change("answer", plain, items[0][0], result="fixed", sweep=None)
    assert phone.statuses(phone.begin(place.id, plain), said) == ["received", "refused"]


def test_two_phones_that_saw_it_differently_are_both_kept(
    app: Flask, phone: Phone, phones: Any, place: Any, noticed: tuple[UUID, UUID, list[Any]]
) -> None:
    parent, _notice_id, items = noticed
    other, visit = phones(), new_id()
    assert phone.statuses(begin(phone, place, parent, items, visit)) == ["received"]
    assert phone.statuses(phone.change("answer", visit, items[0][0], result="fixed", sweep=None)) == ["received"]
    assert other.statuses(other.change("answer", visit, items[0][0], result="partly", sweep=None)) == ["conflict"]


def test_a_parent_that_is_not_there_is_said(phone: Phone, place: Any, noticed: tuple[UUID, UUID, list[Any]]) -> None:
    _parent, _notice_id, items = noticed
    assert phone.statuses(begin(phone, place, new_id(), items, new_id())) == ["refused"]
