"""Whether somebody may reply to a notice: the last digits of the registered phone once, then a cookie of that notice.

The cookie is no session: it goes to this one notice's addresses, no script reads it, and it says only that these
digits were known. A corrected phone number asks anew.
"""

import enum
from typing import Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from app.accounts.county import option
from app.core.settings import settings
from app.notices import printing
from app.notices import rules as notice_rules
from app.notices.models import Notice
from app.replies import rules
from app.replies.options import LOCK
from app.replies.rules import Lock, Proof
from app.web.access import current_person

COOKIE = "reply"
MONTHS = 180 * 24 * 3600  # seconds a phone is remembered


class Ask(enum.StrEnum):
    """What is asked for before replies."""

    NOTHING = "nothing"
    PHONE = "phone"
    CODE = "code"


def lock_of(notice: Notice) -> Lock:
    return Lock(option(notice.county_id, LOCK))


def asks(notice: Notice) -> Ask:
    """Digits of the phone where one is registered, else the code on the paper."""
    if lock_of(notice) is Lock.OPEN:
        return Ask.NOTHING
    return Ask.PHONE if endings_of(notice) else Ask.CODE


def endings_of(notice: Notice) -> frozenset[str]:
    """Of the phone as it is registered today, so that a corrected number counts at once."""
    return notice_rules.phone_endings(notice.premises.phone)


def code_of(notice: Notice) -> str:
    return rules.reply_code(settings().secret_key, notice.id)


def code_on_paper(notice: Notice) -> str:
    """The code in two groups, for the paper of an owner who needs it."""
    if not notice.is_issued or asks(notice) is not Ask.CODE:
        return ""
    code = code_of(notice)
    return f"{code[:3]} {code[3:]}"


def proved(notice: Notice) -> Proof | None:
    """How this browser has shown that the notice is its owner's; None where it has not."""
    try:
        said: Any = _signer().loads(request.cookies.get(COOKIE, ""), max_age=MONTHS)
        proof, mark = Proof(said[1]), said[2]
    except (BadSignature, ValueError, TypeError, LookupError):
        return None
    if said[0] != notice.id.hex or mark not in {_mark(notice, secret) for secret in _secrets(notice, proof)}:
        return None
    return proof


def may_reply(notice: Notice) -> bool:
    """Whether this browser may say something, and read what was said."""
    return current_person() is None and (asks(notice) is Ask.NOTHING or proved(notice) is not None)


def may_read(notice: Notice) -> bool:
    """The same for reading only: people of the issuing side in their region, too."""
    person = current_person()
    return may_reply(notice) or (person is not None and person.region.contains(notice))


def remember(response: Response, notice: Notice, proof: Proof, digits: str) -> Response:
    """Keep the proof on this phone, for this notice alone."""
    value = _signer().dumps([notice.id.hex, proof.value, _mark(notice, digits)])
    response.set_cookie(
        COOKIE, str(value), max_age=MONTHS, path=f"/n/{notice.token}", httponly=True, samesite="Lax",
        secure=settings().secure_cookies,
    )  # fmt: skip
    return response


def _secrets(notice: Notice, proof: Proof) -> frozenset[str]:
    return endings_of(notice) if proof is Proof.PHONE else frozenset({code_of(notice)})


def _mark(notice: Notice, digits: str) -> str:
    """What the digits were, without saying them."""
    return rules.digest({"secret": settings().secret_key, "notice": notice.id.hex, "digits": digits})[:16]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="notice-reply-proof")


def add() -> None:
    """The papers made by staff ask here for the code."""
    if code_on_paper not in printing.reply_codes:
        printing.reply_codes.append(code_on_paper)
