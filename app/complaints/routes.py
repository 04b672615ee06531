"""The pages of complaints for staff."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.county import option
from app.accounts.models import Person
from app.checklists.shipped import load_authorities
from app.complaints import cli, merging, options, pages, panels, photos, queries, referring, refused, services
from app.complaints.forms import AboutForm, RegisterForm, StepForm
from app.complaints.models import Complaint
from app.complaints.queries import Shelf
from app.complaints.referring import refer_complaint
from app.complaints.rules import Channel, Event
from app.complaints.sealing import Complainant, box
from app.complaints.services import REGISTRARS, Lodged, Step
from app.core import clock
from app.core.database import db, transaction
from app.core.errors import N_, Invalid, NotAllowed, NotFound
from app.core.ids import new_id, read_id
from app.core.roles import INSPECTORS
from app.core.settings import settings
from app.inspections.models import Inspection
from app.inspections.queries import inspections_of
from app.premises.models import Premises
from app.web.access import allow, current_person
from app.web.changes import change_id
from app.web.i18n import say, translate

__all__ = ["bp", "options"]
_NOT_THEIRS = N_("This is for whoever handles the complaint.")
bp = Blueprint("complaints", __name__, cli_group=None)
bp.cli.add_command(cli.group)
bp.add_app_template_global(pages.state_word, "complaint_state")
bp.add_app_template_global(pages.state_kind, "complaint_state_kind")
bp.add_app_template_global(pages.kind_word, "complaint_kind")
bp.add_app_template_global(pages.channel_word, "complaint_channel")
bp.add_app_template_global(pages.event_word, "complaint_event")


@bp.get("/complaints")
@allow(*REGISTRARS)
def index() -> str:
    """The cases this person may read; a supervisor also sees how many posts the public form refused."""
    person, chosen = current_person(), request.args.get("shelf", "")
    shelf = Shelf(chosen) if chosen in set(Shelf) else Shelf.OPEN
    if person.is_supervisor:
        refused.write()
    return render_template(
        "complaints/index.html",
        shelf=shelf,
        page=queries.page_of_complaints(person, shelf, request.args.get("after", "")),
        counts=queries.count_complaints(person),
        refused=refused.counted(clock.today()) if person.is_supervisor else {},
        is_open=bool(option(person.region.county_id, "complaints.public")),
    )


@bp.route("/complaints/new", methods=["GET", "POST"])
@allow(*REGISTRARS)
def new() -> str | Response | tuple[str, int]:
    """Write down a complaint that came by phone, in person or by letter."""
    person = current_person()
    form = RegisterForm(queries.inspectors_of(person))
    if request.method == "GET":
        form.premises_id.data = request.args.get("premises", "")
        return _form(form)
    if not form.validate():
        return _form(form), 422
    try:
        complaint_id = _register(form, person)
    except Invalid as error:
        form[error.field or "matter"].errors = [translate(error.message, error.params)]
        return _form(form), 422
    return redirect(url_for("complaints.registered", complaint_id=complaint_id), 303)


def _form(form: RegisterForm) -> str:
    return render_template("complaints/new.html", form=form, premises=_premises(form.premises_id.data))


def _premises(raw: str | None) -> Premises | None:
    premises_id = read_id(raw)
    row = db.session.get(Premises, premises_id) if premises_id else None
    return row if row is not None and current_person().region.contains(row) else None


def _register(form: RegisterForm, person: Person) -> UUID:
    with transaction():
        who = Complainant(
            name=form.name.data or "", phone=form.phone.data or "", address=form.address.data or "",
            other=form.other.data or "",
        )  # fmt: skip
        about = frozenset(found for raw in form.about.data or [] if (found := read_id(raw)))
        lodged = Lodged(
            channel=Channel(form.channel.data), region=person.region, matter=form.matter.data or "",
            premises=_premises(form.premises_id.data), complainant=who, about=about,
        )  # fmt: skip
        return services.register_complaint(form.client_id, lodged, by=person, now=clock.now()).id


@bp.get("/complaints/<uuid:complaint_id>/registered")
@allow(*REGISTRARS)
def registered(complaint_id: UUID) -> str:
    """Number and code, to be told to the caller; for whoever registered it."""
    complaint = queries.get_complaint(complaint_id, current_person())
    if complaint.registered_by_id != current_person().id:
        return _show(complaint)
    code = services.receipt_code(complaint.id, settings().secret_key)
    return render_template("complaints/registered.html", complaint=complaint, code=code)


@bp.get("/complaints/<uuid:complaint_id>")
@allow(*REGISTRARS)
def show(complaint_id: UUID) -> str:
    return _show(queries.get_complaint(complaint_id, current_person()))


def _show(complaint: Complaint, form: StepForm | None = None, failed: str = "") -> str:
    person = current_person()
    page = pages.case_page(complaint, person)
    subjects = {one.person_id for one in complaint.subjects}
    people = queries.inspectors_of(person) if page.steps or page.may_look else []
    others = [one for one in people if one.id not in subjects]
    return render_template(
        "complaints/show.html",
        page=page,
        choices=[(str(one.id), one.name) for one in others if one.id != person.id],
        complaint=complaint,
        form=form or StepForm(formdata=None),
        failed=failed,
        people=others,
        visits=_visits(complaint),
        authorities=[say(one, "name") for one in load_authorities()],
        change=str(new_id()),
    )


@bp.post("/complaints/<uuid:complaint_id>/<any({}):event>".format(", ".join(Event)))
@allow(*REGISTRARS)
def step(complaint_id: UUID, event: str) -> str | Response | tuple[str, int]:
    """One step of the case."""
    person, form = current_person(), StepForm()
    complaint = queries.get_complaint(complaint_id, person)
    if not form.validate():
        return _show(complaint, form, event), 422
    chosen = read_id(form.verifier.data)
    verifier = next((one for one in queries.inspectors_of(person) if one.id == chosen), None)
    wanted = Step(Event(event), form.note.data or "", form.to.data or "", verifier, form.matter.data or "")
    try:
        with transaction():
            services.take_step(complaint.id, wanted, turn_id=change_id() or new_id(), by=person, now=clock.now())
    except Invalid as error:
        form[error.field or "note"].errors = [translate(error.message, error.params)]
        return _show(queries.get_complaint(complaint_id, person), form, event), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("complaints.show", complaint_id=complaint_id), 303)


@bp.post("/complaints/<uuid:complaint_id>/person")
@allow(*REGISTRARS)
def person(complaint_id: UUID) -> FlaskResponse:
    """Who complained. A look is an act: it is posted, written down, and kept nowhere."""
    reader = current_person()
    with transaction():
        complaint = queries.get_complaint(complaint_id, reader)
        who = services.look(complaint, by=reader)
    html = render_template("complaints/person.html", complaint=queries.get_complaint(complaint_id, reader), who=who)
    response = FlaskResponse(html)
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/complaints/<uuid:complaint_id>/about")
@allow(*REGISTRARS)
def about(complaint_id: UUID) -> Response:
    """Say whom of us it is about: from then on it does not exist to them."""
    reader, form = current_person(), AboutForm()
    chosen = {found for raw in form.about.data or [] if (found := read_id(raw))}
    known = {one.id for one in queries.inspectors_of(reader)}
    with transaction():
        complaint = queries.get_complaint(complaint_id, reader)
        services.name_subjects(complaint, chosen & known, by=reader)
    flash(_("Saved."), "ok")
    return redirect(url_for("complaints.show", complaint_id=complaint_id), 303)


@bp.post("/complaints/<uuid:complaint_id>/visit")
@allow(*REGISTRARS)
def visit(complaint_id: UUID) -> Response:
    """Say which visit of the place it belongs to."""
    reader, chosen = current_person(), read_id(request.form.get("visit", ""))
    with transaction():
        complaint = queries.get_complaint(complaint_id, reader)
        found = next((one for one in _visits(complaint) if one.id == chosen), None)
        if chosen and found is None:
            raise NotFound if complaint.handler_id == reader.id else NotAllowed(_NOT_THEIRS)
        services.link_visit(complaint, found, by=reader)
    flash(_("Saved."), "ok")
    return redirect(url_for("complaints.show", complaint_id=complaint_id), 303)


def _visits(complaint: Complaint) -> list[Inspection]:
    """The latest visits of its place, for who handles it."""
    if complaint.premises_id is None or complaint.handler_id != current_person().id:
        return []
    return inspections_of(complaint.premises_id, current_person().region)


@bp.post("/complaints/<uuid:complaint_id>/referral")
@allow(*INSPECTORS)
def refer(complaint_id: UUID) -> Response:
    """Open a formal referral with the neutral words; who complained stays here."""
    reader = current_person()
    with transaction():
        complaint = queries.get_complaint(complaint_id, reader)
        chosen = {found for raw in request.form.getlist("photos") if (found := read_id(raw))}
        referral_id = refer_complaint(complaint, by=reader, now=clock.now(), photos=chosen)
    return redirect(url_for("referrals.show", referral_id=referral_id), 303)


@bp.get("/complaints/photos/<uuid:complaint_photo_id>.jpg")
@allow(*REGISTRARS)
def photo(complaint_photo_id: UUID) -> FlaskResponse:
    """A photo of the complainant, for the smallest circle. Every look is written down."""
    reader: Any = current_person()
    with transaction():
        row, complaint = queries.get_photo(complaint_photo_id, reader)
        if not services.may_look(complaint, reader):
            raise NotAllowed(N_("Who complained is for the one who handles it and the one who registered it."))
        data = photos.picture(row, box(settings()), by=reader.id)
    response = FlaskResponse(data, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "no-store"
    return response


panels.add()
merging.add()
referring.add()
