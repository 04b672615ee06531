"""Finding signals, and what people say about them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert as insert_or_replace  # both databases speak its ON CONFLICT

from app.accounts.models import Person
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed
from app.core.ids import derived_id
from app.photos.models import Photo
from app.signals import gathering, likeness, rules
from app.signals.gathering import Owner
from app.signals.kinds import file_marks
from app.signals.models import Signal, SignalWord, SignatureTrace, State, VisitTrace
from app.signals.options import Mode, limits_of, mode_of
from app.signals.rules import Found, Kind, Limits, Picture, Visit

NAMESPACE = UUID("6c1d3a52-5e0f-4f0e-9c58-51a3b1c7f0aa")  # of signals' ids
LONGEST_NOTE = 1_000  # characters
Finding = tuple[Found, Owner]
Rule = Callable[[Limits], Found | None]


def look_at_photo(photo_id: UUID) -> list[Finding]:
    """What a photo of a visit raises. Reads only."""
    known = gathering.picture(photo_id)
    if known is None:
        return []
    picture, owner, photo = known
    said = file_marks()
    return _found(
        owner,
        {
            Kind.SAME_BYTES: lambda _: _same_bytes(picture, photo, owner),
            Kind.ALIKE: lambda _: _alike(picture, photo, owner),
            Kind.FAR: lambda limits: rules.far(picture, limits),
            Kind.OLD: lambda limits: rules.old(picture, limits),
            Kind.CLOCKS: lambda limits: rules.clocks(picture, limits),
            Kind.EDITED: lambda _: rules.edited(picture, said["editors"]),
            Kind.SCREEN: lambda _: rules.screen(picture, said["screens"]),
        },
    )


def look_at_visit(inspection_id: UUID) -> list[Finding]:
    """What a finished visit raises, compared with those whose traces are kept. Reads only."""
    inspection, trace = gathering.finished(inspection_id), db.session.get(VisitTrace, inspection_id)
    if inspection is None or trace is None:
        return []
    visit, owner, near = (
        gathering.visit_of(inspection, trace),
        gathering.owner_of(inspection),
        gathering.neighbours(trace),
    )
    by_visit: dict[Kind, Rule] = {
        Kind.EVENING: lambda limits: rules.evening(visit, near, limits),
        Kind.PATTERN: lambda limits: rules.pattern(
            visit, gathering.same_pattern(trace, limits["days"]), limits
        ),
        Kind.SECONDS: lambda limits: rules.seconds(visit, limits),
        Kind.NO_POSITION: lambda limits: _no_position(visit, trace, limits),
    }
    found = _found(owner, by_visit)
    for other in _beside(visit, near):
        found += _found(owner, {Kind.TOO_FAST: partial(rules.too_fast, visit, other)})
    return found + look_at_signatures(gathering.signatures_of(inspection))


def look_at_signatures(traces: Iterable[SignatureTrace]) -> list[Finding]:
    """Drawings that stood elsewhere before. Reads only."""
    found: list[Finding] = []
    for trace in traces:
        inspection = gathering.finished(trace.inspection_id)
        if inspection is None:
            continue
        one = rules.same_signature(trace.inspection_id, gathering.uses_of_signature(trace), trace.at)
        found += _found(gathering.owner_of(inspection), {Kind.SIGNATURE: lambda _, one=one: one})  # type: ignore[misc]
    return found


def traces_of_visit(inspection_id: UUID) -> list[VisitTrace | SignatureTrace]:
    """What later visits are compared with; made anew from the record each time. Reads only."""
    inspection = gathering.finished(inspection_id)
    return (
        [] if inspection is None else [gathering.trace_of(inspection), *gathering.signatures_of(inspection)]
    )


def keep_traces(traces: Iterable[VisitTrace | SignatureTrace]) -> None:
    """Write them, in place of what was kept before: no evidence, so nothing is recorded about it."""
    for trace in traces:
        table = type(trace).__table__
        row = {column.key: getattr(trace, column.key) for column in table.columns}
        add, key = insert_or_replace(table), [column.key for column in table.primary_key]
        changed = {name: getattr(add.excluded, name) for name in row if name not in key}
        db.session.execute(add.on_conflict_do_update(index_elements=key, set_=changed), row)


def keep_signal(found: Found, owner: Owner, now: datetime) -> Signal | None:
    """Write down what was found; None where it is known already, whatever was made of it since."""
    signal_id = derived_id(NAMESPACE, found.kind.value, found.identity)
    if db.session.get(Signal, signal_id) is not None:
        return None
    mode = mode_of(owner.county_id, found.kind)
    visit = gathering.finished(found.visit) if found.photo is None else None
    subject = gathering.owner_of(visit) if visit is not None else owner
    signal = Signal(
        id=signal_id,
        kind=found.kind,
        inspection_id=found.visit,
        photo_id=found.photo,
        other_inspection_id=found.other_visit,
        other_photo_id=found.other_photo,
        premises_id=subject.premises_id,
        person_id=subject.person_id,
        numbers=found.numbers,
        shadow=mode is not Mode.SHOWN,
        state=State.OPEN,
        found_at=now,
        **subject.area,
    )
    db.session.add(signal)
    db.session.flush()
    after = {"kind": found.kind.value, "numbers": found.numbers, "shadow": signal.shadow}
    audit.record("signal_found", signal, by=None, after=after)
    return signal


def decide(
    signal: Signal, state: State, note: str, *, by: Person, word_id: UUID, now: datetime
) -> SignalWord:
    """A supervisor says that there is an honest cause, or that it is so. Said again otherwise, the later one holds.

    Raises NotAllowed about one's own visit, Invalid without a reason.
    """
    if not may_decide(signal, by):
        raise NotAllowed(N_("This is about a visit of your own. Somebody else decides."))
    if state is State.OPEN:
        raise Invalid(N_("Say whether it is explained or found to be so."), field="decision")
    db.session.refresh(signal, ["state"], with_for_update=True)
    before = signal.state
    word = _say(signal, note, by=by, word_id=word_id, now=now, state=state)
    signal.state, signal.decided_at, signal.decided_by_id = state, now, by.id
    db.session.flush()
    audit.record("signal_decided", signal, by=by.id, before=before.value, after=state.value, note=word.note)
    return word


def explain(signal: Signal, note: str, *, by: Person, word_id: UUID, now: datetime) -> SignalWord:
    """Who was there says how it came about. Raises NotAllowed for others, Invalid without words."""
    if not signal.is_about(by):
        raise NotAllowed(N_("Only the people on this visit can explain it."))
    word = _say(signal, note, by=by, word_id=word_id, now=now, state=None)
    signal.answered_at = now
    db.session.flush()
    audit.record("signal_explained", signal, by=by.id, note=word.note)
    return word


def may_decide(signal: Signal, person: Person) -> bool:
    """Nobody about a visit of their own, on whichever side of the comparison it stands."""
    other = signal.other_inspection
    return not signal.is_about(person) and (other is None or not other.is_worked_on_by(person))


def _say(
    signal: Signal, note: str, *, by: Person, word_id: UUID, now: datetime, state: State | None
) -> SignalWord:
    note = note.strip()
    if not note:
        raise Invalid(N_("Write a few words about it."), field="note")
    if len(note) > LONGEST_NOTE:
        raise Invalid(N_("This is too long: %(most)s characters at most."), field="note", most=LONGEST_NOTE)
    word = SignalWord(id=word_id, signal_id=signal.id, by_id=by.id, at=now, state=state, note=note)
    db.session.add(word)
    db.session.flush()
    db.session.expire(signal, ["words"])
    return word


def _found(owner: Owner, by_kind: Mapping[Kind, Rule]) -> list[Finding]:
    """Ask the rules of the kinds that are on."""
    found: list[Finding] = []
    for kind, rule in by_kind.items():
        if mode_of(owner.county_id, kind) is Mode.OFF:
            continue
        one = rule(limits_of(owner.county_id, kind))
        if one is not None:
            found.append((one, owner))
    return found


def _same_bytes(picture: Picture, photo: Photo, owner: Owner) -> Found | None:
    return rules.used_before(picture, gathering.uses_of(photo.sha256, photo.id, owner.county_id))


def _alike(picture: Picture, photo: Photo, owner: Owner) -> Found | None:
    numbers = likeness.alike(photo)
    uses = gathering.uses_among(numbers, owner.county_id) if numbers else []
    return rules.used_before(picture, uses, Kind.ALIKE)


def _no_position(visit: Visit, trace: VisitTrace, limits: Limits) -> Found | None:
    if visit.positioned:
        return None
    return rules.no_position(visit, gathering.visits_before(trace, limits["visits"] - 1), limits)


def _beside(visit: Visit, near: Iterable[Visit]) -> list[Visit]:
    """The visit before and the one after, whichever was computed first."""
    ordered = sorted([visit, *near], key=lambda one: (one.began, one.id))
    here = next(n for n, one in enumerate(ordered) if one.id == visit.id)
    return ordered[max(0, here - 1) : here] + ordered[here + 1 : here + 2]
