"""A walk along a chain: whatever is done to it is told of the records it was done to, and of no other."""

import hashlib
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from app.core import ledger
from app.proof.rules import Found, Kind, Record, Walk


def chain(length: int) -> list[Record]:
    """Records as the ledger writes them, worked out by its own functions."""
    made, previous = [], ledger.START
    for seq in range(1, length + 1):
        key = hashlib.sha256(str(seq).encode()).hexdigest()[:32]
        ids = {"id": key, "object_id": None, "person_id": "b" * 32, "change_id": None}
        said = {"at": f"2026-01-01 00:{seq:02}:00.000000", "action": '做了"事"', "object_type": "photos"}
        facts = {"seq": seq, "request_id": f"r{seq}", **ids, **said}
        content = ledger.content_digest("10.0.0.1", "null", '{"a": 1}', "说明")
        rows = '{"photos:12345678":{"k":"d"}}' if seq % 3 == 0 else ""
        previous = ledger.record_hash(facts, content, rows, previous)
        told = {"address": "10.0.0.1", "before": "null", "after": '{"a": 1}', "note": "说明"}
        made.append(Record(**facts, **told, content=content, rows=rows, hash=previous))
    return made


@dataclass
class Told:
    found: list[Found] = field(default_factory=list)
    kept: list[tuple[int, str]] = field(default_factory=list)

    def walk(
        self, records: list[Record], forgotten: tuple[tuple[int, int], ...] = ()
    ) -> list[tuple[Kind, int | None]]:
        walk = Walk(
            (0, ledger.START), forgotten, self.found.append, lambda seq, rows: self.kept.append((seq, rows))
        )
        walk.along(sorted(records, key=lambda record: record.seq))
        return [(one.kind, one.seq) for one in self.found]


def test_an_honest_chain_says_nothing_and_gives_its_rows() -> None:
    told = Told()
    assert told.walk(chain(12)) == []
    assert [seq for seq, _rows in told.kept] == [3, 6, 9, 12]


@given(st.integers(2, 11), st.sampled_from(["at", "action", "person_id", "object_id", "rows", "request_id"]))
def test_a_changed_fact_is_told_of_its_record_alone(place: int, name: str) -> None:
    records = chain(12)
    value = f"2026-01-01 00:{place:02}:00.000001" if name == "at" else "x"
    records[place - 1] = records[place - 1]._replace(**{name: value})
    assert Told().walk(records) == [(Kind.RECORD_CHANGED, place)]


@given(st.integers(1, 12))
def test_a_changed_hash_and_changed_contents_are_told_once(place: int) -> None:
    records = chain(12)
    records[place - 1] = records[place - 1]._replace(hash=b"h" * 32)
    assert Told().walk(records) == [(Kind.RECORD_CHANGED, place)]
    records = chain(12)
    records[place - 1] = records[place - 1]._replace(after='{"a": 2}')
    assert Told().walk(records) == [(Kind.RECORD_CHANGED, place)]


@given(st.integers(1, 11), st.integers(1, 4))
def test_what_is_missing_is_told_by_its_numbers(first: int, many: int) -> None:
    last = min(11, first + many - 1)
    told = Told()
    assert told.walk([record for record in chain(12) if not first <= record.seq <= last]) == [
        (Kind.RECORD_REMOVED, first)
    ]
    assert told.found[0].detail == (f"{first}–{last}" if last > first else f"{first}")


@given(st.integers(1, 10))
def test_one_taken_out_and_the_rest_numbered_anew(place: int) -> None:
    left = [r if r.seq < place else r._replace(seq=r.seq - 1) for r in chain(12) if r.seq != place]
    assert Told().walk(left) == [(Kind.RECORD_REMOVED, place)]


@given(st.integers(2, 11))
def test_one_put_in_between_is_told_and_the_others_are_not(place: int) -> None:
    records = chain(12)
    made_up = records[0]._replace(seq=place, id="f" * 32, at=records[place - 2].at)
    moved = [r if r.seq < place else r._replace(seq=r.seq + 1) for r in records]
    assert Told().walk([*moved, made_up]) == [(Kind.RECORD_INSERTED, place)]


@given(st.integers(1, 11), st.integers(1, 11))
def test_two_exchanged_are_told_with_the_places_they_had(one: int, other: int) -> None:
    records = chain(12)
    swap = {one: other, other: one}
    told = Told().walk([r._replace(seq=swap.get(r.seq, r.seq)) for r in records])
    assert sorted(told) == sorted((Kind.RECORD_MOVED, place) for place in {one, other} if one != other)


def test_contents_may_be_forgotten_only_where_a_record_says_so() -> None:
    records = chain(6)
    for place in (1, 2, 3):
        empty = {"address": "", "before": None, "after": None, "note": ""}
        records[place] = records[place]._replace(**empty)
    assert Told().walk(records, ((1, 4),)) == []
    assert Told().walk(records, ((1, 2),)) == [(Kind.RECORD_EMPTIED, 3), (Kind.RECORD_EMPTIED, 4)]


def test_values_that_no_writer_leaves_stop_nothing() -> None:
    records = chain(4)
    records[1] = records[1]._replace(action=None, at=7, content="text", before=3)
    assert Told().walk(records) == [(Kind.RECORD_CHANGED, 2)]


def test_a_clock_that_was_set_back_is_told() -> None:
    records, previous = chain(3), ledger.START
    late = [records[0], records[1]._replace(at="2026-01-02 00:00:00.000000"), records[2]]
    for place, record in enumerate(late):
        facts = {name: getattr(record, name) for name in ledger.FACTS}
        previous = ledger.record_hash(facts, record.content, record.rows, previous)
        late[place] = record._replace(hash=previous)
    assert Told().walk(late) == [(Kind.CLOCK_BACK, 3)]
