"""Verbs that change the calendar: fill from the library, enter what was announced, undo. They flush."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.accounts.models import Person
from app.calendar import days, library
from app.calendar.announcements import Announced
from app.calendar.models import CalendarChange, CalendarDay, CalendarYear, Source
from app.calendar.rules import LONGEST_REST, Snapshot, longest_rest
from app.core import audit
from app.core.bulk import ready_to_insert, run
from app.core.database import db
from app.core.errors import N_, Invalid, Refused
from app.core.ids import new_id


@dataclass(frozen=True)
class Changed:
    """A change that was just made: for those who count with working days."""

    before: Snapshot
    after: Snapshot
    at: datetime
    by: Person | None

    def days(self) -> list[date]:
        """The days that are worked now and were not, or the other way round."""
        touched = {*self.before.differing, *self.after.differing}
        return sorted(day for day in touched if self.before.works(day) != self.after.works(day))


@dataclass(frozen=True)
class Doing:
    """Who changes the calendar, when, with which request and which words."""

    action: str
    by: Person | None
    now: datetime
    change_id: UUID | None = None
    text: str = ""
    undoes: CalendarChange | None = None


Hook = Callable[[Changed], None]
_hooks: list[Hook] = []


def on_change(hook: Hook) -> None:
    """Call `hook(changed)` in the transaction of every change, so that upper features can count anew."""
    if hook not in _hooks:
        _hooks.append(hook)


# ---- from the library


def fill(now: datetime) -> int:
    """Take over what the library knows and the table does not; how many days were written.

    What an administrator entered stays, also in years that were announced since. A second call changes nothing.
    """
    days.forget()
    before = days.snapshot()
    known = {row.year: row for row in db.session.scalars(select(CalendarYear))}
    wanted = sorted(y for y in library.years() if y not in known or not _is_own(known[y]))
    stored = {row.day: row for row in db.session.scalars(select(CalendarDay))}
    fresh = [one for year in wanted for one in library.days_of(year) if one.day not in stored]
    corrected = [
        one for year in wanted for one in library.days_of(year) if _differs(stored.get(one.day), one)
    ]
    years = [year for year in wanted if year not in known or not known[year].is_announced]
    if not (fresh or corrected or years):
        return 0
    changed_at = now if known else None
    common = {"source": Source.LIBRARY, "changed_at": changed_at, "changed_by_id": None}
    if fresh:
        run(ready_to_insert(CalendarDay.__table__, [{**vars(one), **common} for one in fresh]))
    for one in corrected:
        row = stored[one.day]
        row.is_working, row.name_zh, row.name_en, row.changed_at = (
            one.is_working,
            one.name_zh,
            one.name_en,
            now,
        )
    for year in years:
        db.session.merge(CalendarYear(year=year, is_announced=True, source=Source.LIBRARY))
    told = {"years": years, "days": len(fresh), "corrected": [one.day.isoformat() for one in corrected]}
    doing = Doing("calendar_filled", None, now)
    _note(None, {}, told, doing)
    _tell(before, doing)
    return len(fresh) + len(corrected)


def _is_own(row: CalendarYear) -> bool:
    """Whether an administrator said that the whole year is entered: then the library has nothing to add."""
    return row.source is Source.COUNTY and row.is_announced


def _differs(row: CalendarDay | None, one: library.KnownDay) -> bool:
    return row is not None and row.source is Source.LIBRARY and row.is_working != one.is_working


# ---- by an administrator


def enter(
    year: int, entered: Sequence[Announced], *, complete: bool, text: str,
    by: Person, now: datetime, change_id: UUID | None = None,
) -> CalendarChange:  # fmt: skip
    """Enter announced days; `complete` says that they are all of that year. Raises Invalid (field: text)."""
    check_entry(year, entered, complete=complete)
    after: dict[str, Any] = {"announced": complete or _is_announced(year), "days": {}}
    for one in sorted(entered, key=lambda one: one.day):
        name_zh, name_en = names(one.name)
        after["days"][one.day.isoformat()] = [one.is_working, name_zh, name_en, Source.COUNTY.value]
    return _carry(year, after, Doing("calendar_entered", by, now, change_id, text.strip()))


def _is_announced(year: int) -> bool:
    row = db.session.get(CalendarYear, year)
    return row is not None and row.is_announced


def check_entry(year: int, entered: Sequence[Announced], *, complete: bool) -> None:
    """Raise Invalid (field: text) where there is nothing to enter, or nobody would work for weeks on end."""
    if not entered and (not complete or _is_announced(year)):
        raise Invalid(N_("Enter at least one day."), field="text")
    check_rest({one.day: one for one in entered})


def check_rest(wanted: Mapping[date, Announced]) -> None:
    """Raise Invalid where nobody would work for more than LONGEST_REST days on end."""
    if not wanted:
        return
    known, margin = days.snapshot(), timedelta(days=LONGEST_REST)

    def works(day: date) -> bool:
        return wanted[day].is_working if day in wanted else known.works(day)

    if longest_rest(min(wanted) - margin, max(wanted) + margin, works) > LONGEST_REST:
        raise Invalid(
            N_("Nobody would work for more than 30 days on end. Look at the dates again."), field="text"
        )


def names(name: str) -> tuple[str, str]:
    """A name as entered, in the language it is written in; a known holiday in both."""
    for chinese, english in library.NAMES.items():
        if name.removesuffix("节") == chinese.removesuffix("节") or name.lower() == english.lower():
            return chinese, english
    return (name, "") if any("一" <= letter <= "鿿" for letter in name) else ("", name)


def undo(
    change: CalendarChange, *, by: Person, now: datetime, change_id: UUID | None = None
) -> CalendarChange:
    """Put back what was there before `change`. Raises Refused when its days were changed again since."""
    if change.year is None:
        raise Refused(N_("What the library knows cannot be undone. Enter the days as they are."))
    if db.session.scalar(select(CalendarChange.id).where(CalendarChange.undoes_id == change.id)):
        raise Refused(N_("This was undone already."))
    if state_of(change.year, change.after["days"]) != change.after:
        raise Refused(
            N_("These days were changed again since."),
            hint=N_("Undo the later change first, or enter the days anew."),
        )
    return _carry(
        change.year, change.before, Doing("calendar_undone", by, now, change_id, change.text, change)
    )


def _carry(year: int, after: dict[str, Any], doing: Doing) -> CalendarChange:
    """Bring the days to `after`, note the change, tell everybody."""
    days.forget()
    if not days.snapshot().version:
        fill(doing.now)  # or else the first entry would be all that is known
    kept, before = days.snapshot(), state_of(year, after["days"])
    for iso, wanted in after["days"].items():
        _write_day(date.fromisoformat(iso), wanted, doing)
    year_row = db.session.get(CalendarYear, year)
    if year_row is None:
        year_row = CalendarYear(year=year, is_announced=False, source=Source.COUNTY)
        db.session.add(year_row)
    if year_row.is_announced != after["announced"]:
        year_row.is_announced, year_row.source = after["announced"], Source.COUNTY
    change = _note(year, before, after, doing)
    _tell(kept, doing)
    return change


def _write_day(day: date, wanted: list[Any] | None, doing: Doing) -> None:
    row = db.session.get(CalendarDay, day)
    if wanted is None:
        if row is not None:
            db.session.delete(row)
        return
    if row is None:
        row = CalendarDay(day=day)
        db.session.add(row)
    row.is_working, row.name_zh, row.name_en, row.source = wanted[0], wanted[1], wanted[2], Source(wanted[3])
    row.changed_at, row.changed_by_id = doing.now, doing.by.id if doing.by else None


def state_of(year: int, isos: Mapping[str, Any]) -> dict[str, Any]:
    """These days and the year as they stand, JSON-ready; a day without a row is None."""
    wanted = [date.fromisoformat(iso) for iso in isos]
    rows = {
        row.day: row for row in db.session.scalars(select(CalendarDay).where(CalendarDay.day.in_(wanted)))
    }
    found = {
        day.isoformat(): [row.is_working, row.name_zh, row.name_en, row.source.value] if row else None
        for day, row in ((day, rows.get(day)) for day in wanted)
    }
    year_row = db.session.get(CalendarYear, year)
    return {"announced": bool(year_row and year_row.is_announced), "days": found}


def _note(year: int | None, before: dict[str, Any], after: dict[str, Any], doing: Doing) -> CalendarChange:
    """Write the change down; its number is the calendar's new version."""
    last = db.session.scalar(select(func.max(CalendarChange.number))) or 0
    by_id = doing.by.id if doing.by else None
    change = CalendarChange(
        id=new_id(), number=last + 1, year=year, text=doing.text, before=before, after=after, at=doing.now,
        by_id=by_id, undoes_id=doing.undoes.id if doing.undoes else None,
    )  # fmt: skip
    db.session.add(change)
    db.session.flush()
    audit.record(
        doing.action,
        change,
        by=by_id,
        change_id=doing.change_id,
        before=before,
        after=after,
        note=doing.text[:500],
    )
    return change


def _tell(before: Snapshot, doing: Doing) -> None:
    changed = Changed(before, days.renew(), doing.now, doing.by)
    for hook in _hooks:
        hook(changed)
