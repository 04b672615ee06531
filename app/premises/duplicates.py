"""Which files of the register may be one and the same place."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, union_all

from app.accounts.regions import Region, within
from app.core.database import db
from app.premises import rules
from app.premises.facts import Facts
from app.premises.models import Premises, SearchTerm
from app.premises.queries import square_around, whole

LIKE_NAME = 0.75  # rules.likeness of two names from which they may mean one place


@dataclass(frozen=True)
class Likely:
    """A file that may be the same place, and why (field names: name, phone, credit_code, position)."""

    premises: Premises
    reasons: tuple[str, ...]
    metres: float | None = None


def likely_duplicates(facts: Facts, region: Region, besides: UUID | None = None) -> list[Likely]:
    """Files in the same county, as far as `region` sees it, that may be the place of `facts`; likeliest first."""
    # two reads: as one, PostgreSQL without statistics, as after a load, looks at every place of the county instead
    ids = set(db.session.scalars(_candidate_ids(facts)))
    candidates = select(Premises).where(
        Premises.id.in_(ids),
        within(Premises, region),
        Premises.county_id == facts.region.county_id,
        Premises.merged_into_id.is_(None),
    )
    found = [judged for row in whole(candidates) if row.id != besides and (judged := judge(facts, row))]
    return sorted(found, key=lambda one: (-len(one.reasons), one.premises.name))[:8]


def judge(facts: Facts, row: Premises) -> Likely | None:
    """Why `row` may be the place of `facts`; None when nothing speaks for it."""
    alike = rules.likeness(facts.name, row.name)
    metres = None
    if facts.position and row.latitude is not None and row.longitude is not None:
        metres = rules.metres_between(*facts.position, row.latitude, row.longitude)
    near = metres is not None and metres <= rules.NEAR_METRES
    same_area = row.region_id == facts.region.id
    reasons = [
        reason
        for reason, holds in (
            ("credit_code", bool(facts.credit_code) and facts.credit_code == row.credit_code),
            ("name", alike == 1.0 or (alike >= LIKE_NAME and (near or (same_area and metres is None)))),
            ("phone", bool(facts.phone) and digits(facts.phone) == digits(row.phone)),
            ("position", near and alike >= 0.5),
        )
        if holds
    ]
    return Likely(row, tuple(reasons), metres) if reasons else None


def digits(phone: str) -> str:
    """The digits of a phone number, as compared."""
    return "".join(filter(str.isdigit, phone))


def _candidate_ids(facts: Facts) -> Any:
    """Ids worth a closer look, each from a short index range: same or like name, phone, code, position."""
    title, phone = rules.plain(facts.name), digits(facts.phone)[: rules.LONGEST]
    term = SearchTerm
    county = term.county_id == facts.region.county_id
    start = rules.Mark.NAME + title[: rules.LONGEST]
    like = rules.Mark.NAME + title[:2]
    parts = [
        select(term.premises_id).where(county, term.term == start).limit(50),
        select(term.premises_id)
        .where(
            county,
            term.term >= like,
            term.term < like + rules.HIGHEST,
            term.township_id == facts.region.township_id,
        )
        .limit(200),
    ]
    if len(phone) >= 4:
        parts.append(select(term.premises_id).where(county, term.term == rules.Mark.PHONE + phone).limit(20))
    if facts.credit_code:
        code = rules.Mark.CREDIT_CODE + rules.plain(facts.credit_code)
        parts.append(select(term.premises_id).where(county, term.term == code).limit(20))
    if facts.position:
        parts.append(_ids_around(facts.position, facts.region))
    return union_all(*(select(part.subquery()) for part in parts))


def _ids_around(here: tuple[float, float], region: Region) -> Any:
    around = select(Premises.id.label("premises_id"))
    return around.where(Premises.county_id == region.county_id, square_around(here, rules.NEAR_METRES)).limit(200)
