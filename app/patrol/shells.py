"""Pages with nothing in them: made by the same templates, filled on the phone from what is stored there."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from flask import render_template

from app.inspections import cards
from app.inspections.cards import BLANK_VISIT
from app.inspections.forms import FinishForm
from app.inspections.phone import blank_page, blank_visit_data
from app.patrol.choosing import areas_of
from app.premises.kinds import domains, kinds
from app.reports.categories import open_categories
from app.reports.forms import ReportForm
from app.reports.routes import form_page
from app.reports.services import REPORTERS
from app.web.access import current_person
from app.web.i18n import say, word

INSPECTORS_ONLY = {"together", "visit", "finish", "notice"}


def render_shell(name: str) -> str:
    """The shell `name`. Who does not go on visits finds nothing behind theirs."""
    if name in INSPECTORS_ONLY and not current_person().is_inspector:
        name = "lost"
    if name == "report" and not current_person().is_any(*REPORTERS):
        name = "lost"
    return SHELLS.get(name, _plain(name))()


def _plain(name: str) -> Callable[[], str]:
    return lambda: render_template(f"patrol/{name}.html")


def _visit() -> str:
    page = _blank_page()
    return render_template(
        "inspections/show.html",
        page=page,
        inspection=page.inspection,
        render_card=cards.render_card,
        visit_data=blank_visit_data(),
        **cards.words(),
    )


def _finish() -> str:
    page = _blank_page()
    return render_template(
        "inspections/finish.html",
        page=page,
        inspection=page.inspection,
        form=FinishForm(formdata=None),
        error=None,
        visit_data=blank_visit_data(),
        **cards.words(),
    )


def _notice() -> str:
    page = _blank_page()
    return render_template("notices/here.html", inspection=page.inspection, visit_data=blank_visit_data())


def _file() -> str:
    """A place of the pack; the button that starts a visit is the same as on its page."""
    blank: Any = SimpleNamespace(id=BLANK_VISIT, name=word("inspection"), domains=[])
    return render_template("patrol/file.html", premises=blank, running=None, place=None)


def _place() -> str:
    return render_template(
        "patrol/place.html",
        areas=areas_of(current_person()),
        domains=[(one.key, say(one, "name")) for one in domains().values()],
        kinds=[(one.key, say(one, "name")) for one in kinds().values()],
    )


def _blank_page() -> Any:
    page = blank_page()
    page.inspection.premises.name = word("inspection")  # the phone writes the place's name here
    return page


def _patrol() -> str:
    return render_template("patrol/patrol.html", areas=areas_of(current_person()))


def _report() -> str:
    """Report something: the same form, which the phone keeps and sends itself."""
    return form_page(ReportForm(open_categories(current_person().region.county_id)), None, is_shell=True)


def _scan() -> str:
    return render_template("premises/scan.html")


SHELLS: dict[str, Callable[[], str]] = {
    "visit": _visit,
    "finish": _finish,
    "notice": _notice,
    "file": _file,
    "place": _place,
    "report": _report,
    "scan": _scan,
    "patrol": _patrol,
}
