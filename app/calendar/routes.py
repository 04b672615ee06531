"""The working-day calendar: a year as months; administrators of the county enter what was announced."""

from datetime import date
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.county_routes import own_county
from app.accounts.models import Person
from app.accounts.regions import Level
from app.calendar import announcements, cli, days, pages, queries, services
from app.calendar.announcements import Announced
from app.calendar.forms import EntryForm
from app.core import clock
from app.core.errors import N_, Invalid, NotFound
from app.core.ids import new_id
from app.core.roles import Role
from app.web import filters, panels
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.i18n import translate
from app.web.seen import ChangedMeanwhile, mark, mark_for_form

FIRST_YEAR, LAST_YEAR = 2004, 2100
READERS = (Role.ADMINISTRATOR, Role.SUPERVISOR)

bp = Blueprint("calendar", __name__, cli_group=None)
bp.cli.add_command(cli.group)


@bp.record_once
def _filters(state: Any) -> None:
    app: Flask = state.app
    app.jinja_env.filters.update(provisional=provisional, rest_until=rest_until)


def provisional(day: date | None) -> str:
    """Words for a date whose year's holidays are not announced yet, else nothing."""
    if day is None or not days.is_provisional(day):
        return ""
    return _("holidays of %(year)s not yet announced", year=day.year)


def rest_until(day: date | None) -> str:
    """Words for a date on a day of rest: the day by which there is time (CHECKLISTS 6.4), else nothing."""
    if day is None or days.is_working_day(day):
        return ""
    return _("a day of rest: time until %(day)s", day=filters.day(days.first_working_day(day)))


@bp.get("/calendar")
@allow(*READERS)
def index() -> Response:
    """This year."""
    return redirect(url_for("calendar.year_page", year=clock.today().year), 303)


@bp.get("/calendar/<int:year>")
@allow(*READERS)
def year_page(year: int) -> Any:
    """The year as months, how it came about, and the form to enter what was announced."""
    _check_year(year)
    known = queries.year_of(year)
    form = EntryForm(complete=bool(known and known.is_announced))
    return _year(year, form)


@bp.post("/calendar/<int:year>")
@allow(Role.ADMINISTRATOR)
def enter(year: int) -> Any:
    """Show what an entry would change; with `step=save` carry it out."""
    _check_year(year)
    own_county()
    form = EntryForm()
    if not form.validate_on_submit():
        return _year(year, form), 422
    if request.form.get("step") == "edit":
        return _year(year, form)
    entered, misread = announcements.read(form.text.data or "", year)
    form.text.errors = [*form.text.errors, *(f"“{one.text[:60]}”: {translate(one.why)}" for one in misread)]
    try:
        if misread:
            return _year(year, form), 422
        services.check_entry(year, entered, complete=form.complete.data)
        if request.form.get("step") != "save":
            return _preview(year, form, entered)
        carry_out(change_id(), lambda: _save(year, form, entered), lambda: None)
    except Invalid as error:
        form.text.errors = [*form.text.errors, translate(error.message, error.params)]
        return _year(year, form), 422
    except ChangedMeanwhile:
        days.forget()
        return _preview(year, form, entered, conflict=True), 409
    flash(_("The calendar of %(year)s is saved.", year=year), "ok")
    return redirect(url_for("calendar.year_page", year=year), 303)


def _save(year: int, form: EntryForm, entered: list[Announced]) -> None:
    _check_unchanged(year)
    services.enter(
        year, entered, complete=form.complete.data, text=form.text.data or "", by=current_person(),
        now=clock.now(), change_id=change_id(),
    )  # fmt: skip


def _check_unchanged(year: int) -> None:
    """Two at once: both would take the next number, one of them fails, tries again and finds this."""
    seen = request.form.get("seen")
    if seen and seen != mark(queries.state_around(year)):
        raise ChangedMeanwhile(N_("Somebody else changed this in the meantime"))


@bp.post("/calendar/<int:year>/undo/<int:number>")
@allow(Role.ADMINISTRATOR)
def undo(year: int, number: int) -> Any:
    """Put back what was there before a change."""
    own_county()
    queries.change_of(year, number)

    def work() -> None:
        services.undo(
            queries.change_of(year, number), by=current_person(), now=clock.now(), change_id=change_id()
        )

    carry_out(change_id(), work, lambda: None)
    flash(_("Undone: the calendar of %(year)s is as it was before.", year=year), "ok")
    return redirect(url_for("calendar.year_page", year=year), 303)


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotFound


def _year(year: int, form: EntryForm) -> str:
    known, snapshot = queries.year_of(year), days.snapshot()
    me = current_person()
    return render_template(
        "calendar/year.html",
        year=year,
        years=[one for one in range(year - 1, year + 2) if FIRST_YEAR <= one <= LAST_YEAR],
        known=known,
        is_provisional=snapshot.is_provisional(year),
        months=pages.months_of(year, snapshot),
        heads=pages.weekday_heads(),
        changes=queries.changes_of(year),
        may_edit=me.is_any(Role.ADMINISTRATOR) and me.region.level is Level.COUNTY,
        form=form,
        seen=mark(queries.state_around(year)),
    )


def _preview(year: int, form: EntryForm, entered: list[Announced], *, conflict: bool = False) -> str:
    snapshot = days.snapshot()
    return render_template(
        "calendar/preview.html",
        year=year,
        form=form,
        ranges=pages.ranges(entered, snapshot),
        months=pages.months_touched(entered, snapshot),
        heads=pages.weekday_heads(),
        was_provisional=snapshot.is_provisional(year),
        change_id=request.form.get("change_id") or new_id(),
        conflict=conflict,
        seen=mark_for_form(queries.state_around(year), conflict=conflict),
    )


def _link(person: Person) -> str:
    """On one's own page, for those who may see the calendar."""
    return render_template("calendar/_link.html") if person.is_any(*READERS) else ""


panels.add("me.page", 45, _link)
