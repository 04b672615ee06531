"""Faces and plates are covered for the public by drawing over them; staff and the original see everything."""

from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.roles import Role
from app.core.storage import storage
from app.notices.models import Notice
from app.notices.printing import Copy, Layout, paper_of, paper_pdf
from app.photos.covering import TONE, WHOLE, Box, cover, read_boxes
from app.photos.models import Photo, PhotoCover
from tests.factories.people import County
from tests.fixtures.pages import PageClient
from tests.fixtures.signing_in import SignIn

FACE = "2500,2500,2500,2500"


def _of_owner(client: PageClient, token: str) -> tuple[str, Any]:
    """The photo's address on the owner's page, and the answer there."""
    page = client.get(f"/n/{token}").get_data(as_text=True)
    address = page.split(f"/n/{token}/photos/", 1)[1].split('"', 1)[0]
    return address, client.get(f"/n/{token}/photos/{address}")


def _on_paper(app: Flask, notice_id: UUID) -> tuple[bytes, ...]:
    """The public copy, and the photo as it stands on it and on the file's copy."""
    with app.test_request_context():
        notice = db.session.get_one(Notice, notice_id)
        photos = [paper_of(notice, covered=covered).findings[0].photos[0] for covered in (True, False)]
        return paper_pdf(notice, Layout.A4, copy=Copy.PUBLIC), *photos


def test_the_owner_sees_squares_under_a_new_address_and_staff_see_the_photo(
    app: Flask, client: PageClient, sign_in: SignIn, issued: Any
) -> None:
    notice_id, token, photo_id = issued
    staff, page = sign_in(Role.COORDINATOR), f"/photos/{photo_id}/cover"
    plain = staff.get(f"/inspections/photos/{photo_id}/plain.jpg").data
    original = staff.get(f"/inspections/photos/{photo_id}/original.jpg").data
    paper = _on_paper(app, notice_id)
    before, shown = _of_owner(client, token)
    assert "immutable" in shown.headers["Cache-Control"]
    change = str(new_id())
    for _again in range(2):
        staff.submit(page, {"change_id": change, "box": FACE}, page=page)
    after, covered = _of_owner(client, token)
    assert after != before
    assert covered.data != shown.data
    assert "immutable" in covered.headers["Cache-Control"]
    stale = client.get(f"/n/{token}/photos/{before}")
    assert (stale.data, stale.headers["Cache-Control"]) == (covered.data, "private, no-cache")
    assert staff.get(f"/inspections/photos/{photo_id}/plain.jpg").data == plain
    assert staff.get(f"/inspections/photos/{photo_id}/original.jpg").data == original
    again = _on_paper(app, notice_id)
    assert [old == new for old, new in zip(paper, again, strict=True)] == [False, False, True]
    assert "遮挡 1 处" in staff.get(page).text
    with app.app_context():
        row = db.session.query(PhotoCover).one()
        assert row.boxes == [[2500, 2500, 2500, 2500]]
        staff_undo = {"change_id": str(new_id()), "cover": str(row.id)}
    staff.submit(f"{page}/undo", staff_undo, page=page)
    assert _of_owner(client, token)[0] == before
    with app.app_context():
        actions = [record.action for record in db.session.query(AuditRecord).filter(AuditRecord.object_id == photo_id)]
    assert {"photo_covered", "photo_cover_taken_back"} <= set(actions)


def test_without_scripts_squares_are_ticked_and_places_unticked(app: Flask, sign_in: SignIn, issued: Any) -> None:
    _notice_id, _token, photo_id = issued
    staff, page = sign_in(Role.SUPERVISOR), f"/photos/{photo_id}/cover"
    cells = staff.get(page).text.split('name="cell" value="')[1:]
    chosen = [text.split('"', 1)[0] for text in cells[:2]]
    staff.submit(page, {"change_id": str(new_id()), "cell": chosen}, page=page)
    with app.app_context():
        assert len(db.session.query(PhotoCover).one().boxes) == 2
    staff.submit(page, {"change_id": str(new_id())}, page=page)
    with app.app_context():
        assert sorted(len(row.boxes) for row in db.session.query(PhotoCover)) == [0, 2]
    broken = staff.submit(page, {"change_id": str(new_id()), "box": "1,2,x,4"}, page=page)
    assert broken.status_code == 422


def test_only_who_was_there_and_supervisors_cover(sign_in: SignIn, county: County, issued: Any) -> None:
    path = f"/photos/{issued[2]}/cover"
    assert sign_in(person=county.neighbour).get(path).status_code == 404
    assert sign_in(Role.SUPERVISOR).get(path).status_code == 200
    assert sign_in(Role.ADMINISTRATOR).get(path).status_code == 403


SIDES = st.integers(-500, WHOLE + 500)


@given(st.lists(st.tuples(SIDES, SIDES, SIDES, SIDES), max_size=8))
def test_rectangles_lie_within_the_picture_and_reading_them_twice_is_the_same(raw: list[tuple[int, ...]]) -> None:
    boxes = read_boxes(raw)
    assert read_boxes(boxes) == boxes
    for box in boxes:
        assert 0 <= box.left < box.right <= WHOLE
        assert 0 <= box.top < box.bottom <= WHOLE


def test_too_many_or_broken_rectangles_are_refused() -> None:
    for raw in ([(i * 100, 0, 60, 60) for i in range(41)], [("1", "2", "3")], [("nan",) * 4], [("inf",) * 4]):
        with pytest.raises(Invalid):
            read_boxes(raw)


def test_what_is_covered_cannot_be_told_apart_any_more() -> None:
    """Two faces that differ in every detail but not in their rough tones leave the very same squares."""
    noise = Image.effect_noise((400, 300), 60).convert("RGB")
    other = noise.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    box = Box(0, 0, WHOLE, WHOLE)
    first, second = cover(noise, [box]), cover(other, [box])
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() != noise.tobytes()
    few = first.getcolors(64)
    assert few is not None
    assert all(tone % TONE == TONE // 2 for _count, colour in few for tone in colour)  # type: ignore[union-attr]
    assert cover(noise, []) is noise


def test_a_covered_photo_loses_its_made_views_with_its_bytes(app: Flask, client: PageClient, issued: Any) -> None:
    _notice_id, token, photo_id = issued
    with app.app_context():
        photo = db.session.get_one(Photo, photo_id)
        sha256 = photo.sha256
    _of_owner(client, token)
    with app.app_context():
        assert storage().below(f"derived/{sha256}")
        photo = db.session.get_one(Photo, photo_id)
        photo.removed_at = clock.now()
        db.session.commit()
    _address, gone = _of_owner(client, token)
    with Image.open(BytesIO(gone.data)) as picture:
        assert picture.size == (1000, 750)
