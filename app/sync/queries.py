"""Reads of the outbox's server side: many rows in one statement, straight from the tables."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, RowMapping, bindparam, or_, select

from app.core.database import db
from app.inspections.models import AnnouncedPhoto, Answer, Fellow, Finding, Inspection, Sheet
from app.photos.models import Photo
from app.premises.models import Premises, PremisesDomain
from app.sync.models import SyncChange
from app.sync.rules import FIELDS, Status

_CHANGES, _VISITS, _SHEETS = SyncChange.__table__, Inspection.__table__, Sheet.__table__
_ANSWERS, _FINDINGS, _FELLOWS = Answer.__table__, Finding.__table__, Fellow.__table__
_PLACES, _DOMAINS = Premises.__table__, PremisesDomain.__table__
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)

# Composed once: this is asked at every sending.
_KNOWN = select(_CHANGES.c.id, _CHANGES.c.content, _CHANGES.c.status, _CHANGES.c.message, _CHANGES.c.person_id).where(
    _CHANGES.c.id.in_(_IDS)
)
_VISIT_ROWS = select(_VISITS).where(_VISITS.c.id.in_(_IDS)).order_by(_VISITS.c.id)
_VISIT_ROWS_HELD = _VISIT_ROWS.with_for_update(key_share=True)
_STATES = (
    select(_VISITS.c.id, _VISITS.c.status, _ANSWERS.c.id.label("answer_id"), _ANSWERS.c.heads)
    .outerjoin(
        _ANSWERS,
        (_ANSWERS.c.inspection_id == _VISITS.c.id) & _ANSWERS.c.id.in_(bindparam("answers", expanding=True)),
    )
    .where(_VISITS.c.id.in_(_IDS))
)
_HOLD = select(_VISITS.c.id).where(_VISITS.c.id.in_(_IDS)).order_by(_VISITS.c.id).with_for_update(key_share=True)
_SHEET_ROWS = select(_SHEETS).where(_SHEETS.c.inspection_id == bindparam("visit")).order_by(_SHEETS.c.position)
_FELLOW_ROWS = select(_FELLOWS.c.person_id).where(_FELLOWS.c.inspection_id == bindparam("visit"))
_ANSWER_ROWS = select(_ANSWERS, *(column.label(f"finding_{column.key}") for column in _FINDINGS.c)).outerjoin(
    _FINDINGS, _FINDINGS.c.answer_id == _ANSWERS.c.id
)
_BY_ID = _ANSWER_ROWS.where(_ANSWERS.c.id.in_(_IDS))
_BY_VISIT = _ANSWER_ROWS.where(_ANSWERS.c.inspection_id.in_(bindparam("visits", expanding=True)))
_BOTH = _ANSWER_ROWS.where(
    or_(_ANSWERS.c.id.in_(_IDS), _ANSWERS.c.inspection_id.in_(bindparam("visits", expanding=True)))
)
_PLACE_ROWS = (
    select(
        _PLACES.c.id, _PLACES.c.kind, _PLACES.c.high_rise, _PLACES.c.merged_into_id, _PLACES.c.region_id,
        _PLACES.c.county_id, _PLACES.c.township_id, _PLACES.c.village_id, _DOMAINS.c.domain,
    )
    .outerjoin(_DOMAINS, _DOMAINS.c.premises_id == _PLACES.c.id)
    .where(_PLACES.c.id.in_(_IDS))
    .order_by(_PLACES.c.id, _DOMAINS.c.domain)
)  # fmt: skip
_UPLOADED = select(Photo.__table__.c.id, Photo.__table__.c.sha256).where(Photo.__table__.c.id.in_(_IDS))
_ANNOUNCED = select(
    AnnouncedPhoto.__table__.c.photo_id, AnnouncedPhoto.__table__.c.inspection_id, AnnouncedPhoto.__table__.c.sha256
).where(AnnouncedPhoto.__table__.c.photo_id.in_(_IDS))
_THROWN_AWAY = select(_CHANGES.c.inspection_id).where(
    _CHANGES.c.inspection_id.in_(_IDS),
    _CHANGES.c.kind == "visit_discard",
    _CHANGES.c.status == Status.RECEIVED,
)
_VERSION_ROWS = select(_CHANGES).where(
    _CHANGES.c.inspection_id == bindparam("visit"),
    _CHANGES.c.answer_id == bindparam("id"),
    _CHANGES.c.field.in_(FIELDS),
    _CHANGES.c.status.in_([Status.RECEIVED, Status.CONFLICT]),
)


def known_changes(ids: Sequence[UUID]) -> dict[UUID, Any]:
    """Those of these changes that came before, by id."""
    return {row.id: row for row in db.session.execute(_KNOWN, {"ids": ids})} if ids else {}


def visit_rows(ids: Collection[UUID], *, hold: bool) -> list[dict[str, Any]]:
    """The visits with these ids as dictionaries; `hold` them until the transaction ends where several may write."""
    if not ids:
        return []
    asked = _VISIT_ROWS_HELD if hold and _several_write() else _VISIT_ROWS
    return [dict(row) for row in db.session.execute(asked, {"ids": sorted(ids)}).mappings()]


def states(visits: list[UUID], answers: list[UUID]) -> tuple[dict[UUID, str], dict[UUID, dict[str, list[str]]]]:
    """The statuses of visits, held until the transaction ends where several may write, and the heads of answers.

    Held first, then read: what a statement that waited reads beside the rows it waited for is from before the waiting.
    """
    if _several_write():
        db.session.execute(_HOLD, {"ids": sorted(visits)})
    rows = db.session.execute(_STATES, {"ids": visits, "answers": answers}).all()
    return {row[0]: row[1] for row in rows}, {row[2]: row[3] for row in rows if row[2] is not None}


def _several_write() -> bool:
    return db.session.get_bind().dialect.name != "sqlite"


def sheet_rows(visit_id: UUID) -> list[dict[str, Any]]:
    """The checklists of a visit, in order."""
    return [dict(row) for row in db.session.execute(_SHEET_ROWS, {"visit": visit_id}).mappings()]


def fellows_of(visit_id: UUID) -> list[UUID]:
    """Who comes along on a visit."""
    return list(db.session.scalars(_FELLOW_ROWS, {"visit": visit_id}))


def answer_rows(ids: list[UUID], visits: list[UUID]) -> Sequence[RowMapping]:
    """These answers, and all of these visits, each with its finding's columns as finding_…"""
    if not visits:
        return db.session.execute(_BY_ID, {"ids": ids}).mappings().all()
    if not ids:
        return db.session.execute(_BY_VISIT, {"visits": visits}).mappings().all()
    return db.session.execute(_BOTH, {"ids": ids, "visits": visits}).mappings().all()


def places(ids: Sequence[UUID | None]) -> dict[UUID, dict[str, Any]]:
    """What a visit takes over from its place, with the keys of its domains."""
    wanted = sorted({one for one in ids if one is not None})
    found: dict[UUID, dict[str, Any]] = {}
    for row in db.session.execute(_PLACE_ROWS, {"ids": wanted}).mappings() if wanted else ():
        place = found.setdefault(row["id"], {**row, "domains": []})
        if row["domain"] is not None:
            place["domains"].append(row["domain"])
    return found


def announced(ids: Sequence[UUID | None]) -> dict[UUID, tuple[UUID | None, str]]:
    """Visit and hash that these photo ids stand for already; no visit for one that a page uploaded."""
    wanted = sorted({one for one in ids if one is not None})
    if not wanted:
        return {}
    uploaded = {row[0]: (None, row[1]) for row in db.session.execute(_UPLOADED, {"ids": wanted})}
    return uploaded | {row[0]: (row[1], row[2]) for row in db.session.execute(_ANNOUNCED, {"ids": wanted})}


def thrown_away(ids: Collection[UUID | None]) -> set[UUID]:
    """Those of these visits that were begun by mistake and thrown away."""
    return set(db.session.scalars(_THROWN_AWAY, {"ids": list(ids)})) if ids else set()


def version_rows(inspection_id: UUID, answer_id: UUID) -> Sequence[RowMapping]:
    """Every version of an answer's fields that arrived."""
    return db.session.execute(_VERSION_ROWS, {"visit": inspection_id, "id": answer_id}).mappings().all()
