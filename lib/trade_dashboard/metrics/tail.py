"""What a bad session costs: historical value at risk of the book, what lies beyond it, and whether it kept its word.

Both are returns, so a loss is negative, and the expected shortfall is never above the value at risk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trade_dashboard.metrics.diversification import LEAST_SESSIONS, shortage
from trade_dashboard.metrics.stat import Stat, undefined

__all__ = ["Kupiec", "exceedances", "expected_shortfall", "kupiec", "tail_history", "tail_stats", "value_at_risk"]

SHARE = 0.05
LOOKBACK = 500


def value_at_risk(returns: pd.Series, share: float = SHARE) -> float:
    """Find the return that a share of the sessions fell short of.

    Parameters
    ----------
    returns
        Fractions (or amounts: the result is in their unit); NaN is no observation.
    share
        Of the sessions, in (0, 1): 0.05 for a confidence of 95 %.

    Returns
    -------
    float
        The empirical quantile, linear between two observations (Hyndman and Fan 1996, type 7); NaN without any.

    Examples
    --------
    >>> value_at_risk(pd.Series([1.0, 81, 82, 83, 84, 85]), 0.1)
    41.0
    """
    return _tail(returns.to_numpy(dtype="float64"), share)[0]


def expected_shortfall(returns: pd.Series, share: float = SHARE) -> float:
    """Average the returns at or below the value at risk; arguments and NaN as there.

    Examples
    --------
    >>> expected_shortfall(pd.Series([1.0, 81, 82, 83, 84, 85]), 0.2)
    41.0
    """
    return _tail(returns.to_numpy(dtype="float64"), share)[1]


def _tail(returns: np.ndarray, share: float) -> tuple[float, float, int]:
    known = returns[~np.isnan(returns)]
    if not len(known):
        return math.nan, math.nan, 0
    cut = np.quantile(known, share)
    return float(cut), float(known[known <= cut].mean()), len(known)


def tail_history(weights: pd.DataFrame, returns: pd.DataFrame, lookback: int = LOOKBACK) -> pd.DataFrame:
    """Hold each session's own book over the returns known at its close.

    Parameters
    ----------
    weights
        Shape (n_sessions, n_symbols), fractions of equity, as `metrics.weights` gives them.
    returns
        Fractions by session and symbol, from before the account's beginning where there are any.
    lookback
        How many sessions of returns to look back on.

    Returns
    -------
    pd.DataFrame
        Index of `weights`: `var` and `cvar` (fractions of equity; one session in twenty, NaN with fewer than 60
        observations) and `observations`: sessions of those looked back on in which every holding has a return.
    """
    past = returns.reindex(columns=weights.columns).to_numpy(dtype="float64")
    ends = returns.index.searchsorted(weights.index, side="right")
    rows = [
        _of_book(past[max(0, end - lookback) : end], row)
        for end, row in zip(ends, weights.to_numpy(dtype="float64"), strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["var", "cvar", "observations"], index=weights.index)
    return frame.astype({"observations": "int64"})


def _of_book(past: np.ndarray, weights: np.ndarray) -> tuple[float, float, int]:
    held = weights != 0
    if not held.any() or np.isnan(weights).any():
        return math.nan, math.nan, 0
    # no matrix product: its last digit depends on the machine
    var, cvar, count = _tail((past[:, held] * weights[held]).sum(axis=1), SHARE)
    return (var, cvar, count) if count >= LEAST_SESSIONS else (math.nan, math.nan, count)


def tail_stats(tail: pd.DataFrame, weights: pd.DataFrame, returns: pd.DataFrame) -> tuple[Stat, Stat]:
    """Give the last session's value at risk and expected shortfall, or why they are undefined.

    Parameters
    ----------
    tail
        As `tail_history` gives it.
    weights, returns
        What it was made of; `returns` no more than was looked back on.
    """
    last = tail.iloc[-1]
    n = int(last["observations"])
    if not math.isnan(last["var"]):
        return Stat(float(last["var"]), n), Stat(float(last["cvar"]), n)
    lacking = shortage(weights.iloc[-1], returns) or undefined("not enough data", n)
    return lacking, lacking


def exceedances(weights: pd.DataFrame, returns: pd.DataFrame, tail: pd.DataFrame) -> pd.DataFrame:
    """Hold each forecast against what the book it was made for did in the next session, had it been left alone.

    Parameters
    ----------
    weights, returns, tail
        As of `tail_history`, and what it gave.

    Returns
    -------
    pd.DataFrame
        Index: the sessions in which both are known. `forecast` (value at risk at the close before), `realised` (return of
        that book, fraction of equity), `exceeded` (whether it fell below).
    """
    before = weights.shift()
    moved = returns.reindex(index=weights.index, columns=weights.columns)
    realised = (before * moved.where(before != 0, 0.0)).sum(axis="columns", skipna=False)
    frame = pd.DataFrame({"forecast": tail["var"].shift(), "realised": realised}).dropna()
    return frame.assign(exceeded=frame["realised"] < frame["forecast"])


@dataclass(frozen=True)
class Kupiec:
    """Whether as many sessions fell below the forecast as it says.

    Attributes
    ----------
    sessions, exceeded
        How many were forecast, and how many fell below.
    expected
        How many would have.
    statistic
        Likelihood ratio, 0 when exactly as many did.
    p_value
        Probability of a ratio at least as large if the forecast is right; undefined with fewer than 60 sessions.
    """

    sessions: int
    exceeded: int
    expected: float
    statistic: Stat
    p_value: Stat


def kupiec(exceeded: int, sessions: int, share: float = SHARE) -> Kupiec:
    """Test the proportion of failures.

    Twice the log of the likelihood of the share that was seen by that of the share that was forecast, chi-squared with one
    degree of freedom (Kupiec 1995, Techniques for verifying the accuracy of risk measurement models, Journal of Derivatives
    3). For one degree its upper tail is erfc(√(x / 2)).
    """
    expected = share * sessions
    if sessions < LEAST_SESSIONS:
        few = undefined(f"not enough data: {sessions} of {LEAST_SESSIONS} sessions", sessions)
        return Kupiec(sessions, exceeded, expected, few, few)
    seen = exceeded / sessions
    ratio = 2 * max(0.0, _log_likelihood(exceeded, sessions, seen) - _log_likelihood(exceeded, sessions, share))
    p_value = math.erfc(math.sqrt(ratio / 2))
    return Kupiec(sessions, exceeded, expected, Stat(ratio, sessions), Stat(p_value, sessions))


def _log_likelihood(exceeded: int, sessions: int, share: float) -> float:
    failed = exceeded * math.log(share) if exceeded else 0.0
    return failed + ((sessions - exceeded) * math.log1p(-share) if sessions > exceeded else 0.0)
