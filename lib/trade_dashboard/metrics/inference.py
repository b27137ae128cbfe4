"""How sure a statistic is: what it could as well have been, and what luck alone would have shown.

Ratios in here are a session's, not a year's, where a function says so; kurtosis is raw, 3 for a normal distribution.
"""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pandas as pd

from trade_dashboard.metrics.drawdown import RESIDUE
from trade_dashboard.metrics.returns import (
    LEAST,
    SESSIONS_A_YEAR,
    STEADY,
    excess,
    largest,
    measured,
    moment_of,
    sharpe_of,
    volatility_of,
)
from trade_dashboard.metrics.stat import Stat, undefined

__all__ = [
    "block_length",
    "dsr",
    "dsr_of",
    "luckiest_sharpe",
    "min_track_record",
    "probability_of_skill",
    "psr",
    "psr_of",
    "record_needed",
    "resampled",
    "with_interval",
]

NORMAL = NormalDist()
CONFIDENCE = 0.95
DRAWS = 1000
SEED = 252
# of the rule for blocks: how many autocorrelations in a row are none, and how small that is
LEAST_LAGS = 5
BAND = 2.0


def psr(returns: pd.Series, risk_free_rate: float = 0.0, reference: float = 0.0, *, least: int = LEAST) -> Stat:
    """Tell the probability that the true Sharpe ratio is above a reference.

    Parameters
    ----------
    returns
        Shape (n_sessions,), fractions; NaN is left out.
    risk_free_rate
        Fraction a year.
    reference
        Sharpe ratio a session.
    """
    above = excess(returns, risk_free_rate).dropna().to_numpy()
    return measured(len(above), least, lambda: psr_of(above, reference), _why(above))


def dsr(
    returns: pd.Series, trials: int, variance: float | None = None, risk_free_rate: float = 0.0, *, least: int = LEAST
) -> Stat:
    """Tell the probability that the true Sharpe ratio is above what the best of some trials without skill would show.

    Parameters
    ----------
    returns
        Shape (n_sessions,), fractions, of the trial that was kept; NaN is left out.
    trials
        How many strategies were tried, those given up included; 1 or more.
    variance
        Of the trials' Sharpe ratios a session. Where it is not known, what luck alone makes of ratios measured over as
        many sessions: 1 / (n - 1).
    risk_free_rate
        Fraction a year.
    """
    above = excess(returns, risk_free_rate).dropna().to_numpy()
    return measured(len(above), least, lambda: dsr_of(above, trials, variance), _why(above))


def min_track_record(
    returns: pd.Series, risk_free_rate: float = 0.0, reference: float = 0.0, *, least: int = LEAST
) -> Stat:
    """Tell over how many sessions this Sharpe ratio would have to be seen to be above a reference with 95 % probability.

    Parameters
    ----------
    returns
        Shape (n_sessions,), fractions; NaN is left out.
    risk_free_rate
        Fraction a year.
    reference
        Sharpe ratio a session.
    """
    above = excess(returns, risk_free_rate).dropna().to_numpy()
    if len(above) >= least and _shape(above)[0] <= reference:
        return undefined("the Sharpe ratio is not above what it is held against: no record is long enough", len(above))
    return measured(len(above), least, lambda: record_needed(*_given(above, reference)), _why(above))


def psr_of(excesses: np.ndarray, reference: float = 0.0) -> float:
    """Reckon the probabilistic Sharpe ratio of excess returns, shape (n,)."""
    return probability_of_skill(*_given(excesses, reference), len(excesses))


def dsr_of(excesses: np.ndarray, trials: int, variance: float | None = None) -> float:
    """Reckon the deflated Sharpe ratio of excess returns, shape (n,)."""
    return psr_of(excesses, luckiest_sharpe(trials, variance or 1 / (len(excesses) - 1)))


def probability_of_skill(ratio: float, reference: float, skew: float, kurtosis: float, n: int) -> float:
    """Reckon the probabilistic Sharpe ratio from ratios a session over `n` of them; NaN where its variance is not above 0.

    References
    ----------
    Bailey and López de Prado, "The Sharpe Ratio Efficient Frontier", Journal of Risk 15(2), 2012.
    """
    spread = _spread(ratio, skew, kurtosis)
    return NORMAL.cdf((ratio - reference) * math.sqrt(n - 1) / spread) if spread > 0 else math.nan


def record_needed(
    ratio: float, reference: float, skew: float, kurtosis: float, confidence: float = CONFIDENCE
) -> float:
    """Reckon the minimum track record length in sessions, from ratios a session; NaN where the variance is not above 0.

    References
    ----------
    Bailey and López de Prado, "The Sharpe Ratio Efficient Frontier", Journal of Risk 15(2), 2012.
    """
    spread = _spread(ratio, skew, kurtosis)
    return 1 + (spread * NORMAL.inv_cdf(confidence) / (ratio - reference)) ** 2 if spread > 0 else math.nan


def luckiest_sharpe(trials: int, variance: float) -> float:
    """Reckon the Sharpe ratio to expect of the best of some trials without skill, whose ratios have this variance.

    References
    ----------
    Bailey and López de Prado, "The Deflated Sharpe Ratio", Journal of Portfolio Management 40(5), 2014.
    """
    if trials == 1:
        return 0.0
    near, far = NORMAL.inv_cdf(1 - 1 / trials), NORMAL.inv_cdf(1 - 1 / (trials * math.e))
    return math.sqrt(variance) * ((1 - np.euler_gamma) * near + np.euler_gamma * far)


def _spread(ratio: float, skew: float, kurtosis: float) -> float:
    """Reckon the deviation of an estimated Sharpe ratio, times the root of n - 1; NaN where its square is below 0."""
    square = 1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2
    return math.sqrt(square) if square > 0 else math.nan


def _shape(excesses: np.ndarray) -> tuple[float, float, float]:
    """Give Sharpe ratio a session, skew and kurtosis."""
    ratio = float(sharpe_of(excesses)) / math.sqrt(SESSIONS_A_YEAR)
    return ratio, float(moment_of(excesses, 3)), float(moment_of(excesses, 4))


def _given(excesses: np.ndarray, reference: float) -> tuple[float, float, float, float]:
    ratio, skewed, tails = _shape(excesses)
    return ratio, reference, skewed, tails


def _why(excesses: np.ndarray) -> str:
    varied = len(excesses) > 1 and volatility_of(excesses) > RESIDUE * largest(excesses)
    return "the returns are too lopsided to judge" if varied else STEADY


def with_interval(stat: Stat, drawn: np.ndarray) -> Stat:
    """Give a statistic its 95 % interval: what lies between the outermost fortieths of what samples gave.

    Parameters
    ----------
    stat
        An undefined one stays as it is.
    drawn
        Shape (n_samples,), the same statistic of samples; if it is undefined for one of them, there is no interval.
    """
    if not stat.defined:
        return stat
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return replace(stat, low=float(low), high=float(high))


def resampled(values: np.ndarray, draws: int = DRAWS, seed: int = SEED) -> np.ndarray:
    """Draw histories that could as well have been, by the stationary bootstrap.

    Blocks begin anywhere, go round at the end, and are of random length, `block_length` in the mean; so what hangs
    together from session to session does so in the samples.

    Parameters
    ----------
    values
        Shape (n_sessions,), no NaN.
    draws, seed
        How many samples, and what makes them the same every time.

    Returns
    -------
    np.ndarray
        Shape (draws, n_sessions).

    References
    ----------
    Politis and Romano, "The Stationary Bootstrap", Journal of the American Statistical Association 89, 1994.
    """
    random, n = np.random.default_rng(seed), len(values)
    begins = random.random((draws, n)) < 1 / block_length(values)
    begins[:, 0] = True
    place = np.arange(n)
    since = np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    starts = np.take_along_axis(random.integers(n, size=(draws, n)), since, axis=1)
    drawn: np.ndarray = values[(starts + place - since) % n]
    return drawn


def block_length(values: np.ndarray) -> float:
    """Find how long the blocks of a stationary bootstrap are best, in sessions, from the autocorrelation of the values.

    Parameters
    ----------
    values
        Shape (n_sessions,), no NaN.

    Returns
    -------
    float
        In [1, min(3 √n, n / 3)]; 1 where values do not vary.

    References
    ----------
    Politis and White, "Automatic Block-Length Selection for the Dependent Bootstrap", Econometric Reviews 23(1), 2004, as
    corrected by Patton, Politis and White, Econometric Reviews 28(4), 2009.
    """
    n, apart = len(values), values - values.mean()
    in_a_row = max(LEAST_LAGS, int(math.log10(n)))
    most = min(math.ceil(math.sqrt(n)) + in_a_row, n - 2)
    together = np.array([apart[lag:] @ apart[: n - lag] for lag in range(most + 1)]) / n
    if together[0] <= (RESIDUE * largest(values)) ** 2:
        return 1.0
    lag = np.arange(1, min(2 * _last_lag(apart, together, in_a_row), most) + 1)
    weight = np.minimum(1.0, 2 * (1 - lag / lag[-1]))
    slope = 2 * (weight * lag * together[lag]).sum()
    variance = together[0] + 2 * (weight * together[lag]).sum()
    longest = math.ceil(min(3 * math.sqrt(n), n / 3))
    return float(np.clip(np.cbrt(n * (slope / variance) ** 2), 1.0, longest))


def _last_lag(apart: np.ndarray, together: np.ndarray, in_a_row: int) -> int:
    """Find the first lag of so many in a row whose autocorrelation counts as none; the greatest if there are never as many."""
    n, most = len(apart), len(together) - 1
    squares = np.concatenate([[0.0], np.cumsum(np.square(apart))])
    after = np.arange(1, most + 2)
    scale = np.sqrt((squares[n] - squares[after]) * squares[n - after]) / n
    none = np.abs(together) < BAND * math.sqrt(math.log10(n) / n) * scale
    runs = np.lib.stride_tricks.sliding_window_view(none[:most], in_a_row).all(axis=-1)
    return max(int(runs.argmax()), 1) if runs.any() else most
