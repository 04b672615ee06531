"""What makes the product work without signal: worker, manifest, shells and the patrol pack."""

from flask import Blueprint, Response, jsonify, render_template, request
from flask_babel import get_locale
from flask_babel import gettext as _

from app.patrol import worker
from app.web.access import current_person, public
from app.web.assets import asset
from app.web.htmx import is_htmx

bp = Blueprint("patrol", __name__)


@bp.after_app_request
def _say_whose_page(response: Response) -> Response:
    """For the service worker: which version made this page, for whom, in which language."""
    if response.mimetype == "text/html" and not is_htmx():
        person = current_person()
        response.headers["X-Xuncha-Version"] = worker.version()
        response.headers["X-Xuncha-Person"] = str(person.id) if person else ""
        response.headers.setdefault("Content-Language", "en" if str(get_locale()) == "en" else "zh-CN")
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
