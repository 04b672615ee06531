"""The pages of a visit: start, answer, photograph, finish, correct."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.models import Person
from app.checklists.models import ChecklistItem
from app.checklists.rules import load_authorities
from app.core.database import db
from app.core.errors import N_, AppError, Invalid, NotFound
from app.core.ids import new_id
from app.core.roles import INSPECTORS, STAFF
from app.inspections import cards, pages, queries, services, widening
from app.inspections.amending import amend as amend_inspection
from app.inspections.blueprint import bp
from app.inspections.forms import AmendForm, FinishForm, NoteForm, OutcomeForm, StartForm
from app.inspections.models import Answer, Inspection, Outcome, Receipt, Result
from app.inspections.phone import visit_data
from app.inspections.progress import progress_of
from app.inspections.readings import read_readings
from app.inspections.signatures import keep_signature
from app.inspections.starting import chosen_fellows, read_start
from app.premises.queries import premises_for
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.htmx import go_to, is_htmx
from app.web.i18n import translate


@bp.get("/premises/<uuid:premises_id>/visit")
@allow(*INSPECTORS)
def new(premises_id: UUID) -> str:
    """Choose domains and fellows before starting; the one-tap start on the premises page takes all domains."""
    person = current_person()
    premises = premises_for(premises_id, person.region)
    return render_template(
        "inspections/new.html",
        premises=premises,
        colleagues=queries.colleagues(person, premises),
        id=new_id(),
        form=StartForm(),
    )


@bp.post("/inspections")
@allow(*INSPECTORS)
def start() -> Response:
    """Begin a visit and open it."""
    person, form = current_person(), StartForm()
    premises = premises_for(_uuid(form.premises_id.data), person.region)
    inspection_id = _uuid(form.inspection_id.data) if form.inspection_id.data else new_id()

    def work() -> Inspection:
        return services.start_inspection(
            inspection_id,
            premises,
            by=person,
            domains=[d for d in form.domains.data or [] if d in premises.domains] or None,
            fellows=chosen_fellows(form.fellows.data or [], person, premises),
            start=read_start(form),
            change_id=change_id(),
        )

    carry_out(change_id(), work, lambda: queries.get_inspection(inspection_id, person))
    return go_to(url_for("inspections.show", inspection_id=inspection_id))


@bp.get("/inspections/<uuid:inspection_id>")
@allow(*STAFF)
def show(inspection_id: UUID) -> str:
    """The visit: its items while it is open, its record when it is finished."""
    inspection = queries.read_inspection(inspection_id, current_person())
    page = pages.inspection_page(inspection, current_person())
    if not inspection.is_open:
        return render_template("inspections/done.html", page=page, inspection=inspection, **cards.words())
    return render_template(
        "inspections/show.html",
        page=page,
        inspection=inspection,
        render_card=cards.render_card,
        visit_data=visit_data(page),
        others=sum(len(items) for _version, items in widening.others_of(inspection)) if page.can_write else 0,
        **cards.words(),
    )


@bp.post("/inspections/<uuid:inspection_id>/others")
@allow(*INSPECTORS)
def take_others(inspection_id: UUID) -> Response:
    """At a re-inspection: the rest of the list, too, below what was found then."""
    person = current_person()

    def work() -> int:
        visit = queries.get_inspection(inspection_id, person)
        return widening.take_others(visit, by=person, change_id=change_id())

    carry_out(change_id(), work, lambda: 0)
    return redirect(url_for("inspections.show", inspection_id=inspection_id), 303)


@bp.post("/inspections/<uuid:inspection_id>/items/<uuid:item_id>/answer")
@allow(*INSPECTORS)
def answer(inspection_id: UUID, item_id: UUID) -> str | Response:
    """One tap: conforms, does not, not applicable; the same tap again takes it back."""
    person, raw = current_person(), request.form.get("result", "")

    def load() -> tuple[Inspection, ChecklistItem]:
        inspection = queries.get_visit(inspection_id, person)
        return inspection, queries.get_item(inspection, item_id)

    def work() -> tuple[Inspection, ChecklistItem, Answer]:
        inspection, item = load()
        if raw and raw not in set(Result):
            raise Invalid(N_("This answer is not known. Reload the page."))
        result = Result(raw) if raw else None
        return inspection, item, services.save_answer(inspection, item, result, by=person, change_id=change_id())

    # everything is read inside the one transaction, and nothing twice: this is the tap that is made all day
    inspection, item, *_answer = carry_out(change_id(), work, load)
    return _saved(inspection, item, "inspections/_item.html")


@bp.post("/inspections/<uuid:inspection_id>/items/<uuid:item_id>/note")
@allow(*INSPECTORS)
def note(inspection_id: UUID, item_id: UUID) -> str | Response:
    """The factual note and its quick phrases."""
    inspection, item, person = _load(inspection_id, item_id)
    form = NoteForm()
    _check(form)

    def work() -> Any:
        text, phrases = (form.note.data or "").strip(), form.phrases.data or []
        return services.save_note(inspection, item, text, phrases, by=person, change_id=change_id())

    return _after(inspection, item, "inspections/_gaps_answer.html", work)


@bp.post("/inspections/<uuid:inspection_id>/items/<uuid:item_id>/outcome")
@allow(*INSPECTORS)
def outcome(inspection_id: UUID, item_id: UUID) -> str | Response:
    """How the finding leaves the visit."""
    inspection, item, person = _load(inspection_id, item_id)
    form = OutcomeForm()
    _check(form)
    authorities = {authority.key for authority in load_authorities()}
    refer_to = form.refer_to.data or ""
    if refer_to and refer_to not in authorities:
        raise Invalid(N_("Choose an authority from the list."), field="refer_to")
    plan = services.Plan(
        outcome=Outcome(form.outcome.data),
        due_on=form.due_on.data,
        refer_to=refer_to,
        refer_reason=form.refer_reason.data or "",
        guard=form.guard.data or "",
        scene=form.scene.data or "",
    )
    return _after(
        inspection,
        item,
        "inspections/_item.html",
        lambda: services.save_outcome(inspection, item, plan, by=person, change_id=change_id()),
    )


@bp.post("/inspections/<uuid:inspection_id>/items/<uuid:item_id>/readings")
@allow(*INSPECTORS)
def readings(inspection_id: UUID, item_id: UUID) -> str | Response:
    """Measured values, judged at once."""
    inspection, item, person = _load(inspection_id, item_id)

    def work() -> Any:
        judged = read_readings(item, request.form)
        return services.save_readings(inspection, item, judged, by=person, change_id=change_id())

    return _after(inspection, item, "inspections/_item.html", work)


@bp.get("/inspections/<uuid:inspection_id>/items/<uuid:item_id>/gaps")
@allow(*INSPECTORS)
def gaps(inspection_id: UUID, item_id: UUID) -> str:
    """What a finding still needs; asked for again when a photo was received."""
    inspection, item, _person = _load(inspection_id, item_id)
    return _card(inspection, item, "inspections/_gaps_answer.html")


@bp.post("/inspections/<uuid:inspection_id>/rest-conforms")
@allow(*INSPECTORS)
def rest_conforms(inspection_id: UUID) -> Response:
    """Everything not looked at yet conforms, in one tap."""
    person = current_person()
    inspection = queries.get_inspection(inspection_id, person)
    change = change_id() or new_id()
    swept = carry_out(
        change,
        lambda: services.sweep_rest(
            inspection, change, by=person, version_id=_optional_uuid("version_id"), change_id=change
        ),
        services.Swept,
    )
    said = [
        _(message, count=count)
        for message, count in (
            (N_("%(count)s items marked as conforming."), swept.count),
            (N_("%(count)s measured items still need a value."), swept.unmeasured),
            (N_("%(count)s items with a note or a photo still need your answer."), swept.recorded),
        )
        if count
    ]
    if said:
        flash(" ".join(said), "ok")
    return go_to(url_for("inspections.show", inspection_id=inspection_id))


@bp.post("/inspections/<uuid:inspection_id>/rest-conforms/undo")
@allow(*INSPECTORS)
def undo_rest(inspection_id: UUID) -> Response:
    """Take that tap back."""
    person = current_person()
    inspection = queries.get_inspection(inspection_id, person)
    sweep = _uuid(request.form.get("sweep_id", ""))
    carry_out(
        change_id(), lambda: services.undo_sweep(inspection, sweep, by=person, change_id=change_id()), lambda: 0
    )
    return go_to(url_for("inspections.show", inspection_id=inspection_id))


@bp.route("/inspections/<uuid:inspection_id>/finish", methods=["GET", "POST"])
@allow(*INSPECTORS)
def finish(inspection_id: UUID) -> str | Response | tuple[str, int]:
    """Conclusion, and a signature or the refusal of one; then the visit is frozen."""
    person = current_person()
    inspection = queries.get_inspection(inspection_id, person)
    here = url_for("inspections.show", inspection_id=inspection_id)
    if not inspection.is_open:
        if request.method == "POST":  # the end that was kept sent again, or another phone's: the first one stays
            carry_out(change_id(), lambda: inspection, lambda: inspection)
        return go_to(here)
    form = FinishForm()
    if request.method == "POST":
        try:
            _check(form)
            ending = services.Ending(
                conclusion=(form.conclusion.data or "").strip(),
                receipt=Receipt(form.receipt.data),
                signer_name=(form.signer_name.data or "").strip(),
                signature_key=keep_signature(form.signature.data or ""),
                refusal_reason=(form.refusal_reason.data or "").strip(),
                witness=(form.witness.data or "").strip(),
            )
            carry_out(
                change_id(),
                lambda: services.finish_inspection(
                    queries.get_inspection(inspection_id, person), ending, by=person, change_id=change_id()
                ),
                lambda: queries.get_inspection(inspection_id, person),
            )
            return go_to(here)
        except Invalid as error:
            db.session.rollback()
            inspection = queries.get_inspection(inspection_id, person)
            return _finish_page(inspection, form, error), error.status
    return _finish_page(inspection, form)


def _finish_page(inspection: Inspection, form: FinishForm, error: AppError | None = None) -> str:
    page = pages.inspection_page(inspection, current_person())
    return render_template(
        "inspections/finish.html",
        page=page,
        inspection=inspection,
        form=form,
        error=error,
        visit_data=visit_data(page, titles=True),
        **cards.words(),
    )


@bp.route("/inspections/<uuid:inspection_id>/correction", methods=["GET", "POST"])
@allow(*INSPECTORS)
def amend(inspection_id: UUID) -> str | Response | tuple[str, int]:
    """A correction of a finished visit: both versions stay."""
    person = current_person()
    inspection = queries.get_inspection(inspection_id, person)
    page = pages.inspection_page(inspection, person)
    form = AmendForm()
    chosen = form.answer_id.data or request.args.get("answer", "")
    form.answer_id.choices = [("", _("Conclusion")), *[(str(c.answer_id), c.item.code) for c in page.findings]]
    if request.method == "GET":
        form.answer_id.data, form.amendment_id.data = chosen, str(new_id())
        return render_template("inspections/amend.html", form=form, inspection=inspection)
    if not form.validate():
        return render_template("inspections/amend.html", form=form, inspection=inspection), 422
    target = db.session.get(Answer, _uuid(chosen)) if chosen else None
    if chosen and (target is None or target.inspection_id != inspection.id):
        raise NotFound
    amendment_id = _uuid(form.amendment_id.data)

    def work() -> None:
        amend_inspection(
            amendment_id,
            inspection,
            target,
            form.after.data or "",
            form.reason.data or "",
            by=person,
            change_id=change_id(),
        )

    carry_out(change_id(), work, lambda: None)
    return redirect(url_for("inspections.show", inspection_id=inspection_id), 303)


def _load(inspection_id: UUID, item_id: UUID) -> tuple[Inspection, ChecklistItem, Person]:
    person = current_person()
    inspection = queries.get_inspection(inspection_id, person)
    return inspection, queries.get_item(inspection, item_id), person


def _after(inspection: Inspection, item: ChecklistItem, fragment: str, work: Any) -> Any:
    """Do the change once; answer with the fragment, or with the page for browsers without scripts."""
    try:
        carry_out(change_id(), work, lambda: None)
    except Invalid as error:
        db.session.rollback()
        if not is_htmx():
            raise
        return _card(inspection, item, "inspections/_item.html", error=error), error.status, _retarget(item)
    return _saved(inspection, item, fragment)


def _saved(inspection: Inspection, item: ChecklistItem, fragment: str) -> str | Response:
    """The fragment of what was saved; for browsers without scripts the page."""
    if not is_htmx():
        target = url_for("inspections.show", inspection_id=inspection.id, _anchor=f"item-{item.code}")
        return redirect(target, 303)
    return _card(inspection, item, fragment)


def _retarget(item: ChecklistItem) -> dict[str, str]:
    return {"HX-Retarget": f"#item-{item.code}", "HX-Reswap": "outerHTML"}


def _card(inspection: Inspection, item: ChecklistItem, fragment: str, error: AppError | None = None) -> str:
    progress = progress_of(inspection)
    card = pages.item_card(inspection, item, progress)
    return render_template(
        fragment, card=card, inspection=inspection, progress=progress, error=error, fragment=True, **cards.words()
    )


def _check(form: Any) -> None:
    """Raise Invalid with the first thing that is wrong with the shape."""
    if form.validate():
        return
    field, messages = next(iter(form.errors.items()))
    raise Invalid(N_("%(problem)s"), field=field or "", problem=translate(str(messages[0])))


def _uuid(raw: str | None) -> UUID:
    try:
        return UUID(raw or "")
    except ValueError:
        raise NotFound from None


def _optional_uuid(name: str) -> UUID | None:
    return _uuid(request.form[name]) if request.form.get(name) else None




from app.inspections import evidence_routes, merging, new_place, panels, reply_routes  # noqa: E402

panels.add()
merging.add()
__all__ = ["bp", "evidence_routes", "new_place", "reply_routes"]
