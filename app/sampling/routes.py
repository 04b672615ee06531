"""The pages of samples, for supervisors; administrators read them."""

from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as FlaskResponse
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.accounts.county import option
from app.core import clock
from app.core.database import db
from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.roles import Role
from app.sampling import exporting, options, pages, panels, queries, rules, services
from app.sampling.forms import HOW, DrawForm, SheetForm
from app.sampling.frames import Prepared, prepare
from app.sampling.models import Answer, CallSheet, Reached, Sample
from app.sampling.services import Said
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.i18n import translate

bp = Blueprint("sampling", __name__)
READERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
SCRIPT = Path(__file__).parent / "data" / "redraw.py"
FIELDS = {"first": "first", "last": "last", "number": "number", "stratum": "how", "confidence": "confidence"}
Answered = str | Response | tuple[str, int]

for words in (
    pages.method_words,
    pages.state_words,
    pages.state_kind,
    pages.answer_words,
    pages.reached_words,
):
    bp.add_app_template_global(words, f"sampling_{words.__name__}")
bp.add_app_template_global(pages.period, "sampling_period")


@bp.get("/sampling")
@allow(*READERS)
def index() -> str:
    """All draws of the reader's area: also those nobody liked."""
    person = current_person()
    page = queries.page_of_samples(person, request.args.get("after", ""))
    return render_template(
        "sampling/index.html",
        page=page,
        done=queries.done_by_sample([one.id for one in page.samples]),
        may_draw=person.is_supervisor,
    )


@bp.get("/sampling/new")
@allow(Role.SUPERVISOR)
def new() -> str:
    """What is to be drawn, and how."""
    return _form_page(_form(request.args))


@bp.get("/sampling/preview")
@allow(Role.SUPERVISOR)
def preview() -> Answered:
    """From how many visits how many would be drawn, before anything is."""
    form = _form(request.args)
    prepared = _prepared(form, new_id()) if request.args and form.validate() else None
    if prepared is None:
        return _form_page(form), 422
    back = f"{url_for('sampling.new')}?{urlencode(form.values)}"
    return render_template(
        "sampling/preview.html", prepared=prepared, form=form, how=HOW[form.how.data], change_url=back
    )


@bp.post("/sampling/draw")
@allow(Role.SUPERVISOR)
def draw() -> Answered:
    """Draw. The list is read before anybody is kept from writing."""
    change, by, now = change_id(), current_person(), clock.now()
    sample_id, form, seed = change or new_id(), _form(request.form), services.new_seed()
    prepared = None
    if db.session.get(Sample, sample_id) is None:
        prepared = _prepared(form, sample_id) if request.form and form.validate() else None
        if prepared is None:
            return _form_page(form), 422

    def known() -> Sample:
        return queries.get_sample(sample_id, by)

    def keep() -> Sample:
        return services.keep_sample(prepared, seed, by=by, now=now, change_id=change) if prepared else known()

    carry_out(change, keep, known)
    flash(_("Drawn. Population, seed and exclusions are kept: anybody can draw it again."), "ok")
    return redirect(url_for("sampling.show", sample_id=sample_id), 303)


@bp.get("/sampling/<uuid:sample_id>")
@allow(*READERS)
def show(sample_id: UUID) -> str:
    """How far the calls are, what they say, and the list of sheets."""
    person = current_person()
    sample = queries.get_sample(sample_id, person)
    return render_template("sampling/show.html", view=pages.sample_view(sample, request.args, person), sample=sample)


@bp.get("/sampling/<uuid:sample_id>/check")
@allow(*READERS)
def check(sample_id: UUID) -> str:
    """Draw again and compare."""
    sample = queries.get_sample(sample_id, current_person())
    return render_template(
        "sampling/check.html", sample=sample, again=pages.draw_again(sample), exclusions=pages.exclusion_words(sample)
    )


@bp.get("/sampling/<uuid:sample_id>/population.<any(csv,xlsx):kind>")
@allow(*READERS)
def population(sample_id: UUID, kind: str) -> FlaskResponse:
    """Population, seed and draw as a table."""
    sample = queries.get_sample(sample_id, current_person())
    units, drawn = rules.from_lines(queries.lines_of(sample.id)), queries.drawn_ids(sample.id)
    db.session.refresh(sample)  # whole, for what is sent after this request
    if kind == "csv":
        response = FlaskResponse(exporting.as_csv(sample, units, drawn), mimetype="text/csv")
    else:
        kind_of_book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        response = FlaskResponse(exporting.as_xlsx(sample, units, drawn), mimetype=kind_of_book)
    name = f"xuncha-sample-{clock.local(sample.drawn_at):%Y%m%d}-{sample.id.hex[:8]}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.get("/sampling/redraw.py")
@allow(*READERS)
def script() -> FlaskResponse:
    """The script that draws an exported sample again."""
    response = FlaskResponse(SCRIPT.read_text(encoding="utf-8"), mimetype="text/x-python")
    response.headers["Content-Disposition"] = 'attachment; filename="redraw.py"'
    return response


@bp.get("/sampling/<uuid:sample_id>/next")
@allow(Role.SUPERVISOR)
def onward(sample_id: UUID) -> Response:
    """The sheet to call next; where none is left, the sample."""
    sample = queries.get_sample(sample_id, current_person())
    return _onward(sample.id)


@bp.get("/sampling/<uuid:sample_id>/sheets/<uuid:sheet_id>")
@allow(*READERS)
def sheet(sample_id: UUID, sheet_id: UUID) -> str:
    """One drawn visit: whom to call, what to ask."""
    return _sheet_page(queries.get_sheet(sample_id, sheet_id, current_person()), SheetForm(formdata=None))


@bp.post("/sampling/<uuid:sample_id>/sheets/<uuid:sheet_id>")
@allow(Role.SUPERVISOR)
def fill(sample_id: UUID, sheet_id: UUID) -> Answered:
    """Keep a try or its answers, then on to the next one."""
    person, form, change = current_person(), SheetForm(), change_id()
    found = queries.get_sheet(sample_id, sheet_id, person)
    if not form.validate():
        return _sheet_page(found, form), 422
    said = _said(form)
    try:
        carry_out(
            change,
            lambda: services.keep_call(
                sheet_id, said, call_id=change or new_id(), by=person, now=clock.now(), change_id=change
            ),
            lambda: None,
        )
    except Invalid as error:
        db.session.rollback()
        form.note.errors = [translate(error.message, error.params)]
        return _sheet_page(queries.get_sheet(sample_id, sheet_id, person), form), 422
    if said.corrects:
        flash(_("Corrected. What was written before is kept."), "ok")
        return redirect(url_for("sampling.sheet", sample_id=sample_id, sheet_id=sheet_id), 303)
    return _onward(sample_id)


def _said(form: SheetForm) -> Said:
    def answer(name: str) -> Answer | None:
        text = request.form.get(name, "")
        return Answer(text) if text in list(Answer) else None

    how = request.form.get("reached", "")
    return Said(
        Reached(how) if how in list(Reached) else Reached.SPOKEN,
        answer("visited"),
        answer("as_recorded"),
        answer("satisfied"),
        form.note.data or "",
        corrects="corrects" in request.form,
    )


def _onward(sample_id: UUID) -> Response:
    following = queries.next_sheet(sample_id, current_person(), clock.now())
    if following is None:
        flash(_("Nothing is left to call here now."), "ok")
        return redirect(url_for("sampling.show", sample_id=sample_id), 303)
    return redirect(url_for("sampling.sheet", sample_id=sample_id, sheet_id=following), 303)


def _sheet_page(found: CallSheet, form: SheetForm) -> str:
    return render_template(
        "sampling/sheet.html",
        view=pages.sheet_view(found, current_person()),
        sheet=found,
        form=form,
        chosen=request.form,
        answers=pages.seg_options(),
        change=str(new_id()),
    )


def _form(given: "MultiDict[str, str]") -> DrawForm:
    person = current_person()
    county = person.region.county_id
    proposed = {"confidence": option(county, options.CONFIDENCE), "margin": option(county, options.MARGIN)}
    return DrawForm(queries.areas(person.region), given, clock.today(), proposed)


def _form_page(form: DrawForm) -> str:
    return render_template("sampling/new.html", form=form, any_visit=queries.has_visits(current_person().region))


def _prepared(form: DrawForm, sample_id: UUID) -> Prepared | None:
    """The population and what would be drawn; None where the form now says what is wrong."""
    try:
        return prepare(form.frame(sample_id), form.plan, form.left_out, by=current_person())
    except Invalid as error:
        target = form[FIELDS.get(error.field, error.field) or "first"]
        target.errors = [translate(error.message, error.params)]
        return None


panels.add()
