"""From what is due to who is told how: rows of the list in the app, and errands to channels outside."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from app.reminders.channels import APP, Channel, hook_channel
from app.reminders.claims import ADDRESSEE, GROUP, OWNER, Wanted
from app.reminders.gathering import Colleague, Matter
from app.reminders.rules import Audience, Due

STAFF = frozenset({Audience.LEAD, Audience.SUPERVISORS})


@dataclass(frozen=True)
class Errand:
    """One message to one recipient. `address` is None where it is not known."""

    wanted: Wanted
    matter: Matter
    due: Due
    address: str | None
    locale: str = ""

    @property
    def to_owner(self) -> bool:
        return self.wanted.recipient == OWNER

    @property
    def can_wait(self) -> bool:
        """Whether it is held back in quiet hours: everything but what is handed to an authority."""
        return self.wanted.recipient != ADDRESSEE


def told(matter: Matter, due: Due, people: Mapping[UUID, Colleague]) -> list[Colleague]:
    """The colleagues a thing is for. Where the lead has left, supervisors hear of it from the beginning."""
    lead = people.get(matter.lead_id) if matter.lead_id else None
    if not due.audience & STAFF:
        return []
    chosen = {lead.id: lead} if lead else {}
    if Audience.SUPERVISORS in due.audience or lead is None:
        chosen |= {one.id: one for one in people.values() if one.is_supervisor and one.sees(matter)}
    return list(chosen.values())


def in_the_app(matters: Iterable[Matter], people: Mapping[UUID, Colleague]) -> Iterator[Wanted]:
    """Rows of everybody's own list."""
    for matter in matters:
        for due in matter.dues:
            for one in told(matter, due, people):
                yield _wanted(matter, due, str(one.id), APP)


def outside(
    matters: Iterable[Matter], people: Mapping[UUID, Colleague], staff: list[Channel], owners: list[Channel]
) -> Iterator[Errand]:
    """Messages through channels."""
    for matter in matters:
        for due in matter.dues:
            if due.audience & STAFF:
                yield from _to_staff(matter, due, told(matter, due, people), staff)
            if Audience.ADDRESSEE in due.audience:
                yield from _to_addressee(matter, due, staff)
            if Audience.OWNER in due.audience and matter.consents:
                for channel in owners:
                    yield Errand(_wanted(matter, due, OWNER, channel.name), matter, due, channel.of("", matter.phone))


def _to_staff(matter: Matter, due: Due, whom: list[Colleague], channels: list[Channel]) -> Iterator[Errand]:
    for channel in channels:
        if not channel.is_personal:
            yield Errand(_wanted(matter, due, GROUP, channel.name), matter, due, channel.address)
            continue
        for one in whom:
            wanted = _wanted(matter, due, str(one.id), channel.name)
            yield Errand(wanted, matter, due, channel.of(one.email, one.phone), one.locale)


def _to_addressee(matter: Matter, due: Due, channels: list[Channel]) -> Iterator[Errand]:
    """By e-mail the way staff is written to, and to the web hook; what is not known is not tried."""
    mail = next((one for one in channels if one.is_mail), None) if matter.email else None
    for channel in (mail, hook_channel(matter.web_hook)):
        if channel is not None:
            wanted = _wanted(matter, due, ADDRESSEE, channel.name)
            yield Errand(wanted, matter, due, channel.of(matter.email, ""))


def _wanted(matter: Matter, due: Due, recipient: str, channel: str) -> Wanted:
    return Wanted(matter.subject, matter.id, due.kind, due.step, due.anchor, recipient, channel)
