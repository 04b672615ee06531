"""`make soak`: nothing that was recorded without signal is lost or doubled. Ends with status 1 where something is."""

import argparse
import random
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import sync_playwright

from app.core.settings import project_root
from tools.soak.phone import NoBrowser
from tools.soak.pictures import MB, NoPhotos
from tools.soak.rounds import Plan, Result, play
from tools.soak.story import QUICK

SHARED = project_root().parent / "shared/photos"


def main() -> int:
    """Play the rounds, add up, say it in one line."""
    asked = _arguments()
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(1_000_000)
    results: list[Result] = []
    for number in range(asked.rounds):
        print(
            f"round {number + 1} of {asked.rounds} · seed {seed + number} · loss {asked.loss:.0%}", flush=True
        )
        plan = Plan(
            asked.photos or (SHARED if SHARED.is_dir() else None),
            asked.loss,
            asked.kills,
            seed + number,
            seconds=asked.limit * 60,
        )
        if asked.quick:
            plan = replace(plan, stops=QUICK, sizes=(3 * MB, 4 * MB), originals=False)
        with tempfile.TemporaryDirectory(prefix="xuncha-soak-") as folder, sync_playwright() as playwright:
            try:
                results.append(play(plan, Path(folder), playwright, say=_say))
            except (NoBrowser, NoPhotos) as error:
                sys.exit(f"soak: {error or 'no Chromium here; tools/ensure_chromium.sh says how to get one'}")
    total = sum(results, Result())
    for fault in [*total.lost, *total.doubled]:
        print(f"  ✗ {fault}")
    print(f"sent {total.sent}, retried {total.retried}, lost {len(total.lost)}, doubled {len(total.doubled)}")
    return 0 if not (total.lost or total.doubled) and total.sent else 1


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument(
        "--photos",
        type=Path,
        help=f"a folder with photos; without it {SHARED}, or drawn ones where that is missing",
    )
    parser.add_argument(
        "--loss", type=float, default=0.3, help="share of requests that are harmed on the way home"
    )
    parser.add_argument("--kills", type=int, default=3, help="how often the server is killed")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, help="the same seed draws the same answers, photos and failures")
    parser.add_argument("--limit", type=float, default=30, help="minutes for coming home")
    parser.add_argument("--quick", action="store_true", help="one visit with three photos")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
