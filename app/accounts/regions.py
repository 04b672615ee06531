"""The region tree: county → township → village → grid cell. A person sees their own subtree only."""

import enum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, select
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.core.database import db, text_enum
from app.core.ids import new_id


class Level(enum.StrEnum):
    """How deep in the tree."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    GRID = "grid"


LEVELS = list(Level)


class Region(db.Model):
    """One area. It carries the ids of its ancestors so that a subtree is one equality in SQL."""

    __tablename__ = "regions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("regions.id"), index=True)
    level: Mapped[Level] = mapped_column(text_enum(Level))
    code: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    county_id: Mapped[UUID | None] = mapped_column(index=True)
    township_id: Mapped[UUID | None] = mapped_column(index=True)
    village_id: Mapped[UUID | None] = mapped_column(index=True)

    def contains(self, row: Any) -> bool:
        """Whether `row` (a region, or anything with InRegion's columns) lies in this subtree."""
        return lies_in(row, self)


class InRegion:
    """Columns of a row that lies somewhere in the tree; `place_in` fills them."""

    @declared_attr
    def region_id(cls) -> Mapped[UUID]:  # noqa: N805 - SQLAlchemy calls it with the class
        return mapped_column(ForeignKey("regions.id"), index=True)

    county_id: Mapped[UUID]
    township_id: Mapped[UUID | None]
    village_id: Mapped[UUID | None]

    def place_in(self, region: Region) -> None:
        """Put the row into `region` (its deepest known area)."""
        self.region_id = region.id
        assert region.county_id is not None
        self.county_id = region.county_id
        self.township_id = region.township_id
        self.village_id = region.village_id


def lies_in(row: Any, area: Any) -> bool:
    """Whether `row` lies in the subtree below `area`, of which only id and level are asked."""
    return bool(_column(row, area.level) == area.id)


def within(model: Any, region: Region) -> ColumnElement[bool]:
    """SQL: `model` (Region or an InRegion class) lies in the subtree of `region`."""
    return _column(model, region.level) == region.id


def _column(model: Any, level: Level) -> Any:
    if level is Level.GRID:
        return model.id if model is Region or isinstance(model, Region) else model.region_id
    return getattr(model, f"{level.value}_id")


def new_region(parent: Region | None, level: Level, code: str, name_zh: str, name_en: str = "") -> Region:
    """A region under `parent` (None for a county) with its ancestors' ids filled in."""
    region = Region(
        id=new_id(),
        parent_id=parent.id if parent else None,
        level=level,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
    )
    if parent is not None:
        region.county_id, region.township_id, region.village_id = (
            parent.county_id,
            parent.township_id,
            parent.village_id,
        )
    if level is not Level.GRID:
        setattr(region, f"{level.value}_id", region.id)
    return region


def regions_in(region: Region) -> list[Region]:
    """All regions of the subtree, the widest first, then by code: for choices."""
    rows = db.session.scalars(select(Region).where(within(Region, region))).all()
    return sorted(rows, key=lambda r: (LEVELS.index(r.level), r.code))
