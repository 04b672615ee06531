"""The administrator's page about the certificate that signs papers."""

from urllib.parse import urlsplit

from flask import Blueprint, render_template

from app.core import clock
from app.core.roles import Role
from app.core.settings import settings
from app.seals import certificate, panels, papers, stamping
from app.seals.pages import seal_page
from app.web.access import allow

bp = Blueprint("seals", __name__)
panels.add()


@bp.get("/seals")
@allow(Role.ADMINISTRATOR)
def show() -> str:
    """How the certificate stands, what the last paper was signed with, whether time stamps arrive."""
    now, given = clock.now(), settings()
    return render_template(
        "seals/show.html",
        page=seal_page(certificate.present(given, now), now),
        latest=papers.latest(),
        stamps=urlsplit(given.timestamp_url).hostname or "",
        stamps_pause=stamping.is_paused(given.timestamp_url),
    )
