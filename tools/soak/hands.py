"""A coordinator without signal: taps as a person does, and believes only what the phone shows as kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from playwright.sync_api import Locator, expect

from tests.navigators.coordinator import Coordinator
from tools.soak.phone import Phone, png_of
from tools.soak.pictures import Picture
from tools.soak.record import Paper, Seen, Visited

RESULTS = {"conforms": "✓ 符合", "does_not": "✗ 不符合", "not_applicable": "不适用"}
PURPOSES = {"finding": "这个问题的照片", "after": "改好后的照片", "scene": "场所的其他照片"}
MEASURED = "details:has(.reading)"
STATE = """cards => cards.map(card => ({
  code: card.dataset.code,
  result: card.querySelector("[aria-pressed=true]")?.value ?? null,
  measured: card.querySelector(".reading label")?.textContent ?? "",
  note: card.querySelector("[name=note]")?.value ?? "",
  phrases: [...card.querySelectorAll("[name=phrases]:checked + span")].map(chip => chip.textContent.trim()),
  outcome: card.querySelector("[name=outcome]:checked")?.value ?? "",
  due_on: card.querySelector("fieldset:not([disabled]) [name=due_on]")?.value ?? "",
  value: card.querySelector("[name^=value-]")?.value ?? "",
  photos: Object.fromEntries(["finding", "after"].map(purpose =>
    [purpose, card.querySelectorAll(`form[data-purpose=${purpose}] .shot`).length])),
}))"""


class Hands(Coordinator):
    """The fingers on `phone`, whatever page is open."""

    def __init__(self, phone: Phone) -> None:
        super().__init__(phone.page)
        self.phone = phone

    # ---- places and visits

    def goes(self, path: str) -> None:
        self.page.goto(path)
        expect(self.page.locator("html")).to_have_attribute("data-scripts", "ready")

    def starts_at(self, name: str) -> UUID:
        """Find the place among those on the phone and begin there."""
        self.goes("/premises")
        self.page.get_by_role("searchbox").fill(name)
        self.tap(self.page.get_by_role("link", name=name).first)
        return self._begins()

    def starts_at_new(self, name: str, domain: str) -> UUID:
        """Register a place that nobody has seen before, and begin there."""
        self.goes("/premises/new")
        self.page.locator("#place-name").fill(name)
        self.tap(self.page.locator("label.chip", has_text=domain))
        self.tap(self.page.get_by_role("button", name="登记", exact=True))
        return self._begins()

    def _begins(self) -> UUID:
        self.page.wait_for_url("**/premises/*")
        self.tap(self.page.get_by_role("button", name="开始"))
        self.page.wait_for_url("**/inspections/*")
        self.shown()
        return UUID(self.page.url.rpartition("/")[2])

    def opens(self, visit: UUID) -> None:
        self.goes(f"/inspections/{visit}")
        self.shown()

    def shown(self) -> None:
        """The cards stand there, brought to what is recorded."""
        expect(self.page.locator("html")).to_have_attribute("data-scripts", "ready")
        expect(self.page.locator("article[data-item]").first).to_be_visible()

    def cards(self) -> list[dict[str, object]]:
        """What the screen shows of every item."""
        return self.page.locator("article[data-item]").evaluate_all(STATE)  # type: ignore[no-any-return]

    # ---- one item

    @contextmanager
    def kept(self) -> Iterator[None]:
        """What is done here is done when the phone says that it is kept."""
        self.page.evaluate("document.getElementById('live').textContent = ''")
        yield
        expect(self.page.locator("#live")).not_to_be_empty()

    def answers(self, code: str, answer: str) -> None:
        button = self.item(code).get_by_role("button", name=RESULTS[answer], exact=True)
        self.tap(button)
        expect(button).to_have_attribute("aria-pressed", "true")

    def says(self, code: str, *phrases: str, note: str = "") -> None:
        for phrase in phrases:
            with self.kept():
                self.tap(self.item(code).locator("label.chip", has_text=phrase).first)
        if note:
            field = self.item(code).get_by_label("用自己的话写")
            self.tap(field)
            with self.kept():
                field.fill(note)
                field.blur()

    def first_phrase(self, code: str) -> str:
        """The first quick phrase offered for the item; "" where none is."""
        chips = self.item(code).locator(".finding-note label.chip:visible")
        return chips.first.inner_text().strip() if chips.count() else ""

    def decides(self, code: str, outcome: str) -> None:
        with self.kept():
            self.tap(self.item(code).locator(f"label.chip:has(input[value={outcome}])"))

    def measures(self, code: str, value: str) -> str:
        """Write a value with instrument and point; gives the answer the phone judges from it."""
        place = self.item(code).locator(MEASURED)
        if place.get_attribute("open") is None:
            self.tap(place.locator("summary").first)
        for field, text in (("instrument", "余氯仪 演示-01"), ("point", "出厂水龙头")):
            with self.kept():
                place.locator(f"[name={field}]").fill(text)
                place.locator(f"[name={field}]").blur()
        with self.kept():
            place.locator("[name^=value-]").first.fill(value)
            place.locator("[name^=value-]").first.blur()
        pressed = self.item(code).locator("[aria-pressed=true]")
        expect(pressed).to_have_count(1)
        return pressed.get_attribute("value") or ""

    # ---- photos

    def strip(self, code: str | None, purpose: str) -> Locator:
        place = self.item(code) if code else self.page
        return place.get_by_role("list", name=PURPOSES[purpose])

    def photographs_one(self, code: str | None, purpose: str, picture: Picture, *, wait: bool = True) -> None:
        """Choose one photo; `wait` until it stands in its strip."""
        strip = self.strip(code, purpose)
        before = strip.locator(".shot").count()
        with self.page.expect_file_chooser() as chooser:
            self.tap(strip.get_by_label("相册"))
        chooser.value.set_files(picture.path)
        if wait:
            expect(strip.locator(".shot")).to_have_count(before + 1)

    # ---- the end

    def signs(self, visited: Visited, signer: str) -> None:
        """Sign and finish; what was drawn is noted as it stands in the form."""
        self._goes_to_the_end(visited)
        self.page.locator("#signer_name").fill(signer)
        self.draws_signature()
        drawn = self.page.locator("[data-signature] input[type=hidden]").first.input_value()
        visited.signer, visited.signature = signer, png_of(drawn)
        self._ends()

    def goes_unsigned(self, visited: Visited, reason: str) -> None:
        self._goes_to_the_end(visited)
        self.tap(self.page.get_by_role("radio", name="没有签字"))
        self.page.get_by_label("没有签字的原因").fill(reason)
        visited.signer = self.page.locator("#signer_name").input_value()
        visited.refusal = reason
        self._ends()

    def _goes_to_the_end(self, visited: Visited) -> None:
        self.tap(self.page.get_by_role("link", name="签字并结束"))
        self.page.wait_for_url(f"**/{visited.id}/finish")
        expect(self.page.get_by_role("button", name="结束", exact=True)).to_be_enabled()

    def _ends(self) -> None:
        self.tap(self.page.get_by_role("button", name="结束", exact=True))
        expect(self.page.locator("#finished-here")).to_be_visible()

    def issues_here(self) -> Paper:
        """Issue the notice of the finished visit; number and code as the owner sees them on this screen."""
        self.tap(self.page.get_by_role("link", name="出整改单"))
        self.tap(self.page.get_by_role("button", name="确认出单"))
        expect(self.page.locator("#notice-code svg")).to_be_visible()
        number = self.page.locator("#notice-number").inner_text().strip()
        return Paper(number, self.phone.decoded("#notice-code"))

    def reads(self, code: str) -> Seen:
        """An item as the screen shows it now, without its photos."""
        card = next(card for card in self.cards() if card["code"] == code)
        names = ("result", "note", "phrases", "outcome", "due_on", "value")
        return Seen(**{name: card[name] for name in names})  # type: ignore[arg-type]
