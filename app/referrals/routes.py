"""Pages of the referring side, and of receivers who work in this product."""

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Response as FlaskResponse
from flask import redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from app.accounts.models import Person
from app.accounts.regions import Region, regions_in
from app.core import audit, clock
from app.core.database import db, transaction
from app.core.errors import N_, AppError, Invalid, NotFound
from app.core.ids import new_id
from app.core.roles import INSPECTORS, Role
from app.inspections import queries as inspections
from app.inspections.models import Inspection
from app.notices import queries as notices
from app.notices.models import Notice
from app.notices.printing import asked_language
from app.photos.rules import PhotoMeta
from app.premises.queries import premises_for
from app.referrals import (
    addressee_routes,
    checking,
    evidence,
    limits,
    links,
    panels,
    photo_routes,
    prefill,
    printing,
    queries,
    services,
    steps,
)
from app.referrals.blueprint import READERS, bp
from app.referrals.forms import ReferralForm
from app.referrals.matters import all_matters, authorities, clocks, direct_matters, get_matter
from app.referrals.models import Referral, Urgency
from app.referrals.pages import referral_page, urgency_text
from app.referrals.queries import Shelf
from app.referrals.rules import Event, Outcome, by_link, outcomes_at
from app.referrals.services import Facts, Opening
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.i18n import say, translate

__all__ = ["addressee_routes", "bp", "photo_routes"]

panels.add()
limits.add()
checking.add()


@bp.get("/referrals")
@allow(*READERS)
def index() -> str:
    """The referrals of the reader's region, by what has to happen next."""
    region = current_person().region
    shelf = Shelf(request.args["shelf"]) if request.args.get("shelf") in set(Shelf) else None
    counts = queries.counts_of(region)
    if shelf is None:
        shelf = next((one for one in Shelf if counts[one]), Shelf.TO_SEND)
    page = queries.referrals_on(shelf, region, request.args.get("after", ""))
    return render_template("referrals/index.html", page=page, shelf=shelf, counts=counts, Shelf=Shelf)


@bp.get("/referrals/new")
@allow(*INSPECTORS)
def new() -> str:
    """What is it about? One tap opens the referral and starts its clock."""
    premises = _place(request.args.get("premises", ""))
    return render_template("referrals/new.html", matters=direct_matters(), premises=premises)


@bp.post("/referrals")
@allow(*INSPECTORS)
def open_direct() -> Response:
    """Open a referral that comes from no visit. The same id again leads to the same referral."""
    person, now = current_person(), clock.now()
    matter, premises = get_matter(request.form.get("matter", "")), _place(request.form.get("premises", ""))
    facts = Facts(discovered_at=now, urgency=Urgency(matter.urgency))
    region = person.region
    if premises is not None:
        region = premises.region
        facts = Facts(
            discovered_at=now, urgency=Urgency(matter.urgency), subject=premises.name, address=premises.address,
            person_in_charge=premises.person_in_charge, phone=premises.phone,
        )  # fmt: skip
    opening = Opening(matter.key, region, facts, premises.id if premises else None, position=_position())
    return _open(opening, "referrals.edit")


@bp.post("/inspections/<uuid:inspection_id>/referral")
@allow(*INSPECTORS)
def open_from_visit(inspection_id: UUID) -> Response:
    """Open one that writes itself from a finished visit's critical findings."""
    inspection = inspections.get_inspection(inspection_id, current_person())
    return _open_proposed(inspection, lambda: prefill.from_visit(inspection, _authority(), current_person()))


@bp.post("/notices/<uuid:notice_id>/referral")
@allow(*INSPECTORS)
def open_from_notice(notice_id: UUID) -> Response:
    """Open one that writes itself from a notice that was not followed."""
    notice = notices.get_notice(notice_id, current_person())
    make = lambda: prefill.from_notice(notice, _authority(), current_person())  # noqa: E731 - as above, by name
    return _open_proposed(notice.inspection, make, notice)


@bp.get("/referrals/<uuid:referral_id>")
@allow(*READERS)
def show(referral_id: UUID) -> str:
    """How a referral stands: its clock, what it says, who has it, what comes next."""
    return _show(queries.get_referral(referral_id, current_person()))


@bp.get("/referrals/<uuid:referral_id>/edit")
@allow(*INSPECTORS)
def edit(referral_id: UUID) -> str | Response:
    """Write on it while it is not out."""
    referral = queries.get_referral(referral_id, current_person())
    if not (referral.is_editable and services.may_work(referral, current_person())):
        return redirect(url_for("referrals.show", referral_id=referral_id), 303)
    form = ReferralForm(formdata=None)
    form.fill(referral)
    return _edit(referral, form)


@bp.post("/referrals/<uuid:referral_id>/edit")
@allow(*INSPECTORS)
def save(referral_id: UUID) -> Response | tuple[str, int]:
    """Keep what was written, then look it over."""
    person = current_person()
    referral, form = queries.get_referral(referral_id, person), ReferralForm()

    def work() -> None:
        row = queries.get_referral(referral_id, person)
        region = _region(form.region.data or "", person)
        facts = form.read(row)
        services.save_draft(row, facts, by=person, now=clock.now(), region=region, change_id=change_id())

    try:
        if not form.validate():
            return _edit(referral, form), 422
        carry_out(change_id(), work, lambda: None)
    except Invalid as error:
        _put(form, error)
        return _edit(queries.get_referral(referral_id, person), form), error.status
    return redirect(url_for("referrals.show", referral_id=referral_id), 303)


@bp.post("/referrals/<uuid:referral_id>/steps")
@allow(*INSPECTORS)
def step(referral_id: UUID) -> Response | tuple[str, int]:
    """Send it, answer it, close it: one step, taken once however often it is asked for."""
    person = current_person()
    queries.get_referral(referral_id, person)
    asked = steps.Step(
        id=change_id() or new_id(),
        event=_event(request.form.get("event", "")),
        reason=request.form.get("reason", ""),
        name=request.form.get("name", ""),
        opinion=request.form.get("opinion", ""),
        outcome=_outcome(request.form.get("outcome", "")),
    )

    def work() -> None:
        row = queries.get_referral(referral_id, person)
        steps.take_step(row, asked, by=person, now=clock.now())

    try:
        carry_out(asked.id, work, lambda: None)
    except Invalid as error:
        return _show(queries.get_referral(referral_id, person), error, asked.event), error.status
    return redirect(url_for("referrals.show", referral_id=referral_id), 303)


@bp.post("/referrals/<uuid:referral_id>/link")
@allow(*INSPECTORS)
def link(referral_id: UUID) -> Response:
    """A fresh link, the old one opens nothing any more; or, with `revoke`, none at all."""
    person, now = current_person(), clock.now()
    queries.get_referral(referral_id, person)
    asked = change_id() or new_id()

    def work() -> None:
        row = queries.get_referral(referral_id, person)
        services.check_worker(row, person)
        if request.form.get("revoke"):
            links.revoke_links(row, by=person, now=now)
        else:
            links.make_link(row, by=person, now=now, link_id=asked)

    carry_out(asked, work, lambda: None)
    return redirect(url_for("referrals.show", referral_id=referral_id, _anchor="link"), 303)


@bp.get("/referrals/<uuid:referral_id>/sheet.pdf")
@allow(*READERS)
def sheet(referral_id: UUID) -> Response:
    """The hand-over sheet as it was sent."""
    return sheet_response(queries.get_referral(referral_id, current_person()))


@bp.get("/referrals/<uuid:referral_id>/evidence.zip")
@allow(*READERS)
def evidence_zip(referral_id: UUID) -> Response:
    """Originals, papers, manifest and signature."""
    referral = queries.get_referral(referral_id, current_person())
    return zip_response(referral, current_person())


@bp.get("/referrals/clocks")
@allow(Role.SUPERVISOR, Role.ADMINISTRATOR)
def clock_list() -> str:
    """Every limit with its source and how sure it is: an administrator must see which still want checking."""
    return render_template("referrals/clocks.html", clocks=clocks().values(), matters=all_matters().values())


def sheet_response(referral: Referral) -> Response:
    """The sheet under its number. What was never sent has none (NotFound)."""
    if not referral.content:
        raise NotFound
    data = printing.sheet_pdf(referral, asked_language())
    response = send_file(BytesIO(data), mimetype="application/pdf", download_name=f"{referral.number}.pdf")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def zip_response(referral: Referral, by: Person | None) -> Response:
    """The evidence, streamed. What was never sent has none (NotFound)."""
    if not referral.content:
        raise NotFound
    now = clock.now()
    bundle = evidence.bundle_of(referral, now)
    with transaction():
        told = {"number": referral.number, "photos": len(bundle.originals)}
        audit.record("referral_evidence_taken", referral, by=by.id if by else None, after=told)
    response = FlaskResponse(evidence.zip_of(bundle), mimetype="application/zip")
    name = f"referral-{referral.year}-{referral.sequence:04d}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Accel-Buffering"] = "no"
    response.headers["Cache-Control"] = "no-store"
    return response


def _open(opening: Opening, then: str) -> Response:
    person, referral_id = current_person(), change_id() or new_id()
    with transaction():
        referral = services.open_referral(referral_id, opening, by=person, now=clock.now())
    return redirect(url_for(then, referral_id=referral.id), 303)


def _open_proposed(inspection: Inspection, make: Any, notice: Notice | None = None) -> Response:
    """Two people who tap at once, or one who taps twice, come to the same referral."""
    person, referral_id = current_person(), change_id() or new_id()
    authority = _authority()
    with transaction():
        db.session.refresh(inspection, ["status"], with_for_update=True)
        found = prefill.already(inspection, authority, notice)
        referral = found or services.open_referral(referral_id, make(), by=person, now=clock.now())
    return redirect(url_for("referrals.show", referral_id=referral.id), 303)


def _show(referral: Referral, error: AppError | None = None, event: Event | None = None) -> str:
    page = referral_page(referral, current_person())
    in_force = referral.link
    return render_template(
        "referrals/show.html",
        page=page,
        referral=referral,
        link=in_force,
        address=printing.link_address(in_force) if in_force else "",
        link_is_over=in_force is not None and in_force.is_over(clock.now()),
        may_renew_link=bool(by_link(referral.status)),
        Event=Event,
        outcomes=outcomes_at(referral.status),
        error=translate(error.message, error.params) if error else "",
        error_field=error.field if isinstance(error, Invalid) else "",
        error_event=event,
        form=request.form,
    )


def _edit(referral: Referral, form: ReferralForm) -> str:
    person = current_person()
    form.region.choices = [(str(row.id), say(row, "name")) for row in regions_in(person.region)]
    form.authority.choices = [("", "—"), *((row.key, say(row, "name")) for row in authorities().values())]
    form.urgency.choices = [(one.value, urgency_text(one)) for one in Urgency]
    return render_template(
        "referrals/edit.html", referral=referral, form=form, matter=get_matter(referral.matter)
    )


def _put(form: ReferralForm, error: Invalid) -> None:
    """Show the error at its field."""
    field = form[error.field or "facts"]
    field.errors = [*field.errors, translate(error.message, error.params)]


def _place(text: str) -> Any:
    """The premises a referral is about, if one was named."""
    if not text:
        return None
    try:
        return premises_for(UUID(text), current_person().region)
    except ValueError:
        raise NotFound from None


def _region(text: str, person: Person) -> Region | None:
    try:
        found = db.session.get(Region, UUID(text)) if text else None
    except ValueError:
        found = None
    return found if found is not None and person.region.contains(found) else None


def _position() -> tuple[float, float, float | None] | None:
    """What the phone said of where it is; anything absurd is nothing."""
    told = {**request.form.to_dict(), "accuracy_m": request.form.get("accuracy", "")}
    meta = PhotoMeta.from_form(told)
    if meta.latitude is None or meta.longitude is None:
        return None
    return meta.latitude, meta.longitude, meta.accuracy_m


def _authority() -> str:
    return request.form.get("authority", "")


def _event(text: str) -> Event:
    if text not in set(Event):
        raise Invalid(N_("The request has a broken id. Reload the page and try again."))
    return Event(text)


def _outcome(text: str) -> Outcome | None:
    return Outcome(text) if text in set(Outcome) else None
