"""Who looked at which evidence: noted while the answer goes out, written after it, what came meanwhile together.

Large views, originals, made papers, exports and who complained; never the small pictures of lists.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from flask import Flask, current_app, request
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as insert_or_nothing  # both databases speak its ON CONFLICT
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from werkzeug.wsgi import ClosingIterator

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import derived_id
from app.notices.pages import photo_at
from app.notices.queries import notice_by_token
from app.referrals.links import link_by_token
from app.retention.models import Look
from app.retention.rules import MINUTES, What
from app.web.access import current_person

log = logging.getLogger("xuncha.looks")
KEY = "evidence_looks"
MOST_PENDING, TOGETHER, SHOWN = 10_000, 500, 20
SHOWN_BY = (200, 206, 304)  # all of it, a part of it, what the reader's device has kept
_UNLESS_THERE = insert_or_nothing(Look.__table__).on_conflict_do_nothing()


@dataclass(frozen=True)
class Watched:
    """Answers that show evidence: which parameter of the address names the object (none: the reader's area)."""

    what: What
    parameter: str = ""
    views: Sequence[str] = ()  # values of the parameter `view` that count; empty: all
    held: Callable[[str, int], UUID | None] | None = None  # where a token names it, and the place on the paper


def _by_code(token: str, place: int) -> UUID | None:
    """What a notice's code opens for one of ours: the notice, or the photo at this place of it."""
    notice = notice_by_token(token)
    told = photo_at(notice.content, place) if notice and place else None
    return UUID(told["id"]) if told else notice.id if notice else None


def _by_link(token: str, place: int) -> UUID | None:
    """The same of a referral's link."""
    link = link_by_token(token)
    photos = link.referral.content["photos"] if link and place else ()
    told = next((UUID(one["id"]) for one in photos if one["place"] == place), None)
    return told or (link.referral_id if link else None)


_LARGE = ("large", "plain")
WATCHED: Mapping[str, Sequence[Watched]] = {
    "inspections.photo": (
        Watched(What.PHOTO, "photo_id", _LARGE), Watched(What.ORIGINAL, "photo_id", ("original",)),
    ),
    "inspections.signature": (Watched(What.SIGNATURE, "inspection_id"),),
    "notices.signature": (Watched(What.SIGNATURE, "delivery_id"),),
    "replies.photo": (Watched(What.PHOTO, "reply_photo_id", _LARGE),),
    "reports.photo": (Watched(What.PHOTO, "report_photo_id", _LARGE),),
    "referrals.photo": (Watched(What.PHOTO, "photo_id", _LARGE),),
    "notices.pdf": (Watched(What.NOTICE_FILE, "notice_id"),),
    "referrals.sheet": (Watched(What.REFERRAL_FILE, "referral_id"),),
    "referrals.evidence_zip": (Watched(What.REFERRAL_ZIP, "referral_id"),),
    "oversight.export": (Watched(What.PHOTOS_ZIP),),
    "complaints.person": (Watched(What.COMPLAINANT, "complaint_id"),),
    "complaints.photo": (Watched(What.COMPLAINT_PHOTO, "complaint_photo_id"),),
    "retention.covered": (Watched(What.PHOTO, "photo_id"),),
    # the public's own ways, where somebody of ours takes them
    "notice_public.photo": (Watched(What.PHOTO, "token", held=_by_code),),
    "notice_public.pdf": (Watched(What.NOTICE_FILE, "token", held=_by_code),),
    "referral_public.photo": (Watched(What.PHOTO, "token", held=_by_link),),
    "referral_public.sheet": (Watched(What.REFERRAL_FILE, "token", held=_by_link),),
    "referral_public.evidence_zip": (Watched(What.REFERRAL_ZIP, "token", held=_by_link),),
}  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """One look, before it is written."""

    id: UUID
    person_id: UUID
    county_id: UUID
    what: What
    object_id: UUID
    at: datetime
    address: str


class Pending:
    """Looks of this process that wait to be written; one thread writes for all."""

    def __init__(self) -> None:
        self.seen: deque[Seen] = deque(maxlen=MOST_PENDING)
        self.writing = threading.Lock()

    def write(self, app: Flask) -> None:
        """Write what waits; where another thread does so already, it takes this along."""
        while self.seen and self.writing.acquire(blocking=False):
            try:
                with app.app_context():
                    if not self._write_some():
                        return  # the next look tries again
            finally:
                self.writing.release()

    def _write_some(self) -> bool:
        """Whether to go on."""
        some = [self.seen.popleft() for _ in range(min(len(self.seen), TOGETHER))]
        try:
            with transaction():
                write(some)
        except (SQLAlchemyError, OSError) as error:
            log.warning('"%s looks at evidence were not written: %s"', len(some), type(error).__name__)
            if isinstance(error, OperationalError):  # it is the database, not one of them
                self.seen.extendleft(reversed(some))
                return False
        return True


def note(response: Response) -> Response:
    """After each request: remember a look at evidence, to be written when the answer is out."""
    watched = WATCHED.get(request.endpoint or "")
    if watched is None or response.status_code not in SHOWN_BY or request.method == "HEAD":
        return response
    person, values = current_person(), request.view_args or {}
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - to go on afterwards
    pending: Pending = app.extensions[KEY]
    for one in watched:
        if isinstance(person, Person) and (not one.views or values.get("view") in one.views):
            object_id = _object_of(one, person, values)
            if object_id is None:
                continue
            pending.seen.append(_seen(one, person, object_id))
            _when_out(response, partial(pending.write, app))
    return response


def _when_out(response: Response, work: Callable[[], None]) -> None:
    """Do `work` once the answer is out. A file is handed to the server as it is: that closes it, not the response."""
    if response.direct_passthrough:
        file = cast("Iterable[bytes]", response.response)
        response.response = ClosingIterator(file, work)  # closes the file, too
    else:
        response.call_on_close(work)


def _object_of(watched: Watched, person: Person, values: Mapping[str, Any]) -> UUID | None:
    if watched.held is not None:
        return watched.held(values["token"], values.get("place", 0))
    return values[watched.parameter] if watched.parameter else person.region.id


def _seen(watched: Watched, person: Person, object_id: UUID) -> Seen:
    region, now = person.region, clock.now()
    assert region.county_id is not None
    part = str(int(now.timestamp()) // (MINUTES * 60))
    look_id = derived_id(person.id, watched.what.value, str(object_id), part)
    return Seen(look_id, person.id, region.county_id, watched.what, object_id, now, request.remote_addr or "")


def write(some: Sequence[Seen]) -> None:
    """Write looks that are not written yet, by another process neither."""
    fresh = {one.id: one for one in reversed(some)}  # of several the first counts
    if fresh:
        db.session.execute(_UNLESS_THERE, [vars(one) for one in fresh.values()])


def looks_at(object_id: UUID) -> tuple[list[Look], bool]:
    """Who looked at it, the newest first; whether there are more."""
    rows = select(Look).where(Look.object_id == object_id).options(joinedload(Look.person)).order_by(Look.at.desc())
    found = list(db.session.scalars(rows.limit(SHOWN + 1)))
    return found[:SHOWN], len(found) > SHOWN
