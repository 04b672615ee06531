"""Where the staff's side of replies shows itself on lower features' pages."""

from typing import Any

from flask import g, render_template

from app.checklists.models import ChecklistItem
from app.core import clock
from app.inspections.models import Inspection
from app.notices.models import Notice, Status
from app.notices.progress import Event, Stage, Step
from app.notices.queries import findings_of
from app.replies import desk, desk_words, repeats, taken_along, verifying
from app.replies.deciding_rules import Act
from app.replies.models import ReplyKind
from app.web import panels
from app.web.access import current_person


def of_notice(notice: Notice) -> str:
    """The points of a notice, what the owner says about each, and what can be done."""
    if notice.status is Status.DRAFT:
        return ""
    return render_template("replies/_desk.html", desk=_page(notice), **_words())


def other_ways(notice: Notice) -> str:
    """The place has closed or changed hands: two taps from here."""
    person = current_person()
    if not notice.is_issued or not _page(notice).to_look or not (person.is_inspector and _page(notice).may_write):
        return ""
    problem = g.get("ending_problem", {})
    return render_template("replies/_desk_ending.html", notice=notice, problem=problem)


def row_of_notice(notice: Notice) -> str:
    """In a list: look again in one tap."""
    if notice.stage is Stage.REFERRED or not current_person().is_inspector:
        return ""
    return render_template("replies/_row_again.html", notice=notice)


def next_step(notice: Notice) -> str:
    """At the thumb: look again on site, or go on with it."""
    if not notice.is_issued:
        return ""
    return render_template("replies/_desk_foot.html", desk=_page(notice))


def _page(notice: Notice) -> desk.DeskPage:
    """Gathered once for all panels of the page."""
    kept = g.setdefault("replies_desk", {})
    if notice.id not in kept:
        kept[notice.id] = desk.desk_page(notice, current_person(), g.get("replies_problem"))
    found: desk.DeskPage = kept[notice.id]
    return found


def _words() -> dict[str, object]:
    return {
        "Act": Act, "Step": Step, "ReplyKind": ReplyKind, "event_word": desk_words.event_word,
        "kind_word": desk_words.kind_word, "reject_phrases": desk_words.reject_phrases(),
        "proposed_date": desk.proposed_date, "today": clock.today(), "Event": Event,
    }  # fmt: skip


def of_again(inspection: Inspection) -> str:
    """Under a finished re-inspection: what it came to, and back to its notice."""
    if inspection.parent_id is None or inspection.is_open:
        return ""
    rows = verifying.verifications_of(inspection.id)
    notices = verifying.notices_of(inspection.parent_id)
    return render_template("replies/_panel_again.html", rows=rows, notices=notices, Stage=Stage)


def repeats_here(inspection: Inspection) -> str:
    """On a finished visit: what was found here before."""
    if inspection.is_open or inspection.parent_id is not None:
        return ""
    findings = findings_of(inspection)
    found = repeats.repeats_of(findings, inspection.premises_id, inspection.county_id)
    if not found:
        return ""
    rows = [(finding, found[finding.id]) for finding in findings if finding.id in found]
    return render_template("replies/_panel_repeats.html", rows=rows)


def found_again(subject: tuple[Any, ChecklistItem]) -> str:
    """On the card of a finding: when the same was found here before."""
    visit, item = subject
    if not isinstance(visit, Inspection) or visit.parent_id is not None:
        return ""  # a card for the phone's store, of no visit yet
    kept = g.setdefault("found_before", {})
    if visit.id not in kept:
        kept[visit.id] = repeats.found_before(visit)
    repeat = kept[visit.id].get(item.code)
    return render_template("replies/_panel_repeat.html", repeat=repeat) if repeat else ""


def add() -> None:
    """Register the panels."""
    panels.add("premises.file", 5, taken_along.of_place, taken_along.of_places)
    panels.add("notices.row", 10, row_of_notice)
    panels.add("notices.top", 10, of_notice)
    panels.add("notices.page", 40, other_ways)
    panels.add("notices.foot", 10, next_step)
    panels.add("inspections.finding", 10, found_again)
    panels.add("inspections.done", 5, of_again)
    panels.add("inspections.record", 6, repeats_here)
