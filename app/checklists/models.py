"""Versioned checklists: an inspection is tied for ever to the exact version it used."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.database import db
from app.core.ids import new_id


class ChecklistVersion(db.Model):
    """One published state of a domain's checklist. Never changed afterwards; an edit makes the next number."""

    __tablename__ = "checklist_versions"
    __table_args__ = (UniqueConstraint("domain", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    domain: Mapped[str] = mapped_column(index=True)
    number: Mapped[int]
    published_at: Mapped[datetime]
    published_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))  # None: shipped with the product
    remark: Mapped[str] = mapped_column(default="")

    items: Mapped[list["ChecklistItem"]] = relationship(order_by="ChecklistItem.position", back_populates="version")


class ChecklistItem(db.Model):
    """One thing to look at. Texts in both languages; the sources' "how sure" marks are kept."""

    __tablename__ = "checklist_items"
    __table_args__ = (UniqueConstraint("version_id", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("checklist_versions.id"), index=True)
    code: Mapped[str]  # CAT-10
    position: Mapped[int]
    title_zh: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text)
    how_zh: Mapped[str] = mapped_column(Text)
    how_en: Mapped[str] = mapped_column(Text)
    basis_zh: Mapped[str] = mapped_column(Text)
    basis_en: Mapped[str] = mapped_column(Text)
    severity: Mapped[str]  # A critical, B major, C minor
    deadline_zh: Mapped[str]
    deadline_en: Mapped[str]
    deadline_days: Mapped[int | None]  # suggested calendar days; a product default, not a legal term
    immediate: Mapped[bool] = mapped_column(default=False)
    quantity_zh: Mapped[str | None] = mapped_column(Text)
    quantity_en: Mapped[str | None] = mapped_column(Text)
    photo_required: Mapped[bool] = mapped_column(default=True)
    sources: Mapped[list[str]] = mapped_column(JSON)
    unsure: Mapped[bool] = mapped_column(default=False)
    unsure_why: Mapped[str] = mapped_column(default="")
    refer_to: Mapped[str]  # authority key
    advice_zh: Mapped[str] = mapped_column(Text)
    advice_en: Mapped[str] = mapped_column(Text)
    phrases: Mapped[list[dict[str, str]]] = mapped_column(JSON)  # [{"zh": …, "en": …}]
    measures: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # see checklists.rules.Measure
    kinds: Mapped[list[str] | None] = mapped_column(JSON)  # premises kinds; None is all
    conditions: Mapped[list[str]] = mapped_column(JSON, default=list)  # attributes such as "high_rise"

    version: Mapped[ChecklistVersion] = relationship(back_populates="items")
