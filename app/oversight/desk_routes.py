"""The desk's routes: photos one after the other, and the marks that scripts send in the background."""

from itertools import groupby
from typing import Any, cast
from uuid import UUID

from flask import Response, jsonify, render_template, request

from app.core import clock
from app.core.errors import N_, Invalid
from app.core.roles import Role
from app.inspections.models import Review
from app.oversight import desk as desks
from app.oversight import marking
from app.oversight.blueprint import bp
from app.oversight.marking import Told, Wish
from app.oversight.rules import MOST_MARKS
from app.web.access import allow, current_person
from app.web.changes import carry_out
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
def marks() -> Response:
    """Decisions in the order they were tapped: `{"marks": [{id, photo, decision, remark, seen} | {undo: id}]}`.

    Each is answered by what became of it. The id of a mark is what makes it happen once, however often it is sent.
    """
    wanted = _wanted(request.get_json(silent=True))
    person = current_person()

    def work() -> list[Told]:
        found: list[Told] = []
        for kind, group in groupby(wanted, key=type):  # a mark and its undoing may come together: in their order
            if kind is Wish:
                found += marking.mark_photos(cast("list[Wish]", list(group)), person.region, by=person)
            else:
                found += marking.take_back(cast("list[UUID]", list(group)), person.region, by=person, now=clock.now())
        return found

    results = carry_out(None, work, list)
    return jsonify(xuncha="marks", results=[_as_json(told) for told in results])


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
    remark = str(mark.get("remark") or "").replace("\0", "")
    return Wish(UUID(mark["id"]), UUID(mark["photo"]), Review(mark["decision"]), remark, seen)


def _as_json(told: Told) -> dict[str, str]:
    said = {"id": str(told.id), "fate": told.fate.value, "review": told.review.value if told.review else ""}
    if told.fate in marking.SAID:
        said["message"] = translate(marking.SAID[told.fate])
    return said
