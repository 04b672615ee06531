"""Where the desk shows itself on pages of lower features."""

from collections.abc import Sequence

from flask import render_template

from app.accounts.models import Person
from app.inspections.models import InspectionPhoto
from app.oversight import talking
from app.oversight.blueprint import READERS
from app.premises.models import Premises
from app.signals.queries import signals_of_photos
from app.web import panels
from app.web.access import current_person

FEW = 5


def unread(person: Person) -> str:
    """New messages about photos; nothing where there is none."""
    messages = talking.unread(person) if person.is_inspector else []
    if not messages:
        return ""
    return render_template("oversight/_panel_unread.html", messages=messages[:FEW], count=len(messages))


def of_photo(row: InspectionPhoto) -> str:
    """The conversation about a photo, where the reader may take part in it."""
    person = current_person()
    if not talking.may_talk(row, person):
        return ""
    return render_template("oversight/_talk.html", row=row, said=talking.conversation(row, person))


def of_place(premises: Premises) -> str:
    """The way from a place's file to its photos over time, for those who read the log."""
    if not current_person().is_any(*READERS):
        return ""
    return render_template("oversight/_panel_place.html", premises=premises)


def signals_of_many(rows: Sequence[InspectionPhoto]) -> Sequence[str]:
    """What was noticed about each photo, shown kinds only: one read for all of them."""
    found = signals_of_photos([row.photo_id for row in rows])
    return [
        render_template("oversight/_signals.html", signals=found[row.photo_id]) if row.photo_id in found else ""
        for row in rows
    ]


def signals_of_one(row: InspectionPhoto) -> str:
    """The same for one photo."""
    return signals_of_many([row])[0]


def _nothing(places: Sequence[Premises]) -> Sequence[str]:
    """A phone's pack takes no link to the log along."""
    return [""] * len(places)


def add() -> None:
    """Register the panels."""
    panels.add("premises.file", 12, of_place, _nothing)
    panels.add("start.page", 2, unread)
    panels.add("photo.talk", 10, of_photo)
    panels.add("desk.look", 10, signals_of_one, signals_of_many)
    panels.add("photo.signals", 10, signals_of_one)
