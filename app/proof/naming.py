"""Which object a finding is about, in words a supervisor understands, and on whose page it is shown."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.exc import SQLAlchemyError

from app.core import clock
from app.core.database import db
from app.core.ledger import AuditRecord
from app.proof.rules import UNREADABLE, Found

MOST_NAMED = 300  # findings whose objects are looked up; further ones are named by table and key
_DEEPEST = 4  # rows from an answer over its visit to the premises
_PAGES = (
    "inspections",
    "notices",
    "referrals",
    "monthly_reports",
    "premises",
    "inspection_photos",
    "photos",
)  # that show findings
_LOCKED = frozenset(
    {"complaints", "complaint_turns", "complaint_photos"}
)  # who handles them alone knows more
# what a photo belongs to stands in rows that point at it
_OF_PHOTOS = ("inspection_photos", "reply_photos", "information_report_photos")
_WAY_UP = (
    "answer_id", "finding_id", "item_id", "reply_id", "sheet_id", "signal_id", "sample_id", "report_id", "photo_id",
    "notice_id", "referral_id", "inspection_id", "premises_id", "person_id", "organisation_id",
)  # fmt: skip


@dataclass(frozen=True)
class Words:
    """What is known of the object. All empty: only its table and key."""

    item: str = ""
    place: str = ""
    day: str = ""
    number: str = ""
    name: str = ""
    by_record: bool = False  # the row is gone: said by the record that stood for it


@dataclass(frozen=True)
class Name:
    """A finding's object."""

    words: Words = Words()
    object_type: str = ""
    object_id: UUID | None = None
    parent_id: UUID | None = None
    region_id: UUID | None = None

    @property
    def stored(self) -> dict[str, Any]:
        return asdict(self.words)


def names_of(found: Sequence[Found]) -> list[Name]:
    """A name for each; rows are read as they stand now."""
    return [_safely(one) if place < MOST_NAMED else Name() for place, one in enumerate(found)]


def _safely(found: Found) -> Name:
    """What it belongs to may say what cannot be, too: then table and key are its name."""
    try:
        return _name(found)
    except (*UNREADABLE, SQLAlchemyError):
        db.session.rollback()
        return Name()


def _name(found: Found) -> Name:
    if not found.table or not found.key:
        return Name()
    if found.table == "audit_records":
        return _of_record(found)
    table = db.metadata.tables.get(found.table)
    row = _row(table, found.key) if table is not None else None
    if table is not None and row is not None:
        return _Trail(table, row).name()
    return _by_record(found)


def _of_record(found: Found) -> Name:
    """A record is named by what it tells of."""
    record = db.session.execute(
        select(AuditRecord.action, AuditRecord.object_type, AuditRecord.object_id).where(
            AuditRecord.id == _uuid(found.key)
        )
    ).one_or_none()
    if record is None:
        return Name()
    under = _of_object(record.object_type, record.object_id)
    words = under.words if under else Words()
    return Name(Words(**{**asdict(words), "name": str(record.action), "by_record": False}))


def _by_record(found: Found) -> Name:
    """A row that is gone: the record that stood for it last tells of something it belonged to."""
    if found.seq is None:
        return Name()
    record = db.session.execute(
        select(AuditRecord.object_type, AuditRecord.object_id).where(AuditRecord.seq == found.seq)
    ).one_or_none()
    under = _of_object(record.object_type, record.object_id) if record else None
    if under is None:
        own = _uuid(found.key) if found.table in _PAGES else None
        return Name(Words(by_record=True), found.table, own)
    words = Words(**{**asdict(under.words), "by_record": True})
    return Name(words, under.object_type, under.object_id, under.parent_id, under.region_id)


def _of_object(kind: str, object_id: UUID | None) -> Name | None:
    table = db.metadata.tables.get(kind or "")
    if table is None or object_id is None or len(table.primary_key.columns) != 1:
        return None
    row = _row(table, object_id.hex)
    return _Trail(table, row).name() if row is not None else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None


def _row(table: Table, key: str) -> Any:
    """The row with this key, as it is bound; None where there is none."""
    parts = key.split("/")
    columns = list(table.primary_key.columns)
    if len(parts) != len(columns):
        return None
    try:
        values = [column.type.python_type(part) if column.type.python_type in (UUID, int) else part
                  for column, part in zip(columns, parts, strict=True)]  # fmt: skip
        asked = select(table).where(*(column == value for column, value in zip(columns, values, strict=True)))
        found = db.session.execute(asked).mappings().one_or_none()
    except (*UNREADABLE, NotImplementedError, SQLAlchemyError):
        db.session.rollback()
        return None  # a key of another kind, or a value that is none of the column's
    return found


class _Trail:
    """From a row up to the visit and the premises it belongs to."""

    def __init__(self, table: Table, row: Any) -> None:
        self.table, self.row = table, row
        self.known: dict[str, Any] = {}
        if table.name in _LOCKED:
            self.known[table.name] = row
        else:
            self._climb(table, row, 0)

    def _climb(self, table: Table, row: Any, depth: int) -> None:
        if table.name in self.known or table.name in _LOCKED:
            return
        self.known[table.name] = row
        if depth >= _DEEPEST:
            return
        if table.name == "photos":
            self._from_photo(row["id"], depth)
        for name in _WAY_UP:
            column = table.c.get(name)
            if column is None or row.get(name) is None or not column.foreign_keys:
                continue
            target = next(iter(column.foreign_keys)).column.table
            above = _row(target, row[name].hex) if len(target.primary_key.columns) == 1 else None
            if above is not None:
                self._climb(target, above, depth + 1)
        if table.name == "paper_files" and (subject := _subject(row)) is not None:
            self._climb(*subject, depth + 1)

    def _from_photo(self, photo_id: UUID, depth: int) -> None:
        for name in _OF_PHOTOS:
            table = db.metadata.tables[name]
            found = (
                db.session.execute(select(table).where(table.c.photo_id == photo_id).limit(1))
                .mappings()
                .first()
            )
            if found is not None:
                self._climb(table, found, depth + 1)
                return

    def name(self) -> Name:
        """What is said of the row."""
        visit, premises = self.known.get("inspections"), self.known.get("premises")
        notice, referral = self.known.get("notices"), self.known.get("referrals")
        item, paper = self.known.get("checklist_items"), notice or referral or self.known.get("monthly_reports")
        words = Words(
            item=str(item["code"]) if item else "",
            place=str(premises["name"]) if premises else "",
            day=_day(visit["started_at"]) if visit else "",
            number=str(paper["number"]) if paper else "",
            name=self._own_name(),
        )
        here, above = self._pages()
        own, above_it = self.row.get("region_id"), (visit, paper, premises, self.known.get("organisations"))
        place = own or next((row["region_id"] for row in above_it if row), self.row.get("county_id"))
        return Name(words, here[0] if here else "", here[1] if here else None, above, place)

    def _own_name(self) -> str:
        """Of what is no part of a visit or a paper: a person, an organisation, a setting."""
        if self.table.name in ("premises", "inspections", *_LOCKED):
            return ""
        for name in (
            "number",
            "name",
            "name_zh",
            "login",
            "code",
            "key",
            "domain",
            "day",
            "year",
            "original_name",
        ):
            if self.table.c.get(name) is not None and self.row.get(name) not in (None, ""):
                return str(self.row[name])
        return ""

    def _pages(self) -> tuple[tuple[str, UUID] | None, UUID | None]:
        """The page nearest to the row, and the one around it."""
        order = ("photos", "inspection_photos", "notices", "referrals", "monthly_reports", "inspections", "premises")
        found = [
            (name, self.known[name].get("id") or self.known[name].get("photo_id"))
            for name in order
            if name in self.known
        ]
        seen = "inspection_photos" if "inspection_photos" in self.known else "photos"  # in the log, or not
        pages = list(
            dict.fromkeys((seen if name.endswith("photos") else name, key) for name, key in found if key)
        )
        if not pages:
            return None, None
        above = next((key for name, key in pages[1:] if name != "premises"), None)
        return pages[0], above


def _subject(paper: Any) -> tuple[Table, Any] | None:
    table = db.metadata.tables.get(paper["subject_type"])
    row = _row(table, paper["subject_id"].hex) if table is not None else None
    return (table, row) if table is not None and row is not None else None


def _day(at: datetime) -> str:
    return f"{clock.local(at):%Y-%m-%d}"
