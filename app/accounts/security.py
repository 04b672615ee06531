"""Sign-in through Flask-Security: our form, lockout, generic answers, two-factor and passkeys ready to switch on."""

from datetime import timedelta
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import user_logged_in
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore
from flask_security.utils import hash_password, verify_and_update_password
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.accounts import rules
from app.accounts.models import Passkey, Person, RoleRow
from app.core import audit, clock
from app.core.database import db, transaction
from app.core.settings import Settings
from flask_babel import lazy_gettext as _l

limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=False)
_DUMMY_HASHES: list[str] = []


class SignInForm(LoginForm):
    """Login name and password. Wrong name, wrong password and a locked account look the same to a stranger."""

    email = None
    login = StringField(_l("Login name or phone"), validators=[DataRequired(), Length(max=80)])

    def validate(self, **kwargs: Any) -> bool:
        self.ifield = self.login
        self.user = find_person(self.login.data or "")
        if self.user is None:
            _spend_the_same_time(self.password.data or "")
        elif self.user.locked_until and self.user.locked_until > clock.now():
            self.user = None
        person = self.user
        valid = bool(super().validate(**kwargs))
        if person is not None:
            note_sign_in_try(person, valid)
        return valid


def find_person(login: str) -> Person | None:
    """By login name (any case) or phone number."""
    name = login.strip().lower()
    return db.session.scalars(select(Person).where(Person.login == name)).unique().one_or_none() or (
        db.session.scalars(select(Person).where(Person.phone == name, Person.phone != "").limit(2)).unique().first()
        if name
        else None
    )


def note_sign_in_try(person: Person, valid: bool) -> None:
    """Count wrong passwords in a row and lock for a while (rules.lock_until); a good one clears the count."""
    if valid and not person.failed_sign_ins:
        return
    with transaction():
        row = db.session.get_one(Person, person.id)
        row.failed_sign_ins = 0 if valid else row.failed_sign_ins + 1
        row.locked_until = None if valid else rules.lock_until(row.failed_sign_ins, clock.now())
        if row.locked_until:
            audit.record("account_locked", row, by=None, after={"until": row.locked_until.isoformat()})


def _spend_the_same_time(password: str) -> None:
    """An unknown name costs as much time as a wrong password, so that names cannot be found out by waiting."""
    if not _DUMMY_HASHES:
        _DUMMY_HASHES.append(hash_password("nobody has this password"))

    class _Nobody:
        password = _DUMMY_HASHES[0]

    verify_and_update_password(password or "-", _Nobody())


def init(app: Flask, settings: Settings) -> None:
    """Configure Flask-Security, the session cookie and the sign-in limits."""
    secure = settings.secure_cookies
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECURITY_PASSWORD_SALT=settings.password_salt,
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"login": {"mapper": lambda value: value, "case_insensitive": False}}],
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_LOGOUT_METHODS=["POST"],
        SECURITY_LOGIN_USER_TEMPLATE="accounts/sign_in.html",
        SECURITY_CHANGEABLE=True,
        SECURITY_CHANGE_URL="/me/password",
        SECURITY_CHANGE_PASSWORD_TEMPLATE="accounts/change_password.html",
        SECURITY_SEND_PASSWORD_CHANGE_EMAIL=False,
        SECURITY_POST_LOGIN_VIEW="/",
        SECURITY_POST_LOGOUT_VIEW="/sign-in",
        SECURITY_POST_CHANGE_VIEW="/me",
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_PASSWORD_LENGTH_MIN=8,
        SECURITY_PASSWORD_COMPLEXITY_CHECKER=None,
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_TWO_FACTOR=settings.two_factor,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
        SECURITY_TOTP_SECRETS={"1": settings.secret_key},
        SECURITY_TOTP_ISSUER="Xuncha",
        SECURITY_WEBAUTHN=settings.passkeys,
        SECURITY_WAN_ALLOW_AS_FIRST_FACTOR=True,
        SECURITY_CSRF_PROTECT_MECHANISMS=["session"],
        SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS=False,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=True,
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_NAME="__Host-xuncha" if secure else "xuncha",
        REMEMBER_COOKIE_SECURE=secure,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        RATELIMIT_STORAGE_URI=settings.rate_limit_storage,
        RATELIMIT_ENABLED=settings.rate_limits,
    )
    datastore = SQLAlchemyUserDatastore(db, Person, RoleRow, Passkey)
    Security(app, datastore, login_form=SignInForm)
    limiter.init_app(app)
    _limit_sign_in(app)


def _limit_sign_in(app: Flask) -> None:
    view = app.view_functions["security.login"]
    limited = limiter.limit("30 per minute; 300 per hour", methods=["POST"])(view)
    app.view_functions["security.login"] = limited

    @user_logged_in.connect_via(app)
    def _audit(_sender: Flask, user: Person, **_extra: Any) -> None:
        with transaction():
            audit.record("signed_in", user, by=user.id, note=request.user_agent.string[:200])
