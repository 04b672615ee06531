"""Whether a page waits for the server's word before it shows the phone's own: only while there is hope."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.fixtures.browsers import PHONE
from tests.fixtures.sync_server import serve

TRY = """async ([sent, kinds]) => {
  const { untilSent } = await import("/static/js/offline/waiting.js");
  const { tell } = await import("/static/js/offline/signals.js");
  let over = false;
  untilSent(() => sent, 60_000).then(() => { over = true; });
  for (const kind of kinds) tell("outbox", kind && { kind });
  await new Promise((done) => { setTimeout(done, 200); });
  return over;
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with serve() as server:
        context = browser.new_context(**PHONE)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(server.url)
        yield page
        context.close()


@pytest.mark.parametrize(
    ("sent", "kinds", "over"),
    [
        (False, [], False),
        (False, ["sending", None], False),
        (True, ["sending"], True),
        (False, ["sending", "offline"], True),
        (False, ["sign_in"], True),
    ],
)
def test_with_a_connection_it_waits_until_it_is_sent_or_the_outbox_gives_up(
    page: Page, sent: bool, kinds: list[str | None], over: bool
) -> None:
    assert page.evaluate(TRY, [sent, kinds]) is over


def test_without_a_connection_nobody_waits(page: Page) -> None:
    page.evaluate("import('/static/js/offline/waiting.js')")
    page.context.set_offline(True)
    assert page.evaluate(TRY, [False, []]) is True
