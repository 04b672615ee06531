"""A paper is typeset and signed once for each state it is in; after that the same bytes are served again.

Where two make the same paper at once, both get what the first one kept. It is made anew when it can be signed better
than it was (a certificate that had expired was renewed), or when its file is gone or no longer what was kept. The
hash of every one that was ever handed out stays.
"""

import hashlib
import io
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app.core import audit, clock
from app.core.database import db, transaction
from app.core.errors import AppError
from app.core.settings import settings
from app.core.storage import storage
from app.seals import certificate, pdf
from app.seals.certificate import Seal
from app.seals.models import PaperFile
from app.seals.rules import Standing

log = logging.getLogger("xuncha.error")
SUFFIX = ".pdf"


@dataclass(frozen=True)
class Slot:
    """Which paper: `name` says what of it and in which state, `about` is the number it bears."""

    name: str
    subject_type: str
    subject_id: UUID
    about: str


@dataclass(frozen=True)
class Made:
    """A paper on its way to the store."""

    data: bytes
    seal: Seal
    stamped: bool


def words(seal: Seal) -> str:
    """What stands on the paper about its signature, in the language it is being written in; "" without one."""
    if seal.standing is Standing.DEMONSTRATION:
        return _("Electronic signature for demonstration, not an official seal")
    if seal.certificate is not None and seal.signs:
        return _("Electronic signature: %(name)s", name=seal.certificate.name)
    return ""


def kept_or_made(slot: Slot, typeset: Callable[[Seal], bytes]) -> bytes:
    """The PDF of `slot`; `typeset` makes it where there is none yet, with the words about its seal."""
    now = clock.now()
    seal = certificate.present(settings(), now)
    known = _current(slot.name)
    if known is not None and known.signed_with >= seal.grade:
        data = _read(known)
        if data is not None:
            return data
    made = _make(slot, typeset, seal, now)
    try:
        return _keep(slot, made, known.id if known else None, now)
    except SQLAlchemyError as error:
        log.warning('"a paper was made but not noted: %s"', type(error).__name__)
        return made.data


def _make(slot: Slot, typeset: Callable[[Seal], bytes], seal: Seal, now: datetime) -> Made:
    if seal.signs and seal.certificate is not None:
        try:
            found = pdf.sign(
                typeset(seal),
                seal.certificate,
                now=now,
                about=slot.about,
                timestamp_url=settings().timestamp_url,
            )
            return Made(found.pdf, seal, found.stamped)
        except pdf.CannotSign:
            log.exception('"a paper could not be signed"')
    else:
        log.warning('"a paper is made unsigned: the certificate is %s"', seal.standing.value)
    unsigned = Seal(seal.standing if not seal.signs else Standing.UNREADABLE)
    return Made(typeset(unsigned), unsigned, stamped=False)


def _keep(slot: Slot, made: Made, instead_of: UUID | None, now: datetime) -> bytes:
    """Note it, unless somebody else was quicker: then theirs counts."""
    file = storage().put_stream(io.BytesIO(made.data), SUFFIX)
    row = PaperFile(
        slot=slot.name,
        subject_type=slot.subject_type,
        subject_id=slot.subject_id,
        sha256=file.sha256,
        storage_key=file.key,
        size=file.size,
        grade=int(made.seal.grade),
        certificate=made.seal.certificate.fingerprint if made.seal.certificate and made.seal.signs else "",
        stamped=made.stamped,
        made_at=now,
    )
    try:
        if db.session.info.get("writes"):  # inside somebody's transaction it is part of that
            with db.session.begin_nested():
                return _noted(row, instead_of, now, made.data)
        with transaction():
            return _noted(row, instead_of, now, made.data)
    except IntegrityError:
        theirs = _current(slot.name)
        data = _read(theirs) if theirs is not None else None
        return data if data is not None else made.data


def _noted(row: PaperFile, instead_of: UUID | None, now: datetime, data: bytes) -> bytes:
    known = _current(row.slot)
    if known is not None:
        if known.sha256 == row.sha256:
            if known.removed_at is not None:  # what had to go is not on it, so it is kept again
                known.removed_at = None
                _record(known)
            return data  # the same bytes again: what lies in the store is damaged, and stays so for whoever looks
        if known.id != instead_of and known.grade >= row.grade:
            theirs = _read(known)
            if theirs is not None:
                return theirs
        known.replaced_at = now
        db.session.flush()
    db.session.add(row)
    db.session.flush()
    _record(row)
    return data


def _record(row: PaperFile) -> None:
    said = {"sha256": row.sha256, "slot": row.slot, "grade": row.grade}
    audit.record("paper_made", row, by=None, after=said)


def _current(slot: str) -> PaperFile | None:
    return db.session.scalars(
        select(PaperFile).where(PaperFile.slot == slot, PaperFile.replaced_at.is_(None))
    ).one_or_none()


def _read(row: PaperFile) -> bytes | None:
    """The bytes that were kept; None when they are gone or others. Deleted after their period is no fault."""
    if row.removed_at is not None:
        return None
    try:
        data = storage().read(row.storage_key)
    except (AppError, OSError):
        log.exception('"the file of a paper is not in the store"')
        return None
    if hashlib.sha256(data).hexdigest() != row.sha256:
        log.error('"the file of a paper is no longer what was kept: %s"', row.sha256)
        return None
    return data


def latest() -> PaperFile | None:
    """The paper made last, for the administrator's page."""
    return db.session.scalars(select(PaperFile).order_by(PaperFile.made_at.desc()).limit(1)).first()


def by_hash(sha256: str) -> PaperFile | None:
    """The paper with these bytes; of several the one that is handed out now."""
    return db.session.scalars(
        select(PaperFile)
        .where(PaperFile.sha256 == sha256)
        .order_by(PaperFile.replaced_at.is_not(None), PaperFile.made_at.desc())
        .limit(1)
    ).first()
