"""`make reuse PHOTOS=DIR`: change every photo of a folder in every way, and see whether it is found again.

The folder's photos stand in the index among thousands of invented ones that are all distinct. Ends with status 1 where
fewer than 95 of a hundred are found, or any two distinct photos are taken for one.
"""

import argparse
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

from tools.reuse.measure import Measurement, Nearness, Tally
from tools.reuse.scenes import name_of
from tools.reuse.shelf import Shelf

LEAST_RECALL = 0.95
SAY_EVERY = 20  # seconds


def main() -> int:
    """Measure, print the table, say it in one line."""
    asked = argparse.ArgumentParser(prog="make reuse", description=__doc__)
    asked.add_argument("--photos", type=Path, required=True)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--invented", type=int, default=10_000, help="invented photos beside the folder's")
    asked.add_argument("--sample", type=int, default=60, help="of the invented ones, changed in every way as well")
    asked.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = asked.parse_args()
    logging.disable(logging.WARNING)
    shelf = Shelf(given.photos, given.seed, given.invented)
    for name in shelf.no_photos:
        print(f"  {name}: no photo")
    if not shelf.real:
        sys.exit(f"xuncha: no photo in {given.photos}.")
    print(f"{len(shelf.real)} photos from {given.photos}, {given.invented} invented, seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="xuncha-reuse-") as folder:
        return _measure(Measurement(shelf, Path(folder), given.processes, Progress()), given.sample)


def _measure(measurement: Measurement, sample: int) -> int:
    begun, shelf = time.monotonic(), measurement.shelf
    measurement.fill()
    nearest, false = list[Nearness](), 0
    for one in measurement.near_ones():
        nearest = sorted([*nearest, one], key=lambda one: -one.copy.agreement)[:5]
        if one.is_false:
            false += 1
            print(f"  taken for one: {_nearness(one)}", flush=True)
    real = measurement.ask(list(shelf.real))
    _print("photos of the folder", real)
    names = _drawn(shelf.invented, sample)
    drawn = measurement.ask(names)
    _print(f"{len(names)} of the invented ones", drawn)
    total, others = _sum(real), _sum(drawn)
    wrong = false + total.false_pairs + others.false_pairs
    count = len(shelf.real) + shelf.invented
    print(f"\n{count} distinct photos, each compared with all others: {false} false pairs; nearest to one:")
    for one in nearest:
        print(f"  {_nearness(one)}")
    print(f"{time.monotonic() - begun:.0f} s · invented: recall {others.recall:.3f} ({others.found}/{others.asked})")
    print(f"recall {total.recall:.3f} ({total.found}/{total.asked}), false pairs {wrong}", flush=True)
    return 0 if total.recall >= LEAST_RECALL and not wrong else 1


def _drawn(invented: int, sample: int) -> list[str]:
    """Every so many of the invented ones but bare walls, on which there is nothing to recognise."""
    step = max(1, invented // max(1, sample)) | 1  # odd, so that every kind has its turn
    return [name for number in range(0, invented, step) if not (name := name_of(number)).startswith("wall")]


def _nearness(one: Nearness) -> str:
    match = one.copy.match
    how = f"{match.fit.places} places, share {match.fit.share:.2f}, agreement {one.copy.agreement:.2f}"
    return f"{one.one} and {one.other} ({how}{', mirrored' if match.mirrored else ''})"


def _print(title: str, tallies: dict[str, Tally]) -> None:
    print(f"\n{title:38} {'found':>11} {'recall':>7} {'least agreement':>16} {'false pairs':>12}")
    for way, tally in tallies.items():
        found = f"{tally.found}/{tally.asked}"
        row = f"  {way:36} {found:>11} {tally.recall:>7.3f} {tally.least:>16.2f} {tally.false_pairs:>12}"
        print(row + (f"  missed: {', '.join(tally.missed[:4])}" if tally.missed else ""))


def _sum(tallies: dict[str, Tally]) -> Tally:
    total = Tally()
    for tally in tallies.values():
        total.asked += tally.asked
        total.found += tally.found
        total.false_pairs += tally.false_pairs
    return total


class Progress:
    """Says now and then how far it is."""

    def __init__(self) -> None:
        self.begun = self.said = time.monotonic()

    def __call__(self, words: str) -> None:
        now = time.monotonic()
        if now - self.said >= SAY_EVERY:
            self.said = now
            print(f"  {now - self.begun:4.0f} s: {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
