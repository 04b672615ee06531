"""What the owner's page says about each point: how it stands, what was said, what can be said now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask_babel import gettext as _

from app.checklists.models import ChecklistItem
from app.notices.models import NoticeFinding, Turn
from app.notices.pages import OwnerFinding, OwnerPhoto
from app.notices.progress import Event
from app.replies import rules
from app.replies.models import Reply, ReplyKind, ReplyPhoto, Said, SelfCheck
from app.replies.rules import Face, Offer
from app.web.filters import day
from app.web.i18n import say

TONES = {
    Face.AGAIN: "again", Face.PARTLY: "again", Face.NOT_FIXED: "again", Face.RETURNED: "again",
    Face.RECEIVED: "ours", Face.COMING: "ours", Face.REFERRED: "ours",
    Face.DONE_ON_SPOT: "done", Face.ACCEPTED: "done", Face.SEEN_FIXED: "done", Face.DONE_THERE: "done",
    Face.ENDED: "done",
}  # fmt: skip
SIGNS = {"again": "↻", "ours": "…", "done": "✓", "": "▸"}


@dataclass(frozen=True)
class TurnLine:
    """One line of the history: when, what happened, and the reason given."""

    turn: Turn
    words: str

    @property
    def reason(self) -> str:
        return self.turn.reason


@dataclass(frozen=True)
class PointPart:
    """A point of the notice below what was found."""

    finding: OwnerFinding
    face: Face
    reason: str
    offer: Offer
    lines: Sequence[TurnLine]
    replies: Sequence[Reply]  # only for whoever may read them
    how: str  # the checklist's own words on what is looked at

    @property
    def tone(self) -> str:
        return TONES.get(self.face, "")

    @property
    def sign(self) -> str:
        return SIGNS[self.tone]

    @property
    def words(self) -> str:
        return face_words(self.face)

    @property
    def latest(self) -> Reply | None:
        return self.replies[-1] if self.replies else None

    @property
    def before(self) -> OwnerPhoto | None:
        return before_photo(self.finding)

    @property
    def kinds(self) -> list[ReplyKind]:
        return list(self.offer.kinds)


def point_parts(
    findings: Sequence[OwnerFinding],
    points: Mapping[UUID, NoticeFinding],
    turns: Sequence[Turn],
    replies: Sequence[Reply],
    items: Mapping[UUID, ChecklistItem],
) -> list[PointPart]:
    """One part a finding, in their order."""
    parts = []
    for finding in findings:
        own = [turn for turn in turns if turn.finding_id == finding.id]
        said = [reply for reply in replies if reply.finding_id == finding.id]
        point = points[finding.id]
        last = own[-1] if own else None
        item = items.get(finding.id)
        parts.append(
            PointPart(
                finding=finding,
                face=rules.face_of(point.step, last.event if last else None),
                reason=last.reason if last else "",
                offer=rules.offer(point.step, point.due_on, extended=point.extended_at is not None),
                lines=[TurnLine(turn, turn_words(turn)) for turn in own],
                replies=said,
                how=say(item, "how") if item else "",
            )
        )
    return parts


def summary(findings: Sequence[OwnerFinding]) -> list[str]:
    """Counted openly: what waits for the owner first."""
    yours, done = sum(one.waits for one in findings), sum(one.is_closed for one in findings)
    ours = len(findings) - yours - done
    counts = [
        _("%(count)s for you to do", count=yours) if yours else "",
        _("%(count)s with us", count=ours) if ours else "",
        _("%(count)s done", count=done) if done else "",
    ]
    return [words for words in counts if words]


def before_photo(finding: OwnerFinding) -> OwnerPhoto | None:
    """What was seen on the visit, to stand beside what the owner sends."""
    return next((photo for photo in finding.photos if not photo.after), None)


def face_words(face: Face) -> str:
    """How a point stands, said to its owner."""
    return {
        Face.WAITING: _("This point waits for you."),
        Face.AGAIN: _("Please do this once more:"),
        Face.MORE_TIME: _("You have more time for this."),
        Face.PARTLY: _("We came to look: part of it is done. Still to do:"),
        Face.NOT_FIXED: _("We came to look: it is not done yet."),
        Face.RETURNED: _("The authority gave this back to us. Please go on with it."),
        Face.RECEIVED: _("We have your reply. As soon as we have read it, the result stands here."),
        Face.COMING: _("We have your reply, and we will come to look."),
        Face.REFERRED: _("This was passed on to the authority in charge. It will get in touch with you."),
        Face.DONE_ON_SPOT: _("Done. Nothing is left to do here."),
        Face.ACCEPTED: _("Done. We have seen your photo. Thank you!"),
        Face.SEEN_FIXED: _("Done. We came to look, and it is fine. Thank you!"),
        Face.DONE_THERE: _("Done. The authority has closed it."),
        Face.ENDED: _("Closed: this place has closed or changed hands. Nothing is left to do."),
    }[face]


def turn_words(turn: Turn) -> str:
    """One event of the history, said to the owner."""
    if turn.event is Event.REPLIED:
        return reply_words(turn.data.get("kind", ""))
    if turn.event is Event.EXTENDED and turn.data.get("due_on"):
        return _("More time was given: until %(day)s", day=day(_date(turn.data["due_on"])))
    return {
        Event.ACCEPTED: _("Your reply was accepted: done"),
        Event.LOOK_AGAIN: _("Your reply was taken; we come to look"),
        Event.REJECTED: _("Asked to do it once more"),
        Event.EXTENDED: _("More time was given"),
        Event.VERIFIED_FIXED: _("Looked at on site: done"),
        Event.VERIFIED_PARTLY: _("Looked at on site: part of it is done"),
        Event.VERIFIED_NOT_FIXED: _("Looked at on site: not done yet"),
        Event.REFERRED: _("Passed on to the authority in charge"),
        Event.REFERRAL_CLOSED: _("The authority has closed it"),
        Event.REFERRAL_RETURNED: _("The authority gave it back"),
        Event.ENDED: _("Closed: the place has closed or changed hands"),
    }[turn.event]


def reply_words(kind: str) -> str:
    """What an owner said, in a few words."""
    return {
        ReplyKind.FIXED.value: _("You said: it is done"),
        ReplyKind.MORE_TIME.value: _("You asked for more time"),
        ReplyKind.DISAGREE.value: _("You said: I see it differently"),
    }.get(kind, _("You replied"))


def kind_title(kind: ReplyKind) -> str:
    """The heading of the form, and the button that leads to it."""
    return {
        ReplyKind.FIXED: _("Done, tell us"),
        ReplyKind.MORE_TIME: _("I need more time"),
        ReplyKind.DISAGREE: _("I see it differently"),
    }[kind]


def kind_short(kind: ReplyKind) -> str:
    """What was said, behind "You said"."""
    return {
        ReplyKind.FIXED: _("It is done"),
        ReplyKind.MORE_TIME: _("I need more time"),
        ReplyKind.DISAGREE: _("I see it differently"),
    }[kind]


@dataclass(frozen=True)
class FormPage:
    """The page on which one point is answered."""

    kind: ReplyKind
    part: PointPart
    reply_id: UUID
    text: str = ""
    wished_on: str = ""
    held: Sequence[ReplyPhoto] = ()
    problems: Sequence[str] = ()
    field: str = ""

    @property
    def others(self) -> list[ReplyKind]:
        return [kind for kind in self.part.kinds if kind is not self.kind]


@dataclass(frozen=True)
class CheckPage:
    """The owner's own look round: domains with their items, and what was said so far."""

    domains: Sequence[tuple[str, Sequence[ChecklistItem]]]
    said: Mapping[UUID, SelfCheck]

    @property
    def total(self) -> int:
        return sum(len(items) for _domain, items in self.domains)

    @property
    def answered(self) -> int:
        return sum(item.id in self.said for _domain, items in self.domains for item in items)

    @property
    def to_do(self) -> list[ChecklistItem]:
        return [one for _domain, items in self.domains for one in items if self.says(one) == Said.NOT_YET]

    def says(self, item: ChecklistItem) -> str:
        row = self.said.get(item.id)
        return row.says.value if row else ""


def _date(text: object) -> date:
    return date.fromisoformat(str(text))
