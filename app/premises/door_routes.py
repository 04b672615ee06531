"""Door codes: open a file by its code, print sheets of codes, scan or type one."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core.errors import N_, NotFound
from app.core.settings import settings
from app.premises import pages, queries
from app.premises.door_codes import as_svg, token_in
from app.premises.models import Premises
from app.premises.routes import bp
from app.web.access import current_person, signed_in

SHEET = 48  # codes on one page of the screen; twelve fit on A4


@bp.get("/d/<token>")
@signed_in
def door(token: str) -> Response:
    """Where a door code leads. Strangers are asked to sign in, whatever the code; wrong codes are all alike."""
    premises = queries.premises_behind(token, current_person().region)
    return redirect(url_for("premises.show", premises_id=premises.id), 303)


@bp.get("/scan")
@signed_in
def scan() -> str | Response:
    """The camera where the browser can read codes, and always a field for a name or a code."""
    text = request.args.get("code", "").strip()[:300]
    token = token_in(text)
    if token:
        try:
            premises = queries.premises_behind(token, current_person().region)
        except NotFound:
            raise NotFound(
                N_("No place in your area has this code."),
                hint=N_("Search for the place by its name instead."),
            ) from None
        return redirect(url_for("premises.show", premises_id=premises.id), 303)
    if text:
        return redirect(url_for("premises.index", q=text), 303)
    return render_template("premises/scan.html")


@bp.get("/premises/door-codes")
@signed_in
def door_codes() -> str:
    """Codes of the chosen premises for printing; each can be left out on the page itself."""
    page = pages.list_page(request.args, current_person().region, SHEET, with_areas=False)
    codes = [(premises, as_svg(_door_address(premises), premises.name)) for premises in page.page.premises]
    next_url = page.url("premises.door_codes", after=str(page.page.next)) if page.page.next else ""
    return render_template("premises/door_codes.html", page=page, codes=codes, next_url=next_url)


@bp.get("/premises/<uuid:premises_id>/door-code")
@signed_in
def door_code(premises_id: UUID) -> str:
    """The code of one place, for printing."""
    premises = queries.premises_for(premises_id, current_person().region)
    if premises.merged_into_id:
        premises = queries.premises_for(premises.merged_into_id, current_person().region)
    codes = [(premises, as_svg(_door_address(premises), premises.name))]
    return render_template("premises/door_codes.html", page=None, codes=codes, next_url="", premises=premises)


def _door_address(premises: Premises) -> str:
    return settings().public_url + url_for("premises.door", token=premises.door_token)
