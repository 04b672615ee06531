"""Where signals show themselves on lower features' pages. What is in shadow shows nowhere."""

from flask import render_template

from app.accounts.models import Person
from app.core.roles import INSPECTORS, Role
from app.inspections.models import Inspection
from app.signals import queries
from app.web import panels
from app.web.access import current_person


def of_visit(inspection: Inspection) -> str:
    """The signals about a finished visit, for who was there and for supervisors."""
    signals = queries.signals_of_visit(inspection, current_person())
    return render_template("signals/_panel_visit.html", signals=signals) if signals else ""


def of_start(person: Person) -> str:
    """How many wait to be looked at, and how many of one's own to be explained; nothing where none does."""
    waiting = queries.count_open(person.region) if person.is_supervisor else 0
    own = queries.count_mine(person) if person.is_any(Role.COORDINATOR) else 0
    if not (waiting or own):
        return ""
    return render_template("signals/_panel_start.html", waiting=waiting, own=own, most=queries.MOST_COUNTED)


def of_me(person: Person) -> str:
    """The ways to the lists."""
    if not person.is_any(*INSPECTORS, *queries.READERS):
        return ""
    return render_template("signals/_panel_me.html", reads_all=person.is_any(*queries.READERS))


def add() -> None:
    """Register the panels."""
    panels.add("inspections.record", 15, of_visit)
    panels.add("start.more", 7, of_start)
    panels.add("me.page", 42, of_me)
