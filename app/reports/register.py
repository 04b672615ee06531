"""Form 1 of the national standard, 卫生计生监督协管信息报告登记表: its six columns, exactly and in its order."""

import csv
import io
from collections.abc import Iterator, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from app.core import clock
from app.core.cells import cell
from app.reports.categories import category_of
from app.reports.models import Report

TITLE = "卫生计生监督协管信息报告登记表"
COLUMNS = ("序号", "发现时间", "信息类别", "信息内容", "报告时间", "报告人")
WIDTHS = (7, 18, 20, 60, 18, 14)
MOMENT = "%Y-%m-%d %H:%M"


def lines(reports: Sequence[Report]) -> Iterator[tuple[int, str, str, str, str, str]]:
    """One line of the form for each report. What it says of the matter names place and content, as the form asks."""
    for number, report in enumerate(reports, 1):
        yield (
            number,
            f"{clock.local(report.discovered_at):{MOMENT}}",
            category_of(report.category).name_zh,
            _text("：".join(part for part in (report.where, report.content) if part)),
            f"{clock.local(report.reported_at):{MOMENT}}",
            _text(report.reporter.name),
        )


def as_csv(reports: Sequence[Report], body: str) -> str:
    """With the mark that lets spreadsheets read Chinese. `body` is the organisation at the head of the form."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([TITLE])
    table.writerow(["机构名称", _text(body)])
    table.writerow(COLUMNS)
    table.writerows(lines(reports))
    return "\ufeff" + out.getvalue()


def as_xlsx(reports: Sequence[Report], body: str) -> bytes:
    """The same as a workbook."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("信息报告登记表")
    for place, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "A4"
    sheet.append([_bold(sheet, TITLE)])
    sheet.append([_bold(sheet, "机构名称"), _text(body)])
    sheet.append([_bold(sheet, name) for name in COLUMNS])
    for line in lines(reports):
        sheet.append([_wrapped(sheet, value) for value in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _bold(sheet: object, text: str) -> WriteOnlyCell:
    bold = WriteOnlyCell(sheet, value=text)
    bold.font = Font(bold=True)
    return bold


def _wrapped(sheet: object, value: object) -> WriteOnlyCell:
    wrapped = WriteOnlyCell(sheet, value=value)
    wrapped.alignment = Alignment(wrap_text=True, vertical="top")
    return wrapped


def _text(value: str) -> str:
    """A cell without signs that no workbook holds."""
    return cell("".join(sign for sign in value if sign >= " " or sign in "\n\t"))
