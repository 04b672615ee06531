"""The hand-over sheet as a file, made from the frozen content and what the receiver answered since."""

import hashlib
import logging
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.core.database import db
from app.core.errors import AppError
from app.core.settings import settings
from app.core.storage import storage
from app.notices.print_fonts import FontSet
from app.notices.rules import short_digest
from app.photos.models import Photo
from app.photos.views import View, read_view
from app.referrals import pages
from app.referrals.content import moment_of
from app.referrals.models import Referral, ReferralLink, Urgency
from app.referrals.paper import PaperPhoto, SheetPaper, render_sheet
from app.referrals.rules import Event, Outcome
from app.seals import chain, papers, signing
from app.seals.certificate import Seal
from app.seals.checking import address_of_checks
from app.seals.papers import Slot
from app.web.filters import date_full, time_of_day
from app.web.i18n import CHINESE, ENGLISH, is_chinese

log = logging.getLogger("xuncha.error")
DESIGN = "2"  # counts up when the sheet's layout changes, so that kept files are made anew
ANSWERS = (Event.ACKNOWLEDGE, Event.ACCEPT, Event.RETURN, Event.FILE, Event.HAND_OVER)


def link_address(link: ReferralLink) -> str:
    """What is given to the authority. Written out, so that a command without a request says the same."""
    return f"{settings().public_url}/r/{link.token}"


def key_address() -> str:
    """Where the public key is had."""
    return f"{settings().public_url}/evidence-key.pem"


def sheet_pdf(referral: Referral, language: str = CHINESE) -> bytes:
    """The signed PDF: made once for each state of the referral, then the same bytes again."""
    ending = "-en" if language == ENGLISH else ""
    name = f"referrals/{referral.digest}-{_state(referral)}{ending}"

    def typeset(seal: Seal) -> bytes:
        with force_locale(language):
            paper = replace(paper_of(referral), seal_text=papers.words(seal))
        return render_sheet(paper, fonts=FontSet.of(settings())).pdf

    return papers.kept_or_made(Slot(name, Referral.__tablename__, referral.id, referral.number), typeset)


def paper_of(referral: Referral) -> SheetPaper:
    """The sheet's plain data, in the language of the request."""
    gone = referral.outcome in {Outcome.WITHDRAWN, Outcome.NOT_SENT}
    return replace(
        _as_sent(referral.content, _photos(referral)),
        clock=_clock(referral),
        answer_opinion=referral.answer_opinion,
        answers=tuple(_answers(referral)),
        mark=_("TAKEN BACK") if gone else "",
        check_code=short_digest(referral.digest),
        check_url=address_of_checks(),
        key_line=_(
            "The electronic evidence is signed (Ed25519). Public key: %(url)s, fingerprint %(fingerprint)s",
            url=key_address(),
            fingerprint=signing.fingerprint(settings()),
        ),
    )


def _as_sent(said: dict[str, Any], photos: tuple[PaperPhoto, ...]) -> SheetPaper:
    """What the frozen content says."""
    language = "zh" if is_chinese() else "en"
    subject, sender, receiver = said["subject"], said["sender"], said["receiver"]
    unknown = _("unknown")
    return SheetPaper(
        title=said["title"][language],
        number=said["number"],
        sender=sender["name"][language],
        sender_phone=sender["phone"],
        handed_by=_person(sender["person"], sender["certificate"]),
        receiver=receiver["name"],
        receiver_phone=receiver["phone"],
        opening=_("We hand over the following lead for you to verify and deal with within your powers."),
        subject=subject["name"] or unknown,
        address="，".join(dict.fromkeys(text for text in (subject["region"], subject["address"]) if text)),
        person_in_charge=subject["person_in_charge"] or unknown,
        phone=subject["phone"] or unknown,
        business=subject["business"] or unknown,
        urgency=pages.urgency_text(Urgency(said["urgency"])),
        matter=said["matter"][language],
        discovered_at=_moment(said["discovered_at"]),
        discovered_by=said["discovered_by"],
        facts=said["facts"],
        scene=said["scene"],
        opinion=said["opinion"],
        papers=tuple(said["papers"]),
        photos=photos,
        sent_on=date_full(moment_of(said["sent_at"])),
        sent_iso=said["sent_at"],
        note=_again() if said["round"] > 1 else "",
        footer=said["footer"][language],
        seal=said["seal"][language],
        copies=said["copies"][language],
        chain_text=chain.printed(said.get("chain")),
        language=language,
    )


def _again() -> str:
    return _("Sent again after completion; this sheet takes the place of the earlier one.")


def _person(name: str, certificate: str) -> str:
    return f"{name}（{certificate}）" if certificate else name


def _clock(referral: Referral) -> str:
    """By when it had to be reported, after which rule, and how that was kept."""
    told = referral.content["clock"]
    if told is None:
        return _("no limit in law")
    parts = [_moment(told["due_at"])]
    if told["basis"]:
        parts.append(told["basis"])
    if told["product_default"]:
        parts.append(_("our own limit, not the law's"))
    if told["unsure"]:
        parts.append(_("still to be checked against the original"))
    return "；".join([*parts, pages.clock_text(referral).lstrip("✓✗ ")])


def _moment(text: str) -> str:
    at = moment_of(text)
    return f"{date_full(at)} {time_of_day(at)}"


def _answers(referral: Referral) -> list[str]:
    """What the receiving side said through the product: beside the lines to sign by hand."""
    lines = []
    for event in referral.events:
        if event.event in ANSWERS:
            who = event.name or (event.by.name if event.by else "")
            lines.append(f"{pages.event_text(event)}：{who} {date_full(event.at)} {time_of_day(event.at)}")
    return lines


def _photos(referral: Referral) -> tuple[PaperPhoto, ...]:
    """Thumbnails of the evidence; one that cannot be read leaves its place and its hash."""
    frozen = referral.content["photos"]
    wanted = select(Photo).where(Photo.id.in_([UUID(told["id"]) for told in frozen]))
    rows = {row.id: row for row in db.session.scalars(wanted)}
    found = []
    for told in frozen:
        data = b""
        try:
            data = read_view(rows[UUID(told["id"])], View.SMALL, storage=storage())
        except (AppError, OSError, KeyError) as error:
            log.warning("a photo of a referral cannot be printed: %s", type(error).__name__)
        at = told["captured_at"] or told["received_at"]
        found.append(PaperPhoto(told["place"], told["caption"], _moment(at), told["sha256"], data))
    return tuple(found)


def _state(referral: Referral) -> str:
    """What stands on the sheet besides its frozen content, as a short name."""
    facts = [DESIGN, settings().public_url, referral.outcome, referral.answer_opinion, *(e.id for e in referral.events)]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]
