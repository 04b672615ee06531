"""Anybody checks a paper; who guesses learns nothing, not even which numbers were given."""

import io
import re
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.models import Person
from app.core import clock
from app.core.database import db
from app.core.roles import Role
from app.core.settings import Settings
from app.notices import services
from app.notices.models import Notice
from app.notices.rules import short_digest
from app.referrals.models import Referral
from app.seals.rules import plain_code, plain_number
from app.web.limits import limiter
from tests.factories.people import County
from tests.fixtures.pages import PageClient
from tests.referrals.factory import sent
from tests.seals.checking import pdfsig


@pytest.fixture
def notice(app: Flask, notice_id: UUID) -> Notice:
    with app.app_context():
        return db.session.get_one(Notice, notice_id)


def ask(client: PageClient, number: str, code: str, lang: str = "") -> tuple[int, str]:
    answer = client.get(
        "/check", query_string={"number": number, "code": code} | ({"lang": lang} if lang else {})
    )
    return answer.status_code, answer.text


def send(client: PageClient, data: bytes, name: str = "notice.pdf") -> tuple[int, str]:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/check").text)
    assert token
    form = {"csrf_token": token.group(1), "file": (io.BytesIO(data), name)}
    answer = client.post("/check", data=form, content_type="multipart/form-data")
    return answer.status_code, answer.text


def test_number_and_code_as_printed_or_as_one_types_them(client: PageClient, notice: Notice) -> None:
    printed = short_digest(notice.digest)
    typed = notice.number.replace("〔", "(").replace("〕", " )")
    for number, code in (
        (notice.number, printed),
        (typed, printed.lower().replace(" ", "")),
        (typed, notice.digest),
        (typed.replace("号", ""), printed.replace("0", "O").replace("1", "l")),
        (typed.replace(" )", "]第"), printed),
    ):
        status, said = ask(client, number, code)
        assert status == 200
        assert "编号与校验码相符" in said
        assert notice.number in said
        assert "北山镇卫生院" in said
    status, english = ask(client, notice.number, printed, "en")
    assert "this paper was issued" in english
    assert "Patrol advice notice" in english


def test_who_guesses_gets_one_answer_whatever_is_wrong(client: PageClient, notice: Notice) -> None:
    right, never = short_digest(notice.digest), "南卫协建〔2026〕9999号"
    wrong = f"{int(right[0], 16) ^ 1:X}{right[1:]}"
    answers = {
        re.sub("<[^>]*>", "", ask(client, number, code)[1])
        for number, code in ((notice.number, wrong), (never, wrong), (never, right))
    }
    assert len(answers) == 1
    assert "对不上" in answers.pop()
    assert ask(client, notice.number, wrong)[0] == 404
    for short in (right[:14], "", "%", "g" * 16, "\0" * 16):
        assert "相符，确有" not in ask(client, notice.number, short)[1]


def test_a_withdrawn_notice_names_what_took_its_place(
    app: Flask, client: PageClient, county: County, notice: Notice
) -> None:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        services.withdraw_notice(db.session.get_one(Notice, notice.id), "写错", by=by, now=clock.now())
        db.session.commit()
    status, said = ask(client, notice.number, short_digest(notice.digest))
    assert status == 200
    assert "撤回，不再有效" in said
    assert "写错" not in said, "why is between the two sides"


def test_a_file_is_ours_to_the_last_byte_or_it_is_not(client: PageClient, notice: Notice) -> None:
    ours = client.get(f"/n/{notice.token}/notice.pdf").data
    status, said = send(client, ours)
    assert status == 200
    assert "一个字节都没有改过" in said
    assert notice.number in said
    assert "演示用" in said
    status, said = send(client, ours + b"\n")
    assert (status, notice.number in said) == (404, False)
    assert "不是本系统制作的" in said
    assert send(client, b"")[0] == 404


def test_what_is_no_file_or_too_large_is_said(client: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert send(client, b"", name="")[0] == 422
    monkeypatch.setattr("app.seals.public.LARGEST", 1000)
    assert send(client, b"x" * 1001)[0] == 413


def test_a_hand_over_sheet_is_signed_and_checked_like_a_notice(
    app: Flask, client: PageClient, county: County, tmp_path: Path
) -> None:
    with app.app_context():
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        referral: Referral = sent(by, county.villages[0])
        db.session.commit()
        number, code, token = referral.number, short_digest(referral.digest), referral.link.token
    status, said = ask(client, number, code)
    assert status == 200
    assert "案件转交单" in said
    sheet = client.get(f"/r/{token}/sheet.pdf").data
    assert send(client, sheet)[0] == 200
    assert "Signature is Valid." in pdfsig(sheet, tmp_path)


def test_it_needs_no_script_sets_no_cookie_and_is_found_from_the_owners_page(
    client: PageClient, notice: Notice
) -> None:
    owner = client.get(f"/n/{notice.token}")
    assert "/check?number=" in owner.text
    answer = client.get("/check")
    assert "script-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert b"BEGIN CERTIFICATE" in client.get("/seal.pem").data


class TestWhereTriesAreCounted:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, rate_limits=True)

    def test_who_tries_codes_is_slowed_down_and_who_has_one_is_not(
        self, client: PageClient, notice: Notice
    ) -> None:
        right = short_digest(notice.digest)
        for _ in range(35):
            assert ask(client, notice.number, right)[0] == 200
        codes = [ask(client, notice.number, f"{n:016x}")[0] for n in range(31)]
        assert codes == [404] * 30 + [429]

    def test_who_only_opens_the_page_uses_up_nobody_elses_tries(
        self, client: PageClient, notice: Notice
    ) -> None:
        """What all addresses share is taken by wrong tries alone: one visitor cannot close the page for the others."""
        assert client.get("/check").status_code == 200
        assert ask(client, notice.number, short_digest(notice.digest))[0] == 200
        counted = limiter.storage.storage
        assert [key for key in counted if "/600/" in key] == []
        assert ask(client, notice.number, "0" * 16)[0] == 404
        assert [counted[key] for key in counted if "/600/" in key] == [1]


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_is_typed_becomes_a_code_or_nothing(number: str, code: str) -> None:
    assert all(sign.isalnum() for sign in plain_number(number))
    digits = plain_code(code)
    assert digits == "" or (16 <= len(digits) <= 64 and set(digits) <= set("0123456789abcdef"))
    assert plain_code(short_digest("ab" * 32)) == "ab" * 8
