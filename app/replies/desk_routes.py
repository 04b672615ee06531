"""The staff's side of replies: decide, give more time, look again on site."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core.ids import new_id
from app.core.roles import INSPECTORS
from app.inspections import queries as visits
from app.inspections.forms import StartForm
from app.inspections.models import Inspection
from app.inspections.starting import read_start
from app.notices import queries as notices
from app.notices.forms import parse_id
from app.replies import verifying
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.htmx import go_to

bp = Blueprint("replies", __name__)
verifying.add()


@bp.post("/notices/<uuid:notice_id>/again")
@allow(*INSPECTORS)
def look_again(notice_id: UUID) -> Response:
    """Begin the re-inspection of a notice and open it; who has one running goes on with that."""
    person, form = current_person(), StartForm()
    notice = notices.get_notice(notice_id, person)
    inspection_id = parse_id(request.form.get("inspection_id")) or change_id() or new_id()
    running = verifying.again_running(notice.inspection_id, person)
    if running is not None:
        return redirect(url_for("inspections.show", inspection_id=running.id), 303)

    def work() -> Inspection:
        again = notices.get_notice(notice_id, person)
        return verifying.begin(inspection_id, again, by=person, start=read_start(form), change_id=change_id())

    carry_out(change_id(), work, lambda: visits.get_inspection(inspection_id, person))
    return go_to(url_for("inspections.show", inspection_id=inspection_id))
