"""The one verb: issue a report. It flushes; the caller has the transaction."""

from datetime import datetime
from uuid import UUID

from app.accounts.county import option
from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, NotAllowed, NotFound, Refused
from app.monthly import content, queries, rules
from app.monthly.counting import Counted, Frame, count
from app.monthly.models import MonthlyReport
from app.monthly.options import VISIT_EVERY
from app.monthly.rules import Month
from app.notices.rules import digest
from app.seals import chain


def count_month(region: Region, month: Month, now: datetime) -> Counted:
    """The figures as they stand now."""
    return count(frame_of(region, month, now))


def every_days(region: Region) -> int:
    """How often each place is to be visited at least, as the county decided."""
    return int(option(region.county_id, VISIT_EVERY))


def frame_of(region: Region, month: Month, now: datetime) -> Frame:
    return Frame.of(region, month, now, every_days(region))


def differs(report: MonthlyReport, counted: Counted, days: int) -> bool:
    """Whether counting now gives something else than was issued."""
    return content.counts_in(report.content) != content.counts_of(counted, days)


def may_issue(region: Region, person: Person) -> bool:
    """The township's own coordinators, and supervisors of the area; a report is of a township or the county."""
    return person.is_inspector and person.region.contains(region) and region.level in queries.REPORTED


def issue_report(
    report_id: UUID, region: Region, month: Month, *, reason: str = "", by: Person, now: datetime,
    change_id: UUID | None = None,
) -> MonthlyReport:  # fmt: skip
    """Freeze what is counted now. The same id gives the same report; a later one is a correction and says why.

    Raises NotAllowed, Refused for a month that is not over or a correction that changes nothing, Invalid without a
    reason where one is needed.
    """
    if not by.region.contains(region):
        raise NotFound
    if not may_issue(region, by):
        raise NotAllowed(N_("Your role does not include this."))
    rules.check_month(month, clock.local(now).date())
    known = db.session.get(MonthlyReport, report_id)
    if known is not None:
        if (known.region_id, known.of_month) != (region.id, month):
            raise Refused(N_("Something else was already recorded under this number. Reload the page."))
        return known
    earlier = next(iter(queries.editions_of(region, month)), None)
    edition = earlier.edition + 1 if earlier else 1
    number = rules.format_number(
        content.wording().number, by.organisation.number_prefix, month, region.code, edition
    )
    frame, reason = frame_of(region, month, now), reason.strip() if earlier else ""
    issue = content.Issue(region, month, number, edition, frame.every_days, by, now, earlier, reason)
    counted = count(frame)
    if earlier is not None:
        changed = differs(earlier, counted, frame.every_days)
        rules.check_correction(reason, changed=changed, number=earlier.number)
    said = content.build(issue, counted) | chain.frozen()
    report = MonthlyReport(
        id=report_id, month=month.first, edition=edition, number=number, organisation_id=by.organisation_id,
        issued_by_id=by.id, issued_at=now, replaces_id=earlier.id if earlier else None, reason=reason,
        content=said, digest=digest(said),
    )  # fmt: skip
    report.place_in(region)
    db.session.add(report)
    db.session.flush()
    told = {"number": number, "digest": report.digest, "replaces": earlier.number if earlier else None}
    audit.record("monthly_report_issued", report, by=by.id, change_id=change_id, after=told, note=reason)
    return report
