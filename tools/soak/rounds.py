"""One round from an empty folder to the verdict."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Playwright

from app import create_app
from tools.soak import check, pictures
from tools.soak.homecoming import Homecoming, TooLong
from tools.soak.phone import Phone
from tools.soak.place import Place
from tools.soak.proxy import Fate, Line, Mode
from tools.soak.story import STOPS, Broken, Patrol, Stop

SECONDS_TO_TIDY = 60


@dataclass(frozen=True)
class Plan:
    """What differs from one run to the next."""

    photos: Path | None  # None: drawn ones
    loss: float
    kills: int
    seed: int
    seconds: float = 1800
    stops: tuple[Stop, ...] = STOPS
    sizes: tuple[int, int] = (pictures.SMALLEST, pictures.LARGEST)  # bytes of the made photos
    originals: bool = True  # the folder's photos as they are, too


@dataclass
class Result:
    """How many things were sent, how many sendings were repeated, and what went wrong."""

    sent: int = 0
    retried: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    def __add__(self, other: "Result") -> "Result":
        return Result(
            self.sent + other.sent,
            self.retried + other.retried,
            self.lost + other.lost,
            self.doubled + other.doubled,
        )


def play(plan: Plan, folder: Path, playwright: Playwright, *, say: Callable[[str], None]) -> Result:
    """Raises NoPhotos, NoBrowser; everything else that goes wrong is in the result."""
    chance = random.Random(plan.seed)
    found = pictures.originals(plan.photos or pictures.draw(folder / "drawn"), chance)
    count = sum(sum(stop.photos) for stop in plan.stops)
    made = pictures.make(count, found, folder / "photos", chance, sizes=plan.sizes)
    others = [pictures.Picture.at(path) for path in found] if plan.originals else []
    say(
        f"{len(made)} photos of {_mb(made, min)} to {_mb(made, max)} MB, and {len(others)} of the folder as they are"
    )
    place = Place(folder / "place")
    with Line(place.port, loss=plan.loss, seed=plan.seed) as line:
        phone = Phone(playwright, folder / "phone", line.url)
        patrol = Patrol(phone, line, chance, made, others, say)
        try:
            place.start(line.url)
            with create_app(place.settings()).app_context():
                patrol.record.earlier = check.visits()
            phone.switch_on()
            return _play(plan, patrol, place)
        except (Broken, TooLong, BrowserError, AssertionError) as error:
            say(f"stopped: {error}")
            _picture_of(phone, say)
            return Result(lost=[str(error).splitlines()[0]])
        finally:
            _switch_off(phone)
            place.stop()


def _play(plan: Plan, patrol: Patrol, place: Place) -> Result:
    say, line, phone = patrol.say, patrol.line, patrol.phone
    patrol.sign_in()
    patrol.prepare()
    patrol.lose_signal()
    say("no signal from here on")
    for stop in plan.stops:
        patrol.visit(stop)
    patrol.look_at_all()
    patrol.note_what_waits()
    early = check.papers_before(patrol.record, place.port)
    say(f"{len(patrol.record.changes)} changes and {len(patrol.record.pictures)} photos wait on the phone")
    phone.sets("grace", 0)
    home = Homecoming(patrol, place, kills=plan.kills, chance=patrol.chance, seconds=plan.seconds)
    phone.forgets_session()
    patrol.regain_signal()
    say(f"signal again, a bad one, and signed out; {plan.kills} kills of the server to come")
    home.wait()
    line.switch(Mode.CLEAN)
    verdict = check.check(create_app(place.settings()), patrol.record)
    check.papers_after(patrol.record, place.port, verdict)
    verdict.lost += early + _left(patrol) + [f"script fault: {fault}" for fault in phone.faults]
    if place.kills != plan.kills:
        verdict.lost.append(f"the server was killed {place.kills} times instead of {plan.kills}")
    _sum_up(patrol, place)
    return Result(verdict.sent, line.counts["writes failed"], verdict.lost, verdict.doubled)


def _left(patrol: Patrol) -> list[str]:
    """What the phone still holds although everything has arrived and nothing has to be kept any longer."""
    page, stored = patrol.phone.page, {}
    for _second in range(SECONDS_TO_TIDY):
        stored = patrol.phone.stored(*(f"#{name}" for name in check.STORES))
        if not any(stored.values()):
            return []
        page.wait_for_timeout(1000)
    return [f"the phone is not empty: {what}" for what in check.left_on(stored)]


def _sum_up(patrol: Patrol, place: Place) -> None:
    counts = patrol.line.counts
    fates = ", ".join(f"{counts[fate.value]} {fate.value}" for fate in Fate)
    patrol.say(
        f"the line: {counts['requests']} requests ({fates}), {counts['delayed']} delayed, "
        f"{counts['server away']} met no server; server killed {place.kills}×, phone killed {patrol.phone.kills}×"
    )


def _mb(found: list[pictures.Picture], which: Callable[[list[float]], float]) -> str:
    return f"{which([picture.size for picture in found]) / 1e6:.1f}"


def _picture_of(phone: Phone, say: Callable[[str], None]) -> None:
    """What the screen showed when it stopped."""
    import tempfile

    try:
        target = Path(tempfile.gettempdir()) / "xuncha-soak-stopped.png"
        phone.page.screenshot(path=target)
        say(f"the screen then: {target} ({phone.page.url})")
    except (BrowserError, AttributeError):
        return


def _switch_off(phone: Phone) -> None:
    try:
        phone.switch_off()
    except (BrowserError, AttributeError):  # never switched on, or killed
        return
