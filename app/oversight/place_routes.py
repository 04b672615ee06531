"""Photos beside each other, a place over time, and a person's day on the map."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core.errors import N_, Invalid
from app.core.settings import settings
from app.oversight.blueprint import READERS, bp
from app.oversight.comparing import comparison
from app.oversight.days import person_day, place_time
from app.oversight.forms import chosen
from app.oversight.mapping import Source
from app.web.access import allow, current_person
from app.web.htmx import is_htmx
from app.web.requests import CSP


@bp.get("/photo-log/<uuid:photo_id>/compare")
@allow(*READERS)
def compare(photo_id: UUID) -> str:
    """This photo beside another one of its place; the desk asks for the two alone."""
    both = comparison(photo_id, request.args, current_person().region)
    return render_template("oversight/_compare.html" if is_htmx() else "oversight/compare.html", both=both)


@bp.post("/photo-log/compare")
@allow(*READERS)
def compare_chosen() -> Response:
    """The two photos ticked on the wall beside each other."""
    ids = chosen(request.form.getlist("photo"))
    if len(ids) != 2:
        raise Invalid(N_("Choose two photos to compare."))
    beside: dict[str, Any] = {"with": str(ids[1])}
    return redirect(url_for("oversight.compare", photo_id=ids[0], **beside), 303)


@bp.get("/photo-log/places/<uuid:premises_id>")
@allow(*READERS)
def place(premises_id: UUID) -> str:
    """A place over time: visits with their photos, and pairs of then and now."""
    page = place_time(premises_id, request.args, current_person().region)
    return render_template("oversight/place.html", page=page)


@bp.get("/photo-log/people/<uuid:person_id>")
@allow(*READERS)
def day(person_id: UUID) -> Response:
    """One person's visits of a day in their order, drawn to scale."""
    known = settings()
    source = Source(known.map_tiles, known.map_datum, known.map_credit)
    page = person_day(person_id, request.args, current_person().region, source)
    response = make_response(render_template("oversight/day.html", page=page))
    if page.map and page.map.tiles:
        host = "{0.scheme}://{0.netloc}".format(urlsplit(known.map_tiles))
        response.headers["Content-Security-Policy"] = CSP.replace("img-src 'self'", f"img-src 'self' {host}")
    return response
