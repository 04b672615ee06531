"""How the visit was: told on the owner's page, kept from those who were there."""

import re
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.complaints.models import Complaint
from app.core.database import db
from app.core.roles import Role
from tests.fixtures.signing_in import SignIn
from tests.replies.conftest import Hand, hand, issued, person, scene

__all__ = ["hand", "issued", "person", "scene"]  # the paper in somebody's hand


def tells(hand: Hand, **said: str) -> Any:
    page = hand.client.get(hand.path("/feedback")).get_data(as_text=True)
    hidden = re.search(r'name="feedback_id" value="([^"]+)"', page)
    assert hidden
    data = {"csrf_token": hand.token_of("/feedback"), "feedback_id": hidden.group(1)} | said
    return hand.client.post(hand.path("/feedback"), data=data)


def kept(app: Flask) -> list[Complaint]:
    with app.app_context():
        return list(db.session.scalars(select(Complaint)))


def test_the_owners_page_leads_to_it_and_the_digits_guard_it(hand: Hand) -> None:
    assert hand.path("/feedback") in hand.client.get(hand.path()).get_data(as_text=True)
    assert 'name="digits"' in hand.client.get(hand.path("/feedback")).get_data(as_text=True)


def test_a_grievance_reaches_the_supervisor_and_not_the_coordinator(app: Flask, hand: Hand, sign_in: SignIn) -> None:
    hand.unlock()
    answer = tells(hand, kind="grievance", words="说话很凶", contact="13900001234")
    assert answer.status_code == 201
    (made,) = kept(app)
    assert made.number in answer.get_data(as_text=True)
    assert b"\xe8\xaf\xb4\xe8\xaf\x9d" not in (made.sealed or b"")
    assert sign_in(Role.COORDINATOR).get(f"/complaints/{made.id}").status_code == 404
    assert sign_in(Role.SUPERVISOR).get(f"/complaints/{made.id}").status_code == 200


def test_the_same_form_sent_again_is_the_same_feedback(app: Flask, hand: Hand) -> None:
    hand.unlock()
    said = {"kind": "praise", "words": "讲得很清楚", "feedback_id": "6f9f7a0e-3f52-4a52-9f43-0d3c3b6f5a11"}
    assert [tells(hand, **said).status_code for _n in range(2)] == [201, 201]
    assert len(kept(app)) == 1


def test_without_words_or_kind_it_says_what_is_missing_and_keeps_the_rest(app: Flask, hand: Hand) -> None:
    hand.unlock()
    answer = tells(hand, kind="praise", words=" ", contact="13900001234")
    assert answer.status_code == 422
    assert 'value="13900001234"' in answer.get_data(as_text=True)
    assert tells(hand, kind="", words="很好").status_code == 422
    assert kept(app) == []


def test_a_form_of_another_notice_is_refused(app: Flask, hand: Hand) -> None:
    hand.unlock()
    assert hand.client.post(hand.path("/feedback"), data={"kind": "praise", "words": "好"}).status_code == 400
    assert kept(app) == []
