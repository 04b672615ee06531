"""What is said about a photo, by whom it is read; choices of photos under a name."""

from uuid import uuid4

import pytest
from flask import Flask

from app.accounts.models import Person
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.roles import Role
from app.inspections.models import InspectionPhoto
from app.inspections.reviewing import reply_to_review
from app.oversight.models import PhotoMessage, SavedFilter
from tests.factories.people import County
from tests.fixtures.signing_in import SignIn
from tests.oversight.factory import Log
from tests.oversight.test_desk import mark, send


@pytest.mark.both_databases
def test_desk_and_coordinator_talk_about_a_photo(log: Log, app: Flask, sign_in: SignIn, county: County) -> None:
    desk, field = sign_in(Role.SUPERVISOR), sign_in(Role.COORDINATOR)
    photo = log.north[0]
    url = f"/photo-log/{photo}/talk"
    send(desk, mark(photo, "sent_back", remark="请补拍后厨"))
    with app.app_context():
        taker = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        reply_to_review(db.session.get_one(InspectionPhoto, photo), "已补拍", by=taker)
        db.session.commit()
    send(desk, mark(photo, "sent_back", remark="还差冷库"))
    change = str(uuid4())
    for _twice in (1, 2):
        assert desk.submit(url, {"text": "明天能去吗？", "change_id": change}, page=url).status_code == 303
    start = field.page("/")
    assert "照片新留言" in start.text and "明天能去吗" in start.text
    page = field.page(url)
    assert next(item.text for item in page.all("li") if item["class"].startswith("talk-")).endswith("请补拍后厨")
    order = [words for words in ("请补拍后厨", "已补拍", "还差冷库", "明天能去吗？") if words in page.text]
    places = [page.text.index(words) for words in order]
    assert len(order) == 4 and places == sorted(places), "both rounds stand there in their order"
    assert "1 条未读" in page.text
    assert field.submit(f"{url}/read", page=url).status_code == 303
    assert "照片新留言" not in field.page("/").text
    assert field.submit(url, {"text": "可以，上午去。"}, page=url).status_code == 303
    assert "可以，上午去" in desk.page("/").text
    assert "可以，上午去" in desk.page(f"/photo-log/{photo}").text
    assert "还差冷库" in field.page(f"/inspections/photos/{photo}/answer").text
    with app.app_context():
        assert db.session.query(PhotoMessage).count() == 2
        assert db.session.query(AuditRecord).filter_by(action="photo_message_written").count() == 2


def test_scripts_add_to_the_conversation_without_leaving(log: Log, sign_in: SignIn) -> None:
    desk, url = sign_in(Role.SUPERVISOR), f"/photo-log/{log.north[0]}/talk"
    htmx = {"HX-Request": "true"}
    answer = desk.submit(url, {"text": "<b>看清楚</b>"}, page=url, headers=htmx)
    assert answer.status_code == 200 and "&lt;b&gt;看清楚" in answer.get_data(as_text=True)
    wrong = desk.submit(url, {"text": " "}, page=url, headers=htmx)
    assert wrong.status_code == 422 and "field-error" in wrong.get_data(as_text=True)
    assert desk.submit(url, {"text": "长" * 501}, page=url).status_code == 422


def test_a_colleague_who_was_not_there_and_another_area_stay_out(
    log: Log, sign_in: SignIn, county: County
) -> None:
    assert sign_in(person=county.neighbour).get(f"/photo-log/{log.north[0]}/talk").status_code == 404
    assert sign_in(Role.COORDINATOR).get(f"/photo-log/{log.south[0]}/talk").status_code == 404
    assert sign_in(Role.INFORMANT).get(f"/photo-log/{log.north[0]}/talk").status_code == 403


@pytest.mark.both_databases
def test_a_choice_is_kept_under_a_name_replaced_and_forgotten(log: Log, app: Flask, sign_in: SignIn) -> None:
    client, url = sign_in(Role.SUPERVISOR), "/photo-log/filters"
    wall = "/photo-log?severity=A"
    assert client.submit(f"{url}?severity=A", {"name": " 重点  照片 "}, page=wall).status_code == 303
    assert client.submit(f"{url}?severity=A&review=waiting", {"name": "重点 照片"}, page=wall).status_code == 303
    assert client.submit(url, {"name": "全部"}, page=wall).status_code == 422, "everything needs no name"
    assert client.submit(f"{url}?severity=A", {"name": " "}, page=wall).status_code == 422
    page = client.page("/photo-log")
    chip = next(link for link in page.all("a") if link.text == "重点 照片")
    assert "severity=A" in chip["href"] and "review=waiting" in chip["href"]
    assert "重点 照片" not in sign_in(Role.ADMINISTRATOR).page("/photo-log").text, "everybody has their own"
    with app.app_context():
        kept = db.session.query(SavedFilter).one().id
    other = sign_in(Role.ADMINISTRATOR)
    assert other.submit(f"{url}/remove", {"filter": str(kept)}, page=wall).status_code == 404
    assert client.submit(f"{url}/remove", {"filter": str(kept)}, page=wall).status_code == 303
    for number in range(20):
        assert client.submit(f"{url}?severity=B", {"name": f"第 {number} 个"}, page=wall).status_code == 303
    assert client.submit(f"{url}?severity=B", {"name": "再一个"}, page=wall).status_code == 409
