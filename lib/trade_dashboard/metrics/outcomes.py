"""How candidates did as a group: medians, means and hit rates of their excess returns, and how sure one can be of them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from trade_dashboard.metrics.ic import mean_over_time
from trade_dashboard.metrics.proportion import Z_95, wilson
from trade_dashboard.metrics.stat import Stat, undefined

__all__ = ["hit_rate", "hits_over_time", "median", "outcomes", "score_groups"]

LEAST = 5
GROUPS = 10


def median(values: npt.ArrayLike) -> Stat:
    """Take the median with an interval from order statistics, which asks nothing of the distribution.

    Parameters
    ----------
    values
        Shape (n,), in any unit, none of them NaN.

    Returns
    -------
    Stat
        In the unit of `values`; undefined of fewer than five. Its 95 % interval holds where values are independent, and is
        left out of fewer than six, which have none.

    Notes
    -----
    M. J. Campbell and M. J. Gardner (1988): from the value of rank n/2 − 1.96 √n/2 to the one of rank 1 + n/2 + 1.96 √n/2,
    both rounded.
    """
    ordered = np.sort(np.asarray(values, dtype="float64"))
    n = len(ordered)
    if n < LEAST:
        return undefined(_too_few(n), n)
    reach = Z_95 * math.sqrt(n) / 2
    low, high = round(n / 2 - reach), round(1 + n / 2 + reach)
    bounds = (float(ordered[low - 1]), float(ordered[high - 1])) if low >= 1 else (math.nan, math.nan)
    return Stat(float(np.median(ordered)), n, *bounds)


def outcomes(followed: pd.DataFrame, groups: pd.Series | None = None) -> pd.DataFrame:
    """Sum up what became of candidates, group by group.

    Parameters
    ----------
    followed
        As `follow` gives it, or some of its rows.
    groups
        Shape (n,), index of `followed`; rows where it is NaN belong to no group. Left out: by horizon.

    Returns
    -------
    pd.DataFrame
        One row a group, in order: `candidates` and of these `n` (with an excess return), `ended`, `open` and `no_price`
        (counts); `median`, `mean` and `hit_rate` (Stats, fractions: excess return, excess return, share of the n ahead of the
        benchmark), undefined of fewer than five. The hit rate has Wilson's interval and the median one from order
        statistics, as if candidates were independent; the mean's allows for overlapping windows.
    """
    told = {}
    for name, rows in followed.groupby(followed["horizon"] if groups is None else groups):
        known = rows[rows["excess"].notna()]
        told[name] = {
            "candidates": len(rows),
            "n": len(known),
            **{
                column: int((rows["status"] == column.replace("_", " ")).sum())
                for column in ("ended", "open", "no_price")
            },
            "median": median(known["excess"]),
            "mean": _over_time(known, known["excess"]),
            "hit_rate": hit_rate(known["excess"]),
        }
    columns = ["candidates", "n", "ended", "open", "no_price", "median", "mean", "hit_rate"]
    return pd.DataFrame.from_dict(told, orient="index", columns=columns)


def hit_rate(excess: pd.Series) -> Stat:
    """Measure the share of results above zero, with Wilson's interval; undefined of fewer than five."""
    if len(excess) < LEAST:
        return undefined(_too_few(len(excess)), len(excess))
    return wilson(int((excess > 0).sum()), len(excess))


def hits_over_time(followed: pd.DataFrame, horizon: int) -> Stat:
    """Measure the hit rate with an interval that allows for overlapping windows and for sessions that move as one.

    Parameters
    ----------
    followed
        As `follow` gives it.
    horizon
        Sessions; one of those followed.
    """
    known = followed[(followed["horizon"] == horizon) & followed["excess"].notna()]
    return _over_time(known, known["excess"] > 0)


def _over_time(rows: pd.DataFrame, values: pd.Series) -> Stat:
    if len(rows) < LEAST:
        return undefined(_too_few(len(rows)), len(rows))
    return mean_over_time(values, int(rows["horizon"].iloc[0]) - 1, rows["at"])


def _too_few(n: int) -> str:
    return f"not enough data: {n} of {LEAST} candidates followed"


def score_groups(followed: pd.DataFrame, horizon: int, count: int = GROUPS) -> pd.Series:
    """Part the candidates with a result over one horizon by score into groups of equal size, 1 the lowest.

    Parameters
    ----------
    followed
        As `follow` gives it.
    horizon
        Sessions; one of those followed.
    count
        How many groups.

    Returns
    -------
    pd.Series
        Shape (n,), 1 to `count`, index of `followed`, NaN where there is no result. Equal scores stay together, so groups may
        differ in size, or be missing.
    """
    known = followed[(followed["horizon"] == horizon) & followed["excess"].notna()]
    places = (count * known["score"].rank(pct=True)).round(9)
    return pd.Series(np.ceil(places), index=known.index).reindex(followed.index)
