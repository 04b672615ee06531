"""What every page for strangers keeps to, right address or wrong: no script, no cookie, no search engine."""

import pytest

from tests.fixtures.pages import PageClient

PATHS = (
    "/check",
    "/complain",
    "/complain/state",
    "/n/wrong",
    "/n/wrong/feedback",
    "/n/wrong/reply/1",
    "/n/wrong/visited",
    "/r/wrong",
    "/r/wrong/sheet.pdf",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_strangers_page_runs_no_script_sets_no_cookie_and_is_never_indexed(client: PageClient, path: str) -> None:
    client.checks = False
    headers = client.get(path).headers
    assert headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "script-src 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("path", ["/check", "/n/wrong", "/r/wrong"])
def test_its_language_is_the_addresss_own(client: PageClient, path: str) -> None:
    client.checks = False
    client.set_cookie("lang", "en")
    assert 'lang="zh-Hans-CN"' in client.get(path).text
    assert 'lang="en"' in client.get(f"{path}?lang=en").text
