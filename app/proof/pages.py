"""What the page of the audit log shows."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import MAXYEAR, date
from typing import Any
from uuid import UUID

from flask import url_for
from werkzeug.datastructures import MultiDict

from app.accounts.models import Person
from app.core import ledger
from app.core.ledger import AuditRecord, Head
from app.core.settings import settings
from app.proof import queries
from app.proof.models import Anchor, AuditCheck, AuditFinding
from app.proof.queries import Filters
from app.proof.rules import Level
from app.proof.words import ACTIONS

LAST = 2**63 - 1  # the highest number a database gives a record
_SHOWN = {
    "inspections": ("inspections.show", "inspection_id"),
    "notices": ("notices.show", "notice_id"),
    "premises": ("premises.show", "premises_id"),
    "referrals": ("referrals.show", "referral_id"),
    "monthly_reports": ("monthly.show", "monthly_id"),
}


@dataclass(frozen=True)
class AuditPage:
    """The state of the records, and one page of the log."""

    check: AuditCheck | None
    whole: AuditCheck | None
    findings: Sequence[AuditFinding]
    head: Head | None
    anchors: Sequence[Anchor]
    has_places: bool
    events: Sequence[AuditRecord]
    names: Mapping[UUID, str]
    filters: Filters
    next_url: str | None
    actions: Sequence[str]

    @property
    def differences(self) -> Sequence[AuditFinding]:
        return [one for one in self.findings if one.level is Level.DIFFERENCE]

    @property
    def others(self) -> Sequence[AuditFinding]:
        return [one for one in self.findings if one.level is not Level.DIFFERENCE]

    @property
    def is_narrowed(self) -> bool:
        return self.filters != Filters(before=self.filters.before)


def audit_page(reader: Person, asked: MultiDict[str, str]) -> AuditPage:
    """In a fixed number of reads."""
    filters = read_filters(asked)
    rows = queries.events(reader, filters)
    more = len(rows) > queries.PAGE
    shown = rows[: queries.PAGE]
    people = {row.person_id for row in shown if row.person_id} | (
        {filters.person_id} if filters.person_id else set()
    )
    return AuditPage(
        check=queries.last_check(),
        whole=queries.last_check(whole=True),
        findings=queries.findings_in(reader),
        head=ledger.head(),
        anchors=queries.last_anchors(),
        has_places=bool(settings().anchors),
        events=shown,
        names=queries.names_of(people),
        filters=filters,
        next_url=_url(replace(filters, before=shown[-1].seq)) if more else None,
        actions=sorted(ACTIONS),
    )


def read_filters(asked: MultiDict[str, str]) -> Filters:
    """Of the address; what is none is left out."""

    def read(name: str, kind: Any) -> Any:
        try:
            return kind(asked.get(name, "")) if asked.get(name) else None
        except ValueError:
            return None

    before, day = read("before", int), read("day", date.fromisoformat)
    return Filters(
        before=before if before is not None and 0 < before <= LAST else None,
        object_type=asked.get("type", "")[:40],
        object_id=read("object", UUID),
        person_id=read("person", UUID),
        action=asked.get("action", "")[:60],
        day=day if day is not None and 1 < day.year < MAXYEAR else None,
    )


def _url(filters: Filters) -> str:
    names = {"object_type": "type", "object_id": "object", "person_id": "person"}
    values = {names.get(name, name): str(value) for name, value in asdict(filters).items() if value}
    return url_for("proof.index", **values)  # type: ignore[arg-type]


def object_url(object_type: str, object_id: UUID | None) -> str:
    """The page of an object that has one; a photo's is the photo log."""
    if object_id is None:
        return ""
    if object_type == "inspection_photos":
        return url_for("oversight.photo", photo_id=object_id)
    endpoint, name = _SHOWN.get(object_type, ("", ""))
    ids: dict[str, Any] = {name: object_id}
    return url_for(endpoint, **ids) if endpoint else ""


def events_url(object_type: str, object_id: UUID | None) -> str:
    """The log of one object."""
    return _url(Filters(object_type=object_type, object_id=object_id))
