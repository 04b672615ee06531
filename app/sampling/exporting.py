"""A sample's population, seed and draw as a table that redraw.py, or a spreadsheet, can draw again."""

import csv
import io
from collections.abc import Iterator, Sequence

from openpyxl import Workbook

from app.core.cells import cell
from app.sampling.models import Sample
from app.sampling.rules import Unit, lot

HEAD = ("visit", "stratum", "lot", "place")
PORTION = 2000  # rows sent at once


def facts(sample: Sample) -> list[tuple[str, str]]:
    """What the draw needs beside the list, and what was left out of it. Names are fixed: a script reads them."""
    found = [
        ("sample", str(sample.id)),
        ("method", sample.method.value),
        ("stratum", sample.stratum.value),
        ("seed", sample.seed),
        ("drawn", str(sample.size)),
        ("population", str(sample.population_size)),
        ("population_sha256", sample.population_digest),
        ("first_day", str(sample.first)),
        ("last_day", str(sample.last)),
        ("drawn_at", sample.drawn_at.isoformat()),
    ]
    for number, one in enumerate(sample.exclusions, start=1):
        why = _text(f"{one['what']}: {one['reason']}" if one["reason"] else one["what"])
        found.append((f"left_out_{number}", f"{why} ({' '.join(one['ids'])})"))
    return found


def rows(sample: Sample, units: Sequence[Unit], drawn: Sequence[str]) -> Iterator[tuple[str, str, str, int | str]]:
    """One a visit in the order of the list: id, stratum, its lot, and its place among the drawn (from 1) or nothing."""
    places = {one: place for place, one in enumerate(drawn, start=1)}
    for unit in units:
        yield unit.id, unit.stratum, lot(sample.seed, unit.id), places.get(unit.id, "")


def as_csv(sample: Sample, units: Sequence[Unit], drawn: Sequence[str]) -> Iterator[str]:
    """In pieces, with the mark that lets spreadsheets read Chinese: facts, an empty line, the list."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    out.write("\ufeff")
    table.writerows(facts(sample))
    out.write("\n")
    table.writerow(("number", *HEAD))
    for number, row in enumerate(rows(sample, units, drawn), start=1):
        table.writerow((number, *row))
        if number % PORTION == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def as_xlsx(sample: Sample, units: Sequence[Unit], drawn: Sequence[str]) -> bytes:
    """The same as a workbook of two sheets."""
    book = Workbook(write_only=True)
    head = book.create_sheet("draw")
    for fact in facts(sample):
        head.append(fact)
    listed = book.create_sheet("population")
    listed.freeze_panes = "A2"
    listed.append(("number", *HEAD))
    for number, row in enumerate(rows(sample, units, drawn), start=1):
        listed.append((number, *row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(value: str) -> str:
    """A cell on one line, without signs that no workbook holds."""
    return cell(" ".join("".join(sign for sign in value if sign.isprintable() or sign.isspace()).split()))
