"""The record of one photo. The bytes lie in the storage under their hash and are never changed."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core import orphans
from app.core.database import db, text_enum


class Purpose(enum.StrEnum):
    """What the photo shows, as the one who took it says."""

    FINDING = "finding"
    BEFORE = "before"
    AFTER = "after"
    SCENE = "scene"
    LICENCE = "licence"
    OTHER = "other"


class Source(enum.StrEnum):
    """Where the browser took it from; browsers do not always say."""

    CAMERA = "camera"
    GALLERY = "gallery"
    UNKNOWN = "unknown"


class Photo(db.Model):
    """One upload. The same picture may be uploaded twice: that is kept, because reuse is a signal.

    Three clocks stand side by side and none corrects another: `taken_at` is the camera's (EXIF), `captured_at` the
    phone's when the photo was chosen or taken, `received_at` the server's. Two positions likewise: EXIF and phone.
    """

    __tablename__ = "photos"
    __table_args__ = (Index("ix_photos_uploaded_by_id_received_at", "uploaded_by_id", "received_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)  # made on the phone; the retry key
    sha256: Mapped[str] = mapped_column(String(64), index=True)  # of the original bytes
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    media_type: Mapped[str] = mapped_column(String(40))  # by content, never by name
    width: Mapped[int]  # pixels, upright
    height: Mapped[int]
    storage_key: Mapped[str] = mapped_column(String(250))
    original_name: Mapped[str] = mapped_column(String(120), default="")
    purpose: Mapped[Purpose] = mapped_column(text_enum(Purpose), default=Purpose.OTHER)
    source: Mapped[Source] = mapped_column(text_enum(Source), default=Source.UNKNOWN)

    exif: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # the known fields, cleaned
    taken_at: Mapped[datetime | None]
    taken_zone_assumed: Mapped[bool] = mapped_column(default=False)  # the camera named no offset from UTC
    exif_latitude: Mapped[float | None]  # degrees, WGS 84
    exif_longitude: Mapped[float | None]
    device: Mapped[str] = mapped_column(String(100), default="")  # maker and model

    captured_at: Mapped[datetime | None]
    clock_offset_ms: Mapped[int | None] = mapped_column(BigInteger)  # the phone's clock minus the server's
    latitude: Mapped[float | None]  # of the phone
    longitude: Mapped[float | None]
    accuracy_m: Mapped[float | None]  # metres, 68 %

    received_at: Mapped[datetime] = mapped_column(index=True)
    uploaded_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))  # None: an owner's reply
    removed_at: Mapped[datetime | None]  # its bytes were deleted after their period; hash, size and times stay

    @property
    def short_hash(self) -> str:
        """What is burnt into the views and can be compared by eye."""
        return self.sha256[:8]

    @property
    def megapixels(self) -> float:
        return round(self.width * self.height / 1_000_000, 1)


class PhotoCover(db.Model):
    """What the public does not see of a photo: faces, plates. The newest that was not taken back holds, whole."""

    __tablename__ = "photo_covers"
    __table_args__ = (Index("ix_photo_covers_photo_at", "photo_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)  # the client's; the retry key
    photo_id: Mapped[UUID] = mapped_column(ForeignKey("photos.id"))
    boxes: Mapped[list[list[int]]] = mapped_column(JSON)  # left, top, width, height in ten-thousandths, upright
    at: Mapped[datetime]
    by_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))


orphans.holds(Photo.storage_key, by_hash=Photo.sha256, unless=Photo.removed_at)
