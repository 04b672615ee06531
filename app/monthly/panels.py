"""Where the monthly report is found: at the quiet end of the start page, for administrators on their own page."""

from flask import render_template

from app.accounts.models import Person
from app.core.roles import Role
from app.web import panels

READERS = (Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)


def of_start(person: Person) -> str:
    return render_template("monthly/_panel.html") if person.is_any(Role.COORDINATOR, Role.SUPERVISOR) else ""


def of_me(person: Person) -> str:
    return render_template("monthly/_panel.html") if person.is_any(Role.ADMINISTRATOR) else ""


def add() -> None:
    """Register the panels."""
    panels.add("start.more", 40, of_start)
    panels.add("me.page", 44, of_me)
