"""What a notice says, as one JSON-ready value: every text in both languages, as worded on the day of issue."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.core import clock
from app.notices.kinds import Kind

VERSION = 1
Text = dict[str, str]  # {"zh": …, "en": …}


@dataclass(frozen=True)
class PhotoData:
    """A photo of a finding; its bytes stay where they are, named by their hash."""

    id: UUID
    sha256: str
    after: bool = False  # taken after it was put right on the spot
    announced: bool = False  # still on its way on the day of issue


@dataclass(frozen=True)
class FindingData:
    """A finding with what the checklist says about it today."""

    id: UUID
    code: str
    domain: str
    severity: str
    title: Text
    fact: Text
    basis: Text
    advice: Text
    outcome: str
    due_on: date | None = None
    authority: Text = field(default_factory=lambda: {"zh": "", "en": ""})
    guard: str = ""
    photos: Sequence[PhotoData] = ()


@dataclass(frozen=True)
class PersonData:
    name: str
    certificate: str


@dataclass(frozen=True)
class IssuerData:
    """The issuing body as it is called today."""

    name: Text
    prefix: str
    phone: str
    objection_to: str
    objection_to_en: str = ""


@dataclass(frozen=True)
class VisitData:
    """The inspection the notice comes from. `people`: the lead first."""

    id: UUID
    digest: str
    started_at: datetime
    people: Sequence[PersonData]


def build(
    kind: Kind,
    issuer: IssuerData,
    premises: dict[str, str],
    visit: VisitData,
    findings: Sequence[FindingData],
) -> dict[str, Any]:
    """Return the content of a notice before it has a number; `stamp` adds what issuing gives.

    `premises` has name, address, person_in_charge, phone, credit_code.
    """
    places = {"phone": issuer.phone, "organisation": issuer.name["zh"]}
    dates = [f.due_on for f in findings if f.due_on is not None and f.outcome == "by_a_date"]
    return {
        "version": VERSION,
        "kind": kind.key,
        "advisory": kind.advisory,
        "title": kind.text("title"),
        "issuer": {"name": issuer.name, "phone": issuer.phone, "objection_to": issuer.objection_to},
        "premises": premises,
        "visit": {
            "id": str(visit.id),
            "digest": visit.digest,
            "started_at": visit.started_at.isoformat(),
            "people": [{"name": p.name, "certificate": p.certificate} for p in visit.people],
        },
        "findings": [_finding(kind, place, data) for place, data in enumerate(findings, start=1)],
        "due_on": min(dates).isoformat() if dates else None,
        "intro": kind.text("intro"),
        "labels": {
            name: kind.text(name) for name in ("inspector", "visit", "certificate", "advice", "deadline")
        },
        "reply": kind.text("reply"),
        "objection": _objection(kind, issuer),
        "delivery": kind.text("delivery"),
        "footer": kind.text("footer", **places),
        "seal": kind.text("seal"),
        "copies": kind.text("copies"),
    }


def stamp(
    content: dict[str, Any],
    *,
    number: str,
    issued_at: datetime,
    dated_at: datetime,
    by: PersonData,
    replaces: dict[str, str] | None,
    registration: str = "",
) -> dict[str, Any]:
    """Return the content with what issuing gives it. `replaces`: number and date of the paper it takes the place of.

    `issued_at` is the server's time; `dated_at` the moment of issue, earlier where a phone issued without network.
    """
    return content | {
        "number": number,
        "registration_number": registration,
        "issued_at": issued_at.isoformat(),
        "dated_at": dated_at.isoformat(),
        "issued_on": clock.local(dated_at).date().isoformat(),
        "issued_by": {"name": by.name, "certificate": by.certificate},
        "replaces": replaces,
    }


def _objection(kind: Kind, issuer: IssuerData) -> Text:
    chinese = kind.text("objection", objection_to=issuer.objection_to or issuer.name["zh"])
    english = kind.text("objection", objection_to=issuer.objection_to_en or issuer.objection_to or issuer.name["en"])
    return {"zh": chinese["zh"], "en": english["en"]}


def _finding(kind: Kind, place: int, data: FindingData) -> dict[str, Any]:
    return {
        "place": place,
        "id": str(data.id),
        "code": data.code,
        "domain": data.domain,
        "severity": data.severity,
        "title": data.title,
        "fact": data.fact,
        "basis": data.basis,
        "advice": data.advice,
        "outcome": data.outcome,
        "outcome_text": _outcome(kind, data),
        "due_on": data.due_on.isoformat() if data.due_on and data.outcome == "by_a_date" else None,
        "photos": [_photo(photo) for photo in data.photos],
    }


def _photo(photo: PhotoData) -> dict[str, Any]:
    listed = {"id": str(photo.id), "sha256": photo.sha256, "after": photo.after}
    return listed | {"announced": True} if photo.announced else listed


def _outcome(kind: Kind, data: FindingData) -> Text:
    """What happens with it; the date of a deadline is filled in when it is shown, in the reader's way."""
    referred = {lang: kind.text("referred", authority=data.authority[lang])[lang] for lang in ("zh", "en")}
    if data.outcome == "referred":
        return referred
    if data.outcome == "by_a_date":
        return kind.text("deadline")
    text = (
        kind.text("fixed") if data.outcome == "fixed_on_the_spot" else kind.text("guarded", guard=data.guard)
    )
    if data.authority["zh"]:
        return {"zh": f"{text['zh']};{referred['zh']}", "en": f"{text['en']}. {referred['en']}"}
    return text
