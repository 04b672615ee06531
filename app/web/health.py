"""/healthz: whether the database and the storage answer."""

import logging

from flask import Blueprint, jsonify
from sqlalchemy import text
from werkzeug.wrappers import Response

from app.core.database import db
from app.core.storage import storage
from app.web.access import public

bp = Blueprint("health", __name__)
log = logging.getLogger("xuncha.error")


@bp.get("/healthz")
@public("watched by the county's monitoring; says yes or no and nothing else")
def healthz() -> tuple[Response, int]:
    parts = {"database": _answers(lambda: db.session.execute(text("select 1"))), "storage": _answers(storage().check)}
    return jsonify(parts), 200 if all(parts.values()) else 503


def _answers(probe: object) -> bool:
    try:
        probe()  # type: ignore[operator]
    except Exception:
        log.exception("health probe failed")
        return False
    return True
