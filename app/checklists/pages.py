"""What the checklist pages show, put together once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from app.checklists import queries
from app.checklists.editing import Change, wants_checking
from app.checklists.models import ChecklistItem, ChecklistVersion
from app.checklists.rules import Measure, describe, doubt, load_authorities, load_domains
from app.premises.kinds import Domain, kinds
from app.web.i18n import is_chinese, say

_SURE = {"L": "ok", "F": "info", "K高": "quiet", "K中": "soon", "K低": "late"}


@dataclass(frozen=True)
class DomainRow:
    """A domain's checklist in the list of all six."""

    domain: Domain
    version: ChecklistVersion | None
    items: int
    to_check: int


def domain_rows() -> list[DomainRow]:
    """All domains in their order, with the version in force; two queries."""
    current = queries.current_versions(domain.key for domain in load_domains())
    items = queries.items_of([version.id for version in current.values()])
    rows = []
    for domain in load_domains():
        version = current.get(domain.key)
        found = items[version.id] if version else []
        rows.append(DomainRow(domain, version, len(found), sum(wants_checking(item) for item in found)))
    return rows


@dataclass(frozen=True)
class ItemView:
    """An item with its marks in words."""

    item: ChecklistItem
    doubts: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]  # (kind of tag, mark)
    limits: tuple[str, ...]
    refer_to: str
    kinds: tuple[str, ...]

    @property
    def wants_checking(self) -> bool:
        return wants_checking(self.item)


def item_views(items: Sequence[ChecklistItem]) -> list[ItemView]:
    """The items as the pages show them."""
    authorities = {row.key: row for row in load_authorities()}
    return [
        ItemView(
            item,
            _doubts(item),
            tuple((_sureness(mark), mark) for mark in item.sources),
            tuple(limit_texts(item.measures)),
            say(authorities[item.refer_to], "name") if item.refer_to in authorities else item.refer_to,
            tuple(say(kinds()[key], "name") if key in kinds() else key for key in item.kinds or ()),
        )
        for item in items
    ]


def _doubts(item: ChecklistItem) -> tuple[str, ...]:
    said = [_say_doubt(mark) for mark in item.unsure_why.split(";") if mark] if item.unsure else []
    if any(measure.get("unsure") for measure in item.measures):
        said.append(_("A limit is to be checked"))
    return tuple(said)


def _say_doubt(mark: str) -> str:
    """A mark of the source in words; what an administrator wrote stands as it is."""
    try:
        return doubt(mark)[0 if is_chinese() else 1]
    except KeyError:
        return mark


def _sureness(mark: str) -> str:
    return next((kind for start, kind in _SURE.items() if mark.startswith(start)), "quiet")


def limit_texts(measures: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each limit the program judges by, in words: 温度(冷藏)在 0~8 ℃ 范围内."""
    texts = []
    for stored in measures:
        measure = Measure.from_dict(dict(stored))
        for limit in measure.limits:
            words = describe(measure, limit)[0 if is_chinese() else 1]
            case = say(limit, "label")
            name = say(measure, "name")
            texts.append(
                f"{name}({case}):{words}"
                if case and is_chinese()
                else f"{name}{f' ({case})' if case else ''}: {words}"
            )
    return texts


@dataclass(frozen=True)
class ChangeView:
    """One changed item: what stood there and what stands there now, field by field."""

    change: Change
    lines: tuple[tuple[str, str, str], ...]  # (field, before, after)


def change_views(changes: Sequence[Change], labels: Mapping[str, Any]) -> list[ChangeView]:
    """Changes with the fields' names and values in words."""
    views = []
    for change in changes:
        lines = [
            (str(labels.get(name, name)), _value(name, change.before), _value(name, change.after))
            for name in change.fields
        ]
        views.append(ChangeView(change, tuple(lines)))
    return views


def _value(name: str, item: Any) -> str:
    value = getattr(item, name)
    if name == "measures":
        return "; ".join(limit_texts(value))
    if name == "phrases":
        return " / ".join(phrase["zh" if is_chinese() else "en"] for phrase in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return "—" if value in (None, "") else str(value)


@dataclass(frozen=True)
class VersionRow:
    """A version in the history."""

    version: ChecklistVersion
    items: int
    by: str


def version_rows(versions: Sequence[ChecklistVersion]) -> list[VersionRow]:
    """The history with names and counts; two queries."""
    counts = queries.item_counts([version.id for version in versions])
    names = queries.publishers(versions)
    return [
        VersionRow(version, counts.get(version.id, 0), _name(names, version.published_by_id))
        for version in versions
    ]


def _name(names: Mapping[UUID, str], person_id: UUID | None) -> str:
    return names.get(person_id, "") if person_id else ""
