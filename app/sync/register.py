"""A version of a field takes its place beside the others, and the answer becomes what the register says.

The answer is a function of its versions alone: its result is the newest of what was tapped and what was measured, its
finding comes and goes with the result and is what the outcome's register says, or the checklist's proposal.
"""

from datetime import datetime
from typing import Any

from app.checklists.models import ChecklistItem
from app.core import clock
from app.core.ids import derived_id
from app.inspections import rules as visit_rules
from app.inspections.deciding import planned, proposed
from app.inspections.models import Result
from app.sync import rules, values
from app.sync.book import Book, Held, Stored, Visit, is_bad
from app.sync.rules import Status, Version
from app.sync.wire import Change

NOBODY: frozenset[str] = frozenset()


def says_the_same(visit: Visit, item: ChecklistItem, name: str, value: dict[str, Any]) -> bool:
    """Whether the record says in this field what `value` says: what arrives late and changes nothing is no news."""
    answer = visit.answers.get(visit.answer_id(item.id))
    return answer is not None and {**_said(answer, visit, name), "sweep": None} == {**value, "sweep": None}


def take_version(
    book: Book, visit: Visit, item: ChecklistItem, change: Change, name: str, value: dict[str, Any]
) -> Status:
    """Add the version `change` of the field `name`. CONFLICT when it now stands beside one that says otherwise."""
    key = visit.answer_id(item.id)
    answer = visit.answers.get(key) or book.new_answer(visit, item, key)
    version = Version(change.key, frozenset(change.after) if change.after else NOBODY, change.device_at)
    own = Stored(version, value, book.person.id, change.offset_ms, book.now)
    before = None if answer.is_new else _said(answer, visit, name)
    present = answer.values["heads"].get(name)
    heads = [own]  # the usual case: nobody else wrote meanwhile
    if present and not rules.follows(version.after, present):
        heads = _heads(book, visit, answer, name, own)
    answer.made.append((name, own))
    answer.values["heads"] = {**answer.values["heads"], name: [one.version.id for one in heads]}
    answer.is_changed = True
    _date(answer, own)
    _show(book, visit, item, answer, name, heads[0])
    _audit(book, visit, answer, name, before, change)
    stands_beside = len(heads) > 1 and own in heads and any(one.value != own.value for one in heads)
    return Status.CONFLICT if stands_beside else Status.RECEIVED


def _heads(book: Book, visit: Visit, answer: Held, name: str, own: Stored) -> list[Stored]:
    """The heads with `own` among the versions, the shown one first."""
    known = {**book.versions(answer, name), own.version.id: own}
    for id_ in answer.values["heads"].get(name, []):
        if id_ not in known:
            others = [one.version for one in known.values() if one is not own]
            known[id_] = _adopt(book, visit, answer, name, id_, others)
    return [known[version.id] for version in rules.heads(one.version for one in known.values())]


def _adopt(book: Book, visit: Visit, answer: Held, name: str, id_: str, others: list[Version]) -> Stored:
    """What was written on a page becomes a version like the others, kept now that another one stands beside it."""
    written = answer.values["answered_at"] or book.now
    after = frozenset(head.id for head in rules.heads(others)) if others else frozenset()
    version = Version(id_, after, round(written.timestamp() * 1000))
    adopted = Stored(version, _said(answer, visit, name), answer.values["answered_by_id"], 0, written)
    book.adopt(visit, answer, name, adopted)
    return adopted


def _said(answer: Held, visit: Visit, name: str) -> dict[str, Any]:
    """What the answer says in this field now, in the shape of a version's value."""
    row = answer.values
    if name == "result":
        return {"result": str(row["result"].value) if row["result"] else None, "sweep": _text(row["sweep_id"])}
    if name == "note":
        return {"note": row["note"], "phrases": list(row["phrases"])}
    if name == "readings":
        return values.readings_as_sent(row["readings"])
    held = visit.findings.get(row["id"])
    return values.outcome_as_sent(held.values) if held is not None and not held.is_gone else {}


def _show(book: Book, visit: Visit, item: ChecklistItem, answer: Held, name: str, shown: Stored) -> None:
    """Make the answer say what `shown` says."""
    if name == "note":
        answer.values["note"], answer.values["phrases"] = shown.value["note"], list(shown.value["phrases"])
    elif name == "outcome":
        _settle_finding(book, visit, item, answer, shown)
    else:
        if name == "readings":
            answer.values["readings"] = values.judged(item, shown.value)
        _settle_result(book, visit, item, answer, name, shown)


def _settle_result(book: Book, visit: Visit, item: ChecklistItem, answer: Held, name: str, shown: Stored) -> None:
    """The newest of what was tapped and what the readings say."""
    tapped = shown if name == "result" else _shown(book, answer, "result")
    measured = shown if name == "readings" else _shown(book, answer, "readings")
    verdict = _verdict(item, measured)
    by_measure = verdict is not None and (tapped is None or _age(measured) > _age(tapped))
    if verdict is not None and by_measure:
        answer.values["result"], answer.values["sweep_id"] = Result(verdict), None
    elif tapped is not None:
        answer.values["result"] = values.result_of(tapped.value)
        answer.values["sweep_id"] = values.sweep_of(tapped.value)
    elif "readings" in answer.values["heads"]:
        answer.values["result"], answer.values["sweep_id"] = None, None
    _settle_finding(book, visit, item, answer, None, measured if by_measure else tapped)


def _shown(book: Book, answer: Held, name: str) -> Stored | None:
    """The shown version of another field of the same answer; None when it has none, or was written on a page alone."""
    if name not in answer.values["heads"]:
        return None
    known = book.versions(answer, name)
    version = rules.shown(one.version for one in known.values())
    return known[version.id] if version is not None else None


def _verdict(item: ChecklistItem, measured: Stored | None) -> str | None:
    if measured is None:
        return None
    return visit_rules.result_from_readings([bool(r["conforms"]) for r in values.judged(item, measured.value)])


def _age(stored: Stored | None) -> tuple[int, str]:
    return (stored.version.device_at, stored.version.id) if stored else (-1, "")


def _settle_finding(
    book: Book, visit: Visit, item: ChecklistItem, answer: Held, outcome: Stored | None, cause: Stored | None = None
) -> None:
    """A non-conforming answer has a finding, any other has none.

    `outcome` is the shown version of the outcome where that is what changed, `cause` what made the answer bad.
    """
    key = answer.values["id"]
    held = visit.findings.get(key)
    if not is_bad(answer):
        if held is not None:
            held.is_gone = True
        return
    there = held is not None and not held.is_gone
    if there and outcome is None and "outcome" in answer.values["heads"]:
        return
    outcome = outcome or (_shown(book, answer, "outcome") if not there else None)
    on = _day(outcome or cause or _shown(book, answer, "result"), book.now)
    columns = (
        planned(values.plan_of(outcome.value), item, visit.day, on)
        if outcome is not None
        else proposed(item, visit.day, on)
    )
    if held is None:
        fixed = {"id": derived_id(key, "finding"), "answer_id": key, "inspection_id": visit.id}
        visit.findings[key] = Held({**fixed, **columns}, is_new=True)
        return
    held.values.update(columns)
    held.is_gone, held.is_changed = False, True


def _day(stored: Stored | None, now: datetime) -> Any:
    if stored is None:
        return clock.local(now).date()
    happened = rules.happened_at(stored.version.device_at, stored.offset_ms, stored.received_at)
    return clock.local(happened).date()


def _date(answer: Held, own: Stored) -> None:
    """When the answer was last written, by both clocks, and by whom."""
    moment, row = rules.moment_of(own.version.device_at), answer.values
    happened = rules.believed(moment, own.offset_ms, own.received_at)
    if row["answered_at"] is not None and row["answered_at"] > happened:
        return
    row["answered_at"], row["answered_by_id"], row["device_at"] = happened, own.person_id, moment
    row["clock_offset_ms"], row["received_at"] = own.offset_ms, own.received_at


def _audit(book: Book, visit: Visit, answer: Held, name: str, before: dict[str, Any] | None, change: Change) -> None:
    """What stood there and says something else now is written down; what is new stands in the changes themselves."""
    visit.received.append(change.key)
    if before is None:
        return
    after = _said(answer, visit, name)
    if after != before and any(before.values()):
        action = f"{'answer' if name == 'result' else name}_saved"
        book.note(action, "answers", answer.values["id"], change_id=change.id, before=before, after=after)


def _text(value: object) -> str | None:
    return str(value) if value is not None else None
