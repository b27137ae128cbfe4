"""What an account returned: how fast, how steadily, and the one by the other.

Returns are simple, a session, as fractions, time-weighted; NaN is a session without one and is left out. Growth is of 1,
one value a session, its first the starting capital. Growth is annualised by calendar days of 365.25 a year, everything
else by 252 sessions; the risk-free rate is a year's and becomes a session's by compounding.

Every statistic is undefined, and says why, over fewer than `least` returns, and where it divides by a deviation that is
below 1e-12 of the largest of them: constant returns have no Sharpe ratio.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pandas as pd

from trade_dashboard.metrics.drawdown import RESIDUE, below_best
from trade_dashboard.metrics.stat import Stat, undefined

__all__ = [
    "LEAST",
    "SESSIONS_A_YEAR",
    "as_reported",
    "cagr",
    "calmar",
    "downside_deviation",
    "excess",
    "kurtosis",
    "monthly_returns",
    "rolling",
    "sharpe",
    "skew",
    "sortino",
    "total_return",
    "volatility",
    "yearly_returns",
]

SESSIONS_A_YEAR = 252
DAYS_A_YEAR = 365.25
LEAST = 20
STEADY = "the returns do not vary"

Of = Callable[[np.ndarray], np.ndarray | float]
Returns = TypeVar("Returns", pd.Series, pd.DataFrame, np.ndarray)


def excess(returns: Returns, risk_free_rate: float) -> Returns:
    """Take what had no risk off each return."""
    above: Returns = returns - ((1 + risk_free_rate) ** (1 / SESSIONS_A_YEAR) - 1)
    return above


def total_return(growth: pd.Series) -> Stat:
    """Tell by which fraction growth changed from its first value to its last: time-weighted, as growth is."""
    known = growth.dropna().to_numpy(dtype="float64")
    return measured(len(known) - 1, 1, lambda: known[-1] / known[0] - 1)


def cagr(growth: pd.Series, *, least: int = LEAST) -> Stat:
    """Tell the growth a year, a fraction, from the day of its first value to that of its last; -1 when all was lost."""
    known = growth.dropna()
    return measured(len(known) - 1, least, lambda: cagr_of(known.to_numpy(), years_of(known)))


def calmar(growth: pd.Series, *, least: int = LEAST) -> Stat:
    """Divide growth a year by the depth of the deepest drawdown."""
    known = growth.dropna()
    return measured(
        len(known) - 1, least, lambda: calmar_of(known.to_numpy(), years_of(known)), "there was no drawdown"
    )


def volatility(returns: pd.Series, *, least: int = LEAST) -> Stat:
    """Measure the deviation of returns (n - 1) a year, a fraction."""
    known = returns.dropna().to_numpy()
    return measured(len(known), least, lambda: volatility_of(known))


def downside_deviation(returns: pd.Series, risk_free_rate: float = 0.0, *, least: int = LEAST) -> Stat:
    """Measure how far returns fall short of the risk-free rate, a year: root mean square over all of them, 0 if none does."""
    known = excess(returns, risk_free_rate).dropna().to_numpy()
    return measured(len(known), least, lambda: downside_of(known))


def sharpe(returns: pd.Series, risk_free_rate: float = 0.0, *, least: int = LEAST) -> Stat:
    """Divide the mean of returns above the risk-free rate by their deviation, times √252.

    Parameters
    ----------
    returns
        Shape (n_sessions,).
    risk_free_rate
        Fraction a year.
    least
        How many returns there must be.

    References
    ----------
    Sharpe, "The Sharpe Ratio", Journal of Portfolio Management 21(1), 1994.
    """
    known = excess(returns, risk_free_rate).dropna().to_numpy()
    return measured(len(known), least, lambda: sharpe_of(known), STEADY)


def sortino(returns: pd.Series, risk_free_rate: float = 0.0, *, least: int = LEAST) -> Stat:
    """Divide the mean of returns above the risk-free rate by their downside deviation, both a year.

    References
    ----------
    Sortino and Price, "Performance Measurement in a Downside Risk Framework", Journal of Investing 3(3), 1994.
    """
    known = excess(returns, risk_free_rate).dropna().to_numpy()
    otherwise = STEADY if (known < 0).any() else "no return fell short of the risk-free rate"
    return measured(len(known), least, lambda: sortino_of(known), otherwise)


def skew(returns: pd.Series, *, least: int = LEAST) -> Stat:
    """Measure how lopsided returns are: the third standardised moment, not corrected for their number."""
    known = returns.dropna().to_numpy()
    return measured(len(known), least, lambda: moment_of(known, 3), STEADY)


def kurtosis(returns: pd.Series, *, least: int = LEAST) -> Stat:
    """Measure how heavy the tails are: the raw fourth standardised moment, 3 for a normal distribution."""
    known = returns.dropna().to_numpy()
    return measured(len(known), least, lambda: moment_of(known, 4), STEADY)


def monthly_returns(returns: pd.Series) -> pd.DataFrame:
    """Compound returns by month.

    Returns
    -------
    pd.DataFrame
        One row a year (index `year`, oldest first), columns 1 to 12, fractions; NaN where a month has no return.
    """
    known = returns.dropna()
    index = pd.DatetimeIndex(known.index)
    grown = (1 + known).groupby([index.year, index.month]).prod() - 1
    return grown.unstack().reindex(columns=range(1, 13)).rename_axis(index="year", columns="month")


def yearly_returns(returns: pd.Series) -> pd.Series:
    """Compound returns by calendar year: fractions, index `year`, oldest first."""
    known = returns.dropna()
    return ((1 + known).groupby(pd.DatetimeIndex(known.index).year).prod() - 1).rename_axis("year")


def rolling(returns: pd.Series | pd.DataFrame, window: int, of: Of) -> pd.Series:
    """Measure, at every return, the last `window` of them; NaN before there are as many.

    Parameters
    ----------
    returns
        Shape (n_sessions,), or (n_sessions, 2) for what sets two beside each other.
    window
        Returns that one value looks at.
    of
        What to measure along the last axis, such as `sharpe_of`; of two it gets shape (n_windows, 2, window).
    """
    known = returns.dropna()
    if len(known) < window:
        return pd.Series(np.nan, index=known.index)
    windows = np.lib.stride_tricks.sliding_window_view(known.to_numpy(), window, axis=0)
    return pd.Series(of(windows), index=known.index[window - 1 :]).reindex(known.index)


def as_reported(returns: pd.Series | pd.DataFrame, lookback: int, of: Of, *, last: int = 0) -> pd.Series:
    """Measure what each session's report said: of all returns up to it or, where `lookback` is not 0, of the last so many.

    Parameters
    ----------
    returns
        Shape (n_sessions,), or (n_sessions, 2) for what sets two beside each other.
    lookback
        As the report's.
    of
        What to measure along the last axis; of two it gets shape (2, n).
    last
        How many sessions to do, up to the last; 0 for all. The others are NaN, as are those with too few returns.
    """
    known = returns.dropna()
    values = np.moveaxis(known.to_numpy(), 0, -1)
    ends = range(max(LEAST, len(known) - last + 1 if last else 0), len(known) + 1)
    told = {
        known.index[end - 1]: float(of(values[..., max(end - lookback, 0) if lookback else 0 : end]))
        for end in ends
        if not 0 < lookback < LEAST
    }
    return pd.Series(told, dtype="float64").reindex(known.index)


def measured(n: int, least: int, value: Callable[[], np.ndarray | float], otherwise: str = "undefined") -> Stat:
    """Reckon a statistic of enough returns; say what is missing where they are too few, and `otherwise` where it is NaN."""
    if n < least:
        return undefined(f"not enough data: {max(n, 0)} of {least} sessions", max(n, 0))
    reckoned = float(value())
    return undefined(otherwise, n) if np.isnan(reckoned) else Stat(reckoned, n)


def years_of(growth: pd.Series) -> float:
    """Count the years of the calendar from the first value to the last."""
    index = pd.DatetimeIndex(growth.index)
    return float((index[-1] - index[0]).days / DAYS_A_YEAR)


def compounded(returns: np.ndarray) -> np.ndarray:
    """Grow 1 by returns along the last axis, which becomes one longer: it begins with the 1."""
    start = np.ones((*returns.shape[:-1], 1))
    return np.concatenate([start, np.cumprod(1 + returns, axis=-1)], axis=-1)


def volatility_of(returns: np.ndarray) -> np.ndarray:
    """Measure the annual deviation along the last axis."""
    found: np.ndarray = returns.std(axis=-1, ddof=1) * np.sqrt(SESSIONS_A_YEAR)
    return found


def downside_of(excesses: np.ndarray) -> np.ndarray:
    """Measure the annual downside deviation below zero along the last axis."""
    found: np.ndarray = np.sqrt(np.square(np.minimum(excesses, 0.0)).mean(axis=-1) * SESSIONS_A_YEAR)
    return found


def sharpe_of(excesses: np.ndarray) -> np.ndarray:
    """Reckon the Sharpe ratio along the last axis; NaN where returns do not vary."""
    return divided(excesses.mean(axis=-1) * SESSIONS_A_YEAR, volatility_of(excesses), largest(excesses))


def sortino_of(excesses: np.ndarray) -> np.ndarray:
    """Reckon the Sortino ratio along the last axis; NaN where returns do not vary, or none fell short."""
    scale = largest(excesses)
    found = divided(excesses.mean(axis=-1) * SESSIONS_A_YEAR, downside_of(excesses), scale)
    return np.where(volatility_of(excesses) > RESIDUE * scale, found, np.nan)


def cagr_of(growth: np.ndarray, years: float) -> np.ndarray:
    """Reckon the growth a year along the last axis."""
    found: np.ndarray = (growth[..., -1] / growth[..., 0]) ** (1 / years) - 1
    return found


def calmar_of(growth: np.ndarray, years: float) -> np.ndarray:
    """Reckon growth a year by the deepest drawdown along the last axis; NaN where there was none."""
    return divided(cagr_of(growth, years), -below_best(growth).min(axis=-1), 1.0)


def moment_of(values: np.ndarray, order: int) -> np.ndarray:
    """Reckon a standardised moment along the last axis; NaN where values do not vary."""
    apart = values - values.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.square(apart).mean(axis=-1))
    return divided((apart**order).mean(axis=-1), spread, largest(values), order)


def divided(upper: np.ndarray, lower: np.ndarray, scale: np.ndarray | float, power: int = 1) -> np.ndarray:
    """Divide by a deviation (to a power); NaN where it is nothing beside the scale of what it deviates."""
    enough = lower > RESIDUE * scale
    return np.where(enough, upper / np.where(enough, lower, 1.0) ** power, np.nan)


def largest(values: np.ndarray) -> np.ndarray:
    """Find the largest absolute value along the last axis."""
    found: np.ndarray = np.abs(values).max(axis=-1)
    return found
