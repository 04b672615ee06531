"""How a sample is drawn, so that anybody can draw it again, and what its numbers say. Pure.

Nothing here asks a random generator: the seed is text that is kept with the sample, and chance is the SHA-256 of that
text with something else behind a colon. docs/sampling.md describes each step, app/sampling/data/redraw.py repeats it
with Python alone.
"""

import enum
import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from app.core.errors import N_, Invalid

MOST_DRAWN = 2000  # sheets nobody would ever call through; a county of a million visits needs 664 for 99 % ± 5 %
MOST_DAYS = 366 * 3  # of the period
LONGEST_NOTE, LONGEST_REASON = 2000, 500
CONFIDENCES, MARGINS = (90, 95, 99), (5, 7, 10, 15)  # per cent


class Method(enum.StrEnum):
    """How visits are drawn."""

    SIMPLE = "simple"
    SYSTEMATIC = "systematic"
    STRATIFIED = "stratified"


class Stratum(enum.StrEnum):
    """By what a stratified draw is spread."""

    NONE = "none"
    TOWNSHIP = "township"
    DOMAIN = "domain"
    INSPECTOR = "inspector"


@dataclass(frozen=True, slots=True)
class Unit:
    """One visit of the population: its id as text, and the key of its stratum ("" where there is none)."""

    id: str
    stratum: str = ""


# ---- the population as it is kept


def as_lines(units: Sequence[Unit]) -> bytes:
    """The population as kept, exported and hashed: one line a visit, `id,stratum`, each ended by a line feed."""
    return "".join(f"{unit.id},{unit.stratum}\n" for unit in units).encode()


def from_lines(lines: bytes) -> list[Unit]:
    """The reverse of `as_lines`."""
    return [Unit(*line.split(",", 1)) for line in lines.decode().splitlines()]


def digest_of(lines: bytes) -> str:
    """SHA-256 of the kept population."""
    return hashlib.sha256(lines).hexdigest()


# ---- the draw


def lot(seed: str, unit_id: str) -> str:
    """The unit's lot: SHA-256 of `seed:id` as 64 hexadecimal digits. The smallest lots are drawn."""
    return hashlib.sha256(f"{seed}:{unit_id}".encode()).hexdigest()


def draw(units: Sequence[Unit], size: int, seed: str, method: Method) -> list[Unit]:
    """`size` of `units`, in the order of their lots, which is the order they are called in.

    A stratified draw gives each stratum what `allocate` says. Raises ValueError for a size that cannot be drawn.
    """
    if not 0 <= size <= len(units):
        raise ValueError("as many as there are, at most")
    if method is Method.SYSTEMATIC:
        chosen = [units[place] for place in systematic_places(len(units), size, seed)]
        return sorted(chosen, key=lambda unit: lot(seed, unit.id))
    lots = sorted(units, key=lambda unit: lot(seed, unit.id))
    if method is Method.SIMPLE:
        return lots[:size]
    left = dict(allocate(sizes_of(units), size))
    chosen = []
    for unit in lots:
        if left[unit.stratum]:
            left[unit.stratum] -= 1
            chosen.append(unit)
    return chosen


def systematic_places(population: int, size: int, seed: str) -> list[int]:
    """Places in the list, from 0: ⌊(r + k·N) ÷ n⌋ for k = 0 … n − 1, all in whole numbers.

    r is the number in the first 12 hexadecimal digits of SHA-256(`seed:start`), modulo N. Over all N starts each place
    is met exactly n times, so every visit has the same chance n ÷ N also where N is no multiple of n.
    """
    if not size:
        return []
    start = int(lot(seed, "start")[:12], 16) % population
    return [(start + turn * population) // size for turn in range(size)]


def sizes_of(units: Sequence[Unit]) -> dict[str, int]:
    """How many visits each stratum has, by key in byte order."""
    return dict(sorted(Counter(unit.stratum for unit in units).items()))


def allocate(sizes: Mapping[str, int], size: int) -> dict[str, int]:
    """How many of `size` each stratum gives: in proportion, by largest remainder, at least one each.

    Strata whose share would be below one give one; the rest is shared among the others, which may again push one below.
    Of equal remainders the key that comes first wins. Raises ValueError where `size` is smaller than the strata are
    many, or larger than what they hold.
    """
    if not len(sizes) <= size <= sum(sizes.values()) or min(sizes.values(), default=1) < 1:
        raise ValueError("at least one for each stratum, at most what they hold")
    rest, seats, given = dict(sizes), size, dict.fromkeys(sizes, 1)
    while small := [key for key, held in rest.items() if seats * held < sum(rest.values())]:
        for key in small:
            del rest[key]
        seats -= len(small)
    total = sum(rest.values())
    shares = {key: divmod(seats * held, total) for key, held in rest.items()}
    left = seats - sum(whole for whole, _part in shares.values())
    upwards = set(sorted(shares, key=lambda key: (-shares[key][1], key))[:left])
    return given | {key: whole + (key in upwards) for key, (whole, _part) in shares.items()}


# ---- how many


def z_of(confidence: int) -> float:
    """The normal quantile of a two-sided confidence in per cent: 1.959964 for 95."""
    return NormalDist().inv_cdf(0.5 + confidence / 200)


def size_for(population: int, confidence: int, margin: int) -> int:
    """How many to draw so that a share is known within ± `margin` per cent, whatever the share is (p = ½).

    Cochran's n₀ = z² p q ÷ e², corrected for the finite population: n = n₀ ÷ (1 + (n₀ − 1) ÷ N), rounded up.
    """
    if not population:
        return 0
    wanted = z_of(confidence) ** 2 * 0.25 / (margin / 100) ** 2
    return min(population, math.ceil(wanted / (1 + (wanted - 1) / population) - 1e-9))


@dataclass(frozen=True)
class Plan:
    """How a sample is to be drawn. `number` is asked for directly, or 0: then by confidence and margin in per cent."""

    method: Method
    stratum: Stratum = Stratum.NONE
    number: int = 0
    confidence: int = 95
    margin: int = 10

    def check(self) -> None:
        """Raise Invalid (with its field) for what cannot be asked."""
        if (self.method is Method.STRATIFIED) != (self.stratum is not Stratum.NONE):
            raise Invalid(N_("Say by what the draw is spread."), field="stratum")
        if self.confidence not in CONFIDENCES or self.margin not in MARGINS:
            raise Invalid(N_("Choose one of the answers."), field="confidence")
        if not 0 <= self.number <= MOST_DRAWN:
            raise Invalid(N_("A whole number from 1 to %(most)s."), field="number", most=MOST_DRAWN)

    def size(self, population: int, strata: int) -> int:
        """How many are drawn: what was asked, one for each stratum at least, all at most.

        Raises Invalid where there is nothing to draw from, or where that would be more than anybody can call.
        """
        if not population:
            raise Invalid(N_("There is no finished visit to draw from."), field="first")
        wanted = self.number or size_for(population, self.confidence, self.margin)
        wanted = min(population, max(wanted, strata if self.method is Method.STRATIFIED else 1))
        if wanted > MOST_DRAWN:
            raise Invalid(N_("That would be %(count)s calls. Choose less."), field="number", count=wanted)
        return wanted
