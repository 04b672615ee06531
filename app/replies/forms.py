"""The shape of what an owner sends: kind, words, a day, photos. What it must say is in rules."""

import re
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from flask import request
from werkzeug.datastructures import FileStorage

from app.core.ids import new_id, read_id
from app.replies import rules
from app.replies.models import ReplyKind
from app.replies.rules import Words


def kind_of(text: str | None) -> ReplyKind:
    """The kind named in an address or a form; "done" where it names none."""
    try:
        return ReplyKind(text or "")
    except ValueError:
        return ReplyKind.FIXED


@dataclass(frozen=True)
class ReplyForm:
    """One reply as it was sent; `wished_text` is the day as written, also where it is none."""

    reply_id: UUID
    words: Words
    wished_text: str = ""
    drop: tuple[UUID, ...] = ()  # photos taken out again
    files: tuple[FileStorage, ...] = field(default_factory=tuple)

    @classmethod
    def from_request(cls) -> "ReplyForm":
        form = request.form
        wished_text = form.get("wished_on", "").strip()
        kind = kind_of(form.get("kind"))
        wished_on = _day(wished_text) if kind is ReplyKind.MORE_TIME else None
        files = tuple(file for file in request.files.getlist("photos") if file.filename)
        return cls(
            reply_id=read_id(form.get("reply_id")) or new_id(),
            words=Words(kind, rules.clean(form.get("text", "")), wished_on),
            wished_text=wished_text,
            drop=tuple(found for text in form.getlist("drop") if (found := read_id(text))),
            files=files[: rules.MOST_PHOTOS + 1],
        )


def _day(text: str) -> date | None:
    """A day as the browser's field gives it, or as people type it where there is no such field: 2026/11/29."""
    parts = [part for part in re.split(r"[-/.年月日\s]+", text) if part]
    try:
        year, month, day = (int(part) for part in parts)
        return date(year, month, day)
    except ValueError:
        return None
