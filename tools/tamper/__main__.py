"""`make tamper SEED=…`: a year of honest work, thirty falsifications; each is named, nothing else is.

Ends with status 1 where one is not named, or where anything else is.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flask_babel import force_locale

from app import create_app
from app.core.storage import Storage
from app.proof.checking import Result, verify
from app.proof.naming import names_of
from app.proof.rules import Found, Level
from app.proof.telling import told_of
from app.web.i18n import ENGLISH
from tests.fixtures.databases import close
from tools.tamper.case import Case, Named
from tools.tamper.ways import ALWAYS, WAYS
from tools.tamper.year import OLD, build, settings_of

HOW_MANY = 30


@dataclass(frozen=True)
class Outcome:
    """What came of one falsification."""

    named: bool
    alarms: Sequence[str]  # what was found that was not done
    said: str


def main() -> int:
    """Build, verify, falsify, verify."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int)
    asked.add_argument("--days", type=int, default=364)
    asked.add_argument("--year", type=Path, help="a folder in which the year is kept, or was kept before")
    asked.add_argument("--all", action="store_true", help="every way we know, not thirty of them")
    given = asked.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1_000_000)
    began, luck = time.monotonic(), random.Random(seed)
    print(f"seed {seed} · {given.days} days", flush=True)
    with tempfile.TemporaryDirectory(prefix="xuncha-tamper-") as name:
        folder = Path(name)
        if given.year and given.year.exists():
            shutil.copytree(given.year, folder / "year")
        else:
            close(build(folder / "year", seed, given.days))
        if given.year and not given.year.exists():
            shutil.copytree(folder / "year", given.year)
        clean = look(Case(folder / "year", luck))
        alarms = _alarms(clean.found)
        print(
            f"clean year ({time.monotonic() - began:.0f} s): {clean.verdict}; {len(alarms)} false alarms",
            flush=True,
        )
        for line in alarms:
            print(f"  {line}")
        ways, total, named = _chosen(luck, all_of_them=given.all), len(alarms), 0
        for number, way in enumerate(ways, 1):
            outcome = play(folder, way, luck)
            named += outcome.named
            total += len(outcome.alarms)
            print(f"{number:3} {'✓' if outcome.named else '✗'} {way}: {outcome.said}", flush=True)
            for line in outcome.alarms:
                print(f"      false alarm: {line}")
    print(f"{time.monotonic() - began:.0f} s")
    print(f"named {named}/{len(ways)}, false alarms {total}", flush=True)
    return 0 if named == len(ways) and not total else 1


def _chosen(luck: random.Random, *, all_of_them: bool) -> list[str]:
    """Thirty ways, those always among them that are asked for by name, in the order of the list."""
    others = [way for way in WAYS if way not in ALWAYS]
    chosen = set(ALWAYS) | set(others if all_of_them else luck.sample(others, HOW_MANY - len(ALWAYS)))
    return [way for way in WAYS if way in chosen]


def play(folder: Path, way: str, luck: random.Random) -> Outcome:
    """One falsification on a fresh copy."""
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder / "year", copy)
    case = Case(copy, luck, old=folder / "year" / OLD)
    wanted = WAYS[way](case)
    result = look(case)
    mine = [one for one in result.found if _is(one, wanted)]
    others = [one for one in result.found if one not in mine and not _goes_with(one, wanted)]
    said = told(case, mine[0]) if mine else f"not found; {len(result.found)} findings"
    return Outcome(bool(mine), _alarms(others), said)


def look(case: Case) -> Result:
    """Verify it, as the command does, but keep nothing."""
    settings = replace(settings_of(case.folder), **case.settings)
    app = create_app(settings)
    try:
        with app.app_context():
            kept: Storage = app.extensions["storage"]
            return verify(settings, kept)
    finally:
        close(app)


def told(case: Case, found: Found) -> str:
    """The finding in words."""
    app = create_app(settings_of(case.folder))
    try:
        with app.app_context(), force_locale(ENGLISH):
            return told_of(found, names_of([found])[0].stored)
    finally:
        close(app)


def _is(found: Found, wanted: Named) -> bool:
    if found.kind is not wanted.kind:
        return False
    if wanted.seq is not None and found.seq != wanted.seq:
        return False
    return not wanted.table or (found.table, found.key) == (wanted.table, wanted.key)


def _goes_with(found: Found, wanted: Named) -> bool:
    return any(
        found.kind is kind and table in ("*", found.table) and key in ("*", found.key)
        for kind, table, key in wanted.also
    )


def _alarms(found: Sequence[Found]) -> list[str]:
    """Notes alarm nobody."""
    return [
        f"{one.kind} {one.table} {one.key} {one.seq} {one.detail}"
        for one in found
        if one.level is not Level.NOTE
    ]


if __name__ == "__main__":
    sys.exit(main())
