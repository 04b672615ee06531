"""Choices of the wall under a name."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import N_, Invalid
from app.core.ids import new_id
from app.oversight import saving
from app.oversight.blueprint import READERS, bp
from app.oversight.forms import arguments_of, filters_from
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id


@bp.post("/photo-log/filters")
@allow(*READERS)
def save_filter() -> Response:
    """Keep the choice of this address under the name given."""
    person, change, name = current_person(), change_id() or new_id(), request.form.get("name", "")
    arguments = arguments_of(filters_from(request.args, person.region), person.region)
    carry_out(
        change, lambda: saving.save_filter(change, name, arguments, by=person, now=clock.now()), lambda: None
    )
    flash(_("Kept as “%(name)s”.", name=" ".join(name.split())), "ok")
    return redirect(url_for("oversight.photo_log", **arguments), 303)


@bp.post("/photo-log/filters/remove")
@allow(*READERS)
def remove_filter() -> Response:
    """Forget one."""
    person = current_person()
    try:
        filter_id = UUID(request.form.get("filter", ""))
    except ValueError:
        raise Invalid(N_("This could not be taken as it was sent.")) from None
    carry_out(change_id(), lambda: saving.remove_filter(filter_id, by=person), lambda: None)
    arguments = arguments_of(filters_from(request.args, person.region), person.region)
    return redirect(url_for("oversight.photo_log", **arguments), 303)
