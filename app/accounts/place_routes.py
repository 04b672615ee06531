"""Administrators' pages about organisations and the region tree."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.accounts import queries, services
from app.accounts.forms import LEVEL_NAMES, OrganisationForm, RegionForm, show_on
from app.accounts.models import Organisation
from app.accounts.pages import region_tree
from app.accounts.regions import regions_in
from app.accounts.routes import bp
from app.accounts.services import OrganisationFacts
from app.core.errors import Invalid, NotFound
from app.core.ids import new_id
from app.core.roles import Role
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.seen import ChangedMeanwhile, check_unchanged, mark_for_form

_ORGANISATION_FIELDS = ("name_zh", "name_en", "number_prefix", "phone", "objection_to")
_REGION_FIELDS = ("code", "name_zh", "name_en")


@bp.get("/organisations")
@allow(Role.ADMINISTRATOR)
def organisations() -> str:
    """Organisations of the administrator's region."""
    rows = queries.organisations_in(current_person().region)
    return render_template(
        "accounts/organisations.html", organisations=rows, people=queries.people_per_organisation(rows)
    )


@bp.route("/organisations/new", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def new_organisation() -> Any:
    """Add an organisation."""
    return _organisation_page(None)


@bp.route("/organisations/<uuid:organisation_id>", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def organisation(organisation_id: UUID) -> Any:
    """Edit an organisation."""
    return _organisation_page(queries.organisation_in(current_person().region, organisation_id))


def _organisation_page(found: Organisation | None) -> Any:
    me = current_person()
    data = (
        {name: getattr(found, name) for name in _ORGANISATION_FIELDS} | {"region": str(found.region_id)}
        if found
        else None
    )
    form, conflict = OrganisationForm(regions_in(me.region), data=data), False
    if form.validate_on_submit():
        facts = OrganisationFacts(
            region=queries.region_in(me.region, UUID(form.region.data)),
            **_texts(form, _ORGANISATION_FIELDS),
        )
        try:
            carry_out(change_id(), lambda: _save_organisation(found, facts), lambda: None)
        except ChangedMeanwhile:
            conflict = True
        else:
            flash(_("Saved: %(name)s", name=facts.name_zh), "ok")
            return redirect(url_for("accounts.organisations"), 303)
    page = render_template(
        "accounts/organisation.html",
        form=form,
        organisation=found,
        change_id=request.form.get("change_id") or new_id(),
        conflict=conflict,
        seen=mark_for_form(services.organisation_state(found), conflict=conflict) if found else "",
    )
    return page, 409 if conflict else 422 if form.errors else 200


def _texts(form: FlaskForm, names: Sequence[str]) -> Any:
    """What was typed into these fields."""
    return {name: form[name].data or "" for name in names}


def _save_organisation(found: Organisation | None, facts: OrganisationFacts) -> None:
    me = current_person()
    if found is None:
        services.add_organisation(facts, by=me, change=change_id())
    else:
        row = queries.organisation_in(me.region, found.id)
        check_unchanged(row, services.organisation_state)
        services.edit_organisation(row, facts, by=me, change=change_id())


@bp.get("/regions")
@allow(Role.ADMINISTRATOR)
def regions() -> str:
    """The tree under the administrator's region."""
    return render_template(
        "accounts/regions.html", rows=region_tree(regions_in(current_person().region)), levels=LEVEL_NAMES
    )


@bp.route("/regions/<uuid:parent_id>/new", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def new_region(parent_id: UUID) -> Any:
    """Add a region under another."""
    me, form = current_person(), RegionForm()
    parent = queries.region_in(me.region, parent_id)
    level = services.child_level(parent)
    if level is None:
        raise NotFound
    if form.validate_on_submit():

        def work() -> None:
            services.add_region(
                queries.region_in(me.region, parent_id), **_texts(form, _REGION_FIELDS), by=me, change=change_id()
            )

        if _saved(form, work):
            return redirect(url_for("accounts.regions"), 303)
    return _region_page(form, region=None, parent=parent, level=LEVEL_NAMES[level.value])


@bp.route("/regions/<uuid:region_id>", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def region(region_id: UUID) -> Any:
    """Rename a region."""
    me = current_person()
    found = queries.region_in(me.region, region_id)
    form, conflict = RegionForm(obj=found), False
    if form.validate_on_submit():

        def work() -> None:
            row = queries.region_in(me.region, region_id)
            check_unchanged(row, services.region_state)
            services.edit_region(
                row, code=form.code.data or "", name_zh=form.name_zh.data or "",
                name_en=form.name_en.data or "", by=me, change=change_id(),
            )  # fmt: skip

        try:
            if _saved(form, work):
                return redirect(url_for("accounts.regions"), 303)
        except ChangedMeanwhile:
            conflict = True
    child = services.child_level(found)
    return _region_page(
        form,
        region=found,
        parent=None,
        level=LEVEL_NAMES[found.level.value],
        child=LEVEL_NAMES[child.value] if child else "",
        conflict=conflict,
        seen=mark_for_form(services.region_state(found), conflict=conflict),
    )


def _saved(form: RegionForm, work: Any) -> bool:
    try:
        carry_out(change_id(), work, lambda: None)
    except Invalid as error:
        show_on(form, error)
        return False
    flash(_("Saved: %(name)s", name=form.name_zh.data), "ok")
    return True


def _region_page(form: RegionForm, *, conflict: bool = False, **context: Any) -> Any:
    chosen = request.form.get("change_id") or new_id()
    page = render_template("accounts/region.html", form=form, change_id=chosen, conflict=conflict, **context)
    return page, 409 if conflict else 422 if form.errors else 200
