"""Why a verification could not come to its end, in words: a full disk, a folder that is shut, a damaged database."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from app.core.database import db
from app.core.errors import N_, AppError, StorageFull

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_SHUT = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}


class CannotVerify(AppError):
    """The machine does not allow it now (503)."""

    status = 503


@contextmanager
def told() -> Iterator[None]:
    """Raise CannotVerify or StorageFull for what the machine refuses inside the block; other faults as they are."""
    try:
        yield
    except (OSError, sqlite3.Error, DBAPIError) as error:
        db.session.rollback()
        said = _said(error)
        if said is None:
            raise
        raise said from error


def _said(error: Exception) -> AppError | None:
    raw = error.orig if isinstance(error, DBAPIError) else error
    code = (getattr(raw, "sqlite_errorcode", None) or 0) & 0xFF  # the kind without its detail
    number = raw.errno if isinstance(raw, OSError) else None
    if number in _FULL or code == sqlite3.SQLITE_FULL or "No space left" in str(raw):
        return StorageFull(
            N_("The disk is full. The verification was stopped and nothing was changed."),
            hint=N_("Make room in the data folder: a verification sorts in its folder tmp."),
        )
    if code in _DAMAGED:
        return CannotVerify(
            N_("The database file is damaged: it cannot be read to its end."),
            hint=N_("Keep the file as it is, and put back the last backup that verifies."),
        )
    if isinstance(raw, OSError) or code in _SHUT or code == sqlite3.SQLITE_IOERR:
        return CannotVerify(
            N_("The data folder cannot be written or read (%(why)s). Nothing was verified."),
            why=str(getattr(raw, "strerror", "") or raw),
            hint=N_("Let the server's user write in the data folder, and look whether its disk is full."),
        )
    return None
