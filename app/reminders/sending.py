"""One run: what is due now is claimed, sent and written down, each in a transaction of its own. For the command only.

A run may come twice at once, late, or end anywhere. What was claimed and has no result is not sent again by itself.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from app.accounts import county
from app.accounts.regions import Level, Region
from app.core import clock
from app.core.database import db, transaction
from app.reminders import channels, claims, errands, gathering, queries, words
from app.reminders.errands import Errand
from app.reminders.options import channels_of, plan_of
from app.reminders.rules import DOWN_AFTER, Plan, is_quiet

Send = Callable[[str, str, str], bool]


@dataclass
class Tally:
    """What a run did."""

    listed: int = 0
    sent: int = 0
    failed: int = 0
    skipped: int = 0
    waiting: int = 0  # not tried: their channel is down
    uncertain: int = 0  # claimed by a run that never came back
    failures: Counter[str] = field(default_factory=Counter)  # in a row, by channel


def run(send: Send = channels.send) -> Tally:
    """Say everything that is due now, in all counties."""
    tally = Tally()
    with transaction():
        tally.uncertain = claims.doubt(clock.now())
    for county_id in _counties():
        _run_county(county_id, send, tally)
    return tally


def _counties() -> list[UUID]:
    return list(db.session.scalars(select(Region.id).where(Region.level == Level.COUNTY).order_by(Region.id)))


def _run_county(county_id: UUID, send: Send, tally: Tally) -> None:
    county.forget()
    plan, (staff, owners) = plan_of(county_id), channels_of(county_id)
    matters = gathering.matters(county_id, plan, clock.now())
    people = gathering.colleagues(county_id, {one.lead_id for one in matters if one.lead_id})
    _list(county_id, list(errands.in_the_app(matters, people)), tally)
    tally.failures.clear()  # another county has other channels
    found = list(errands.outside(matters, people, staff, owners))
    if _is_quiet(plan):
        found = [one for one in found if not one.can_wait]
    before = claims.known([one.wanted for one in found])
    now = clock.now()
    _skip(county_id, [one for one in found if one.address is None and one.wanted.id not in before], tally)
    open_ones = [one for one in found if one.address is not None]
    open_ones = [one for one in open_ones if one.wanted.id not in before or before[one.wanted.id].is_free(now)]
    # what never failed goes first: a wrong number must not keep the others waiting
    for one in sorted(open_ones, key=lambda one: _tries(before, one)):
        if one.can_wait and _is_quiet(plan):
            continue
        _go(one, before.get(one.wanted.id), plan, send, tally)


def _tries(before: dict[UUID, claims.Known], one: Errand) -> int:
    return before[one.wanted.id].tries if one.wanted.id in before else 0


def _list(county_id: UUID, wanted: list[claims.Wanted], tally: Tally) -> None:
    known = claims.known(wanted)
    fresh, passed = [one for one in wanted if one.id not in known], queries.overtaken(county_id)
    if fresh or passed:
        with transaction():
            claims.put_away(passed, clock.now())
            tally.listed += claims.put_in_lists(fresh, county_id, clock.now())


def _skip(county_id: UUID, unreachable: list[Errand], tally: Tally) -> None:
    if unreachable:
        with transaction():
            tally.skipped += claims.skip([e.wanted for e in unreachable], county_id, "no_address", clock.now())


def _go(errand: Errand, before: claims.Known | None, plan: Plan, send: Send, tally: Tally) -> None:
    """Claim, send, write down. Nothing is sent inside a transaction, nothing outside its claim."""
    wanted, county_id = errand.wanted, errand.matter.county_id
    if tally.failures[wanted.channel] >= DOWN_AFTER:
        tally.waiting += 1
        return
    with transaction():
        if not _still_true(errand, plan) or not claims.claim(wanted, county_id, before, clock.now()):
            return
    assert errand.address is not None
    title, body = words.message(
        errand.matter, errand.due, clock.now(), locale=errand.locale, to_owner=errand.to_owner
    )
    ok, why = _tried(send, errand.address, title, body)
    with transaction():
        tries = (before.tries if before else 0) + 1
        claims.finish(wanted, tries=tries, ok=ok, why=why, now=clock.now())
    tally.sent += ok
    tally.failed += not ok
    tally.failures[wanted.channel] = 0 if ok else tally.failures[wanted.channel] + 1


def _tried(send: Send, address: str, title: str, body: str) -> tuple[bool, str]:
    try:
        return (True, "") if send(address, title, body) else (False, "refused")
    except Exception:  # noqa: BLE001 - whatever a channel does, the others are sent; its words may hold the address
        return False, "broken"


def _still_true(errand: Errand, plan: Plan) -> bool:
    """Asked again in the claim: the owner may have replied while others were being told."""
    matter = errand.matter
    found = gathering.matters(matter.county_id, plan, clock.now(), only=matter.id)
    return any(errand.due in one.dues for one in found)


def _is_quiet(plan: Plan) -> bool:
    return is_quiet(clock.local(clock.now()).time(), plan)
