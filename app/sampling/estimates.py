"""What a few answers say about all visits: Wilson's interval, weighted by stratum, corrected for the finite population.

Pure; formulae with their sources stand in docs/sampling.md.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.sampling.rules import z_of


@dataclass(frozen=True)
class Tally:
    """One stratum: how many visits it stands for (it may be an estimate), how many answered, how many yes."""

    population: float
    answered: int
    yes: int


@dataclass(frozen=True)
class Estimate:
    """A share with its interval, all from 0 to 1, and what it rests on."""

    share: float
    low: float
    high: float
    answered: int
    yes: int
    population: float
    effective: float  # as how many simple draws the answers count, before the finite population is minded
    silent: int = 0  # strata without any answer, of which nothing is said

    @property
    def percents(self) -> tuple[int, int]:
        """The interval in whole per cent, rounded outwards, so that nothing is claimed that was not found."""
        return math.floor(self.low * 100 + 1e-9), math.ceil(self.high * 100 - 1e-9)

    @property
    def is_exact(self) -> bool:
        """Everybody was asked and answered."""
        return self.low == self.high


def estimate(tallies: Sequence[Tally], confidence: int) -> Estimate | None:
    """The share of yes among all visits of the strata that answered; None where nobody did.

    Share: Σ N_h p_h ÷ Σ N_h. Its interval is Wilson's with the effective number of answers (Kish): N² ÷ Σ (N_h² ÷ m_h),
    which is the number itself where the answers are spread in proportion.
    """
    heard = [one for one in tallies if one.answered]
    if not heard:
        return None
    answered, yes = sum(one.answered for one in heard), sum(one.yes for one in heard)
    population = max(sum(one.population for one in heard), float(answered))
    total = sum(one.population for one in heard)
    share = sum(one.population * one.yes / one.answered for one in heard) / total
    effective = total**2 / sum(one.population**2 / one.answered for one in heard)
    low, high = wilson(share, corrected(effective, population, answered), confidence)
    return Estimate(share, low, high, answered, yes, population, effective, len(tallies) - len(heard))


def corrected(effective: float, population: float, answered: int) -> float:
    """The number of answers of an endless population that would say as much: n (N − 1) ÷ (N − n); all: infinite."""
    if answered >= population - 1e-6:
        return math.inf
    return effective * (population - 1) / (population - answered)


def wilson(share: float, count: float, confidence: int) -> tuple[float, float]:
    """Wilson's score interval of a share found with `count` answers; `count` may be no whole number, or infinite."""
    if math.isinf(count):
        return share, share
    z2 = z_of(confidence) ** 2
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = math.sqrt(z2 * (share * (1 - share) / count + z2 / (4 * count * count))) / (1 + z2 / count)
    low = 0.0 if share == 0 else max(0.0, centre - half)
    high = 1.0 if share == 1 else min(1.0, centre + half)
    return low, high
