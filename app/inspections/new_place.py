"""A visit at a place that is not in the register yet: place and visit begin in one request, with ids of the phone."""

from uuid import UUID

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.regions import regions_in
from app.core.database import db
from app.core.errors import N_, NotFound
from app.core.ids import new_id
from app.core.roles import INSPECTORS
from app.inspections import queries, services
from app.inspections.blueprint import bp
from app.inspections.forms import StartForm
from app.inspections.models import Inspection
from app.inspections.services import Start
from app.inspections.starting import read_start
from app.premises.duplicates import Likely, likely_duplicates
from app.premises.facts import Facts, Problem, problems_of
from app.premises.forms import NewPlaceForm
from app.premises.models import Premises
from app.premises.services import register_premises
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.htmx import go_to

ACCURATE_M = 200  # a position less sure than this does not say where a place is


@bp.route("/inspections/new-place", methods=["GET", "POST"])
@allow(*INSPECTORS)
def new_place() -> str | Response | tuple[str, int]:
    """Ask for what is needed to begin. With `ask` likely doubles are proposed first; a phone that sends later
    cannot be asked, and they are proposed to whoever completes the file.
    """
    person = current_person()
    form = NewPlaceForm(regions_in(person.region), person.region)
    if request.method == "GET":
        form.name.data = request.args.get("name", "")[:100]
        return _page(form)
    start = read_start(StartForm())
    facts = _facts(form, start)
    if facts is None:
        return _page(form), 422
    if "ask" in request.form and "anyway" not in request.form:
        likely = likely_duplicates(facts, person.region, besides=form.client_id)
        if likely:
            return _page(form, likely), 409
    premises_id, inspection_id = form.client_id, _id_of("inspection_id")

    def work() -> Inspection:
        place = _known(premises_id) or register_premises(facts, person, premises_id=premises_id, to_complete=True)
        return services.start_inspection(inspection_id, place, by=person, start=start, change_id=change_id())

    carry_out(change_id(), work, lambda: queries.get_inspection(inspection_id, person))
    return go_to(url_for("inspections.show", inspection_id=inspection_id))


def _facts(form: NewPlaceForm, start: Start) -> Facts | None:
    """The facts when form and rules accept them; else None, and the form says why."""
    if not form.validate():
        return None
    sure = start.latitude is not None and start.longitude is not None and (start.accuracy_m or 0) <= ACCURATE_M
    facts = form.facts((start.latitude, start.longitude) if sure else None)  # type: ignore[arg-type] # both, if sure
    problems = problems_of(facts)
    if not facts.address and facts.position is None:
        problems.append(Problem("address", N_("Enter the address: this phone gives no exact position.")))
    form.show_problems(problems)
    return None if problems else facts


def _known(premises_id: UUID) -> Premises | None:
    """The place of an earlier sending; one of another area is not there."""
    known = db.session.get(Premises, premises_id)
    if known is not None and not current_person().region.contains(known):
        raise NotFound
    return known


def _id_of(name: str) -> UUID:
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        return new_id()


def _page(form: NewPlaceForm, likely: list[Likely] | None = None) -> str:
    return render_template(
        "inspections/new_place.html",
        form=form,
        likely=likely or [],
        inspection_id=_id_of("inspection_id"),
        change=str(new_id()),
    )
