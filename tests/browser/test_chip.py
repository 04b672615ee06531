"""The chip on every page and the outbox page: what waits, why, and what to do about it."""

import io
import json
import tarfile
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.core.roles import Role
from tests.fixtures.browsers import PHONE, LiveServer, launch
from tests.fixtures.signing_in import SignIn

VISIT = "11111111-1111-4111-8111-111111111111"
OUTBOX = "/outbox"
RECORD = """
async (given) => {
  const changes = await import('/static/js/offline/changes.js');
  const photos = await import('/static/js/offline/photos.js');
  const store = await import('/static/js/offline/store.js');
  await store.put('visits', {id: given, premises: {name: '平安饭店'}, status: 'open', base: null});
  const answer = {kind: 'answer', inspection_id: given, fields: {result: 'conforms'}};
  const one = () => ({...answer, item_id: crypto.randomUUID()});
  await changes.recordAll([one(), one()]);
  const file = new File([new Uint8Array(2 ** 20)], 'a.heic', {type: 'image/heic'});
  const {id} = await photos.keepPhoto({visit: given, file});
  while (!(await store.get('photos', id)).sha256) await new Promise((next) => setTimeout(next, 20));
}
"""

FULL = """
async (visit) => {
  const photos = await import('/static/js/offline/photos.js');
  const file = new File([new Uint8Array(40 * 2 ** 20)], 'b.heic', {type: 'image/heic'});
  return photos.keepPhoto({visit, file}).then(() => 'kept', (error) => error.name);
}
"""


@pytest.fixture
def phone(page_as: Callable[..., Page]) -> Page:
    """A coordinator's phone that keeps its line but reaches no server with what it records."""
    page = page_as(Role.COORDINATOR)
    page.route("**/sync/**", lambda route: route.fulfill(status=502, body="<h1>502</h1>"))
    return page


def test_the_chip_says_on_every_page_what_waits(phone: Page) -> None:
    phone.goto("/")
    expect(phone.locator("#sync[data-known]")).to_have_text("✓ 全部已送达")
    phone.evaluate(RECORD, VISIT)
    expect(phone.locator("#sync")).to_have_text("⇡ 3 条待发")
    phone.goto("/premises")
    expect(phone.locator("#sync")).to_have_text("⇡ 3 条待发")
    phone.context.set_offline(True)
    expect(phone.locator("#sync")).to_have_text("无信号 · 已存 3")


def test_the_outbox_shows_each_visit_and_photo_with_its_reason(phone: Page) -> None:
    phone.goto("/")
    phone.evaluate(RECORD, VISIT)
    phone.goto(OUTBOX)
    expect(phone.locator("#outbox-state h2")).to_have_text("3 条待发 · 共 1.0 MB")
    expect(phone.locator("#outbox-state")).to_contain_text("服务器暂时没能收下，会自动再试。")
    expect(phone.locator("#outbox-list")).to_contain_text("平安饭店")
    expect(phone.locator("#outbox-list .row")).to_have_count(2)
    expect(phone.locator("#outbox-list .row").nth(1)).to_contain_text("照片 1")


def test_send_now_does_not_wait_for_the_next_try(phone: Page) -> None:
    asked: list[str] = []
    phone.goto("/")
    phone.evaluate(RECORD, VISIT)
    phone.goto(OUTBOX)
    expect(phone.locator("#outbox-state")).to_contain_text("后再试")
    phone.on("request", lambda request: asked.append(request.url))
    with phone.expect_request("**/sync/**", timeout=900):
        phone.get_by_role("button", name="立即发送").click()


def test_what_the_server_refused_is_shown_until_the_person_removes_it(phone: Page) -> None:
    phone.goto("/")
    phone.evaluate(RECORD, VISIT)
    phone.evaluate(
        """async () => {
          const store = await import('/static/js/offline/store.js');
          const [row] = (await store.all('changes')).filter((one) => one.kind === 'answer');
          await store.put('changes', {...row, state: 'refused', last_error: {kind: 'refused', text: '没有这一项。'}});
        }"""
    )
    phone.goto(OUTBOX)
    expect(phone.locator("#sync")).to_have_text("! 1 条未收下")
    expect(phone.locator("#outbox-list")).to_contain_text("没有这一项。")
    phone.get_by_text("从手机上移除").click()
    phone.get_by_role("button", name="确定移除").click()
    expect(phone.locator("#sync")).to_have_text("⇡ 2 条待发")


def test_the_rescue_file_holds_everything_that_waits(phone: Page) -> None:
    phone.goto("/")
    phone.evaluate(RECORD, VISIT)
    phone.goto(OUTBOX)
    with phone.expect_download() as download:
        phone.get_by_role("button", name="保存救援文件").click()
    name = download.value.suggested_filename
    assert name.startswith("xuncha-rescue-20")
    assert name.endswith(".tar")
    with tarfile.open(download.value.path()) as tar:
        manifest = json.loads(tar.extractfile("manifest.json").read())  # type: ignore[union-attr]
        [photo] = manifest["photos"]
        assert tar.extractfile(f"photos/{photo['id']}").read() == bytes(2**20)  # type: ignore[union-attr]
        assert [member.name for member in tar.getmembers()] == ["manifest.json", f"photos/{photo['id']}"]
    assert [change["kind"] for change in manifest["changes"]] == ["answer", "answer", "photo_announced"]
    assert manifest["changes"][2]["fields"]["sha256"] == photo["sha256"]
    assert manifest["person"]["name"]


def test_a_tar_of_odd_sizes_is_read_by_others(phone: Page) -> None:
    phone.goto("/")
    data = phone.evaluate(
        """async () => {
          const {tarOf} = await import('/static/js/offline/rescue.js');
          const sizes = [0, 1, 511, 512, 513, 100000];
          const file = (size) => ({name: `f/${size}`, blob: new Blob([new Uint8Array(size).fill(7)])});
          const blob = tarOf(sizes.map(file));
          return [...new Uint8Array(await blob.arrayBuffer())];
        }"""
    )
    with tarfile.open(fileobj=io.BytesIO(bytes(data))) as tar:
        sizes = {member.name: len(tar.extractfile(member).read()) for member in tar}  # type: ignore[union-attr]
    assert sizes == {f"f/{size}": size for size in (0, 1, 511, 512, 513, 100000)}


@pytest.fixture
def telling(browser: Browser, live_server: LiveServer, sign_in: SignIn) -> Iterator[Page]:
    """A phone whose browser says how much room there is. Newer Chromium answers "10 GiB more" whatever is true."""
    chromium = launch(browser.browser_type, "--disable-features=StaticStorageQuota")
    context = chromium.new_context(base_url=live_server.url, **PHONE)  # type: ignore[arg-type]
    cookie = sign_in.cookie(Role.COORDINATOR)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "domain": "localhost", "path": "/"}])
    page = context.new_page()
    page.route("**/sync/**", lambda route: route.fulfill(status=502, body="<h1>502</h1>"))
    yield page
    chromium.close()


def test_low_space_is_told_while_there_is_time_once_an_hour(telling: Page) -> None:
    phone = telling
    phone.goto("/")
    origin = phone.evaluate("location.origin")
    line = phone.context.new_cdp_session(phone)  # as long as it is open the browser has no more than this to give
    line.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 150 * 2**20})
    phone.evaluate(RECORD, VISIT)
    assert phone.evaluate("navigator.storage.estimate().then(({ quota }) => quota)") == 150 * 2**20
    expect(phone.locator("#problem")).to_contain_text("手机空间不多了")
    phone.goto(OUTBOX)
    expect(phone.locator("#outbox-notes")).to_contain_text("手机空间不多了")
    expect(phone.locator("#problem")).to_be_hidden()
    line.send("Storage.overrideQuotaForOrigin", {"origin": origin})
    phone.reload()
    expect(phone.locator("#outbox-notes")).not_to_contain_text("手机空间不多了")


def test_a_photo_that_no_longer_fits_is_refused_and_what_was_kept_stays(phone: Page, live_server: LiveServer) -> None:
    line = phone.context.new_cdp_session(phone)  # before the first page: the browser remembers its answer for a while
    line.send("Storage.overrideQuotaForOrigin", {"origin": live_server.url, "quotaSize": 30 * 2**20})
    phone.goto("/")
    phone.evaluate(RECORD, VISIT)
    assert phone.evaluate(FULL, VISIT) == "StorageFull"
    phone.goto(OUTBOX)
    expect(phone.locator("#outbox-state h2")).to_have_text("3 条待发 · 共 1.0 MB")


def test_a_browser_that_keeps_nothing_says_so_and_works_as_before(page_as: Callable[..., Page]) -> None:
    page = page_as(Role.COORDINATOR)
    page.add_init_script("Object.defineProperty(globalThis, 'indexedDB', {value: undefined})")
    page.goto(OUTBOX)
    expect(page.locator("#outbox-state")).to_contain_text("浏览器不能在手机上保存内容")
    expect(page.locator("#sync[data-known]")).to_have_text("✓ 全部已送达")
