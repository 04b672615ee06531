"""The link for a body without account: read by whoever holds it, answered once, alike for every wrong address."""

import dataclasses
import io
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db
from app.core.ids import new_token
from app.core.roles import Role
from app.core.settings import Settings
from app.referrals.models import Referral, ReferralLink
from app.referrals.rules import Event, Outcome, Status
from app.retention.models import Look
from app.retention.rules import What
from app.web.role_words import forbidden_in
from tests.factories.people import County
from tests.fixtures.pages import PageClient, csrf_token
from tests.fixtures.signing_in import SignIn


def answer(client: PageClient, token: str, **fields: str) -> object:
    client.checks = False
    form = csrf_token(client.get(f"/r/{token}").text)
    return client.post(f"/r/{token}/answer", data={"csrf_token": form, "name": "王某(卫健局)"} | fields)


def test_without_account_it_is_read_and_answered_once(
    app: Flask, client: PageClient, out: tuple[UUID, str]
) -> None:
    token = out[1]
    page = client.page(f"/r/{token}")
    for words in ("案件转交单", "不详", "祖传治牙", "照片说明1", "答复移送单位", "指纹"):
        assert words in page.text
    assert page.all("script") == []
    assert forbidden_in(page.text) == []
    done = answer(client, token, answer="acknowledge")
    assert done.status_code == 303  # type: ignore[attr-defined]
    after = client.page(f"/r/{token}")
    assert "发出答复" not in after.text and "只能查看" in after.text and "王某(卫健局)" in after.text
    assert client.get(f"/r/{token}").headers["Cache-Control"] == "no-store"
    with app.app_context():
        link = db.session.scalars(select(ReferralLink).where(ReferralLink.token == token)).one()
        assert link.used_at is not None and link.openings >= 3


def test_whoever_answered_goes_on_under_the_next_address_until_it_is_closed(
    app: Flask, client: PageClient, out: tuple[UUID, str]
) -> None:
    tokens = [out[1]]
    for words in ({"answer": "acknowledge"}, {"answer": "accept"},
                  {"answer": "close", "outcome": "put_right", "reason": "已改好，复核过"}):  # fmt: skip
        done = answer(client, tokens[-1], **words)
        tokens.append(done.headers["Location"].split("?")[0].rsplit("/", 1)[1])  # type: ignore[attr-defined]
    assert len(set(tokens[:3])) == 3 and tokens[3] == tokens[2]  # nothing more to answer: the last one stays
    for token in tokens[:3]:
        assert "发出答复" not in client.get(f"/r/{token}").text
    with app.app_context():
        referral = db.session.get_one(Referral, out[0])
        assert (referral.status, referral.outcome) == (Status.CLOSED, Outcome.PUT_RIGHT)
        assert [event.link_id is not None for event in referral.events] == [False, True, True, True]


def test_no_holder_of_a_link_takes_a_referral_back(app: Flask, client: PageClient, out: tuple[UUID, str]) -> None:
    refused = answer(client, out[1], answer="close", outcome="withdrawn", reason="算了")
    assert refused.status_code == 422  # type: ignore[attr-defined]
    with app.app_context():
        assert db.session.get_one(Referral, out[0]).status is Status.SENT


def test_a_link_has_an_end_says_whom_to_call_then_and_is_made_anew(
    app: Flask, client: PageClient, sign_in: SignIn, county: County, out: tuple[UUID, str]
) -> None:
    referral_id, token = out
    client.checks = False
    form = csrf_token(client.get(f"/r/{token}").text)
    with app.app_context():
        link = db.session.scalars(select(ReferralLink)).one()
        assert link.expires_at is not None and link.expires_at - link.made_at == timedelta(days=90)
        end, number = link.expires_at, link.referral.number
    assert "本地址有效期至" in client.page(f"/r/{token}").text
    with clock.freeze(end):
        for ending in ("", "/sheet.pdf", "/evidence.zip", "/photos/1.jpg"):
            over = client.get(f"/r/{token}{ending}")
            assert over.status_code == 410
            assert number in over.text and "牙" not in over.text
        late = client.post(f"/r/{token}/answer", data={"csrf_token": form, "name": "王某", "answer": "accept"})
        assert late.status_code == 410
        desk, page = sign_in(Role.COORDINATOR), f"/referrals/{referral_id}"
        assert "已过有效期" in desk.page(page).text
        assert desk.submit(f"{page}/link", {}, page=page).status_code == 303
        with app.app_context():
            fresh = db.session.get_one(Referral, referral_id).link
        assert fresh is not None and client.get(f"/r/{fresh.token}").status_code == 200


def test_forwarded_after_the_answer_it_gives_no_right_to_write(
    app: Flask, client: PageClient, out: tuple[UUID, str]
) -> None:
    token = out[1]
    client.checks = False
    early = csrf_token(client.get(f"/r/{token}").text)  # somebody has the form open while another one answers
    answer(client, token, answer="acknowledge")
    late = client.post(f"/r/{token}/answer", data={"csrf_token": early, "name": "转来的人", "answer": "accept"})
    assert late.status_code == 409 and "已经答复过" in late.text
    with app.app_context():
        assert db.session.get_one(Referral, out[0]).status is Status.ACKNOWLEDGED


def test_the_same_form_twice_answers_once(app: Flask, client: PageClient, out: tuple[UUID, str]) -> None:
    client.checks = False
    form = csrf_token(client.get(f"/r/{out[1]}").text)
    data = {"csrf_token": form, "name": "王某", "answer": "return", "reason": "不归我们管"}
    assert [client.post(f"/r/{out[1]}/answer", data=data).status_code for _ in range(2)] == [303, 303]
    with app.app_context():
        referral = db.session.get_one(Referral, out[0])
        assert referral.status is Status.RETURNED
        assert [event.event for event in referral.events] == [Event.SEND, Event.RETURN]
        actions = select(AuditRecord.action).where(AuditRecord.object_id == referral.id)
        assert list(db.session.scalars(actions)).count("referral_returned") == 1


@pytest.mark.parametrize(
    "fields",
    [{"answer": "return", "reason": ""}, {"answer": "accept", "name": " "}, {"answer": "close"}, {"answer": ""}],
)
def test_an_answer_that_lacks_something_is_asked_again_with_what_was_typed(
    client: PageClient, out: tuple[UUID, str], fields: dict[str, str]
) -> None:
    refused = answer(client, out[1], **{"opinion": "我方意见"} | fields)
    assert refused.status_code == 422  # type: ignore[attr-defined]
    assert "我方意见" in refused.text  # type: ignore[attr-defined]


def test_wrong_revoked_and_unsent_addresses_look_all_alike(
    app: Flask, client: PageClient, sign_in: SignIn, county: County, out: tuple[UUID, str]
) -> None:
    referral_id, token = out
    desk, page = sign_in(Role.COORDINATOR), f"/referrals/{out[0]}"
    assert desk.submit(f"{page}/link", {"revoke": "1"}, page=page).status_code == 303
    for ending in ("", "/sheet.pdf", "/evidence.zip", "/photos/1.jpg"):
        revoked, wrong = client.get(f"/r/{token}{ending}"), client.get(f"/r/{new_token()}{ending}")
        assert (revoked.status_code, revoked.data) == (wrong.status_code, wrong.data) == (404, wrong.data)
    assert client.get("/r/%00").status_code == 404
    assert desk.submit(f"{page}/link", {}, page=page).status_code == 303
    with app.app_context():
        fresh = db.session.get_one(Referral, referral_id).link
        assert fresh is not None and fresh.token != token
        assert client.get(f"/r/{fresh.token}").status_code == 200


def test_staff_who_look_are_not_counted_and_cannot_answer(
    app: Flask, sign_in: SignIn, out: tuple[UUID, str]
) -> None:
    page = sign_in(Role.SUPERVISOR).page(f"/r/{out[1]}")
    assert "不计入" in page.text and "发出答复" not in page.text
    with app.app_context():
        assert db.session.scalars(select(ReferralLink.openings)).one() == 0


def test_sheet_and_bundle_come_by_link_and_are_written_down(
    app: Flask, client: PageClient, out: tuple[UUID, str]
) -> None:
    assert client.get(f"/r/{out[1]}/sheet.pdf").data.startswith(b"%PDF")
    bundle = client.get(f"/r/{out[1]}/evidence.zip")
    with zipfile.ZipFile(io.BytesIO(bundle.data)) as archive:
        assert len([name for name in archive.namelist() if name.startswith("photos/")]) == 2
        key = archive.read("public-key.pem")
    assert client.get("/evidence-key.pem").data == key
    photo = client.get(f"/r/{out[1]}/photos/1.jpg")
    assert photo.mimetype == "image/jpeg" and b"SecretMaker" not in photo.data
    with app.app_context():
        taken = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "referral_evidence_taken")).one()
        assert taken.person_id is None


def test_guessing_is_slowed_down(settings: Settings) -> None:
    from app import create_app

    app = create_app(dataclasses.replace(settings, rate_limits=True))
    client = app.test_client()
    answers = [client.get(f"/r/{new_token()}").status_code for _ in range(32)]
    assert answers[:30] == [404] * 30 and answers[-1] == 429




def test_a_colleague_who_takes_the_evidence_by_the_link_has_looked_at_it(
    app: Flask, sign_in: SignIn, out: tuple[UUID, str]
) -> None:
    for path in ("photos/1.jpg", "evidence.zip"):
        response = sign_in(Role.SUPERVISOR).get(f"/r/{out[1]}/{path}")
        assert response.status_code == 200
        response.close()
    with app.app_context():
        looked = {look.what: look.object_id for look in db.session.query(Look)}
        told = db.session.get_one(Referral, out[0]).content["photos"][0]
    assert looked == {What.REFERRAL_ZIP: out[0], What.PHOTO: UUID(told["id"])}
