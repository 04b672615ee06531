"""Steps of a referral: sent, acknowledged, accepted or returned, filed, handed over, closed. Each is written down once.

Upper features listen with `on_step`: it is called inside the transaction of the step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.accounts.models import Person
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Invalid, Refused
from app.core.ids import derived_id
from app.notices import progress, turning
from app.notices.models import Notice, NoticeFinding
from app.notices.models import Status as NoticeStatus
from app.referrals import content, links, rules, services
from app.referrals.addressees import addressee_for
from app.referrals.matters import authorities, get_matter
from app.referrals.models import Referral, ReferralEvent, ReferralFinding, ReferralLink
from app.referrals.numbers import give_number
from app.referrals.rules import Event, Outcome, Side, Status
from app.seals import chain


@dataclass(frozen=True)
class Step:
    """One step as it is asked for. `id` is the client's; `name`: who said so, where that is not who writes it down."""

    id: UUID
    event: Event
    reason: str = ""
    name: str = ""
    opinion: str = ""  # the receiver's, when it takes the matter on
    outcome: Outcome | None = None


Hook = Callable[[Referral, ReferralEvent], None]
_hooks: list[Hook] = []
_TURNS = {Event.SEND: turning.Event.REFERRED, Event.RETURN: turning.Event.REFERRAL_RETURNED,
          Event.CLOSE: turning.Event.REFERRAL_CLOSED}  # fmt: skip


def on_step(hook: Hook) -> None:
    """Call `hook(referral, event)` in the transaction of every step."""
    if hook not in _hooks:
        _hooks.append(hook)


def take_step(referral: Referral, step: Step, *, by: Person, now: datetime) -> ReferralEvent:
    """Take a step as somebody signed in. The same `step.id` again gives the same event.

    Raises NotPossible where the table forbids it, Invalid for what is missing, NotAllowed for whose step it is not.
    """
    services.lock(referral)
    known = _known(referral, step)
    if known is not None:
        return known
    rules.next_status(referral.status, step.event)
    name = _name_of(referral, step, by)
    if step.event is Event.SEND:
        _prepare_to_send(referral, now)
    event = _advance(referral, step, by=by, name=name, now=now)
    if step.event is Event.SEND:
        referral.content = content.build(referral, by=by, now=now) | chain.frozen()
        referral.digest = content.digest(referral.content)
        links.make_link(referral, by=by, now=now)
    _follow(referral, event, by, now)
    return event


def answer_by_link(link: ReferralLink, step: Step, *, now: datetime) -> ReferralEvent:
    """Take a step as the holder of a link: once, and only as long as it is in force; a next link is made for them.

    Raises Refused for a link that was answered through before, NotPossible, Invalid.
    """
    referral = link.referral
    services.lock(referral)
    known = _known(referral, step)
    if known is not None:
        return known
    db.session.refresh(link, ["used_at", "revoked_at"])
    if not link.may_answer or link.is_over(now) or step.event not in rules.BY_LINK:
        raise Refused(
            N_("This link was answered before; it is for reading only now."),
            hint=N_("Call the body that sent it, or ask it for a new link."),
        )
    rules.next_status(referral.status, step.event)
    if step.event not in rules.by_link(referral.status):  # taking it back is the sender's
        raise Invalid(N_("Choose your answer."), field="answer")
    if not step.name.strip():
        raise Invalid(N_("Write your name, so that the other side knows who answered."), field="name")
    event = _advance(referral, step, by=None, name=step.name, now=now, link=link)
    link.used_at = now
    _follow(referral, event, None, now)
    links.follow_up(link, now)
    return event


def may_receive(referral: Referral, person: Person) -> bool:
    """Whether the person is the addressee: a supervisor of the body it was addressed to, who works in this product."""
    return (
        person.is_supervisor
        and referral.to_organisation_id == person.organisation_id
        and person.organisation_id != referral.organisation_id
        and person.region.contains(referral)
    )


def missing(referral: Referral) -> list[str]:
    """What must still be written before it can be sent, by the name of its field."""
    scene = bool(get_matter(referral.matter).scene)
    return rules.missing(referral.facts, referral.address, referral.authority, referral.scene, needs_scene=scene)


def _known(referral: Referral, step: Step) -> ReferralEvent | None:
    known = db.session.get(ReferralEvent, step.id)
    if known is not None and (known.referral_id, known.event) != (referral.id, step.event):
        raise Refused(N_("Something else was already recorded under this number. Reload the page."))
    return known


def _name_of(referral: Referral, step: Step, by: Person) -> str:
    """Whose word it is. The sender's own steps need no other name; what the receiver said needs one."""
    side = rules.side_of(referral.status, step.event)
    if side is Side.RECEIVER and may_receive(referral, by):
        return ""
    services.check_worker(referral, by)
    if side is Side.SENDER:
        return ""
    if not step.name.strip():
        raise Invalid(N_("Write who of the other side told you so."), field="name")
    return step.name


def _prepare_to_send(referral: Referral, now: datetime) -> None:
    """Address it and number it. Raises Invalid naming the first thing that is missing."""
    lacking = missing(referral)
    words = {
        "facts": N_("Write what was seen before it is sent."),
        "address": N_("Write where it is before it is sent: how somebody finds the place."),
        "authority": N_("Choose whom it goes to before it is sent."),
        "scene": N_("Write how the scene was preserved before it is sent; that it could not be is an answer, too."),
    }
    if lacking:
        raise Invalid(words[lacking[0]], field=lacking[0])
    if referral.subject == "" and referral.premises_id is not None and referral.premises is not None:
        referral.subject = referral.premises.name
    found = addressee_for(referral.authority, referral.region)
    referral.to_name = found.name if found else authorities()[referral.authority].name_zh
    referral.to_phone, referral.to_email = (found.phone, found.email) if found else ("", "")
    referral.to_web_hook = found.web_hook if found else ""
    referral.to_organisation_id = found.organisation_id if found else None
    give_number(referral, now)
    referral.round += 1
    if referral.sent_at is None:
        referral.sent_at = now


def _advance(
    referral: Referral, step: Step, *, by: Person | None, name: str, now: datetime, link: ReferralLink | None = None
) -> ReferralEvent:
    rules.check_step(step.event, reason=step.reason, outcome=step.outcome, status=referral.status)
    before = referral.status
    referral.status = rules.next_status(before, step.event)
    last = db.session.scalar(
        select(func.max(ReferralEvent.place)).where(ReferralEvent.referral_id == referral.id)
    )
    event = ReferralEvent(
        id=step.id,
        referral_id=referral.id,
        place=(last or 0) + 1,
        event=step.event,
        before=before,
        after=referral.status,
        at=now,
        by_id=by.id if by else None,
        name=" ".join(name.split())[: rules.LONGEST_NAME],
        reason=step.reason.strip(),
        outcome=step.outcome if step.event is Event.CLOSE else None,
        link_id=link.id if link else None,
    )
    db.session.add(event)
    if step.event is Event.CLOSE:
        referral.closed_at, referral.outcome = now, step.outcome
    if step.opinion.strip():
        referral.answer_opinion = step.opinion.strip()[: rules.LONGEST_TEXT]
    referral.order_at = referral.changed_at = now
    db.session.flush()
    told = {"status": referral.status.value, "name": event.name, "number": referral.number}
    audit.record(
        f"referral_{_DONE[step.event]}", referral, by=by.id if by else None, change_id=step.id, note=event.reason,
        before={"status": before.value}, after=told,
    )  # fmt: skip
    return event


_DONE = {
    Event.SEND: "sent", Event.ACKNOWLEDGE: "acknowledged", Event.ACCEPT: "accepted", Event.RETURN: "returned",
    Event.FILE: "filed", Event.HAND_OVER: "handed_over", Event.CLOSE: "closed",
}  # fmt: skip


def _follow(referral: Referral, event: ReferralEvent, by: Person | None, now: datetime) -> None:
    """What follows: the findings on notices move along, links of a closed matter end, listeners hear of it."""
    if event.event in _TURNS:
        _turn_findings(referral, event, by, now)
    if event.before in rules.SENDERS_END and event.event is Event.CLOSE:
        links.revoke_links(referral, by=by, now=now)
    db.session.flush()
    db.session.expire(referral, ["events", "links"])
    for hook in _hooks:
        hook(referral, event)


def _turn_findings(referral: Referral, event: ReferralEvent, by: Person | None, now: datetime) -> None:
    """Let the notices know that carry its findings now. A point that has moved on by itself stays where it is."""
    if event.before is Status.DRAFT and event.event is Event.CLOSE:
        return  # it never went out
    move_event = _TURNS[event.event]
    if event.outcome is Outcome.WITHDRAWN:
        move_event = turning.Event.REFERRAL_RETURNED
    carried = db.session.execute(
        select(NoticeFinding.finding_id, NoticeFinding.notice_id)
        .join(ReferralFinding, ReferralFinding.finding_id == NoticeFinding.finding_id)
        .join(Notice, Notice.id == NoticeFinding.notice_id)
        .where(ReferralFinding.referral_id == referral.id, Notice.status == NoticeStatus.ISSUED)
        .order_by(NoticeFinding.notice_id, NoticeFinding.position)
    ).all()
    for finding_id, notice_id in carried:
        turning.lock_notice(notice_id)
        point = db.session.get_one(NoticeFinding, (notice_id, finding_id), populate_existing=True)
        if not progress.allows(point.step, move_event):
            continue
        said = {"referral": str(referral.id), "number": referral.number, "to": referral.to_name}
        move = turning.Move(derived_id(event.id, str(finding_id)), move_event, event.reason, said)
        turning.take_turn(notice_id, finding_id, move, by=by, now=now)
