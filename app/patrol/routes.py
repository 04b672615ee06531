"""What makes the product work without signal: worker, manifest, shells and the patrol pack."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, render_template, request, session
from flask_babel import get_locale
from flask_babel import gettext as _

from app.checklists.queries import version_numbered
from app.core.errors import N_, Invalid
from app.core.roles import INSPECTORS
from app.patrol import choosing, pack, panels, shells, worker
from app.patrol.places import BATCH, places_data
from app.web.access import allow, current_person, public, signed_in
from app.web.assets import asset
from app.web.htmx import is_htmx

bp = Blueprint("patrol", __name__)
FOR_ANYBODY = {"patrol.lost", "patrol.outbox"}  # shown to phones of nobody, asked for by the worker in the background


@bp.after_app_request
def _say_whose_page(response: Response) -> Response:
    """For the service worker: which version made this page, for whom, in which language."""
    if response.mimetype == "text/html" and not is_htmx():
        person = current_person()
        response.headers["X-Xuncha-Version"] = worker.version()
        response.headers["X-Xuncha-Person"] = str(person.id) if person else ""
        response.headers.setdefault("Content-Language", "en" if str(get_locale()) == "en" else "zh-CN")
        if person is None and request.endpoint in FOR_ANYBODY:
            session.modified = False  # its cookie may come late, and would sign out who has signed in meanwhile
    return response


@bp.get("/sw.js")
@public("browsers ask for the service worker without a session, too; it holds no data")
def service_worker() -> Response:
    """Asked for at every page, 304 while nothing changed."""
    response = Response(worker.script(), mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/"
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(worker.version())
    return response.make_conditional(request)  # type: ignore[return-value]


@bp.get("/manifest.webmanifest")
@public("says name and icon to a phone that puts the product on its home screen")
def manifest() -> Response:
    """Name and icons for the home screen."""
    icons = [("icon-192.png", 192, "any"), ("icon-512.png", 512, "any"), ("icon-maskable-512.png", 512, "maskable")]
    facts = {
        "id": "/",
        "name": _("Xuncha"),
        "short_name": _("Xuncha"),
        "description": _("Patrols, findings and rectification notices of the county health supervision"),
        "lang": "en" if str(get_locale()) == "en" else "zh-CN",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f2f5f3",
        "theme_color": "#ffffff",
        "icons": [
            {"src": asset(f"img/{name}"), "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
            for name, side, purpose in icons
        ],
    }
    response = jsonify(facts)
    response.mimetype = "application/manifest+json"
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.get("/patrol/lost.html")
@public("what a phone shows offline when nobody is signed in; it holds no data")
def lost() -> str:
    """Nothing of this address is on the phone, and nobody's pages may be shown."""
    return render_template("patrol/lost.html")


@bp.get("/patrol")
@allow(*INSPECTORS)
def index() -> str:
    """Prepare this phone for a patrol without signal. Everything on it is done by scripts (offline/pack_page.js)."""
    return shells.render_shell("patrol")


@bp.get("/outbox")
@public("what waits is on the phone and shown by the phone, also when the session has ended; the page holds no data")
def outbox() -> str:
    """What waits on this phone."""
    return render_template("patrol/outbox.html")


@bp.get("/patrol/pack.json")
@allow(*INSPECTORS)
def pack_json() -> Response:
    """What a choice brings; places and checklists are fetched after it, in parts."""
    person = current_person()
    chosen = choosing.choose(choosing.choice_from(request.args, person), person)
    return _ours(**pack.pack_data(chosen, person))


@bp.get("/patrol/premises.json")
@allow(*INSPECTORS)
def premises_json() -> Response:
    """Up to 25 places of the person's area; others are left out without a word."""
    raw = [part for part in request.args.get("ids", "").split(",") if part]
    if len(raw) > BATCH:
        raise Invalid(N_("At most %(most)s places at a time."), field="ids", most=BATCH)
    try:
        ids = [UUID(part) for part in raw]
    except ValueError:
        raise Invalid(N_("The request has a broken id. Reload the page and try again."), field="ids") from None
    return _ours(premises=places_data(ids, current_person().region))


@bp.get("/patrol/sheets/<domain>/<int:number>.json")
@allow(*INSPECTORS)
def sheet(domain: str, number: int) -> Response:
    """A published checklist: its cards without answers, and what its items ask for. It never changes."""
    return _ours(sheet=pack.sheet(version_numbered(domain, number).id))


@bp.get(f"/patrol/shell/<any({', '.join(worker.SHELLS)}):name>.html")
@signed_in
def shell(name: str) -> str:
    """A page for the phone to fill."""
    return shells.render_shell(name)


def _ours(**facts: Any) -> Response:
    """JSON that says it is ours, as the wire of app.sync does."""
    response = jsonify(xuncha="sync", **facts)
    response.headers["X-Xuncha"] = "sync"
    response.headers["Cache-Control"] = "no-store"
    return response


panels.add()
