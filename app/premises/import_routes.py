"""Import in four pages: send the file, match the columns, look at every problem, done."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import Response as FileResponse
from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.accounts.regions import regions_in
from app.core.database import db, transaction
from app.core.errors import N_, AppError, Invalid
from app.core.ids import new_id
from app.premises import import_services as imports
from app.premises.forms import UploadForm, region_choices
from app.premises.import_rows import Matching, Row
from app.premises.importing import COLUMNS, MOST_BYTES, MOST_ROWS, read_table, template_csv, template_xlsx
from app.premises.kinds import kinds
from app.premises.models import ImportBatch
from app.premises.routes import MANAGERS, bp
from app.web.access import allow, current_person
from app.web.i18n import translate

SHOWN = 50  # rows of a kind on one page of the preview
FIELD_NAMES = {
    "name": _l("Premises name"),
    "kind": _l("Kind of place"),
    "domains": _l("Domains"),
    "township": _l("Township"),
    "village": _l("Village"),
    "address": _l("Address"),
    "person_in_charge": _l("Person in charge"),
    "phone": _l("Phone"),
    "credit_code": _l("Credit code"),
    "licence_name": _l("Licence"),
    "licence_number": _l("Licence number"),
    "licence_until": _l("Licence valid until"),
    "staff_certificates": _l("Staff with a health certificate"),
    "staff_certificates_until": _l("The first of these expires on"),
    "latitude": _l("Latitude"),
    "longitude": _l("Longitude"),
    "high_rise": _l("In a high-rise building"),
    "status": _l("Status"),
    "notes": _l("Notes"),
    "licences": _l("Licences"),
}


@dataclass(frozen=True)
class Preview:
    """Every row judged, and the part of them that is shown."""

    batch: ImportBatch
    rows: list[Row]
    view: str  # problems, duplicates or good
    start: int

    @property
    def by_view(self) -> dict[str, list[Row]]:
        return {
            "problems": [row for row in self.rows if row.facts is None],
            "duplicates": [row for row in self.rows if row.is_duplicate],
            "good": [row for row in self.rows if row.is_good],
        }


@bp.get("/premises/import")
@allow(*MANAGERS)
def start_import() -> str:
    return _upload_page()


@bp.post("/premises/import")
@allow(*MANAGERS)
def send_import() -> Response | tuple[str, int]:
    """Take the file. A file that cannot be read is answered on the same page, in words."""
    batch_id = request.form.get("batch_id", type=UUID) or new_id()
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Invalid(N_("Choose a file first."))
        table = read_table(file.stream.read(MOST_BYTES + 1))
    except AppError as error:
        message = f"{translate(error.message, error.params)} {translate(error.hint)}".strip()
        return _upload_page(message), error.status
    person = current_person()
    with transaction():
        known = db.session.get(ImportBatch, batch_id)
        if known is None:
            imports.begin_import(table, file.filename, person, batch_id)
        else:
            imports.batch_of(batch_id, person)
    return redirect(url_for("premises.import_columns", batch_id=batch_id), 303)


@bp.get("/premises/import/<uuid:batch_id>/columns")
@allow(*MANAGERS)
def import_columns(batch_id: UUID) -> str | Response:
    return _opened(batch_id, _columns_page)


@bp.post("/premises/import/<uuid:batch_id>/columns")
@allow(*MANAGERS)
def match_import(batch_id: UUID) -> Response | tuple[str, int]:
    """Keep which column is which; the name is the one that must be there."""
    person = current_person()
    matching = _matching_from_form()
    with transaction():
        batch = imports.batch_of(batch_id, person)
        imports.match_columns(batch, matching, person)
    if "name" not in matching.columns:
        return _columns_page(batch, _("Choose the column with the names.")), 422
    taken = [index for index in matching.columns.values() if list(matching.columns.values()).count(index) > 1]
    if taken:
        heading = batch.header[taken[0]] or str(taken[0] + 1)
        return _columns_page(batch, _("The column “%(heading)s” is chosen twice.", heading=heading)), 422
    return redirect(url_for("premises.import_preview", batch_id=batch_id), 303)


@bp.get("/premises/import/<uuid:batch_id>")
@allow(*MANAGERS)
def import_preview(batch_id: UUID) -> str | Response:
    return _opened(batch_id, _preview_page)


@bp.post("/premises/import/<uuid:batch_id>")
@allow(*MANAGERS)
def finish_import(batch_id: UUID) -> Response:
    """Write the rows, a few hundred in a transaction, so that others write in between.

    Sent again after it was stopped it goes on where it was; sent twice, the second answer is the same finished page.
    """
    person = current_person()
    choice = imports.Choice(
        valid_rows_only=request.form.get("mode") == "valid",
        duplicates=request.form.get("duplicates", "skip"),
        rows=frozenset(request.form.getlist("create", type=int)),
    )
    batch = imports.batch_of(batch_id, person)
    if batch.finished_at is None and batch.plan is None:
        plan = imports.plan_import(imports.judged_rows(batch, person), choice)
        with transaction():
            imports.begin_writing(imports.batch_of(batch_id, person), plan, person)
        batch = imports.batch_of(batch_id, person)
    if batch.finished_at is None:
        for piece in imports.pieces_of(batch, person):
            with transaction():
                imports.write_piece(piece, person)
    return redirect(url_for("premises.import_done", batch_id=batch_id), 303)


@bp.get("/premises/import/<uuid:batch_id>/done")
@allow(*MANAGERS)
def import_done(batch_id: UUID) -> str | Response:
    batch = imports.batch_of(batch_id, current_person())
    if batch.finished_at is None:
        return redirect(url_for("premises.import_preview", batch_id=batch_id), 303)
    summary = batch.summary or {}
    left_out = [
        (number, name, [translate(message, params) for message, params in problems])
        for number, name, problems in summary.get("left_out", [])
    ]
    return render_template("premises/import_done.html", batch=batch, summary=summary, left_out=left_out)


@bp.get("/premises/import/template.csv", defaults={"kind": "csv"})
@bp.get("/premises/import/template.xlsx", defaults={"kind": "xlsx"})
@allow(*MANAGERS)
def import_template(kind: str) -> FileResponse:
    """An empty register to fill in."""
    body, mimetype = (
        (template_csv(), "text/csv; charset=utf-8")
        if kind == "csv"
        else (template_xlsx(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    )
    disposition = f'attachment; filename="xuncha-premises.{kind}"'
    return FileResponse(body, content_type=mimetype, headers={"Content-Disposition": disposition})


def _opened(batch_id: UUID, page: Callable[[ImportBatch], str]) -> str | Response:
    """`page` of an import that is not written yet; the page of one that was begun, or the end of one that is done."""
    batch = imports.batch_of(batch_id, current_person())
    if batch.finished_at:
        return redirect(url_for("premises.import_done", batch_id=batch_id), 303)
    if batch.plan is not None:
        return render_template("premises/import_stopped.html", batch=batch, total=len(batch.plan))
    return page(batch)


def _upload_page(problem: str = "") -> str:
    return render_template(
        "premises/import.html",
        form=UploadForm(),
        batch_id=new_id(),
        problem=problem,
        stopped=imports.unfinished_imports(current_person()),
        most_rows=MOST_ROWS,
        most_bytes=MOST_BYTES,
    )


def _columns_page(batch: ImportBatch, problem: str = "") -> str:
    samples = [
        next((row[index] for row in batch.rows if row[index]), "") for index in range(len(batch.header))
    ]
    return render_template(
        "premises/import_columns.html",
        batch=batch,
        matching=Matching.from_dict(batch.mapping),
        fields=[(name, FIELD_NAMES[name]) for name in COLUMNS],
        samples=samples,
        kinds=list(kinds().values()),
        regions=region_choices(regions_in(current_person().region)),
        problem=problem,
    )


def _preview_page(batch: ImportBatch) -> str:
    rows = imports.judged_rows(batch, current_person())
    start = max(0, request.args.get("start", 0, type=int))
    page = Preview(batch, rows, request.args.get("view", ""), start)
    lists = page.by_view
    view = page.view if page.view in lists else next((name for name, found in lists.items() if found), "good")
    shown = lists[view][start : start + SHOWN]
    return render_template(
        "premises/import_preview.html",
        batch=batch,
        lists=lists,
        view=view,
        shown=shown,
        start=start,
        step=SHOWN,
        field_names=FIELD_NAMES,
    )


def _matching_from_form() -> Matching:
    columns = {
        name: index for name in COLUMNS if (index := request.form.get(f"column-{name}", -1, type=int)) >= 0
    }
    kind, region = request.form.get("default_kind", ""), request.form.get("default_region", "")
    return Matching(columns, kind if kind in kinds() else "", region)
