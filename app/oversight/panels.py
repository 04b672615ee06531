"""Where the desk shows itself on pages of lower features."""

from flask import render_template

from app.accounts.models import Person
from app.inspections.models import InspectionPhoto
from app.oversight import talking
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


def add() -> None:
    """Register the panels."""
    panels.add("start.page", 2, unread)
    panels.add("photo.talk", 10, of_photo)
