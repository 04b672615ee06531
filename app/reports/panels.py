"""Where information reports show themselves on lower pages."""

from collections.abc import Sequence

from flask import render_template

from app.accounts.models import Person
from app.core.roles import Role
from app.premises.models import Premises
from app.reports import queries
from app.reports.services import REPORTERS
from app.web import panels
from app.web.access import current_person


def start_panel(person: Person) -> str:
    """One tap to report, what waits to be verified, and what became of one's own."""
    verifies = person.is_any(Role.COORDINATOR, Role.SUPERVISOR)
    return render_template(
        "reports/_panel_start.html",
        may_report=person.is_any(*REPORTERS),
        waiting=queries.count_to_verify(person) if verifies else 0,
        answered=queries.answered_for(person),
    )


def file_panel(premises: Premises) -> str:
    """The reports about a place, and one tap to make another."""
    person = current_person()
    return render_template(
        "reports/_panel_file.html",
        premises=premises,
        reports=queries.reports_of_place(premises.id, person),
        may_report=person.is_any(*REPORTERS),
    )


def nothing(places: Sequence[Premises]) -> list[str]:
    """On a phone without signal the reports of a place are left out: who reported what stays on the server."""
    return ["" for _place in places]


def add() -> None:
    """Register the panels."""
    panels.add("start.more", 30, start_panel)
    panels.add("premises.file", 40, file_panel, nothing)
