"""`flask audit verify` over a year of a county: records, rows and papers, in a process of its own for its memory.

The county is the one of the lists. Each of its rows is bound by a record of its own, hashed as the ledger hashes; the
records beyond that bind nothing. Files are left out: there are none, and their speed is the disk's.
"""

import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from app.core import ledger, watching
from app.core.compact import canonical
from app.core.ids import new_id
from app.notices import rules as notices
from app.proof.checking import Wish, verify
from app.proof.rows import digest
from app.proof.rules import Record, content_digest, record_hash
from tools.bench.county import Size
from tools.bench.lists import FULL, QUICK
from tools.bench.places import CACHE, county_app, make_app, version
from tools.bench.report import Figure

RECORDS, QUICK_RECORDS, TARGET = 2_000_000, 20_000, 50_000
PART, FLAT = 0.25, 1.2
FLATNESS = "memory of that verification against that of a quarter of the year"
PORTION = 20_000


def measure(*, quick: bool) -> list[Figure]:
    """Events a second over the whole of it; the most memory it took, and what a quarter of the county takes."""
    wanted, size = (QUICK_RECORDS, QUICK) if quick else (RECORDS, FULL)
    part, whole = (_measure(round(wanted * share), size.part(share)) for share in (PART, 1))
    if wrong := part["differences"] + whole["differences"]:
        return [Figure.missing("records verified", f"{wrong:.0f} differences in an honest county")]
    note = f"{whole['records']:,.0f} records, {whole['rows']:,.0f} rows in {whole['seconds']:.0f} s, without files;"
    note += f" {whole['busy']:.0f} s of them on the processor"
    most, least = (said["peak"] - said["before"] for said in (whole, part))
    kept = f"{most:.0f} MB against {least:.0f} MB, beside the {whole['before']:.0f} MB of the program"
    return [
        Figure.at_least(
            "a year verified: audit records a second", whole["records"] / whole["seconds"], TARGET, "/s", note
        ),
        Figure.to_know("memory of that verification, at most, with the program", whole["peak"], "MB"),
        Figure.at_most(FLATNESS, most / least, FLAT, "×", kept)
        if not quick  # a small county fills no cache
        else Figure.to_know(FLATNESS, most / least, "×", kept),
    ]


def _measure(wanted: int, size: Size) -> dict[str, float]:
    """A verification of so many records, in a process of its own."""
    folder = CACHE / f"records-{wanted}-{version()}"
    if not (folder / "made").exists():
        _make(folder, wanted, size)
    command = [sys.executable, "-m", "tools.bench.records", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    said: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return said


def _make(folder: Path, wanted: int, size: Size) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    app = county_app(size)
    with app.app_context():
        source = Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
    with (
        closing(sqlite3.connect(source)) as now,
        closing(sqlite3.connect(folder / "xuncha.db", isolation_level=None)) as copy,
    ):
        now.backup(copy)
        for pragma in ("journal_mode=WAL", "synchronous=OFF", "cache_size=-400000"):
            copy.execute(f"PRAGMA {pragma}")
        _settle_papers(copy)
        _write(copy, wanted)
    (folder / "made").touch()


def _settle_papers(copy: sqlite3.Connection) -> None:
    """The county's notices are filler, all alike; their digest was never worked out."""
    for (content,) in copy.execute("SELECT DISTINCT content FROM notices").fetchall():
        right = notices.digest(json.loads(content))
        copy.execute("UPDATE notices SET digest = ? WHERE content = ?", (right, content))


def _write(copy: sqlite3.Connection, wanted: int) -> None:
    copy.execute("DELETE FROM audit_records")
    names = ", ".join(f'"{name}"' for name in Record._fields)
    marks = ", ".join("?" * len(Record._fields))
    records = _records(copy, wanted)
    copy.execute("BEGIN")
    while portion := list(islice(records, PORTION)):
        copy.executemany(f"INSERT INTO audit_records ({names}) VALUES ({marks})", portion)
    copy.execute("COMMIT")


def _records(copy: sqlite3.Connection, wanted: int) -> Iterator[Record]:
    previous, person = ledger.START, new_id().hex
    bound = _bound(copy)
    for seq in range(1, wanted + 1):
        some = list(islice(bound, 2 if seq % 5 == 0 else 1))
        table, key, rows = (some[0][0], some[0][1], _said(some)) if some else ("inspections", "", "")
        at = f"2026-{seq * 12 // (wanted + 1) + 1:02}-01 00:00:00.000000"
        record = Record(
            seq, new_id().hex, at, "answer_saved", table, key[:32] or None, person, None, f"{seq:016x}", "10.1.2.3",
            "null", '{"result": "conforms"}', "", b"", rows, b"",
        )  # fmt: skip
        record = record._replace(content=content_digest(record))
        previous = record_hash(record, seq, previous)
        yield record._replace(hash=previous)
    left = sum(1 for _row in bound)
    if left:
        raise RuntimeError(f"{left} rows were bound by no record")


def _bound(copy: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    """Each row of the county: table, key, digest."""
    for one in watching.watched():
        width = len(one.keys)
        fields = ", ".join([*(f'"{key.name}"' for key in one.keys), *(f'"{name}"' for name in one.columns)])
        for row in copy.execute(f"SELECT {fields} FROM {one.table.name}"):
            key = ledger.key_of(row[:width])
            yield str(one.table.name), key, digest(row[width:])


def _said(rows: list[tuple[str, str, str]]) -> str:
    """As a record has it."""
    said: dict[str, dict[str, str]] = {}
    for table, key, value in rows:
        one = watching.of(table)
        assert one is not None
        said.setdefault(f"{table}:{one.shape}", {})[key] = value
    return canonical(said)


def _verify(folder: Path) -> None:
    """In a process of its own: what it took, as JSON."""
    app = make_app(folder)
    with app.app_context():
        before = _peak()
        began, busy = time.perf_counter(), time.process_time()
        result = verify(app.extensions["settings"], app.extensions["storage"], Wish(files=False))
        seconds, busy = time.perf_counter() - began, time.process_time() - busy
    said = {"records": result.records, "rows": result.rows, "differences": result.tally.differences}
    print(json.dumps(said | {"seconds": seconds, "busy": busy, "before": before, "peak": _peak()}))


def _peak() -> float:
    """The most memory of this program so far, in MB. What `getrusage` says begins with who started it on Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)


if __name__ == "__main__":
    _verify(Path(sys.argv[1]))
