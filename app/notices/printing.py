"""The paper of a notice as a file: made from the frozen content, then kept under its digest."""

import enum
import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any
from uuid import UUID

import typst
from flask import request, send_file, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.database import db, transaction
from app.core.errors import AppError, NotFound
from app.core.settings import settings
from app.core.storage import storage
from app.notices import awaited
from app.notices.models import Delivery, Notice
from app.notices.pages import OwnerFinding, OwnerPage, owner_page
from app.notices.paper import (
    Layout,
    NoticePaper,
    PaperFinding,
    PaperPerson,
    Receipt,
    ReceiptKind,
    render,
)
from app.notices.print_fonts import FontSet
from app.notices.qr import qr_png
from app.notices.rules import short_digest, without_end
from app.notices.typesetting import Rendered
from app.photos.models import Photo
from app.photos.public import changed, covers_of
from app.photos.views import View, read_view
from app.seals import chain, papers
from app.seals.certificate import UNSIGNED, Seal
from app.seals.checking import address_of_checks
from app.seals.papers import Slot
from app.web.filters import date_full, moment, time_of_day
from app.web.i18n import CHINESE, ENGLISH

log = logging.getLogger("xuncha.error")
DESIGN = "4"  # counts up when the paper's layout changes, so that kept files are made anew


class Copy(enum.StrEnum):
    """Whom a printed paper is for."""

    OWNER = "owner"  # made by the issuing side: all of it, and the reply code where the owner needs one
    FILE = "file"  # for other authorities: all of it, without the reply code
    PUBLIC = "public"  # from the owner's page: whoever has the link, so without the end of the phone number


# asked for the code that lets the owner of a notice reply, "" where none is needed; an upper feature knows it
reply_codes: list[Callable[[Notice], str]] = []


def public_address(notice: Notice) -> str:
    """The short address that stands on the paper and in its code."""
    return f"{settings().public_url}{url_for('notice_public.show', token=notice.token)}"


def pdf_response(notice: Notice, layout: str, language: str = CHINESE, copy: Copy = Copy.OWNER) -> Response:
    """The paper in `layout` (a4, 80mm, 58mm), shown in the browser under its number. A draft has none (NotFound).

    The Chinese one is the notice; the English one is for reading and says so.
    """
    if not notice.number:
        raise NotFound
    data = paper_pdf(notice, Layout(layout), language, copy)
    ending = "-en" if language == ENGLISH else ""
    response = send_file(
        BytesIO(data), mimetype="application/pdf", download_name=f"{notice.number}-{layout}{ending}.pdf"
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def qr_response(notice: Notice) -> Response:
    """The code as a PNG. A draft has none (NotFound)."""
    if not notice.number:
        raise NotFound
    return send_file(BytesIO(qr_png(public_address(notice))), mimetype="image/png")


def asked_language() -> str:
    """English where the address asks for it, whatever language the reader works in: paper is Chinese."""
    return ENGLISH if request.args.get("lang") == ENGLISH else CHINESE


def paper_pdf(notice: Notice, layout: Layout, language: str = CHINESE, copy: Copy = Copy.FILE) -> bytes:
    """The signed PDF: made once for each state of the notice, then the same bytes again."""
    return papers.kept_or_made(
        _slot(notice, layout, language, copy), lambda seal: render_paper(notice, layout, language, copy, seal).pdf
    )


def _slot(notice: Notice, layout: Layout, language: str, copy: Copy) -> Slot:
    ending = "-en" if language == ENGLISH else ""
    name = f"notices/{notice.digest}-{layout}-{_state(notice, copy)}{ending}"
    return Slot(name, Notice.__tablename__, notice.id, notice.number)


def prepare(notice_id: UUID) -> None:
    """Make the A4 paper right after issuing and note which characters no font here can draw.

    A notice is issued whether or not it can be printed at this moment; a fault goes to the log.
    """
    made: list[Rendered] = []

    def typeset(seal: Seal) -> bytes:
        made.append(render_paper(notice, Layout.A4, CHINESE, Copy.OWNER, seal))
        return made[-1].pdf

    try:
        notice = db.session.get_one(Notice, notice_id)
        papers.kept_or_made(_slot(notice, Layout.A4, CHINESE, Copy.OWNER), typeset)
        missing = "".join(made[-1].missing_glyphs) if made else notice.missing_glyphs
        if missing != notice.missing_glyphs:
            with transaction():
                db.session.get_one(Notice, notice_id).missing_glyphs = missing
    except (AppError, OSError, typst.TypstError) as error:
        log.error("the paper of a new notice could not be made: %s", type(error).__name__, exc_info=error)  # noqa: TRY400


def render_paper(
    notice: Notice,
    layout: Layout,
    language: str = CHINESE,
    copy: Copy = Copy.FILE,
    seal: Seal = UNSIGNED,
) -> Rendered:
    """Typeset the frozen content; in Chinese unless told otherwise, as the official paper is."""
    with force_locale(language):
        paper = replace(paper_of(notice, covered=copy is not Copy.FILE), seal_text=papers.words(seal))
        paper = _for(copy, notice, paper)
    return render(paper, layout, fonts=FontSet.of(settings()))


def _for(copy: Copy, notice: Notice, paper: NoticePaper) -> NoticePaper:
    if copy is Copy.PUBLIC:
        return replace(paper, phone=without_end(paper.phone))
    return replace(paper, reply_code=_reply_code(notice)) if copy is Copy.OWNER else paper


def _reply_code(notice: Notice) -> str:
    return next((code for ask in reply_codes if (code := ask(notice))), "")


def paper_of(notice: Notice, *, covered: bool = False) -> NoticePaper:
    """The paper's plain data, in the language of the request; `covered`: photos as the public may see them."""
    page = owner_page(notice.content)
    return replace(
        _as_issued(page, _photos(page, covered=covered)),
        receipt=_receipt(notice.handed_over[-1] if notice.handed_over else None),
        digest=short_digest(notice.digest),
        check_url=address_of_checks(),
        url=public_address(notice),
        withdrawn_text=_withdrawn(notice, notice.replaced_by),
    )


def _as_issued(page: OwnerPage, photos: dict[UUID, bytes]) -> NoticePaper:
    """What the frozen content says; `photos` by id."""
    said, premises = page.content, page.content["premises"]
    before, _day, after = page.due_text
    return NoticePaper(
        issuing_body=page.issuer,
        issuing_phone=page.phone,
        kind_title=page.say("title"),
        number=page.number,
        is_official=not said["advisory"],
        premises_name=premises["name"],
        person_in_charge=premises["person_in_charge"],
        address=premises["address"],
        phone=premises["phone"],
        credit_code=premises["credit_code"],
        inspected_at=f"{date_full(page.visited_at)} {time_of_day(page.visited_at)}",
        inspectors=tuple(PaperPerson(p["name"], p["certificate"]) for p in said["visit"]["people"]),
        registration_number=page.registration,
        signatory=PaperPerson(**_person(page.signatory)) if page.signatory else None,
        translation_text="" if page.chinese else _translation(page),
        language="zh" if page.chinese else "en",
        opening_text=page.say("intro"),
        due_summary=f"{before} {date_full(page.due_on)} {after}" if page.due_on else "",
        findings=tuple(_finding(page, finding, photos) for finding in page.findings),
        reply_text=page.say("reply"),
        objection_text=page.say("objection"),
        receipt_text=page.say("delivery"),
        footer=page.say("footer"),
        stamp_text=page.say("seal"),
        copies_text=page.say("copies"),
        issued_on=date_full(page.issued_on),
        issued_iso=said["issued_at"],
        chain_text=chain.printed(said.get("chain")),
        replaces_text=_("This notice takes the place of %(number)s.", number=said["replaces"]["number"])
        if said["replaces"]
        else "",
        labels=_labels(page),
    )


def _person(said: dict[str, str]) -> dict[str, str]:
    return {"name": said["name"], "certificate_number": said["certificate"]}


def _translation(page: OwnerPage) -> str:
    title = f"{page.content['issuer']['name']['zh']} {page.content['title']['zh']}"
    return _("Translation for reading. The notice that counts is the Chinese one: %(title)s.", title=title)


def _labels(page: OwnerPage) -> dict[str, str]:
    """The kind's own words, and that our code is none of the official ones (DOMAIN.md, The notice)."""
    own = {name: page.label(name) for name in ("inspector", "visit", "certificate", "advice")}
    return own | {"qr_not": _("(not an official supervision code)")}


def _finding(page: OwnerPage, finding: OwnerFinding, photos: dict[UUID, bytes]) -> PaperFinding:
    entry = page.content["findings"][finding.place - 1]
    language = "zh" if page.chinese else "en"
    due_text = ""
    if finding.due_on:
        due_text = entry["outcome_text"][language].replace("{date}", date_full(finding.due_on))
    return PaperFinding(
        ordinal=finding.place,
        title=entry["title"][language],
        fact=finding.fact,
        basis="\n".join(text for text in (finding.basis, finding.basis_original) if text),
        advice=finding.advice,
        due_text=due_text,
        outcome_text="" if due_text else finding.outcome,
        photos=tuple(photos[photo.id] for photo in finding.photos if photo.id in photos),
    )


def _photos(page: OwnerPage, *, covered: bool) -> dict[UUID, bytes]:
    """The print views of all photos; one that cannot be read leaves its place to the code on the paper."""
    wanted = [photo.id for photo in page.photos]
    found = {photo.id: b"" for photo in page.photos if photo.lacking}
    covers = covers_of(wanted) if covered else {}
    for photo in db.session.query(Photo).filter(Photo.id.in_(wanted)):
        try:
            found[photo.id] = read_view(photo, View.PRINT, storage=storage(), covers=covers.get(photo.id, ()))
        except (AppError, OSError) as error:
            log.warning("a photo of a notice cannot be printed: %s", type(error).__name__)
            found[photo.id] = b""
    return found


def _receipt(delivery: Delivery | None) -> Receipt:
    if delivery is None:
        return Receipt()
    signature = storage().read(delivery.signature_key) if delivery.signature_key else None
    return Receipt(
        kind=ReceiptKind(delivery.method.value),
        receiver=delivery.receiver,
        at_text=moment(delivery.at),
        reason=delivery.reason,
        witness=delivery.witness,
        signature=signature,
    )


def _withdrawn(notice: Notice, successor: Notice | None) -> str:
    if notice.withdrawn_at is None:
        return ""
    text = _(
        "This notice was withdrawn on %(day)s. You need not follow it.", day=date_full(notice.withdrawn_at)
    )
    if successor is not None and successor.number:
        text += _("Go to the new notice %(number)s", number=successor.number)
    return text


def _state(notice: Notice, copy: Copy) -> str:
    """What stands on the paper besides its frozen content, as a short name."""
    facts: list[Any] = [DESIGN, settings().public_url, notice.status.value, notice.withdrawn_at, copy.value]
    facts += [_reply_code(notice)] if copy is Copy.OWNER else []
    facts += [
        notice.replaced_by.number if notice.replaced_by else "",
        *(d.id for d in notice.handed_over[-1:]),
    ]
    facts += sorted(awaited.lacking(notice.content))
    facts += changed([UUID(photo["id"]) for finding in notice.content["findings"] for photo in finding["photos"]])
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]
