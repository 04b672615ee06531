"""On the page of an object that is not what its records say: that it is so."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask import render_template

from app.accounts.models import Person
from app.proof import queries
from app.web import panels
from app.web.access import current_person


def of_me(person: Person) -> str:
    """The way to the log."""
    return render_template("proof/_panel_me.html") if person.is_any(*queries.READERS) else ""


def of_start(person: Person) -> str:
    """That the last verification found something; nothing while all is well."""
    if not person.is_any(*queries.READERS):
        return ""
    check = queries.last_check()
    return (
        render_template("proof/_panel_start.html", check=check)
        if check is not None and check.differences
        else ""
    )


def _altered(ids: Collection[UUID]) -> str:
    found = queries.findings_of(ids)
    if not found:
        return ""
    return render_template("proof/_altered.html", findings=found, may_read=current_person().is_any(*queries.READERS))


def of_row(row: Any) -> str:
    """A visit, a notice, a referral, a monthly report."""
    return _altered([row.id])


def of_photo(row: Any) -> str:
    return _altered([row.photo_id])


def add() -> None:
    """Register the panels; a banner stands before all others."""
    panels.add("me.page", 52, of_me)
    panels.add("start.page", 0, of_start)
    panels.add("inspections.top", 1, of_row)
    panels.add("notices.top", 1, of_row)
    panels.add("referrals.page", 1, of_row)
    panels.add("monthly.top", 1, of_row)
    panels.add("oversight.photo.top", 1, of_photo)
