"""What was frozen against its digest: notices, hand-over sheets, monthly reports, finished visits."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from app.inspections.digests import digest_of
from app.inspections.models import LATE, AnnouncedPhoto, Answer, Finding, Inspection, InspectionPhoto
from app.notices import rules as notices
from app.photos.models import Photo
from app.premises.models import Premises
from app.proof.heads import Heads, on_paper
from app.proof.reading import Snapshot
from app.proof.rules import UNREADABLE, Found, Kind
from app.referrals import content as referrals

_AT_ONCE = 200
_NOT_READ = (*UNREADABLE, SQLAlchemyError)
PAPERS = (("notices", notices.digest), ("referrals", referrals.digest), ("monthly_reports", notices.digest))
Tell = Callable[[Found], None]


def papers(look: Snapshot, heads: Heads, tell: Tell) -> None:
    """The content of each paper is what its digest says; the head printed on it is known from elsewhere."""
    for table, digest_of_content in PAPERS:
        text = "content" if look.is_sqlite else "content::text"
        for key, said, digest, number in look.rows(
            f"SELECT id, {text}, digest, number FROM {table} WHERE digest <> ''"
        ):
            try:
                content = json.loads(said)
                found = digest_of_content(content)
            except UNREADABLE:
                content, found = None, ""
            if found != digest:
                tell(Found(Kind.CONTENT_CHANGED, table, _key(key), expected=digest, found=found))
            heads.take(on_paper(content, str(number)))


def visits(look: Snapshot, tell: Tell) -> None:
    """The record of each finished visit is what its digest says."""
    known = look.rows("SELECT id, digest FROM inspections WHERE digest <> ''")
    while some := {_key(key): str(digest) for key, digest in islice(known, _AT_ONCE)}:
        try:
            found = _differing(look.connection, list(some))
        except _NOT_READ:  # one of them says what cannot be: each alone
            look.take_any_bytes()
            found = {key: digest for one in some for key, digest in _alone(look.connection, one).items()}
        for key, digest in found.items():
            tell(Found(Kind.CONTENT_CHANGED, "inspections", key, expected=some[key], found=digest))


def _alone(connection: Connection, key: str) -> dict[str, str]:
    try:
        return _differing(connection, [key])
    except _NOT_READ:
        return {key: ""}


def _differing(connection: Connection, keys: list[str]) -> dict[str, str]:
    """Those of these visits whose record has another digest than it had, with today's."""
    ids = [UUID(key) for key in keys]
    answers, photos = _answers(connection, ids), _photos(connection, ids)
    found = {}
    for row in connection.execute(select(Inspection.__table__).where(Inspection.id.in_(ids))):
        digest, mine = digest_of(row, answers[row.id], photos[row.id]), (answers[row.id], photos[row.id])
        if digest != row.digest and not _under_another_file(connection, row, *mine):
            found[row.id.hex] = digest
    return found


def _under_another_file(
    connection: Connection, row: Any, answers: list[Any], photos: set[tuple[UUID, str]]
) -> bool:
    """Whether it was frozen under a file of the same place that was merged into today's later."""
    merged = select(Premises.id).where(Premises.merged_into_id == row.premises_id)
    said = dict(row._mapping)  # noqa: SLF001 - a row's public way to its names
    return any(
        digest_of(SimpleNamespace(**said | {"premises_id": other}), answers, photos) == row.digest
        for other in connection.scalars(merged)
    )


def _answers(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    findings = {
        row.answer_id: row
        for row in connection.execute(select(Finding.__table__).where(Finding.inspection_id.in_(ids)))
    }
    for row in connection.execute(select(Answer.__table__).where(Answer.inspection_id.in_(ids))):
        found[row.inspection_id].append(SimpleNamespace(**row._mapping, finding=findings.get(row.id)))  # noqa: SLF001
    return found


def _photos(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, set[tuple[UUID, str]]]:
    """As app/inspections/digests.py freezes them: received ones and announced ones, but for those that came late."""
    found: dict[UUID, set[tuple[UUID, str]]] = defaultdict(set)
    told = connection.execute(
        select(
            AnnouncedPhoto.inspection_id, AnnouncedPhoto.photo_id, AnnouncedPhoto.sha256, AnnouncedPhoto.meta
        ).where(AnnouncedPhoto.inspection_id.in_(ids))
    ).all()
    late = {row.photo_id for row in told if row.meta.get(LATE)}
    received = connection.execute(
        select(InspectionPhoto.inspection_id, Photo.id, Photo.sha256)
        .join(Photo, Photo.id == InspectionPhoto.photo_id)
        .where(InspectionPhoto.inspection_id.in_(ids), InspectionPhoto.in_answer_to_id.is_(None))
    )
    pairs: Iterator[Any] = iter(
        (*((row[0], row[1], row[2]) for row in received), *((r[0], r[1], r[2]) for r in told))
    )
    for visit, photo, sha256 in pairs:
        if photo not in late:
            found[visit].add((photo, sha256))
    return found


def _key(value: Any) -> str:
    return value.hex if isinstance(value, UUID) else str(value)
