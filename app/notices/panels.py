"""Where notices show themselves on the pages of a visit and of a premises."""

from flask import render_template

from app.inspections.models import Inspection
from app.notices import histories, queries, services
from app.premises.models import Premises
from app.web import panels
from app.web.access import current_person


def next_step(inspection: Inspection) -> str:
    """The button under a finished visit: make the notice while findings stand on none, else open it."""
    if inspection.is_open:
        return ""
    findings = queries.findings_of(inspection)
    notices = queries.notices_of(inspection.id)  # findings stand on notices of their own visit only
    taken = queries.findings_in_force([finding.id for finding in findings]) if notices else {}
    person = current_person()
    return render_template(
        "notices/_panel_done.html",
        inspection=inspection,
        notices=notices,
        left=[finding for finding in findings if finding.id not in taken],
        may_make=person.region.contains(inspection) and services.may_make(inspection, person),
    )


def of_inspection(inspection: Inspection) -> str:
    """The notices of a visit."""
    return render_template("notices/_panel_record.html", notices=queries.notices_of(inspection.id))


def of_premises(premises: Premises) -> str:
    """The latest notices of a place, also from before it moved here."""
    notices = queries.notices_of_premises(premises.id)
    return render_template("notices/_panel_file.html", notices=notices)


def add() -> None:
    """Register the panels."""
    panels.add("inspections.done", 20, next_step)
    panels.add("inspections.record", 20, of_inspection)
    panels.add("premises.file", 20, of_premises, histories.of_many)
