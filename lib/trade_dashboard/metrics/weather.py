"""What the market did: sectors over several horizons, how much stocks move together, and what turned since the session before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trade_dashboard.metrics.breadth import LONG, Standing, above
from trade_dashboard.metrics.kpis import Kpi, kpis
from trade_dashboard.metrics.market import Market
from trade_dashboard.metrics.regime import LEAST_CLOSES, realised_volatility
from trade_dashboard.metrics.stat import Stat, undefined
from trade_dashboard.metrics.watchlist import newest_signals

__all__ = [
    "HORIZONS",
    "Turns",
    "average_correlation",
    "dispersion",
    "market_kpis",
    "regime_kpi",
    "sector_moves",
    "turns",
]

HORIZONS = (1, 5, 20, 60, 250)
RANKED_BY = MONTH = 20
EVERY_STOCK = "all stocks"
CORRELATION_SESSIONS, LEAST_STOCKS = 60, 2


def sector_moves(market: Market) -> pd.DataFrame:
    """Reckon what each sector did over several horizons.

    Returns
    -------
    pd.DataFrame
        Index `group`: the benchmark where it has closes, "all stocks", then the sectors, best over 20 sessions first.
        Columns `members` (stocks with a bar at the last session; NaN of the benchmark) and 1, 5, 20, 60 and 250: returns
        over that many sessions (fractions; NaN while there are fewer). A group's return of a session is the mean of its
        members that traded, each against its close before, so a stock delisted since counts until then; the returns of
        sessions are compounded.
    """
    closes, sectors = market.universe.closes, market.sectors
    returns = closes / market.universe.before - 1
    level = market.benchmark.ffill()
    by_sector = returns[sectors.index].T.groupby(sectors).mean().T
    every = pd.DataFrame({str(level.name): level.pct_change(), EVERY_STOCK: returns.mean(axis="columns")})
    earned = pd.concat([every if level.notna().any() else every[[EVERY_STOCK]], by_sector], axis="columns", sort=False)
    trading = closes.iloc[-1].notna()
    members = trading[sectors.index].groupby(sectors).sum().astype("float64")
    members[EVERY_STOCK] = float(trading.sum())
    moves = pd.DataFrame({horizon: _compounded(earned, horizon) for horizon in HORIZONS}).rename_axis("group")
    moves.insert(0, "members", members.reindex(moves.index))
    best = moves.loc[by_sector.columns, RANKED_BY].sort_values(ascending=False, kind="stable").index
    return moves.loc[[*moves.index.difference(best, sort=False), *best]]


def _compounded(returns: pd.DataFrame, horizon: int) -> pd.Series:
    """Compound the last returns; undefined for what began later."""
    began = returns.head(max(len(returns) - horizon + 1, 0)).notna().any()
    grown: pd.Series = (1 + returns.tail(horizon).fillna(0.0)).prod()
    return (grown - 1).where(began)


def dispersion(universe: Standing) -> pd.Series:
    """Measure by session how far apart stocks' returns are: their sample deviation, a fraction; NaN with fewer than two."""
    return (universe.closes / universe.before - 1).std(axis="columns").rename("dispersion")


def average_correlation(universe: Standing, before: int = 0) -> Stat:
    """Measure how much stocks moved together over 60 sessions.

    Parameters
    ----------
    universe
        Where every stock stands.
    before
        How many sessions ago the 60 end.

    Returns
    -------
    Stat
        Mean correlation of the returns of all pairs of stocks that traded and moved throughout, in [-1, 1]; `n` is the
        number of stocks. From the variance of the mean of n standardised returns, which is (1 + (n - 1) × it) / n.
    """
    returns = (universe.closes / universe.before - 1).iloc[: len(universe.closes) - before].tail(CORRELATION_SESSIONS)
    deviation = returns.std(ddof=0)
    whole = returns.loc[:, returns.notna().all() & (deviation > 0)]
    if len(returns) < CORRELATION_SESSIONS:
        return undefined(f"not enough data: {len(returns)} of {CORRELATION_SESSIONS} sessions")
    if (n := whole.shape[1]) < LEAST_STOCKS:
        return undefined(f"not enough data: {n} of {LEAST_STOCKS} stocks traded throughout", n)
    together = ((whole - whole.mean()) / deviation[whole.columns]).mean(axis="columns").var(ddof=0)
    return Stat(float(np.clip((n * together - 1) / (n - 1), -1, 1)), n)


@dataclass(frozen=True)
class Turns:
    """What turned since the session before.

    Attributes
    ----------
    rose, fell
        Symbols that closed above, and not above, the mean of their last 200 closes, unlike when they traded before.
    highs, lows
        Symbols beyond every one of their 251 closes before.
    signals
        Symbols whose signal of the last session is another than their one before: `symbol`, `before`, `signal`,
        `confidence`.
    regime
        The regime before and now, where it changed by the same judge's word; None where it did not.
    """

    rose: tuple[str, ...]
    fell: tuple[str, ...]
    highs: tuple[str, ...]
    lows: tuple[str, ...]
    signals: pd.DataFrame
    regime: tuple[str, str] | None


def turns(market: Market, signals: pd.DataFrame, regimes: pd.DataFrame) -> Turns:
    """Name what turned in the last session.

    Parameters
    ----------
    market
        Its last session is the one to judge.
    signals
        As in the schema; those of a few weeks, so that each has one before it.
    regimes
        As `metrics.regimes` gives it.
    """
    where = market.standing
    side = above(where.closes, where.mean_200)
    now, was = side.iloc[-1], side.ffill().shift().iloc[-1]
    highest, lowest = above(where.closes, where.highest).iloc[-1], above(where.lowest, where.closes).iloc[-1]
    return Turns(
        rose=_named((now == 1) & (was == 0)),
        fell=_named((now == 0) & (was == 1)),
        highs=_named(highest == 1),
        lows=_named(lowest == 1),
        signals=_flipped(signals, market.closes.index[-1]),
        regime=_turned(regimes, market.closes.index),
    )


def _named(told: pd.Series) -> tuple[str, ...]:
    return tuple(str(symbol) for symbol in told.index[told])


def _flipped(signals: pd.DataFrame, session: pd.Timestamp) -> pd.DataFrame:
    newest = newest_signals(signals)
    turned = (newest["signal_session"] == session) & newest["before"].notna() & (newest["signal"] != newest["before"])
    return newest.loc[turned, ["before", "signal", "confidence"]].reset_index()


def _turned(regimes: pd.DataFrame, sessions: pd.Index) -> tuple[str, str] | None:
    if len(sessions) < 2:  # noqa: PLR2004 - a change needs a session before
        return None
    (before, now), (by_before, by_now) = (regimes.reindex(sessions[-2:])[one].tolist() for one in ("regime", "said_by"))
    return (before, now) if by_before == by_now and before != now else None


def market_kpis(market: Market, breadth: pd.DataFrame, regimes: pd.DataFrame) -> dict[str, Kpi]:
    """Name the numbers of the market's last session, beside those of the one before.

    Parameters
    ----------
    market
        Its last session is the one to judge.
    breadth, regimes
        As `metrics.breadth` gives it of the universe, and `metrics.regimes`.
    """
    sessions = market.closes.index
    since = sessions[-2].date() if len(sessions) > 1 else None
    closes = market.benchmark.dropna()
    trails = {
        "breadth_200": breadth["above_200"],
        "market_return_20": (closes / closes.shift(MONTH) - 1).reindex(sessions),
        "volatility_rank": realised_volatility(closes)["rank"].reindex(sessions),
    }

    def at(end: int) -> dict[str, Stat]:
        moved, rank = (trails[name].iloc[:end] for name in ("market_return_20", "volatility_rank"))
        return {
            "breadth_200": _share(market, breadth.iloc[:end]),
            "market_return_20": _last(moved, closes, MONTH + 1),
            "volatility_rank": _last(rank, closes, LEAST_CLOSES),
        }

    before = at(len(breadth) - 1) if since else None
    named = kpis(at(len(breadth)), before, previous_session=since, trails=trails)
    return named | {"regime": regime_kpi(regimes, market.benchmark, sessions)}


def _last(values: pd.Series, closes: pd.Series, least: int) -> Stat:
    """Give the last of some values of the benchmark; undefined where it has no close, or too few before."""
    if values.empty or pd.isna(values.iloc[-1]):
        known = int((closes.index <= values.index[-1]).sum()) if len(values) else 0
        said = f"not enough data: {known} of {least} closes" if known < least else "the benchmark has no close"
        return undefined(f"{said} of {closes.name}", known)
    return Stat(float(values.iloc[-1]), least)


def regime_kpi(regimes: pd.DataFrame, benchmark: pd.Series, sessions: pd.Index) -> Kpi:
    """Name the regime of the last of some sessions, beside that of the one before.

    Parameters
    ----------
    regimes
        As `metrics.regimes` gives it.
    benchmark
        Adjusted closes, which may be too few to measure it.
    sessions
        Oldest first; the last one is the run date.
    """
    said = [word if isinstance(word, str) else None for word in regimes["regime"].reindex(sessions[-2:])]
    before = (sessions[-2].date(), said[0]) if len(sessions) > 1 else (None, None)
    reason = None if said[-1] else _unnamed(benchmark)
    return Kpi("regime", None, None, reason, previous_session=before[0], word=said[-1], previous_word=before[1])


def _share(market: Market, breadth: pd.DataFrame) -> Stat:
    last = breadth.iloc[-1]
    if last["of_200"]:
        return Stat(float(last["above_200"]), int(last["of_200"]))
    most = int(market.universe.closes.notna().sum().max()) if market.stocks else 0
    return undefined(
        f"not enough data: {most} of {LONG} sessions" if most < LONG else "no stock has a bar of this session"
    )


def _unnamed(benchmark: pd.Series) -> str:
    closes = int(benchmark.notna().sum())
    if closes == 0:
        return "the benchmark has no prices"
    if closes < LEAST_CLOSES:
        return f"not enough data: {closes} of {LEAST_CLOSES} sessions"
    return "the benchmark has no price of this session"
