"""Photos beside each other, a place over time, and a person's day on the map."""

from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import current_app, make_response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from app.core.errors import N_, Invalid, NotFound
from app.core.settings import settings
from app.oversight.blueprint import READERS, bp
from app.oversight.comparing import comparison
from app.oversight.days import person_day, place_time
from app.oversight.forms import chosen
from app.oversight.mapping import Source
from app.web.access import allow, current_person
from app.web.assets import asset
from app.web.htmx import is_htmx
from app.web.requests import CSP

WORKER = "vendor/maplibre/maplibre-gl-worker.mjs"


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
    source = _source()
    page = person_day(person_id, request.args, current_person().region, source)
    worker = url_for("oversight.map_worker", v=_version(source)) if source.is_vector else ""
    response = make_response(render_template("oversight/day.html", page=page, worker=worker))
    if page.map and (page.map.tiles or page.map.style):
        asks = "connect-src" if page.map.style else "img-src"
        response.headers["Content-Security-Policy"] = CSP.replace(
            f"{asks} 'self'", f"{asks} 'self' {source.origin}"
        )
    return response


@bp.get("/photo-log/map-worker.mjs")
@allow(*READERS)
def map_worker() -> Response:
    """The part of the map's script that fetches tiles. A worker obeys its own rules: the map server, nothing else."""
    source = _source()
    path = Path(current_app.static_folder or "static") / WORKER
    if not source.is_vector or not path.is_file():
        raise NotFound
    response = send_file(path, mimetype="text/javascript", max_age=31_536_000 if "v" in request.args else None)
    response.headers["Content-Security-Policy"] = f"default-src 'none'; connect-src {source.origin}"
    return response


def _source() -> Source:
    known = settings()
    return Source(known.map_tiles, known.map_datum, known.map_credit)


def _version(source: Source) -> str:
    """Of the worker: its file and the server it may ask."""
    return sha256(f"{asset(WORKER)} {source.origin}".encode()).hexdigest()[:10]
