"""The pages of monthly reports."""

from io import BytesIO
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import Invalid, NotFound
from app.core.ids import new_id
from app.core.roles import INSPECTORS
from app.monthly import checking, exporting, options, pages, panels, printing, queries, services
from app.monthly.models import MonthlyReport
from app.monthly.panels import READERS
from app.monthly.rules import Month
from app.notices.rules import short_digest
from app.seals import chain
from app.web.access import allow, current_person
from app.web.changes import carry_out, change_id
from app.web.i18n import translate

__all__ = ["bp", "options"]

bp = Blueprint("monthly", __name__)
bp.add_app_template_global(pages.month_text, "month_text")

panels.add()
checking.add()


@bp.get("/monthly")
@allow(*READERS)
def index() -> str:
    """The figures of a township and a month, as they stand now, and the reports that were issued."""
    return _index()


@bp.post("/monthly")
@allow(*INSPECTORS)
def issue() -> Response | tuple[str, int]:
    """Freeze a month. The same request again leads to the same report."""
    person, now, change = current_person(), clock.now(), change_id()
    report_id = change or new_id()
    month = Month.parse(request.form.get("month", ""))
    if month is None:
        raise NotFound
    area = pages.area_of(queries.areas_of(person), request.form.get("region", ""))

    def work() -> MonthlyReport:
        reason = request.form.get("reason", "")
        return services.issue_report(
            report_id, area, month, reason=reason, by=person, now=now, change_id=change
        )

    try:
        report = carry_out(change, work, lambda: queries.get_report(report_id, person))
    except Invalid as error:
        return _index(translate(error.message, error.params)), 422
    flash(_("Issued: %(number)s", number=report.number), "ok")
    return redirect(url_for("monthly.show", monthly_id=report.id), 303)


@bp.get("/monthly/<uuid:monthly_id>")
@allow(*READERS)
def show(monthly_id: UUID) -> str:
    """A report as it was issued."""
    person = current_person()
    report = queries.get_report(monthly_id, person)
    return render_template(
        "monthly/show.html",
        view=pages.report_view(report, person),
        report=report,
        check_code=short_digest(report.digest),
        chain_head=chain.printed(report.content.get("chain")),
    )


@bp.get("/monthly/<uuid:monthly_id>/report.pdf")
@allow(*READERS)
def pdf(monthly_id: UUID) -> Response:
    """The signed paper."""
    report = queries.get_report(monthly_id, current_person())
    name = f"{report.number}.pdf"
    response = send_file(BytesIO(printing.report_pdf(report)), mimetype="application/pdf", download_name=name)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.get("/monthly/<uuid:monthly_id>/report.xlsx")
@allow(*READERS)
def workbook(monthly_id: UUID) -> Response:
    """The same figures as a table."""
    report = queries.get_report(monthly_id, current_person())
    return send_file(
        BytesIO(exporting.as_xlsx(report)), download_name=f"{report.number}.xlsx", as_attachment=True
    )


def _index(problem: str = "") -> str:
    """`problem`: what the reason for a correction lacks."""
    view = pages.index_view(request.values, current_person())
    return render_template(
        "monthly/index.html", view=view, problem=problem, reason=request.form.get("reason", "")
    )
