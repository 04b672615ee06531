"""Words of complaints, and what their pages show."""

from dataclasses import dataclass

from flask_babel import gettext as _

from app.accounts.models import Person
from app.complaints import rules
from app.complaints.models import Complaint
from app.complaints.rules import Channel, Event, Kind, State
from app.complaints.services import may_do, may_look
from app.core import clock
from app.web.filters import day, moment
from app.web.i18n import say


def state_word(state: State) -> str:
    return {
        State.RECEIVED: _("Complaint received"),
        State.ACCEPTED: _("Being verified"),
        State.VERIFIED: _("Verified: true"),
        State.UNFOUNDED: _("Verified: not true"),
        State.UNCLEAR: _("Cannot be told"),
        State.HANDED_OVER: _("Handed over"),
        State.HANDLED: _("Settled"),
        State.DECLINED: _("Not taken on"),
        State.ANSWERED: _("Complaint answered"),
    }[state]


def state_kind(state: State) -> str:
    """The colour of its tag (ui.html)."""
    if state in {State.RECEIVED, State.ACCEPTED, State.VERIFIED, State.UNCLEAR}:
        return "soon"
    return "ok" if state is State.ANSWERED else "info"


def kind_word(kind: Kind) -> str:
    return {
        Kind.COMPLAINT: _("Complaint"),
        Kind.GRIEVANCE: _("Grievance about a visit"),
        Kind.PRAISE: _("Praise of a visit"),
    }[kind]


def channel_word(channel: Channel) -> str:
    return {
        Channel.PHONE: _("By phone"),
        Channel.VISIT: _("In person"),
        Channel.LETTER: _("By letter"),
        Channel.ONLINE: _("Public form"),
        Channel.OWNER_PAGE: _("From the notice's page"),
    }[channel]


def event_word(event: Event) -> str:
    """What somebody did, in the history."""
    return {
        Event.TAKEN_ON: _("taken on"),
        Event.TAKEN_OVER: _("taken over"),
        Event.ASSIGNED: _("sent somebody to verify"),
        Event.FOUND_TRUE: _("verified: true"),
        Event.FOUND_UNTRUE: _("verified: not true"),
        Event.CANNOT_TELL: _("could not tell"),
        Event.HANDED_OVER: _("handed over"),
        Event.HANDLED: _("settled here"),
        Event.DECLINED: _("not taken on"),
        Event.ANSWERED: _("answered"),
    }[event]


@dataclass(frozen=True)
class CasePage:
    """One case, and what its reader may do."""

    complaint: Complaint
    steps: tuple[Event, ...]
    may_look: bool

    @property
    def is_late(self) -> bool:
        return self.complaint.state is not State.ANSWERED and self.complaint.due_on < clock.today()

    @property
    def verdicts(self) -> list[Event]:
        return [event for event in self.steps if event in rules.VERDICTS]

    @property
    def facts(self) -> list[tuple[str, str]]:
        one = self.complaint
        people = [entry.person.name for entry in one.subjects] if self.may_look else []
        return [
            (_("Receipt number"), one.number),
            (_("How it came"), channel_word(one.channel)),
            (_("Received on"), moment(one.received_at)),
            (_("Area"), say(one.region, "name")),
            (_("Registered by"), one.registered_by.name if one.registered_by else ""),
            (_("Handled by"), one.handler.name if one.handler else ""),
            (_("Verified by"), one.verifier.name if one.verifier else ""),
            (_("Handed over to"), one.handed_to),
            (_("It is about"), "、".join(people)),
            (_("To be answered by"), day(one.due_on) if one.answered_at is None else ""),
            (_("Who complained was forgotten on"), day(one.purged_at) if one.purged_at else ""),
        ]


def case_page(complaint: Complaint, reader: Person) -> CasePage:
    return CasePage(complaint, tuple(may_do(complaint, reader)), may_look(complaint, reader))
