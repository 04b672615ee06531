"""Newer shipped versions of edited checklists: looked at, and taken over item by item or as a whole."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.checklists import pages, queries, renewing, services
from app.checklists.routes import READERS, bp, editor, field_labels
from app.core import clock
from app.core.errors import NotFound
from app.core.ids import new_id
from app.core.roles import Role
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.filters import date_full


@bp.get("/checklists/<string:domain>/shipped")
@allow(*READERS)
def shipped(domain: str) -> str:
    """What the newer release says differently."""
    key = queries.domain_of(domain)
    renewal = renewing.renewal_of(key.key)
    return render_template(
        "checklists/shipped.html",
        domain=key,
        renewal=renewal,
        changes=pages.change_views(renewal.changes, field_labels()) if renewal else [],
        may_edit=services.may_edit(current_person()),
        change_id=new_id,
    )


@bp.post("/checklists/<string:domain>/shipped")
@allow(Role.ADMINISTRATOR)
def take_over(domain: str) -> Response:
    """Publish a version with the chosen `code` as shipped, or with all of them."""
    me, change, now = editor(), change_id(), clock.now()
    based_on = queries.version_numbered(domain, request.form.get("based_on", 0, type=int))

    def work() -> None:
        renewal = renewing.renewal_of(domain)
        if renewal is None:
            raise NotFound
        codes = request.form.getlist("code") or [one.code for one in renewal.changes]
        remark = _("Taken over from the release of %(day)s: %(codes)s", day=date_full(renewal.released),
                   codes=", ".join(codes))  # fmt: skip
        renewing.take_over(based_on, codes, by=me, remark=remark[:300], now=now, change=change)

    carry_out(change, work, lambda: None)
    flash(_("Published. Inspections that have begun keep their version."), "ok")
    left = renewing.renewal_of(domain)
    return redirect(url_for("checklists.shipped" if left else "checklists.show", domain=domain), 303)
