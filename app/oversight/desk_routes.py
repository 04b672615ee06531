"""The desk's routes: photos one after the other, and the marks that scripts send in the background."""

from itertools import groupby
from typing import Any, cast
from uuid import UUID

from flask import Response as FlaskResponse
from flask import flash, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import N_, Invalid, Refused
from app.core.ids import derived_id, new_id
from app.core.roles import Role
from app.inspections.deciding import LONGEST_NOTE
from app.inspections.models import Review
from app.oversight import desk as desks
from app.oversight import marking
from app.oversight.blueprint import bp
from app.oversight.forms import chosen
from app.oversight.marking import Fate, Told, Wish
from app.oversight.pages import wall_url
from app.oversight.rules import MOST_MARKS, MOST_TOGETHER
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.htmx import is_htmx
from app.web.i18n import translate


@bp.get("/photo-log/desk")
@allow(Role.SUPERVISOR)
def desk() -> str:
    """Photos to decide, one after the other; scripts ask for the following ones alone."""
    more = is_htmx() and "after" in request.args
    page = desks.desk(request.args, current_person().region, more_only=more)
    return render_template("oversight/_looks.html" if more else "oversight/desk.html", desk=page)


@bp.post("/photo-log/marks")
@allow(Role.SUPERVISOR)
def marks() -> FlaskResponse:
    """Decisions in the order they were tapped: `{"marks": [{id, photo, decision, remark, seen} | {undo: id}]}`.

    Each is answered by what became of it. The id of a mark is what makes it happen once, however often it is sent.
    """
    body: Any = request.get_json(silent=True)
    person = current_person()
    wanted = _wanted(body)
    if body.get("person", str(person.id)) != str(person.id):  # another tab signed in as somebody else
        raise Refused(N_("These marks are somebody else's. Sign in as the one who made them."))

    def work() -> list[Told]:
        found: list[Told] = []
        for kind, group in groupby(wanted, key=type):  # a mark and its undoing may come together: in their order
            if kind is Wish:
                found += marking.mark_photos(cast("list[Wish]", list(group)), person.region, by=person)
            else:
                found += marking.take_back(cast("list[UUID]", list(group)), person.region, by=person, now=clock.now())
        return found

    results = carry_out(None, work, _nothing)
    return jsonify(xuncha="marks", results=[_as_json(told) for told in results])


@bp.post("/photo-log/decide")
@allow(Role.SUPERVISOR)
def decide() -> Response:
    """The photos ticked on the wall: reviewed, or sent back with one remark, all together."""
    person, ids, batch_id = current_person(), chosen(request.form.getlist("photo")), change_id() or new_id()
    decision, remark = request.form.get("decision", ""), _remark()
    if decision not in marking.DECISIONS:
        raise Invalid(N_("Say whether the photo is reviewed or sent back."))
    if not ids:
        raise Invalid(N_("No photo is chosen."), hint=N_("Go back and tap the photos you want."))
    if len(ids) > MOST_TOGETHER:
        raise Invalid(N_("Choose %(most)s photos at the most."), most=MOST_TOGETHER)
    if decision == Review.SENT_BACK and not remark:
        raise Invalid(N_("Write what the coordinator should do."))
    wishes = [Wish(derived_id(batch_id, one.hex), one, Review(decision), remark) for one in ids]

    def work() -> list[Told]:
        return marking.mark_photos(wishes, person.region, by=person, batch_id=batch_id)

    lost = [told for told in carry_out(change_id(), work, _nothing) if told.fate is not Fate.DONE]
    if lost:
        flash(_("%(count)s photos could not be decided.", count=len(lost)), "warning")
    return redirect(wall_url(request.args, person.region, done=str(batch_id)), 303)


@bp.post("/photo-log/undo")
@allow(Role.SUPERVISOR)
def undo() -> Response:
    """Take back what was decided together; photos that were answered or decided anew since stay as they are."""
    person = current_person()
    try:
        batch_id = UUID(request.form.get("batch", ""))
    except ValueError:
        raise Invalid(N_("This could not be taken as it was sent.")) from None
    ids = [mark.id for mark in marking.marks_of(batch_id, person)]
    results = carry_out(
        None, lambda: marking.take_back(ids, person.region, by=person, now=clock.now()), _nothing
    )
    done = sum(told.fate is Fate.DONE for told in results)
    if done:
        flash(_("Taken back: %(count)s photos.", count=done), "ok")
    for told in [told for told in results if told.fate is not Fate.DONE][:1]:
        flash(translate(marking.SAID[told.fate]), "warning")
    return redirect(wall_url(request.args, person.region), 303)


def _nothing() -> list[Told]:
    return []


def _remark() -> str:
    """The reason ticked, or the supervisor's own words."""
    return (request.form.get("own") or request.form.get("remark") or "").replace("\0", "").strip()[:LONGEST_NOTE]


def _wanted(body: Any) -> list[Wish | UUID]:
    sent = body.get("marks") if isinstance(body, dict) else None
    if not isinstance(sent, list) or len(sent) > MOST_MARKS:
        raise Invalid(N_("This could not be taken as it was sent."))
    try:
        return [_one(mark) for mark in sent]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Invalid(N_("This could not be taken as it was sent.")) from None


def _one(mark: dict[str, Any]) -> Wish | UUID:
    if "undo" in mark:
        return UUID(mark["undo"])
    seen = Review(mark["seen"]) if mark.get("seen") else None
    remark = _text(mark.get("remark"))
    return Wish(UUID(mark["id"]), UUID(mark["photo"]), Review(mark["decision"]), remark, seen)


def _text(value: Any) -> str:
    """What a database can keep: JSON holds half a pair of signs, too, where a phone cut a text short."""
    return str(value or "").replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _as_json(told: Told) -> dict[str, str]:
    said = {"id": str(told.id), "fate": told.fate.value, "review": told.review.value if told.review else ""}
    if told.fate in marking.SAID:
        said["message"] = translate(marking.SAID[told.fate])
    return said
