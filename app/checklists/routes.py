"""Checklist pages: supervisors read; the county's administrators edit, and every edit is a new version."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.forms import show_on
from app.accounts.models import Person
from app.checklists import editing, pages, queries, renewing, services
from app.checklists.forms import PLAIN, SEVERITY_NAMES, ItemForm, NewItemForm, form_data
from app.checklists.limits import edited_measures
from app.checklists.models import ChecklistItem, ChecklistVersion
from app.checklists.rules import HIGH_RISE
from app.core import clock
from app.core.errors import N_, AppError, Invalid, NotFound
from app.core.ids import new_id
from app.core.roles import Role
from app.web import panels
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.i18n import translate

bp = Blueprint("checklists", __name__)
READERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)


@bp.get("/checklists")
@allow(*READERS)
def index() -> str:
    """All domains: version, number of items, how many still want checking."""
    return render_template("checklists/index.html", rows=pages.domain_rows())


@bp.get("/checklists/<string:domain>")
@allow(*READERS)
def show(domain: str) -> str:
    """The version in force, item by item; `show=to-check` leaves those that still want checking."""
    return _version_page(queries.current_version(queries.domain_of(domain).key), is_current=True)


@bp.get("/checklists/<string:domain>/versions/<int:number>")
@allow(*READERS)
def version(domain: str, number: int) -> str:
    """An earlier version, as inspections of its time used it."""
    found = queries.version_numbered(domain, number)
    return _version_page(found, is_current=found.id == queries.current_version(domain).id)


def _version_page(found: ChecklistVersion, *, is_current: bool) -> str:
    views = pages.item_views(queries.items_of([found.id])[found.id])
    only_doubtful = request.args.get("show") == "to-check"
    return render_template(
        "checklists/show.html",
        domain=queries.domain_of(found.domain),
        version=found,
        is_current=is_current,
        items=[view for view in views if view.wants_checking or not only_doubtful],
        all_count=len(views),
        to_check=sum(view.wants_checking for view in views),
        only_doubtful=only_doubtful,
        severities=SEVERITY_NAMES,
        may_edit=is_current and services.may_edit(current_person()),
        renewal=renewing.renewal_of(found.domain) if is_current else None,
    )


@bp.get("/checklists/<string:domain>/versions")
@allow(*READERS)
def versions(domain: str) -> str:
    """Every version with who published it, when and why."""
    rows = pages.version_rows(queries.versions_of(queries.domain_of(domain).key))
    return render_template("checklists/versions.html", domain=queries.domain_of(domain), rows=rows)


@bp.get("/checklists/<string:domain>/compare")
@allow(*READERS)
def compare(domain: str) -> str:
    """What differs between two versions: `from` and `to`, by default the last two."""
    newer = queries.version_numbered(domain, _number("to", queries.current_version(domain).number))
    older = queries.version_numbered(domain, _number("from", max(newer.number - 1, 1)))
    changes = editing.compare(older.items, newer.items, services.FIELDS)
    return render_template(
        "checklists/compare.html",
        domain=queries.domain_of(domain),
        older=older,
        newer=newer,
        changes=pages.change_views(changes, field_labels()),
        versions=queries.versions_of(domain),
    )


def _number(name: str, otherwise: int) -> int:
    return request.args.get(name, otherwise, type=int)


def field_labels() -> dict[str, Any]:
    """How the fields of an item are called on the pages."""
    labels = {name: field.label.text for name, field in ItemForm()._fields.items()}
    more = {"measures": _("Limits"), "conditions": _("Only in high-rise buildings"), "sources": _("Sources")}
    return labels | more


# ---- editing


@bp.route("/checklists/<string:domain>/items/new", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def new_item(domain: str) -> Any:
    """Add an item: a new version."""
    editor()
    key = queries.domain_of(domain)
    form = NewItemForm(data={"refer_to": key.refer_to, "photo_required": True, "severity": "B"})
    return _edit_page(key.key, form, None)


@bp.route("/checklists/<string:domain>/items/<string:code>", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def item(domain: str, code: str) -> Any:
    """Edit one item: a new version, the old one stays for the inspections that used it."""
    editor()
    found = _item(queries.current_version(queries.domain_of(domain).key), code)
    return _edit_page(domain, ItemForm(data=form_data(found)), found)


def _edit_page(domain: str, form: ItemForm, found: ChecklistItem | None) -> Any:
    current, status, conflict = queries.current_version(domain), 200, ""
    if form.validate_on_submit():
        try:
            return _publish(domain, form, found)
        except services.PublishedMeanwhile as error:
            status, conflict = error.status, translate(error.message, error.params)
        except Invalid as error:
            show_on(form, error)
    page = render_template(
        "checklists/edit.html",
        domain=queries.domain_of(domain),
        version=current,
        form=form,
        item=found,
        measures=edited_measures(found.measures, request.form)[0] if found else [],
        based_on=current.number if conflict else request.form.get("based_on", current.number, type=int),
        conflict=conflict,
        change_id=request.form.get("change_id") or new_id(),
    )
    return page, 422 if form.errors else status


def _publish(domain: str, form: ItemForm, found: ChecklistItem | None) -> Response:
    me, change, now = current_person(), change_id(), clock.now()
    based_on = queries.version_numbered(domain, request.form.get("based_on", 0, type=int))
    row, facts = _row(form, found), {"by": me, "remark": form.remark.data or "", "now": now, "change": change}
    verb = services.edit_item if found else services.add_item
    carry_out(change, lambda: verb(based_on, row, **facts), lambda: based_on)
    flash(_("Published: %(code)s. Inspections that have begun keep their version.", code=row["code"]), "ok")
    return redirect(url_for("checklists.show", domain=domain, _anchor=row["code"]), 303)


def _row(form: ItemForm, found: ChecklistItem | None) -> dict[str, Any]:
    """The item the form describes, over the one it began with."""
    old = (
        services.content_of(found)
        if found
        else {"sources": [], "measures": [], "code": form["code"].data.strip().upper()}
    )
    texts = {name: form[name].data for name in PLAIN}
    row = {
        name: " ".join(value.split()) if isinstance(value, str) else value for name, value in texts.items()
    }
    measures, problem = edited_measures(old["measures"], request.form)
    if problem:
        raise Invalid(problem)
    if not row["unsure"]:
        row["unsure_why"] = ""
    return {
        **old,
        **row,
        "quantity_zh": row["quantity_zh"] or None,
        "quantity_en": row["quantity_en"] or None,
        "phrases": editing.phrases_from(form.phrases.data or ""),
        "measures": measures,
        "kinds": form.kinds.data or None,
        "conditions": [HIGH_RISE] if form.high_rise.data else [],
    }


@bp.post("/checklists/<string:domain>/items/<string:code>/retire")
@allow(Role.ADMINISTRATOR)
def retire(domain: str, code: str) -> Response:
    """Publish a version without this item."""
    me, change, now = editor(), change_id(), clock.now()
    remark = request.form.get("remark", "").strip()[:300]
    if not remark:
        raise Invalid(N_("Say why, with the source."), hint=N_("Go back and enter the reason."))
    based_on = queries.version_numbered(domain, request.form.get("based_on", 0, type=int))
    carry_out(
        change,
        lambda: services.retire_item(based_on, code, by=me, remark=remark, now=now, change=change),
        lambda: based_on,
    )
    flash(_("%(code)s is retired. Inspections that have begun keep it.", code=code), "ok")
    return redirect(url_for("checklists.show", domain=domain), 303)


def editor() -> Person:
    """The administrator who may edit. Raises AppError (403)."""
    person: Person = current_person()
    if not services.may_edit(person):
        raise AppError(N_("Only an administrator of the county changes checklists."), status=403)
    return person


def _item(found: ChecklistVersion, code: str) -> ChecklistItem:
    for row in queries.items_of([found.id])[found.id]:
        if row.code == code:
            return row
    raise NotFound


def _link(person: Person) -> str:
    """On one's own page: the way to the checklists for those who may read them."""
    return render_template("checklists/_link.html") if person.is_any(*READERS) else ""


panels.add("me.page", 50, _link)


from app.checklists import renewal_routes  # noqa: E402, F401 - it adds its routes to `bp`
