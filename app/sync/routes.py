"""The wire between a phone's outbox and the server (docs/decisions/0004-outbox-register-and-wire.md)."""

from uuid import UUID

from flask import request
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from app.core.errors import N_, TooLarge
from app.core.ids import read_id
from app.core.roles import STAFF
from app.core.settings import settings
from app.inspections.queries import read_inspection
from app.reports.services import REPORTERS
from app.sync import devices, standing
from app.sync.blueprint import bp, reply
from app.sync.book import Told
from app.sync.conflicts import as_json, conflicts_of
from app.sync.receiving import Sending, receive
from app.sync.tokens import deposit_token, seal_key
from app.sync.wire import MOST_BYTES, read_envelope
from app.web.access import allow, current_person, public
from app.web.i18n import translate


@bp.get("/sync/ping")
@public("tells a phone whether it really talks to this server; says who is signed in only to them")
def ping() -> Response:
    """The time, who is signed in, and what the phone needs to send, to seal and to deposit."""
    person = current_person()
    if person is None:
        return reply(person=None, csrf=None, deposit_token=None, seal_key=None)
    device, secret = _device(), settings().secret_key
    return reply(
        person={"id": str(person.id), "name": person.name},
        csrf=generate_csrf(),
        deposit_token=deposit_token(secret, person.id, device) if device else None,
        seal_key=seal_key(secret, person.id, device) if device else None,
    )


@bp.post("/sync/changes")
@allow(*REPORTERS, lean=True)
def changes() -> Response:
    """Take changes in; each is answered by what became of it."""
    sent = read_envelope(body())
    person = current_person()
    results = receive(Sending(sent.changes, person, sent.device_id))
    devices.seen(sent, person)
    return reply(results=[told_as_json(result) for result in results])


@bp.get("/sync/visits/<uuid:inspection_id>")
@allow(*STAFF)
def visit(inspection_id: UUID) -> Response:
    """What the server has of a visit, as the phone folds its own changes over it."""
    row = read_inspection(inspection_id, current_person())
    return reply(
        id=str(row.id),
        status=row.status.value,
        answers=standing.answers(row.id),
        photos=standing.photos(row.id),
        conflicts=[as_json(conflict) for conflict in conflicts_of(row.id)],
    )


def body() -> bytes:
    if (request.content_length or 0) > MOST_BYTES:
        raise TooLarge(N_("This is too much for one sending. Send fewer changes at once."))
    return request.get_data(cache=False)


def told_as_json(result: Told) -> dict[str, str]:
    told = {"id": result.id, "status": result.status.value}
    if result.message:
        told["message"] = translate(result.message, dict(result.params))
    if result.hint:
        told["hint"] = translate(result.hint, dict(result.params))
    return told


def _device() -> UUID | None:
    return read_id(request.args.get("device"))


from app.sync import deposit_routes, photo_routes  # noqa: E402

__all__ = ["bp", "deposit_routes", "photo_routes"]
