"""For accounts that were closed while work was still on the phone: nothing is lost, and nothing is applied unasked."""

from uuid import UUID

from flask import request
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.errors import N_, Invalid, NotAllowed
from app.core.settings import settings
from app.sync import deposited, held, parts
from app.sync.blueprint import bp, reply
from app.sync.photo_routes import not_announced, number, told
from app.sync.routes import body, told_as_json
from app.sync.tokens import Depositor, read_deposit_token
from app.sync.wire import read_envelope
from app.web.access import public
from app.web.limits import limiter

WHY = "a phone whose account was closed hands in what it holds; its signed token is the key, nothing is shown"
LIMIT = "60 per minute; 1000 per hour"


@bp.post("/sync/deposit")
@public(WHY)
@limiter.limit(LIMIT)
def deposit() -> Response:
    """Changes of a deactivated account: kept for the supervisor."""
    depositor, person = _depositor()
    sent = read_envelope(body())
    with transaction():
        results = held.hold(sent.changes, person=person, device_id=depositor.device_id, now=clock.now())
    return reply(results=[told_as_json(result) for result in results])


@bp.get("/sync/deposit/photos/<uuid:photo_id>")
@public(WHY)
@limiter.limit("600 per minute")
def deposited_photo(photo_id: UUID) -> Response:
    """How much of a photo of held work is here."""
    _token, person = _depositor()
    row = deposited.announced(person.id, photo_id)
    return not_announced() if row is None else told(deposited.progress(row, photo_id))


@bp.route("/sync/deposit/photos/<uuid:photo_id>", methods=["PUT"])
@public(WHY)
@limiter.limit("600 per minute")
def deposit_photo(photo_id: UUID) -> Response:
    """A photo of held work."""
    _token, person = _depositor()
    row = deposited.announced(person.id, photo_id)
    if row is None:
        parts.drain(request.stream)
        return not_announced()
    offset, sent = number("X-Offset"), request.content_length or 0
    progress = deposited.take_part(row, photo_id, request.stream, offset=offset)
    is_behind = not progress.received and progress.offset != offset + sent
    return told(progress, 409 if is_behind else 200)


@bp.record
def _without_session(state: BlueprintSetupState) -> None:
    """There is no session to ride on: the token in the header is the key."""
    for name in ("deposit", "deposit_photo"):
        state.app.extensions["csrf"].exempt(f"{__name__}.{name}")


def _depositor() -> tuple[Depositor, Person]:
    """Whose token it is. An account that works signs in instead. Raises Invalid (400), NotAllowed."""
    token = request.headers.get("X-Deposit", "")
    if not token:
        raise Invalid(N_("The deposit token is missing."), status=400)
    depositor = read_deposit_token(settings().secret_key, token)
    person = db.session.get(Person, depositor.person_id) if depositor else None
    if depositor is None or person is None:
        raise NotAllowed(N_("This token is not valid any more. Save a rescue file and give it to your supervisor."))
    if person.active:
        raise NotAllowed(N_("This account is open: sign in, and everything is sent."))
    return depositor, person
