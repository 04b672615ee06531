"""Pure decisions about the photo log: which clocks agree, what a table may hold, how counts are said."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.errors import N_

CLOCKS_AGREE = timedelta(minutes=2)  # closer than that, three clocks are said as one time
UNDO_FOR = timedelta(minutes=15)  # a decision is taken back within
MOST_MARKS = 200  # photos decided in one sending of the desk
MOST_TOGETHER = 500  # photos of the wall decided together
MOST_COUNTED = 1_000  # rows looked at for a number, so that it never costs more than a page
MOST_EXPORTED = 20_000  # photos in one ZIP: about 60 GB of phone photos
MOST_CHOSEN = 2_000  # of them ticked one by one


# why photos go back, most frequent first; the digits 1 to 9 choose them at the desk
REASONS = (
    N_("Blurred: please take it again."),
    N_("Too dark or against the light: please take it again."),
    N_("Only a part is seen: please take the whole."),
    N_("It does not show what the item asks for: please take that."),
    N_("The photo after putting it right is missing: please add it."),
    N_("This photo was used before: please take a new one."),
    N_("Place or time do not fit: please explain."),
    N_("The words and the photo do not fit: please look at the record again."),
    N_("People or personal papers are seen: please take it again without them."),
)


def may_undo(marked: datetime, now: datetime) -> bool:
    """Whether a decision of that moment can still be taken back."""
    return now - marked <= UNDO_FOR


class Clock(enum.StrEnum):
    """Whose clock a moment was read from."""

    SERVER = "server"
    PHONE = "phone"
    CAMERA = "camera"


@dataclass(frozen=True)
class Reading:
    """What one clock said, and how far it stood from the server's (positive: ahead)."""

    clock: Clock
    at: datetime
    apart: timedelta | None = None  # None where it agrees

    @property
    def minutes(self) -> int:
        return 0 if self.apart is None else round(abs(self.apart) / timedelta(minutes=1))

    @property
    def is_ahead(self) -> bool:
        return self.apart is not None and self.apart > timedelta(0)


def readings(received: datetime, captured: datetime | None, taken: datetime | None) -> list[Reading]:
    """The clocks worth showing: the server's alone where all agree, else each with its distance.

    None corrects another: which one is right is for people to say.
    """
    shown = [Reading(Clock.SERVER, received)]
    for clock, at in ((Clock.PHONE, captured), (Clock.CAMERA, taken)):
        if at is not None and abs(at - received) > CLOCKS_AGREE:
            shown.append(Reading(clock, at, at - received))
    return shown


def phone_is_wrong(offset_ms: int | None) -> bool:
    """Whether the phone's clock itself, measured against the server's, is off by more than two minutes."""
    return offset_ms is not None and timedelta(milliseconds=abs(offset_ms)) > CLOCKS_AGREE


def capped(number: int, *, is_least: bool = False) -> str:
    """64, 999+ where a thousand were found, 7+ where counting stopped before the end."""
    shown = min(number, MOST_COUNTED - 1)
    return f"{shown}+" if is_least or number > shown else str(number)


class DayPart(enum.StrEnum):
    """How people greet each other."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


def day_part(hour: int) -> DayPart:
    """The part of the day at `hour` of the wall clock."""
    if 4 <= hour < 12:
        return DayPart.MORNING
    return DayPart.AFTERNOON if 12 <= hour < 18 else DayPart.EVENING
