"""What every page's frame needs: who is signed in, the navigation, the state of what was sent."""

from typing import Any, NamedTuple

from flask import Flask, current_app, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from app.core import clock
from app.core.ids import new_id
from app.core.roles import Role
from app.web import panels
from app.web.access import current_person


class NavItem(NamedTuple):
    """One entry of the bottom navigation."""

    url: str
    icon: str
    label: str
    active: bool


def nav_items() -> list[NavItem]:
    """The five places of the signed-in person's role."""
    person = current_person()
    if person is None:
        return []
    if person.is_any(Role.SUPERVISOR):
        entries = [
            ("oversight.start", "home", _("Today")),
            ("oversight.photo_log", "photo", _("Photos")),
            ("premises.index", "building-store", _("Premises")),
            ("notices.index", "clipboard-list", _("Notices")),
            ("accounts.me", "user", _("Me")),
        ]
    elif person.is_any(Role.ADMINISTRATOR) and not person.is_any(Role.COORDINATOR):
        entries = [
            ("oversight.start", "home", _("Today")),
            ("accounts.people", "users", _("People")),
            ("checklists.index", "list-check", _("Checklists")),
            ("premises.index", "building-store", _("Premises")),
            ("accounts.me", "user", _("Me")),
        ]
    elif person.is_any(Role.COORDINATOR):
        entries = [
            ("oversight.start", "home", _("Today")),
            ("premises.index", "building-store", _("Premises")),
            ("premises.scan", "scan", _("Scan")),
            ("notices.index", "clipboard-list", _("Notices")),
            ("accounts.me", "user", _("Me")),
        ]
    else:
        entries = [
            ("oversight.start", "home", _("Today")),
            ("premises.index", "building-store", _("Premises")),
            ("accounts.me", "user", _("Me")),
        ]
    return [
        NavItem(url, icon, label, request.path == url or (url != "/" and request.path.startswith(f"{url}/")))
        for url, icon, label in ((url_for(endpoint), icon, label) for endpoint, icon, label in entries)
    ]


def sync_state() -> dict[str, str]:
    """The chip at the top right. All the server shows it has received; what waits on the phone, the phone adds."""
    url = url_for("patrol.outbox") if "patrol.outbox" in current_app.view_functions else "#main"
    return {"kind": "ok", "text": "✓ " + _("All received"), "url": url}


def init(app: Flask) -> None:
    """Make the frame's values known to templates."""

    @app.context_processor
    def _frame() -> dict[str, Any]:
        return {
            "current_person": current_person(),
            "nav_items": nav_items,
            "sync_state": sync_state,
            "locale": str(get_locale()),
            "server_time": round(clock.now().timestamp() * 1000),
            "panels": panels.render,
        }

    app.jinja_env.globals.update(csrf_token=generate_csrf, new_id=new_id)
