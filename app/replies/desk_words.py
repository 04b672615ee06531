"""How steps, events and replies are called on the staff's pages."""

from flask_babel import gettext as _

from app.notices.progress import Event, Step
from app.replies.models import ReplyKind


def step_word(step: Step) -> str:
    """Where a point stands: a sign and a word."""
    return {
        Step.AWAITED: "○ " + _("waits for the owner"),
        Step.ANSWERED: "● " + _("replied, to be decided"),
        Step.TO_VERIFY: "◎ " + _("to be seen on site"),
        Step.REFERRED: "↗ " + _("referred"),
        Step.CLOSED: "✓ " + _("closed"),
    }[step]


STEP_TAGS = {
    Step.AWAITED: "info", Step.ANSWERED: "soon", Step.TO_VERIFY: "soon", Step.REFERRED: "quiet", Step.CLOSED: "ok"
}  # fmt: skip


def step_tag(step: Step) -> str:
    """The kind of its tag."""
    return STEP_TAGS[step]


def event_word(event: Event) -> str:
    """What happened, in the history of a point."""
    return {
        Event.REPLIED: _("The owner replied"),
        Event.ACCEPTED: _("Accepted on the photo"),
        Event.LOOK_AGAIN: _("Reply taken, to be seen on site"),
        Event.REJECTED: _("Reply rejected"),
        Event.EXTENDED: _("More time given"),
        Event.VERIFIED_FIXED: _("Seen on site: fixed"),
        Event.VERIFIED_PARTLY: _("Seen on site: partly fixed"),
        Event.VERIFIED_NOT_FIXED: _("Seen on site: not fixed"),
        Event.REFERRED: _("Referred"),
        Event.REFERRAL_CLOSED: _("The authority has closed it"),
        Event.REFERRAL_RETURNED: _("The authority has returned it"),
        Event.ENDED: _("Ended"),
    }[event]


def kind_word(kind: ReplyKind) -> str:
    """What the owner says."""
    return {
        ReplyKind.FIXED: _("The owner says: fixed"),
        ReplyKind.MORE_TIME: _("The owner asks for more time"),
        ReplyKind.DISAGREE: _("The owner disagrees"),
    }[kind]


def reject_phrases() -> list[str]:
    """What is often written back."""
    return [
        _("The photo does not show this place. Please take it from where ours was taken."),
        _("The photo is too dark or blurred. Please take it again."),
        _("Only part of it is done. Please finish the rest."),
        _("The photo is an old one. Please show how it is now."),
    ]
