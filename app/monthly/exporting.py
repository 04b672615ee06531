"""An issued report as a workbook: the same figures, for whoever adds them to another table."""

import io
from typing import Any

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from app.monthly.models import MonthlyReport
from app.monthly.pages import Table, month_text, table
from app.web.i18n import is_chinese

WIDTHS = (42, 14, 70)


def as_xlsx(report: MonthlyReport) -> bytes:
    """Figures as numbers, rates as they are printed; everything from the frozen content."""
    said, language = report.content, "zh" if is_chinese() else "en"
    shown = table(said["figures"], said["domains"], said["every_days"])
    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(report.of_month))
    for letter, width in zip("ABC", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append([_bold(sheet, said["title"][language])])
    sheet.append([_bold(sheet, f"{said['region'][language]} · {month_text(report.of_month)}")])
    sheet.append([_plain(sheet, report.number)])
    for section in shown.sections:
        sheet.append([])
        sheet.append([_bold(sheet, section.title)])
        for row in section.rows:
            sheet.append([f"{'　' * row.is_part}{row.label}", _number(row.value), row.meaning])
    _domains(sheet, shown)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _domains(sheet: Any, shown: Table) -> None:
    sheet.append([])
    sheet.append([_bold(sheet, _("By domain"))])
    heads = (
        _("Domain"),
        _("Visits in the month"),
        _("Findings of the month"),
        _("Visited / on the register"),
    )
    sheet.append([_bold(sheet, text) for text in (*heads, _("Coverage"))])
    for row in shown.domains:
        sheet.append(
            [_plain(sheet, row.name), row.visits, row.findings, _plain(sheet, row.places), row.coverage]
        )


def _number(value: str) -> int | str:
    return int(value) if value.isdecimal() else value


def _plain(sheet: Any, text: str) -> WriteOnlyCell:
    """A text that no spreadsheet takes for a formula or a day."""
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell


def _bold(sheet: Any, text: str) -> WriteOnlyCell:
    cell = _plain(sheet, text)
    cell.font = Font(bold=True)
    return cell
