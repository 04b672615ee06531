"""The owner answers: a form for each point, its receipt, the digits that let somebody reply. No account, no session."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from app.core import clock
from app.core.database import db, transaction
from app.core.errors import AppError, Invalid, Refused
from app.core.ids import new_id
from app.core.settings import settings
from app.core.storage import storage
from app.notices import turning
from app.notices.models import Notice
from app.notices.pages import OwnerFinding
from app.notices.public import sent_view, unknown
from app.notices.rules import short_digest
from app.photos.intake import Limits, Received, receive_photo
from app.photos.models import Purpose, Source
from app.photos.rules import PhotoMeta, clean_name
from app.photos.views import View, ensure_view
from app.replies import options, owner, pages, panels, proving, queries, rules, services
from app.replies.forms import ReplyForm, kind_of
from app.replies.models import ReplyKind, ReplyPhoto
from app.replies.owner import Held, hold, locked, part_of, show
from app.replies.pages import FormPage, before_photo
from app.web.access import current_person, public
from app.web.i18n import translate
from app.web.limits import limiter, slow_down_guessing
from app.web.requests import CSP
from app.web.strangers import asked_english, open_to_strangers

__all__ = ["bp", "options"]

bp = Blueprint("reply_public", __name__)
WHY = "whoever holds the paper answers its notice; the county may ask for the end of the registered phone"
POSTS = "40 per minute; 400 per hour"  # a whole market may share one network address
VIEWS = {"small": View.SMALL, "large": View.PRINT}

open_to_strangers(bp)  # tokens: owner.check_form
slow_down_posts = limiter.limit(POSTS, methods=["POST"])


@bp.record_once
def _stand_on_the_owners_page(_state: BlueprintSetupState) -> None:
    panels.add()
    proving.add()


bp.app_template_global()(pages.kind_title)
bp.app_template_global()(short_digest)


@bp.app_template_global()
def kind_said(kind: ReplyKind) -> str:
    """What an owner said, in two or three words."""
    return pages.kind_short(kind)


@bp.app_template_global()
def photo_small(notice: Notice) -> Callable[[ReplyPhoto], str]:
    """The addresses of the notice's reply photos, small."""
    return partial(_photo_url, notice, "small")


@bp.app_template_global()
def photo_large(notice: Notice) -> Callable[[ReplyPhoto], str]:
    """The same, to be looked at alone."""
    return partial(_photo_url, notice, "large")


def _photo_url(notice: Notice, size: str, photo: ReplyPhoto) -> str:
    return url_for("reply_public.photo", token=notice.token, photo_id=photo.photo_id, size=size)


@bp.errorhandler(RequestEntityTooLarge)
def _too_large(_error: Exception) -> Response:
    from app.web.failures import answer

    hint = _("Go back and choose fewer photos at once. Several replies one after the other are fine.")
    return answer(413, _("These photos are too large to be sent in one go."), hint)


@bp.get("/n/<token>/reply/<int:place>")
@public(WHY)
@slow_down_guessing
def reply(token: str, place: int) -> Response:
    """The form for one point; `?as=` names what is to be said."""
    held = hold(token)
    finding = held.finding(place) if held else None
    if held is None or finding is None:
        return unknown()
    if not proving.may_reply(held.notice):
        return _not_yet(held)
    return _form(held, finding, kind=request.args.get("as", ""))


@bp.post("/n/<token>/reply/<int:place>")
@public(WHY)
@slow_down_posts
@slow_down_guessing
def send(token: str, place: int) -> Response:
    """Take a reply in. What cannot be taken is shown back with all that was written and all photos that arrived."""
    held = hold(token)
    owner.check_form(held.notice if held else None)
    finding = held.finding(place) if held else None
    if held is None or finding is None:
        return unknown()
    form = ReplyForm.from_request()
    if not proving.may_reply(held.notice):
        return _not_yet(held, 403, kept=form.words.text)
    files, problems = _received(form)
    for photo_id in form.drop:
        with transaction():
            services.drop_photo(held.notice.id, form.reply_id, photo_id)
    if problems:
        return _again(held, finding, form, files, problems, "photos")
    try:
        with transaction():
            sent = services.send_reply(
                form.reply_id, held.notice.id, finding.id, form.words,
                proved_by=proving.proved(held.notice), now=clock.now(), files=files,
            )  # fmt: skip
    except (Invalid, Refused) as error:
        db.session.rollback()
        field = error.field if isinstance(error, Invalid) else ""
        return _again(held, finding, form, files, [translate(error.message, error.params)], field, error.status)
    return redirect(url_for(".receipt", token=token, reply_id=sent.id, lang=asked_english(), new=1), 303)


@bp.get("/n/<token>/replies/<uuid:reply_id>")
@public(WHY)
@slow_down_guessing
def receipt(token: str, reply_id: UUID) -> Response:
    """What was sent, when, under which number: the owner's to keep."""
    held = hold(token)
    if held is None:
        return unknown()
    if not proving.may_read(held.notice):
        return locked(held)
    sent = queries.reply_of(held.notice.id, reply_id)
    finding = next((one for one in held.page.findings if sent and one.id == sent.finding_id), None)
    if sent is None or finding is None:
        return unknown()
    return show(
        "replies/owner_receipt.html",
        held,
        reply=sent,
        finding=finding,
        number=rules.receipt_number(held.notice.number, sent.sequence),
        before=before_photo(finding),
        before_url=lambda photo: owner.inspector_photo(held.notice, photo),
        is_new="new" in request.args,
        next_one=next((one for one in held.page.findings if one.waits and one.id != finding.id), None),
    )


@bp.get("/n/<token>/replies/photos/<uuid:photo_id>/<any(small,large):size>.jpg")
@public(WHY)
@slow_down_guessing
def photo(token: str, photo_id: UUID, size: str) -> Response:
    """A photo the owner sent: derived, without EXIF, for the owner alone."""
    held = hold(token)
    if held is None or not proving.may_read(held.notice):
        return unknown()
    row = queries.photo_of(held.notice.id, photo_id)
    if row is None:
        return unknown()
    # only its owner has this address, and nobody covers anything on it: it is kept until its period is over
    return sent_view(ensure_view(row, VIEWS[size], storage=storage()), keep=row.removed_at is None)


@bp.post("/n/<token>/unlock")
@public(WHY)
@slow_down_posts
@slow_down_guessing
def unlock(token: str) -> Response:
    """Try the digits. Right ones are remembered on this phone for this notice."""
    held = hold(token)
    owner.check_form(held.notice if held else None)
    if held is None:
        return unknown()
    notice, digits = held.notice, rules.entered(request.form.get("digits", ""))
    with transaction():
        proof, tries = services.try_digits(
            notice.id, digits, phone=notice.premises.phone, code=proving.code_of(notice), now=clock.now()
        )
    if proof is None:
        db.session.expire(notice)
        wrong = "" if tries.is_paused(clock.now()) else "wrong" if digits else "empty"
        return locked(hold(token) or held, 422, tries=tries, wrong=wrong)
    answer = redirect(_back(token), 303)
    return proving.remember(answer, notice, proof, digits)


def _back(token: str) -> str:
    """The page that asked, if it is one of this notice."""
    asked = request.form.get("back", "")
    own = f"/n/{token}"
    inside = asked == own or asked.startswith((f"{own}/", f"{own}?"))
    if inside and not asked.startswith(f"{own}/unlock") and "\\" not in asked:
        return asked
    return url_for("notice_public.show", token=token, lang=asked_english())


def _not_yet(held: Held, status: int = 200, kept: str = "") -> Response:
    """Somebody signed in does not answer for the owner; anybody else is asked for the digits."""
    if current_person() is not None:
        return show("replies/owner_staff.html", held, 403 if status == 403 else 200)
    return locked(held, status, kept=kept)


def _form(held: Held, finding: OwnerFinding, *, kind: str) -> Response:
    part = part_of(held, finding)
    return _shown(held, FormPage(kind=kind_of(kind), part=part, reply_id=new_id()))


def _shown(held: Held, page: FormPage, status: int = 200) -> Response:
    """The form is the one page of the owner's that runs a script: ours."""
    response = show(
        "replies/owner_form.html",
        held,
        status,
        form=page,
        rules=rules,
        today=clock.today(),
        max_megabytes=settings().photo_max_bytes // 2**20,
        before_url=lambda photo: owner.inspector_photo(held.notice, photo),
    )
    response.headers["Content-Security-Policy"] = CSP
    return response


def _received(form: ReplyForm) -> tuple[list[tuple[Received, PhotoMeta]], list[str]]:
    """The photos of a plain form as kept bytes, and what was wrong with the others."""
    files, problems = [], []
    for file in form.files:
        name = clean_name(file.filename or "")
        try:
            received = receive_photo(file.stream, storage=storage(), limits=Limits.of(settings()))
        except AppError as error:
            problems.append(f"{name[:40]}: {translate(error.message, error.params)}")
            continue
        files.append((received, PhotoMeta(purpose=Purpose.AFTER, source=Source.UNKNOWN, original_name=name)))
    return files, problems


def _again(
    held: Held,
    finding: OwnerFinding,
    form: ReplyForm,
    files: list[tuple[Received, PhotoMeta]],
    problems: list[str],
    field: str,
    status: int = 422,
) -> Response:
    """The form once more. Photos that came with it are kept for it, so that nobody sends them twice."""
    draft_id = form.reply_id
    try:
        with transaction():
            notice = turning.lock_notice(held.notice.id)
            for received, meta in files:
                photo_id = services.plain_photo_id(draft_id, received)
                services.hold_photo(received, photo_id, draft_id, notice, finding.id, meta)
    except Refused as error:
        problems = [*problems, translate(error.message, error.params)]
    now = hold(held.token) or held
    again = FormPage(
        kind=form.words.kind,
        part=part_of(now, finding),
        reply_id=draft_id,
        text=form.words.text,
        wished_on=form.wished_text,
        held=queries.photos_of_draft(held.notice.id, draft_id),
        problems=problems,
        field=field,
    )
    return _shown(now, again, status)
