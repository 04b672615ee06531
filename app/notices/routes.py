"""Pages of the issuing side: make a notice, see how it stands, hand it over, take it back."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import transaction
from app.core.errors import AppError, Invalid, NotFound
from app.core.ids import new_id
from app.core.roles import INSPECTORS, STAFF, Role
from app.core.storage import storage
from app.inspections import queries as inspections
from app.inspections.models import Inspection
from app.inspections.signatures import keep_signature
from app.notices import (
    calendar_routes,
    checking,
    delivery,
    merging,
    number_routes,
    panels,
    printing,
    queries,
    rules,
    services,
)
from app.notices.blueprint import bp
from app.notices.choosing import choosing_page
from app.notices.delivery import Handing
from app.notices.forms import ChoiceForm, DeliveryForm, ReasonForm, parse_id, parse_moment
from app.notices.kinds import get_kind
from app.notices.models import DeliveryMethod, Notice, Status
from app.notices.numbers import Claim
from app.notices.pages import OwnerPhoto, owner_page, proof
from app.notices.queries import Shelf
from app.notices.services import Wish
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.i18n import translate

__all__ = ["bp", "calendar_routes", "number_routes"]

panels.add()
merging.add()
checking.add()


@bp.get("/inspections/<uuid:inspection_id>/notice")
@allow(*INSPECTORS)
def new(inspection_id: UUID) -> str:
    """Choose findings and kind; everything is chosen already."""
    inspection = inspections.get_inspection(inspection_id, current_person())
    return _choose(inspection, ChoiceForm(formdata=request.args))


@bp.route("/inspections/<uuid:inspection_id>/notice/preview", methods=["GET", "POST"])
@allow(*INSPECTORS)
def preview(inspection_id: UUID) -> str | tuple[str, int] | Response:
    """What the owner will read, before it is issued. Fetched, so that going back sends nothing twice."""
    person = current_person()
    inspection = inspections.get_inspection(inspection_id, person)
    form = ChoiceForm() if request.method == "POST" else ChoiceForm(formdata=request.args)
    if not request.values:
        return redirect(url_for("notices.new", inspection_id=inspection_id), 303)
    try:
        wish = _wish(inspection, form)
        content = services.preview(inspection, wish, by=person)
        if wish.replaces_id is not None and not wish.reason.strip():
            services.check_reason(wish.reason)
    except AppError as error:
        return _choose(inspection, form, error), error.status
    fields = {"notice_id": parse_id(form.notice_id.data) or new_id(), "kind": wish.kind}
    if wish.replaces_id is not None:
        fields |= {"replaces": wish.replaces_id, "reason": wish.reason}
    ids = [str(finding_id) for finding_id in wish.finding_ids]
    change: dict[str, Any] = {"kind": wish.kind, "findings": ids, "replaces": wish.replaces_id}
    return _preview(
        content,
        fields=[*fields.items(), *(("findings", finding_id) for finding_id in ids)],
        back=url_for("notices.new", inspection_id=inspection_id, **change),
        issue=url_for("notices.issue", inspection_id=inspection_id),
    )


@bp.post("/inspections/<uuid:inspection_id>/notice")
@allow(*INSPECTORS)
def issue(inspection_id: UUID) -> Response | tuple[str, int]:
    """Issue it, or keep it as a draft for a supervisor. The same notice id again leads to the same notice."""
    person, form = current_person(), ChoiceForm()
    inspection = inspections.get_inspection(inspection_id, person)
    notice_id = parse_id(form.notice_id.data) or new_id()
    try:
        wish = _wish(inspection, form)
        act = services.issue_notice
        if not rules.may_issue(get_kind(wish.kind), person.role_names):
            act = services.draft_notice
        with transaction():
            notice = act(notice_id, wish, by=person, now=clock.now())
    except AppError as error:
        return _choose(inspection, form, error), error.status
    if notice.is_issued:
        printing.prepare(notice_id)
    return redirect(url_for("notices.show", notice_id=notice_id), 303)


@bp.get("/notices")
@allow(*STAFF)
def index() -> str:
    """The notices of the reader's region, the most pressing first."""
    reader, today = current_person(), clock.today()
    region = reader.region
    shelf = Shelf(request.args["shelf"]) if request.args.get("shelf") in set(Shelf) else Shelf.OPEN
    page = queries.notices_on(shelf, region, today, request.args.get("after", ""), reader=reader)
    groups = []
    if shelf in queries.BY_DATE:
        by_urgency = groupby(
            page.notices, key=lambda notice: rules.urgency(notice.due_on or today, today).value
        )
        groups = [(urgency, list(notices)) for urgency, notices in by_urgency]
    return render_template(
        "notices/index.html",
        page=page,
        groups=groups,
        shelf=shelf,
        counts=queries.count_shelves(region, today, reader),
        Shelf=Shelf,
        may_register=current_person().is_any(Role.SUPERVISOR, Role.ADMINISTRATOR),
    )


@bp.get("/notices/<uuid:notice_id>")
@allow(*STAFF)
def show(notice_id: UUID) -> str:
    """How a notice stands: code to scan, openings, delivery, prints."""
    return show_page(queries.read_notice(notice_id, current_person()))


@bp.get("/notices/<uuid:notice_id>/preview")
@allow(*INSPECTORS)
def preview_draft(notice_id: UUID) -> str | tuple[str, int] | Response:
    """What the owner will read once the prepared notice is issued; who may issue it does so from here."""
    person = current_person()
    notice = queries.get_notice(notice_id, person)
    page = url_for("notices.show", notice_id=notice_id)
    if notice.status is not Status.DRAFT:
        return redirect(page, 303)
    if not rules.may_issue(get_kind(notice.kind), person.role_names):
        return _preview(notice.content, back=page)
    try:
        content = services.preview(notice.inspection, services.wish_of(notice), by=person)
    except AppError as error:
        return show_page(notice, error=error), error.status
    return _preview(content, back=page, issue=url_for("notices.issue_draft", notice_id=notice_id))


@bp.post("/notices/<uuid:notice_id>/issue")
@allow(*INSPECTORS)
def issue_draft(notice_id: UUID) -> Response:
    """Issue a prepared notice."""
    person, registration = current_person(), request.form.get("registration_number", "")
    notice = queries.get_notice(notice_id, person)
    with transaction():
        services.issue_draft(notice, by=person, now=clock.now(), registration_number=registration)
    printing.prepare(notice_id)
    return redirect(url_for("notices.show", notice_id=notice_id), 303)


@bp.post("/notices/<uuid:notice_id>/discard")
@allow(*INSPECTORS)
def discard(notice_id: UUID) -> Response:
    """Throw a draft away. A second tap finds it gone and lands on its visit, too."""
    person = current_person()
    with transaction():
        try:
            notice = queries.get_notice(notice_id, person)
        except NotFound:
            visit = queries.visit_of_discarded(notice_id)
            inspection_id = inspections.get_inspection(visit, person).id
        else:
            inspection_id = notice.inspection_id
            services.discard_draft(notice, by=person)
    return redirect(url_for("inspections.show", inspection_id=inspection_id), 303)


@bp.post("/notices/<uuid:notice_id>/withdraw")
@allow(*INSPECTORS)
def withdraw(notice_id: UUID) -> Response | tuple[str, int]:
    """Take an issued notice back; its number stays used."""
    person, form = current_person(), ReasonForm()
    queries.get_notice(notice_id, person)

    def work() -> None:
        notice = queries.get_notice(notice_id, person)
        services.withdraw_notice(
            notice, form.reason.data or "", by=person, now=clock.now(), change_id=change_id()
        )

    try:
        carry_out(change_id(), work, lambda: None)
    except Invalid as error:
        return show_page(queries.get_notice(notice_id, person), withdrawal=form, error=error), error.status
    return redirect(url_for("notices.show", notice_id=notice_id), 303)


@bp.post("/notices/<uuid:notice_id>/deliveries")
@allow(*INSPECTORS)
def deliver(notice_id: UUID) -> Response | tuple[str, int]:
    """Record how the paper was handed over."""
    person, form = current_person(), DeliveryForm()
    queries.get_notice(notice_id, person)
    try:
        handing = Handing(
            method=DeliveryMethod(form.method.data or "")
            if form.method.data in set(DeliveryMethod)
            else _no_method(),
            receiver=form.receiver.data or "",
            signature_key=keep_signature(form.signature.data or ""),
            reason=form.reason.data or "",
            witness=form.witness.data or "",
            consent=bool(form.consent.data),
        )
        delivery_id = change_id() or new_id()

        def work() -> None:
            notice = queries.get_notice(notice_id, person)
            delivery.record_delivery(delivery_id, notice, handing, by=person, now=clock.now())

        carry_out(delivery_id, work, lambda: None)
    except Invalid as error:
        return show_page(queries.get_notice(notice_id, person), handing=form, error=error), error.status
    return redirect(url_for("notices.show", notice_id=notice_id, _anchor="delivery"), 303)


@bp.get("/notices/<uuid:notice_id>/deliveries/<uuid:delivery_id>/signature.png")
@allow(*STAFF)
def signature(notice_id: UUID, delivery_id: UUID) -> Response:
    """The signature drawn at a delivery."""
    notice = queries.read_notice(notice_id, current_person())
    for row in notice.deliveries:
        if row.id == delivery_id and row.signature_key:
            return send_file(storage().open(row.signature_key), mimetype="image/png")
    raise NotFound


@bp.get("/notices/<uuid:notice_id>/<any('a4', '80mm', '58mm'):layout>.pdf")
@allow(*STAFF)
def pdf(notice_id: UUID, layout: str) -> Response:
    """The paper, to print."""
    notice = queries.read_notice(notice_id, current_person())
    return printing.pdf_response(notice, layout, printing.asked_language())


@bp.get("/notices/<uuid:notice_id>/qr.png")
@allow(*STAFF)
def qr(notice_id: UUID) -> Response:
    """The code that opens the owner's page."""
    return printing.qr_response(queries.read_notice(notice_id, current_person()))


def _wish(inspection: Inspection, form: ChoiceForm) -> Wish:
    return Wish(
        inspection.id,
        form.kind.data or "",
        [found for text in form.findings.data or [] if (found := parse_id(text)) is not None],
        parse_id(form.replaces.data),
        form.reason.data or "",
        form.registration_number.data or "",
        _claim(form),
    )


def _claim(form: ChoiceForm) -> Claim | None:
    """The reserved number of a notice issued on a phone without network; a broken time is no time."""
    if not form.reserved_token.data:
        return None
    told = parse_moment(form.issued_on_device_at.data)
    return Claim(form.reserved_number.data or "", form.reserved_token.data, told)


def _preview(
    content: dict[str, Any], *, back: str, issue: str = "", fields: Sequence[tuple[str, object]] = ()
) -> str:
    """The owner's page before its time. `issue` takes the form with `fields`; empty for who only looks."""
    kind = get_kind(content["kind"])
    return render_template(
        "notices/preview.html",
        page=owner_page(content),
        kind=kind,
        may_issue=rules.may_issue(kind, current_person().role_names),
        back_url=back,
        issue_url=issue,
        fields=fields,
        photo_url=_photo_url,
    )


def _choose(inspection: Inspection, form: ChoiceForm, error: AppError | None = None) -> str:
    page = choosing_page(inspection, form, current_person(), clock.now())
    return render_template("notices/new.html", inspection=inspection, page=page, form=form, error=error)


def show_page(notice: Notice, **problems: Any) -> str:
    """The page of a notice; `problems` carries a form that needs another look and its error."""
    error = problems.get("error")
    return render_template(
        "notices/show.html",
        notice=notice,
        page=owner_page(notice.content),
        check_code=proof(notice.digest),
        address=printing.public_address(notice) if notice.number else "",
        may_issue=rules.may_issue(get_kind(notice.kind), current_person().role_names),
        may_write=current_person().is_inspector and current_person().region.contains(notice),
        may_discard=_may_discard(notice),
        clocks_differ=rules.clocks_differ(notice.issued_on_device_at, notice.issued_at),
        handing=problems.get("handing") or DeliveryForm(formdata=None),
        withdrawal=problems.get("withdrawal") or ReasonForm(formdata=None),
        error=translate(error.message, error.params) if error else "",
        error_field=error.field if error else "",
        photo_url=_photo_url,
        new_id=new_id,
    )


def _may_discard(notice: Notice) -> bool:
    person = current_person()
    return notice.status is Status.DRAFT and services.may_make(notice.inspection, person)


def _photo_url(photo: OwnerPhoto) -> str:
    return url_for("inspections.photo", photo_id=photo.id, view="plain")


def _no_method() -> DeliveryMethod:
    from app.core.errors import N_

    raise Invalid(N_("Choose how the notice was handed over."), field="method")
