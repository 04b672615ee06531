"""The administrators' page of the county's decisions."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.accounts import county
from app.accounts.county_forms import county_form, field_name, read_form, shown
from app.accounts.county_options import GROUPS, Kind, Option
from app.accounts.regions import Level, Region
from app.accounts.routes import bp
from app.core import clock
from app.core.database import db
from app.core.errors import N_, NotAllowed
from app.core.ids import new_id
from app.core.roles import Role
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.seen import ChangedMeanwhile, check_unchanged, mark_for_form


@bp.route("/county", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def county_settings() -> Any:
    """See and change what the county decides itself."""
    region = own_county()
    known, conflict = county.options(), False
    now = {one.key: county.option(region.id, one.key) for one in known}
    form = county_form(known, {one.key: shown(one, now[one.key]) for one in known})
    if form.validate_on_submit():
        values = read_form(form, known, now)
        if not form.errors:
            try:
                changed = carry_out(change_id(), lambda: _save(region.id, values), lambda: None)
            except ChangedMeanwhile:
                conflict = True
            else:
                flash(_said(changed), "ok")
                return redirect(url_for("accounts.county_settings"), 303)
    return _page(form, known, region, conflict=conflict)


def own_county() -> Region:
    """The county of the administrator who asks. Raises NotAllowed for one of a part of it."""
    region: Region = current_person().region
    if region.level is not Level.COUNTY:
        raise NotAllowed(
            N_("This is decided for the whole county."),
            hint=N_("An administrator of the county can change it."),
        )
    return region


def _save(county_id: UUID, values: dict[str, Any]) -> list[str] | None:
    county.forget()
    check_unchanged(db.session.get_one(Region, county_id), lambda row: county.decided(row.id))
    return county.set_options(county_id, values, by=current_person(), now=clock.now(), change=change_id())


def _said(changed: list[str] | None) -> str:
    if changed == []:
        return _("Nothing was changed.")
    return _("Saved: %(name)s", name=_("County settings"))


def _page(form: FlaskForm, known: list[Option], region: Region, *, conflict: bool) -> Any:
    groups = [
        (heading, [(one, form[field_name(one.key)]) for one in known if one.group == group])
        for group, heading in GROUPS.items()
        if any(one.group == group for one in known)
    ]
    if conflict:
        county.forget()
    page = render_template(
        "accounts/county.html",
        form=form,
        groups=groups,
        kinds=Kind,
        county=region,
        change_id=request.form.get("change_id") or new_id(),
        conflict=conflict,
        seen=mark_for_form(county.decided(region.id), conflict=conflict),
    )
    return page, 409 if conflict else 422 if form.errors else 200
