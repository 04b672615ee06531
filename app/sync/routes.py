"""The wire between a phone's outbox and the server (docs/decisions/0004-outbox-register-and-wire.md)."""

from uuid import UUID

from flask import request
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from app.core.settings import settings
from app.sync.blueprint import bp, reply
from app.sync.tokens import deposit_token, seal_key
from app.web.access import current_person, public


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


def _device() -> UUID | None:
    try:
        return UUID(request.args.get("device", ""))
    except ValueError:
        return None
