"""axe-core finds nothing on any page: every role, light and dark.

Markup and colours are the same in both languages: every page is looked at in the first one, strangers' pages in both
(their language goes by the address). That English pages have all their words is an invariant of its own.
"""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page

from app.core.roles import Role
from app.core.settings import project_root
from tests.browser.every_page import pages_of, paths_of, sample_values
from tests.fixtures.pages import PageClient
from tests.fixtures.signing_in import SignIn

AXE = project_root() / "node_modules" / "axe-core" / "axe.min.js"
READERS = [Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.INFORMANT, None]
RUN = """async (asked) => {
  await Promise.all(document.getAnimations().map((change) => change.finished.catch(() => 0)));  // colours come to rest
  const found = await axe.run(document, { ...asked, resultTypes: ["violations"], preload: false });
  const told = (node) => `${node.target.join(" ")} ${node.failureSummary.split("\\n")[1] || ""}`;
  return found.violations.map((rule) => `${rule.id} (${rule.impact}): ` + rule.nodes.slice(0, 3).map(told).join(" | "));
}"""


CONTRAST = {"runOnly": ["color-contrast"]}
NO_CONTRAST = {"rules": {"color-contrast": {"enabled": False}}}


def _complaints(page: Page, path: str, *, colours: bool) -> list[str]:
    """Everything in the light; colours once more in the dark."""
    page.emulate_media(color_scheme="light")
    page.goto(path)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = [f"{path} light: {line}" for line in page.evaluate(RUN, {} if colours else NO_CONTRAST)]
    if not colours:
        return found
    page.emulate_media(color_scheme="dark")
    return found + [f"{path} dark: {line}" for line in page.evaluate(RUN, CONTRAST)]


@pytest.mark.parametrize(
    ("reader", "language"),
    [*((reader, "zh_Hans_CN") for reader in READERS), (None, "en")],
    ids=lambda value: str(value or "stranger"),
)
def test_axe_finds_nothing(
    app: Flask,
    client: PageClient,
    sign_in: SignIn,
    open_context: Callable[..., BrowserContext],
    reader: Role | None,
    language: str,
) -> None:
    """Pages that several roles share are looked at once: with the first of READERS that may open them."""
    assert AXE.is_file(), "axe-core is missing: make test-browser installs it"
    samples = sample_values(app)
    mine = {page.path for page in pages_of(app, sign_in(reader) if reader else client, reader, samples)}
    for other in READERS[: READERS.index(reader)]:
        mine -= {*paths_of(app, other, samples)} - {"/"}
    context = open_context(bypass_csp=True)
    cookies: list[Any] = [{"name": "language", "value": language, "domain": "localhost", "path": "/"}]
    if reader:
        cookie = sign_in.cookie(reader)
        cookies.append({"name": cookie.key, "value": cookie.value, "domain": "localhost", "path": "/"})
    context.add_cookies(cookies)
    page = context.new_page()
    tail = {"en": "?lang=en"}.get(
        language, ""
    )  # the owner's page goes by its address, the others by the cookie
    paths = [path + (tail if path.startswith("/n/") else "") for path in sorted(mine)]
    complaints = [line for path in paths for line in _complaints(page, path, colours=language != "en")]
    assert not complaints, f"{len(complaints)} complaints on {len(mine)} pages\n" + "\n".join(complaints)
