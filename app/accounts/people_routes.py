"""Administrators' pages about people: only those of their own region's subtree."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import queries, services
from app.accounts.forms import ROLE_NAMES, NewPersonForm, PersonForm, show_on
from app.accounts.models import Person
from app.accounts.pages import certificate_of
from app.accounts.routes import bp
from app.accounts.services import PersonFacts
from app.core import clock
from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.roles import Role
from app.core.settings import settings
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.htmx import is_htmx
from app.web.seen import ChangedMeanwhile, check_unchanged, mark_for_form

LAST_PAGE = 10_000  # nobody turns that far; databases refuse numbers without end


@bp.get("/people")
@allow(Role.ADMINISTRATOR)
def people() -> str:
    """People of the administrator's region: search, by role, deactivated ones apart."""
    region = current_person().region
    text, role = request.args.get("q", ""), request.args.get("role", "")
    page = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    active = request.args.get("state") != "deactivated"
    found = queries.people_in(region, text=text, role=role, active=active, page=page)
    context: dict[str, Any] = {
        "people": found[: queries.PEOPLE_ON_A_PAGE],
        "more": len(found) > queries.PEOPLE_ON_A_PAGE,
        "text": text, "role": role, "active": active, "page": page,
        "role_names": ROLE_NAMES, "certificate_of": _certificate,
    }  # fmt: skip
    if is_htmx():
        return render_template("accounts/_people.html", **context)
    return render_template("accounts/people.html", counts=queries.count_people(region), **context)


def _certificate(person: Person) -> Any:
    return certificate_of(person, clock.today(), settings().certificate_warn_days)


@bp.route("/people/new", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def new_person() -> Any:
    """Add a person; their first password is shown once, on the answer itself, and kept nowhere."""
    form = NewPersonForm(queries.organisations_in(current_person().region))
    if form.validate_on_submit():
        try:
            return _add_person(form)
        except Invalid as error:
            show_on(form, error)
    page = render_template(
        "accounts/person_new.html", form=form, change_id=request.form.get("change_id") or new_id()
    )
    return (page, 422) if form.errors else page


def _add_person(form: NewPersonForm) -> Any:
    me, change, password = current_person(), change_id(), services.new_password()
    facts, login = _facts(form), form.login.data or ""
    person = carry_out(
        change,
        lambda: services.add_person(facts, login=login, password=password, by=me, change=change),
        lambda: None,
    )
    if person is None:
        return _shown_before(url_for("accounts.people", q=login))
    return _show_password(person, password, added=True)


def _facts(form: PersonForm) -> PersonFacts:
    """The form's values; an organisation outside the administrator's region is not found."""
    organisation = queries.organisation_in(current_person().region, UUID(form.organisation.data))
    return PersonFacts(
        name=form.name.data or "",
        phone=form.phone.data or "",
        organisation=organisation,
        roles=frozenset(Role(value) for value in form.roles.data or ()),
        certificate_number=form.certificate_number.data or "",
        certificate_until=form.certificate_until.data,
    )


@bp.route("/people/<uuid:person_id>", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def person(person_id: UUID) -> Any:
    """One person: what they may do, their certificate, and their access."""
    me = current_person()
    found = queries.person_in(me.region, person_id)
    form, conflict = PersonForm(queries.organisations_in(me.region), data=_form_data(found)), False
    if form.validate_on_submit():
        facts, change = _facts(form), change_id()
        try:
            carry_out(change, lambda: _edit(person_id, facts), lambda: None)
        except ChangedMeanwhile:
            conflict = True
        except Invalid as error:
            show_on(form, error)
        else:
            flash(_("Saved: %(name)s", name=facts.name), "ok")
            return redirect(url_for("accounts.people"), 303)
    page = render_template(
        "accounts/person.html",
        person=found, form=form, is_me=found.id == me.id, certificate=_certificate(found), role_names=ROLE_NAMES,
        change_id=request.form.get("change_id") or new_id(),
        conflict=conflict, seen=mark_for_form(services.person_state(found), conflict=conflict),
    )  # fmt: skip
    return page, 409 if conflict else 422 if form.errors else 200


def _form_data(person: Person) -> dict[str, Any]:
    names = ("name", "phone", "certificate_number", "certificate_until")
    roles = [role.value for role in Role if role in person.role_names]
    return {name: getattr(person, name) for name in names} | {
        "organisation": str(person.organisation_id),
        "roles": roles,
    }


def _edit(person_id: UUID, facts: PersonFacts) -> None:
    """Inside the transaction the person is read again: what was loaded for the page may be older."""
    me = current_person()
    found = queries.person_in(me.region, person_id)
    check_unchanged(found, services.person_state)
    services.edit_person(found, facts, by=me, change=change_id())


@bp.post("/people/<uuid:person_id>/deactivate")
@allow(Role.ADMINISTRATOR)
def deactivate(person_id: UUID) -> Response:
    """End a person's access and sessions."""
    return _act(person_id, services.deactivate, _("Deactivated. Every phone is signed out."))


@bp.post("/people/<uuid:person_id>/reactivate")
@allow(Role.ADMINISTRATOR)
def reactivate(person_id: UUID) -> Response:
    """Let a person in again."""
    return _act(person_id, services.reactivate, _("Active again."))


def _act(person_id: UUID, verb: Any, message: str) -> Response:
    me, change = current_person(), change_id()
    queries.person_in(me.region, person_id)
    carry_out(
        change, lambda: verb(queries.person_in(me.region, person_id), by=me, change=change), lambda: None
    )
    flash(message, "ok")
    return redirect(url_for("accounts.person", person_id=person_id), 303)


@bp.post("/people/<uuid:person_id>/password")
@allow(Role.ADMINISTRATOR)
def reset_password(person_id: UUID) -> Any:
    """Give a new first password, shown once; ends sessions and any lock."""
    me, change, password = current_person(), change_id(), services.new_password()
    queries.person_in(me.region, person_id)

    def work() -> Person:
        found = queries.person_in(me.region, person_id)
        services.reset_password(found, password, by=me, change=change)
        return found

    found = carry_out(change, work, lambda: None)
    if found is None:
        return _shown_before(url_for("accounts.person", person_id=person_id))
    return _show_password(found, password, added=False)


def _show_password(person: Person, password: str, *, added: bool) -> str:
    """Rendered instead of redirected to: neither the session cookie nor an address ever holds the password."""
    return render_template("accounts/first_password.html", person=person, password=password, added=added)


def _shown_before(url: str) -> Response:
    flash(_("This was done already, and the password was shown then. If it is lost, reset it."), "ok")
    return redirect(url, 303)
