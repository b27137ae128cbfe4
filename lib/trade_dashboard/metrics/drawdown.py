"""How far growth is below its best session, and each fall from its peak to its recovery.

Growth is of 1, time-weighted, one value a session, its first the starting capital; NaN is a session without a value. A loss
in the first session is therefore a drawdown.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from trade_dashboard.metrics.stat import Stat, undefined

__all__ = ["current_drawdown", "drawdown", "episodes", "max_drawdown"]

# what multiplying and dividing leaves over
RESIDUE = 1e-12


def drawdown(growth: pd.Series) -> pd.Series:
    """Measure each session against the best one so far.

    Parameters
    ----------
    growth
        Shape (n_sessions,), of any start above zero; NaN stays NaN and is never a peak.

    Returns
    -------
    pd.Series
        Shape (n_sessions,), fraction in [-1, 0], index of `growth`; exactly 0 at a peak.

    Examples
    --------
    >>> drawdown(pd.Series([1.0, 1.2, 0.9])).round(4).tolist()
    [0.0, 0.0, -0.25]
    """
    return pd.Series(below_best(growth.to_numpy(dtype="float64")), index=growth.index)


def below_best(growth: np.ndarray) -> np.ndarray:
    """Measure drawdowns along the last axis of an array, as `drawdown` does."""
    best = np.fmax.accumulate(growth, axis=-1)
    fall = growth / np.where(best > 0, best, np.nan) - 1
    return np.where(fall > -RESIDUE, 0.0, fall)


def max_drawdown(growth: pd.Series) -> Stat:
    """Find the deepest drawdown: a fraction in [-1, 0], over all sessions with a value."""
    known = growth.dropna()
    if known.empty:
        return undefined("not enough data: no session has a value")
    return Stat(float(drawdown(known).min()), len(known))


def current_drawdown(growth: pd.Series) -> Stat:
    """Tell how far the last session is below the best: a fraction in [-1, 0]."""
    fall = drawdown(growth)
    if fall.empty or pd.isna(fall.iloc[-1]):
        return undefined("the session has no value", int(fall.count()))
    return Stat(float(fall.iloc[-1]), int(fall.count()))


def episodes(growth: pd.Series) -> pd.DataFrame:
    """List every fall below a peak, oldest first.

    Parameters
    ----------
    growth
        Shape (n_sessions,), of any start above zero.

    Returns
    -------
    pd.DataFrame
        One row an episode. `peak` (the last session at the high, possibly the first of all), `valley` (the first at the
        lowest), `recovery` (the first at or above the peak again; NaT while it lasts); `depth` (fraction in [-1, 0)); and,
        counted from the peak, `sessions_to_valley`, `days_to_valley`, `sessions_to_recovery`, `days_to_recovery` (NaN
        while it lasts), `sessions_ongoing`, `days_ongoing` (NaN once recovered). Days are of the calendar.
    """
    known = growth.dropna()
    fall = drawdown(known).to_numpy()
    turns = np.diff(np.concatenate([[False], fall < 0, [False]]).astype("int8"))
    begins, ends = np.flatnonzero(turns > 0), np.flatnonzero(turns < 0)
    valleys = np.array([a + fall[a:b].argmin() for a, b in zip(begins, ends, strict=True)], dtype="int64")
    index = pd.DatetimeIndex(known.index)
    recovered = ends < len(known)
    found = pd.DataFrame(
        {
            "peak": index[begins - 1],
            "valley": index[valleys],
            "recovery": pd.Series(index[np.minimum(ends, len(known) - 1)]).where(recovered),
            "depth": fall[valleys],
        }
    )
    until = {"valley": found["valley"], "recovery": found["recovery"]}
    until["ongoing"] = pd.Series(index[-1:].repeat(len(found))).where(~recovered)
    # sessions without a value count as time that passed
    place = pd.Series(range(len(growth)), index=growth.index, dtype="float64")
    for name, end in until.items():
        column = "ongoing" if name == "ongoing" else f"to_{name}"
        found[f"sessions_{column}"] = end.map(place) - found["peak"].map(place)
        found[f"days_{column}"] = (end - found["peak"]).dt.days.astype("float64")
    return found
