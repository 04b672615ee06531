# ruff: noqa: INP001, PTH123, SIM115, T201 - a script to be read, without the product around it
"""python3 redraw.py population.csv: draw an exported sample again. Needs nothing but Python."""

import csv
import hashlib
import sys

rows = list(csv.reader(open(sys.argv[1], encoding="utf-8-sig", newline="")))
gap = rows.index([])
head, units = dict(rows[:gap]), [row[1:] for row in rows[gap + 2 :]]  # a unit: id, stratum, lot, place if drawn
lines = "".join(f"{one[0]},{one[1]}\n" for one in units).encode()
print("population", "unchanged" if hashlib.sha256(lines).hexdigest() == head["population_sha256"] else "CHANGED")


def lot(text: str) -> str:
    return hashlib.sha256(f"{head['seed']}:{text}".encode()).hexdigest()


def allocate(sizes: dict[str, int], seats: int) -> dict[str, int]:
    given, rest = dict.fromkeys(sizes, 1), dict(sizes)
    while small := [key for key in rest if seats * rest[key] < sum(rest.values())]:
        rest, seats = {key: rest[key] for key in rest if key not in small}, seats - len(small)
    shares = {key: divmod(seats * rest[key], sum(rest.values())) for key in rest}
    ups = sorted(shares, key=lambda key: (-shares[key][1], key))[: seats - sum(whole for whole, _ in shares.values())]
    return given | {key: shares[key][0] + (key in ups) for key in rest}


n, population, strata = int(head["drawn"]), len(units), sorted({one[1] for one in units})
lots = sorted(units, key=lambda one: lot(one[0]))
if head["method"] == "systematic":
    start = int(lot("start")[:12], 16) % population
    lots = [units[(start + k * population) // n] for k in range(n)]
elif head["method"] == "stratified":
    seats = allocate({key: sum(one[1] == key for one in units) for key in strata}, n)
    lots = [one for key in strata for one in [unit for unit in lots if unit[1] == key][: seats[key]]]
again = sorted((one[0] for one in lots[:n]), key=lot)
was = [one[0] for one in sorted((one for one in units if one[3]), key=lambda one: int(one[3]))]
print(f"drawn {len(again)} of {population}:", "identical" if again == was else "DIFFERENT")
sys.exit(again != was)
