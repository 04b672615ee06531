"""Referrals made through the services. Inside an application context; commit yourself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image

from app.accounts.models import Person
from app.accounts.regions import Region
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.storage import storage
from app.photos.models import Photo, Purpose
from app.referrals import queries, services, steps
from app.referrals.addressees import Address, save_addressee
from app.referrals.models import Addressee, Referral
from app.referrals.rules import Event, Outcome
from app.referrals.services import Evidence, Facts, Opening

FACTS = Facts(
    discovered_at=datetime(2026, 11, 20, 1, tzinfo=UTC),
    address="集市东头第三间,蓝色卷帘门",
    facts="门口挂“祖传治牙”布条,有人躺在牙椅上,旁边有用过的针头。",
    scene="外观已拍照,没有进入",
)


def opening(region: Region, matter: str = "illegal_practice", at: datetime | None = None, **changes: Any) -> Opening:
    facts = replace(FACTS, **{"discovered_at": at or clock.now()} | changes.pop("facts", {}))
    return Opening(matter, region, facts, **changes)


def make_referral(by: Person, region: Region, at: datetime | None = None, **changes: Any) -> Referral:
    """A draft about an unlicensed practice without a name."""
    return services.open_referral(new_id(), opening(region, at=at, **changes), by=by, now=at or clock.now())


def take(referral: Referral, event: Event, by: Person, now: datetime | None = None, **more: Any) -> Referral:
    """One step, and the referral as it stands then."""
    steps.take_step(referral, steps.Step(new_id(), event, **more), by=by, now=now or clock.now())
    return queries.get_referral(referral.id, by)


def sent(by: Person, region: Region, now: datetime | None = None, **changes: Any) -> Referral:
    made = make_referral(by, region, at=now, **changes)
    return take(queries.get_referral(made.id, by), Event.SEND, by, now)


def make_photo(by: Person, tone: int = 90, photo_id: UUID | None = None) -> Photo:
    """A kept photo with EXIF that no derived view may show."""
    out = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SecretMaker"
    Image.effect_noise((900, 600), 40 + tone % 50).convert("RGB").save(out, "JPEG", exif=exif)
    stored = storage().put_stream(BytesIO(out.getvalue()), ".jpg")
    photo = Photo(
        id=photo_id or new_id(), sha256=stored.sha256, size=stored.size, media_type="image/jpeg", width=900, height=600,
        storage_key=stored.key, purpose=Purpose.SCENE, exif={}, received_at=clock.now(), uploaded_by_id=by.id,
        captured_at=clock.now() - timedelta(minutes=1),
    )  # fmt: skip
    db.session.add(photo)
    db.session.flush()
    return photo


def with_photos(by: Person, count: int = 2) -> tuple[Evidence, ...]:
    return tuple(Evidence(make_photo(by, number * 7).id, f"照片说明{number}") for number in range(1, count + 1))


def make_addressee(by: Person, region: Region, authority: str = "health_commission", **changes: Any) -> Addressee:
    facts = {"name": "试验县卫生健康局", "phone": "000-1234567", "email": "a@example.org"} | changes
    return save_addressee(new_id(), Address(authority, region, **facts), by=by, now=clock.now())


RECEIVED = {"name": "接收人甲"}
DONE = {"name": "接收人甲", "reason": "已查处完毕", "outcome": Outcome.DEALT_WITH}
