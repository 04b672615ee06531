"""What was measured, as a table for people, as bench.json and as docs/speed.md."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured value beside its target. `target` says the direction: "≤ 60", "≥ 40"; "" for what has none."""

    name: str
    value: float
    unit: str
    target: str
    met: bool
    note: str = ""

    @classmethod
    def at_most(cls, name: str, value: float, target: float, unit: str, note: str = "") -> "Figure":
        """Met when the value is no more than `target`; compared as measured, rounded only for showing."""
        return cls(name, _shown(value), unit, f"≤ {target:g}", value <= target, note)

    @classmethod
    def at_least(cls, name: str, value: float, target: float, unit: str, note: str = "") -> "Figure":
        """Met when the value is no less than `target`."""
        return cls(name, _shown(value), unit, f"≥ {target:g}", value >= target, note)

    @classmethod
    def to_know(cls, name: str, value: float, unit: str, note: str = "") -> "Figure":
        """Measured for whoever wants to know; nothing is asked of it."""
        return cls(name, _shown(value), unit, "", met=True, note=note)

    @classmethod
    def missing(cls, name: str, why: str) -> "Figure":
        """What could not be measured counts as missed, with the reason."""
        return cls(name, float("nan"), "", "", met=False, note=why)


def _shown(value: float) -> float:
    return round(value, 2 if abs(value) < 100 else 0)


def table(figures: Iterable[Figure]) -> str:
    """The figures in columns for a terminal."""
    lines = [f"{'':2} {'measured':>10} {'target':>8}  what"]
    for one in figures:
        note = f"  ({one.note})" if one.note else ""
        lines.append(f"{_mark(one.target, one.met):2} {_text(one):>10} {one.target:>8}  {one.name}{note}")
    return "\n".join(lines)


def write_json(figures: Sequence[Figure], path: Path) -> None:
    """bench.json: a list of {name, value, unit, target, met}, and a note where there is one to read."""
    rows = [_row(one) for one in figures]
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _row(one: Figure) -> dict[str, Any]:
    row = asdict(one)
    if row["value"] != row["value"]:  # not a number: it was not measured
        row["value"] = None
    if not row["note"]:
        del row["note"]
    return row


def write_markdown(source: Path, path: Path, day: str, busy: float = 0.0) -> None:
    """docs/speed.md from the rows of bench.json. `busy`: the machine's load average when the run began."""
    rows = json.loads(source.read_text(encoding="utf-8"))
    lines = [
        "# Speed",
        "",
        f"Written by `make bench` on {day}, on {machine()}. Ratios compare two things measured in the same run.",
        f"Load average of the machine when the run began, from other work: {busy:.1f}.",
        "",
        "| | What | Measured | Target |",
        "|---|---|---:|---:|",
    ]
    for row in rows:
        value = "—" if row["value"] is None else f"{row['value']:g} {row['unit']}".strip()
        note = f"<br>{row['note']}" if row.get("note") else ""
        target = f"{row['target']} {row['unit']}".strip() if row["target"] else "—"
        lines.append(f"| {_mark(row['target'], row['met'])} | {row['name']}{note} | {value} | {target} |")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def machine() -> str:
    """The kind of machine, without its name."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _mark(target: str, met: bool) -> str:  # noqa: FBT001 - a fact of the row
    if met:
        return "✓" if target else "·"
    return "✗"


def _text(one: Figure) -> str:
    return "—" if one.value != one.value else f"{one.value:g} {one.unit}"
