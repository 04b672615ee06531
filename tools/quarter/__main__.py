"""`make quarter SEED=…`: every reminder of a quarter is sent once. Ends with status 1 where one is not."""

import argparse
import random
import sys
import tempfile
from datetime import date
from pathlib import Path

from tools.quarter.play import Plan, play


def main() -> int:
    """Play it, add up, say it in one line."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int)
    asked.add_argument("--days", type=int, default=91)
    asked.add_argument("--start", type=date.fromisoformat, default=date(2026, 9, 7))
    asked.add_argument("--a-day", type=float, default=0.7, help="notices issued on an ordinary day")
    given = asked.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed} · {given.days} days from {given.start}", flush=True)
    with tempfile.TemporaryDirectory(prefix="xuncha-quarter-") as folder:
        result = play(Plan(seed, given.start, given.days, given.a_day), Path(folder), say=print)
    for line in result.problems[:20]:
        print(f"  {line}")
    print(result.story)
    print(result.verdict, flush=True)
    return 0 if result.is_right else 1


if __name__ == "__main__":
    sys.exit(main())
