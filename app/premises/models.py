"""The premises register."""

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.regions import InRegion, Region
from app.core.database import db, text_enum
from app.core.ids import new_id, new_token

# Ranges of text are cut by code point; PostgreSQL's default collation would order them otherwise.
BYTE_ORDER = String().with_variant(String(collation="C"), "postgresql")


class Status(enum.StrEnum):
    """Whether the place works."""

    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


# few places are to be completed: the index holds those alone
_MARKED: Any = {"sqlite_where": text("to_complete"), "postgresql_where": text("to_complete")}


class Premises(db.Model, InRegion):
    """One place under supervision. It can carry several domains (a small restaurant is catering and fire)."""

    __tablename__ = "premises"
    __table_args__ = (
        Index("ix_premises_county_name", "county_id", "name", "id"),  # the list's order: name, then id
        Index("ix_premises_township_name", "township_id", "name", "id"),
        Index("ix_premises_village_name", "village_id", "name", "id"),
        Index("ix_premises_county_position", "county_id", "latitude", "longitude"),
        Index("ix_premises_township_position", "township_id", "latitude", "longitude"),
        Index("ix_premises_county_visited", "county_id", "last_inspected_at"),  # who waits longest
        Index("ix_premises_township_visited", "township_id", "last_inspected_at"),
        Index("ix_premises_to_complete", "county_id", "created_at", **_MARKED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    kind: Mapped[str]  # a key of data/kinds.yaml
    address: Mapped[str] = mapped_column(default="")
    latitude: Mapped[float | None]  # WGS 84 degrees
    longitude: Mapped[float | None]
    person_in_charge: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    credit_code: Mapped[str] = mapped_column(default="")  # 统一社会信用代码
    high_rise: Mapped[bool] = mapped_column(default=False)  # decides which fire rules apply
    staff_certificates: Mapped[int | None]  # how many staff hold a health certificate
    staff_certificates_until: Mapped[date | None]  # the earliest expiry among them
    status: Mapped[Status] = mapped_column(text_enum(Status), default=Status.OPEN)
    notes: Mapped[str] = mapped_column(Text, default="")
    to_complete: Mapped[bool] = mapped_column(default=False, server_default=false())  # begun on a visit
    door_token: Mapped[str] = mapped_column(unique=True, default=new_token)
    last_inspected_at: Mapped[datetime | None]  # kept by inspections when one is finished
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("premises.id"), index=True)

    region: Mapped[Region] = relationship()
    domain_rows: Mapped[list["PremisesDomain"]] = relationship(
        cascade="all, delete-orphan", order_by="PremisesDomain.domain", lazy="selectin"
    )
    licences: Mapped[list["Licence"]] = relationship(cascade="all, delete-orphan", order_by="Licence.until")

    @property
    def domains(self) -> list[str]:
        """Keys of the domains it is supervised in."""
        return [row.domain for row in self.domain_rows]


class PremisesDomain(db.Model):
    """That a premises is supervised in a domain."""

    __tablename__ = "premises_domains"

    premises_id: Mapped[UUID] = mapped_column(ForeignKey("premises.id", ondelete="CASCADE"), primary_key=True)
    domain: Mapped[str] = mapped_column(primary_key=True, index=True)


class Licence(db.Model):
    """A licence, permit or filing of the premises."""

    __tablename__ = "licences"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    premises_id: Mapped[UUID] = mapped_column(ForeignKey("premises.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    number: Mapped[str] = mapped_column(default="")
    until: Mapped[date | None]  # last valid day


class SearchTerm(db.Model):
    """Every ending of a searchable text, so that "contains" becomes "starts with" and an index answers it.

    青禾小饭馆 is kept as 青禾小饭馆, 禾小饭馆, 小饭馆 …; likewise pinyin initials, address and phone. The first
    character says what the text is (rules.Mark), so names come before addresses. Kinds, domains and a status that
    is not "open" stand here too, followed by the name: a filtered list is one index range in name order. Works the
    same on SQLite and PostgreSQL, for two-character Chinese queries too, where trigram indexes do not.
    A merged premises has no terms.
    """

    __tablename__ = "premises_search_terms"
    __table_args__ = (
        Index("ix_premises_search_terms_county", "county_id", "term", "premises_id"),
        Index("ix_premises_search_terms_township", "township_id", "term", "premises_id"),
        {"sqlite_with_rowid": False},  # a third smaller, and each index holds all a search reads
    )

    premises_id: Mapped[UUID] = mapped_column(ForeignKey("premises.id", ondelete="CASCADE"), primary_key=True)
    term: Mapped[str] = mapped_column(BYTE_ORDER, primary_key=True)
    county_id: Mapped[UUID]
    township_id: Mapped[UUID | None]


class ImportBatch(db.Model):
    """An uploaded register file between preview and confirmation."""

    __tablename__ = "premises_imports"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    file_name: Mapped[str]
    created_at: Mapped[datetime]
    header: Mapped[list[str]] = mapped_column(JSON)
    rows: Mapped[list[list[str]]] = mapped_column(JSON)  # emptied when finished: nobody's data kept twice
    first_row: Mapped[int] = mapped_column(default=2)  # the number the file gives the first of `rows`
    mapping: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # importing.Mapping as a dict
    plan: Mapped[list[list[Any]] | None] = mapped_column(JSON(none_as_null=True))  # import_services.Step, in order
    written: Mapped[int] = mapped_column(default=0, server_default="0")  # how many steps of the plan are done
    finished_at: Mapped[datetime | None]
    summary: Mapped[dict[str, Any] | None] = mapped_column(
        JSON
    )  # counts, and the rows left out with the reason
