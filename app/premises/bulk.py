"""Many new files at once: what takes time is worked out before the transaction, so that nobody waits for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import String, column, insert, select, table

from app.accounts.models import Person
from app.core import audit, clock
from app.core.database import db
from app.core.ids import new_id
from app.premises.facts import PLAIN_FIELDS, Facts
from app.premises.models import Licence, Premises, PremisesDomain, SearchTerm
from app.premises.services import check_facts, terms_of

Row = dict[str, Any]
_IDS = ("premises_id", "county_id", "township_id")
_TERMS = table("premises_search_terms", *map(column, _IDS), column("term", String))


@dataclass(frozen=True)
class Prepared:
    """Files that are ready to be written: the rows of each table, all of them by the place's id."""

    files: list[Row]
    domains: list[Row]
    licences: list[Row]
    terms: list[Row]  # ids as the database driver takes them: a place has some forty terms
    facts: dict[UUID, Row]

    def without(self, known: set[UUID]) -> "Prepared":
        """What is left when the files with these ids are written already."""
        if not known:
            return self
        return Prepared(
            [row for row in self.files if row["id"] not in known],
            _besides(self.domains, known),
            _besides(self.licences, known),
            _besides(self.terms, set(map(_as_sent(), known))),
            {key: said for key, said in self.facts.items() if key not in known},
        )


def prepare_many(entries: Sequence[tuple[UUID, Facts]], by: Person | None) -> Prepared:
    """Rows of new files with their ids. Raises Invalid, NotAllowed."""
    prepared, as_sent = Prepared([], [], [], [], {}), _as_sent()
    for premises_id, facts in entries:
        check_facts(facts, by)
        prepared.files.append(_file(premises_id, facts))
        prepared.domains.extend({"premises_id": premises_id, "domain": key} for key in dict.fromkeys(facts.domains))
        prepared.licences.extend(
            {"id": new_id(), "premises_id": premises_id, "name": one.name, "number": one.number, "until": one.until}
            for one in facts.licences
        )
        place = (premises_id, facts.region.county_id, facts.region.township_id)
        where = dict(zip(_IDS, map(as_sent, place), strict=True))
        prepared.terms.extend({**where, "term": term} for term in sorted(terms_of(facts)))
        prepared.facts[premises_id] = facts.as_record()
    return prepared


def register_prepared(prepared: Prepared, by: Person | None) -> None:
    """Write prepared files; one that is there already, by its id, stays as it is."""
    ids = [row["id"] for row in prepared.files]
    new = prepared.without(set(db.session.scalars(select(Premises.id).where(Premises.id.in_(ids)))))
    parts = ((Premises, new.files), (PremisesDomain, new.domains), (Licence, new.licences))
    for model, rows in parts:
        _insert(model.__table__, rows)
    _insert(_TERMS, new.terms)
    audit.record_many("premises_registered", Premises, new.facts, by=by.id if by else None)


def _besides(rows: list[Row], ids: set[Any]) -> list[Row]:
    return [row for row in rows if row["premises_id"] not in ids]


def _insert(into: Any, rows: list[Row]) -> None:
    if rows:
        db.session.execute(insert(into), rows)


def _file(premises_id: UUID, facts: Facts) -> Row:
    region, now = facts.region, clock.now()
    return {name: getattr(facts, name) for name in PLAIN_FIELDS} | {
        "id": premises_id,
        "staff_certificates_until": facts.staff_certificates_until,
        "region_id": region.id,
        "county_id": region.county_id,
        "township_id": region.township_id,
        "village_id": region.village_id,
        "created_at": now,
        "updated_at": now,
    }


def _as_sent() -> Callable[[UUID | None], Any]:
    """How ids look to this database's driver: worked out for a place once instead of for each of its terms."""
    kind = SearchTerm.__table__.c.premises_id.type.dialect_impl(db.engine.dialect)
    process = kind.bind_processor(db.engine.dialect)
    return lambda one: process(one) if process and one is not None else one
