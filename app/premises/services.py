"""What changes the register. Services flush, they never commit."""

from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import delete, insert, update

from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed, Refused
from app.core.ids import new_id
from app.premises import rules
from app.premises.facts import PLAIN_FIELDS, Facts, facts_of, problems_of
from app.premises.models import Licence, Premises, PremisesDomain, SearchTerm

MergeHook = Callable[[Premises, Premises], None]
on_merge: list[MergeHook] = []
"""Upper features append `move(kept, other)`: move the rows that point to `other` over to `kept`."""


def register_premises(
    facts: Facts,
    by: Person | None,
    *,
    premises_id: UUID | None = None,
    change_id: UUID | None = None,
    to_complete: bool = False,
) -> Premises:
    """Write a new file. `by` is None for what the program itself brings (demo data). Raises Invalid, NotAllowed.

    `to_complete`: begun on a visit with the little that was known; it stands in a list until somebody completes it.
    """
    check_facts(facts, by)
    premises = _new_file(facts, premises_id or new_id())
    premises.to_complete = to_complete
    db.session.add(premises)
    db.session.flush()
    set_search_terms(premises)
    _audit_registration(premises, facts, by, change_id)
    return premises


def change_premises(premises: Premises, facts: Facts, by: Person, *, change_id: UUID | None = None) -> None:
    """Write what is known now into an existing file. Raises Invalid, NotAllowed, Refused (merged away)."""
    if premises.merged_into_id is not None:
        raise Refused(N_("This file was merged into another one. Change that one."))
    check_facts(facts, by)
    before = facts_of(premises).as_record()
    _write(premises, facts)
    premises.to_complete = False  # whoever saves the whole form has completed it
    premises.updated_at = clock.now()
    db.session.flush()
    set_search_terms(premises)
    after = facts_of(premises).as_record()
    changed = [key for key in after if before[key] != after[key]]
    audit.record(
        "premises_changed",
        premises,
        by=by.id,
        change_id=change_id,
        before={key: before[key] for key in changed},
        after={key: after[key] for key in changed},
    )


def merge_premises(kept: Premises, other: Premises, by: Person, *, change_id: UUID | None = None) -> None:
    """Make two files of one place into one: `kept` gains what only `other` knew, `other` points to it from now on.

    The door code of `other` keeps working: it leads to `kept`. Raises Refused, NotAllowed.
    """
    if kept.id == other.id:
        raise Refused(N_("These are the same file already."))
    if kept.merged_into_id is not None or other.merged_into_id is not None:
        raise Refused(N_("One of these files was merged before. Go back to the list and choose again."))
    for premises in (kept, other):
        _check_region(premises.region, by)
    before = facts_of(kept).as_record()
    fill_gaps(kept, facts_of(other))
    other.merged_into_id = kept.id
    kept.to_complete, other.to_complete = kept.to_complete and other.to_complete, False
    other.updated_at = kept.updated_at = clock.now()
    db.session.execute(
        update(Premises).where(Premises.merged_into_id == other.id).values(merged_into_id=kept.id)
    )
    if other.last_inspected_at and (
        not kept.last_inspected_at or kept.last_inspected_at < other.last_inspected_at
    ):
        kept.last_inspected_at = other.last_inspected_at
    for move in on_merge:
        move(kept, other)
    db.session.flush()
    set_search_terms(kept)
    set_search_terms(other)
    after = facts_of(kept).as_record() | {"merged": str(other.id)}
    audit.record("premises_merged", kept, by=by.id, change_id=change_id, before=before, after=after)
    audit.record("premises_merged_away", other, by=by.id, after={"merged_into": str(kept.id)})


def fill_gaps(premises: Premises, facts: Facts) -> None:
    """Take over what `premises` does not know yet; nothing it says is overwritten."""
    for name in ("address", "person_in_charge", "phone", "credit_code", "notes"):
        if not getattr(premises, name):
            setattr(premises, name, getattr(facts, name))
    if premises.latitude is None:
        premises.latitude, premises.longitude = facts.latitude, facts.longitude
    if premises.staff_certificates is None:
        premises.staff_certificates = facts.staff_certificates
        premises.staff_certificates_until = facts.staff_certificates_until
    premises.high_rise = premises.high_rise or facts.high_rise
    known = set(premises.domains)
    premises.domain_rows += [PremisesDomain(domain=key) for key in facts.domains if key not in known]
    held = {(licence.name, licence.number) for licence in premises.licences}
    premises.licences += [
        Licence(id=new_id(), name=licence.name, number=licence.number, until=licence.until)
        for licence in facts.licences
        if (licence.name, licence.number) not in held
    ]


def fill_from_import(premises: Premises, facts: Facts, by: Person) -> None:
    """An imported row of a place that is registered already: fill its gaps. Raises NotAllowed."""
    _check_region(premises.region, by)
    before = facts_of(premises).as_record()
    fill_gaps(premises, facts)
    premises.updated_at = clock.now()
    db.session.flush()
    set_search_terms(premises)
    audit.record("premises_changed", premises, by=by.id, before=before, after=facts_of(premises).as_record())


def set_search_terms(premises: Premises) -> None:
    """Make `premises` findable under what it says now; a merged one is not found any more."""
    db.session.execute(delete(SearchTerm).where(SearchTerm.premises_id == premises.id))
    rows = search_rows(premises)
    if rows:
        db.session.execute(insert(SearchTerm), rows)


def search_rows(premises: Premises) -> list[dict[str, object]]:
    """The search terms of `premises` as rows for a bulk insert."""
    if premises.merged_into_id is not None:
        return []
    terms = terms_of(facts_of(premises))
    where = {
        "premises_id": premises.id,
        "county_id": premises.county_id,
        "township_id": premises.township_id,
    }
    return [where | {"term": term} for term in sorted(terms)]


def terms_of(facts: Facts) -> set[str]:
    """Under which terms a place with these facts is found."""
    terms = rules.search_terms(facts.name, facts.address, facts.phone, facts.credit_code)
    return terms | rules.facet_terms(facts.name, facts.kind, facts.domains, facts.status)


def _new_file(facts: Facts, premises_id: UUID) -> Premises:
    now = clock.now()
    premises = Premises(id=premises_id, created_at=now, updated_at=now)
    _write(premises, facts)
    return premises


def _write(premises: Premises, facts: Facts) -> None:
    for name in PLAIN_FIELDS:
        setattr(premises, name, getattr(facts, name))
    premises.staff_certificates_until = facts.staff_certificates_until
    premises.region = facts.region
    premises.place_in(facts.region)
    _set_domains(premises, facts.domains)
    _set_licences(premises, facts)


def _set_domains(premises: Premises, wanted: Iterable[str]) -> None:
    keys = set(wanted)
    kept = [row for row in premises.domain_rows if row.domain in keys]
    known = {row.domain for row in kept}
    premises.domain_rows = kept + [PremisesDomain(domain=key) for key in sorted(keys - known)]


def _set_licences(premises: Premises, facts: Facts) -> None:
    """Rows that stay the same keep their id; the rest is written anew."""
    left = list(premises.licences)
    rows = []
    for licence in facts.licences:
        same = next((row for row in left if (row.name, row.number) == (licence.name, licence.number)), None)
        if same is None:
            same = Licence(id=new_id(), name=licence.name, number=licence.number)
        else:
            left.remove(same)
        same.until = licence.until
        rows.append(same)
    premises.licences = rows


def check_facts(facts: Facts, by: Person | None) -> None:
    """Raises Invalid for facts that cannot be stored, NotAllowed for an area that is not `by`'s."""
    for problem in problems_of(facts):
        raise Invalid(problem.message, field=problem.field, **dict(problem.params))
    if by is not None:
        _check_region(facts.region, by)


def _check_region(region: Region, by: Person) -> None:
    if not by.region.contains(region):
        raise NotAllowed(N_("This area is not yours."))


def _audit_registration(
    premises: Premises, facts: Facts, by: Person | None, change_id: UUID | None = None
) -> None:
    audit.record(
        "premises_registered",
        premises,
        by=by.id if by else None,
        change_id=change_id,
        after=facts.as_record(),
    )
