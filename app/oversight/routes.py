"""The start page and the photo log. They read, but for a decision about a photo and the note of an export."""

from uuid import UUID

from flask import Response as FlaskResponse
from flask import flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import audit, clock
from app.core.database import transaction
from app.core.errors import N_, Invalid, Refused
from app.core.ids import new_id
from app.core.roles import Role
from app.core.settings import settings
from app.core.storage import storage
from app.inspections.models import Review
from app.oversight import desk, exporting, marking, packing, pages, queries
from app.oversight.blueprint import READERS, bp
from app.oversight.evidence import Evidence, evidence
from app.oversight.forms import RemarkForm, arguments_of, chosen, filters_from
from app.oversight.rules import MOST_EXPORTED, REASONS
from app.oversight.start import places_to_visit, start_page
from app.referrals.printing import key_address
from app.seals import chain
from app.web.access import allow, current_person, signed_in
from app.web.changes import carry_out, change_id
from app.web.htmx import go_to, is_htmx

NONE_CHOSEN = N_("Go back and tap the photos you want, or take all of this choice.")


@bp.get("/")
@signed_in
def start() -> str:
    """What to do next; htmx asks for the places near the phone alone."""
    person = current_person()
    if is_htmx():
        return render_template("oversight/_places.html", places=places_to_visit(person, request.args))
    return render_template("oversight/start.html", page=start_page(person, request.args))


@bp.get("/photo-log")
@allow(*READERS)
def photo_log() -> str:
    """The wall of photos; htmx asks for the older ones alone."""
    more = is_htmx() and "after" in request.args
    wall = pages.wall(request.args, current_person().region, more_only=more)
    if more:
        return render_template("oversight/_wall.html", wall=wall)
    return render_template(
        "oversight/photo_log.html", wall=wall, may_review=_may_review(), most=MOST_EXPORTED, reasons=REASONS
    )


@bp.get("/photo-log/<uuid:photo_id>")
@allow(*READERS)
def photo(photo_id: UUID) -> str:
    """One photo beside its facts."""
    return _photo_page(evidence(photo_id, request.args, current_person().region), RemarkForm())


@bp.post("/photo-log/<uuid:photo_id>/review")
@allow(Role.SUPERVISOR)
def review(photo_id: UUID) -> Response | tuple[str, int]:
    """Looked at, or sent back with a remark; then on to the next one."""
    page, form = evidence(photo_id, request.args, current_person().region), RemarkForm()
    decision = request.form.get("decision")
    if decision not in {Review.REVIEWED, Review.SENT_BACK}:
        raise Invalid(N_("Say whether the photo is reviewed or sent back."))
    if decision == Review.SENT_BACK and not form.validate():
        return _photo_page(page, form), 422
    remark = (form.remark.data or "") if decision == Review.SENT_BACK else ""
    onward, name = page.after_review_url, page.row.premises.name
    if request.args.get("desk"):
        onward = desk.onward(request.args, current_person().region, photo_id)
    wish = marking.Wish(change_id() or new_id(), photo_id, Review(decision), remark)

    def decide() -> None:
        told = marking.mark_photos([wish], current_person().region, by=current_person())[0]
        if told.fate is not marking.Fate.DONE:
            raise Refused(marking.SAID[told.fate])

    carry_out(change_id(), decide, lambda: None)
    if decision == Review.SENT_BACK:
        flash(_("Sent back: %(name)s. The coordinator sees your remark.", name=name), "ok")
    return go_to(onward)


@bp.post("/photo-log/export")
@allow(Role.SUPERVISOR)
def export() -> Response:
    """The chosen photos, or the newest of the whole choice, as a signed ZIP with its own verifier."""
    person, filters = current_person(), filters_from(request.args, current_person().region)
    region, whole = person.region, bool(request.form.get("all"))
    if whole:
        ids = queries.keys_to_export(filters, MOST_EXPORTED)
    else:
        ids = exporting.in_order(chosen(request.form.getlist("photo")))
    spool = exporting.spooled(ids, region)
    if not spool.photos:
        raise Invalid(N_("No photo is chosen."), hint=NONE_CHOSEN)
    said = {
        "made_by": person.name,
        "region": region.name_zh,
        "choice": arguments_of(filters, region) if whole else {},
    }
    facts = {"photos": spool.photos, "bytes": spool.bytes, "choice": said["choice"]}
    facts["ids"] = [] if whole else [str(one) for one in ids]
    with transaction():
        audit.record("photos_exported", region, by=person.id, after=facts)
    now, said = clock.now(), said | chain.frozen()
    package = packing.Package(
        spool, exporting.columns(), packing.state_words(), storage(), settings(), now, said, key_address()
    )
    response = FlaskResponse(packing.zip_of(package), mimetype="application/zip")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="xuncha-photos-{clock.local(now):%Y%m%d}.zip"'
    )
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _photo_page(page: Evidence, form: RemarkForm) -> str:
    return render_template("oversight/photo.html", page=page, form=form, may_review=_may_review())


def _may_review() -> bool:
    return bool(current_person().is_supervisor)


from app.oversight import desk_routes, filter_routes, panels, place_routes, talk_routes  # noqa: E402

panels.add()

__all__ = ["bp", "desk_routes", "filter_routes", "place_routes", "talk_routes"]
