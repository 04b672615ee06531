"""Pure decisions about people: certificates, lockout, names and passwords."""

import enum
import re
import unicodedata
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from app.core.errors import N_
from app.core.roles import Role

LOCK_AFTER_FAILURES = 8
LOCK_FOR = timedelta(minutes=15)


class Certificate(enum.StrEnum):
    """State of an inspector's certificate on a day."""

    VALID = "valid"
    ENDS_SOON = "ends_soon"
    EXPIRED = "expired"
    MISSING = "missing"


def certificate_state(number: str, until: date | None, today: date, warn_days: int) -> Certificate:
    """How the certificate stands. `until` is its last valid day; warned `warn_days` (60) days ahead (DOMAIN.md)."""
    if not number or until is None:
        return Certificate.MISSING
    if until < today:
        return Certificate.EXPIRED
    return Certificate.ENDS_SOON if until - today <= timedelta(days=warn_days) else Certificate.VALID


def may_issue(roles: frozenset[Role], state: Certificate) -> bool:
    """Without a valid certificate, no notice (DOMAIN.md)."""
    return bool(roles & {Role.COORDINATOR, Role.SUPERVISOR}) and state in {
        Certificate.VALID,
        Certificate.ENDS_SOON,
    }


def is_locked(locked_until: datetime | None, now: datetime) -> bool:
    """Whether the account takes no password at all at the moment, not even the right one."""
    return locked_until is not None and locked_until > now


def lock_until(failures: int, now: datetime) -> datetime | None:
    """When an account opens again after `failures` wrong passwords in a row; None while it stays open."""
    return now + LOCK_FOR if failures and failures % LOCK_AFTER_FAILURES == 0 else None


# ---- names and passwords

PASSWORD_LENGTH = (8, 128)
_LOGIN = re.compile(r"[^\W_][\w.\-]{1,39}")
_COMMON = (
    "12345678",
    "password",
    "qwertyui",
    "abcd1234",
    "abc12345",
    "a1234567",
    "1qaz2wsx",
    "woaini",
    "admin",
)


def clean_login(raw: str) -> str:
    """How a login name is kept and compared: without spaces around, full width made half width, lower case."""
    return unicodedata.normalize("NFKC", raw).strip().lower()


def login_problem(login: str) -> str:
    """Why `login` (cleaned) cannot be a login name, as a msgid; empty if it can."""
    if not _LOGIN.fullmatch(login):
        return N_(
            "A login name has 2 to 40 letters or digits; dots, hyphens and underscores may stand between."
        )
    if not any(character.isalpha() for character in login):
        return N_("A login name needs a letter, so that it cannot be mistaken for a phone number.")
    return ""


def password_problem(password: str, *, login: str = "", phone: str = "") -> str:
    """Why `password` is too weak, as a msgid; empty if it will do. Length is what protects; no other riddles."""
    shortest, longest = PASSWORD_LENGTH
    if len(password) < shortest:
        return N_("The password needs at least 8 characters.")
    if len(password) > longest:
        return N_("The password may have at most 128 characters.")
    small = password.lower()
    if (login and login in small) or (phone and phone in small):
        return N_("The password must not contain the login name or the phone number.")
    if len(set(small)) < 4 or small.startswith(_COMMON):
        return N_("This password is guessed first. Take several words, or mix letters and digits.")
    return ""


def local_path(url: str, otherwise: str = "/") -> str:
    """`url` if it is a path on this server, else `otherwise`: no page sends people to another site.

    Browsers read backslashes as slashes and skip control characters, so both are refused anywhere.
    """
    parts = urlsplit(url)
    is_path = url.startswith("/") and not url.startswith("//") and not parts.scheme and not parts.netloc
    is_plain = "\\" not in url and all(character.isprintable() for character in url)
    return url if is_path and is_plain else otherwise
