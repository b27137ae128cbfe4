"""A number that may be undefined: then it says why."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Stat", "undefined"]


@dataclass(frozen=True)
class Stat:
    """One statistic.

    Attributes
    ----------
    value
        In the unit its function names; NaN when undefined.
    n
        How many observations it is made of.
    low, high
        Bounds of its 95 % interval; NaN where none is reckoned.
    reason
        Why it is undefined, for readers ("not enough data: 12 of 20 sessions"); empty when it is defined.
    """

    value: float
    n: int
    low: float = math.nan
    high: float = math.nan
    reason: str = ""

    def __post_init__(self) -> None:
        if math.isnan(self.value) != bool(self.reason):
            raise ValueError(f"An undefined statistic says why, a defined one does not, but got {self}.")

    @property
    def defined(self) -> bool:
        """Whether there is a number."""
        return not math.isnan(self.value)


def undefined(reason: str, n: int = 0) -> Stat:
    """Make a statistic that has no value, and say why."""
    return Stat(math.nan, n, reason=reason)
