"""The sender, against a server that fails as real lines do: what was recorded arrives once, whole, in order."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.fixtures.browsers import PHONE
from tests.fixtures.sync_server import SyncServer, serve

MODULES = ("store", "changes", "photos", "outbox", "net", "send_changes", "tidy", "session", "signals")
VISIT = "11111111-1111-4111-8111-111111111111"
MB = 2**20


@pytest.fixture
def server() -> Iterator[SyncServer]:
    with serve() as server:
        yield server


class Phone:
    """A page of a phone; `phone("return await …")` runs there with the modules by name."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(url)

    def __call__(self, body: str, given: object = None) -> Any:
        imports = "".join(f"const {name} = await import('/static/js/offline/{name}.js');" for name in MODULES)
        return self.page.evaluate(f"async (given) => {{ {imports} {body} }}", given)

    def answers(self, item: str, result: str = "conforms") -> str:
        return self(  # type: ignore[no-any-return]
            "return (await changes.record(given)).id",
            {"kind": "answer", "inspection_id": VISIT, "item_id": item, "fields": {"result": result}},
        )

    def takes_photo(self, size: int) -> str:
        """A photo of `size` random bytes; gives its id once it is announced."""
        return self(  # type: ignore[no-any-return]
            """
            const bytes = new Uint8Array(given[1]);
            for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
            const file = new File([bytes], 'a.jpg', {type: 'image/jpeg'});
            const {id} = await photos.keepPhoto({visit: given[0], item: 'i', file});
            while (!(await store.get('photos', id)).sha256) await new Promise((next) => setTimeout(next, 20));
            return id;
            """,
            [VISIT, size],
        )

    def waits(self) -> int:
        return self(
            "const waits = await outbox.pending({id: 'p-1'});"
            "return waits.changes.length + waits.photos.length + waits.notices.length"
        )  # type: ignore[no-any-return]

    def state(self) -> dict[str, Any]:
        return self("return await store.setting('outbox')")  # type: ignore[no-any-return]

    def starts(self) -> None:
        self("outbox.start()")

    def until(self, true: Callable[[], bool], seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"still {self.state()}"
            self.page.wait_for_timeout(50)

    def until_sent(self) -> None:
        """Until nothing waits, and the sender has said how that went."""
        self.until(lambda: self.waits() == 0 and self.state()["kind"] != "sending")


@pytest.fixture
def open_phone(browser: Browser, server: SyncServer) -> Iterator[Callable[[], Phone]]:
    contexts = []

    def open_one() -> Phone:
        contexts.append(browser.new_context(**PHONE))  # type: ignore[arg-type]
        phone = Phone(contexts[-1].new_page(), server.url)
        phone("await session.arrived({id: 'p-1', name: '某协管'}, 1)")
        return phone

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def phone(open_phone: Callable[[], Phone]) -> Phone:
    return open_phone()


def test_answers_go_first_then_photos_the_smallest_first(phone: Phone, server: SyncServer) -> None:
    large, small = phone.takes_photo(3 * MB), phone.takes_photo(1000)
    first, second = phone.answers("i-1"), phone.answers("i-2")
    phone.starts()
    phone.until_sent()
    assert [one for one in server.order if one in {large, small, first, second}] == [
        first,
        second,
        small,
        large,
    ]
    assert server.whole(large)
    assert server.whole(small)
    assert phone.state()["kind"] == "ok"
    received = phone("return (await store.all('photos')).map((row) => [row.state, row.last_error])")
    assert received == [["received", None]] * 2


@pytest.mark.parametrize(
    "failure", ["drop", "lost", "half", "cut", "no results", "hotel", "redirect", "429", "500", "502"]
)
def test_whatever_goes_wrong_is_named_and_sent_again(phone: Phone, server: SyncServer, failure: str) -> None:
    kinds = {"drop": "offline", "lost": "offline", "half": "half", "cut": "half", "no results": "half"}
    kinds |= {"hotel": "portal", "redirect": "portal", "429": "busy", "500": "server", "502": "server"}
    phone("globalThis.seen = []; signals.hear('outbox', (state) => state && seen.push(state.kind))")
    server.fail("/sync/changes", failure)
    made = phone.answers("i-1")
    phone.starts()
    phone.until_sent()
    assert list(server.changes) == [made]
    assert kinds[failure] in phone("return seen")
    assert phone.state()["kind"] == "ok"


@pytest.mark.parametrize("failure", ["drop", "lost", "half", "cut", "hotel", "413", "429", "500", "502"])
def test_a_photo_goes_on_where_it_stopped(phone: Phone, server: SyncServer, failure: str) -> None:
    photo = phone.takes_photo(2 * MB)
    phone.starts()
    server.slow = 0.2
    phone.until(lambda: len(server.photos.get(photo, b"")) >= MB)
    server.fail("/sync/photos/", failure)
    phone.until_sent()
    assert server.whole(photo)
    assert server.order.count(photo) == 1
    assert sum(call.startswith("PUT") for call in server.calls) <= 12


def test_without_any_connection_everything_waits_and_says_so(phone: Phone, server: SyncServer) -> None:
    phone.starts()
    phone.until(lambda: (phone.state() or {}).get("kind") == "ok")
    phone.page.context.set_offline(True)
    made = phone.answers("i-1")
    phone.until(lambda: phone.state()["kind"] == "offline")
    assert phone.waits() == 1
    phone.page.context.set_offline(False)  # the browser's own event wakes the sender
    phone.until_sent()
    assert list(server.changes) == [made]


def test_a_session_that_ended_keeps_everything_and_goes_on_after_sign_in(
    phone: Phone, server: SyncServer
) -> None:
    server.person = None
    phone.answers("i-1")
    phone.starts()
    phone.until(lambda: (phone.state() or {}).get("kind") == "sign_in")
    assert server.changes == {}
    server.person = {"id": "p-1", "name": "某协管"}
    phone.page.reload()
    phone.starts()
    phone.until_sent()
    assert len(server.changes) == 1


def test_the_work_of_a_closed_account_is_handed_in_for_the_supervisor(
    phone: Phone, server: SyncServer
) -> None:
    phone.starts()
    phone.until(lambda: (phone.state() or {}).get("kind") == "ok")  # signed in for the last time
    phone.page.context.set_offline(True)
    answer, photo = phone.answers("i-1"), phone.takes_photo(MB)
    server.person, server.closed = None, True
    phone.page.context.set_offline(False)
    phone.page.reload()
    phone.starts()
    phone.until_sent()
    assert answer in server.held
    assert server.whole(photo)
    assert f"PUT /sync/deposit/photos/{photo}" in server.calls
    assert phone("return (await store.get('changes', given)).state", answer) == "held"


def test_another_persons_session_does_not_send_this_work(phone: Phone, server: SyncServer) -> None:
    phone.answers("i-1")
    server.person = {"id": "p-2", "name": "另一位"}
    phone.starts()
    phone.until(lambda: (phone.state() or {}).get("kind") == "ok")
    assert server.changes == {}
    assert not any("changes" in call for call in server.calls)
    server.person = {"id": "p-1", "name": "某协管"}
    phone("await outbox.wake({force: true})")
    phone.until(lambda: len(server.changes) == 1)


def test_a_large_batch_is_divided_until_it_passes(phone: Phone, server: SyncServer) -> None:
    phone(
        """
        const note = (n) => ({kind: 'note', inspection_id: given, item_id: `${n}`, fields: {note: 'x'}});
        await changes.recordAll([...Array(40).keys()].map(note));
        """,
        VISIT,
    )
    server.fail("/sync/changes", "413", "413")
    phone.starts()
    phone.until_sent()
    assert [change["seq"] for change in server.changes.values()] == list(range(1, 41))
    assert server.calls.count("POST /sync/changes") > 3


def test_one_refused_change_blocks_nothing_and_stays_with_its_reason(
    phone: Phone, server: SyncServer
) -> None:
    server.statuses["note"] = ["refused"]
    phone(
        "await changes.record({kind: 'note', inspection_id: given, item_id: 'a', fields: {note: 'x'}})", VISIT
    )
    phone.answers("i-1")
    phone.starts()
    phone.until_sent()
    assert [change["kind"] for change in server.changes.values()] == ["answer"]
    [refused] = phone("return (await outbox.pending({id: 'p-1'})).refused")
    assert refused["last_error"]["text"] == "because refused"


def test_what_waits_for_something_else_is_asked_again(phone: Phone, server: SyncServer) -> None:
    server.statuses["answer"] = ["waiting", "waiting"]
    phone.answers("i-1")
    phone.starts()
    phone.until_sent()
    assert server.calls.count("POST /sync/changes") == 3


def test_a_notice_goes_before_the_photos_that_were_announced_with_its_visit(phone: Phone, server: SyncServer) -> None:
    phone(
        """
        await store.put('notices', {id: 'n-1', person: 'p-1', inspection_id: given, number: '12', state: 'waiting'});
        await store.put('numbers', {number: '12', state: 'used'});
        await changes.record({kind: 'notice_issue', inspection_id: given, fields: {notice_id: 'n-1', number: '12'}});
        """,
        VISIT,
    )
    photo = phone.takes_photo(MB)
    phone.starts()
    phone.until_sent()
    assert [server.changes[one]["kind"] for one in server.order[:-1]] == ["photo_announced", "notice_issue"]
    assert server.order[-1] == photo
    assert phone(
        "return [(await store.get('notices', 'n-1')).state, (await store.get('numbers', '12')).state]"
    ) == ["sent", "sent"]


def test_an_answer_given_while_a_photo_goes_is_sent_before_the_next_photo(
    phone: Phone, server: SyncServer
) -> None:
    one, other = phone.takes_photo(MB), phone.takes_photo(2 * MB)
    server.slow = 0.6
    phone.starts()
    phone.until(lambda: f"PUT /sync/photos/{one}" in server.calls)
    answer = phone.answers("i-1")
    phone.until_sent()
    assert server.order[-3:] == [one, answer, other]


@pytest.mark.parametrize("locks", ["the browser's locks", "the lease in the storage"])
def test_two_pages_send_one_at_a_time(phone: Phone, server: SyncServer, locks: str) -> None:
    if locks != "the browser's locks":
        phone.page.context.add_init_script("Object.defineProperty(navigator, 'locks', {value: undefined})")
        phone.page.reload()
    other = Phone(phone.page.context.new_page(), server.url)
    for _n in range(3):
        phone.takes_photo(MB)
    server.slow = 0.2
    phone.starts()
    other.starts()
    phone.until_sent()
    assert server.most_at_once == 1
    assert sum(call.startswith("PUT") for call in server.calls) == 3


def test_bytes_that_are_gone_are_told_and_do_not_stop_the_rest(phone: Phone, server: SyncServer) -> None:
    lost, fine = phone.takes_photo(1000), phone.takes_photo(2000)
    phone("await store.remove('blobs', given)", lost)
    phone.starts()
    phone.until_sent()
    assert server.whole(fine)
    [refused] = phone("return (await outbox.pending({id: 'p-1'})).refused")
    assert (refused["id"], refused["last_error"]["kind"]) == (lost, "gone")


def test_a_confirmed_photo_stays_for_the_grace_period_and_an_open_visit_keeps_its_changes(
    phone: Phone, server: SyncServer
) -> None:
    phone("await store.put('visits', {id: given, person: 'p-1', status: 'open'})", VISIT)
    phone.takes_photo(1000)
    phone.answers("i-1")
    phone.starts()
    phone.until_sent()
    stores = """
        const names = ['blobs', 'photos', 'changes'];
        return await Promise.all(names.map(async (name) => (await store.all(name)).length));
    """
    assert phone(stores) == [1, 1, 2]
    phone("await tidy.tidy(0)")
    assert phone(stores) == [0, 1, 2]
    phone(
        "await store.put('visits', {id: given, person: 'p-1', status: 'finished'}); await tidy.tidy(0)", VISIT
    )
    assert phone(stores) == [0, 0, 0]


def test_a_line_that_breaks_now_and_then_is_not_left_alone_for_longer_and_longer(
    phone: Phone, server: SyncServer
) -> None:
    photo = phone.takes_photo(3 * MB)
    phone(
        "signals.hear('outbox', (state) => state?.next_at && (globalThis.pauses ??= []).push(state.next_at - state.at))"
    )
    pieces = 0

    def breaks_every_other(path: str) -> str | None:
        nonlocal pieces
        pieces += path.startswith("/sync/photos/")
        return "drop" if path.startswith("/sync/photos/") and pieces % 3 == 0 else None

    server.next_failure = breaks_every_other  # type: ignore[method-assign]
    phone.starts()
    phone.until_sent()
    assert server.whole(photo)
    assert max(phone("return pauses")) < 2000


def test_the_clock_of_the_phone_is_compared_with_the_server(phone: Phone) -> None:
    phone.page.evaluate("const now = Date.now; Date.now = () => now() + 600000")
    phone.starts()
    phone.until(lambda: (phone.state() or {}).get("kind") == "ok")
    offset = phone("return await store.setting('clock_offset_ms')")
    assert abs(offset - 600_000) < 5000
    phone.answers("i-1")
    assert phone("return (await changes.changesOf(given))[0].offset_ms", VISIT) == offset


def test_pauses_grow_to_five_minutes_and_keep_to_what_the_server_asks(phone: Phone) -> None:
    pauses = phone(
        "return [1, 2, 5, 30].map((n) => outbox.pause(n, 0, 0.5)).concat(outbox.pause(1, 90, 0.5))"
    )
    assert pauses == [1000, 2000, 16000, 300000, 90000]
