"""Home over a bad line: the phone sends by itself while the server is killed under it; we only look on and sign in."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import expect

from tools.soak.place import Place
from tools.soak.proxy import Fate
from tools.soak.story import Patrol

PATIENCE = 6000  # milliseconds for a page of the sign-in
ALL_RECEIVED = "已全部送达"
EVERY = 5.0  # seconds between two lines
FIRST_KILL, LAST_KILL = 0.05, 0.85  # share of the bytes that have gone
RESTART = (0.5, 4.0)  # seconds without a server


class TooLong(Exception):
    """Not everything was received in time."""


@dataclass(frozen=True)
class Waits:
    """What is still on the phone, by its own storage."""

    changes: int
    photos: int
    bytes: int
    refused: list[str]
    state: str

    @classmethod
    def on(cls, stored: dict[str, Any]) -> "Waits":
        waiting = [row for row in stored["changes"] if row["state"] == "waiting"]
        photos = [row for row in stored["photos"] if row["state"] == "waiting"]
        refused = [row for row in stored["changes"] + stored["photos"] if row["state"] == "refused"]
        state = next((row["value"] for row in stored["settings"] if row["key"] == "outbox"), None)
        return cls(
            len(waiting),
            len(photos),
            sum(row["size"] - row["offset"] for row in photos),
            [f"{row.get('kind', 'photo')}: {(row['last_error'] or {}).get('text')}" for row in refused],
            state["kind"] if state else "",
        )

    @property
    def nothing(self) -> bool:
        return not (self.changes or self.photos)


class Homecoming:
    """`patrol` comes home to `place`, which is killed `kills` times at moments drawn by `chance`."""

    def __init__(
        self, patrol: Patrol, place: Place, *, kills: int, chance: random.Random, seconds: float
    ) -> None:
        self.patrol, self.place, self.chance = patrol, place, chance
        self.say: Callable[[str], None] = patrol.say
        self._plan_kills(kills)
        self._seconds, self._told, self._kills_told = seconds, 0.0, 0

    def _plan_kills(self, kills: int) -> None:
        """Each in the middle of a request, when so many bytes have gone."""
        total = sum(picture.size for picture in self.patrol.record.pictures)
        step = (LAST_KILL - FIRST_KILL) / max(1, kills)
        for number in range(kills):
            share = FIRST_KILL + step * (number + self.chance.random())
            pause = self.chance.uniform(*RESTART)
            self.patrol.line.when(
                self.patrol.line.sent + round(total * share),
                lambda pause=pause: self.place.kill_and_restart(pause),
            )

    def wait(self) -> None:
        """Until the outbox says that everything is received. Raises TooLong."""
        begun = time.monotonic()
        self._goes("/outbox")
        while True:
            seconds = time.monotonic() - begun
            waits = self._look()
            self._tell(seconds, waits)
            if waits is not None and waits.nothing and waits.state == "ok" and self.place.answers():
                expect(self.patrol.phone.page.locator("#outbox-state")).to_contain_text(ALL_RECEIVED)
                self.say(f"  {clock_of(seconds)}  everything received, says the phone")
                return
            if seconds > self._seconds:
                raise TooLong(f"after {clock_of(seconds)} still waiting: {waits}")
            if waits is not None and waits.state == "sign_in":
                self._sign_in()
            self.patrol.phone.page.wait_for_timeout(1000)

    def _look(self) -> Waits | None:
        try:
            return Waits.on(self.patrol.phone.stored("changes", "photos", "settings"))
        except BrowserError:  # in the middle of a navigation
            self._goes("/outbox")
            return None

    def _goes(self, path: str) -> bool:
        try:
            self.patrol.phone.page.goto(path)
        except BrowserError:
            return False
        return True

    def _sign_in(self) -> None:
        """A person tries until it works: the line is bad for the sign-in, too."""
        try:
            self.patrol.sign_in(patience=PATIENCE)
            self.say("    signed in again")
        except (BrowserError, AssertionError):
            self._goes("/outbox")

    def _tell(self, seconds: float, waits: Waits | None) -> None:
        while self._kills_told < self.place.kills:
            self._kills_told += 1
            self.say(f"    server killed, number {self._kills_told}, in the middle of a request")
        if waits is None or time.monotonic() - self._told < EVERY:
            return
        self._told = time.monotonic()
        record, counts = self.patrol.record, self.patrol.line.counts
        all_photos, all_bytes = len(record.pictures), sum(picture.size for picture in record.pictures)
        bad = sum(counts[fate.value] for fate in Fate if fate is not Fate.PASSED)
        self.say(
            f"  {clock_of(seconds)}  {all_photos - waits.photos} of {all_photos} photos, "
            f"{(all_bytes - waits.bytes) / 1e6:.0f} of {all_bytes / 1e6:.0f} MB · {waits.changes} changes wait · "
            f"{counts['requests']} requests, {bad} harmed, {counts['server away']} met no server · {waits.state}"
        )


def clock_of(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
