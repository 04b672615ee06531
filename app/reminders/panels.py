"""Where reminders show themselves on lower features' pages."""

from flask import render_template

from app.accounts.models import Person
from app.core.roles import INSPECTORS, Role
from app.reminders import queries
from app.web import panels


def of_start(person: Person) -> str:
    """How many wait; nothing where none does."""
    count = queries.count_mine(person.id) if person.is_any(*INSPECTORS) else 0
    return render_template("reminders/_panel_start.html", count=count) if count else ""


def of_me(person: Person) -> str:
    """The way to the list, and for administrators to the log."""
    return render_template("reminders/_panel_me.html", is_administrator=person.is_any(Role.ADMINISTRATOR))


def add() -> None:
    """Register the panels."""
    panels.add("start.page", 3, of_start)
    panels.add("me.page", 40, of_me)
