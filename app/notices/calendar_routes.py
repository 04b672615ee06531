"""Notices whose date became a day of rest: the list, and one tap to move the dates."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.core import clock
from app.core.roles import Role
from app.notices import calendar_dates, queries
from app.notices.blueprint import bp
from app.web import panels
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id

READERS = (Role.ADMINISTRATOR, Role.SUPERVISOR)


@bp.get("/notices/calendar-affected")
@allow(*READERS)
def calendar_affected() -> str:
    """Open notices whose date has become a day of rest since they were issued."""
    region = current_person().region
    return render_template(
        "notices/calendar_affected.html",
        page=calendar_dates.affected(region, key=request.args.get("after", "")),
        total=calendar_dates.count_affected(region),
        most=calendar_dates.MOST_AT_ONCE,
    )


@bp.post("/notices/calendar-affected")
@allow(*READERS)
def move_all_dates() -> Any:
    """Move the dates of all of them, as many as one transaction should hold."""

    def work() -> int:
        listed = calendar_dates.affected(current_person().region, most=calendar_dates.MOST_AT_ONCE)
        return _moved([one.notice_id for one in listed.notices])

    return _done(carry_out(change_id(), work, lambda: 0))


@bp.post("/notices/<uuid:notice_id>/calendar-date")
@allow(*READERS)
def move_date(notice_id: UUID) -> Any:
    """Move the dates of one notice."""
    queries.get_notice(notice_id, current_person())
    return _done(carry_out(change_id(), lambda: _moved([notice_id]), lambda: 0))


def _moved(ids: list[UUID]) -> int:
    return calendar_dates.move_dates(ids, by=current_person(), now=clock.now())


def _done(count: int) -> Any:
    if count:
        flash(
            _(
                "Dates of %(count)s notices are moved. Their owners read by which day they have time.",
                count=count,
            ),
            "ok",
        )
    else:
        flash(_("These dates were moved already."), "ok")
    return redirect(url_for("notices.calendar_affected"), 303)


def _on_calendar(_year: int) -> str:
    """On the calendar's page: how many notices wait for their dates to be moved."""
    count = calendar_dates.count_affected(current_person().region)
    return render_template("notices/_panel_calendar.html", count=count) if count else ""


panels.add("calendar.page", 10, _on_calendar)
