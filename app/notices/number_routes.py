"""Numbers for phones without network, and the register that accounts for every number."""

from typing import Any
from uuid import UUID

from flask import jsonify, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import N_, Invalid
from app.core.roles import INSPECTORS, Role
from app.core.settings import settings
from app.notices import numbers, register, rules, services
from app.notices.blueprint import bp
from app.notices.forms import parse_id
from app.notices.kinds import get_kind
from app.notices.models import NumberReservation
from app.notices.register import Fate
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id


@bp.post("/notices/reserve")
@allow(*INSPECTORS)
def reserve() -> Response:
    """Keep numbers for a phone that goes where no network is.

    JSON in: `kind`, `count` (1 to 20), `change_id` (a UUID; or the X-Change-Id header), `device` (its name).
    JSON out: `numbers`, a list of `number`, `token`, `url` (what the code says), `kind`, `state`, `reserved_at`,
    `expires_at`; after `expires_at` the phone takes another one. The same `change_id` again answers with the same
    numbers and their present state. A notice issued under one of them is sent to the visit's notice address with
    `notice_id`, `kind`, `findings` and `reserved_number`, `reserved_token`, `issued_on_device_at` (ISO 8601, offset).
    """
    person, asked, now = current_person(), _said(), clock.now()
    kind, batch = (
        get_kind(str(asked.get("kind", ""))),
        change_id() or parse_id(str(asked.get("change_id", ""))),
    )
    if batch is None:
        raise Invalid(N_("The request has a broken id. Reload the page and try again."), field="change_id")
    rules.check_issuer(kind, person.role_names, services.certificate_of(person, now))

    def work() -> list[NumberReservation]:
        device = str(asked.get("device", ""))
        return numbers.reserve(person, kind, _count(asked), batch, device=device, now=now)

    return _listed(carry_out(None, work, work))  # the batch's own id tells a repeated request


@bp.post("/notices/reserve/return")
@allow(*INSPECTORS)
def return_reserved() -> Response:
    """Give back numbers that no paper bears. JSON in: `tokens` (a list), `reason`; out: as for reserving."""
    person, asked = current_person(), _said()
    tokens = asked.get("tokens")
    if not isinstance(tokens, list):
        tokens = request.form.getlist("tokens")
    given = [str(token) for token in tokens[: numbers.MOST_OPEN]]

    def work() -> list[NumberReservation]:
        return numbers.return_unused(person, given, str(asked.get("reason", "")), clock.now())

    return _listed(carry_out(None, work, work))


@bp.get("/notices/register")
@allow(Role.SUPERVISOR, Role.ADMINISTRATOR)
def register_index() -> str:
    """The series of numbers of the reader's bodies."""
    return render_template("notices/register_index.html", rows=register.all_series(current_person().region))


@bp.get("/notices/register/<uuid:organisation_id>/<notice_kind>/<int:year>")
@allow(Role.SUPERVISOR, Role.ADMINISTRATOR)
def number_register(organisation_id: UUID, notice_kind: str, year: int) -> str:
    """Every number of a year with what became of it."""
    wanted = request.args.get("page", 1, type=int)
    reader = current_person().region
    page = register.register_page(reader, organisation_id, notice_kind, year, wanted)
    return render_template("notices/register.html", page=page, Fate=Fate, may_see=reader.contains)


def _said() -> Any:
    """The request's values, from JSON or a form."""
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else request.form


def _count(asked: Any) -> int:
    try:
        return int(asked.get("count", 0))
    except (TypeError, ValueError):
        return 0  # no size of a reserve: refused with the sizes there are


def _listed(rows: list[NumberReservation]) -> Response:
    root = settings().public_url
    return jsonify(
        numbers=[
            {
                "number": row.number,
                "token": row.token,
                "url": root + url_for("notice_public.show", token=row.token),
                "kind": row.kind,
                "state": row.state.value,
                "reserved_at": row.reserved_at.isoformat(),
                "expires_at": row.expires_at.isoformat(),
            }
            for row in rows
        ]
    )
