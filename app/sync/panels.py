"""Where the outbox shows itself on the pages of a visit and on the start page."""

from flask import render_template

from app.accounts.models import Person
from app.core.roles import Role
from app.inspections.models import Inspection
from app.sync import held, pages, waiting
from app.web import panels
from app.web.access import current_person

FEW = 5


def of_visit(inspection: Inspection) -> str:
    """What is still on phones, what stands side by side, what came too late."""
    arrival = pages.arrival(inspection, current_person())
    if not arrival:
        return ""
    return render_template(
        "sync/_panel_visit.html", arrival=arrival, side_words=pages.side_words, field_word=pages.field_word
    )


def of_start(person: Person) -> str:
    """What a coordinator's own phones still owe, and for a supervisor what the area waits for."""
    mine = waiting.missing_of_person(person)[:FEW] if person.is_any(Role.COORDINATOR) else []
    area = waiting.count_in(person.region) if person.is_supervisor else 0
    works = held.count_held(person.region) if person.is_supervisor else 0
    if not (mine or area or works):
        return ""
    return render_template("sync/_panel_start.html", mine=mine, area=area, held=works)


def of_me(person: Person) -> str:
    """Where a rescue file is handed in."""
    return render_template("sync/_panel_me.html") if person.is_inspector else ""


def add() -> None:
    """Register the panels."""
    panels.add("inspections.open", 5, of_visit)
    panels.add("inspections.record", 5, of_visit)
    panels.add("start.page", 10, of_start)
    panels.add("me.page", 50, of_me)
