"""How referrals are said to people: states, clocks, outcomes, and what may be done next."""

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _

from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import clock
from app.referrals import rules, services, steps
from app.referrals.addressees import addressee_for
from app.referrals.matters import Matter, authorities, get_matter
from app.referrals.models import Addressee, Referral, ReferralEvent, Urgency
from app.referrals.rules import Event, Face, Outcome, Reading, Side, Status
from app.web.i18n import say

TAGS = {Face.NONE: "quiet", Face.NOW: "late", Face.OK: "info", Face.SOON: "soon", Face.LATE: "late",
        Face.MET: "ok", Face.MISSED: "late"}  # fmt: skip


def clock_of(referral: Referral) -> Reading:
    """How the referral's clock stands at this moment."""
    return rules.read_clock(referral.due_at, referral.discovered_at, referral.sent_at, clock.now())


def clock_text(referral: Referral) -> str:
    """"○ 还剩 1 小时 42 分": told by word and by shape."""
    reading = clock_of(referral)
    span = span_text(reading.span)
    return {
        Face.NONE: _("no limit in law"),
        Face.NOW: "▲ " + _("report at once: %(span)s gone", span=span),
        Face.OK: "○ " + _("%(span)s left", span=span),
        Face.SOON: "◐ " + _("only %(span)s left", span=span),
        Face.LATE: "▲ " + _("%(span)s late", span=span),
        Face.MET: "✓ " + _("reported after %(span)s", span=span),
        Face.MISSED: "✗ " + _("reported late, after %(span)s", span=span),
    }[reading.face]


def clock_kind(referral: Referral) -> str:
    """The tag's kind."""
    return TAGS[clock_of(referral).face]


def span_text(span: timedelta) -> str:
    """42 分, 1 小时 42 分, 2 天 3 小时; never a minute more than there is."""
    minutes = max(0, int(span.total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return _("%(days)s d %(hours)s h", days=days, hours=hours) if hours else _("%(days)s d", days=days)
    if hours:
        return _("%(hours)s h %(minutes)s min", hours=hours, minutes=rest) if rest else _("%(hours)s h", hours=hours)
    return _("%(minutes)s min", minutes=rest)


def status_text(status: Status) -> str:
    return {
        Status.DRAFT: _("Not sent yet"),
        Status.SENT: _("Sent, not acknowledged"),
        Status.ACKNOWLEDGED: _("Acknowledged"),
        Status.ACCEPTED: _("Accepted"),
        Status.RETURNED: _("Came back"),
        Status.FILED: _("Filed"),
        Status.HANDED_OVER: _("Handed on"),
        Status.CLOSED: _("Closed"),
    }[status]


def status_kind(status: Status) -> str:
    """The tag's kind."""
    soon = {Status.DRAFT, Status.RETURNED}
    return "soon" if status in soon else "ok" if status is Status.CLOSED else "info"


def event_text(event: ReferralEvent) -> str:
    """A line of the log."""
    if event.event is Event.SEND:
        return _("Sent again") if event.before is Status.RETURNED else _("Sent")
    if event.outcome is not None:
        return outcome_text(event.outcome)
    return status_text(event.after)


def step_text(event: Event, status: Status) -> str:
    """What the button of a step says."""
    if event is Event.CLOSE and status in rules.SENDERS_END:
        return _("Do not send it") if status is Status.DRAFT else _("Take it back")
    return {
        Event.SEND: _("Send"),
        Event.ACKNOWLEDGE: _("Received"),
        Event.ACCEPT: _("Accept it"),
        Event.RETURN: _("Return it"),
        Event.FILE: _("Filed"),
        Event.HAND_OVER: _("Handed on"),
        Event.CLOSE: _("Close it"),
    }[event]


def outcome_text(outcome: Outcome) -> str:
    return {
        Outcome.DEALT_WITH: _("Dealt with"),
        Outcome.PUT_RIGHT: _("Put right"),
        Outcome.UNFOUNDED: _("Not confirmed"),
        Outcome.PASSED_ON: _("Passed on to another body"),
        Outcome.WITHDRAWN: _("Taken back by the sender"),
        Outcome.NOT_SENT: _("Never sent"),
    }[outcome]


def urgency_text(urgency: Urgency) -> str:
    return {
        Urgency.NORMAL: _("Normal"),
        Urgency.URGENT: _("Urgent"),
        Urgency.EMERGENCY: _("Emergency"),
    }[urgency]


def subject_text(referral: Referral) -> str:
    """The name, or that nobody knows it."""
    return referral.subject or _("Name unknown")


def field_text(name: str) -> str:
    """What must still be written, in the form's words."""
    return {
        "address": _("Where is it?"),
        "facts": _("What was seen or reported"),
        "authority": _("Goes to"),
        "scene": _("How was the scene preserved?"),
    }[name]


def matter_text(referral: Referral) -> str:
    return say(get_matter(referral.matter), "title")


def to_text(referral: Referral) -> str:
    """Whom it goes to, as it was addressed; before that as it would be."""
    if referral.to_name:
        return referral.to_name
    known = authorities().get(referral.authority)
    return say(known, "name") if known else ""


@dataclass(frozen=True)
class ReferralPage:
    """The page of a referral for one reader."""

    referral: Referral
    matter: Matter
    addressee: Addressee | None
    missing: list[str]
    may_work: bool
    may_receive: bool
    own_steps: list[Event]  # the sender's
    told_steps: list[Event]  # what the other side may have said
    received_steps: list[Event]  # the addressee's own

    @property
    def to_name(self) -> str:
        if self.referral.to_name and not self.referral.is_editable:
            return self.referral.to_name
        return self.addressee.name if self.addressee else to_text(self.referral)

    @property
    def to_phone(self) -> str:
        return self.addressee.phone if self.addressee else self.referral.to_phone

    @property
    def to_email(self) -> str:
        return self.addressee.email if self.addressee else self.referral.to_email


def referral_page(referral: Referral, person: Person) -> ReferralPage:
    """What this reader sees and may do."""
    may_work, may_receive = services.may_work(referral, person), steps.may_receive(referral, person)
    possible = rules.events_from(referral.status)
    side = {event: rules.side_of(referral.status, event) for event in possible}
    others = [event for event in possible if side[event] is Side.RECEIVER]
    return ReferralPage(
        referral=referral,
        matter=get_matter(referral.matter),
        addressee=_addressee(referral, referral.region),
        missing=steps.missing(referral),
        may_work=may_work,
        may_receive=may_receive,
        own_steps=[event for event in possible if side[event] is Side.SENDER] if may_work else [],
        told_steps=others if may_work and not may_receive else [],
        received_steps=others if may_receive else [],
    )


def _addressee(referral: Referral, region: Region) -> Addressee | None:
    return addressee_for(referral.authority, region) if referral.authority else None
