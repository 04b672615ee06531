"""How reminders stand on pages."""

from flask import url_for
from flask_babel import gettext as _

from app.core import clock
from app.reminders import words
from app.reminders.claims import ADDRESSEE, ASKED, GROUP, OWNER
from app.reminders.models import Reminder, Subject
from app.reminders.queries import Entry
from app.reminders.rules import Audience, Due, State

KINDS = {State.CLAIMED: "info", State.SENT: "ok", State.FAILED: "late", State.SKIPPED: "quiet", State.UNCERTAIN: "soon"}


def sentence(entry: Entry) -> str:
    """What it says today."""
    row = entry.reminder
    place = entry.place if row.subject is Subject.NOTICE else (words.matter_title(entry.place) if entry.place else "")
    due = Due(row.kind, row.step, row.anchor, frozenset({Audience.LEAD}))
    return words.text(row.subject, due, place, clock.now(), entry.limit)


def url(row: Reminder) -> str:
    """The page of what it is about."""
    if row.subject is Subject.NOTICE:
        return url_for("notices.show", notice_id=row.subject_id)
    return url_for("referrals.show", referral_id=row.subject_id)


def state_word(state: State) -> str:
    """What became of it: a sign and a word."""
    return {
        State.CLAIMED: "○ " + _("being sent"),
        State.SENT: "✓ " + _("sent"),
        State.FAILED: "▲ " + _("failed"),
        State.SKIPPED: "– " + _("not sent"),
        State.UNCERTAIN: "? " + _("uncertain"),
    }[state]


def state_kind(state: State) -> str:
    """The kind of its tag."""
    return KINDS[state]


def why(row: Reminder) -> str:
    """Why it did not go out, in words."""
    return {
        "no_address": _("No address is known."),
        "refused": _("The channel did not take it."),
        "broken": _("The channel cannot be used as it is entered."),
        ASKED: _("Somebody asked for it again: the next run sends it if it still holds."),
    }.get(row.why, "")


def recipient(entry: Entry) -> str:
    """To whom."""
    named = {GROUP: _("the group"), OWNER: _("the owner"), ADDRESSEE: _("the addressee")}
    return entry.reader or named.get(entry.reminder.recipient, "")


def channel(name: str) -> str:
    """Through what: never an address."""
    return {"app": _("list in the app"), "webhook": _("web hook")}.get(name, name)
