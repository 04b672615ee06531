"""Pages without content, which the phone fills: sound, in the reader's frame, the same for everybody of a role."""

import pytest

from app.core.roles import Role
from app.patrol.worker import SHELLS
from tests.fixtures.signing_in import SignIn


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_is_a_sound_page_of_its_reader(sign_in: SignIn, name: str) -> None:
    client = sign_in(Role.COORDINATOR)
    page = client.page(f"/patrol/shell/{name}.html")
    assert page.all("nav"), "without the frame there is no way on"
    assert client.get(f"/patrol/shell/{name}.html").headers["X-Xuncha-Person"]


@pytest.mark.parametrize("name", ["visit", "finish", "notice"])
def test_who_makes_no_visits_gets_no_shell_of_one(sign_in: SignIn, name: str) -> None:
    page = sign_in(Role.INFORMANT).page(f"/patrol/shell/{name}.html")
    assert page.all("h1")[0].text == "这部手机上没有"


def test_the_place_of_a_shell_can_begin_a_visit(sign_in: SignIn) -> None:
    page = sign_in(Role.COORDINATOR).page("/patrol/shell/file.html")
    assert [form for form in page.all("form") if "data-begins" in form]


def test_the_page_says_what_it_needs_where_scripts_are_off(sign_in: SignIn) -> None:
    page = sign_in(Role.COORDINATOR).page("/patrol")
    assert "支持离线的新版浏览器" in page.text
