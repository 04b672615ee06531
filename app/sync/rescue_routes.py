"""Handing in a rescue file."""

from typing import Any, BinaryIO, cast

from flask import render_template, request
from flask.blueprints import BlueprintSetupState
from flask_login import current_user
from werkzeug.wrappers import Response

from app.core import audit
from app.core.database import db, transaction
from app.core.errors import N_, Invalid
from app.core.roles import INSPECTORS
from app.sync import rescue, words
from app.sync.blueprint import bp as wire
from app.sync.blueprint import reply
from app.sync.desk_routes import bp
from app.sync.routes import told_as_json
from app.web.access import allow, current_person
from app.web.i18n import translate

ENDPOINTS = {"sync_desk.hand_in", "sync.rescue_file"}


@bp.route("/rescue", methods=["GET", "POST"])
@allow(*INSPECTORS)
def hand_in() -> str | tuple[str, int]:
    """Choose the file; then see what became of each part of it."""
    if request.method == "GET":
        return render_template("sync/rescue.html", outcome=None, error="")
    try:
        outcome = _take()
    except Invalid as error:
        db.session.rollback()
        return render_template("sync/rescue.html", outcome=None, error=translate(error.message, error.params)), 422
    return render_template(
        "sync/rescue.html", outcome=outcome, error="", named_counts=words.named_counts, troubled=words.troubled
    )


@wire.post("/sync/rescue")
@allow(*INSPECTORS)
def rescue_file() -> Response:
    """The same for scripts."""
    outcome = _take()
    photos = [{"id": str(id_), "status": status, "message": translate(text)} for id_, status, text in outcome.photos]
    return reply(results=[told_as_json(told) for _change, told in outcome.changes], photos=photos)


def _take() -> rescue.Outcome:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid(N_("Choose the rescue file first."))
    by: Any = current_person()
    outcome = rescue.take_file(cast("BinaryIO", upload.stream), by=by)
    with transaction():
        after = {"counted": outcome.counted(), "name": upload.filename[:120]}
        audit.record("rescue_file_taken_in", outcome.person, by=by.id, after=after)
    return outcome


@bp.record
def _take_large_files(state: BlueprintSetupState) -> None:
    """A rescue file holds many photos; whoever is signed in may send one, and nobody else so many bytes."""
    app = state.app

    def widen() -> None:
        if request.endpoint in ENDPOINTS and current_user.is_authenticated:
            request.max_content_length = rescue.LARGEST

    app.before_request_funcs.setdefault(None, []).insert(0, widen)
