"""How candidates did as a group: medians, means and hit rates of their excess returns, and how sure one can be of them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from trade_dashboard.metrics.ic import mean_over_time
from trade_dashboard.metrics.proportion import Z_95, wilson
from trade_dashboard.metrics.stat import Stat, undefined

__all__ = ["hit_rate", "median", "outcomes", "score_groups", "state_names"]

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
        One row a group, in order: `candidates`, and of these `n` (with an excess return), `ended`, `open` and `no_price`
        (counts); `least` and `most` (scores of the n); `median`, `mean` and `hit_rate` (Stats, fractions: excess return,
        excess return, share of the n ahead of the benchmark), undefined of fewer than five. The hit rate has Wilson's
        interval and the median one from order statistics, as if candidates were independent. The mean's allows for
        overlapping windows and sessions that move as one; `hits_over_time` is the hit rate with such an interval.
    """
    columns = ["candidates", "n", "ended", "open", "no_price", "least", "most", "median", "mean", "hit_rate"]
    told = {name: _outcome(rows) for name, rows in followed.groupby(followed["horizon"] if groups is None else groups)}
    return pd.DataFrame.from_dict(told, orient="index", columns=[*columns, "hits_over_time"])


def _outcome(rows: pd.DataFrame) -> list[Any]:
    known = rows[rows["excess"].notna()]
    counts = [int((rows["status"] == status).sum()) for status in ("ended", "open", "no price")]
    stats = [median(known["excess"]), _over_time(known, known["excess"]), hit_rate(known["excess"])]
    scores = [float(known["score"].min()), float(known["score"].max())]
    hits = _over_time(known, known["excess"] > 0)
    # max and min keep what is NaN only as their first argument
    hits = replace(hits, low=max(hits.low, 0.0), high=min(hits.high, 1.0))
    return [len(rows), len(known), *counts, *scores, *stats, hits]


def hit_rate(excess: pd.Series) -> Stat:
    """Measure the share of results above zero, with Wilson's interval; undefined of fewer than five."""
    if len(excess) < LEAST:
        return undefined(_too_few(len(excess)), len(excess))
    return wilson(int((excess > 0).sum()), len(excess))


def _over_time(rows: pd.DataFrame, values: pd.Series) -> Stat:
    if len(rows) < LEAST:
        return undefined(_too_few(len(rows)), len(rows))
    return mean_over_time(values, int(rows["horizon"].iloc[0]) - 1, rows["at"])


def _too_few(n: int) -> str:
    return f"not enough data: {n} of {LEAST} candidates followed"


def score_groups(followed: pd.DataFrame, count: int = GROUPS) -> pd.Series:
    """Part the candidates with a result by score into groups of equal size, 1 the lowest.

    Parameters
    ----------
    followed
        As `follow` gives it, of one horizon.
    count
        How many groups at most; each shall have five candidates.

    Returns
    -------
    pd.Series
        Shape (n,), 1 the lowest, index of `followed`, NaN where there is no result. Equal scores stay together, so groups may
        differ in size, or be missing.
    """
    known = followed[followed["excess"].notna()]
    groups = max(min(count, len(known) // LEAST), 1)
    places = (groups * known["score"].rank(pct=True)).round(9)
    return pd.Series(np.ceil(places), index=known.index).reindex(followed.index)


def state_names(states: pd.Series, market_states: pd.DataFrame) -> pd.Series:
    """Put the numbers of market states into words.

    Parameters
    ----------
    states
        Shape (n,), numbers, NaN = not told.
    market_states
        Records as in the schema; the newest description of each number counts.

    Returns
    -------
    pd.Series
        Shape (n,), text, index of `states`: the description, "state 3" where there is none, "not told" for NaN.
    """
    newest = market_states.sort_values(["session", "symbol"], kind="stable").drop_duplicates("state_id", keep="last")
    words = dict(zip(newest["state_id"], newest["description"], strict=True))
    return states.map(lambda state: "not told" if pd.isna(state) else words.get(state, f"state {state:g}")).astype(
        "str"
    )
