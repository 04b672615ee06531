"""Where complaints show themselves on lower pages."""

from flask import render_template

from app.accounts.models import Person
from app.complaints import queries
from app.complaints.queries import Shelf
from app.complaints.services import REGISTRARS
from app.web import panels


def start_panel(person: Person) -> str:
    """What is new, for those who handle complaints; where to write one down, for the others."""
    if not person.is_any(*REGISTRARS):
        return ""
    counts = queries.count_complaints(person)
    return render_template("complaints/_panel_start.html", new=counts[Shelf.NEW], open=counts[Shelf.OPEN])


def add() -> None:
    """Register the panels. None on a place's page: it goes along on phones without signal."""
    panels.add("start.more", 35, start_panel)
