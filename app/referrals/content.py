"""What a referral says when it goes out, as one JSON-ready value: the sheet, the ZIP and the link read only this."""

import hashlib
from datetime import datetime
from typing import Any

from app.accounts.models import Organisation, Person
from app.core import clock
from app.notices.rules import canonical
from app.referrals.matters import Matter, get_matter, wording
from app.referrals.models import Referral, ReferralPhoto

VERSION = 1


def build(referral: Referral, *, by: Person | None, now: datetime) -> dict[str, Any]:
    """Return the content as it would go out now. `by` sends it; None for a look beforehand."""
    matter, words = get_matter(referral.matter), wording()
    return {
        "version": VERSION,
        "number": referral.number,
        "round": referral.round,
        "title": {"zh": words.title_zh, "en": words.title_en},
        "matter": {"key": matter.key, "zh": matter.title_zh, "en": matter.title_en},
        "sender": _sender(referral.organisation, by),
        "receiver": {"name": referral.to_name, "phone": referral.to_phone},
        "subject": {
            "name": referral.subject,
            "address": referral.address,
            "region": referral.region.name_zh,
            "person_in_charge": referral.person_in_charge,
            "phone": referral.phone,
            "business": referral.business,
        },
        "urgency": referral.urgency.value,
        "discovered_at": referral.discovered_at.isoformat(),
        "discovered_by": referral.discovered_by,
        "position": _position(referral),
        "clock": _clock(matter, referral),
        "facts": referral.facts,
        "scene": referral.scene,
        "opinion": referral.opinion,
        "papers": list(referral.papers),
        "photos": [_photo(place, row) for place, row in enumerate(referral.photos, start=1)],
        "notice": {"id": str(referral.notice.id), "number": referral.notice.number} if referral.notice else None,
        "inspection": str(referral.inspection_id) if referral.inspection_id else None,
        "sent_at": now.isoformat(),
        "footer": {"zh": words.footer_zh, "en": words.footer_en},
        "seal": {"zh": words.seal_zh, "en": words.seal_en},
        "copies": {"zh": words.copies_zh, "en": words.copies_en},
    }


def digest(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical content."""
    return hashlib.sha256(canonical(content)).hexdigest()


def moment_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _sender(body: Organisation, by: Person | None) -> dict[str, Any]:
    return {
        "name": {"zh": body.name_zh, "en": body.name_en or body.name_zh},
        "phone": body.phone,
        "person": by.name if by else "",
        "certificate": by.certificate_number if by else "",
    }


def _position(referral: Referral) -> list[float | None] | None:
    if referral.latitude is None:
        return None
    return [referral.latitude, referral.longitude, referral.accuracy_m]


def _clock(matter: Matter, referral: Referral) -> dict[str, Any] | None:
    if referral.due_at is None:
        return None
    return {
        "rule": matter.clock.number if matter.clock else "",
        "basis": matter.clock.basis if matter.clock else "",
        "unsure": matter.unsure,
        "product_default": matter.product_default,
        "due_at": referral.due_at.isoformat(),
    }


def _photo(place: int, row: ReferralPhoto) -> dict[str, Any]:
    photo = row.photo
    return {
        "place": place,
        "id": str(photo.id),
        "sha256": photo.sha256,
        "size": photo.size,
        "media_type": photo.media_type,
        "caption": row.caption,
        "received_at": photo.received_at.isoformat(),
        "captured_at": photo.captured_at.isoformat() if photo.captured_at else None,
        "camera_at": photo.taken_at.isoformat() if photo.taken_at else None,
        "position": _pair(photo.latitude, photo.longitude),
        "device": photo.device,
    }


def _pair(latitude: float | None, longitude: float | None) -> list[float] | None:
    return None if latitude is None or longitude is None else [latitude, longitude]


def local_text(moment: datetime) -> str:
    """2026年11月22日 09:05, as on paper."""
    here = clock.local(moment)
    return f"{here.year}年{here.month}月{here.day}日 {here:%H:%M}"
