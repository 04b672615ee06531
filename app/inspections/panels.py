"""Where visits show themselves on the premises page."""

from flask import render_template

from app.inspections import histories, queries
from app.inspections.phone import place_data
from app.premises.models import Premises
from app.web import panels
from app.web.access import current_person


def history(premises: Premises) -> str:
    """The place's latest visits and photos, also from before it moved here."""
    region = current_person().region
    return render_template(
        "inspections/_panel_file.html",
        visits=queries.inspections_of(premises.id, region),
        photos=queries.photos_of_place(premises.id, region),
        premises=premises,
    )


def start_button(premises: Premises) -> str:
    """Start, or continue what this person left open here."""
    mine = [visit for visit in queries.open_inspections(current_person(), 50) if visit.premises_id == premises.id]
    return render_template(
        "inspections/_panel_start.html",
        premises=premises,
        running=mine[0] if mine else None,
        place=place_data(premises),
    )


def add() -> None:
    """Register the panels."""
    panels.add("premises.file", 10, history, histories.histories)
    panels.add("premises.action", 10, start_button)
