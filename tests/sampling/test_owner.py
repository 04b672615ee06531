"""The owner says on the page of the code whether somebody was there: once a notice, changeable, behind the digits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.county import set_option
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.roles import Role
from app.notices.models import Notice
from app.sampling.models import Answer, Confirmation
from app.sampling.rules import Method, Plan
from tests.fixtures.signing_in import SignIn
from tests.replies.conftest import Hand, decide, hand, issued, scene
from tests.sampling.conftest import Draws, Visits

__all__ = ["decide", "hand", "issued", "scene"]

pytestmark = pytest.mark.usefixtures("issued")


def answers(hand: Hand, says: str, form_of: str = "") -> Any:
    data = {"csrf_token": hand.token_of(form_of), "says": says}
    return hand.client.post(hand.path("/visited"), data=data)


def said(hand: Hand) -> Answer | None:
    with hand.app.app_context():
        return db.session.scalar(select(Confirmation.says).where(Confirmation.notice_id == hand.notice_id))


def test_behind_the_digits_the_owner_answers_and_may_think_again(hand: Hand) -> None:
    page = hand.client.get(hand.path()).text
    assert "有工作人员来过您这里吗" in page
    assert "有，来过" not in page, "no answer without the digits"
    locked = hand.client.get(hand.path("/visited"))
    assert "有，来过" not in locked.text
    assert hand.unlock(back=hand.path("/visited")).location.endswith("/visited")
    assert "有，来过" in hand.client.get(hand.path("/visited")).text
    for says in ("no", "yes", "yes"):
        answer = answers(hand, says, "/visited")
        assert answer.status_code == 303
    assert said(hand) is Answer.YES
    page = hand.client.get(answer.location).text
    assert "✓ 有，来过 （您的回答）" in page
    assert "谢谢。您可以在这里改答案" in page
    with hand.app.app_context():
        records = select(AuditRecord).where(AuditRecord.action == "visit_confirmed_by_owner").order_by(AuditRecord.at)
        told = [(one.before, one.after) for one in db.session.scalars(records)]
    assert told == [(None, {"says": "no"}), ({"says": "no"}, {"says": "yes"})]


def test_without_the_digits_nothing_is_kept(hand: Hand, app: Flask) -> None:
    hand.unlock()
    token = hand.token_of("/visited")
    stranger = app.test_client()
    refused = stranger.post(hand.path("/visited"), data={"csrf_token": token, "says": "no"})
    assert refused.status_code == 403
    assert stranger.post(hand.path("/visited"), data={"csrf_token": "x", "says": "no"}).status_code == 400
    assert said(hand) is None


def test_an_answer_nobody_offered_and_a_withdrawn_notice_are_refused(hand: Hand) -> None:
    hand.unlock()
    assert answers(hand, "perhaps", "/visited").status_code == 404
    token = hand.token_of("/visited")
    with hand.app.app_context(), transaction():
        notice = db.session.get_one(Notice, hand.notice_id)
        by = notice.issued_by
        assert by is not None
        notice.withdraw(by, "写错了", clock.now())
    data = {"csrf_token": token, "says": "yes"}
    assert hand.client.post(hand.path("/visited"), data=data).status_code == 404
    assert "来过您这里吗" not in hand.client.get(hand.path()).text


def test_a_county_may_ask_for_no_digits_or_not_ask_at_all(hand: Hand, decide: Callable[[str], None]) -> None:
    decide("open")
    assert "有，来过" in hand.client.get(hand.path()).text
    assert answers(hand, "not_known").status_code == 303
    assert said(hand) is Answer.NOT_KNOWN
    with hand.app.app_context(), transaction():
        county = db.session.get_one(Notice, hand.notice_id).county_id
        set_option(county, "sampling.ask_owner", value=False, by=None, now=clock.now())
    assert "来过您这里吗" not in hand.client.get(hand.path()).text
    assert hand.client.get(hand.path("/visited")).status_code == 404


@pytest.mark.both_databases
def test_a_button_tapped_several_times_is_one_answer(hand: Hand, decide: Callable[[str], None]) -> None:
    decide("open")
    token = hand.token_of("")

    def tap(_n: int) -> int:
        browser = hand.app.test_client()
        return browser.post(hand.path("/visited"), data={"csrf_token": token, "says": "yes"}).status_code

    with ThreadPoolExecutor(12) as pool:
        assert set(pool.map(tap, range(12))) == {303}
    assert said(hand) is Answer.YES
    with hand.app.app_context():
        assert db.session.query(AuditRecord).filter_by(action="visit_confirmed_by_owner").count() == 1


def test_staff_is_not_asked_and_does_not_read_it_outside_a_sample(hand: Hand, sign_in: SignIn) -> None:
    hand.unlock()
    answers(hand, "no", "/visited")
    colleague = sign_in(Role.COORDINATOR)
    assert "来过您这里吗" not in colleague.get(hand.path()).text
    assert colleague.get(hand.path("/visited")).status_code == 404
    assert "没人来过" not in colleague.get(f"/notices/{hand.notice_id}").text


def test_it_counts_in_a_sample_beside_the_calls(hand: Hand, sign_in: SignIn, visits: Visits, drawn: Draws) -> None:
    visits(3)
    sample_id = drawn(Plan(Method.SIMPLE, number=10))
    client = sign_in(Role.SUPERVISOR)
    assert "抽中的 1 次巡查有整改单：0 家说来过" in client.get(f"/sampling/{sample_id}").text
    hand.unlock()
    answers(hand, "yes", "/visited")
    page = client.get(f"/sampling/{sample_id}").text
    assert "抽中的 1 次巡查有整改单：1 家说来过" in page
    assert "电话或扫码至少一种确认：4 次中 1 次" in page
    assert "业主：是" in page
    assert "还没有答复" in page, "it is no call: the interval does not move"
