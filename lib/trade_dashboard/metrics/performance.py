"""An account's performance over the sessions a report looks at: every number of that page, tonight and the session before."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from trade_dashboard.errors import RequestError
from trade_dashboard.metrics.alerts import Alert, crossing
from trade_dashboard.metrics.drawdown import current_drawdown, drawdown, max_drawdown
from trade_dashboard.metrics.inference import dsr, dsr_of, psr, psr_of, resampled, with_interval
from trade_dashboard.metrics.kpis import TRAIL
from trade_dashboard.metrics.returns import (
    DAYS_A_YEAR,
    LEAST,
    as_reported,
    cagr,
    cagr_of,
    calmar,
    calmar_of,
    compounded,
    excess,
    rolling,
    sharpe,
    sharpe_of,
    sortino,
    sortino_of,
    total_return,
    volatility,
    volatility_of,
    years_of,
)
from trade_dashboard.metrics.stat import Stat
from trade_dashboard.metrics.versus import (
    ahead_of,
    alpha,
    alpha_of,
    beta,
    beta_of,
    information_ratio,
    paired,
    tracking_error,
)
from trade_dashboard.settings import Limits

__all__ = ["intervals", "performance", "rolled", "shortfalls", "trails", "window"]


ROLLED = 126


def window(history: pd.DataFrame, lookback: int) -> pd.DataFrame:
    """Cut an account's history to the sessions to look at, and the one that they start from.

    Parameters
    ----------
    history
        As `metrics.history` gives it.
    lookback
        Sessions with a return; 0 for all since the starting capital.

    Returns
    -------
    pd.DataFrame
        The columns of `history`, from the first row that has a value: there `growth` is 1, `return` and `pnl` are NaN;
        `drawdown` and `max_drawdown` are against the best session since. Once everything was lost there are no more
        returns, and the one that lost it is -1.

    Raises
    ------
    RequestError
        If `lookback` is negative.
    """
    if lookback < 0:
        raise RequestError(f"Expected `lookback` to be 0 (every session) or more, but got {lookback}.")
    shown = history.tail(lookback + 1) if lookback else history
    shown = shown[shown["growth"].notna().cummax()]
    start = shown["growth"].head(1).max()
    growth = shown["growth"] / (start if start > 0 else np.nan)
    fall = drawdown(growth)
    return shown.assign(
        **{"return": shown["return"].clip(lower=-1.0).where(growth.ffill().shift() > 0)},
        pnl=shown["pnl"].mask(growth.index == growth.index.min()),
        growth=growth,
        drawdown=fall,
        max_drawdown=fall.cummin(),
    )


def performance(
    history: pd.DataFrame, closes: pd.Series, *, lookback: int, risk_free_rate: float, trials: int
) -> dict[str, Stat]:
    """Reckon every statistic of the report, by KPI name, as it stands at the last session of a history.

    Parameters
    ----------
    history
        As `metrics.history` gives it.
    closes
        Of the benchmark by session; may lack sessions, or be empty.
    lookback
        Sessions to look at; 0 for all.
    risk_free_rate
        Fraction a year.
    trials
        How many strategies were tried to find this one; 1 or more.
    """
    if trials < 1:
        raise RequestError(f"Expected `trials` to be 1 (this strategy alone) or more, but got {trials}.")
    shown = window(history, lookback)
    growth, returns, pair = shown["growth"], shown["return"], paired(shown["growth"], closes)
    return {
        "total_return": total_return(growth),
        "cagr": cagr(growth),
        "volatility": volatility(returns),
        "sharpe": sharpe(returns, risk_free_rate),
        "sortino": sortino(returns, risk_free_rate),
        "calmar": calmar(growth),
        "max_drawdown": max_drawdown(history["growth"]),
        "current_drawdown": current_drawdown(growth),
        "psr": psr(returns, risk_free_rate),
        "dsr": dsr(returns, trials, risk_free_rate=risk_free_rate),
        "beta": beta(pair),
        "alpha": alpha(pair, risk_free_rate),
        "tracking_error": tracking_error(pair),
        "information_ratio": information_ratio(pair),
    }


def intervals(found: Mapping[str, Stat], shown: pd.DataFrame, risk_free_rate: float) -> dict[str, Stat]:
    """Give the statistics that can have one their 95 % interval, from one set of histories that could as well have been.

    Parameters
    ----------
    found
        As `performance` gives them.
    shown
        As `window` gives it.
    risk_free_rate
        Fraction a year.
    """
    returns = shown["return"].dropna().to_numpy()
    if len(returns) < LEAST:
        return dict(found)
    samples = resampled(returns)
    above, grown, years = excess(samples, risk_free_rate), compounded(samples), years_of(shown["growth"].dropna())
    drawn = {
        "sharpe": sharpe_of(above),
        "sortino": sortino_of(above),
        "calmar": calmar_of(grown, years),
        "cagr": cagr_of(grown, years),
    }
    return {**found, **{name: with_interval(found[name], values) for name, values in drawn.items()}}


def trails(
    history: pd.DataFrame, closes: pd.Series, *, lookback: int, risk_free_rate: float, trials: int
) -> dict[str, pd.Series]:
    """Reckon statistics as each session's report had them, oldest first; NaN where undefined.

    All sessions of the Sharpe and Sortino ratios, which are held against limits; of the others the last ones alone.
    """
    ever = window(history, 0)
    growth, above = ever["growth"], excess(ever["return"], risk_free_rate)
    pair = paired(growth, closes)
    lately = partial(as_reported, lookback=lookback, last=TRAIL)
    most = lookback or len(growth)
    index = pd.DatetimeIndex(growth.index)
    years = (index - index[np.maximum(np.arange(len(index)) - most, 0)]).days / DAYS_A_YEAR
    grown = growth / growth.shift(most).fillna(1.0)
    enough = ever["return"].notna().cumsum() >= LEAST
    return {
        "total_return": grown - 1,
        "cagr": grown.where(enough) ** (1 / np.maximum(years, 1 / DAYS_A_YEAR)) - 1,
        "volatility": lately(ever["return"], of=volatility_of),
        "sharpe": as_reported(above, lookback, sharpe_of),
        "sortino": as_reported(above, lookback, sortino_of),
        "max_drawdown": ever["max_drawdown"],
        "current_drawdown": growth / growth.rolling(most + 1, min_periods=1).max() - 1,
        "psr": lately(above, of=psr_of),
        "dsr": lately(above, of=partial(dsr_of, trials=trials)),
        "beta": lately(pair, of=beta_of),
        "alpha": lately(excess(pair, risk_free_rate), of=alpha_of),
        "tracking_error": lately(pair, of=lambda pairs: volatility_of(ahead_of(pairs))),
        "information_ratio": lately(pair, of=lambda pairs: sharpe_of(ahead_of(pairs))),
    }


def rolled(
    history: pd.DataFrame, closes: pd.Series, *, lookback: int, risk_free_rate: float, over: int = ROLLED
) -> pd.DataFrame:
    """Reckon Sharpe ratio, volatility and beta over the last so many sessions, at each session to look at.

    Returns
    -------
    pd.DataFrame
        Index of `window`; columns `sharpe`, `volatility`, `beta`, and `benchmark_sharpe`, `benchmark_volatility` of the
        benchmark; NaN where there are too few sessions before. What lies before the sessions to look at counts.
    """
    ever = window(history, 0)
    returns, pair = ever["return"], paired(ever["growth"], closes)
    market = pair["benchmark"]
    lines = {
        "sharpe": rolling(excess(returns, risk_free_rate), over, sharpe_of),
        "volatility": rolling(returns, over, volatility_of),
        "beta": rolling(pair, over, beta_of),
        "benchmark_sharpe": rolling(excess(market, risk_free_rate), over, sharpe_of),
        "benchmark_volatility": rolling(market, over, volatility_of),
    }
    return pd.DataFrame(lines, index=window(history, lookback).index)


def shortfalls(so_far: Mapping[str, pd.Series], limits: Limits) -> list[Alert]:
    """Notice each ratio that is below the one to reach.

    Parameters
    ----------
    so_far
        As `trails` gives it.
    limits
        The ratios to reach.
    """
    found = (
        crossing("notice", "sharpe", so_far["sharpe"], limits.sharpe, below=True),
        crossing("notice", "sortino", so_far["sortino"], limits.sortino, below=True),
    )
    return [alert for alert in found if alert]
