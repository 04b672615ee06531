"""The issuing side's pages: choose, preview, issue, hand over, take back; and who sees what."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Inspection
from app.notices import services
from app.notices.models import Delivery, Notice, Status
from tests.factories.people import County, expired
from tests.fixtures.pages import PageClient, parse
from tests.fixtures.signing_in import SignIn
from tests.fixtures.statements import reads_of
from tests.notices.conftest import Scene
from tests.notices.factory import make_premises, make_visit, set_due, wish

PNG = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAAFklEQVR4nGNkYGD4z8DAwMgAI0AMDA4wAQFr3"
    "WcxAAAAAElFTkSuQmCC"
)


def choice(page_html: str, **changes: object) -> dict[str, object]:
    """The choosing form as the page gives it, everything ticked."""
    form = next(form for form in parse(page_html).all("form") if form["id"] == "choose")
    inputs = form.all("input")
    data: dict[str, object] = {entry["name"]: entry["value"] for entry in inputs if entry["type"] == "hidden"}
    data["findings"] = [
        entry["value"] for entry in inputs if entry["name"] == "findings" and "checked" in entry
    ]
    data["kind"] = next(e["value"] for e in inputs if e["name"] == "kind" and "checked" in e)
    return data | changes


def issuing(page_html: str) -> dict[str, object]:
    """The issue form under a preview."""
    form = parse(page_html).all("form")[-1]
    data: dict[str, object] = {entry["name"]: entry["value"] for entry in form.all("input")}
    data["findings"] = [entry["value"] for entry in form.all("input") if entry["name"] == "findings"]
    return data


def preview_of(client: PageClient, visit_id: UUID, data: dict[str, object]) -> TestResponse:
    """Fetched, or sent where the choosing form has a token: it asks why an old notice is withdrawn."""
    address = f"/inspections/{visit_id}/notice/preview"
    return client.post(address, data=data) if "csrf_token" in data else client.get(address, query_string=data)


def issue_through_pages(client: PageClient, visit_id: UUID, **changes: object) -> UUID:
    chosen = client.get(f"/inspections/{visit_id}/notice")
    preview = preview_of(client, visit_id, choice(chosen.text, **changes))
    assert preview.status_code == 200
    issued = client.post(f"/inspections/{visit_id}/notice", data=issuing(preview.text))
    assert issued.status_code == 303
    return UUID(issued.location.rsplit("/", 1)[-1])


@pytest.fixture
def notice_id(sign_in: SignIn, scene: Scene) -> UUID:
    return issue_through_pages(sign_in(Role.COORDINATOR), scene.visit_id)


def test_three_taps_from_the_finished_visit_to_a_notice(sign_in: SignIn, scene: Scene, app: Flask) -> None:
    client = sign_in(Role.COORDINATOR)
    notice_id = issue_through_pages(client, scene.visit_id)
    page = client.page(f"/notices/{notice_id}")
    with app.app_context():
        number = db.session.get_one(Notice, notice_id).number
    assert page.all("h1")[0].text == number
    assert "业主还没有打开" in page.text


def test_a_double_tapped_issue_button_makes_one_notice(sign_in: SignIn, scene: Scene, app: Flask) -> None:
    client = sign_in(Role.COORDINATOR)
    chosen = client.get(f"/inspections/{scene.visit_id}/notice")
    preview = preview_of(client, scene.visit_id, choice(chosen.text))
    data = issuing(preview.text)
    answers = [client.post(f"/inspections/{scene.visit_id}/notice", data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    with app.app_context():
        assert len(db.session.scalars(select(Notice)).all()) == 1


def test_a_preview_issues_nothing(sign_in: SignIn, scene: Scene, app: Flask) -> None:
    client = sign_in(Role.COORDINATOR)
    chosen = client.get(f"/inspections/{scene.visit_id}/notice")
    page = preview_of(client, scene.visit_id, choice(chosen.text))
    assert "还没有出单" in page.text
    with app.app_context():
        assert db.session.scalars(select(Notice)).all() == []


def test_choosing_nothing_is_told_with_the_same_form(sign_in: SignIn, scene: Scene) -> None:
    client = sign_in(Role.COORDINATOR)
    chosen = client.get(f"/inspections/{scene.visit_id}/notice")
    data = choice(chosen.text, findings=[])
    answer = preview_of(client, scene.visit_id, data)
    assert answer.status_code == 422
    assert "请至少选一个问题" in answer.text


def test_an_expired_certificate_is_told_before_anything_is_chosen(
    sign_in: SignIn, scene: Scene, app: Flask
) -> None:
    client = sign_in(Role.COORDINATOR)
    with app.app_context():
        expired(db.session.get_one(Person, sign_in.county.person(Role.COORDINATOR).id))
        db.session.commit()
    page = client.get(f"/inspections/{scene.visit_id}/notice")
    assert "证件已过期" in page.text
    assert 'id="choose"' not in page.text
    wanted = {"kind": "xuncha_advice", "findings": [str(i) for i in scene.finding_ids]}
    answer = client.submit(f"/inspections/{scene.visit_id}/notice", wanted, page="/me")
    assert answer.status_code == 403


def test_another_township_sees_nothing_of_it(sign_in: SignIn, scene: Scene, notice_id: UUID) -> None:
    neighbour = sign_in(person=sign_in.county.neighbour)
    for path in (
        f"/notices/{notice_id}",
        f"/notices/{notice_id}/a4.pdf",
        f"/notices/{notice_id}/qr.png",
        f"/inspections/{scene.visit_id}/notice",
    ):
        assert neighbour.get(path).status_code == 404, path
    for path in ("withdraw", "deliveries", "issue", "discard"):
        answer = neighbour.submit(f"/notices/{notice_id}/{path}", {"reason": "x"}, page="/me")
        assert answer.status_code == 404, path
    assert "青禾小饭馆" not in neighbour.get("/notices").text
    assert "青禾小饭馆" in sign_in(Role.SUPERVISOR).get("/notices").text


def test_a_signature_on_the_screen_is_a_delivery(sign_in: SignIn, notice_id: UUID, app: Flask) -> None:
    client = sign_in(Role.COORDINATOR)
    path = f"/notices/{notice_id}"
    data = {"method": "signed", "receiver": "某老板", "signature": PNG, "change_id": str(new_id())}
    for _ in range(2):
        assert client.submit(f"{path}/deliveries", data, page=path).status_code == 303
    with app.app_context():
        row = db.session.scalars(select(Delivery)).one()
        assert row.signature_key
    answer = client.get(f"{path}/deliveries/{row.id}/signature.png")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")


def test_another_delivery_under_a_used_id_is_told(sign_in: SignIn, notice_id: UUID, app: Flask) -> None:
    client, path = sign_in(Role.COORDINATOR), f"/notices/{notice_id}"
    left = {"method": "left", "receiver": "店员甲", "reason": "老板外出", "witness": "村干部甲"}
    left["change_id"] = str(new_id())
    assert client.submit(f"{path}/deliveries", left, page=path).status_code == 303
    assert client.submit(f"{path}/deliveries", left | {"receiver": "店员乙"}, page=path).status_code == 409
    with app.app_context():
        assert [row.receiver for row in db.session.scalars(select(Delivery))] == ["店员甲"]


def test_a_refusal_needs_reason_and_witness(sign_in: SignIn, notice_id: UUID) -> None:
    client = sign_in(Role.COORDINATOR)
    path = f"/notices/{notice_id}"
    answer = client.submit(f"{path}/deliveries", {"method": "refused", "reason": "不愿意"}, page=path)
    assert answer.status_code == 422
    assert "请写见证人" in answer.text
    assert "不愿意" in answer.text, "what was written stays"
    data = {"method": "refused", "reason": "不愿意", "witness": "村委某某"}
    assert client.submit(f"{path}/deliveries", data, page=path).status_code == 303
    assert "村委某某" in client.get(path).text


@pytest.mark.parametrize(
    "data", [{}, {"method": "pigeon"}, {"method": "signed", "receiver": "x", "signature": "zzz"}]
)
def test_a_broken_delivery_is_told(sign_in: SignIn, notice_id: UUID, data: dict[str, str]) -> None:
    path = f"/notices/{notice_id}"
    assert sign_in(Role.COORDINATOR).submit(f"{path}/deliveries", data, page=path).status_code == 422


def test_withdraw_and_replace_through_the_pages(
    sign_in: SignIn, scene: Scene, notice_id: UUID, app: Flask
) -> None:
    client = sign_in(Role.COORDINATOR)
    path = f"/inspections/{scene.visit_id}/notice"
    chosen = client.get(path, query_string={"replaces": str(notice_id)})
    told = client.post(f"{path}/preview", data=choice(chosen.text, replaces=str(notice_id)))
    assert told.status_code == 422, "a reason is asked for"
    preview = client.post(
        f"{path}/preview", data=choice(chosen.text, replaces=str(notice_id), reason="日期写错")
    )
    issued = client.post(path, data=issuing(preview.text))
    assert issued.status_code == 303
    old = client.get(f"/notices/{notice_id}").text
    assert "日期写错" in old
    with app.app_context():
        assert db.session.get_one(Notice, notice_id).status is Status.WITHDRAWN
        new = db.session.scalars(select(Notice).where(Notice.replaces_id == notice_id)).one()
    assert new.number in old
    answer = client.submit(f"/notices/{new.id}/withdraw", {"reason": ""}, page=f"/notices/{new.id}")
    assert answer.status_code == 422
    data = {"reason": "又写错", "change_id": str(new_id())}
    for _ in range(2):
        assert client.submit(f"/notices/{new.id}/withdraw", data, page="/me").status_code == 303


def test_an_opinion_goes_from_draft_to_issue(sign_in: SignIn, scene: Scene, app: Flask) -> None:
    client = sign_in(Role.COORDINATOR)
    with app.app_context():
        visit = db.session.get_one(Inspection, scene.visit_id)
        hygiene = [str(f.id) for f in visit.findings if f.answer.item.code.startswith("CAT")]
    notice_id = issue_through_pages(client, scene.visit_id, kind="health_opinion", findings=hygiene)
    mine = client.get(f"/notices/{notice_id}").text
    assert "草稿" in mine
    assert f"/notices/{notice_id}/issue" not in mine
    assert client.submit(f"/notices/{notice_id}/issue", page="/me").status_code == 403
    supervisor = sign_in(Role.SUPERVISOR)
    assert supervisor.submit(f"/notices/{notice_id}/issue", page=f"/notices/{notice_id}").status_code == 303
    with app.app_context():
        assert db.session.get_one(Notice, notice_id).number.endswith("-0001")


def fill_list(app: Flask, county: County, count: int) -> None:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        premises = make_premises(county.villages[0], "很多单子(演示)")
        today = clock.today()
        for number in range(count):
            visit = make_visit(by, premises, ("CAT-10",), photos=0)
            set_due(visit, today + timedelta(days=number % 12))
            notice = services.issue_notice(new_id(), wish(visit), by=by, now=clock.now())
            notice.due_on = today + timedelta(days=number % 12 - 4)
        db.session.commit()


def test_the_list_pages_through_everything_once(sign_in: SignIn, app: Flask, county: County) -> None:
    fill_list(app, county, 65)
    client, seen, address = sign_in(Role.COORDINATOR), [], "/notices"
    while address:
        page = client.page(address)
        seen += [row["id"] for row in page.all("li") if row["id"].startswith("notice-")]
        following = [link["href"] for link in page.all("a") if link["rel"] == "next"]
        address = following[0] if following else ""
    assert len(seen) == len(set(seen)) == 65
    late = client.page("/notices?shelf=overdue")
    assert all("逾期" in row.text for row in late.all("li") if row["id"].startswith("notice-"))
    assert client.get("/notices?shelf=nonsense&after=nonsense").status_code == 200


def test_the_list_reads_the_same_number_of_times_for_any_length(
    sign_in: SignIn, app: Flask, county: County
) -> None:
    client = sign_in(Role.SUPERVISOR)
    fill_list(app, county, 3)
    few = reads_of(client, "/notices")
    fill_list(app, county, 25)
    assert reads_of(client, "/notices") == few


def test_panels_show_the_next_step_and_the_notices(sign_in: SignIn, scene: Scene) -> None:
    client = sign_in(Role.COORDINATOR)
    assert f"/inspections/{scene.visit_id}/notice" in client.get(f"/inspections/{scene.visit_id}").text
    notice_id = issue_through_pages(client, scene.visit_id)
    after = client.get(f"/inspections/{scene.visit_id}").text
    assert f"/inspections/{scene.visit_id}/notice" not in after
    assert f"/notices/{notice_id}" in after
    assert f"/notices/{notice_id}" in client.get(f"/premises/{scene.premises_id}").text


def draft_opinion(app: Flask, county: County, scene: Scene) -> UUID:
    """A health opinion that the coordinator prepared."""
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        visit = db.session.get_one(Inspection, scene.visit_id)
        hygiene = [f.id for f in visit.findings if f.answer.item.code.startswith("CAT")]
        asked = wish(visit, "health_opinion", finding_ids=hygiene)
        draft = services.draft_notice(new_id(), asked, by=by, now=clock.now())
        db.session.commit()
        return draft.id


def test_a_supervisor_reads_a_draft_as_the_owner_will_before_issuing_it(
    sign_in: SignIn, app: Flask, county: County, scene: Scene
) -> None:
    draft_id, client = draft_opinion(app, county, scene), sign_in(Role.SUPERVISOR)
    page = client.page(f"/notices/{draft_id}")
    assert f"/notices/{draft_id}/issue" not in [form["action"] for form in page.all("form")]
    assert [link for link in page.all("a") if link["href"] == f"/notices/{draft_id}/preview"]
    preview = client.page(f"/notices/{draft_id}/preview")
    for words in (
        "卫生监督意见书",
        "青禾小饭馆(演示)",
        "冰箱 9 度",
        "还没有出单",
        "督小三",
        "试验县疾病预防控制中心",
    ):
        assert words in preview.text, words
    form = preview.all("form")[-1]
    assert form["action"] == f"/notices/{draft_id}/issue"
    answer = client.submit(
        form["action"], {"registration_number": " 检登2026-77 "}, page=f"/notices/{draft_id}/preview"
    )
    assert answer.status_code == 303
    assert "检登2026-77" in client.page(f"/notices/{draft_id}").text
    assert client.get(f"/notices/{draft_id}/preview").location == f"/notices/{draft_id}"


def test_who_drafted_it_reads_it_but_does_not_issue_it(
    sign_in: SignIn, app: Flask, county: County, scene: Scene
) -> None:
    draft_id, client = draft_opinion(app, county, scene), sign_in(Role.COORDINATOR)
    preview = client.page(f"/notices/{draft_id}/preview")
    assert "冰箱 9 度" in preview.text
    assert preview.all("form") == []
    assert sign_in(person=county.neighbour).get(f"/notices/{draft_id}/preview").status_code == 404


def test_a_preview_can_be_gone_back_to(sign_in: SignIn, scene: Scene) -> None:
    client = sign_in(Role.COORDINATOR)
    page = client.page(f"/inspections/{scene.visit_id}/notice")
    assert next(form for form in page.all("form") if form["id"] == "choose")["method"] == "get"
    bare = client.get(f"/inspections/{scene.visit_id}/notice/preview")
    assert bare.location == f"/inspections/{scene.visit_id}/notice"
    with_reason = client.page(
        f"/inspections/{scene.visit_id}/notice/preview",
        query_string={"kind": "xuncha_advice", "findings": [str(i) for i in scene.finding_ids]},
    )
    assert not with_reason.all("label"), "an advisory notice has no line for a registration number"


@pytest.mark.parametrize(("length", "status"), [(60, 303), (61, 422)])
def test_a_registration_number_has_a_length(
    sign_in: SignIn, app: Flask, county: County, scene: Scene, length: int, status: int
) -> None:
    draft_id, client = draft_opinion(app, county, scene), sign_in(Role.SUPERVISOR)
    path = f"/notices/{draft_id}"
    data = {"registration_number": "字" * length}
    assert client.submit(f"{path}/issue", data, page=f"{path}/preview").status_code == status
