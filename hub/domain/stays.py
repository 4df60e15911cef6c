"""How long parties stay at a table, by their size: what quotes of the waitlist are made from. Pure.

A stay is taken to be lognormal: most are near the median, a few are much longer. The median and the spread are the
venue's own, of stays that ended, where there are enough of them; else they follow from the length of its slot.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import NormalDist

NORMAL = NormalDist()
SIZES = (2, 4, 6, 20)
"""Parties of up to so many guests count as one size."""
LEAST = 30
"""Of fewer stays nothing is learned."""
SHORTEST, LONGEST = 15, 360
"""A stay of fewer or more minutes is a slip of the hand: it is not counted, and none is expected."""
SPREAD = 0.35
"""Of a venue that has no stays of its own yet."""
WITHIN_SLOT = 0.8
"""The share of parties that leave within the slot, in such a venue."""
LEAST_SPREAD, MOST_SPREAD = 0.15, 0.8
_ALMOST_NOBODY = 1e-12


@dataclass(frozen=True, slots=True)
class Stay:
    """A lognormal distribution: its ``median`` in minutes, and ``spread``, the deviation of the logarithm."""

    median: float
    spread: float

    def minutes(self, deviations: float) -> float:
        """The stay at a quantile that is told in standard deviations."""
        return self.median * math.exp(self.spread * deviations)

    def remaining(self, sat: float, shares: Sequence[float]) -> list[float]:
        """How many minutes more a party stays that has sat for ``sat`` minutes: at each of the quantiles ``shares`` of
        all who sat so long. A minute at least: they still sit."""
        longer = 1.0
        if sat > 0:
            deviations = (math.log(sat) - math.log(self.median)) / self.spread
            longer = max(_ALMOST_NOBODY, 0.5 * math.erfc(deviations / math.sqrt(2)))
        else:
            sat = 0.0
        quantile = NORMAL.inv_cdf
        return [max(1.0, self.minutes(-quantile(longer * (1 - share))) - sat) for share in shares]


@dataclass(frozen=True, slots=True)
class Stays:
    """The stay of each of SIZES."""

    of_sizes: tuple[Stay, ...]

    def of(self, guests: int) -> Stay:
        return self.of_sizes[size_of(guests)]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of the stays of one size: how many, the median in minutes, the spread."""

    count: int
    median: float
    spread: float


def size_of(guests: int) -> int:
    """The index of a party's size in SIZES."""
    return next((index for index, most in enumerate(SIZES) if guests <= most), len(SIZES) - 1)


def by_slot(slot: timedelta) -> Stay:
    """What is expected where nothing was measured yet."""
    minutes = slot.total_seconds() / 60
    return _within_reason(minutes * math.exp(-SPREAD * NORMAL.inv_cdf(WITHIN_SLOT)), SPREAD)


def fitted(measured: Mapping[int, Measured], slot: timedelta) -> Stays:
    """The stays by what was ``measured`` of each size, by its index. A size with too few takes all of them together,
    and those the slot, while they are too few."""
    others = _together(list(measured.values())) or by_slot(slot)
    found: list[Stay] = []
    for index in range(len(SIZES)):
        own = measured.get(index)
        found.append(others if own is None or own.count < LEAST else _within_reason(own.median, own.spread))
    return Stays(tuple(found))


def _together(measured: Sequence[Measured]) -> Stay | None:
    count = sum(each.count for each in measured)
    if count < LEAST:
        return None
    middle = sum(each.count * math.log(each.median) for each in measured) / count
    within = sum(each.count * (each.spread**2 + (math.log(each.median) - middle) ** 2) for each in measured) / count
    return _within_reason(math.exp(middle), math.sqrt(within))


def _within_reason(median: float, spread: float) -> Stay:
    return Stay(min(max(median, SHORTEST), LONGEST), min(max(spread, LEAST_SPREAD), MOST_SPREAD))
