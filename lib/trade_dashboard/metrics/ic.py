"""Whether a higher score meant a higher return: rank correlations, their mean over time, and how sure one can be of it.

Windows of several sessions that begin on following sessions overlap, so neighbouring results are not independent. The
t-statistic has Newey and West's standard error with the overlap as its lag. Their weights take something off what
neighbours share, so intervals look twice as far, and their critical value is the one for that lag and that many
observations, beyond 1.96. Where windows of 5 to 20 sessions share all they can, of 100 such intervals over 200 sessions
91 to 93 hold the truth; with 1.96 and the plain lag 83 to 89 would, without any lag 33 to 60.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from trade_dashboard.metrics.stat import Stat, undefined

__all__ = [
    "By",
    "ic_basis",
    "ic_by_period",
    "ic_by_window",
    "ic_decay",
    "ic_trailing",
    "mean_ic",
    "mean_over_time",
    "newey_west",
    "rank_ic",
    "trailing_periods",
]

By = Literal["session", "week"]
LEAST_NAMES = 5
LEAST_PERIODS = 20
LEAST_WINDOWS_APART = 4
TRAILING = {"session": 60, "week": 26}
WEEK = 5
DUST = 1e-12


def newey_west(values: npt.ArrayLike, lag: int, at: npt.ArrayLike | None = None) -> float:
    """Estimate the standard error of a mean whose observations are correlated over time.

    Parameters
    ----------
    values
        Shape (n,), in any unit, none of them NaN.
    lag
        How many periods apart two observations may still share something: the window's length less one.
    at
        Shape (n,), whole numbers: the period of each value. Periods may be missing, and may have several values, which
        then may share something too. Left out: one value in each of n periods.

    Returns
    -------
    float
        In the unit of `values`; with lag 0 and one value a period it is the ordinary one, NaN of fewer than two periods.

    Notes
    -----
    W. K. Newey and K. D. West (1987), Bartlett weights 1 − k/(lag + 1). Several values a period are added up first, as
    J. C. Driscoll and A. C. Kraay (1998) do; a missing period adds nothing. Times G/(G − 1) for G periods.
    """
    told = np.asarray(values, dtype="float64")
    period = np.arange(len(told)) if at is None else np.asarray(at, dtype="int64")
    periods = len(np.unique(period))
    if periods < 2:  # noqa: PLR2004 - one period has no spread
        return float("nan")
    sums = np.bincount(period - period.min(), weights=told - told.mean())
    reach = min(lag, len(sums) - 1)
    shared = [float(sums[k:] @ sums[: len(sums) - k]) for k in range(reach + 1)]
    variance = shared[0] + 2 * sum((1 - k / (lag + 1)) * shared[k] for k in range(1, reach + 1))
    return math.sqrt(max(variance, 0.0) * periods / (periods - 1)) / len(told)


def _critical(lag: int, periods: int) -> float:
    """Give the 97.5 % point of a mean by its Newey–West standard error (Kiefer and Vogelsang 2005, Bartlett kernel)."""
    b = min((lag + 1) / periods, 1.0)
    return 1.96 + 2.9694 * b + 0.4160 * b**2 - 0.5324 * b**3


def mean_over_time(values: npt.ArrayLike, lag: int, at: npt.ArrayLike | None = None) -> Stat:
    """Take a mean with an interval that allows for overlap.

    Parameters
    ----------
    values, lag, at
        As `newey_west` takes them; at least one value.

    Returns
    -------
    Stat
        In the unit of `values`; without an interval where fewer than 20 periods, or than four windows that do not
        overlap, are too few to tell, or where nothing varies.
    """
    told, wide = np.asarray(values, dtype="float64"), 2 * lag
    periods = len(told if at is None else np.unique(np.asarray(at)))
    value, error = float(told.mean()), newey_west(told, wide, at)
    if periods < _least(lag) or error <= DUST * max(abs(value), 1.0):
        return Stat(value, len(told))
    reach = _critical(wide, periods) * error
    return Stat(value, len(told), value - reach, value + reach)


def _least(lag: int) -> int:
    return max(LEAST_PERIODS, LEAST_WINDOWS_APART * (lag + 1))


def rank_ic(scores: pd.Series, forward: pd.Series, groups: pd.Series) -> pd.Series:
    """Correlate the ranks of scores with those of what followed, group by group (Spearman, ties share their mean rank).

    Parameters
    ----------
    scores, forward, groups
        Shape (n,), one index; none NaN.

    Returns
    -------
    pd.Series
        In [-1, 1], one a group; NaN where all scores, or all results, of a group are equal.
    """
    both = pd.DataFrame({"score": scores, "forward": forward})
    ranks = both.groupby(groups).rank()
    apart = ranks - ranks.groupby(groups).transform("mean")
    products = {
        "together": apart["score"] * apart["forward"],
        "score": apart["score"] ** 2,
        "forward": apart["forward"] ** 2,
    }
    sums = pd.DataFrame(products).groupby(groups).sum()
    spread = (sums["score"] * sums["forward"]) ** 0.5
    return (sums["together"] / spread.where(spread > 0)).clip(-1, 1).rename("ic")


def ic_basis(found: pd.DataFrame) -> By:
    """Choose what one cross-section is: a session's candidates, or a week's where most sessions have fewer than five.

    Parameters
    ----------
    found
        As `metrics.candidates` gives it.
    """
    names = found.groupby("at").size()
    return "session" if names.empty or names.median() >= LEAST_NAMES else "week"


def ic_by_period(followed: pd.DataFrame, horizon: int, by: By = "session") -> pd.DataFrame:
    """Measure the IC of each cross-section: rank correlation of the scores with the excess returns that followed.

    Parameters
    ----------
    followed
        As `metrics.follow` gives it.
    horizon
        Sessions; one of those followed.
    by
        "session": the candidates of one discovery date. "week": those of one calendar week, each symbol's first.

    Returns
    -------
    pd.DataFrame
        Index `session`, the last discovery of each period that has any result: `period` (whole number, one more each
        period), `ic` (in [-1, 1], NaN where fewer than five names make it, or all are equal) and `names` (how many).
    """
    return ic_by_window({0: followed}, horizon, by)[0]


def ic_by_window(windows: Mapping[int, pd.DataFrame], horizon: int, by: By = "session") -> dict[int, pd.DataFrame]:
    """Measure what `ic_by_period` does of several selections of candidates, all at once: many small ones take long."""
    columns = ["at", "session", "symbol", "score", "excess"]
    chosen = [
        one.loc[(one["horizon"] == horizon) & one["excess"].notna(), columns].assign(window=window)
        for window, one in windows.items()
    ]
    rows = pd.concat(chosen).sort_values(["window", "at", "symbol"], ignore_index=True)
    if by == "week":
        weeks = pd.PeriodIndex(rows["session"], freq="W").astype("int64")
        rows = rows.assign(period=weeks).drop_duplicates(["window", "period", "symbol"])
    else:
        rows = rows.assign(period=rows["at"])
    sections = rows.groupby(["window", "period"]).ngroup()
    groups = rows.groupby(sections)
    told = groups.agg(window=("window", "first"), period=("period", "first"), session=("session", "max"))
    told["names"] = groups.size()
    told["ic"] = rank_ic(rows["score"], rows["excess"], sections).where(told["names"] >= LEAST_NAMES)
    frame = told.set_index("session")[["period", "ic", "names"]]
    return {window: frame[told["window"].to_numpy() == window] for window in windows}


def _lag(horizon: int, by: By) -> int:
    """Count the following cross-sections whose windows overlap one's own."""
    return horizon - 1 if by == "session" else (horizon + WEEK - 2) // WEEK


def mean_ic(by_period: pd.DataFrame, horizon: int, by: By = "session") -> Stat:
    """Take the mean IC, with an interval that allows for overlapping windows.

    Parameters
    ----------
    by_period, horizon, by
        As `ic_by_period` gives it for that horizon.

    Returns
    -------
    Stat
        In [-1, 1], `n` counts cross-sections; undefined of fewer than 20, or than four windows that do not overlap.
    """
    known = by_period.dropna(subset=["ic"])
    return _mean_of(known["ic"].to_numpy(), known["period"].to_numpy(), horizon, by)


def _mean_of(ics: np.ndarray, periods: np.ndarray, horizon: int, by: By) -> Stat:
    lag = _lag(horizon, by)
    if len(ics) < _least(lag):
        return undefined(f"not enough data: {len(ics)} of {_least(lag)} {by}s with five candidates", len(ics))
    return mean_over_time(ics, lag, periods)


def ic_decay(followed: pd.DataFrame, by: By = "session") -> pd.DataFrame:
    """Measure how the IC fades as the window grows.

    Parameters
    ----------
    followed, by
        As `ic_by_period` takes them.

    Returns
    -------
    pd.DataFrame
        Index `horizon` (sessions): `ic` (a Stat, as `mean_ic` gives it), `t` (the mean by its Newey–West error, NaN where
        undefined or nothing varies) and `candidates` (how many were followed).
    """
    told = {}
    for horizon in sorted(map(int, followed["horizon"].unique())):
        periods = ic_by_period(followed, horizon, by)
        known, stat = periods.dropna(subset=["ic"]), mean_ic(periods, horizon, by)
        error = newey_west(known["ic"], _lag(horizon, by), known["period"]) if stat.defined else float("nan")
        told[horizon] = (stat, stat.value / error if error > DUST else float("nan"), int(periods["names"].sum()))
    return pd.DataFrame.from_dict(told, orient="index", columns=["ic", "t", "candidates"]).rename_axis("horizon")


def trailing_periods(horizon: int, by: By = "session") -> int:
    """Count the sessions, or weeks, of a trailing window: 60 or 26, more where the horizon needs more."""
    return max(TRAILING[by], 2 * _least(_lag(horizon, by)))


def ic_trailing(by_period: pd.DataFrame, horizon: int, by: By = "session") -> pd.DataFrame:
    """Follow the mean IC through time, over a trailing window as `trailing_periods` counts it.

    Parameters
    ----------
    by_period, horizon, by
        As `mean_ic` takes them.

    Returns
    -------
    pd.DataFrame
        Index `session` of `by_period`, from the first with enough cross-sections behind it: `ic`, `low`, `high`.
    """
    told, span = {}, trailing_periods(horizon, by)
    known = by_period.dropna(subset=["ic"])
    ics, periods = known["ic"].to_numpy(), known["period"].to_numpy()
    for session, period in by_period["period"].items():
        window = slice(*periods.searchsorted([period - span + 1, period + 1]))
        stat = _mean_of(ics[window], periods[window], horizon, by)
        if stat.defined:
            told[session] = (stat.value, stat.low, stat.high)
    frame = pd.DataFrame.from_dict(told, orient="index", columns=["ic", "low", "high"], dtype="float64")
    return frame.set_index(pd.DatetimeIndex(frame.index, name="session").as_unit("us"))
