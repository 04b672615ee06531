"""What the phone keeps: asked of the modules themselves, in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

MODULES = ("store", "changes", "photos", "space")
Phone = Callable[..., Any]
VISIT = "11111111-1111-4111-8111-111111111111"
ITEM = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def phone(page: Page) -> Phone:
    """`phone("return await store.setting('seq')", given)`: run on a page of ours with the modules by name."""
    page.goto("/sign-in")

    def run(body: str, given: object = None) -> Any:
        imports = "".join(f"const {name} = await import('/static/js/offline/{name}.js');" for name in MODULES)
        return page.evaluate(f"async (given) => {{ {imports} {body} }}", given)

    run("await store.setSetting('person', {id: 'p-1', name: '某协管'})")
    return run


def test_what_is_recorded_is_there_after_a_reload(phone: Phone, page: Page) -> None:
    fields = {"kind": "answer", "inspection_id": VISIT, "item_id": ITEM, "fields": {"result": "conforms"}}
    phone("await changes.record(given)", fields)
    page.reload()
    [row] = phone("return await changes.changesOf(given)", VISIT)
    assert row["fields"] == {"result": "conforms"}
    assert (row["state"], row["seq"], row["person"], row["after"]) == ("waiting", 1, "p-1", [])


def test_an_unsent_edit_is_replaced_by_the_next_which_follows_what_may_have_been_sent(
    phone: Phone,
) -> None:
    made, kept, after = phone(
        """
        const fields = (result) =>
          ({kind: 'answer', inspection_id: given.visit, item_id: given.item, fields: {result}});
        const first = await changes.record(fields('conforms'));
        await store.put('changes', {...first, state: 'sent'});
        const second = await changes.record(fields('does_not'));
        await store.put('changes', {...second, tried: true}); // on its way, and nobody knows whether it arrived
        const third = await changes.record(fields('not_applicable'));
        const fourth = await changes.record(fields('conforms'));
        const rows = await changes.changesOf(given.visit);
        return [[first, second, third, fourth].map((row) => row.id), rows.map((row) => row.id), fourth.after];
        """,
        {"visit": VISIT, "item": ITEM},
    )
    first, second, _third, fourth = made
    assert kept == [first, fourth]
    assert after == [first, second]


def test_twenty_taps_at_once_have_twenty_numbers(phone: Phone) -> None:
    rows = phone(
        """
        await Promise.all([...Array(20).keys()].map((n) => changes.record(
          {kind: 'note', inspection_id: given, item_id: `item-${n}`, fields: {note: `${n}`, phrases: []}})));
        return await changes.changesOf(given);
        """,
        VISIT,
    )
    assert [row["seq"] for row in rows] == list(range(1, 21))


def test_two_versions_that_know_nothing_of_each_other_are_both_heads(phone: Phone) -> None:
    item = phone(
        """
        const base = {i: {result: 'conforms', note: 'wet', heads: {result: ['s1'], note: ['s2']}}};
        const one = (id, device_at, after, kind, fields) => ({id, device_at, after, kind, fields, item_id: 'i'});
        const answer = (id, at, result) => one(id, at, ['s1'], 'answer', {result});
        const mine = [answer('a', 5, 'does_not'), answer('b', 4, 'not_applicable')];
        const forward = changes.fold(base, mine), backward = changes.fold(base, [...mine].reverse());
        if (JSON.stringify(forward) !== JSON.stringify(backward)) throw new Error('the order matters');
        return forward.i;
        """
    )
    assert sorted(item["heads"]["result"]) == ["a", "b"]
    assert item["conflict"] == ["result"]
    assert (item["result"], item["note"]) == (
        "does_not",
        "wet",
    )  # the later one is shown; the note is untouched
    assert item["mine"]["result"]["id"] == "a"


def test_a_choice_follows_all_heads_and_ends_the_conflict(phone: Phone) -> None:
    item = phone(
        """
        const one = (id, device_at, after, kind, fields) => ({id, device_at, after, kind, fields, item_id: 'i'});
        return changes.fold({i: {result: 'conforms', heads: {result: ['s1', 's2']}}},
          [one('c', 9, ['s1', 's2'], 'choose', {field: 'result', value: 'does_not'})]).i;
        """
    )
    assert item["heads"]["result"] == ["c"]
    assert item["conflict"] == []
    assert item["result"] == "does_not"


def test_a_connection_that_was_taken_away_is_opened_again(phone: Phone) -> None:
    seq = phone(
        """
        let [stolen, aborted] = [0, 0];
        const put = (tx, key, value) => tx.objectStore('settings').put({key, value});
        await store.change(['settings'], 'readwrite', (tx) => { if (!stolen++) tx.db.close(); put(tx, 'a', 1); });
        await store.setSetting('b', 2);
        await store.change(['settings'], 'readwrite', (tx) => { put(tx, 'c', 3); if (!aborted++) tx.abort(); });
        return [await store.setting('a'), await store.setting('b'), await store.setting('c')];
        """
    )
    assert seq == [1, 2, 3]


@pytest.fixture
def little_room(page: Page) -> None:
    """One megabyte. Set before any script writes: the browser remembers for a while how much room there is."""
    page.goto("/static/img/icon.svg")
    quota = {"origin": page.evaluate("location.origin") + "/", "quotaSize": 1_000_000}
    page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", quota)


def test_a_full_phone_is_told_by_name_and_nothing_of_the_write_stays(little_room: None, phone: Phone) -> None:
    answer = phone(
        """
        const file = new File([new Uint8Array(3e6)], 'big.jpg', {type: 'image/jpeg'});
        try { await photos.keepPhoto({visit: given, file}); return 'kept'; }
        catch (error) { return [error.name, (await store.all('photos')).length, (await store.all('blobs')).length]; }
        """,
        VISIT,
    )
    assert answer == ["StorageFull", 0, 0]


def test_a_photo_is_announced_with_the_hash_of_its_stored_bytes(phone: Phone) -> None:
    answer = phone(
        """
        const canvas = Object.assign(document.createElement('canvas'), {width: 1200, height: 1600});
        canvas.getContext('2d').fillRect(0, 0, 600, 600);
        const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg'));
        const take = (parts, name, type, source) =>
          photos.keepPhoto({visit: given, item: 'i', file: new File(parts, name, {type}), source});
        const kept = await take([blob], '照片.jpg', 'image/jpeg', 'camera');
        const broken = await take(['no picture'], 'x.heic', 'image/heic');
        for (;;) {
          const rows = await photos.photosOf(given);
          if ((await store.all('thumbs')).length === 2) {
            const thumb = await createImageBitmap((await store.get('thumbs', kept.id)).blob);
            const hash = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
            const hex = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
            return {rows, hex, thumb: [thumb.width, thumb.height], changes: await changes.changesOf(given)};
          }
          await new Promise((next) => setTimeout(next, 20));
        }
        """,
        VISIT,
    )
    photo, broken = answer["rows"]
    assert photo["sha256"] == answer["hex"]
    assert answer["thumb"] == [240, 320]
    assert photo["thumb"].startswith("blob:")
    assert broken["thumb"] is None  # this phone cannot show it; it is sent all the same
    announced = answer["changes"]
    assert [one["kind"] for one in announced] == ["photo_announced"] * 2
    assert announced[0]["fields"]["sha256"] == answer["hex"]
    assert announced[0]["fields"]["name"] == "照片.jpg"
    assert announced[1]["fields"]["photo_id"] == broken["id"]


def test_a_photo_whose_page_was_killed_is_announced_by_the_next(phone: Phone, page: Page) -> None:
    phone(
        """
        await store.put('blobs', {id: 'ph', blob: new Blob(['bytes'])});
        await store.put('photos', {id: 'ph', seq: 1, person: 'p-1', inspection_id: given, item_id: null, name: 'a.jpg',
          type: 'image/jpeg', size: 5, sha256: null, edge: 0, state: 'waiting', purpose: 'scene', captured_at: '',
          source: 'camera'});
        """,
        VISIT,
    )
    page.reload()
    twice = "await photos.announceRest(); await photos.announceRest();"
    [row] = phone(f"{twice} return await changes.changesOf(given)", VISIT)
    assert row["fields"]["sha256"] == "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"


def test_low_space_is_less_than_200_mb_or_more_than_four_fifths(phone: Phone) -> None:
    cases = [[1e9, 5e8], [1e9, 8.1e8], [3e8, 1.5e8], [None, None]]
    answers = phone("return given.map(([quota, usage]) => space.isLow(quota, usage))", cases)
    assert answers == [False, True, True, False]
