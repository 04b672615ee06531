"""Where sampling shows itself on lower pages."""

from flask import render_template

from app.accounts.models import Person
from app.core.roles import Role
from app.sampling import queries
from app.web import panels


def start_panel(person: Person) -> str:
    """For supervisors: how many call-backs wait, and the way to the samples."""
    if not person.is_any(Role.SUPERVISOR):
        return ""
    return render_template("sampling/_panel_start.html", waiting=queries.waiting_calls(person))


def add() -> None:
    """Register the panels."""
    panels.add("start.more", 36, start_panel)
