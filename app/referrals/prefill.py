"""A referral that writes itself: from a finished visit's critical findings, or from a notice that was not followed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import clock
from app.core.database import db
from app.core.errors import N_, NotFound, Refused
from app.inspections.models import Finding, Inspection, InspectionPhoto, Outcome
from app.inspections.pages import fact_of
from app.notices import queries as notices
from app.notices.models import DeliveryMethod, Notice, NoticeFinding
from app.notices.progress import WHILE_OURS, WHILE_OWNERS_TURN
from app.premises.kinds import domains, kind_of
from app.referrals.content import local_text
from app.referrals.matters import CRITICAL, NOT_RECTIFIED, get_matter
from app.referrals.models import Referral, ReferralFinding, Urgency
from app.referrals.rules import LONGEST_TEXT, Status
from app.referrals.rules import Outcome as End
from app.referrals.services import Evidence, Facts, Opening

SERIOUS = (Outcome.REFERRED, Outcome.GUARDED)
_OVER = (End.NOT_SENT, End.WITHDRAWN)


@dataclass(frozen=True)
class Proposal:
    """Findings of one visit that go to one authority together. `discovered_at`: when the first of them was seen."""

    authority: str
    findings: tuple[Finding, ...]
    discovered_at: datetime


def proposals_of(inspection: Inspection) -> list[Proposal]:
    """What a finished visit proposes to refer: its serious findings that no referral carries yet, by authority."""
    if inspection.is_open:
        return []
    serious = [finding for finding in notices.findings_of(inspection) if finding.outcome in SERIOUS]
    return _by_authority(serious)


def proposals_of_notice(notice: Notice) -> list[Proposal]:
    """What of a notice is not put right and could be referred, by authority."""
    if not notice.is_issued:
        return []
    left = db.session.scalars(
        select(NoticeFinding.finding_id).where(
            NoticeFinding.notice_id == notice.id, NoticeFinding.step.in_(WHILE_OWNERS_TURN | WHILE_OURS)
        )
    ).all()
    findings = [finding for finding in notices.findings_of(notice.inspection) if finding.id in set(left)]
    return _by_authority(findings)


def from_visit(inspection: Inspection, authority: str, by: Person) -> Opening:
    """The opening for one of a visit's proposals. Raises Refused when it is carried already."""
    proposal = _pick(proposals_of(inspection), authority)
    text = local_text(inspection.started_at) + " 巡查时发现：\n" + _lines(proposal.findings)
    return _opening(inspection, proposal, CRITICAL, text, by)


def from_notice(notice: Notice, authority: str, by: Person) -> Opening:
    """The opening for a notice that was refused, is overdue or was not followed."""
    proposal = _pick(proposals_of_notice(notice), authority)
    text = _story(notice) + "\n" + _lines(proposal.findings)
    return _opening(notice.inspection, proposal, NOT_RECTIFIED, text, by, notice_id=notice.id)


def standing_for(finding_ids: Sequence[UUID]) -> dict[UUID, Referral]:
    """Which of these findings a referral carries that still counts."""
    if not finding_ids:
        return {}
    rows = db.session.execute(
        select(ReferralFinding.finding_id, Referral)
        .join(Referral, Referral.id == ReferralFinding.referral_id)
        .where(ReferralFinding.finding_id.in_(finding_ids))
        .order_by(Referral.created_at)
    )
    return {
        finding_id: referral
        for finding_id, referral in rows
        if not (referral.status is Status.CLOSED and referral.outcome in _OVER)
    }


def already(inspection: Inspection, authority: str, notice: Notice | None = None) -> Referral | None:
    """The referral by which these findings went to `authority` before; None while there is something to refer."""
    proposals = proposals_of_notice(notice) if notice is not None else proposals_of(inspection)
    if any(proposal.authority == authority for proposal in proposals):
        return None
    findings = [row for row in notices.findings_of(inspection) if authority_of(row) == authority]
    carried = standing_for([finding.id for finding in findings])
    return next(iter(carried.values()), None)


def authority_of(finding: Finding) -> str:
    """Whom it goes to: as the visit says, else as the checklist does."""
    item = finding.answer.item
    return finding.refer_to or item.refer_to or domains()[item.version.domain].refer_to


def _by_authority(findings: Iterable[Finding]) -> list[Proposal]:
    found = list(findings)
    carried = standing_for([finding.id for finding in found])
    groups: dict[str, list[Finding]] = {}
    for finding in found:
        if finding.id not in carried:
            groups.setdefault(authority_of(finding), []).append(finding)
    return [
        Proposal(authority, tuple(rows), min(row.answer.answered_at for row in rows))
        for authority, rows in groups.items()
    ]


def _pick(proposals: list[Proposal], authority: str) -> Proposal:
    for proposal in proposals:
        if proposal.authority == authority:
            return proposal
    raise Refused(N_("These findings are referred already."), hint=N_("Reload the page to see by which referral."))


def _opening(
    inspection: Inspection, proposal: Proposal, matter: str, text: str, by: Person, notice_id: UUID | None = None
) -> Opening:
    premises = inspection.premises
    scenes = [finding.scene.strip() for finding in proposal.findings if finding.scene.strip()]
    scenes += [f"现由{finding.guard.strip()}看守" for finding in proposal.findings if finding.guard.strip()]
    facts = Facts(
        discovered_at=proposal.discovered_at,
        discovered_by=inspection.lead.name,
        subject=premises.name,
        address=premises.address or premises.region.name_zh,
        person_in_charge=premises.person_in_charge,
        phone=premises.phone,
        business=_business(inspection),
        urgency=Urgency(get_matter(matter).urgency),
        facts=_fitting(text),
        scene="；".join(dict.fromkeys(scenes)),
        authority=proposal.authority,
        papers=_papers(inspection, notice_id),
    )
    return Opening(
        matter=matter,
        region=_region_of(inspection, by),
        facts=facts,
        premises_id=premises.id,
        inspection_id=inspection.id,
        notice_id=notice_id,
        finding_ids=tuple(finding.id for finding in proposal.findings),
        photos=_photos(inspection, proposal.findings),
    )


def _region_of(inspection: Inspection, by: Person) -> Region:
    region = db.session.get_one(Region, inspection.region_id)
    if not by.region.contains(region):
        raise NotFound
    return region


def _business(inspection: Inspection) -> str:
    return kind_of(inspection.premises.kind).name_zh


def _papers(inspection: Inspection, notice_id: UUID | None) -> tuple[str, ...]:
    papers = [f"巡查记录（{local_text(inspection.started_at)}）"]
    notice = db.session.get(Notice, notice_id) if notice_id else None
    return (*papers, f"整改单 {notice.number}") if notice else tuple(papers)


def _photos(inspection: Inspection, findings: Sequence[Finding]) -> tuple[Evidence, ...]:
    by_answer: dict[UUID, list[InspectionPhoto]] = notices.photos_by_answer(inspection.id)
    return tuple(
        Evidence(row.photo_id, finding.answer.item.title_zh)
        for finding in findings
        for row in by_answer.get(finding.answer_id, [])
    )


def _lines(findings: Sequence[Finding]) -> str:
    lines = []
    for place, finding in enumerate(findings, start=1):
        fact = fact_of(finding.answer.item, finding.answer, "zh")
        lines.append(f"{place}. {finding.answer.item.title_zh}" + (f"：{fact}" if fact else ""))
    return "\n".join(lines)


def was_refused(notice: Notice) -> bool:
    """Whether somebody refused to take it."""
    return any(row.method is DeliveryMethod.REFUSED for row in notice.deliveries)


def _story(notice: Notice) -> str:
    """What became of the notice so far, in the words of the sheet."""
    issued = clock.local(notice.issued_at) if notice.issued_at else None
    day = f"{issued.year}年{issued.month}月{issued.day}日" if issued else ""
    parts = [f"{day}出具整改单 {notice.number}"]
    refused = next((row for row in notice.deliveries if row.method is DeliveryMethod.REFUSED), None)
    if refused is not None:
        parts.append(f"负责人拒签（{refused.reason}，见证人：{refused.witness}）")
    if notice.due_on is not None and notice.is_overdue():
        due = notice.due_on
        parts.append(f"建议在{due.year}年{due.month}月{due.day}日前改好，到期没有改好")
    return "，".join(parts) + "。以下问题仍未改好："


def _fitting(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 20].rstrip() + "……（详见所附材料）"
