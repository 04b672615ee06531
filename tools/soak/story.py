"""The patrol: five visits without signal, the phone killed twice, home over a bad line to a server that dies."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import expect

from app.demo.data import PASSWORD
from tests.fixtures.browsers import PATIENCE
from tools.soak.hands import Hands
from tools.soak.phone import Phone
from tools.soak.pictures import Picture
from tools.soak.proxy import Line, Mode
from tools.soak.record import Record, Seen, Visited

LOGIN, AREA = "xieguan", "990101"  # a coordinator of the demo, and the township
VALUE = "0.5"  # mg/L of chlorine, within the limits
LONGEST_KEEPING = 300  # milliseconds; a phone killed later has kept its photo
PURE_MEASUREMENT = "-M"  # in the codes of items that only a value answers
SIGNERS = ("示范老板乙", "示范站长甲", "示范村医甲", "示范老板辛", "示范店主庚")


@dataclass(frozen=True)
class Stop:
    """A place on the way. `domain` is set for one that is not in the register, `photos` for each finding."""

    name: str
    domain: str = ""
    photos: tuple[int, ...] = (2, 2)
    notice: bool = False
    unsigned: bool = False
    measures: str = ""  # what is measured there
    kill: str = ""  # "photo" or "answer": what the phone is doing when it is killed


STOPS = (
    Stop("老街面馆(演示)", notice=True),
    Stop("松岭水厂(演示)", measures="氯", kill="photo"),
    Stop("河口村卫生室(演示)", notice=True),
    Stop("平安招待所(演示)", kill="answer", unsigned=True),
    Stop("桥头新开小吃店(演示)", domain="餐饮"),
)
QUICK = (Stop("桥头新开小吃店(演示)", domain="餐饮", photos=(2, 1), notice=True, kill="photo"),)


class Broken(Exception):
    """The phone did not keep or not show what it had confirmed. The soak has failed."""


@dataclass
class Patrol:
    """One patrol with everything it needs. `say` prints a line."""

    phone: Phone
    line: Line
    chance: random.Random
    made: list[Picture]  # photos for the findings
    others: list[Picture]  # photos for the places
    say: Callable[[str], None]
    record: Record = field(default_factory=Record)

    @property
    def hands(self) -> Hands:
        return Hands(self.phone)

    # ---- before and after the dead zone

    def sign_in(self, *, patience: float = PATIENCE) -> None:
        """`patience` in milliseconds: on a bad line one tries again rather than wait."""
        page = self.phone.page
        page.goto("/sign-in?next=/outbox")
        expect(page.locator("input[name=login]")).to_be_visible(timeout=patience)
        page.locator("input[name=login]").fill(LOGIN)
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button").first.click()
        page.wait_for_url("**/outbox", timeout=patience)

    def prepare(self) -> None:
        """Take the pack along: the area, one tap."""
        page = self.phone.page
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.goto("/patrol")
        button = page.locator("#pack-go")
        expect(page.locator("#pack-together")).not_to_be_empty()  # the server has said what it proposes
        with page.expect_response("**/patrol/pack.json*"):
            page.locator("#pack-area").select_option(AREA)
        expect(button).to_be_enabled()
        button.tap()
        expect(page.locator("#pack-title")).to_have_text("没有信号也能巡查", timeout=60_000)
        expect(button).to_be_enabled(timeout=60_000)
        if not self.phone.stored("#premises")["premises"]:
            raise Broken("the pack is prepared and holds no place")
        free = self.phone.stored("numbers")["numbers"]
        places = self.phone.stored("#premises")["premises"]
        self.say(
            f"pack: {places} places, {len(free)} reserved numbers · {page.locator('#pack-facts').inner_text()}"
        )

    def lose_signal(self) -> None:
        self.line.switch(Mode.DOWN)
        self.phone.airplane(on=True)

    def regain_signal(self) -> None:
        self.line.switch(Mode.LOSSY)
        self.phone.airplane(on=False)

    # ---- a visit

    def visit(self, stop: Stop) -> None:
        visited = self._begin(stop)
        cards = self.hands.cards()
        by_eye = [str(card["code"]) for card in cards if not card["measured"]]
        found = self.chance.sample(by_eye, len(stop.photos) + 1)
        for number, code in enumerate(found[:-1]):
            self._finding(visited, code, number, stop)
        self._answer(visited, found[-1], "not_applicable", kill=stop.kill == "answer")
        self._photograph(visited, None, "scene")
        for code in [
            str(card["code"]) for card in cards if stop.measures and stop.measures in str(card["measured"])
        ][:1]:
            visited.items[code].value, visited.items[code].result = VALUE, self.hands.measures(code, VALUE)
        self.hands.rest_conforms()
        for code, seen in visited.items.items():
            seen.result = seen.result or (None if PURE_MEASUREMENT in code else "conforms")
        self.check_shown(visited)
        self._end(visited, stop)
        papers = f", notice {visited.paper.number}" if visited.paper else ""
        size = sum(picture.size for picture in visited.pictures) / 1e6
        self.say(f"{stop.name}: {len(cards)} items, {len(visited.pictures)} photos ({size:.0f} MB){papers}")

    def _begin(self, stop: Stop) -> Visited:
        hands = self.hands
        begun = hands.starts_at_new(stop.name, stop.domain) if stop.domain else hands.starts_at(stop.name)
        codes = [str(card["code"]) for card in hands.cards()]
        if stop.domain and codes != sorted(codes):
            raise Broken("the items of the new place are in disorder")
        self.record.visits.append(
            Visited(begun, stop.name, bool(stop.domain), {code: Seen() for code in codes})
        )
        return self.record.visits[-1]

    def _answer(self, visited: Visited, code: str, result: str, *, kill: bool = False) -> None:
        self.hands.answers(code, result)
        visited.items[code].result = result
        if kill:
            self._kill(visited, "between two answers")

    def _finding(self, visited: Visited, code: str, number: int, stop: Stop) -> None:
        self._answer(visited, code, "does_not")
        seen, hands = visited.items[code], self.hands
        phrase = hands.first_phrase(code)
        note = f"第 {number + 1} 处：{stop.name}，{self.chance.randint(2, 30)} 件，“靠墙”处 <看不清>"
        hands.says(code, *([phrase] if phrase else []), note=note)
        seen.phrases, seen.note = [phrase] if phrase else [], note
        for turn in range(stop.photos[number]):
            kill = stop.kill == "photo" and number == 1 and turn == 0
            self._photograph(visited, code, "finding", kill=kill)
        hands = self.hands
        choices = (
            hands.item(code).locator("input[name=outcome]").evaluate_all("all => all.map(one => one.value)")
        )
        if number == 1 and "fixed_on_the_spot" in choices and self.others:
            hands.decides(code, "fixed_on_the_spot")
            self._photograph(visited, code, "after")
        shown = hands.reads(code)
        seen.outcome, seen.due_on = shown.outcome, shown.due_on
        expect(hands.item(code).get_by_text("✓ 已填全")).to_be_visible()

    def _photograph(self, visited: Visited, code: str | None, purpose: str, *, kill: bool = False) -> None:
        """A finding gets made photos, everything else one of the others while there are any."""
        heap = self.made if purpose == "finding" else self.others
        if not heap:
            return
        picture = heap.pop()
        if kill:
            before = self.hands.strip(code, purpose).locator(".shot").count()
            self.hands.photographs_one(code, purpose, picture, wait=False)
            self.phone.page.wait_for_timeout(self.chance.uniform(0, LONGEST_KEEPING))
            self._kill(visited, f"while it keeps a photo of {picture.size / 1e6:.0f} MB")
            is_there = self.hands.strip(code, purpose).locator(".shot").count() > before
            self.say(f"    the photo is {'there' if is_there else 'not there: taken again'}")
            if not is_there:
                self.hands.photographs_one(code, purpose, picture)
        else:
            self.hands.photographs_one(code, purpose, picture)
        if code:
            visited.items[code].photos.append((purpose, picture))
        else:
            visited.scene.append(picture)

    def _kill(self, visited: Visited, when: str) -> None:
        self.phone.kill()
        self.say(f"    phone killed {when}; started again without signal")
        self.phone.switch_on()
        self.hands.opens(visited.id)
        self.check_shown(visited)

    def check_shown(self, visited: Visited) -> None:
        """The screen comes to show everything as it was left. Raises Broken."""
        for _try in range(20):
            fault = self._differs(visited)
            if not fault:
                return
            self.phone.page.wait_for_timeout(500)
        raise Broken(fault)

    def _differs(self, visited: Visited) -> str:
        """What the screen shows otherwise than it was done; "" for nothing."""
        for card in self.hands.cards():
            seen = visited.items[str(card["code"])]
            wanted = {"result": seen.result, "note": seen.note, "phrases": seen.phrases}
            shown = {name: card[name] for name in wanted}
            if shown != wanted:
                return f"{visited.place} {card['code']}: the phone shows {shown}, done was {wanted}"
            for purpose, there in card["photos"].items():  # type: ignore[attr-defined]
                taken = sum(one == purpose for one, _picture in seen.photos)
                if there < taken:
                    return f"{visited.place} {card['code']}: {there} photos shown, {taken} were taken"
        return ""

    def _end(self, visited: Visited, stop: Stop) -> None:
        signer = SIGNERS[len(self.record.visits) - 1]
        if stop.unsigned:
            self.hands.goes_unsigned(visited, "负责人外出，店员不愿代签")
        else:
            self.hands.signs(visited, signer)
        if stop.notice:
            visited.paper = self.hands.issues_here()
            if not visited.paper.url.startswith(self.line.url):
                raise Broken(f"the code on the screen reads {visited.paper.url!r}")

    def look_at_all(self) -> None:
        """Every visit still stands on the phone as it was left. Raises Broken."""
        for visited in self.record.visits:
            self.hands.opens(visited.id)
            self.check_shown(visited)

    def note_what_waits(self) -> None:
        """Ids of everything the phone is going to send, read from its storage."""
        stored = self.phone.stored("changes", "photos")
        self.record.changes = {row["id"]: row["kind"] for row in stored["changes"]}
        waiting = {row["sha256"] for row in stored["photos"]}
        lost = [picture for picture in self.record.pictures if picture.sha256 not in waiting]
        if lost:
            raise Broken(f"{len(lost)} photos are no longer on the phone, among them {lost[0].path.name}")
