"""The page of the audit log: what the last verification found, the head, second places, events; verify now."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.core import clock, ledger
from app.core.database import db
from app.core.errors import N_, Refused
from app.core.ids import new_id
from app.proof import cli, models, pages, panels, queries, running, telling
from app.proof.checking import Wish
from app.proof.models import AuditCheck
from app.web.access import allow, current_person
from app.web.changes import change_id

__all__ = ["bp", "models"]
SOON = timedelta(seconds=30)  # between two verifications that are asked for on the page
SMALL = 50_000  # records that are all read on the page; of more only what came since the last whole verification

bp = Blueprint("proof", __name__, cli_group=None)
bp.cli.add_command(cli.group)
for _helper in (telling.told_of, telling.action_word, telling.table_word, telling.tables_told):
    bp.add_app_template_global(_helper, f"audit_{_helper.__name__}")
for _link in (pages.object_url, pages.events_url):
    bp.add_app_template_global(_link, f"audit_{_link.__name__}")
panels.add()


@bp.get("/audit")
@allow(*queries.READERS)
def index() -> str:
    """Whether records are what they were, and what was done."""
    return render_template("proof/index.html", page=pages.audit_page(current_person(), request.args))


@bp.post("/audit/verify")
@allow(*queries.READERS)
def verify() -> Any:
    """A quick verification: records, rows, and files by their size. The command does the whole."""
    check_id, person = change_id() or new_id(), current_person()
    if db.session.get(AuditCheck, check_id) is None:
        last, head = queries.last_check(), ledger.head()
        if last is not None and last.started_at > clock.now() - SOON:
            raise Refused(N_("It was verified a moment ago. Try again in half a minute."))
        whole = queries.last_check(whole=True)
        since = whole.head_seq if whole and head and head.seq > SMALL else 0
        if head is not None and head.seq - since > SMALL:
            raise Refused(
                N_("There is too much to verify on a page."),
                hint=N_("Let “flask audit verify” be run on the server."),
            )
        _check, result, _names = running.run(
            Wish(quick=True, since=since, files=since == 0), by=person.id, check_id=check_id
        )
        count = result.tally.differences
        flash(_("Verified: %(count)s differences.", count=count), "error" if count else "ok")
    return redirect(url_for("proof.index"), 303)
