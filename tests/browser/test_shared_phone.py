"""One phone, several people: what one of them recorded is locked before the next one works, and sent for its owner."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from app.core.roles import Role
from tests.fixtures.signing_in import SignIn

VISIT = "11111111-1111-4111-8111-111111111111"
RECORD = """
async (given) => {
  const changes = await import('/static/js/offline/changes.js');
  const photos = await import('/static/js/offline/photos.js');
  const store = await import('/static/js/offline/store.js');
  const {id: person} = await (await import('/static/js/offline/session.js')).here();
  await store.put('visits', {id: given, person, premises: {name: '平安饭店'}, status: 'open', base: null});
  for (const note of ['秘密一', '秘密二']) {
    await changes.record({kind: 'note', inspection_id: given, item_id: note, fields: {note, phrases: []}});
  }
  const file = new File(['秘密照片'], 'a.heic', {type: 'image/heic'});
  const {id} = await photos.keepPhoto({visit: given, file});
  while (!(await store.get('thumbs', id))) await new Promise((next) => setTimeout(next, 20));
}
"""
ROWS = """
async () => {
  const store = await import('/static/js/offline/store.js');
  const count = async (name) => (await store.all(name)).length;
  const names = ['changes', 'photos', 'blobs', 'thumbs', 'visits', 'notices', 'sealed'];
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await count(name)])));
}
"""
OPEN = {"changes": 3, "photos": 1, "blobs": 1, "thumbs": 1, "visits": 1, "notices": 0, "sealed": 0}
LOCKED = {"changes": 0, "photos": 0, "blobs": 0, "thumbs": 0, "visits": 0, "notices": 0, "sealed": 7}
DUMP = """
async () => {
  const store = await import('/static/js/offline/store.js');
  const rows = (await Promise.all(['changes', 'photos', 'visits', 'sealed'].map((name) => store.all(name)))).flat();
  const blobs = rows.map((row) => row.data).filter(Boolean);
  return JSON.stringify(rows) + (await Promise.all(blobs.map((blob) => blob.text()))).join('');
}
"""
KEYS = (
    "async () => Object.keys(await (await import('/static/js/offline/store.js')).setting('key') ?? {}).length"
)


class Line:
    """What is recorded reaches no server until `opened`; then `received` holds it."""

    def __init__(self, page: Page) -> None:
        self.is_open = False
        self.received: list[dict[str, Any]] = []
        page.route("**/sync/changes", self._changes)
        page.route("**/sync/photos/*", self._photo)

    def _changes(self, route: Route) -> None:
        if not self.is_open:
            return route.fulfill(status=502, body="<h1>502</h1>")
        changes = json.loads(route.request.post_data or "{}")["changes"]
        self.received += changes
        results = [{"id": change["id"], "status": "received"} for change in changes]
        return self._ours(route, results=results)

    def _photo(self, route: Route) -> None:
        sha256 = route.request.headers.get("x-sha256", "")
        if route.request.method == "GET":
            return self._ours(route, received=False, offset=0)
        return self._ours(route, received=True, offset=1, sha256=sha256)

    def _ours(self, route: Route, **facts: object) -> None:
        route.fulfill(json={"xuncha": "sync", **facts}, headers={"X-Xuncha": "sync"})


@pytest.fixture
def phone(page_as: Callable[..., Page]) -> Page:
    return page_as(Role.COORDINATOR)


@pytest.fixture
def line(phone: Page) -> Line:
    return Line(phone)


@pytest.fixture
def sign_in_as(phone: Page, sign_in: SignIn) -> Callable[[Role], None]:
    def change(role: Role) -> None:
        cookie = sign_in.cookie(role)
        phone.context.clear_cookies()
        entry = {"name": cookie.key, "value": cookie.value, "domain": "localhost", "path": "/"}
        phone.context.add_cookies([entry])  # type: ignore[list-item]

    return change


def until(phone: Page, what: str, value: object) -> None:
    """Until `what`, an async function, gives `value` on the page."""
    end = time.monotonic() + 20
    while (found := phone.evaluate(what)) != value:
        assert time.monotonic() < end, f"still {found}"
        phone.wait_for_timeout(50)


def ready(phone: Page) -> None:
    """The phone has heard from the server who is signed in."""
    until(phone, KEYS, 1)


def test_signing_out_with_unsent_work_says_what_is_left(phone: Page, line: Line) -> None:
    phone.goto("/me")
    phone.evaluate(RECORD, VISIT)
    phone.get_by_role("button", name="退出登录").click()
    expect(phone.locator("#leaving-title")).to_have_text("还有 1 张照片、2 条记录没有送达")
    phone.get_by_role("button", name="不退出").click()
    expect(phone.locator("#leaving")).to_be_hidden()
    assert phone.evaluate(ROWS) == OPEN
    phone.goto("/me")
    expect(phone.get_by_role("button", name="退出登录")).to_be_visible()  # still signed in


def test_what_can_be_sent_is_sent_first(phone: Page, line: Line) -> None:
    phone.goto("/me")
    phone.evaluate(RECORD, VISIT)
    phone.get_by_role("button", name="退出登录").click()
    line.is_open = True
    phone.get_by_role("button", name="立即发送").click()
    expect(phone.locator("#leaving-title")).to_have_text("已全部送达，可以退出登录了。")
    assert [change["fields"].get("note") for change in line.received] == ["秘密一", "秘密二", None]


def test_locked_work_is_unreadable_and_goes_on_when_its_owner_is_back(
    phone: Page, line: Line, sign_in_as: Callable[[Role], None]
) -> None:
    phone.goto("/me")
    ready(phone)
    phone.evaluate(RECORD, VISIT)
    phone.get_by_role("button", name="退出登录").click()
    phone.get_by_role("button", name="上锁并退出").click()
    phone.wait_for_url("**/sign-in**")
    assert phone.evaluate(ROWS) == LOCKED
    assert "秘密" not in phone.evaluate(DUMP)
    assert phone.evaluate(KEYS) == 0

    sign_in_as(Role.SUPERVISOR)
    line.is_open = True
    phone.goto("/")
    expect(phone.locator("#sync[data-known]")).to_have_text("✓ 全部已送达")
    ready(phone)
    assert phone.evaluate(ROWS) == LOCKED
    assert line.received == []

    sign_in_as(Role.COORDINATOR)
    phone.goto("/")
    until(phone, f"async () => (await ({ROWS})()).sealed", 0)
    expect(phone.locator("#sync[data-known]")).to_have_text("✓ 全部已送达")
    assert [change["fields"].get("note") for change in line.received] == ["秘密一", "秘密二", None]


def test_whoever_signs_in_without_the_other_signing_out_sees_nothing_and_it_is_locked(
    phone: Page, line: Line, sign_in_as: Callable[[Role], None]
) -> None:
    phone.goto("/me")
    ready(phone)
    phone.evaluate(RECORD, VISIT)
    sign_in_as(Role.SUPERVISOR)
    phone.goto("/")
    assert (
        phone.evaluate("async (v) => (await import('/static/js/offline/changes.js')).changesOf(v)", VISIT)
        == []
    )
    assert (
        phone.evaluate("async (v) => (await import('/static/js/offline/photos.js')).photosOf(v)", VISIT) == []
    )
    expect(phone.locator("#sync[data-known]")).to_have_text("✓ 全部已送达")
    until(phone, ROWS, LOCKED)


def test_a_kill_in_the_middle_of_locking_is_made_up_for(
    phone: Page, line: Line, sign_in_as: Callable[[Role], None]
) -> None:
    phone.goto("/me")
    ready(phone)
    phone.evaluate(RECORD, VISIT)
    phone.evaluate(
        """async () => {
          const {left} = await import('/static/js/offline/session.js');
          const {seal} = await import('/static/js/offline/sealing.js');
          await left(Date.now());
          await seal((done) => { if (done === 3) throw new Error('killed'); }).catch(() => {});
        }"""
    )
    assert phone.evaluate(ROWS)["sealed"] == 3
    sign_in_as(Role.SUPERVISOR)
    phone.goto("/")
    until(phone, ROWS, LOCKED)


def test_signing_out_needs_a_signal(phone: Page, line: Line) -> None:
    phone.goto("/me")
    ready(phone)
    phone.evaluate(RECORD, VISIT)
    phone.context.set_offline(True)
    phone.get_by_role("button", name="退出登录").click()
    expect(phone.locator("#problem")).to_contain_text("退出登录需要有信号")
    assert phone.evaluate(ROWS) == OPEN


def test_at_an_address_that_cannot_lock_unsent_work_keeps_its_person(phone: Page, line: Line) -> None:
    phone.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    phone.goto("/me")
    phone.evaluate(RECORD, VISIT)
    phone.get_by_role("button", name="退出登录").click()
    expect(phone.locator("#leaving")).to_contain_text("不能上锁")
    expect(phone.get_by_role("button", name="上锁并退出")).to_be_hidden()
    line.is_open = True
    phone.get_by_role("button", name="立即发送").click()
    phone.get_by_role("button", name="上锁并退出").click()
    phone.wait_for_url("**/sign-in**")
    assert set(phone.evaluate(ROWS).values()) == {0}
