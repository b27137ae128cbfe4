"""How an account did beside its benchmark.

A pair is a frame of two columns, `account` and `benchmark`: simple returns, fractions, one row for each session at which
both have a value, each from the row before to this one. Statistics are undefined as those of `returns` are.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from trade_dashboard.metrics.returns import (
    LEAST,
    SESSIONS_A_YEAR,
    divided,
    excess,
    largest,
    measured,
    sharpe_of,
    volatility_of,
)
from trade_dashboard.metrics.stat import Stat

__all__ = ["alpha", "beta", "capture", "information_ratio", "paired", "tracking_error"]

STILL = "the benchmark does not move"


def paired(growth: pd.Series, closes: pd.Series) -> pd.DataFrame:
    """Set the returns of an account beside those of its benchmark, over the same stretches of time.

    Parameters
    ----------
    growth
        Shape (n_sessions,), of any start above zero; NaN is a session without a value, and 0 ends it.
    closes
        Of the benchmark by session, as if splits and dividends had always been; may lack sessions, or be empty.
    """
    levels = pd.DataFrame({"account": growth, "benchmark": closes.reindex(growth.index)}).dropna()
    return levels[levels["account"].shift(fill_value=1.0) > 0].pct_change().iloc[1:]


def beta(pair: pd.DataFrame, *, least: int = LEAST) -> Stat:
    """Find the slope of the account's returns on the benchmark's by ordinary least squares.

    The risk-free rate is the same in every session, so it has no part in the slope.
    """
    return measured(len(pair), least, lambda: beta_of(_arrays(pair)), STILL)


def alpha(pair: pd.DataFrame, risk_free_rate: float = 0.0, *, least: int = LEAST) -> Stat:
    """Find the intercept of that line through excess returns, times 252: a fraction a year that the market does not explain."""
    return measured(len(pair), least, lambda: alpha_of(_arrays(excess(pair, risk_free_rate))), STILL)


def tracking_error(pair: pd.DataFrame, *, least: int = LEAST) -> Stat:
    """Measure the deviation of returns above the benchmark's (n - 1) a year, a fraction."""
    return measured(len(pair), least, lambda: volatility_of(ahead_of(_arrays(pair))))


def information_ratio(pair: pd.DataFrame, *, least: int = LEAST) -> Stat:
    """Divide the mean of returns above the benchmark's by their deviation, times √252."""
    return measured(
        len(pair), least, lambda: sharpe_of(ahead_of(_arrays(pair))), "the account does not part from the benchmark"
    )


def capture(pair: pd.DataFrame, *, up: bool, least: int = LEAST) -> Stat:
    """Divide the account's geometric mean return by the benchmark's, over the sessions in which that rose (or fell).

    Above 1 of the rising sessions is good, below 1 of the falling ones is.
    """
    moved = pair[pair["benchmark"] > 0] if up else pair[pair["benchmark"] < 0]
    return measured(len(moved), least, lambda: _capture_of(_arrays(moved)))


def beta_of(pairs: np.ndarray) -> np.ndarray:
    """Find the slope along the last axis, shape (…, 2, n) with the account first; NaN where the benchmark does not move."""
    account, market = pairs[..., 0, :], pairs[..., 1, :]
    apart = market - market.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.square(apart).mean(axis=-1))
    return divided((account * apart).mean(axis=-1), spread, largest(market), 2)


def alpha_of(pairs: np.ndarray) -> np.ndarray:
    """Find the intercept a year along the last axis, of excess returns of shape (…, 2, n)."""
    account, market = pairs.mean(axis=-1).T
    found: np.ndarray = (account - beta_of(pairs) * market) * SESSIONS_A_YEAR
    return found


def ahead_of(pairs: np.ndarray) -> np.ndarray:
    """Take the benchmark's returns off the account's, shape (…, 2, n) becoming (…, n)."""
    found: np.ndarray = pairs[..., 0, :] - pairs[..., 1, :]
    return found


def _capture_of(pairs: np.ndarray) -> np.ndarray:
    means = np.prod(1 + pairs, axis=-1) ** (1 / pairs.shape[-1]) - 1
    found: np.ndarray = means[..., 0] / means[..., 1]
    return found


def _arrays(pair: pd.DataFrame) -> np.ndarray:
    return pair[["account", "benchmark"]].to_numpy(dtype="float64").T
