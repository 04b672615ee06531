"""A person's day over the vector map of the county in a real browser, and the drawing that stays where no map comes."""

from collections.abc import Callable
from dataclasses import replace

from flask import Flask
from playwright.sync_api import Browser, Page, expect

from app.accounts.models import Person
from app.core.roles import Role
from tests.fixtures.browsers import PHONE, LiveServer, launch
from tests.fixtures.signing_in import SignIn
from tests.fixtures.tiles import tile_server

FAILED = "地图没有出来"


def set_map(app: Flask, address: str, **more: str) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], map_tiles=address, **more)


def stays_drawn(page: Page) -> None:
    expect(page.locator("[data-map-said]")).to_contain_text(FAILED)
    expect(page.locator("svg.map")).to_be_visible()
    expect(page.locator(".ground-map")).to_have_count(0)


def test_a_day_lies_over_the_vector_map_and_stays_drawn_without_it(
    tour: Person, app: Flask, live_server: LiveServer, browser: Browser, page_as: Callable[..., Page], sign_in: SignIn
) -> None:
    day = f"/photo-log/people/{tour.id}?on=2026-11-20"
    page = page_as(Role.SUPERVISOR, service_workers="block")
    with tile_server(30.0, 120.0) as server:
        set_map(app, server("/style.json"), map_credit="示范县地图")
        page.goto(day)
        marks = page.locator(".ground-stop")
        expect(marks.first).to_be_visible()
        expect(marks).to_have_text(["1", "2"])
        expect(page.locator("svg.map")).to_be_hidden()
        expect(page.get_by_text("示范县地图© 演示地图")).to_be_visible()
        assert page.locator("[data-map-said]").text_content() == ""
        marks.nth(1).press("Enter")
        page.wait_for_url("**#stop-2")

        for broken in ("/gone.json", "/blank.json", "/gone/{z}/{x}/{y}.jpg"):
            set_map(app, server(broken))
            page.goto(day)
            stays_drawn(page)
        expect(page.locator("svg.map image")).to_have_count(0)
        asked = [path for path in server.asked if path.startswith("/tiles/")]
        # a style whose tiles lie under another name of the same server: refused, which is no fault here
        set_map(app, server("/far.json"))
        far = signed_in(browser, live_server, sign_in)
        far.goto(day)
        stays_drawn(far)
        far.context.close()
    assert asked and [path for path in server.asked if path.startswith("/tiles/")] == asked
    page.goto(day)  # the server is off now
    stays_drawn(page)

    blind = launch(browser.browser_type, "--disable-3d-apis")
    page = signed_in(blind, live_server, sign_in)
    page.goto(day)
    stays_drawn(page)
    blind.close()


def signed_in(browser: Browser, live_server: LiveServer, sign_in: SignIn) -> Page:
    """The supervisor's phone, not watched for refusals."""
    phone = browser.new_context(base_url=live_server.url, service_workers="block", **PHONE)  # type: ignore[arg-type]
    cookie = sign_in.cookie(Role.SUPERVISOR)
    phone.add_cookies([{"name": cookie.key, "value": cookie.value, "domain": "localhost", "path": "/"}])
    return phone.new_page()
