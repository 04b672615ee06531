"""Pure decisions: whether a certificate may sign today, and what is typed from a paper."""

import enum
import re
import unicodedata
from datetime import datetime, timedelta

ENDS_SOON = timedelta(days=30)
SHORTEST, WHOLE = 16, 64  # hexadecimal digits of a check code: as printed, and all of it
_HEX = re.compile(r"[0-9a-f]+")
_UNSAID = str.maketrans("", "", "第号")  # 第0012号 is 0012: people leave such signs out, or add them
_LOOKS_LIKE = str.maketrans("oil", "011")  # no digit of a code; what is typed where a 0 or 1 is printed


class Grade(enum.IntEnum):
    """What a paper is signed with. A paper kept with less is made anew once more can be given."""

    UNSIGNED = 0
    DEMONSTRATION = 1
    ORGANISATION = 2


class Standing(enum.StrEnum):
    """How the certificate stands. Only the first two sign."""

    VALID = "valid"
    DEMONSTRATION = "demonstration"  # made by ourselves, outside production
    MISSING = "missing"  # in production without one
    UNREADABLE = "unreadable"
    NOT_YET = "not_yet"
    EXPIRED = "expired"

    @property
    def grade(self) -> Grade:
        return {
            Standing.VALID: Grade.ORGANISATION,
            Standing.DEMONSTRATION: Grade.DEMONSTRATION,
        }.get(self, Grade.UNSIGNED)


def standing(valid_from: datetime, valid_until: datetime, now: datetime, *, demonstration: bool) -> Standing:
    """An expired or not yet valid certificate signs nothing: no validator would believe it."""
    if now < valid_from:
        return Standing.NOT_YET
    if now > valid_until:
        return Standing.EXPIRED
    return Standing.DEMONSTRATION if demonstration else Standing.VALID


def ends_soon(valid_until: datetime, now: datetime) -> bool:
    return now <= valid_until < now + ENDS_SOON


def plain_number(text: str) -> str:
    """A number as it is compared: 〔〕 is hard to type on a phone, so brackets, blanks and strokes do not count."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())
    return plain.translate(_UNSAID)


def plain_code(text: str) -> str:
    """The digits of a check code as typed or copied; "" for what is none (16 to 64 hexadecimal digits)."""
    digits = "".join(sign for sign in unicodedata.normalize("NFKC", text).lower() if sign.isalnum())
    digits = digits.translate(_LOOKS_LIKE)
    return digits if SHORTEST <= len(digits) <= WHOLE and _HEX.fullmatch(digits) else ""
