"""Each photo of a reply in its own request, as soon as it is chosen; what has arrived is shown by the draft's id."""

from urllib.parse import unquote
from uuid import UUID

from flask import jsonify, request, url_for
from werkzeug.wrappers import Response

from app.core.database import db, transaction
from app.core.errors import N_, NotAllowed
from app.core.settings import settings
from app.core.storage import storage
from app.notices import turning
from app.notices.pages import OwnerFinding
from app.notices.public import unknown
from app.photos.intake import Limits, receive_photo
from app.photos.queries import known_sha
from app.photos.rules import PhotoMeta
from app.replies import owner, proving, queries, services
from app.replies.models import Reply, ReplyPhoto
from app.replies.owner import Held, hold
from app.replies.public import WHY, bp
from app.web.access import public
from app.web.limits import limiter, slow_down_guessing

UPLOADS = "120 per minute; 1000 per hour"
slow_down_uploads = limiter.limit(UPLOADS, methods=["POST"])


@bp.post("/n/<token>/reply/<int:place>/photos/<uuid:draft_id>/<uuid:photo_id>")
@public(WHY)
@slow_down_uploads
@slow_down_guessing
def take_photo(token: str, place: int, draft_id: UUID, photo_id: UUID) -> Response:
    """One photo as the request's body. Bytes first, outside any transaction: a slow phone never holds the database."""
    found = _mine(token, place)
    if found is None:
        return unknown()
    held, finding = found
    notice_id = held.notice.id
    before = known_sha(photo_id)
    if before is None:
        services.check_room(notice_id, draft_id)
    db.session.rollback()  # nothing is held while the body arrives
    received = receive_photo(request.stream, storage=storage(), limits=Limits.of(settings()), known_sha=before)
    with transaction():
        notice = turning.lock_notice(notice_id)
        kept = services.hold_photo(received, photo_id, draft_id, notice, finding.id, _meta())
    return _json(_told(token, kept), 201)


@bp.get("/n/<token>/reply/<int:place>/photos/<uuid:draft_id>")
@public(WHY)
@slow_down_guessing
def list_photos(token: str, place: int, draft_id: UUID) -> Response:
    """What has arrived for a draft, and whether it was sent: for the phone that comes back to it."""
    held = hold(token)
    if held is None or held.finding(place) is None:
        return unknown()
    if not proving.may_reply(held.notice):
        raise NotAllowed(N_("Please enter the digits first."))
    sent = db.session.get(Reply, draft_id)
    photos = queries.photos_of_draft(held.notice.id, draft_id)
    is_sent = sent is not None and sent.notice_id == held.notice.id
    return _json({"sent": is_sent, "photos": [_told(token, one) for one in photos]})


@bp.post("/n/<token>/reply/<int:place>/photos/<uuid:draft_id>/<uuid:photo_id>/remove")
@public(WHY)
@slow_down_uploads
@slow_down_guessing
def remove_photo(token: str, place: int, draft_id: UUID, photo_id: UUID) -> Response:
    """Take a photo out again before the reply is sent."""
    found = _mine(token, place)
    if found is None:
        return unknown()
    with transaction():
        services.drop_photo(found[0].notice.id, draft_id, photo_id)
    return _json({})


def _mine(token: str, place: int) -> tuple[Held, OwnerFinding] | None:
    held = hold(token)
    owner.check_form(held.notice if held else None)
    finding = held.finding(place) if held else None
    if held is None or finding is None:
        return None
    if not proving.may_reply(held.notice):
        raise NotAllowed(N_("Please enter the digits first."))
    return held, finding


def _told(token: str, kept: ReplyPhoto) -> dict[str, str]:
    """What the phone is told of a photo: that it is here. Not where or when it was taken, nor whether it is known."""
    address = url_for("reply_public.photo", token=token, photo_id=kept.photo_id, size="small")
    return {"id": str(kept.photo_id), "url": address, "sha256": kept.photo.sha256}


def _meta() -> PhotoMeta:
    said = {"captured_at": request.headers.get("X-Captured-At", ""), "purpose": "after"}
    return PhotoMeta.from_form(said, original_name=unquote(request.headers.get("X-File-Name", "")))


def _json(said: dict[str, object] | dict[str, str], status: int = 200) -> Response:
    response: Response = jsonify(said)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response

