"""What a version of a field says: read from what a phone sent, and back into the shape phones send."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from app.checklists.models import ChecklistItem
from app.checklists.rules import load_authorities
from app.core.errors import N_, Invalid
from app.core.ids import read_id
from app.inspections.deciding import LONGEST_NOTE, Plan, check_plan, known_phrases, refuse_long
from app.inspections.models import Outcome, Result
from app.inspections.readings import read_readings
from app.sync.wire import text_of

_NOT_KNOWN = N_("This answer is not known. Reload the page.")
_RESULTS, _OUTCOMES = frozenset(Result), frozenset(Outcome)
LONGEST_GUARD = 200
# one for all visits, never changed
_PLAIN_RESULTS: dict[str | None, dict[str, Any]] = {
    result: {"result": result, "sweep": None} for result in (None, *(str(one) for one in Result))
}


def read_value(name: str, fields: Mapping[str, Any], item: ChecklistItem, visited_on: date) -> dict[str, Any]:
    """The value of the field `name`, JSON-ready. Raises Invalid for what a page would not take either."""
    if name == "result":
        return _read_result(fields)
    if name == "note":
        return _read_note(fields, item)
    if name == "readings":
        return _read_readings(fields, item)
    return _read_outcome(fields, item, visited_on)


def _read_result(fields: Mapping[str, Any]) -> dict[str, Any]:
    result, sweep = fields.get("result"), fields.get("sweep")
    if result is not None and (not isinstance(result, str) or result not in _RESULTS):
        raise Invalid(_NOT_KNOWN)
    if sweep is None:
        return _PLAIN_RESULTS[result]
    return {"result": result, "sweep": sweep if isinstance(sweep, str) and read_id(sweep) else None}


def _read_note(fields: Mapping[str, Any], item: ChecklistItem) -> dict[str, Any]:
    note = fields.get("note")
    text = note.strip() if isinstance(note, str) else ""
    refuse_long(text)
    chosen = fields.get("phrases")
    numbers = [n for n in chosen if isinstance(n, int) and not isinstance(n, bool)] if isinstance(chosen, list) else []
    return {"note": text, "phrases": known_phrases(item, numbers)}


def _read_readings(fields: Mapping[str, Any], item: ChecklistItem) -> dict[str, Any]:
    sent = {name: value for name, value in fields.items() if isinstance(value, str) and value}
    return readings_as_sent(read_readings(item, sent))


def _read_outcome(fields: Mapping[str, Any], item: ChecklistItem, visited_on: date) -> dict[str, Any]:
    outcome, refer_to = fields.get("outcome"), fields.get("refer_to") or ""
    if not isinstance(outcome, str) or outcome not in _OUTCOMES:
        raise Invalid(_NOT_KNOWN)
    if refer_to and refer_to not in {authority.key for authority in load_authorities()}:
        raise Invalid(N_("Choose an authority from the list."), field="refer_to")
    given = dict(fields)
    texts = {name: text_of(given, name, LONGEST_NOTE + 1) for name in ("refer_reason", "scene")}
    value = {
        "outcome": outcome,
        "due_on": _day(fields.get("due_on")),
        "refer_to": refer_to,
        "guard": text_of(given, "guard", LONGEST_GUARD),
        **texts,
    }
    check_plan(plan_of(value), item.severity, visited_on)
    return value


def plan_of(value: Mapping[str, Any]) -> Plan:
    """The outcome of a version as the services take it."""
    due_on = date.fromisoformat(value["due_on"]) if value["due_on"] else None
    texts = {name: value[name] for name in ("refer_to", "refer_reason", "guard", "scene")}
    return Plan(Outcome(value["outcome"]), due_on, **texts)


def outcome_as_sent(finding: Mapping[str, Any]) -> dict[str, Any]:
    """A finding's columns as a version says them."""
    outcome, due_on = finding["outcome"], finding["due_on"]
    return {
        "outcome": str(outcome.value) if outcome else None,
        "due_on": due_on.isoformat() if due_on else "",
        **{name: finding[name] for name in ("refer_to", "refer_reason", "guard", "scene")},
    }


def judged(item: ChecklistItem, value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The readings of a version, judged against the limits of the checklist they were made with."""
    return read_readings(item, value)


def readings_as_sent(readings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Judged readings as a form has them: value-KEY, detected-KEY, condition-KEY, instrument, point."""
    sent: dict[str, Any] = {}
    for reading in readings:
        key = reading["measure"]
        told = {None: "", True: "yes", False: "no"}[reading.get("detected")]
        fields = {
            f"value-{key}": reading.get("value", ""),
            f"detected-{key}": told,
            f"condition-{key}": reading.get("condition", ""),
            "instrument": reading.get("instrument", ""),
            "point": reading.get("point", ""),
        }
        sent |= {name: text for name, text in fields.items() if text}
    return sent


def result_of(value: Mapping[str, Any]) -> Result | None:
    return Result(value["result"]) if value.get("result") else None


def sweep_of(value: Mapping[str, Any]) -> UUID | None:
    return read_id(value["sweep"]) if value.get("sweep") else None


def _day(raw: Any) -> str:
    try:
        return date.fromisoformat(raw).isoformat() if isinstance(raw, str) and raw else ""
    except ValueError:
        raise Invalid(N_("This date is not a date. Choose it again."), field="due_on") from None
