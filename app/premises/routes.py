"""The register: list, file, new, edit, merge. Door codes and import register themselves on the same blueprint."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.regions import regions_in
from app.core.database import db
from app.core.errors import N_, Invalid
from app.core.ids import new_id
from app.core.roles import Role
from app.premises import pages, queries, services
from app.premises.duplicates import Likely, likely_duplicates
from app.premises.facts import Facts, facts_of, problems_of
from app.premises.forms import STATUS_NAMES, PremisesForm, UploadForm
from app.premises.models import Premises
from app.web.access import allow, current_person, signed_in
from app.web.changes import carry_out, change_id
from app.web.htmx import is_htmx
from app.web.seen import ChangedMeanwhile, check_unchanged, mark_for_form

bp = Blueprint("premises", __name__)
MANAGERS = (Role.COORDINATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)
REASONS = {
    "name": N_("same or similar name"),
    "phone": N_("same phone"),
    "credit_code": N_("same credit code"),
    "position": N_("at the same spot"),
}


@bp.app_context_processor
def _words() -> dict[str, object]:
    """What the register's fragments say; other features' rows of premises use it, too."""
    return {
        "domain_names": pages.domain_names,
        "kind_name": pages.kind_name,
        "last_visit": pages.last_visit,
        "status_names": STATUS_NAMES,
        "likely_reasons": REASONS,
    }


@bp.get("/premises")
@signed_in
def index() -> str:
    """The list; htmx asks for the results alone, or for the next rows."""
    more = is_htmx() and "after" in request.args
    page = pages.list_page(request.args, current_person().region, with_areas=not is_htmx())
    if more:
        return render_template("premises/_rows.html", page=page)
    template = "premises/_results.html" if is_htmx() else "premises/index.html"
    return render_template(template, page=page)


@bp.get("/premises/near")
@signed_in
def near() -> str:
    """Asks the phone where it is, then goes on to the list; a position can be typed instead."""
    return render_template(
        "premises/near.html",
        page=pages.ListPage(
            pages.filters_from(request.args, current_person().region),
            current_person().region,
            queries.Page(()),
        ),
    )


@bp.get("/premises/<uuid:premises_id>")
@signed_in
def show(premises_id: UUID) -> str | Response:
    premises = queries.premises_for(premises_id, current_person().region)
    if premises.merged_into_id:
        return redirect(url_for("premises.show", premises_id=premises.merged_into_id), 303)
    page = pages.file_page(premises, pages.path_of(premises))
    return render_template(
        "premises/show.html", page=page, premises=premises, may_merge=current_person().is_any(*MANAGERS)
    )


@bp.route("/premises/new", methods=["GET", "POST"])
@signed_in
def new() -> str | Response | tuple[str, int]:
    """Register a place; a likely duplicate is proposed before anything is written."""
    form = PremisesForm(regions_in(current_person().region))
    if request.method == "GET":
        form.name.data = request.args.get("name", "")[:100]
        return _form_page(form, None)
    if (answer := _rows_changed(form, None)) is not None:
        return answer
    known = db.session.get(Premises, form.client_id)
    if known is not None:
        return _open(known)  # the same form once more
    facts = _checked(form)
    if facts is None:
        return _form_page(form, None), 422
    if "anyway" not in request.form:
        likely = likely_duplicates(facts, current_person().region)
        if likely:
            return _form_page(form, None, likely), 409
    premises = carry_out(change_id(), lambda: _register(form, facts), lambda: _registered(form))
    flash(_("%(name)s is registered.", name=premises.name), "ok")
    return _open(premises)


@bp.route("/premises/<uuid:premises_id>/edit", methods=["GET", "POST"])
@signed_in
def edit(premises_id: UUID) -> str | Response | tuple[str, int]:
    premises = queries.premises_for(premises_id, current_person().region)
    form = PremisesForm(regions_in(current_person().region), premises)
    if request.method == "GET":
        return _form_page(form, premises)
    if (answer := _rows_changed(form, premises)) is not None:
        return answer
    facts = _checked(form)
    if facts is None:
        return _form_page(form, premises), 422
    try:
        carry_out(change_id(), lambda: _change(premises_id, facts), lambda: None)
    except ChangedMeanwhile:
        return _form_page(form, queries.premises_for(premises_id, current_person().region), conflict=True), 409
    flash(_("Saved."), "ok")
    return _open(premises)


@bp.get("/premises/licence-row")
@signed_in
def licence_row() -> str:
    """One more row for the licences, or nothing in place of one that is taken away."""
    if "remove" in request.args:
        return ""
    form = PremisesForm([])
    while form.licences.entries:
        form.licences.pop_entry()
    form.licences.last_index = new_id().int % 1_000_000_000
    return render_template("premises/_licence.html", row=form.licences.append_entry({}))


@bp.get("/premises/<uuid:premises_id>/merge")
@allow(*MANAGERS)
def merge(premises_id: UUID) -> str:
    """Which file is the same place, and which of the two stays."""
    region = current_person().region
    premises = queries.premises_for(premises_id, region)
    other = request.args.get("other", type=UUID)
    if other is not None:
        return render_template(
            "premises/merge.html",
            premises=premises,
            other=queries.premises_for(other, region),
            form=UploadForm(),
        )
    query = request.args.get("q", "")
    found = (
        queries.page_of_premises(queries.Filters(region, query=query), size=20).premises
        if query.strip()
        else ()
    )
    return render_template(
        "premises/merge_choose.html",
        premises=premises,
        query=query,
        found=[row for row in found if row.id != premises.id],
        likely=[] if query else likely_duplicates(facts_of(premises), region, besides=premises.id),
    )


@bp.post("/premises/<uuid:premises_id>/merge")
@allow(*MANAGERS)
def merge_now(premises_id: UUID) -> Response:
    """`keep` is one of the two files, this one or `other`."""
    region = current_person().region
    queries.premises_for(premises_id, region)
    ids = [premises_id, request.form.get("other", type=UUID)]
    keep = request.form.get("keep", type=UUID)
    if None in ids or keep not in ids:
        raise Invalid(N_("Choose which of the two files stays."))

    def work() -> UUID:
        pair = [queries.premises_for(one, region) for one in ids if one]
        kept, other = sorted(pair, key=lambda row: row.id != keep)
        services.merge_premises(kept, other, current_person(), change_id=change_id())
        return kept.id

    kept_id = carry_out(change_id(), work, lambda: keep)
    flash(_("The two files are one now. Both door codes open it."), "ok")
    return redirect(url_for("premises.show", premises_id=kept_id), 303)


def _form_page(
    form: PremisesForm,
    premises: Premises | None,
    likely: list[Likely] | None = None,
    *,
    conflict: bool = False,
) -> str:
    """The form; `seen` is the state of the file that the person writes on."""
    return render_template(
        "premises/form.html",
        form=form,
        premises=premises,
        likely=likely or [],
        conflict=conflict,
        seen=mark_for_form(_saved_at(premises), conflict=conflict) if premises else "",
        change=str(new_id()),
    )


def _rows_changed(form: PremisesForm, premises: Premises | None) -> str | None:
    """Without JavaScript "another licence" and "take away" come as a submit: the form again, nothing saved."""
    if "add_licence" in request.form:
        form.licences.append_entry({})
        return _form_page(form, premises)
    if "remove_licence" in request.form:
        gone = request.form["remove_licence"]
        form.licences.entries = [row for row in form.licences.entries if row.name != gone]
        return _form_page(form, premises)
    return None


def _checked(form: PremisesForm) -> Facts | None:
    """The facts when form and rules accept them; else None, and the form says why."""
    if not form.validate():
        return None
    facts = form.facts()
    problems = problems_of(facts)
    form.show_problems(problems)
    return None if problems else facts


def _register(form: PremisesForm, facts: Facts) -> Premises:
    known = db.session.get(Premises, form.client_id)
    if known is not None:
        return known
    person = current_person()
    return services.register_premises(facts, person, premises_id=form.client_id, change_id=change_id())


def _registered(form: PremisesForm) -> Premises:
    return queries.premises_for(form.client_id, current_person().region)


def _change(premises_id: UUID, facts: Facts) -> None:
    premises = queries.premises_for(premises_id, current_person().region)
    check_unchanged(premises, _saved_at)
    services.change_premises(premises, facts, current_person(), change_id=change_id())


def _saved_at(premises: Premises) -> str:
    return premises.updated_at.isoformat()


def _open(premises: Premises) -> Response:
    return redirect(url_for("premises.show", premises_id=premises.id), 303)


from app.premises import completing, door_routes, import_routes  # noqa: E402, F401 - they add their routes to `bp`
