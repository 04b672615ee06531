"""A rescue file brings everything a phone held, once, in its author's name; what is none is refused."""

import io
import json
import tarfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.digests import content_digest, late_photos
from app.inspections.models import Inspection, InspectionPhoto
from tests.factories.inspections import jpeg
from tests.fixtures.signing_in import SignIn
from tests.sync.phone import Phone, whole_visit

Files = list[tuple[str, bytes]]


def tar_of(files: Files) -> bytes:
    """As the phone writes it: plain files, uncompressed."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return data.getvalue()


@pytest.fixture
def file_of(phone: Phone, place: Any, sign_in: SignIn) -> Callable[..., bytes]:
    """A visit with one photo that was never announced."""

    def make(person: Any = None, *, more: bool = False) -> bytes:
        """`more`: it is one more than those of the findings."""
        changes = whole_visit(phone, place.id, place.items)
        announced = changes[-2] if more else changes.pop(-2)
        photo = {"id": str(new_id()), "inspection_id": changes[0]["inspection_id"], "item_id": announced["item_id"]}
        photo |= {"purpose": "finding", "name": "a.jpg", "captured_at": "", "source": "camera"}
        who = person or sign_in.county.person(Role.COORDINATOR)
        manifest = {
            "xuncha": "rescue", "version": 1, "device": str(phone.id), "person": {"id": str(who.id), "name": "某"},
            "changes": changes, "photos": [photo],
        }  # fmt: skip
        return tar_of([("manifest.json", json.dumps(manifest).encode()), (f"photos/{photo['id']}", jpeg("#112233"))])

    return make


def hand_in(client: Any, data: bytes) -> Any:
    return client.submit("/rescue", {"file": (io.BytesIO(data), "rescue.tar")}, content_type="multipart/form-data")


def test_everything_in_the_file_is_taken_in_once(
    app: Flask, phone: Phone, file_of: Callable[..., bytes]
) -> None:
    data = file_of()
    for expected in ("已收下", "以前已收到"):
        answer = hand_in(phone.client, data)
        assert answer.status_code == 200
        assert expected in answer.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalars(select(Inspection)).one().digest
        assert db.session.scalars(select(InspectionPhoto)).one()


def test_a_photo_that_was_never_announced_for_a_visit_that_ended_is_kept_as_a_late_one(
    app: Flask, phone: Phone, file_of: Callable[..., bytes]
) -> None:
    """The phone took it, and was lost before it had counted its hash."""
    data = file_of(more=True)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        inside = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    manifest = json.loads(inside["manifest.json"])
    assert set(phone.statuses(*manifest["changes"])) == {"received"}
    with app.app_context():
        before = db.session.scalars(select(Inspection)).one().digest
    for _again in range(2):
        assert hand_in(phone.client, data).status_code == 200
    with app.app_context():
        visit, kept = db.session.scalars(select(Inspection)).one(), db.session.scalars(select(InspectionPhoto)).one()
        assert visit.digest == before == content_digest(visit)
        assert late_photos(visit.id) == {kept.photo_id}


def test_a_supervisor_hands_in_for_somebody_and_a_colleague_does_not(
    app: Flask, sign_in: SignIn, file_of: Callable[..., bytes]
) -> None:
    data = file_of()
    assert hand_in(sign_in(person=sign_in.county.neighbour), data).status_code == 403
    assert hand_in(sign_in(Role.SUPERVISOR), data).status_code == 200
    with app.app_context():
        assert db.session.scalars(select(Inspection)).one().lead_id == sign_in.county.person(Role.COORDINATOR).id


def test_the_wire_takes_it_too(phone: Phone, file_of: Callable[..., bytes]) -> None:
    client: Any = phone.client
    token = client.get(f"/sync/ping?device={phone.id}").json["csrf"]
    sent = {"file": (io.BytesIO(file_of()), "rescue.tar")}
    answer = client.post(
        "/sync/rescue", data=sent, headers={"X-CSRFToken": token}, content_type="multipart/form-data"
    )
    assert {result["status"] for result in answer.json["results"]} == {"received"}
    assert [photo["status"] for photo in answer.json["photos"]] == ["received"]


def _sparse(data: bytes) -> bytes:
    return data[:156] + b"S" + data[157:]


def _huge(data: bytes) -> bytes:
    header = bytearray(data[:512])
    header[124:136] = b"77777777777\0"
    header[148:156] = b"        "
    header[148:156] = f"{sum(header):06o}\0 ".encode()
    return bytes(header) + data[512:]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"not a tar at all" * 100,
        lambda data: b"",
        lambda data: data[:700],
        _sparse,
        _huge,
        lambda data: __import__("gzip").compress(data),
        lambda data: tar_of([("manifest.json", b'{"person": 5, "changes": [], "photos": []}')]),
        lambda data: tar_of([("manifest.json", b"[" * 100_000)]),
        lambda data: tar_of([("other.json", b"{}")]),
    ],
    ids=["text", "empty", "cut off", "sparse", "huge", "packed", "nobody", "nested", "no manifest"],
)
def test_what_is_no_rescue_file_is_refused(
    app: Flask, phone: Phone, file_of: Callable[..., bytes], spoil: Callable[[bytes], bytes]
) -> None:
    assert hand_in(phone.client, spoil(file_of())).status_code == 422
    with app.app_context():
        assert db.session.scalars(select(Inspection)).all() == []
