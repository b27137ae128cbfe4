"""What state the market is in: market-analysis' own word where it gave one, else trend and volatility of the benchmark.

Trend and volatility make six regimes. The trend is up when the close is above the mean of its last 200 sessions and that
mean is higher than 20 sessions ago, down when both are lower, else there is none. The market is volatile when the realised
volatility of 20 sessions is above three quarters of its values of the 251 sessions before, else calm.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["by_regime", "measured_regime", "realised_volatility", "regimes", "stretches"]

MEAN_SESSIONS, SLOPE_SESSIONS = 200, 20
VOLATILITY_SESSIONS, RANK_SESSIONS = 20, 252
VOLATILE = 0.75
LEAST_CLOSES = VOLATILITY_SESSIONS + RANK_SESSIONS
SERVICE, MEASURED = "market-analysis", "trend and volatility"
A_YEAR = 252
ROUNDING = 1e-9


def realised_volatility(closes: pd.Series) -> pd.DataFrame:
    """Measure how much closes move, and how unusual that is.

    Parameters
    ----------
    closes
        Adjusted, by session, oldest first; sessions without one are passed over.

    Returns
    -------
    pd.DataFrame
        Index of the closes there are: `volatility`, sample deviation of 20 session returns × √252, and `rank`, the share of
        its 251 values before that are below it (fraction in [0, 1], 1 is the highest of a year). NaN until there are as many.
    """
    returns = closes.dropna().pct_change()
    volatility = returns.rolling(VOLATILITY_SESSIONS).std() * np.sqrt(A_YEAR)
    below = volatility.rolling(RANK_SESSIONS).rank(method="min") - 1
    return pd.DataFrame({"volatility": volatility, "rank": below / (RANK_SESSIONS - 1)})


def measured_regime(closes: pd.Series) -> pd.DataFrame:
    """Name the regime of every session by trend and volatility.

    Parameters
    ----------
    closes
        Of the benchmark, as of `realised_volatility`.

    Returns
    -------
    pd.DataFrame
        Index of the closes there are: `move` (fraction since the close before), `to_mean` (distance from the 200-session
        mean) and `slope` (the mean's change over 20 sessions), both fractions, `volatility` and `rank`, and `regime`: "calm"
        or "volatile", then "uptrend", "downtrend" or "drift"; NaN until there are 272 closes.
    """
    known = closes.dropna()
    mean = known.rolling(MEAN_SESSIONS).mean()
    slope = mean / mean.shift(SLOPE_SESSIONS) - 1
    moved = realised_volatility(known)
    to_mean = known / mean - 1
    trend = pd.Series("drift", index=known.index).mask((to_mean > 0) & (slope > ROUNDING), "uptrend")
    trend = trend.mask((to_mean < 0) & (slope < -ROUNDING), "downtrend")
    mood = pd.Series("calm", index=known.index).mask(moved["rank"] >= VOLATILE, "volatile")
    named = (mood + " " + trend).where(slope.notna() & moved["rank"].notna())
    return moved.assign(move=known.pct_change(), to_mean=to_mean, slope=slope, regime=named)


def regimes(states: pd.DataFrame, benchmark: pd.Series) -> pd.DataFrame:
    """Name the regime of every session, by whoever can.

    Parameters
    ----------
    states
        Market states of the benchmark, as in the schema; may be empty.
    benchmark
        Its adjusted closes by session; may be empty.

    Returns
    -------
    pd.DataFrame
        Index `session`, of every close and every state: `regime` (NaN where nobody can tell), `said_by`
        ("market-analysis" or "trend and volatility") and `confidence` (the service's, fraction; NaN without).
    """
    told = states.set_index("session")
    measured = measured_regime(benchmark)["regime"]
    sessions = measured.index.union(told.index).rename("session")
    said = told["description"].reindex(sessions)
    named = said.where(said.notna(), measured.reindex(sessions))
    by = pd.Series(MEASURED, index=sessions).mask(said.notna(), SERVICE).where(named.notna())
    return pd.DataFrame({"regime": named, "said_by": by, "confidence": told["confidence"].reindex(sessions)})


def stretches(regimes: pd.DataFrame, benchmark: pd.Series) -> pd.DataFrame:
    """Tell the history of regimes: how long each lasted, and what the benchmark did meanwhile.

    Parameters
    ----------
    regimes
        As `regimes` gives it; sessions of which nobody could tell end a stretch, and are none.
    benchmark
        Adjusted closes by session.

    Returns
    -------
    pd.DataFrame
        One row a stretch, oldest first: `regime`, `said_by`, `first` and `last` session, `sessions`, and `return`: from the
        close before the first session to the close of the last (fraction; NaN where either is unknown). The first stretch
        may have begun before the first session given.
    """
    word, by = regimes["regime"].fillna(""), regimes["said_by"].fillna("")
    number = ((word != word.shift()) | (by != by.shift())).cumsum().rename("stretch")
    level = benchmark.reindex(benchmark.index.union(regimes.index)).ffill()
    close, start = level.reindex(regimes.index), level.shift().reindex(regimes.index)
    rows = regimes.assign(session=regimes.index, close=close, start=start).groupby(number.to_numpy())
    found = rows.agg(
        regime=("regime", "first"),
        said_by=("said_by", "first"),
        first=("session", "first"),
        last=("session", "last"),
        sessions=("session", "count"),
    )
    found["return"] = rows["close"].nth(-1).to_numpy() / rows["start"].nth(0).to_numpy() - 1
    return found[found["regime"].notna()].reset_index(drop=True)


def by_regime(regimes: pd.DataFrame, benchmark: pd.Series) -> pd.DataFrame:
    """Add up, for each regime, how long it was and what the benchmark did in it.

    Parameters
    ----------
    regimes, benchmark
        As for `stretches`.

    Returns
    -------
    pd.DataFrame
        Index `regime`, the longest first: `share` (fraction of the sessions that have a regime), `sessions` and `stretches`
        (counts), `return` (compounded over its stretches, those without one left out; NaN where none has one).
    """
    found = stretches(regimes, benchmark)
    parts = found.assign(grown=1 + found["return"]).groupby("regime")
    sums = pd.DataFrame(
        {
            "share": parts["sessions"].sum() / found["sessions"].sum(),
            "sessions": parts["sessions"].sum(),
            "stretches": parts.size(),
            "return": parts["grown"].prod(min_count=1) - 1,
        }
    )
    return sums.sort_values("sessions", ascending=False, kind="stable")
