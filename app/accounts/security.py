"""Sign-in through Flask-Security: our form, lockout, one answer to strangers, two-factor and passkeys by setting.

Read against Flask-Security 5.9.2: its generic responses do not know our field `login`, its password change would
lose its changes to our own transactions, and its JSON answers would give tokens to whoever asks. So the form answers
for itself, the password page is ours (routes.change_password), and JSON is switched off.
"""

from datetime import timedelta
from typing import Any, cast

from flask import Flask, Response, g, redirect, request, session, url_for
from flask_babel import lazy_gettext as _l
from flask_login import user_logged_in
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore
from flask_security.signals import tf_disabled, tf_profile_changed, wan_deleted, wan_registered
from flask_security.utils import hash_password
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

from app.accounts import rules
from app.accounts.callers import find_caller
from app.accounts.models import Passkey, Person, RoleRow
from app.accounts.passkeys import PhoneKeys
from app.core import audit, clock
from app.core.database import db, transaction
from app.core.errors import N_, NotAllowed
from app.core.settings import Settings
from app.web.access import current_person, is_lean
from app.web.htmx import go_to, is_htmx
from app.web.i18n import LANGUAGE_COOKIE
from app.web.limits import limiter

SIGN_IN_FAILED = _l(
    "The name or the password is not right, or the account is locked. Look at capital letters and try again. "
    "After 8 wrong passwords an account stays locked for 15 minutes; your administrator can reset it."
)


HALF_AN_HOUR = 1800  # seconds
_GUESSED_AT = (  # where a password or a code can be tried
    "security.login",
    "security.verify",
    "security.wan_signin",
    "security.two_factor_token_validation",
    "security.two_factor_rescue",
)
_OF_SESSION = (
    select(Person).where(Person.fs_uniquifier == bindparam("mark")).options(joinedload(Person.roles))
)


class People(SQLAlchemyUserDatastore):
    """Whoever asks is looked up by every request: that question is composed once, not each time."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Person | None:  # noqa: FBT001, FBT002
        """The person with this one attribute."""
        if list(kwargs) == ["fs_uniquifier"]:
            mark = kwargs["fs_uniquifier"]
            if is_lean():
                return cast("Person | None", find_caller(mark))
            return db.session.scalars(_OF_SESSION, {"mark": mark}).unique().one_or_none()
        return cast("Person | None", super().find_user(case_insensitive, **kwargs))


class SignInForm(LoginForm):
    """Login name and password. Wrong name, wrong password, locked and deactivated look the same to a stranger."""

    email = None
    login = StringField(
        _l("Login name or phone"), validators=[DataRequired(_l("Enter your login name.")), Length(max=80)]
    )
    password = PasswordField(
        _l("Password"), validators=[DataRequired(_l("Enter your password.")), Length(max=200)]
    )

    def validate(self, **kwargs: Any) -> bool:
        person = find_person(self.login.data or "")
        locked = person is not None and rules.is_locked(person.locked_until, clock.now())
        self.ifield, self.user = self.login, None if locked else person
        self.next.data = rules.local_path(
            self.next.data or "", ""
        )  # a foreign address is ignored, not an error
        if super().validate(**kwargs):
            assert person is not None
            note_sign_in_try(person, valid=True)
            return True
        if self.login.data and self.password.data:
            if self.user is not None:
                note_sign_in_try(self.user, valid=False)
            self.login.errors, self.password.errors = [], []
            self.form_errors = [SIGN_IN_FAILED]
        return False


def find_person(login: str) -> Person | None:
    """By login name in any case, or by a phone number that only one active person has."""
    name = rules.clean_login(login)
    if not name:
        return None
    person = db.session.scalars(select(Person).where(Person.login == name)).unique().one_or_none()
    if person is not None:
        return person
    same_phone = select(Person).where(Person.phone == name, Person.active.is_(True)).limit(2)
    people = db.session.scalars(same_phone).unique().all()
    return people[0] if len(people) == 1 else None


def note_sign_in_try(person: Person, *, valid: bool) -> None:
    """Count wrong passwords in a row and lock for a while (rules.lock_until); a good one clears the count."""
    if valid and not person.failed_sign_ins:
        return
    person_id = person.id
    with transaction():
        row = db.session.get_one(Person, person_id, with_for_update={"of": Person}, populate_existing=True)
        row.failed_sign_ins = 0 if valid else row.failed_sign_ins + 1
        row.locked_until = (
            None if valid else rules.lock_until(row.failed_sign_ins, clock.now()) or row.locked_until
        )
        if row.locked_until and rules.is_locked(row.locked_until, clock.now()):
            audit.record("account_locked", row, by=None, after={"until": row.locked_until.isoformat()})


def password_hash(password: str) -> str:
    """Argon2id of `password`, normalised the way Flask-Security will compare it."""
    from flask import current_app

    return hash_password(current_app.extensions["security"].password_util.normalize(password))


def init(app: Flask, settings: Settings) -> None:
    """Configure Flask-Security, the session cookie and the sign-in limits."""
    app.config.update(_security_config(settings), **_session_config(settings))
    datastore = People(db, Person, RoleRow, Passkey)
    security = Security(app, datastore, login_form=SignInForm, webauthn_util_cls=PhoneKeys)
    security.want_json(
        lambda _request: False
    )  # HTML only: no tokens, no user data, no second way around CSRF
    app.login_manager.session_protection = "basic"  # type: ignore[attr-defined] # phones change their address
    _limit_where_it_is_said(app)
    _guard_sign_in(app)
    _remember_sign_in(app)
    _prolong_session(app)
    _write_down_second_ways(app)
    _ask_for_new_password(app)


def _security_config(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECURITY_PASSWORD_SALT": settings.password_salt,
        "SECURITY_USER_IDENTITY_ATTRIBUTES": [
            {"login": {"mapper": rules.clean_login, "case_insensitive": False}}
        ],
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_LOGIN_USER_TEMPLATE": "accounts/sign_in.html",
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/sign-in?out",
        "SECURITY_RETURN_GENERIC_RESPONSES": False,  # looks for a field `email`; SignInForm does it itself
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_LENGTH_MIN": rules.PASSWORD_LENGTH[0],
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_DATETIME_FACTORY": clock.now,
        "SECURITY_TWO_FACTOR": settings.two_factor,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TOTP_SECRETS": {"1": settings.secret_key},
        "SECURITY_TOTP_ISSUER": "Xuncha",
        "SECURITY_WEBAUTHN": settings.passkeys,
        "SECURITY_WAN_RP_NAME": "Xuncha",
        "SECURITY_WAN_ALLOW_AS_FIRST_FACTOR": True,
        "SECURITY_WAN_ALLOW_USER_HINTS": False,  # a hint would tell which names exist
    }


def _session_config(settings: Settings) -> dict[str, Any]:
    secure = settings.secure_cookies
    return {
        "WTF_CSRF_TIME_LIMIT": None,  # a page may lie open on a phone all day
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "__Host-xuncha" if secure else "xuncha",
        "REMEMBER_COOKIE_SECURE": secure,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=settings.session_hours),
        "SESSION_REFRESH_EACH_REQUEST": False,  # see _prolong_session
        "RATELIMIT_STORAGE_URI": settings.rate_limit_storage,
        "RATELIMIT_ENABLED": settings.rate_limits,
    }


def _limit_where_it_is_said(app: Flask) -> None:
    """Every limit stands on its own view and is looked at there; looking at every request for one finds nothing."""
    limiter.init_app(app)
    if limiter.enabled:
        app.before_request_funcs[None].remove(limiter._check_request_limit)  # noqa: SLF001 - it has no switch


def _guard_sign_in(app: Flask) -> None:
    """Limit tries per address, and answer a failed one with 422 like every other form."""
    for endpoint in _GUESSED_AT:
        if endpoint in app.view_functions:
            limit = limiter.limit("30 per minute; 300 per hour", methods=["POST"])
            app.view_functions[endpoint] = limit(app.view_functions[endpoint])  # type: ignore[assignment]
    sign_in = app.view_functions["security.login"]

    def sign_in_view(**kwargs: Any) -> Any:
        answer = sign_in(**kwargs)
        return (answer, 422) if request.method == "POST" and isinstance(answer, str) else answer

    app.view_functions["security.login"] = sign_in_view


def _remember_sign_in(app: Flask) -> None:
    """After a sign-in: the session ends hours after the last use, the audit knows, the language follows."""

    @user_logged_in.connect_via(app)
    def _note(_sender: Flask, user: Person, **_extra: Any) -> None:
        session.permanent = True
        g.signed_in = user

    @app.after_request
    def _write(response: Response) -> Response:
        person = g.pop("signed_in", None)
        if person is not None:  # Flask-Security has committed its own changes by now
            chosen = person.locale
            with transaction():
                audit.record("signed_in", person, by=person.id, note=request.user_agent.string[:200])
            if chosen and LANGUAGE_COOKIE not in request.cookies:
                response.set_cookie(
                    LANGUAGE_COOKIE,
                    chosen,
                    max_age=31_536_000,
                    samesite="Lax",
                    httponly=True,
                    secure=app.config["SESSION_COOKIE_SECURE"],
                )
        return response


def _prolong_session(app: Flask) -> None:
    """The hours of a session count from its last use, written down every half an hour instead of at every tap."""

    @app.before_request
    def _note() -> None:
        if session.permanent and "_user_id" in session:
            now = int(clock.now().timestamp())
            if now - session.get("used", 0) > HALF_AN_HOUR:
                session["used"] = now


def _write_down_second_ways(app: Flask) -> None:
    """Second steps and passkeys are changed by Flask-Security; the audit hears of it in the same transaction."""
    for signal, action in (
        (tf_profile_changed, "second_step_set"),
        (tf_disabled, "second_step_removed"),
        (wan_registered, "passkey_added"),
        (wan_deleted, "passkey_removed"),
    ):

        def note(_sender: Flask, user: Person, action: str = action, **_extra: Any) -> None:
            audit.record(action, user, by=user.id)

        signal.connect(note, app, weak=False)


def _ask_for_new_password(app: Flask) -> None:
    """Whoever got a password from somebody else chooses an own one before anything else."""
    still_allowed = {"accounts.change_password", "accounts.language"}

    @app.before_request
    def _check() -> Any:
        access = getattr(app.view_functions.get(request.endpoint or ""), "access", None)
        if access is None or access.is_public or request.endpoint in still_allowed:
            return None
        person = current_person()
        if person is None or not person.must_change_password:
            return None
        if request.method != "GET" and not is_htmx():
            raise NotAllowed(N_("Choose your own password first."), hint=N_("Open any page to do so."))
        target = url_for("accounts.change_password")
        return go_to(target) if is_htmx() else redirect(target, 303)
