"""Periods and holds: what may go, and since when. No database, no clock."""

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

MINUTES = 10  # looks of one person at one thing within this are one


class Kind(enum.StrEnum):
    """A kind of data with a period of its own. The value is the end of the county option's key."""

    VISIT_PHOTOS = "visit_photos"
    NOTICE_PHOTOS = "notice_photos"
    REPLY_PHOTOS = "reply_photos"
    REFERRAL_PHOTOS = "referral_photos"
    REPORT_PHOTOS = "report_photos"
    UNSENT = "unsent"
    COMPLAINANTS = "complainants"
    REMINDERS = "reminders"
    LOOKS = "looks"
    AUDIT = "audit"


PHOTOS = (Kind.VISIT_PHOTOS, Kind.NOTICE_PHOTOS, Kind.REPLY_PHOTOS, Kind.REFERRAL_PHOTOS, Kind.REPORT_PHOTOS)


class Subject(enum.StrEnum):
    """What can be put on legal hold."""

    PREMISES = "premises"
    INSPECTION = "inspection"
    NOTICE = "notice"
    COMPLAINT = "complaint"
    REFERRAL = "referral"


class What(enum.StrEnum):
    """What was looked at."""

    PHOTO = "photo"  # the large view
    ORIGINAL = "original"
    PHOTOS_ZIP = "photos_zip"
    NOTICE_FILE = "notice_file"
    REFERRAL_FILE = "referral_file"
    REFERRAL_ZIP = "referral_zip"
    SIGNATURE = "signature"
    COMPLAINANT = "complainant"
    COMPLAINT_PHOTO = "complaint_photo"


@dataclass(frozen=True)
class Use:
    """One reason to keep a photo: a visit, a notice, a reply, a referral or a report it belongs to.

    `ended_at` is when the work on it ended and its period began; None while it goes on. `under` are the ids of
    everything a hold may stand on.
    """

    kind: Kind
    county_id: UUID
    ended_at: datetime | None
    under: frozenset[UUID] = field(default_factory=frozenset)

    def due_at(self, days: int) -> datetime | None:
        """When the period is over."""
        return self.ended_at + timedelta(days=days) if self.ended_at else None


@dataclass(frozen=True)
class Due:
    """That nothing keeps a photo after `at`, and which kind's period was the last to end."""

    kind: Kind
    days: int
    at: datetime


def due_of(uses: Iterable[Use], periods: dict[tuple[UUID, Kind], int], held: Collection[UUID]) -> Due | None:
    """When a photo may go: the latest of all its uses. None while one is open or on hold, or where nobody knows it."""
    latest: Due | None = None
    for use in uses:
        days = periods[use.county_id, use.kind]
        at = use.due_at(days)
        if at is None or not use.under.isdisjoint(held):
            return None
        if latest is None or at > latest.at:
            latest = Due(use.kind, days, at)
    return latest
