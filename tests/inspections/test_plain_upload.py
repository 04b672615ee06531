"""Photos from a form without scripts: the good ones are kept, those refused are named with the reason."""

import io

import pytest

from app.core.database import db
from app.core.roles import Role
from app.inspections.models import InspectionPhoto
from tests.factories.inspections import jpeg, make_visit


@pytest.fixture
def page(app, county) -> str:
    """The page of an open visit."""
    with app.app_context():
        visit = make_visit(db.session.merge(county.people[Role.COORDINATOR]))
        db.session.commit()
        return f"/inspections/{visit.id}"


def send(client, page: str, *photos: tuple[str, bytes]):
    return client.submit(
        f"{page}/photos", {"photos": [(io.BytesIO(data), name) for name, data in photos]}, page="/me"
    )


def kept(app) -> int:
    with app.app_context():
        return db.session.query(InspectionPhoto).count()


def test_one_bad_photo_does_not_cost_the_good_ones(app, sign_in, page: str) -> None:
    client = sign_in(Role.COORDINATOR)
    photos = [("a.jpg", jpeg("#111111")), ("表格.pdf", b"%PDF-1.7"), ("half.jpg", jpeg()[:900]), ("b.jpg", jpeg())]
    answer = send(client, page, *photos)
    assert answer.status_code == 303
    assert kept(app) == 2
    said = client.page("/me").text
    assert "已收到 2 张" in said
    assert "表格.pdf：这个文件不是照片" in said
    assert "half.jpg：" in said


def test_a_single_bad_photo_is_told_on_the_spot(app, sign_in, page: str) -> None:
    assert send(sign_in(Role.COORDINATOR), page, ("x.jpg", b"nothing")).status_code == 422
    assert kept(app) == 0


def test_where_none_is_good_each_is_named(app, sign_in, page: str) -> None:
    client = sign_in(Role.COORDINATOR)
    assert send(client, page, ("x.jpg", b"nothing"), ("y.jpg", b"")).status_code == 303
    said = client.page("/me").text
    assert "x.jpg：" in said
    assert "y.jpg：" in said
    assert kept(app) == 0


def test_twenty_refusals_still_fit_the_message(app, sign_in, page: str) -> None:
    client = sign_in(Role.COORDINATOR)
    send(client, page, *((f"{'长' * 60}{number}.jpg", b"nothing") for number in range(20)))
    assert "另有 15 张" in client.page("/me").text
