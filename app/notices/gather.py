"""From rows to the plain data a notice is built from."""

from collections.abc import Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation, Person
from app.checklists.rules import basis
from app.checklists.shipped import load_authorities
from app.core.database import db
from app.inspections.models import Amendment, AnnouncedPhoto, Fellow, Finding, Inspection, InspectionPhoto
from app.inspections.pages import fact_of
from app.notices import content, queries
from app.notices.awaited import announced_by_answer
from app.notices.content import FindingData, IssuerData, PersonData, PhotoData, Text, VisitData
from app.notices.kinds import Kind
from app.photos.models import Purpose

MOST_PHOTOS = 9  # of one finding on a notice; the inspection keeps all of them


def content_of(inspection: Inspection, kind: Kind, findings: Sequence[Finding], by: Person) -> dict[str, Any]:
    """Return the notice's content as everything is worded now, issued by `by`'s body."""
    photos = queries.photos_by_answer(inspection.id)
    awaited = announced_by_answer(inspection.id, [row.photo_id for rows in photos.values() for row in rows])
    amended = _amended(inspection)
    premises = inspection.premises
    data = [
        _finding(
            finding,
            kind,
            [*map(_photo, photos.get(finding.answer_id, [])), *map(_awaited, awaited.get(finding.answer_id, []))],
            amended,
            high_rise=premises.high_rise,
        )
        for finding in findings
    ]
    return content.build(kind, _issuer(by), _premises(inspection), _visit(inspection), data)


def _issuer(by: Person) -> IssuerData:
    body = by.organisation
    name = {"zh": body.name_zh, "en": body.name_en or body.name_zh}
    english = _in_english(body.objection_to, body)
    return IssuerData(name, body.number_prefix, body.phone, body.objection_to, english)


def _in_english(text: str, body: Organisation) -> str:
    """`text` with the names of the county's bodies and of authorities as they are called in English."""
    if not text:
        return ""
    rows = db.session.execute(
        select(Organisation.name_zh, Organisation.name_en).where(
            Organisation.county_id == body.county_id, Organisation.name_en != ""
        )
    ).all()
    names = {row["zh"]: row["en"] for row in _authorities().values() if row["en"]} | dict(rows)
    for chinese in sorted(names, key=len, reverse=True):
        text = text.replace(chinese, names[chinese])
    return text


def _premises(inspection: Inspection) -> dict[str, str]:
    fields = ("name", "address", "person_in_charge", "phone", "credit_code")
    return {name: getattr(inspection.premises, name) for name in fields}


def _visit(inspection: Inspection) -> VisitData:
    fellows = db.session.scalars(
        select(Fellow).where(Fellow.inspection_id == inspection.id).options(joinedload(Fellow.person))
    ).unique()
    people = [inspection.lead, *(fellow.person for fellow in fellows)]
    listed = [PersonData(person.name, person.certificate_number) for person in people]
    return VisitData(inspection.id, inspection.digest, inspection.started_at, listed)


def _amended(inspection: Inspection) -> dict[Any, str]:
    """The latest corrected text of an answer: the notice says what is right, the visit's page shows both."""
    rows = db.session.scalars(
        select(Amendment)
        .where(Amendment.inspection_id == inspection.id, Amendment.answer_id.is_not(None))
        .order_by(Amendment.at)
    )
    return {row.answer_id: row.after for row in rows}


def _finding(
    finding: Finding, kind: Kind, photos: list[PhotoData], amended: dict[Any, str], *, high_rise: bool
) -> FindingData:
    answer, item = finding.answer, finding.answer.item
    said: Any = SimpleNamespace(
        phrases=answer.phrases, readings=answer.readings, note=amended.get(answer.id, answer.note)
    )
    basis_zh, basis_en = basis(item, high_rise=high_rise, penalties=not kind.advisory)
    return FindingData(
        id=finding.id,
        code=item.code,
        domain=item.version.domain,
        severity=item.severity,
        title={"zh": item.title_zh, "en": item.title_en},
        fact={lang: fact_of(item, said, lang) for lang in ("zh", "en")},
        basis={"zh": basis_zh, "en": basis_en},
        advice={"zh": item.advice_zh, "en": item.advice_en},
        outcome=finding.outcome.value if finding.outcome else "",
        due_on=finding.due_on,
        authority=_authority(finding.refer_to),
        guard=finding.guard,
        photos=photos[:MOST_PHOTOS],
    )


def _photo(row: InspectionPhoto) -> PhotoData:
    return PhotoData(row.photo_id, row.photo.sha256, row.photo.purpose is Purpose.AFTER)


def _awaited(row: AnnouncedPhoto) -> PhotoData:
    """One that is still on a phone: it is listed by the hash it was announced with."""
    return PhotoData(row.photo_id, row.sha256, row.purpose == Purpose.AFTER.value, announced=True)


def _authority(key: str) -> Text:
    return _authorities().get(key, {"zh": "", "en": ""})


@cache
def _authorities() -> dict[str, Text]:
    return {row.key: {"zh": row.name_zh, "en": row.name_en} for row in load_authorities()}
