"""Where the pack shows itself on other pages."""

from flask import render_template

from app.accounts.models import Person
from app.web import panels


def on_own_page(person: Person) -> str:
    """The way to the pack."""
    return render_template("patrol/_panel_me.html", person=person)


def add() -> None:
    """Register the panels."""
    panels.add("me.page", 10, on_own_page)
