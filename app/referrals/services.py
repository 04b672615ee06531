"""Verbs on a referral before it goes out: open, complete, choose its evidence. They flush; the caller has the transaction.

`open_referral` is the door for upper features, too (a complaint, an information report): they keep the foreign key.
"""  # noqa: E501

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import audit
from app.core.database import db
from app.core.errors import N_, Invalid, NotAllowed, NotFound, Refused
from app.photos.models import Photo
from app.referrals import rules
from app.referrals.limits import set_limit
from app.referrals.matters import Matter, authorities, get_matter, wording
from app.referrals.models import Referral, ReferralFinding, ReferralPhoto, Urgency
from app.referrals.rules import Status

MOST_PHOTOS = 60
MOST_PAPERS = 20


@dataclass(frozen=True)
class Facts:
    """What the sender writes. An empty `subject`: the name is not known."""

    discovered_at: datetime
    discovered_by: str = ""
    subject: str = ""
    address: str = ""
    person_in_charge: str = ""
    phone: str = ""
    business: str = ""
    urgency: Urgency = Urgency.NORMAL
    facts: str = ""
    scene: str = ""
    opinion: str = ""
    papers: tuple[str, ...] = ()
    authority: str = ""


@dataclass(frozen=True)
class Evidence:
    """A photo and what it is to prove."""

    photo_id: UUID
    caption: str = ""


@dataclass(frozen=True)
class Opening:
    """What a referral begins with: the matter, where it lies, what is known, and where it comes from."""

    matter: str
    region: Region
    facts: Facts
    premises_id: UUID | None = None
    inspection_id: UUID | None = None
    notice_id: UUID | None = None
    finding_ids: tuple[UUID, ...] = ()
    photos: tuple[Evidence, ...] = ()
    position: tuple[float, float, float | None] | None = None  # latitude, longitude, accuracy in metres


def open_referral(referral_id: UUID, opening: Opening, *, by: Person, now: datetime) -> Referral:
    """Begin a referral: a draft whose clock runs from `opening.facts.discovered_at`. The same id gives the same one.

    Raises NotAllowed for a role that may not refer, Invalid for what cannot be, Refused when the id is another's.
    """
    if not by.is_inspector:
        raise NotAllowed(N_("Your role does not include this."))
    known = db.session.get(Referral, referral_id)
    if known is not None:
        if known.created_by_id != by.id or known.matter != opening.matter:
            raise Refused(N_("Something else was already recorded under this number. Reload the page."))
        return known
    matter = get_matter(opening.matter)
    referral = Referral(
        id=referral_id,
        organisation_id=by.organisation_id,
        status=Status.DRAFT,
        matter=matter.key,
        premises_id=opening.premises_id,
        inspection_id=opening.inspection_id,
        notice_id=opening.notice_id,
        created_at=now,
        created_by_id=by.id,
        changed_at=now,
        papers=[],
    )
    if opening.position is not None:
        referral.latitude, referral.longitude, referral.accuracy_m = opening.position
    referral.organisation, referral.created_by = by.organisation, by
    _move_to(referral, opening.region)
    _write(referral, _filled_in(opening.facts, matter, by), now)
    db.session.add(referral)
    db.session.flush()
    _take_along(referral, opening)
    told = {"matter": referral.matter, "discovered_at": referral.discovered_at.isoformat()}
    audit.record("referral_opened", referral, by=by.id, after=told)
    return referral


def _filled_in(facts: Facts, matter: Matter, by: Person) -> Facts:
    """What the sender need not say."""
    return replace(
        facts,
        authority=facts.authority or matter.authority,
        discovered_by=facts.discovered_by or by.name,
        opinion=facts.opinion or wording().opinion_zh,
    )


def _take_along(referral: Referral, opening: Opening) -> None:
    for finding_id in opening.finding_ids:
        db.session.add(ReferralFinding(referral_id=referral.id, finding_id=finding_id))
    for place, one in enumerate(opening.photos[:MOST_PHOTOS], start=1):
        row = ReferralPhoto(referral_id=referral.id, photo_id=one.photo_id, position=place, caption=one.caption)
        db.session.add(row)
    db.session.flush()


def save_draft(
    referral: Referral, facts: Facts, *, by: Person, now: datetime, region: Region | None = None,
    change_id: UUID | None = None,
) -> None:  # fmt: skip
    """Write what the sender says now. Raises NotPossible once it is out, NotAllowed, Invalid."""
    check_worker(referral, by)
    lock(referral)
    refuse_unless_editable(referral)
    before = _said(referral)
    if region is not None and region.id != referral.region_id:
        if not by.region.contains(region):
            raise NotFound
        _move_to(referral, region)
    _write(referral, facts, now)
    after = _said(referral)
    changed = {name for name in after if after[name] != before[name]}
    if changed:
        was, now_is = ({name: facts_[name] for name in changed} for facts_ in (before, after))
        audit.record("referral_changed", referral, by=by.id, change_id=change_id, before=was, after=now_is)
    db.session.flush()


def attach_photo(referral: Referral, photo: Photo, *, by: Person, caption: str = "") -> ReferralPhoto:
    """Put a photo among the evidence; again is no fault. Raises NotPossible once it is out, Refused when full."""
    check_worker(referral, by)
    lock(referral)
    known = db.session.get(ReferralPhoto, (referral.id, photo.id))
    if known is not None:
        return known
    refuse_unless_editable(referral)
    places = select(func.count(), func.max(ReferralPhoto.position)).where(ReferralPhoto.referral_id == referral.id)
    count, last = db.session.execute(places).one()
    if count >= MOST_PHOTOS:
        raise Refused(N_("A referral takes %(most)s photos at most."), most=MOST_PHOTOS)
    row = ReferralPhoto(referral_id=referral.id, photo_id=photo.id, position=(last or 0) + 1, caption=caption)
    row.photo = photo
    db.session.add(row)
    db.session.flush()
    audit.record("referral_photo_added", referral, by=by.id, after={"sha256": photo.sha256})
    return row


def drop_photo(referral: Referral, photo_id: UUID, *, by: Person) -> None:
    """Leave a photo out of the evidence; its record and bytes stay. Raises NotPossible once it is out."""
    check_worker(referral, by)
    lock(referral)
    refuse_unless_editable(referral)
    row = db.session.get(ReferralPhoto, (referral.id, photo_id))
    if row is None:
        return
    db.session.delete(row)
    audit.record("referral_photo_left_out", referral, by=by.id, before={"photo": str(photo_id)})
    db.session.flush()
    db.session.expire(referral, ["photos"])


def may_work(referral: Referral, person: Person) -> bool:
    """Whether the person acts for the sender: people of its organisation who may refer, and the area's supervisors."""
    if not person.is_inspector or not person.region.contains(referral):
        return False
    return person.is_supervisor or person.organisation_id == referral.organisation_id


def check_worker(referral: Referral, person: Person) -> None:
    """Raise NotAllowed for whoever does not act for the sender."""
    if not may_work(referral, person):
        raise NotAllowed(N_("Only the body that refers, or a supervisor, can change this."))


def lock(referral: Referral) -> None:
    """Everything about one referral happens one after the other."""
    db.session.refresh(referral, ["status", "number", "round"], with_for_update=True)


def refuse_unless_editable(referral: Referral) -> None:
    if not referral.is_editable:
        raise rules.NotPossible(
            N_("The referral is out, so it is no longer changed."),
            hint=N_("If something is wrong with it, take it back and write a new one."),
        )


def _move_to(referral: Referral, region: Region) -> None:
    is_new = referral.region_id is None
    referral.place_in(region)
    if not is_new:
        db.session.flush()
        db.session.expire(referral, ["region"])


def _write(referral: Referral, facts: Facts, now: datetime) -> None:
    rules.check_discovery(facts.discovered_at, now)
    if facts.authority and facts.authority not in authorities():
        raise Invalid(N_("Choose whom it goes to."), field="authority")
    for name in ("subject", "address", "person_in_charge", "phone", "business", "discovered_by"):
        setattr(referral, name, _short(getattr(facts, name), name))
    for name in ("facts", "scene", "opinion"):
        setattr(referral, name, _long(getattr(facts, name), name))
    referral.papers = _papers(facts.papers)
    referral.urgency, referral.authority = facts.urgency, facts.authority
    if referral.sent_at is None:  # after that the clock has stopped, and its start stays what it was
        referral.discovered_at = facts.discovered_at
        set_limit(referral)
    referral.changed_at = now


def _short(text: str, field: str) -> str:
    text = " ".join(text.split())
    if len(text) > rules.LONGEST_NAME:
        raise Invalid(
            N_("This is too long: %(most)s characters at most."), field=field, most=rules.LONGEST_NAME
        )
    return text


def _long(text: str, field: str) -> str:
    text = text.strip().replace("\r\n", "\n")
    if len(text) > rules.LONGEST_TEXT:
        raise Invalid(
            N_("This is too long: %(most)s characters at most."), field=field, most=rules.LONGEST_TEXT
        )
    return text


def _papers(papers: Sequence[str]) -> list[str]:
    found = [_short(line, "papers") for line in papers if line.strip()]
    if len(found) > MOST_PAPERS:
        raise Invalid(N_("Name %(most)s papers at most."), field="papers", most=MOST_PAPERS)
    return found


def _said(referral: Referral) -> dict[str, object]:
    names = ("subject", "address", "person_in_charge", "phone", "business", "facts", "scene", "opinion", "authority")
    said: dict[str, object] = {name: getattr(referral, name) for name in names}
    said["papers"], said["urgency"] = list(referral.papers), referral.urgency.value
    said["discovered_at"], said["region"] = referral.discovered_at.isoformat(), str(referral.region_id)
    return said
