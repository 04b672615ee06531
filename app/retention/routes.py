"""The pages of retention: periods and runs, holds. Covers stand in cover_routes.py."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.county_routes import own_county
from app.core import clock
from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.roles import Role
from app.retention import cli, cover_routes, holds, looks, models, options, pages, panels
from app.retention.blueprint import bp
from app.retention.rules import Subject
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.i18n import translate

__all__ = ["bp", "cover_routes", "models", "options"]

bp.cli.add_command(cli.group)
bp.record_once(lambda state: state.app.extensions.setdefault(looks.KEY, looks.Pending()))
bp.after_app_request(looks.note)
_WORDS = (pages.subject_word, pages.what_word, pages.deleted_text, pages.gone_in)
for _helper in (*_WORDS, pages.subject_url, pages.hold_url):
    bp.add_app_template_global(_helper, f"retention_{_helper.__name__}")
holds.add()
panels.add()


@bp.get("/retention")
@allow(Role.ADMINISTRATOR)
def index() -> str:
    """How long what is kept, what is due soon, and the last runs."""
    return render_template("retention/index.html", page=pages.overview(own_county().id))


@bp.get("/holds")
@allow(*holds.HOLDERS)
def hold_list() -> str:
    """What is on legal hold in the reader's area, and what was."""
    return render_template("retention/holds.html", page=pages.holds_in(current_person(), request.args.get("after", "")))


@bp.get("/premises/<uuid:premises_id>/hold")
@bp.get("/inspections/<uuid:inspection_id>/hold")
@bp.get("/notices/<uuid:notice_id>/hold")
@bp.get("/complaints/<uuid:complaint_id>/hold")
@bp.get("/referrals/<uuid:referral_id>/hold")
@allow(*holds.HOLDERS)
def hold(**ids: UUID) -> str:
    """Put it on hold, or lift the hold."""
    return _page(*_subject(ids))


@bp.post("/premises/<uuid:premises_id>/hold")
@bp.post("/inspections/<uuid:inspection_id>/hold")
@bp.post("/notices/<uuid:notice_id>/hold")
@bp.post("/complaints/<uuid:complaint_id>/hold")
@bp.post("/referrals/<uuid:referral_id>/hold")
@allow(*holds.HOLDERS)
def change_hold(**ids: UUID) -> Any:
    """Place or lift it, with a reason. The same again changes nothing."""
    person, change = current_person(), change_id() or new_id()
    lifted = request.form.get("act") == "lift"
    _subject(ids)

    def work() -> None:
        subject, row = _subject(ids)
        reason, now = request.form.get("reason", ""), clock.now()
        standing = holds.hold_on(row.id)
        if not lifted:
            holds.place(change, subject, row, reason, by=person, now=now)
        elif standing is not None:
            holds.lift(standing, row, reason, by=person, now=now)

    try:
        carry_out(change, work, lambda: None)
    except Invalid as error:
        return _page(*_subject(ids), error=translate(error.message, error.params)), 422
    flash(_("The hold is lifted.") if lifted else _("On hold: nothing under it is deleted."), "ok")
    subject, row = _subject(ids)
    return _back(subject, row.id)


def _back(subject: Subject, subject_id: UUID) -> Response:
    return redirect(pages.hold_url(subject, subject_id), 303)


def _subject(ids: dict[str, UUID]) -> tuple[Subject, Any]:
    ((name, subject_id),) = ids.items()
    subject = Subject(name.removesuffix("_id"))
    return subject, holds.subject_of(subject, subject_id, current_person())


def _page(subject: Subject, row: Any, error: str = "") -> str:
    return render_template(
        "retention/hold.html",
        subject=subject,
        subject_id=row.id,
        name=holds.name_of(subject, row),
        standing=holds.hold_on(row.id),
        history=pages.history_of(row.id),
        error=error,
        reason=request.form.get("reason", ""),
        longest=holds.LONGEST,
    )
