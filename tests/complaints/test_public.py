"""The public form: for anybody, without scripts and cookies; a flood neither takes it down nor fills the desk."""

import io
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from app.accounts.county import set_option
from app.complaints import refused
from app.complaints.models import Complaint, ComplaintPhoto
from app.complaints.options import require_key
from app.complaints.sealing import box, open_sealed
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.roles import Role
from app.core.settings import MissingSetting, Settings
from app.core.storage import storage
from tests.factories.people import County
from tests.fixtures.pages import PageClient, parse
from tests.fixtures.signing_in import SignIn
from tests.photos.pictures import encoded

WORDS = "我家楼下的诊所给孩子乱打针(演示)"


@pytest.fixture
def is_open(app: Flask, county: County) -> None:
    """The county has opened its form."""
    with app.app_context():
        set_option(county.region.id, "complaints.public", True, by=None, now=clock.now())
        db.session.commit()


def _token(html: str) -> str:
    return next(entry["value"] for entry in parse(html).all("input") if entry["name"] == "token")


def _shown_earlier(client: PageClient, path: str = "/complain") -> str:
    """The token of a form that was opened a while ago."""
    with clock.freeze(clock.now() - timedelta(minutes=2)):
        return _token(client.get(path).text)


def _said(token: str, **changes: Any) -> dict[str, Any]:
    return {"token": token, "words": WORDS, "where": "密语诊所", "phone": "13900001234", "website": ""} | changes


def test_the_form_is_closed_unless_the_county_opens_it(client: PageClient, county: County) -> None:
    assert client.get("/complain").status_code == 404
    assert client.get("/complain/state").status_code == 404


@pytest.mark.both_databases
@pytest.mark.usefixtures("is_open")
def test_anybody_complains_gets_a_receipt_and_sees_the_state(client: PageClient, app: Flask, sign_in: SignIn) -> None:
    token = _shown_earlier(client)
    answer = client.post("/complain", data=_said(token) | {"photos": [(io.BytesIO(encoded("JPEG")), "a.jpg")]})
    assert answer.status_code == 201
    number, code = [one.text for one in parse(answer.text).all("dd") if one["class"] == "receipt-number"]
    again = client.post("/complain", data=_said(token))
    assert number in again.text  # the same form sent twice is one complaint
    with app.app_context():
        row = db.session.query(Complaint).one()
        assert row.number == number
        assert row.sealed is not None
        settings = app.extensions["settings"]
        assert open_sealed(row.sealed, box(settings)).words == WORDS
        photo = db.session.query(ComplaintPhoto).one()
        assert b"JFIF" not in storage().read(photo.storage_key)
        records = db.session.scalars(select(AuditRecord).where(AuditRecord.object_type == "complaints")).all()
        assert {record.address for record in records} == {""}
        path, picture = f"/complaints/{row.id}", f"/complaints/photos/{photo.id}.jpg"
    asked = {"token": _token(client.get("/complain/state").text), "number": number.lower(), "code": code.lower()}
    assert "已收到" in client.post("/complain/state", data=asked).text
    wrong = client.post("/complain/state", data=asked | {"code": "AAAA AAAA"})
    assert (wrong.status_code, number in wrong.text.replace(f'value="{number.lower()}"', "")) == (404, False)
    supervisor = sign_in(Role.SUPERVISOR)
    assert WORDS not in supervisor.get(path).text
    assert supervisor.get(picture).status_code == 403
    supervisor.submit(f"{path}/taken_on", {}, page=path)
    assert WORDS in supervisor.submit(f"{path}/person", {}, page="/me").text
    assert supervisor.get(picture).data.startswith(b"\xff\xd8")


@pytest.mark.usefixtures("is_open")
def test_production_does_not_start_with_the_form_open_and_no_key(app: Flask, settings: Settings) -> None:
    with app.app_context():
        with pytest.raises(MissingSetting, match="XUNCHA_COMPLAINT_KEY is not set"):
            require_key(replace(settings, production=True))
        require_key(replace(settings, production=True, complaint_key=Fernet.generate_key().decode()))
        require_key(settings)


@pytest.mark.usefixtures("is_open")
def test_english_is_one_tap_away(client: PageClient) -> None:
    page = client.page("/complain")
    (link,) = [one for one in page.all("a") if one["lang"] == "en"]
    assert "You need not give your name" in client.get(link["href"]).text
    assert not client.get_cookie("session")


@pytest.mark.both_databases
@pytest.mark.usefixtures("is_open")
def test_programs_and_haste_are_refused_clearly_and_counted(client: PageClient, app: Flask, sign_in: SignIn) -> None:
    fresh, ripe = _token(client.get("/complain").text), _shown_earlier(client)
    quick = client.post("/complain", data=_said(fresh))
    assert quick.status_code == 422
    assert WORDS in quick.text  # nothing written is lost
    assert "程序填的" in client.post("/complain", data=_said(ripe, website="http://spam")).text
    assert client.post("/complain", data=_said(ripe, words="")).status_code == 422
    assert client.post("/complain", data=_said("forged")).status_code == 400
    no_photo = {"photos": [(io.BytesIO(b"nothing"), "a.jpg")]}
    assert client.post("/complain", data=_said(ripe) | no_photo).status_code == 422
    with app.app_context():
        assert db.session.query(Complaint).count() == 0
        refused.write()
        assert refused.counted(clock.today()) == {"quick": 1, "robot": 1}
    assert "今天未收下：2 件" in sign_in(Role.SUPERVISOR).get("/complaints").text


class Flooded:
    """The application on a real socket, behind a proxy that tells where each post came from."""

    def __init__(self, app: Flask, port: int) -> None:
        inner = app.wsgi_app

        def from_anywhere(environ: dict[str, Any], start: Any) -> Any:
            environ["REMOTE_ADDR"] = environ.get("HTTP_X_FROM", environ["REMOTE_ADDR"])
            return inner(environ, start)

        app.wsgi_app = from_anywhere  # type: ignore[method-assign]
        self.url, self.server = f"http://127.0.0.1:{port}", make_server("127.0.0.1", port, app, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def post(self, said: dict[str, str], came_from: str) -> tuple[int, str]:
        body = urlencode(said).encode()
        request = urllib.request.Request(f"{self.url}/complain", body, {"X-From": came_from})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


class TestAFlood:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True)

    @pytest.fixture
    def flooded(self, app: Flask, port: int, is_open: None) -> Iterator[Flooded]:
        one = Flooded(app, port)
        yield one
        one.server.shutdown()
        one.server.server_close()

    def test_a_thousand_posts_leave_the_desk_at_work(
        self, flooded: Flooded, app: Flask, client: PageClient, sign_in: SignIn, county: County, record_property: Any
    ) -> None:
        """Half of them from one address, half from a hundred; each with a form of its own, as programs fetch them."""
        with app.app_context():
            set_option(county.region.id, "complaints.hourly", 10, by=None, now=clock.now())
            db.session.commit()
        tokens = [_shown_earlier(client) for _n in range(60)]
        supervisor, waited, stop = sign_in(Role.SUPERVISOR), [], threading.Event()

        def works() -> None:
            while not stop.is_set():
                begun = time.perf_counter()
                assert supervisor.get("/complaints").status_code == 200
                waited.append(time.perf_counter() - begun)
                time.sleep(0.05)

        desk = threading.Thread(target=works)
        desk.start()
        begun = time.perf_counter()

        def post(n: int) -> tuple[int, str]:
            source = "203.0.113.9" if n % 2 else f"198.51.100.{n // 2 % 100}"
            return flooded.post(_said(tokens[n % 60]), source)

        with ThreadPoolExecutor(16) as crowd:
            answers = list(crowd.map(post, range(1000)))
        took = time.perf_counter() - begun
        stop.set()
        desk.join()
        statuses = Counter(status for status, _html in answers)
        assert set(statuses) <= {201, 429}
        assert all("没有收下" in html for status, html in answers if status == 429)
        with app.app_context():
            assert db.session.query(Complaint).count() <= 10
            refused.write()
            assert sum(refused.counted(clock.today()).values()) == statuses[429]
        assert len(waited) > 3
        assert max(waited) < 10
        slowest = sorted(waited)[int(len(waited) * 0.95)]
        said = f"{took:.1f} s, {statuses[429]} refused, desk p95 {slowest * 1000:.0f} ms"
        record_property("1,000 posts to the public form", said)
        assert "今天未收下" in supervisor.get("/complaints").text
