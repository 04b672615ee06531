"""Where referrals show themselves on the pages of a visit, a notice, a premises and on the start page."""

from collections.abc import Sequence

from flask import render_template

from app.accounts.models import Person
from app.core import clock
from app.core.roles import Role
from app.inspections.models import Inspection
from app.notices.models import Notice
from app.notices.queries import finding_ids_of
from app.notices.services import may_make
from app.premises.models import Premises
from app.referrals import prefill, queries
from app.referrals.blueprint import READERS
from app.referrals.matters import CRITICAL, authorities, get_matter
from app.web import panels
from app.web.access import current_person


def of_visit(inspection: Inspection) -> str:
    """What of a finished visit goes to an authority: proposed, filled in already, or on its way."""
    person = current_person()
    if inspection.is_open or not person.is_any(*READERS):
        return ""
    may = person.is_inspector and person.region.contains(inspection) and may_make(inspection, person)
    proposals = prefill.proposals_of(inspection) if may else []
    referrals = queries.of_inspection(inspection.id, person.region)
    if not (proposals or referrals):
        return ""
    return render_template(
        "referrals/_panel_visit.html", inspection=inspection, proposals=proposals, referrals=referrals,
        authorities=authorities(), matter=get_matter(CRITICAL),
    )  # fmt: skip


def of_notice(notice: Notice) -> str:
    """The same for a notice that was refused, is overdue or was not followed."""
    person = current_person()
    if not notice.number or not person.is_any(*READERS):
        return ""
    may = person.is_inspector and person.region.contains(notice)
    proposals = prefill.proposals_of_notice(notice) if may and not _presses(notice) else []
    serious = prefill.proposals_of(notice.inspection) if may and may_make(notice.inspection, person) else []
    referrals = queries.of_findings(finding_ids_of(notice.id), person.region)
    if not (proposals or referrals or serious):
        return ""
    return render_template(
        "referrals/_panel_notice.html", notice=notice, proposals=proposals, serious=serious, referrals=referrals,
        authorities=authorities(),
    )  # fmt: skip


def pressing_of_notice(notice: Notice) -> str:
    """Refused or overdue: what is not put right can go to the authority now; high on the page."""
    person = current_person()
    if not (notice.is_issued and person.is_inspector and person.region.contains(notice) and _presses(notice)):
        return ""
    proposals = prefill.proposals_of_notice(notice)
    if not proposals:
        return ""
    return render_template(
        "referrals/_panel_pressing.html", notice=notice, proposals=proposals, authorities=authorities()
    )


def _presses(notice: Notice) -> bool:
    return notice.is_overdue() or prefill.was_refused(notice)


def of_premises(premises: Premises) -> str:
    """The latest referrals of a place, and a way to make one."""
    person = current_person()
    if not person.is_any(*READERS):
        return ""
    referrals = queries.of_premises(premises.id, person.region)
    may = person.is_inspector and person.region.contains(premises)
    return render_template("referrals/_panel_file.html", referrals=referrals, premises=premises, may_refer=may)


def nothing(places: Sequence[Premises]) -> list[str]:
    """In a patrol pack: referrals are looked up with a signal."""
    return [""] * len(places)


def of_start(person: Person) -> str:
    """The clocks that run; for a supervisor also what waits to be taken on."""
    if not person.is_any(Role.COORDINATOR, Role.SUPERVISOR):
        return ""
    running = queries.running(person.region)
    waiting = queries.waiting(person.region)
    late = queries.late_count(person.region, clock.now())
    return render_template("referrals/_panel_start.html", running=running, waiting=waiting, late=late)


def of_me(person: Person) -> str:
    """Where the county's list of addressees and the table of clocks are."""
    return render_template("referrals/_panel_me.html") if person.is_any(Role.SUPERVISOR, Role.ADMINISTRATOR) else ""


def add() -> None:
    """Register the panels."""
    panels.add("inspections.record", 8, of_visit)
    panels.add("notices.top", 30, pressing_of_notice)
    panels.add("notices.page", 30, of_notice)
    panels.add("premises.file", 30, of_premises, nothing)
    panels.add("start.page", 5, of_start)
    panels.add("me.page", 45, of_me)
