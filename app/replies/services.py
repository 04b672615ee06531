"""Verbs of the owner: send a reply, hold and drop its photos, try the digits, look round oneself. They flush."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select

from app.core import audit, clock
from app.core.database import db
from app.core.errors import N_, Invalid, NotFound, Refused
from app.core.ids import derived_id
from app.notices import progress, turning
from app.notices.models import Notice, NoticeFinding, Turn
from app.notices.progress import Event
from app.notices.rules import phone_endings
from app.notices.turning import Move
from app.photos.intake import Received, record_photo
from app.photos.models import Photo
from app.photos.rules import PhotoMeta
from app.replies import queries, rules
from app.replies.models import Reply, ReplyLock, ReplyPhoto, Said, SelfCheck
from app.replies.rules import Proof, Tries, Words


def send_reply(
    reply_id: UUID,
    notice_id: UUID,
    finding_id: UUID,
    words: Words,
    *,
    proved_by: Proof | None = None,
    now: datetime,
    files: Sequence[tuple[Received, PhotoMeta]] = (),
) -> Reply:
    """Keep what the owner says about a finding, with the photos of its draft; the finding takes a turn.

    The same id with the same words gives the same reply; with other words, sent from a page gone back to, it is
    another reply. `files` are photos of a plain form, whose ids follow from their bytes. Where no turn is possible
    any more the reply is kept as a note, so that nothing said is lost. Raises Invalid, Refused (too many).
    """
    notice = turning.lock_notice(notice_id)
    point = _point(notice_id, finding_id)
    known = db.session.get(Reply, _id_for(reply_id, notice_id, finding_id, words, files))
    if known is not None:
        return known
    reply_id = _id_for(reply_id, notice_id, finding_id, words, files)
    for received, meta in files:
        hold_photo(received, plain_photo_id(reply_id, received), reply_id, notice, finding_id, meta)
    photos = [one for one in queries.photos_of_draft(notice_id, reply_id) if one.finding_id == finding_id]
    rules.check(words, len(photos), due_on=point.due_on, today=clock.local(now).date())
    if words.kind is words.kind.MORE_TIME and point.extended_at is not None:
        raise Invalid(N_("More time was already given once for this point. Please call us."), field="wished_on")
    reply = _written(reply_id, notice, point, words, photos, proved_by, now)
    _attach(reply, photos)
    if not reply.as_note:
        move = Move(reply.id, Event.REPLIED, data={"reply": str(reply.id), "kind": words.kind.value})
        turning.take_turn(notice_id, finding_id, move, by=None, now=now)
    db.session.flush()
    return reply


def _id_for(
    reply_id: UUID, notice_id: UUID, finding_id: UUID, words: Words, files: Sequence[tuple[Received, PhotoMeta]]
) -> UUID:
    """`reply_id`, unless it stands for a reply that said something else."""
    known = db.session.get(Reply, reply_id)
    if known is None:
        taken = db.session.get(Turn, reply_id) is not None
        return derived_id(reply_id, str(notice_id), str(finding_id)) if taken else reply_id
    new = [received.file.sha256 for received, _meta in files]
    same_point = (known.notice_id, known.finding_id) == (notice_id, finding_id)
    kept = {one.photo.sha256 for one in _photos_of(known.id)}
    if same_point and words.same_as(known) and kept.issuperset(new):
        return reply_id
    said = rules.digest({"words": [words.kind.value, words.text, str(words.wished_on)], "photos": sorted(new)})
    return derived_id(reply_id, str(notice_id), str(finding_id), said)


def _photos_of(reply_id: UUID) -> list[ReplyPhoto]:
    return list(db.session.scalars(select(ReplyPhoto).where(ReplyPhoto.reply_id == reply_id)))


def _written(
    reply_id: UUID,
    notice: Notice,
    point: NoticeFinding,
    words: Words,
    photos: list[ReplyPhoto],
    proved_by: Proof | None,
    now: datetime,
) -> Reply:
    sequence = 1 + (db.session.scalar(select(func.max(Reply.sequence)).where(Reply.notice_id == notice.id)) or 0)
    if sequence > rules.MOST_REPLIES:
        raise Refused(N_("There are very many replies to this notice already. Please call us."))
    as_note = not notice.is_issued or not progress.allows(point.step, Event.REPLIED)
    reply = Reply(
        id=reply_id,
        notice_id=notice.id,
        finding_id=point.finding_id,
        kind=words.kind,
        text=words.text,
        wished_on=words.wished_on,
        sequence=sequence,
        sent_at=now,
        digest=rules.digest(_facts(notice, point, sequence, words, photos, now)),
        as_note=as_note,
        proved_by=proved_by.value if proved_by else "",
    )
    db.session.add(reply)
    db.session.flush()
    told = {"kind": words.kind.value, "notice": str(notice.id), "finding": str(point.finding_id), "as_note": as_note}
    audit.record("reply_sent", reply, by=None, change_id=reply.id, after=told | {"digest": reply.digest})
    return reply


def _facts(
    notice: Notice, point: NoticeFinding, sequence: int, words: Words, photos: list[ReplyPhoto], now: datetime
) -> dict[str, object]:
    """What the receipt stands for: one who has reply and photos can count the digest anew."""
    return {
        "receipt": rules.receipt_number(notice.number, sequence),
        "notice": notice.digest,
        "finding": str(point.finding_id),
        "kind": words.kind.value,
        "text": words.text,
        "wished_on": words.wished_on.isoformat() if words.wished_on else None,
        "photos": sorted(one.photo.sha256 for one in photos),
        "sent_at": now.isoformat(timespec="seconds"),
    }


def _attach(reply: Reply, photos: list[ReplyPhoto]) -> None:
    """Its photos now belong to the reply; those whose bytes are known from elsewhere are marked for staff."""
    for one in photos:
        elsewhere = exists().where(
            Photo.sha256 == one.photo.sha256,
            Photo.id != one.photo_id,
            Photo.id.not_in([other.photo_id for other in photos]),
        )
        one.reply_id, one.seen_before = reply.id, bool(db.session.scalar(select(elsewhere)))
    db.session.flush()


def hold_photo(
    received: Received, photo_id: UUID, draft_id: UUID, notice: Notice, finding_id: UUID, meta: PhotoMeta
) -> ReplyPhoto:
    """Record a photo that arrived for a reply not sent yet; the same one again gives the same row.

    The notice's row is locked by the caller. Raises Refused: too many, the reply has been sent, or the id is taken.
    """
    _point(notice.id, finding_id)
    known = db.session.get(ReplyPhoto, photo_id)
    if known is not None and (known.notice_id, known.draft_id) == (notice.id, draft_id):
        record_photo(received, photo_id=photo_id, by=None, meta=meta)  # the very same bytes, or it is refused
        return known
    if known is not None or db.session.get(Photo, photo_id) is not None:
        raise Refused(N_("This photo could not be taken in. Remove it and choose it again."))
    if db.session.get(Reply, draft_id) is not None:
        raise Refused(N_("This reply has been sent already. Reload the page to write another one."))
    check_room(notice.id, draft_id)
    record_photo(received, photo_id=photo_id, by=None, meta=meta)
    held = ReplyPhoto(
        photo_id=photo_id, notice_id=notice.id, finding_id=finding_id, draft_id=draft_id, received_at=clock.now()
    )
    db.session.add(held)
    db.session.flush()
    return held


def check_room(notice_id: UUID, draft_id: UUID) -> None:
    """Raise Refused where no more photos are taken: asked before the bytes come, and again when they are here."""
    if len(queries.photos_of_draft(notice_id, draft_id)) >= rules.MOST_PHOTOS:
        raise Refused(N_("At most %(most)s photos for one reply."), most=rules.MOST_PHOTOS)
    if queries.count_unsent(notice_id, clock.now() - rules.UNSENT_COUNTS) >= rules.MOST_UNSENT:
        raise Refused(N_("Very many photos wait here unsent. Please send their replies first, or call us."))


def plain_photo_id(draft_id: UUID, received: Received) -> UUID:
    """The id of a photo that came in a plain form: the same bytes for the same reply are the same photo."""
    return derived_id(draft_id, received.file.sha256)


def drop_photo(notice_id: UUID, draft_id: UUID, photo_id: UUID) -> None:
    """The owner took a photo out before sending: it is forgotten. One that is gone already is no fault."""
    turning.lock_notice(notice_id)
    held = db.session.get(ReplyPhoto, photo_id, populate_existing=True)
    if held is None or (held.notice_id, held.draft_id) != (notice_id, draft_id):
        return
    if held.reply_id is not None:
        raise Refused(N_("This reply has been sent already. Reload the page to write another one."))
    photo = held.photo
    audit.record("reply_photo_dropped", photo, by=None, before={"sha256": photo.sha256, "notice": str(notice_id)})
    db.session.delete(held)
    db.session.flush()
    db.session.delete(photo)
    db.session.flush()


def try_digits(notice_id: UUID, digits: str, *, phone: str, code: str, now: datetime) -> tuple[Proof | None, Tries]:
    """Whether these digits open the notice. Wrong ones count, five of them pause it; right ones clear the count."""
    notice = turning.lock_notice(notice_id)
    row = queries.lock_of(notice_id)
    before = tries_of(row)
    if before.is_paused(now):
        return None, before
    proof = rules.proof_in(digits, phone_endings(phone), code)
    if proof is None and not digits:
        return None, before  # nothing was tried
    after = Tries() if proof else before.after_wrong(now)
    if row is None:
        row = ReplyLock(notice_id=notice_id)
        db.session.add(row)
    row.tries, row.pauses, row.paused_until, row.last_try_at = after.tries, after.pauses, after.paused_until, now
    action = "reply_unlocked" if proof else "reply_paused" if after.paused_until else "reply_digits_wrong"
    audit.record(action, notice, by=None, after={"by": proof.value} if proof else _told(after))
    db.session.flush()
    return proof, after


def tries_of(row: ReplyLock | None) -> Tries:
    return Tries(row.tries, row.pauses, row.paused_until) if row else Tries()


def answer_item(notice_id: UUID, item_id: UUID, says: Said, *, now: datetime) -> SelfCheck:
    """Write down what the owner says about one item of the checklist. Raises NotFound for an item not asked here."""
    notice = turning.lock_notice(notice_id)
    asked = queries.items_of_visit(notice.inspection_id)
    if not any(item.id == item_id for _domain, items in asked for item in items):
        raise NotFound
    row = db.session.get(SelfCheck, derived_id(notice_id, "self-check", str(item_id)), populate_existing=True)
    if row is not None and row.says is says:
        return row
    before = {"says": row.says.value} if row else None
    if row is None:
        row = SelfCheck(id=derived_id(notice_id, "self-check", str(item_id)), notice_id=notice_id, item_id=item_id)
        db.session.add(row)
    row.says, row.at = says, now
    db.session.flush()
    after = {"says": says.value, "notice": str(notice_id), "item": str(item_id)}
    audit.record("self_check_answered", row, by=None, before=before, after=after)
    return row


def _point(notice_id: UUID, finding_id: UUID) -> NoticeFinding:
    point = db.session.get(NoticeFinding, (notice_id, finding_id), populate_existing=True)
    if point is None:
        raise NotFound
    return point


def _told(tries: Tries) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(tries).items()}
