"""What a coordinator, an informant and an owner read stays within what they may do (app/web/data/role_words.yaml)."""

from collections.abc import Iterator

import pypdfium2
import pytest
from flask import Flask

from app.core.roles import Role
from app.web.role_words import forbidden_in
from tests.browser.every_page import pages_of, sample_values
from tests.factories.visits import noticed
from tests.fixtures.demo import EATERY
from tests.fixtures.pages import PageClient, parse
from tests.fixtures.signing_in import SignIn

READ = ("aria-label", "alt", "title", "placeholder", "content", "data-words", "data-announce")
FINDINGS = (("CAT-01", "未见许可证"), ("CAT-07", "7 袋面包过期"), ("CAT-09", "两袋面粉直接放在地上"))


def _said(html: str) -> Iterator[str]:
    """Everything a person reads or hears on the page."""
    for element in parse(html).walk():
        if element.tag not in {"script", "style"}:
            yield element.own_text
        yield from (element[name] for name in READ if name in element)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.INFORMANT])
def test_no_page_crosses_the_authority_line(app: Flask, sign_in: SignIn, role: Role) -> None:
    pages = pages_of(app, sign_in(role), role, sample_values(app))
    assert len(pages) > (20 if role is Role.COORDINATOR else 5)
    crossing = [
        f"{page.path} says {'、'.join(words)}: {' '.join(text.split())[:80]}"
        for page in pages
        for text in _said(page.html)
        if (words := forbidden_in(text, role))
    ]
    assert not crossing, "\n".join(dict.fromkeys(crossing))


def test_the_advisory_notice_advises(app: Flask, client: PageClient) -> None:
    notice = noticed(app, EATERY, *FINDINGS)
    page = client.get(f"/n/{notice.token}").get_data(as_text=True)
    assert not [word for text in _said(page) for word in forbidden_in(text, "owner")]
    paper = pypdfium2.PdfDocument(client.get(f"/n/{notice.token}/notice.pdf").get_data())
    text = "".join(sheet.get_textpage().get_text_bounded() for sheet in paper)
    words = forbidden_in("".join(text.split()), "owner")
    assert not words, f"the paper says {words}"
    assert "巡查" in text


def test_an_officer_reads_the_officers_words(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPERVISOR)
    pages = pages_of(app, client, Role.SUPERVISOR, sample_values(app))
    assert any("检查" in page.html for page in pages)
