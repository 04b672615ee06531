"""What the owner's page and its preview show, read from the frozen content only."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from markupsafe import Markup, escape

from app.notices import awaited, rules
from app.notices.models import Notice, NoticeFinding
from app.notices.progress import Step
from app.web.filters import day
from app.web.i18n import is_chinese

LONGEST_HEADLINE = 80  # characters; a longer note stands below the item's own words
FOLD_AT = 400  # characters of a note that stand open; the rest is one tap away
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


@dataclass(frozen=True)
class OwnerPhoto:
    place: int  # counted over the whole notice, from 1
    id: UUID
    sha256: str
    after: bool
    lacking: str = ""  # why its bytes are not here (notices.awaited)


@dataclass(frozen=True)
class OwnerFinding:
    """One point as the owner reads it: what was seen first, the checklist's words below it.

    `due_on` is the date that holds; `paper_due_on` the one on the paper. `step` is None before issue.
    """

    id: UUID
    place: int
    headline: str
    item: str  # empty where nothing more was written than the item says
    fact: str  # what was written, whole
    advice: str
    basis: str
    basis_original: str  # the Chinese wording beside a translation, which is what counts
    outcome: str
    due_on: date | None
    paper_due_on: date | None
    settled: bool  # already put right on the spot
    photos: Sequence[OwnerPhoto]
    step: Step | None = None

    @property
    def told(self) -> tuple[str, str]:
        """A note too long for a headline: what stands open, and the rest."""
        if not self.fact or self.headline == self.fact:
            return "", ""
        if len(self.fact) <= FOLD_AT * 1.2:
            return self.fact, ""
        return self.fact[:FOLD_AT], self.fact[FOLD_AT:]

    @property
    def waits(self) -> bool:
        """Whether the owner is to do something about it."""
        return not self.settled and self.step in (None, Step.AWAITED)

    @property
    def is_closed(self) -> bool:
        return self.settled or self.step is Step.CLOSED

    @property
    def moved(self) -> bool:
        """Whether another date holds than the one on the paper."""
        return self.due_on is not None and self.due_on != self.paper_due_on

    @property
    def mark(self) -> str:
        return CIRCLED[self.place - 1] if self.place <= len(CIRCLED) else f"{self.place}."


@dataclass(frozen=True)
class OwnerPage:
    """A notice in the reader's language. `say(name)` gives any bilingual text of the content."""

    content: dict[str, Any]
    chinese: bool
    findings: list[OwnerFinding]

    def say(self, name: str) -> str:
        return _pick(self.content[name], chinese=self.chinese)

    def label(self, name: str) -> str:
        return _pick(self.content["labels"][name], chinese=self.chinese)

    @property
    def issuer(self) -> str:
        return _pick(self.content["issuer"]["name"], chinese=self.chinese)

    @property
    def phone(self) -> str:
        return self.content["issuer"]["phone"]

    @property
    def phone_link(self) -> str:
        """The number as a tel: address takes it."""
        return "tel:" + "".join(sign for sign in self.phone if sign in "+0123456789-")

    @property
    def number(self) -> str:
        return self.content.get("number", "")

    @property
    def registration(self) -> str:
        """The number the official register gave it, where there is one."""
        return self.content.get("registration_number", "")

    @property
    def signatory(self) -> dict[str, str] | None:
        """Who issued it, where that is nobody of those who were there: then both are named."""
        issuer = self.content.get("issued_by")
        return issuer if issuer and issuer not in self.content["visit"]["people"] else None

    @property
    def due_on(self) -> date | None:
        """The first date the owner still has to keep; before issue, of all."""
        dates = [one.due_on for one in self.findings if one.waits and one.due_on]
        return min(dates, default=None)

    @property
    def due_text(self) -> tuple[str, str, str]:
        """The sentence of the deadline around its date: before, date, after."""
        before, _, after = self.label("deadline").partition("{date}")
        return before.strip(), day(self.due_on), after.strip()

    @property
    def issued_on(self) -> date | None:
        return _date(self.content.get("issued_on"))

    @property
    def visited_at(self) -> datetime:
        return datetime.fromisoformat(self.content["visit"]["started_at"])

    @property
    def open_count(self) -> int:
        return sum(not finding.is_closed for finding in self.findings)

    @property
    def dates_differ(self) -> bool:
        """Whether the points have more than one date, so that the first one needs a word."""
        return len({finding.due_on for finding in self.findings if finding.waits and finding.due_on}) > 1

    @property
    def photos(self) -> list[OwnerPhoto]:
        return [photo for finding in self.findings for photo in finding.photos]


@dataclass(frozen=True)
class OwnerView:
    """What upper features are told when they show themselves on the owner's page (panels `notices.owner.…`)."""

    notice: Notice
    page: OwnerPage
    is_staff: bool
    photo_url: "PhotoAddress"
    finding: OwnerFinding | None = None  # of the panels below each point


PhotoAddress = Callable[[OwnerPhoto], str]


def owner_page(content: dict[str, Any], points: Sequence[NoticeFinding] = ()) -> OwnerPage:
    """Return the page of a frozen (or previewed) content in the language of the request; `points`: where it stands."""
    chinese = is_chinese()
    standing = {str(point.finding_id): point for point in points}
    findings, place, lacking = [], 0, awaited.lacking(content)
    for entry in content["findings"]:
        photos = []
        for photo in entry["photos"]:
            place += 1
            why = lacking.get(photo["id"], "")
            photos.append(OwnerPhoto(place, UUID(photo["id"]), photo["sha256"], photo["after"], why))
        findings.append(_finding(entry, photos, standing.get(entry["id"]), chinese=chinese))
    return OwnerPage(content, chinese, findings)


def proof(digest: str) -> str:
    """Return the check code people compare with the paper."""
    return rules.short_digest(digest)


def photo_at(content: dict[str, Any], place: int) -> dict[str, Any] | None:
    """The photo at this place of the notice, counted from 1; None where there is none."""
    photos = [photo for finding in content["findings"] for photo in finding["photos"]]
    return photos[place - 1] if 1 <= place <= len(photos) else None


def _finding(
    entry: dict[str, Any], photos: list[OwnerPhoto], point: NoticeFinding | None, *, chinese: bool
) -> OwnerFinding:
    title, fact = _pick(entry["title"], chinese=chinese), _pick(entry["fact"], chinese=chinese)
    due_on = _date(entry["due_on"])
    outcome = _pick(entry["outcome_text"], chinese=chinese)
    basis, original = _pick(entry["basis"], chinese=chinese), entry["basis"]["zh"]
    fits = len(fact) <= LONGEST_HEADLINE
    return OwnerFinding(
        id=UUID(entry["id"]),
        place=entry["place"],
        headline=(fact if fits else "") or title,
        item=title if fact and fits else "",
        fact=fact,
        advice=_pick(entry["advice"], chinese=chinese),
        basis=basis,
        basis_original=original if original != basis else "",
        outcome=outcome.replace("{date}", day(due_on)) if due_on else outcome,
        due_on=point.due_on if point else due_on,
        paper_due_on=due_on,
        settled=entry["outcome"] == "fixed_on_the_spot",
        photos=photos,
        step=point.step if point else None,
    )


_WHOLE = re.compile(
    r"(?:\d{4}年)?\d{1,2}月\d{1,2}日(?: 周[一二三四五六日])?(?: \d{2}:\d{2})?"
    r"|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: \d{4})?"
    r"(?: \d{2}:\d{2})?"
    r"|\+?\d[\d-]{5,}\d"
    r"|(?:还有|逾期) \d+ 天"
)


def unbroken(text: object) -> Markup:
    """Text in which dates and phone numbers stay on one line."""
    marked = _WHOLE.sub(lambda found: f'<span class="nowrap">{found[0]}</span>', str(escape(text)))
    return Markup(marked)  # noqa: S704 - escaped above, before anything was added


def _pick(text: dict[str, str], *, chinese: bool) -> str:
    first, second = ("zh", "en") if chinese else ("en", "zh")
    return text[first] or text[second]


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
