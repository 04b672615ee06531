"""The paper of a notice as a file: made once from the frozen content, then kept by its digest."""

import logging

from flask import url_for
from werkzeug.wrappers import Response

from app.core.errors import NotFound
from app.core.settings import settings
from app.notices.models import Notice, Status

log = logging.getLogger("xuncha.error")


def public_address(notice: Notice) -> str:
    """The short address that stands on the paper and in its code."""
    return f"{settings().public_url}{url_for('notice_public.show', token=notice.token)}"


def nothing_here() -> NotFound:
    return NotFound()


def pdf_response(notice: Notice, layout: str) -> Response:
    """The paper in `layout` (a4, 80mm, 58mm), shown in the browser under its number."""
    if notice.status is Status.DRAFT:
        raise nothing_here()
    raise nothing_here()


def qr_response(notice: Notice) -> Response:
    """The code as a PNG. A draft has none."""
    if notice.status is Status.DRAFT:
        raise nothing_here()
    raise nothing_here()


def missing_glyphs(notice: Notice) -> str:
    """Characters of the notice that the print fonts lack, as the last rendering found them."""
    return notice.missing_glyphs
