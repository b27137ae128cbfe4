"""First in, first out: which opening fill each closing fill takes from, in whole numbers and without a loop over fills.

Quantities, prices and fees are decimals; written as whole numbers of their smallest unit they add, multiply and compare
exactly. Where int64 would overflow the same code runs on Python's own integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from itertools import accumulate
from math import lcm
from operator import mul
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["Basis", "Parts", "basis", "match", "shares_of", "whole"]

Wholes = npt.NDArray[Any]
EXACT = 2**53
MOST_DECIMALS = 15
WIDE = Context(prec=1100)  # any float is a decimal of fewer digits
SMALLEST_PART = 10_000


def whole(values: npt.NDArray[np.float64], least: int = 0) -> tuple[Wholes, int]:
    """Write numbers as whole ones.

    Parameters
    ----------
    values
        Shape (n,), any finite numbers; each stands for the shortest decimal that is this float.
    least
        Decimals to keep at least.

    Returns
    -------
    tuple[Wholes, int]
        Shape (n,), and the decimals: `values` times ten to that power, exactly; int64, or object where that cannot hold them.
    """
    for decimals in range(least, MOST_DECIMALS + 1):
        scaled = np.rint(values * 10.0**decimals)
        if (np.abs(scaled) < EXACT).all() and (scaled / 10.0**decimals == values).all():
            return scaled.astype("int64"), decimals
    exact = [Decimal(repr(value)) for value in values.tolist()]
    most = max(least, *(-int(one.as_tuple().exponent) for one in exact))
    return np.array([int(one.scaleb(most, WIDE)) for one in exact], dtype="object"), most


@dataclass(frozen=True)
class Basis:
    """How many shares one share of the beginning has become, in whole numbers that compare within one symbol alone.

    Attributes
    ----------
    grown
        At each record's session.
    newest
        After every split of its symbol.
    common
        A multiple of both: `common / grown` is whole, so a quantity times that compares across splits exactly.
    """

    grown: Wholes
    newest: Wholes
    common: Wholes


def basis(symbols: pd.Series, sessions: pd.Series, splits: pd.DataFrame) -> Basis:
    """Say for each record what the splits up to its session, that session's included, have made of a share.

    Parameters
    ----------
    symbols, sessions
        Of each record, same length.
    splits
        Corporate actions as in the schema; only splits count. A ratio within 1e-9 of a fraction of small parts is that
        fraction: 0.3333333333 is a third.
    """
    happened = splits[(splits["kind"] == "split") & splits["symbol"].isin(symbols.unique())].sort_values("session")
    tables = {symbol: _table(some["ratio"].tolist()) for symbol, some in happened.groupby("symbol")}
    kind = "int64" if all(common < EXACT for _, common in tables.values()) else "object"
    grown, newest, common = (np.ones(len(symbols), dtype=kind) for _ in range(3))
    for symbol, (steps, multiple) in tables.items():
        mine = (symbols == symbol).to_numpy()
        since = happened.loc[happened["symbol"] == symbol, "session"].searchsorted(sessions[mine], side="right")
        grown[mine], newest[mine], common[mine] = np.array(steps, dtype=kind)[since], steps[-1], multiple
    return Basis(grown, newest, common)


def _table(ratios: list[float]) -> tuple[list[int], int]:
    """Give what a share has become before the first split and after each, in whole numbers, and a multiple of them all."""
    steps = list(accumulate(map(_fraction, ratios), mul, initial=Fraction(1)))
    below, above = lcm(*(one.denominator for one in steps)), lcm(*(one.numerator for one in steps))
    return [int(one * below) for one in steps], below * above


def _fraction(ratio: float) -> Fraction:
    near = Fraction(ratio).limit_denominator(SMALLEST_PART)
    return near if abs(float(near) - ratio) <= 1e-9 * ratio else Fraction(repr(ratio))


@dataclass(frozen=True)
class Parts:
    """Parts of opening fills, each closed by one fill or by none; shape (n_parts,) throughout.

    Attributes
    ----------
    opened, closed
        Places of the opening and the closing fill; of a part that is still open, `closed` is -1.
    units
        How much, above zero.
    opened_from, closed_from
        Units of the opening and of the closing fill that other parts take before this one.
    """

    opened: npt.NDArray[np.intp]
    closed: npt.NDArray[np.intp]
    units: Wholes
    opened_from: Wholes
    closed_from: Wholes

    def of(self, rows: npt.NDArray[Any]) -> Parts:
        """Give some of them, by a mask or by places."""
        kept = (self.opened, self.closed, self.units, self.opened_from, self.closed_from)
        return Parts(*(values[rows] for values in kept))


def match(units: Wholes, groups: npt.NDArray[np.integer]) -> Parts:
    """Close what was opened first.

    All opened units stand on one line in the order of opening, all closed ones on the same line in the order of closing:
    what lies above each other belongs together. A fill beyond zero closes with one part and opens with the rest.

    Parameters
    ----------
    units
        Shape (n_fills,), signed, in order of time within each group.
    groups
        Shape (n_fills,), ascending: lots are matched within a group alone.
    """
    size = np.abs(units)
    before = _within(units, groups) - units
    closing = np.where(before * np.sign(units) < 0, np.minimum(np.abs(before), size), 0 * size)
    opening = size - closing
    opened, closed = np.flatnonzero(opening), np.flatnonzero(closing)
    open_end = np.cumsum(opening[opened])
    open_start = open_end - opening[opened]
    close_end = (_within(closing, groups) + _begin(opening, groups))[closed]
    close_start = close_end - closing[closed]
    # four ascending runs: a merge is all their order takes
    marks = np.sort(np.concatenate([open_start, open_end, close_start, close_end]), kind="stable")
    cuts = marks[np.diff(marks, prepend=-1) > 0]
    start, end = cuts[:-1], open_end[-1:]
    # a last closing fill, of nothing, stands where the line ends: so every part has one above it or to its right
    closed, close_start = np.append(closed, -1), np.append(close_start, end)
    lot, exit_ = open_end.searchsorted(start, side="right"), close_end.searchsorted(start, side="right")
    above = close_start[exit_] <= start
    return Parts(
        opened=opened[lot],
        closed=np.where(above, closed[exit_], -1),
        units=np.diff(cuts),
        opened_from=closing[opened[lot]] + start - open_start[lot],
        closed_from=np.where(above, start - close_start[exit_], 0 * start),
    )


def _within(values: Wholes, groups: npt.NDArray[np.integer]) -> Wholes:
    """Add up within each group."""
    return np.cumsum(values) - _begin(values, groups)


def _begin(values: Wholes, groups: npt.NDArray[np.integer]) -> Wholes:
    """Give, for each place, what all earlier groups add up to."""
    firsts = np.flatnonzero(np.diff(groups, prepend=-1))
    earlier = (np.cumsum(values) - values)[firsts]
    return np.repeat(earlier, np.diff(firsts, append=len(groups)))


def shares_of(totals: Wholes, sizes: Wholes, start: Wholes, units: Wholes) -> Wholes:
    """Give the part from `start` on, `units` long, its share of a total that belongs to `sizes`; all shares add up to it."""
    return _rounded(totals * (start + units), sizes) - _rounded(totals * start, sizes)


def _rounded(above: Wholes, below: Wholes) -> Wholes:
    return np.asarray((2 * above + below) // (2 * below))
