"""What the page shows on which findings and the kind of a new notice are chosen."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.accounts.models import Person
from app.accounts.rules import Certificate
from app.inspections.models import Finding, Inspection
from app.inspections.models import Status as InspectionStatus
from app.inspections.pages import fact_of
from app.notices import queries, rules, services
from app.notices.forms import ChoiceForm, parse_id
from app.notices.kinds import Kind
from app.notices.models import Notice


@dataclass(frozen=True)
class FindingChoice:
    """A finding to tick. `taken` is the notice in force it stands on already."""

    finding: Finding
    fact: str
    photos: list[UUID]
    taken: Notice | None
    chosen: bool


@dataclass(frozen=True)
class KindChoice:
    kind: Kind
    may_issue: bool  # otherwise it becomes a draft for a supervisor
    chosen: bool


@dataclass(frozen=True)
class ChoosingPage:
    """Everything to choose from, chosen already where that is safe."""

    findings: list[FindingChoice]
    kinds: list[KindChoice]
    replaces: Notice | None
    certificate: Certificate
    finished: bool

    @property
    def can_issue(self) -> bool:
        """Whether the person's certificate allows a notice at all."""
        return self.certificate in {Certificate.VALID, Certificate.ENDS_SOON}

    @property
    def left(self) -> list[FindingChoice]:
        return [choice for choice in self.findings if choice.taken is None]


def choosing_page(inspection: Inspection, form: ChoiceForm, person: Person, now: datetime) -> ChoosingPage:
    """Gather the page: five reads whatever the visit's size."""
    findings = queries.findings_of(inspection)
    taken = queries.findings_in_force([finding.id for finding in findings])
    photos = queries.photos_by_answer(inspection.id)
    replaces = _replaced(inspection, form)
    asked = set(form.findings.data or [])
    choices = []
    for finding in findings:
        notice = taken.get(finding.id)
        if notice is not None and replaces is not None and notice.id == replaces.id:
            notice = None
        chosen = notice is None and (str(finding.id) in asked if asked else True)
        shown = [row.photo_id for row in photos.get(finding.answer_id, [])]
        fact = fact_of(finding.answer.item, finding.answer)
        choices.append(FindingChoice(finding, fact, shown, notice, chosen))
    return ChoosingPage(
        findings=choices,
        kinds=_kinds(findings, form, person, replaces),
        replaces=replaces,
        certificate=services.certificate_of(person, now),
        finished=inspection.status is InspectionStatus.FINISHED,
    )


def _replaced(inspection: Inspection, form: ChoiceForm) -> Notice | None:
    wanted = parse_id(form.replaces.data)
    return next((notice for notice in queries.notices_of(inspection.id) if notice.id == wanted), None)


def _kinds(
    findings: list[Finding], form: ChoiceForm, person: Person, replaces: Notice | None
) -> list[KindChoice]:
    domains = {finding.answer.item.version.domain for finding in findings}
    offered = rules.kinds_offered(person.role_names, domains)
    keys = [kind.key for kind in offered]
    wanted = form.kind.data or (replaces.kind if replaces else "")
    chosen = wanted if wanted in keys else keys[0] if keys else ""
    return [
        KindChoice(kind, rules.may_issue(kind, person.role_names), kind.key == chosen) for kind in offered
    ]
