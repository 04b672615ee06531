"""One's own page and the language; the administrators' pages stand in people_routes and place_routes."""

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_security.utils import login_user, verify_password
from werkzeug.wrappers import Response

from app.accounts import cli, rules, services
from app.accounts.forms import ROLE_NAMES, ChangePasswordForm, show_on
from app.accounts.pages import certificate_of
from app.core import clock
from app.core.database import db, transaction
from app.core.errors import N_, Invalid
from app.core.settings import settings
from app.web.access import current_person, public, signed_in
from app.web.i18n import CHINESE, ENGLISH, LANGUAGE_COOKIE, translate

bp = Blueprint("accounts", __name__, cli_group=None)
bp.cli.add_command(cli.group)


@bp.get("/me")
@signed_in
def me() -> str:
    """Who is signed in, the certificate, and what one may change oneself."""
    person = current_person()
    return render_template(
        "accounts/me.html",
        person=person,
        certificate=certificate_of(person, clock.today(), settings().certificate_warn_days),
        role_names=ROLE_NAMES,
        passkeys="security.wan_register" in current_app.view_functions,
        two_factor="security.two_factor_setup" in current_app.view_functions,
    )


@bp.route("/me/password", methods=["GET", "POST"])
@signed_in
def change_password() -> Any:
    """Change one's own password; asked for before anything else when somebody else made the present one."""
    person, form = current_person(), ChangePasswordForm()
    if form.validate_on_submit():
        if _is_password_of(person, form.password.data):
            try:
                with transaction():
                    services.change_password(person, form.new_password.data)
            except Invalid as error:
                show_on(form, error)
            else:
                return _sign_in_again(person)
        else:
            form.password.errors = [translate(N_("This is not your present password."))]
    page = render_template("accounts/change_password.html", form=form, person=person)
    return (page, 422) if form.errors else page


def _is_password_of(person: Any, password: str) -> bool:
    """Wrong tries here count towards the lock too: an unattended phone is no place to guess."""
    from app.accounts.security import note_sign_in_try

    normalize = current_app.extensions["security"].password_util.normalize
    right = not rules.is_locked(person.locked_until, clock.now()) and verify_password(
        normalize(password), person.password
    )
    note_sign_in_try(person, valid=right)
    return right


def _sign_in_again(person: Any) -> Response:
    """All other sessions have ended; this browser's begins anew. Not a sign-in for the audit."""
    db.session.refresh(person)
    login_user(person, remember=False, authn_via=["change"])
    g.pop("signed_in", None)
    flash(_("Your password is changed. Other phones have been signed out."), "ok")
    return redirect(url_for("accounts.me"), 303)


@bp.post("/language")
@public("the sign-in page and the first page of a stranger need their language too")
def language() -> Response:
    """Choose the language of the screen and go back to the page."""
    chosen = ENGLISH if request.form.get("lang", "").startswith("en") else CHINESE
    person = current_person()
    if person is not None:
        with transaction():
            services.set_language(person, chosen)
    response = redirect(rules.local_path(request.form.get("next", "")), 303)
    response.set_cookie(
        LANGUAGE_COOKIE,
        chosen,
        max_age=31_536_000,
        samesite="Lax",
        httponly=True,
        secure=settings().secure_cookies,
    )
    return response


from app.accounts import county_routes, people_routes, place_routes  # noqa: E402, F401 - they add their routes to this blueprint
