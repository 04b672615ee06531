"""Where seals show themselves on lower features' pages: to administrators alone."""

from flask import render_template

from app.accounts.models import Person
from app.core import clock
from app.core.roles import Role
from app.core.settings import settings
from app.seals import certificate
from app.seals.pages import seal_page
from app.web import panels


def of_start(person: Person) -> str:
    """That papers go out unsigned, or soon will; nothing while all is well."""
    if not person.is_any(Role.ADMINISTRATOR):
        return ""
    page = seal_page(certificate.present(settings(), clock.now()), clock.now())
    return render_template("seals/_panel_start.html", page=page) if page.worth_a_warning else ""


def of_me(person: Person) -> str:
    """The way to the page."""
    return render_template("seals/_panel_me.html") if person.is_any(Role.ADMINISTRATOR) else ""


def add() -> None:
    """Register the panels."""
    panels.add("start.page", 1, of_start)
    panels.add("me.page", 55, of_me)
