"""Findings in sentences, in the reader's language."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.core.clock import local
from app.core.errors import N_
from app.proof.rules import UNREADABLE, Found, Kind
from app.proof.services import moment
from app.proof.words import ACTIONS, TABLES
from app.web.i18n import translate

MOST_TOLD = 3


def action_word(action: str) -> str:
    """What was done; an action we have no word for as it is recorded."""
    if not action:
        return _("This record cannot be read.")
    return translate(ACTIONS[action]) if action in ACTIONS else action.replace("_", " ")


def table_word(table: str) -> str:
    return translate(TABLES[table]) if table in TABLES else table


def tables_told(rows: str | None) -> str:
    """What a record without a thing of its own left changed: the first few kinds of rows it stands for."""
    try:
        bound = json.loads(rows or "{}")
    except ValueError:
        return ""
    if not isinstance(bound, dict):  # written by somebody else
        return ""
    tables = dict.fromkeys(str(key).partition(":")[0] for key in bound)
    return ", ".join(table_word(table) for table in list(tables)[:MOST_TOLD])


def words_of(table: str, key: str, said: Mapping[str, Any]) -> str:
    """The object of a finding."""
    what, item, place, day, number, name = (
        table_word(table), *(said.get(part, "") for part in ("item", "place", "day", "number", "name")),
    )  # fmt: skip
    if table == "audit_records":
        under = f" ({place} {day})" if place and day else f" ({place})" if place else ""
        return f"{what}: {action_word(name)}{under}" if name else what
    if table == "inspections" and place:
        text = f"{what} {place} {day}"
    elif item and place and day:
        text = _(
            "%(what)s %(item)s in the visit of %(place)s on %(day)s",
            what=what,
            item=item,
            place=place,
            day=day,
        )
    elif number and place:
        text = _("%(what)s %(number)s, %(place)s", what=what, number=number, place=place)
    elif place and day:
        text = _("%(what)s of the visit of %(place)s on %(day)s", what=what, place=place, day=day)
    elif place or name:
        text = f"{what} {name or place}" if not (name and place) else f"{what} {name}, {place}"
    else:
        text = f"{what} {key[:12]}" if key else what
    return _("%(what)s (as its record says)", what=text) if said.get("by_record") else text


def told_of(found: Any, said: Mapping[str, Any], *, sound_at: datetime | None = None) -> str:
    """One finding: what, which object, since when, expected and found. `found`: Found, or a kept one."""
    try:
        return _told_of(found, said, sound_at)
    except UNREADABLE:  # a kept one that somebody altered
        return _("This finding cannot be read.")


def _told_of(found: Any, said: Mapping[str, Any], sound_at: datetime | None) -> str:
    kind, table, key = Kind(found.kind), getattr(found, "table", None) or getattr(found, "tab", ""), found.key
    at = found.at if not isinstance(found.at, str) else moment(found.at)
    what = words_of(table, key, said) if table else key
    text = _sentence(kind, what, found, at)
    since = _since(kind, found.seq, at, sound_at)
    return f"{text} {since}".strip()


def _sentence(kind: Kind, what: str, found: Found | Any, at: datetime | None) -> str:
    facts = {"what": what, "expected": _short(found.expected), "found": _short(found.found), "seq": found.seq}
    if kind is Kind.CLOCK_BACK:
        facts |= {"expected": _moment(moment(found.expected)), "found": _moment(moment(found.found))}
    if kind in _PLAIN:
        return translate(_PLAIN[kind], facts)
    if kind is Kind.RECORD_CHANGED and found.detail:
        return _("%(what)s, no. %(seq)s: what it tells was changed.", what=what, seq=found.seq)
    if kind is Kind.RECORD_REMOVED:
        if found.detail == "closed_up":
            return _(
                "The audit record no. %(seq)s was taken out and the later ones were numbered anew.",
                seq=found.seq,
            )
        return _("Audit records are missing: no. %(many)s.", many=found.detail)
    if kind is Kind.TABLE_CHANGED:
        return translate(_TABLE[found.detail], facts | {"found": found.found})
    if kind in (Kind.CHAIN_SHORTER, Kind.CHAIN_REWRITTEN):
        return _head(kind, found, at)
    if kind is Kind.CERTIFICATE:
        return _certificate(found, at)
    return _other(kind, what, found)


_PLAIN = {
    Kind.RECORD_CHANGED: N_("%(what)s, no. %(seq)s: it was changed, or put in."),
    Kind.RECORD_EMPTIED: N_(
        "%(what)s, no. %(seq)s: it was emptied, and no record says that it was forgotten."
    ),
    Kind.RECORD_INSERTED: N_("%(what)s: it was put in; it has no place in the chain."),
    Kind.RECORD_MOVED: N_("%(what)s: it was no. %(expected)s and stands at no. %(found)s now."),
    Kind.ROW_CHANGED: N_("%(what)s: it was changed behind our back."),
    Kind.ROW_REMOVED: N_("%(what)s: it was removed behind our back."),
    Kind.ROW_INSERTED: N_("%(what)s: it was put in behind our back."),
    Kind.CONTENT_CHANGED: N_("%(what)s: what was frozen is not what its digest %(expected)s says."),
    Kind.FILE_MISSING: N_("%(what)s: its file is missing."),
    Kind.FILE_SIZE: N_("%(what)s: its file has %(found)s bytes, it had %(expected)s."),
    Kind.FILE_CHANGED: N_("%(what)s: its file was changed. SHA-256 %(expected)s is now %(found)s."),
    Kind.FILE_SWAPPED: N_(
        "%(what)s: its file was swapped for that of another one. SHA-256 %(expected)s is now %(found)s."
    ),
    Kind.CLOCK_BACK: N_(
        "%(what)s, no. %(seq)s: the server's clock was set back, from %(expected)s to %(found)s."
    ),
}


def _head(kind: Kind, found: Any, at: datetime | None) -> str:
    try:
        said = json.loads(found.detail)
    except ValueError:
        said = {}
    facts = {
        "moment": _moment(at),
        "seq": said.get("seq", ""),
        "hash": _short(found.expected),
        "place": _place(said),
    }
    if kind is Kind.CHAIN_SHORTER:
        return _(
            "The chain of %(moment)s had %(seq)s records, hash %(hash)s (%(place)s); this database has %(end)s."
            " The records after that are gone: cut off, or an old backup?",
            **facts, end=said.get("end", ""),
        )  # fmt: skip
    return _(
        "The chain of %(moment)s had hash %(hash)s at record %(seq)s (%(place)s); this database has %(found)s there."
        " What stands before it was rewritten.",
        **facts, found=_short(found.found),
    )  # fmt: skip


def _place(said: Mapping[str, Any]) -> str:
    place = str(said.get("place", ""))
    return _("an earlier verification") if place == "check" else place


def _certificate(found: Any, at: datetime | None) -> str:
    if found.found == "expired":
        return _(
            "The certificate that signs papers ended on %(day)s: %(name)s.", day=_moment(at), name=found.key
        )
    return _("The certificate that signs papers cannot be used.")


def _other(kind: Kind, what: str, found: Any) -> str:
    if kind is Kind.PLACE_SILENT:
        return _("The second place %(place)s cannot be read (%(why)s).", place=found.key, why=found.found)
    if kind is Kind.PLACE_CUT:
        return _(
            "The second place %(place)s no longer holds the head no. %(seq)s that was sent there.",
            place=found.key,
            seq=found.found,
        )
    if kind is Kind.PLACE_ODD:
        return _(
            "The second place %(place)s holds %(count)s lines or objects that are no chain heads of ours.",
            place=found.key,
            count=found.found,
        )
    if kind is Kind.NOT_CHECKABLE:
        return _(
            "%(what)s: %(count)s rows cannot be checked, their columns are no longer there.",
            what=what,
            count=found.detail,
        )
    if found.detail.isdigit():
        return _("And %(count)s more files that nobody refers to.", count=found.detail)
    return _("Nobody refers to the file %(path)s.", path=found.detail)


# Found.detail of a table (app/proof/tables.py)
_TABLE = {
    "missing": N_("%(what)s: the table is gone from the database, or “flask db upgrade” was not run."),
    "columns": N_("%(what)s: columns of its table are gone, or “flask db upgrade” was not run: %(found)s."),
    "no_table": N_("%(what)s: another thing stands where the table stood, a view for example."),
    "trigger": N_(
        "%(what)s: a trigger that is not ours (%(found)s) can change rows before they are recorded."
    ),
    "rule": N_("%(what)s: a rule that is not ours (%(found)s) can change rows before they are recorded."),
    "swallows": N_("%(what)s: its table was made so that rows can vanish while they are written."),
    "constraint": N_("%(what)s: a constraint that is not ours (%(found)s) can keep rows from being written."),
    "row_security": N_("%(what)s: the database hides rows of its table from some readers."),
    "unnoted": N_(
        "%(what)s: the database no longer notes changes to its table as it should. “flask db upgrade” sets that right;"
        " rows written meanwhile are named one by one."
    ),
}


_NO_SINCE = {Kind.CLOCK_BACK, Kind.CHAIN_SHORTER, Kind.CHAIN_REWRITTEN, Kind.CERTIFICATE, Kind.RECORD_MOVED}


def _since(kind: Kind, seq: int | None, at: datetime | None, sound_at: datetime | None) -> str:
    parts = []
    if at is not None and kind not in _NO_SINCE:
        if kind.value.startswith("record_"):
            parts.append(_("It says it is of %(moment)s.", moment=_moment(at)) if kind is not Kind.RECORD_REMOVED else
                         _("The one before is of %(moment)s.", moment=_moment(at)))  # fmt: skip
        elif seq is not None:
            parts.append(_("It was recorded last by no. %(seq)s of %(moment)s.", seq=seq, moment=_moment(at)))
    elif kind is Kind.ROW_INSERTED and seq is None:
        parts.append(_("No record knows of it."))
    if sound_at is not None and kind not in (Kind.CLOCK_BACK, Kind.CERTIFICATE):
        parts.append(_("The verification of %(moment)s still found it right.", moment=_moment(sound_at)))
    return " ".join(parts)


def _moment(at: datetime | None) -> str:
    return f"{local(at):%Y-%m-%d %H:%M:%S}" if at else ""


def _short(text: str) -> str:
    """A hash by its beginning; all of it stands in the JSON."""
    return f"{text[:16]}…" if len(text) > 30 else text
