"""A register kept elsewhere, as a table of texts: CSV in any usual encoding, or XLSX. Nothing in it is run."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook, load_workbook

from app.core.errors import N_, Invalid, TooLarge
from app.premises.kinds import domains, kinds
from app.premises.rules import plain

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_CELL = 5_000  # characters
MOST_UNPACKED = 80 * 1024 * 1024  # bytes of an XLSX's parts together
MOST_RATIO = 250  # how many times larger than packed; ordinary sheets stay below 60
HEADER_SEARCHED = 10  # rows; registers often begin with a title line

# field -> (Chinese header of the template, other headers seen in registers)
COLUMNS: dict[str, tuple[str, tuple[str, ...]]] = {
    "name": ("单位名称", ("名称", "场所名称", "单位", "店名", "商户名称", "企业名称", "name", "premises", "unit name")),
    "kind": ("场所类型", ("类型", "类别", "业态", "单位类别", "行业", "经营类别", "kind", "type", "category")),
    "domains": ("监管领域", ("领域", "专业", "监督专业", "监管专业", "domain", "domains")),
    "township": ("乡镇", ("镇", "街道", "乡镇街道", "所属乡镇", "所在乡镇", "township", "town")),
    "village": ("村", ("村居", "社区", "村社区", "行政村", "所属村", "网格", "village", "community")),
    "address": ("地址", ("详细地址", "经营地址", "单位地址", "注册地址", "住所", "address")),
    "person_in_charge": ("负责人", ("法人", "法定代表人", "联系人", "经营者", "业主", "person in charge", "owner")),
    "phone": ("联系电话", ("电话", "手机", "手机号", "手机号码", "联系方式", "phone", "mobile", "telephone")),
    "credit_code": ("统一社会信用代码", ("信用代码", "社会信用代码", "营业执照号", "注册号", "credit code")),
    "licence_name": ("许可证名称", ("证照名称", "许可证", "证照类型", "licence", "license")),
    "licence_number": ("许可证号", ("许可证编号", "证照编号", "证号", "licence number", "license number")),
    "licence_until": ("许可证有效期至", ("有效期至", "有效期", "到期日期", "许可证到期", "valid until", "expires")),
    "staff_certificates": ("持健康证人数", ("健康证人数", "从业人员健康证数", "health certificates")),
    "staff_certificates_until": ("健康证最早到期", ("健康证到期", "健康证有效期", "health certificates until")),
    "latitude": ("纬度", ("lat", "latitude")),
    "longitude": ("经度", ("lng", "lon", "longitude")),
    "high_rise": ("高层建筑", ("是否高层", "高层", "high rise")),
    "status": ("状态", ("营业状态", "经营状态", "status")),
    "notes": ("备注", ("说明", "notes", "remark", "remarks")),
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Header and rows as texts. `first_row` is the number the file gives the first row after the header."""

    header: list[str]
    rows: list[list[str]]
    first_row: int


def read_table(data: bytes) -> Table:
    """The table in an uploaded file. Raises Invalid or TooLarge with words for whoever sent it."""
    if len(data) > MOST_BYTES:
        raise TooLarge(N_("This file is too large: at most %(megabytes)s MB can be imported."), megabytes=5)
    if not data.strip():
        raise Invalid(N_("This file is empty."))
    if data[:4] == b"PK\x03\x04":
        return _table(_sheet_rows(data))
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Invalid(
            N_("This is an old Excel file (.xls), or one with a password."),
            hint=N_("Open it in Excel or WPS and save it as .xlsx or .csv."),
        )
    return _table(_text_rows(decoded(data)))


def decoded(data: bytes) -> str:
    """The text of a CSV: UTF-8 with or without mark, UTF-16 with mark (Excel's "Unicode text"), GBK, GB18030."""
    marked = data[:2] in {b"\xff\xfe", b"\xfe\xff"}
    encodings = ["utf-16"] if marked else ["utf-8-sig", "gb18030"]  # GB18030 contains all of GBK and GB2312
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Invalid(
        N_("This file is neither a CSV table nor an Excel workbook."),
        hint=N_("Save the register as .xlsx or .csv and send that file."),
    )


def _text_rows(text: str) -> Iterator[list[str]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",\t;", key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [cell_text(cell) for cell in row[:MOST_COLUMNS]]
    except csv.Error:
        raise Invalid(
            N_("A line of this CSV file is broken: look for a quotation mark that is not closed.")
        ) from None


def _sheet_rows(data: bytes) -> Iterator[list[str]]:
    """The first sheet with anything in it. Formulas are not evaluated: the value Excel saved is read."""
    broken = Invalid(
        N_("This Excel file cannot be opened; it may be damaged or have a password."),
        hint=N_("Open it in Excel or WPS and save it as .xlsx or .csv."),
    )
    try:
        _refuse_bombs(data)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            found = False
            for row in sheet.iter_rows(
                max_row=MOST_ROWS + HEADER_SEARCHED + 2, max_col=MOST_COLUMNS, values_only=True
            ):
                cells = [cell_text(value) for value in row]
                found = found or any(cells)
                yield cells
            if found:
                return
    except Invalid:
        raise
    except Exception as error:
        raise broken from error


def _refuse_bombs(data: bytes) -> None:
    """Look at the directory of the archive before anything is unpacked; zipfile reads no more than it promises."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        swollen = any(
            part.file_size > 1_000_000 and part.file_size > MOST_RATIO * max(1, part.compress_size)
            for part in parts
        )
    if len(parts) > 2_000 or unpacked > MOST_UNPACKED or swollen:
        raise Invalid(N_("This Excel file unpacks to far too much and is not opened."))


def cell_text(value: Any) -> str:
    """A cell as the person saw it: phone numbers kept as numbers lose their ".0", dates become 2027-06-30."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e18:
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    return str(value).replace("\0", "").strip()[:MOST_CELL]


def _table(rows: Iterable[list[str]]) -> Table:
    """Find the header (a title may stand above it), drop empty rows at the end."""
    held: list[list[str]] = []
    for row in rows:
        held.append(_trimmed(row))
        if len(held) > MOST_ROWS + HEADER_SEARCHED:
            break
    while held and not any(held[-1]):
        held.pop()
    at = _header_row(held)
    header, body = (held[at], held[at + 1 :]) if held else ([], [])
    if not any(header) or not any(any(row) for row in body):
        raise Invalid(N_("This file has no rows below its header."))
    if len(body) > MOST_ROWS:
        raise Invalid(
            N_("This file has more than %(most)s rows."),
            most=MOST_ROWS,
            hint=N_("Split it and import the parts."),
        )
    width = max(map(len, (header, *body)))
    return Table(_filled(header, width), [_filled(row, width) for row in body], at + 2)


def _header_row(rows: list[list[str]]) -> int:
    """The row with most known headers among the first ones; else the first that holds anything."""
    known = [len(guess_columns(row)) for row in rows[:HEADER_SEARCHED]]
    if known and max(known) >= 2:
        return known.index(max(known))
    return next((index for index, row in enumerate(rows) if any(row)), 0)


def _trimmed(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row.pop()
    return row


def _filled(row: list[str], width: int) -> list[str]:
    return row + [""] * (width - len(row))


def guess_columns(header: list[str]) -> dict[str, int]:
    """Which column holds which field, by its heading: first the same words, then words inside longer ones."""
    titles = [plain(title) for title in header]
    found: dict[str, int] = {}
    for exact in (True, False):
        for field, (main, others) in COLUMNS.items():
            if field in found:
                continue
            for word in map(plain, (main, *others)):
                free = [i for i, title in enumerate(titles) if title and i not in found.values()]
                hit = next(
                    (i for i in free if titles[i] == word or (not exact and _inside(word, titles[i]))), None
                )
                if hit is not None:
                    found[field] = hit
                    break
    return found


def _inside(word: str, title: str) -> bool:
    return len(word) >= 2 and not word.isascii() and word in title


EXAMPLE = {
    "name": "青禾小饭馆(示例,请删除)", "kind": "小餐饮", "domains": "餐饮、消防安全", "address": "示例路1号",
    "person_in_charge": "示例", "phone": "13800000000", "licence_name": "食品经营许可证", "licence_number": "示例0001",
    "licence_until": "2027-06-30", "staff_certificates": "3", "staff_certificates_until": "2027-03-31",
    "status": "营业",
}  # fmt: skip


def template_csv() -> bytes:
    """An empty register with one example row; the mark makes Excel read it as UTF-8."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([main for main, _others in COLUMNS.values()])
    writer.writerow([EXAMPLE.get(field, "") for field in COLUMNS])
    return buffer.getvalue().encode("utf-8-sig")


def template_xlsx() -> bytes:
    """The same as a workbook, phone numbers as text, and a sheet with the words that are understood."""
    book = Workbook()
    sheet = book.active
    sheet.title = "场所"
    sheet.append([main for main, _others in COLUMNS.values()])
    sheet.append([EXAMPLE.get(field, "") for field in COLUMNS])
    for index, field in enumerate(COLUMNS, start=1):
        letter = sheet.cell(1, index).column_letter
        sheet.column_dimensions[letter].width = 18 if field in {"name", "address", "credit_code"} else 12
        sheet.column_dimensions[letter].number_format = "@"
    sheet.freeze_panes = "A2"
    words = book.create_sheet("可填的类型和领域")
    words.append(["场所类型", "监管领域"])
    names = [kind.name_zh for kind in kinds().values()]
    fields = [domain.name_zh for domain in domains().values()]
    for index, name in enumerate(names):
        words.append([name, fields[index] if index < len(fields) else ""])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
