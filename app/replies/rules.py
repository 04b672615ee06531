"""Pure decisions about owners' replies: who may send one, what one must say, how a point stands in plain words."""

import enum
import hashlib
import hmac
import json
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from app.core.errors import N_, Invalid
from app.notices.progress import Event, Step
from app.replies.models import ReplyKind

MOST_PHOTOS = 9  # of one reply
MOST_UNSENT = 60  # photos of one notice that wait for their replies to be sent
UNSENT_COUNTS = timedelta(days=1)  # so that forgotten ones keep nobody from replying
MOST_REPLIES = 200  # of one notice: nobody writes so many, a machine would
LONGEST_TEXT = 1000  # characters
LONGEST_WISH = timedelta(days=366)
TRIES = 5  # wrong ones before a pause
PAUSE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=4)  # each pause is twice the one before it, or four digits could be tried out
CODE_DIGITS = 6


class Lock(enum.StrEnum):
    """What the county asks for before replies, or before reading."""

    OPEN = "open"
    PHONE4 = "phone4"
    BEFORE_READING = "before_reading"


class Proof(enum.StrEnum):
    """How somebody showed that the notice is theirs."""

    PHONE = "phone"
    CODE = "code"


class Face(enum.StrEnum):
    """How a point stands, as its owner is told."""

    WAITING = "waiting"
    AGAIN = "again"
    MORE_TIME = "more_time"
    PARTLY = "partly"
    NOT_FIXED = "not_fixed"
    RETURNED = "returned"
    RECEIVED = "received"
    COMING = "coming"
    REFERRED = "referred"
    DONE_ON_SPOT = "done_on_spot"
    ACCEPTED = "accepted"
    SEEN_FIXED = "seen_fixed"
    DONE_THERE = "done_there"
    ENDED = "ended"


_LAST = {
    Step.AWAITED: {
        Event.REJECTED: Face.AGAIN,
        Event.EXTENDED: Face.MORE_TIME,
        Event.VERIFIED_PARTLY: Face.PARTLY,
        Event.VERIFIED_NOT_FIXED: Face.NOT_FIXED,
        Event.REFERRAL_RETURNED: Face.RETURNED,
    },
    Step.CLOSED: {
        Event.ACCEPTED: Face.ACCEPTED,
        Event.VERIFIED_FIXED: Face.SEEN_FIXED,
        Event.REFERRAL_CLOSED: Face.DONE_THERE,
        Event.ENDED: Face.ENDED,
    },
}
_PLAIN = {
    Step.AWAITED: Face.WAITING,
    Step.ANSWERED: Face.RECEIVED,
    Step.TO_VERIFY: Face.COMING,
    Step.REFERRED: Face.REFERRED,
    Step.CLOSED: Face.DONE_ON_SPOT,
}


@dataclass(frozen=True)
class Words:
    """What an owner says about one point. Built from a form; `check` holds it to what a reply needs."""

    kind: ReplyKind
    text: str = ""
    wished_on: date | None = None

    def same_as(self, other: Any) -> bool:
        return (self.kind, self.text, self.wished_on) == (other.kind, other.text, other.wished_on)


@dataclass(frozen=True)
class Tries:
    """Wrong digits so far: since the last pause, how many pauses, and until when the present one lasts."""

    tries: int = 0
    pauses: int = 0
    paused_until: datetime | None = None

    def is_paused(self, now: datetime) -> bool:
        return self.paused_until is not None and now < self.paused_until

    @property
    def left(self) -> int:
        return TRIES - self.tries

    def after_wrong(self, now: datetime) -> "Tries":
        """One more wrong try; the fifth begins a pause."""
        if self.tries + 1 < TRIES:
            return Tries(self.tries + 1, self.pauses, None)
        return Tries(0, self.pauses + 1, now + min(PAUSE * 2**self.pauses, LONGEST_PAUSE))


@dataclass(frozen=True)
class Offer:
    """What the owner of a point may say now, and why not more time."""

    kinds: Sequence[ReplyKind] = field(default_factory=tuple)
    extended: bool = False


def offer(step: Step | None, due_on: date | None, *, extended: bool) -> Offer:
    """Which replies are offered; a closed point takes none, and more time is given once."""
    if step is None or step is Step.CLOSED:
        return Offer()
    if step is Step.REFERRED or due_on is None or extended:
        return Offer((ReplyKind.FIXED, ReplyKind.DISAGREE), extended=extended)
    return Offer(tuple(ReplyKind))


def face_of(step: Step, last: Event | None) -> Face:
    """How a point stands after its last turn (replies left aside where the step did not change)."""
    return _LAST.get(step, {}).get(last, _PLAIN[step]) if last else _PLAIN[step]


def clean(text: str) -> str:
    """As written, without what no database keeps and no page shows."""
    plain = "".join(sign for sign in text.replace("\r\n", "\n") if sign == "\n" or unicodedata.category(sign) != "Cc")
    return plain.strip()


def check(words: Words, photos: int, *, due_on: date | None, today: date) -> None:
    """Raise Invalid, naming the field, for a reply that says too little or too much."""
    if len(words.text) > LONGEST_TEXT:
        raise Invalid(
            N_("This is too long: %(count)s characters, %(most)s at most. Please shorten it, or call us."),
            field="text", count=len(words.text), most=LONGEST_TEXT,
        )  # fmt: skip
    if words.kind is ReplyKind.FIXED and not photos and not words.text:
        raise Invalid(N_("Please add a photo, or write a few words on what you did."), field="photos")
    if words.kind is ReplyKind.DISAGREE and not words.text:
        raise Invalid(N_("Please write what you see differently."), field="text")
    if words.kind is ReplyKind.MORE_TIME:
        _check_wish(words, due_on, today)


def _check_wish(words: Words, due_on: date | None, today: date) -> None:
    if words.wished_on is None:
        raise Invalid(N_("Please choose the day by which you can have it done."), field="wished_on")
    if words.wished_on <= max(today, due_on or today):
        raise Invalid(N_("Please choose a day after the present date."), field="wished_on")
    if words.wished_on > today + LONGEST_WISH:
        raise Invalid(N_("That day lies more than a year ahead. Please look at the date again."), field="wished_on")
    if not words.text:
        raise Invalid(N_("Please write why it takes longer."), field="text")


def entered(text: str) -> str:
    """Digits as typed, also full-width ones and with spaces."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign.isascii() and sign.isdigit())


def reply_code(secret: str, notice_id: UUID) -> str:
    """The six digits that stand on the paper of an owner without a registered phone."""
    made = hmac.new(secret.encode(), b"reply-code" + notice_id.bytes, hashlib.sha256).digest()
    return f"{int.from_bytes(made[:8]) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def proof_in(digits: str, endings: Collection[str], code: str) -> Proof | None:
    """Whether these digits are the end of a registered number, or the code."""
    right = [hmac.compare_digest(digits, ending) for ending in endings]
    if any(right):
        return Proof.PHONE
    return Proof.CODE if hmac.compare_digest(digits, code) else None


def digest(facts: dict[str, Any]) -> str:
    """SHA-256 of what a receipt shows, in one way of writing it."""
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def receipt_number(number: str, sequence: int) -> str:
    """The notice's number and the reply's place in it: short enough to be said on the phone."""
    return f"{number}-{sequence:02d}"
