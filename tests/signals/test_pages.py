"""Who sees which signal, what they may say about it, and that a list costs the same however long it is."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event

from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Fellow
from app.signals import running
from app.signals.models import Signal, SignalWord, State
from app.signals.rules import Kind
from app.signals.words import sentence
from app.web.role_words import forbidden_in
from tests.factories.inspections import jpeg
from tests.factories.people import County, make_person
from tests.fixtures.pages import PageClient, parse
from tests.fixtures.signing_in import SignIn
from tests.signals.conftest import NINE, go, show

OF_THE_FILE = {Kind.FAR, Kind.OLD, Kind.CLOCKS, Kind.EDITED, Kind.SCREEN}
LATER = NINE + timedelta(days=1)


@pytest.fixture(autouse=True)
def no_csrf(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def reused(app: Flask, county: County) -> UUID:
    """A photo that stood in another visit an hour before, noticed and shown."""
    show(app, county)
    return _reuse(app, county)


def _reuse(app: Flask, county: County, minutes: int = 0) -> UUID:
    by, photo = county.person(Role.COORDINATOR), jpeg(f"#{new_id().hex[:6]}")
    with app.app_context(), clock.freeze(LATER):
        go(by, minutes=minutes, photo=photo)
        go(by, minutes=minutes + 60, north=0.001, photo=photo)
        running.run()
        return db.session.query(Signal.id).order_by(Signal.found_at.desc()).limit(1).scalar()  # type: ignore[no-any-return]


def _signal(app: Flask, signal_id: UUID) -> Signal:
    with app.app_context():
        return db.session.get_one(Signal, signal_id)


def _listed(client: PageClient, url: str) -> list[str]:
    """The titles of a list's rows."""
    return [row.text for row in client.page(url).all("li") if row["id"].startswith("signal-")]


def _text(client: PageClient, url: str) -> str:
    return parse(client.get(url).get_data(as_text=True)).text


def test_a_supervisor_sees_both_photos_and_says_once_that_it_is_explained(
    app: Flask, county: County, reused: UUID, sign_in: SignIn
) -> None:
    client = sign_in(Role.SUPERVISOR)
    assert len(_listed(client, "/signals")) == 1
    assert "提示不是结论" in _text(client, f"/signals/{reused}")
    assert client.get(f"/signals/{reused}").get_data(as_text=True).count("/plain.jpg") >= 2
    said = {"decision": "explained", "note": "两家共用一个冷库", "change_id": str(new_id())}
    for _ in range(2):
        assert client.post(f"/signals/{reused}/decision", data=said).status_code == 303
    assert _signal(app, reused).state is State.EXPLAINED
    with app.app_context():
        assert db.session.query(SignalWord).count() == 1
        assert db.session.query(AuditRecord).filter_by(action="signal_decided", object_id=reused).count() == 1
    assert _listed(client, "/signals") == []
    assert len(_listed(client, "/signals?state=explained")) == 1
    assert "两家共用一个冷库" in _text(client, f"/signals/{reused}")


def test_the_list_tells_the_numbers_and_both_drawings_of_a_signature_are_shown(
    app: Flask, county: County, sign_in: SignIn
) -> None:
    show(app, county)
    by = county.person(Role.COORDINATOR)
    with app.app_context(), clock.freeze(LATER):
        drawn = "originals/aa/bb/" + "c" * 64
        visits = [go(by, minutes=minutes, signature=drawn) for minutes in (0, 90)]
        running.run()
        signal = db.session.query(Signal).filter_by(kind=Kind.SIGNATURE).one()
        far = Signal(kind=Kind.FAR, numbers={"km": 11488.8, "accuracy": 100, "limit": 2.0})
        assert sentence(far).split("（")[0] == "拍摄位置距场所 11489 公里"
        assert sentence(far).endswith("超过 2 公里时提示。")
    client = sign_in(Role.SUPERVISOR)
    assert "签名图与" in _text(client, "/signals")
    page = client.get(f"/signals/{signal.id}").get_data(as_text=True)
    assert all(f"/inspections/{visit}/signature.png" in page for visit in visits)


def test_without_a_reason_nothing_is_decided(app: Flask, reused: UUID, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPERVISOR)
    assert (
        client.post(f"/signals/{reused}/decision", data={"decision": "confirmed", "note": " "}).status_code
        == 422
    )
    assert (
        client.post(f"/signals/{reused}/decision", data={"decision": "guilty", "note": "x"}).status_code
        == 422
    )
    assert _signal(app, reused).is_open


def test_the_coordinator_reads_it_on_the_visit_and_explains(
    app: Flask, county: County, reused: UUID, sign_in: SignIn
) -> None:
    client, signal = sign_in(Role.COORDINATOR), _signal(app, reused)
    visit = _text(client, f"/inspections/{signal.inspection_id}")
    assert "照片文件曾经用过" in visit
    assert "提示不是结论" in visit
    assert "您可以说明情况" in _text(client, "/")
    assert "照片文件曾经用过" in _text(client, "/signals/mine")
    page = _text(client, f"/signals/{reused}")
    assert not forbidden_in(page)
    assert client.post(f"/signals/{reused}/explanation", data={"note": "选错了照片"}).status_code == 303
    assert _signal(app, reused).answered_at is not None
    assert _signal(app, reused).is_open, "an explanation decides nothing"
    assert "已有说明" in _text(sign_in(Role.SUPERVISOR), "/signals")
    assert "您可以说明情况" not in _text(client, "/")
    assert (
        client.post(f"/signals/{reused}/decision", data={"note": "x", "decision": "explained"}).status_code
        == 403
    )


def test_colleagues_and_other_areas_do_not_see_it_and_fellows_do(
    app: Flask, county: County, reused: UUID, sign_in: SignIn
) -> None:
    with app.app_context(), transaction():
        colleague = make_person(Role.COORDINATOR, county.hospitals[0])
        fellow = make_person(Role.COORDINATOR, county.hospitals[0])
        visit = db.session.get_one(Signal, reused).inspection_id
        db.session.add(Fellow(inspection_id=visit, person_id=fellow.id))
    for stranger in (colleague, county.neighbour):
        client = sign_in(person=stranger)
        assert client.get(f"/signals/{reused}").status_code == 404
        assert client.post(f"/signals/{reused}/explanation", data={"note": "x"}).status_code == 404
    assert "照片文件曾经用过" not in _text(sign_in(person=colleague), f"/inspections/{visit}")
    assert sign_in(person=fellow).get(f"/signals/{reused}").status_code == 200
    assert sign_in(Role.COORDINATOR).get("/signals").status_code == 403


def test_nobody_decides_about_their_own_visit(
    app: Flask, county: County, reused: UUID, sign_in: SignIn
) -> None:
    with app.app_context(), transaction():
        signal = db.session.get_one(Signal, reused)
        db.session.add(
            Fellow(inspection_id=signal.inspection_id, person_id=county.person(Role.SUPERVISOR).id)
        )
    client = sign_in(Role.SUPERVISOR)
    assert "由其他人核定" in _text(client, f"/signals/{reused}")
    said = {"decision": "explained", "note": "x"}
    assert client.post(f"/signals/{reused}/decision", data=said).status_code == 403


def test_whose_visit_it_is_compared_with_does_not_decide_either(
    app: Flask, county: County, reused: UUID, sign_in: SignIn
) -> None:
    supervisor = county.person(Role.SUPERVISOR)
    with app.app_context(), transaction():
        other = db.session.get_one(Signal, reused).other_inspection
        assert other is not None
        other.lead_id = supervisor.id
    client = sign_in(person=supervisor)
    assert "decision" not in client.get(f"/signals/{reused}").text
    sent = client.post(f"/signals/{reused}/decision", data={"decision": "explained", "note": "没事"})
    assert sent.status_code == 403
    assert _signal(app, reused).state is State.OPEN


def test_on_trial_nobody_sees_it_and_the_settings_count_it(
    app: Flask, county: County, sign_in: SignIn
) -> None:
    hidden = _reuse(app, county)
    visit = _signal(app, hidden).inspection_id
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.COORDINATOR):
        client = sign_in(role)
        assert client.get(f"/signals/{hidden}").status_code == 404
        assert "照片文件曾经用过" not in _text(client, f"/inspections/{visit}")
        assert "您可以说明情况" not in _text(client, "/")
    with clock.freeze(LATER):
        for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
            page = _text(sign_in(role), "/signals/kinds")
            assert "试运行 1 条" in page
            assert "先试运行" in page
    show(app, county)
    assert sign_in(Role.SUPERVISOR).get(f"/signals/{hidden}").status_code == 404, (
        "found on trial it stays hidden"
    )


def test_the_list_is_narrowed_and_paged_by_key(
    app: Flask, county: County, reused: UUID, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for more in range(4):
        _reuse(app, county, 400 + 200 * more)
    client = sign_in(Role.SUPERVISOR)
    town, other = (str(one.id) for one in county.townships)
    both = f"kind=same_bytes&area={town}"
    queries = ("", "kind=same_bytes", "kind=far", f"area={town}", f"area={other}", both, "state=nonsense")
    found = {query: len(_listed(client, f"/signals?{query}")) for query in queries}
    assert list(found.values()) == [5, 5, 0, 5, 0, 5, 5]
    monkeypatch.setattr("app.signals.queries.page_of_signals.__defaults__", ("", 2))
    seen, url = set(), "/signals"
    for _ in range(3):
        page = client.page(url)
        seen |= {
            row["href"]
            for row in page.all("a")
            if row["href"].startswith("/signals/") and len(row["href"]) > 40
        }
        onward = [link["href"] for link in page.all("a") if link["rel"] == "next"]
        url = onward[0] if onward else ""
    assert len(seen) == 5
    assert not url


def test_pages_are_read_in_as_many_statements_however_much_there_is(
    app: Flask, county: County, reused: UUID, sign_in: SignIn
) -> None:
    client, seen = sign_in(Role.SUPERVISOR), []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    counts: dict[str, list[int]] = {}
    for more in (0, 3):
        for one in range(more):
            _reuse(app, county, 400 + 200 * one)
        for url in ("/signals", "/signals/kinds", "/", f"/signals/{reused}"):
            seen.clear()
            assert client.get(url).status_code == 200
            counts.setdefault(url, []).append(len(seen))
    assert {url: two[0] for url, two in counts.items()} == {url: two[1] for url, two in counts.items()}


def test_every_kind_has_a_page_for_both_sides(
    app: Flask, county: County, reused: UUID, sign_in: SignIn
) -> None:
    names = [
        "days",
        "times",
        "km",
        "accuracy",
        "hours",
        "software",
        "said",
        "minutes",
        "speed",
        "places",
        "marks",
        "items",
        "seconds",
        "visits",
        "limit",
    ]
    clients = [sign_in(role) for role in (Role.SUPERVISOR, Role.COORDINATOR)]
    for kind in Kind:
        with app.app_context(), transaction():
            signal = db.session.get_one(Signal, reused)
            signal.kind, signal.numbers, of_file = kind, dict.fromkeys(names, 7), kind in OF_THE_FILE
            if of_file or kind is Kind.SECONDS:
                signal.other_photo_id = signal.other_inspection_id = None
            else:
                signal.other_inspection_id, signal.photo_id = (
                    signal.other_inspection_id or signal.inspection_id,
                    None,
                )
        for client in clients:
            assert "7" in _text(client, f"/signals/{reused}")


def test_a_visit_of_another_area_is_not_told(
    app: Flask, county: County, reused: UUID, sign_in: SignIn
) -> None:
    with app.app_context(), transaction():
        other = db.session.get_one(Signal, reused).other_inspection
        assert other is not None
        other.premises.name = "别处的小店"
        other.place_in(db.session.merge(county.townships[1]))
    client = sign_in(Role.COORDINATOR)
    assert "在其他辖区" in _text(client, f"/signals/{reused}")
    assert "别处的小店" not in _text(client, f"/signals/{reused}")
    assert "别处的小店" in _text(sign_in(Role.SUPERVISOR), f"/signals/{reused}")
