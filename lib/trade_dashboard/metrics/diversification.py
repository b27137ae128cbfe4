"""How holdings move with each other and with the market, and which of them carry the risk."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from trade_dashboard.metrics.exposure import unweighed
from trade_dashboard.metrics.stat import Stat, undefined
from trade_dashboard.metrics.versus import beta
from trade_dashboard.sessions import Calendar

__all__ = [
    "adjusted_closes",
    "betas",
    "book_beta",
    "book_returns",
    "correlation",
    "effective_bets",
    "risk_shares",
    "symbol_returns",
]

LEAST_SESSIONS = 60
NEGLIGIBLE = 1e-12


def adjusted_closes(bars: pd.DataFrame, calendar: Calendar, run_date: date) -> pd.DataFrame:
    """Set closes beside each other.

    Parameters
    ----------
    bars
        Records as `Book.adjusted_bars` gives them.
    calendar, run_date
        Every session of the exchange from the first bar to the run date has a row.

    Returns
    -------
    pd.DataFrame
        Shape (n_sessions, n_symbols), USD a share; NaN where a symbol has no price.
    """
    first = bars["session"].min().date() if len(bars) else run_date
    sessions = pd.DatetimeIndex(calendar.between(first, run_date), name="session").as_unit("us")
    return bars.pivot(index="session", columns="symbol", values="close").reindex(sessions)


def symbol_returns(closes: pd.DataFrame) -> pd.DataFrame:
    """Measure each session against the one before, as fractions; NaN where either has no price."""
    return closes / closes.shift() - 1


def book_returns(weights: pd.Series, returns: pd.DataFrame) -> pd.Series:
    """Hold the same weights over past returns.

    Parameters
    ----------
    weights
        Fraction of equity by symbol, negative = short; 0 is not held.
    returns
        Shape (n_sessions, n_symbols), fractions.

    Returns
    -------
    pd.Series
        Fractions of equity, of those sessions in which every holding has a return; cash earns nothing. Empty when nothing
        is held.
    """
    held = weights[weights != 0]
    if held.empty:
        return pd.Series(dtype="float64", index=returns.index[:0])
    known = returns.reindex(columns=held.index).dropna()
    return (known * held).sum(axis="columns", skipna=False).dropna()


def correlation(returns: pd.DataFrame) -> pd.DataFrame:
    """Correlate every pair of symbols over the sessions they share.

    Returns
    -------
    pd.DataFrame
        Shape (n_symbols, n_symbols), Pearson's, in [-1, 1]; NaN with fewer than 60 sessions in common, or without movement.
    """
    moves = returns.std() > NEGLIGIBLE
    return (
        returns.loc[:, moves].corr(min_periods=LEAST_SESSIONS).reindex(index=returns.columns, columns=returns.columns)
    )


def effective_bets(weights: pd.Series, returns: pd.DataFrame) -> Stat:
    """Count how many independent positions of equal risk would be as diversified as the book.

    The square of the diversification ratio: the positions' own volatilities, added up by size, by the volatility of the
    book (Choueifaty, Froidure and Reynier 2013, Properties of the most diversified portfolio, Journal of Investment
    Strategies 2). n equal and uncorrelated positions are n bets; positions that move as one are one. A book whose longs and
    shorts offset each other counts more bets than positions.

    Parameters
    ----------
    weights, returns
        As of `book_returns`.

    Returns
    -------
    Stat
        A ratio of at least 1; undefined with fewer than 60 sessions in which every holding has a return, and when the
        positions cancel each other or never moved.
    """
    held = weights[weights != 0]
    if lacking := shortage(held, returns):
        return lacking
    known = returns.reindex(columns=held.index).dropna()
    apart = float((held.abs() * known.std()).sum())
    whole = float(book_returns(held, known).std())
    if whole <= NEGLIGIBLE * max(apart, 1.0):
        return undefined("the book did not move: its positions cancel each other, or have stood still", len(known))
    return Stat((apart / whole) ** 2, len(known))


def shortage(weights: pd.Series, returns: pd.DataFrame) -> Stat | None:
    """Say why a book's past cannot be reckoned, naming the holding with the shortest one; None when it can."""
    held = weights[weights != 0]
    if lacking := unweighed(held):
        return lacking
    known = returns.reindex(columns=held.index)
    count = len(known.dropna())
    if count >= LEAST_SESSIONS:
        return None
    own = known.count()
    return undefined(
        f"not enough data: {count} of {LEAST_SESSIONS} sessions in which every holding has a return; "
        f"the fewest, {own.idxmin()}'s, are {own.min()}",
        count,
    )


def risk_shares(weights: pd.Series, returns: pd.DataFrame) -> pd.Series:
    """Part the variance of the book by holding.

    Parameters
    ----------
    weights, returns
        As of `book_returns`.

    Returns
    -------
    pd.Series
        By held symbol, adding up to 1: the covariance of its part with the book by the variance of the book (Euler's
        allocation; Tasche 1999). Negative = it takes risk off the others. NaN under the conditions of `effective_bets`.
    """
    held = weights[weights != 0]
    if not effective_bets(weights, returns).defined:
        return pd.Series(np.nan, index=held.index)
    parts = returns.reindex(columns=held.index).dropna() * held
    whole = parts.sum(axis="columns")
    return pd.Series({symbol: parts[symbol].cov(whole) / whole.var() for symbol in parts}, index=held.index)


def betas(returns: pd.DataFrame, market: pd.Series) -> pd.Series:
    """Measure how far each symbol moves with the market: the slope of ordinary least squares of its returns on the market's.

    A constant risk-free rate moves no slope, so excess returns have the same.

    Parameters
    ----------
    returns
        Shape (n_sessions, n_symbols), fractions.
    market
        Returns of the benchmark, by session.

    Returns
    -------
    pd.Series
        By symbol; NaN with fewer than 60 sessions in common, or when the market never moved.
    """
    pairs = {symbol: pd.DataFrame({"account": returns[symbol], "benchmark": market}).dropna() for symbol in returns}
    slopes = {symbol: beta(pair, least=LEAST_SESSIONS).value for symbol, pair in pairs.items()}
    return pd.Series(slopes, dtype="float64", index=returns.columns)


def book_beta(weights: pd.Series, betas: pd.Series) -> Stat:
    """Weigh net exposure by beta: what the book moves by, of equity, when the market moves by one.

    Parameters
    ----------
    weights
        As of `book_returns`.
    betas
        As `betas` gives them; with one missing the book's is undefined.
    """
    held = weights[weights != 0]
    own = betas.reindex(held.index)
    if lacking := unweighed(held):
        return lacking
    if own.isna().any():
        names = ", ".join(own.index[own.isna()].astype(str))
        return undefined(f"not enough data: {names} and the benchmark share fewer than {LEAST_SESSIONS} sessions")
    return Stat(float((held * own).sum()), len(held))
