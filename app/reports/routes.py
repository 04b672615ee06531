"""The pages of information reports 信息报告."""

import hashlib
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import db, transaction
from app.core.errors import AppError, Invalid, TooLarge
from app.core.ids import new_id, read_id
from app.core.roles import INSPECTORS, STAFF
from app.core.settings import settings
from app.core.storage import storage
from app.photos.intake import Limits, Received, receive_photo
from app.photos.models import Purpose
from app.photos.rules import PhotoMeta
from app.photos.views import VIEW_TYPE, View, read_view, view_key
from app.premises import queries as premises_queries
from app.premises.models import Premises
from app.reports import merging, pages, panels, queries, referring, register, services
from app.reports.categories import category_of, open_categories
from app.reports.forms import ReportForm, StepForm
from app.reports.models import Report
from app.reports.referring import refer_report
from app.reports.rules import Event
from app.reports.services import REPORTERS, Told
from app.web.access import allow, current_person
from app.web.changes import change_id
from app.web.i18n import say, translate

bp = Blueprint("reports", __name__)
MOST_PHOTOS = 10  # sent with one form
FOUND = 8  # places proposed while somebody types


@bp.app_template_global()
def report_category(key: str) -> str:
    """The name of a category in the page's language."""
    return say(category_of(key), "name")


bp.add_app_template_global(pages.state_word, "report_state")
bp.add_app_template_global(pages.state_kind, "report_state_kind")
bp.add_app_template_global(pages.event_word, "report_event")


@bp.get("/reports")
@allow(*STAFF)
def index() -> str:
    """What was reported in the reader's area; an informant's own reports."""
    person = current_person()
    return render_template(
        "reports/index.html", list=pages.list_page(request.args, person), may_report=person.is_any(*REPORTERS)
    )


@bp.route("/reports/new", methods=["GET", "POST"])
@allow(*REPORTERS)
def new() -> str | Response | tuple[str, int]:
    """Report something. A phone keeps it first and sends it itself (static/js/offline/report.js)."""
    person = current_person()
    form = ReportForm(open_categories(person.region.county_id))
    if request.method == "GET":
        chosen = read_id(request.args.get("premises", ""))
        form.premises_id.data = str(chosen or "")
        form.category.data = request.args.get("category", "")
        return form_page(form, _chosen(chosen))
    if not form.validate():
        return form_page(form, _chosen(read_id(form.premises_id.data))), 422
    known = db.session.get(Report, form.client_id)
    received, refused = ([], []) if known is not None else _receive_photos()
    try:
        report_id = _keep(form, received)
    except Invalid as error:
        form[error.field or "content"].errors = [translate(error.message, error.params)]
        return form_page(form, _chosen(read_id(form.premises_id.data))), 422
    for name, problem in refused:
        flash(_("%(name)s: %(problem)s", name=name[:40], problem=problem), "error")
    flash(_("Reported. You see here what becomes of it."), "ok")
    return redirect(url_for("reports.show", report_id=report_id), 303)


def form_page(form: ReportForm, premises: Premises | None, *, is_shell: bool = False) -> str:
    """The form; `is_shell` leaves out what only the server knows."""
    county_id = current_person().region.county_id
    query = "" if is_shell else request.args.get("q", "")[:60]
    return render_template(
        "reports/new.html",
        form=form,
        premises=premises,
        categories=open_categories(county_id),
        found=_found(query),
        query=query,
        is_shell=is_shell,
    )


@bp.get("/reports/places")
@allow(*REPORTERS)
def places() -> str:
    """Places of the register whose name contains what is typed."""
    return render_template("reports/_places.html", found=_found(request.args.get("place", "")[:60]), chosen="")


@bp.get("/reports/<uuid:report_id>")
@allow(*STAFF)
def show(report_id: UUID) -> str:
    person = current_person()
    report = queries.get_report(report_id, person)
    if report.reporter_id == person.id and report.fed_back_at and report.outcome_seen_at is None:
        with transaction():
            services.see_outcome(db.session.get_one(Report, report_id), by=person, now=clock.now())
        report = queries.get_report(report_id, person)
    return _show(report)


@bp.post("/reports/<uuid:report_id>/<any({}):event>".format(", ".join(Event)))
@allow(*INSPECTORS)
def step(report_id: UUID, event: str) -> str | Response | tuple[str, int]:
    """One step: verify, pass on, settle, answer."""
    person, form = current_person(), StepForm()
    report = queries.get_report(report_id, person)
    if not form.validate():
        return _show(report, form, event), 422
    try:
        with transaction():
            services.take_step(
                report.id, Event(event), turn_id=change_id() or new_id(), by=person, now=clock.now(),
                note=form.note.data or "", to=form.to.data or "",
            )  # fmt: skip
    except Invalid as error:
        form[error.field or "note"].errors = [translate(error.message, error.params)]
        return _show(queries.get_report(report_id, person), form, event), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("reports.show", report_id=report_id), 303)


@bp.post("/reports/<uuid:report_id>/referral")
@allow(*INSPECTORS)
def refer(report_id: UUID) -> Response:
    """Open a formal referral that has everything the report knows."""
    person = current_person()
    with transaction():
        report = queries.get_report(report_id, person)
        referral_id = refer_report(report, by=person, now=clock.now())
    return redirect(url_for("referrals.show", referral_id=referral_id), 303)


def _show(report: Report, form: StepForm | None = None, event: str = "") -> str:
    return render_template(
        "reports/show.html",
        page=pages.report_page(report, current_person()),
        report=report,
        form=form or StepForm(formdata=None),
        failed=event,
        change=str(new_id()),
    )


@bp.get("/reports/photos/<uuid:report_photo_id>/<any(small,large):view>.jpg")
@allow(*STAFF)
def photo(report_photo_id: UUID, view: str) -> FlaskResponse:
    """A photo of a report its reader may see, without EXIF."""
    row = queries.get_photo(report_photo_id, current_person())
    tag = hashlib.sha256(view_key(row, View(view)).encode()).hexdigest()[:20]
    known = request.if_none_match.contains(tag)
    data = None if known else read_view(row, View(view), storage=storage())
    response = FlaskResponse(data, 304 if known else 200, mimetype=VIEW_TYPE)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.get("/reports/register.<any(csv,xlsx):kind>")
@allow(*STAFF)
def take_register(kind: str) -> FlaskResponse:
    """Form 1 of the chosen period as a table."""
    person = current_person()
    filters = pages.filters_from(request.args, person)
    rows, body = queries.register_rows(filters), person.organisation.name_zh
    data: Any = register.as_csv(rows, body) if kind == "csv" else register.as_xlsx(rows, body)
    types = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    response = FlaskResponse(data, mimetype=types[kind])
    name = f"xinxi-baogao-{filters.first or 'all'}-{filters.last or clock.today()}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _keep(form: ReportForm, received: list[tuple[Received, str]]) -> UUID:
    person, now = current_person(), clock.now()
    with transaction():
        premises = _chosen(read_id(form.premises_id.data))
        at = form.position or (None, None, None)
        told = Told(
            category=form.category.data, content=form.content.data or "", discovered_at=form.seen_at,
            premises=premises, place=form.place.data or "", latitude=at[0], longitude=at[1], accuracy_m=at[2],
        )  # fmt: skip
        report = services.make_report(form.client_id, told, by=person, now=now)
        for one, name in received:
            meta = PhotoMeta.from_form({"purpose": Purpose.SCENE.value}, original_name=name)
            services.attach_photo(report, one, meta, by=person, now=now)
        return report.id


def _receive_photos() -> tuple[list[tuple[Received, str]], list[tuple[str, str]]]:
    """The form's photos, kept before the database is asked for anything; and those that are none, with the reason."""
    received, refused = [], []
    for file in [one for one in request.files.getlist("photos") if one.filename][:MOST_PHOTOS]:
        name = file.filename or ""
        try:
            one = receive_photo(file.stream, storage=storage(), limits=Limits.of(settings()))
        except (Invalid, TooLarge) as error:
            refused.append((name, _problem(error)))
        else:
            received.append((one, name))
    return received, refused


def _problem(error: AppError) -> str:
    return translate(error.message, error.params)


def _chosen(premises_id: UUID | None) -> Premises | None:
    """The place, when it lies in the reporter's area; one that does not is left out."""
    if premises_id is None:
        return None
    row = db.session.get(Premises, premises_id)
    return row if row is not None and current_person().region.contains(row) else None


def _found(query: str) -> list[Premises]:
    if not query.strip():
        return []
    filters = premises_queries.Filters(current_person().region, query=query.replace("\0", ""))
    return list(premises_queries.page_of_premises(filters, size=FOUND).premises)


panels.add()
merging.add()
referring.add()
