"""What an account's round trips were worth: how often and how much they earned, and by what they have in common.

Trips are as `round_trips` gives them: one row a lot, or the part of one, that a fill closed. All profit is after fees
where nothing else is said. Intervals are of 95 % and take trips as independent, which lots of one order are not quite.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trade_dashboard.metrics.stat import Stat, undefined

__all__ = ["Streaks", "by_group", "facts", "largest", "rolling", "streaks", "summary"]

Z = 1.959964
FEW = 5
DUST = 6
NO_TRIPS = "not enough data: no trip was closed"
NO_ARRIVAL = "no fill of these trips carries an arrival price"
SUMS = ["trips", "wins", "losses", "won", "lost", "net", "squares", "gross", "fees", "slippage", "arrived"]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
HELD = {"0": 0, "1": 1, "2 to 5": 5, "6 to 20": 20, "21 to 60": 60, "over 60": math.inf}


def facts(closed: pd.DataFrame) -> pd.DataFrame:
    """Give each trip what sums of trips are made of; `slippage` and `arrived` count fills with an arrival price alone."""
    net, size = closed["net"], closed["quantity"] * np.where(closed["side"] == "short", -1.0, 1.0)
    paid = ((closed["entry_price"] - closed["arrival"]) * size).fillna(0.0)
    paid += ((closed["exit_arrival"] - closed["exit_price"]) * size).fillna(0.0)
    facts = {
        "trips": 1,
        "wins": (net > 0).astype("int64"),
        "losses": (net < 0).astype("int64"),
        "won": net.clip(lower=0.0),
        "lost": -net.clip(upper=0.0),
        "net": net,
        "squares": net**2,
        "gross": closed["gross"],
        "fees": closed["fees"],
        "slippage": paid,
        "arrived": closed["quantity"] * (closed["arrival"].fillna(0.0) + closed["exit_arrival"].fillna(0.0)),
    }
    return pd.DataFrame(facts, index=closed.index)[SUMS]


def _rates(sums: pd.DataFrame) -> pd.DataFrame:
    """Turn sums of trips into rates; NaN where there is nothing to divide by."""
    trips, losses = sums["trips"], sums["losses"]
    some, lost = trips.where(trips > 0), sums["lost"].where(losses > 0)
    mean_loss = lost / losses.where(losses > 0)
    return pd.DataFrame(
        {
            "round_trips": trips,
            "win_rate": sums["wins"] / some,
            "expectancy": sums["net"] / some,
            "profit_factor": sums["won"] / lost,
            "payoff": sums["won"] / sums["wins"].where(sums["wins"] > 0) / mean_loss,
            "net_pnl": sums["net"],
            "fees": sums["fees"],
            "slippage_bps": 10_000 * sums["slippage"] / sums["arrived"].where(sums["arrived"] > 0),
        }
    )


def _intervals(sums: pd.DataFrame) -> pd.DataFrame:
    """Bound the win rate (Wilson, 1927) and the expectancy (Student's t; NaN below five trips)."""
    n = sums["trips"].astype("float64")
    share = sums["wins"] / n
    middle, shrunk = (share + Z**2 / (2 * n)) / (1 + Z**2 / n), 1 / (1 + Z**2 / n)
    width = Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) * shrunk
    mean = sums["net"] / n
    variance = (sums["squares"] - n * mean**2).clip(lower=0.0) / (n - 1).where(n >= FEW)
    half = _student(n - 1) * np.sqrt(variance / n)
    bounds = {"win_low": middle - width, "win_high": middle + width, "low": mean - half, "high": mean + half}
    return pd.DataFrame(bounds)


def _student(freedom: pd.Series) -> pd.Series:
    """Give the 97.5 % quantile of Student's t, from four degrees on; Abramowitz and Stegun, 1964, 26.7.5."""
    terms = [
        (Z**3 + Z) / 4,
        (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96,
        (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
        (79 * Z**9 + 776 * Z**7 + 1482 * Z**5 - 1920 * Z**3 - 945 * Z) / 92160,
    ]
    inverse = 1 / freedom.where(freedom >= FEW - 1)
    return Z + inverse * (terms[0] + inverse * (terms[1] + inverse * (terms[2] + inverse * terms[3])))


def summary(closed: pd.DataFrame) -> dict[str, Stat]:
    """Sum trips up.

    Returns
    -------
    dict[str, Stat]
        `round_trips` (count), `win_rate` (fraction of trips that earned; a trip that broke even did not), `expectancy`
        (USD a trip), `profit_factor` (gains by losses), `payoff` (mean gain by mean loss), `net_pnl` and `fees` (USD),
        `slippage_bps` (cost against the arrival prices by their value; positive = cost).
    """
    sums = facts(closed).sum().to_frame().T
    rates, bounds, n = _rates(sums).iloc[0], _intervals(sums).iloc[0], len(closed)
    never_lost = f"none of these {n} trips lost" if n else NO_TRIPS
    never_won = never_lost if sums["wins"].iloc[0] else f"none of these {n} trips won" if n else NO_TRIPS
    return {
        "round_trips": Stat(float(n), n),
        "win_rate": _stat(rates["win_rate"], n, NO_TRIPS, bounds["win_low"], bounds["win_high"]),
        "expectancy": _stat(rates["expectancy"], n, NO_TRIPS, bounds["low"], bounds["high"]),
        "profit_factor": _stat(rates["profit_factor"], n, never_lost),
        "payoff": _stat(rates["payoff"], n, never_won),
        "net_pnl": Stat(float(rates["net_pnl"]), n),
        "fees": Stat(float(rates["fees"]), n),
        "slippage_bps": _stat(rates["slippage_bps"], n, NO_ARRIVAL if n else NO_TRIPS),
    }


def _stat(value: float, n: int, reason: str, low: float = math.nan, high: float = math.nan) -> Stat:
    return undefined(reason, n) if math.isnan(value) else Stat(float(value), n, float(low), float(high))


def rolling(closed: pd.DataFrame, sessions: pd.DatetimeIndex, lookback: int) -> pd.DataFrame:
    """Sum up, at every session, the trips closed in the `lookback` sessions up to it.

    Parameters
    ----------
    closed
        All trips; those closed before the first session count with it.
    sessions
        Consecutive sessions, ascending.
    lookback
        Sessions of exits, the session's own included.

    Returns
    -------
    pd.DataFrame
        Index `sessions`; the columns of `summary`, NaN where undefined.
    """
    at = sessions.searchsorted(closed["exit_session"])
    daily = facts(closed).groupby(at).sum().reindex(range(len(sessions)), fill_value=0)
    so_far = daily.cumsum()
    within = (so_far - so_far.shift(lookback, fill_value=0)).round(DUST).set_axis(sessions)
    return _rates(within)


def by_group(closed: pd.DataFrame, group: str, zone: str = "UTC") -> pd.DataFrame:
    """Sum trips up by what they have in common.

    Parameters
    ----------
    group
        "setup" (strategy and tag together), "strategy", "tag", "symbol", "side", "weekday" (of the entry), "hour" (of the
        entry) or "holding" (sessions held).
    zone
        Time zone of the hours.

    Returns
    -------
    pd.DataFrame
        Index: the groups, in their natural order or by net P&L, best first; trips that say nothing are in "none". Columns
        as in `summary`, `low` and `high` of the expectancy (NaN below five trips), `win_low` and `win_high`.
    """
    sums = facts(closed).groupby(_labels(closed, group, zone), observed=True).sum().rename_axis(group)
    found = _rates(sums).join(_intervals(sums))
    return found if group in {"weekday", "hour", "holding"} else found.sort_values("net_pnl", ascending=False)


def _labels(closed: pd.DataFrame, group: str, zone: str) -> pd.Series:
    if group == "weekday":
        days = closed["entry_session"].dt.day_name()
        return pd.Series(pd.Categorical(days, WEEKDAYS, ordered=True), index=closed.index)
    if group == "hour":
        hours: pd.Series = closed["entry_time"].dt.tz_convert(zone).dt.strftime("%H:00")
        return hours
    if group == "holding":
        edges = [-1.0, *HELD.values()]
        return pd.Series(pd.cut(closed["sessions_held"], edges, labels=list(HELD)), index=closed.index)
    if group == "setup":
        both = closed["strategy"].str.cat(closed["tag"], sep=" · ")
        return both.fillna(closed["strategy"]).fillna(closed["tag"]).fillna("none")
    return closed[group].fillna("none")


@dataclass(frozen=True)
class Streaks:
    """Trips in a row, in order of closing; a trip that broke even ends a streak. `current` is negative for losses."""

    winning: int
    losing: int
    current: int


def streaks(closed: pd.DataFrame) -> Streaks:
    """Count the longest runs of winners and losers, and the run that lasts."""
    sign = np.sign(closed["net"]).astype("int64")
    runs = sign.groupby((sign != sign.shift()).cumsum()).agg(["first", "size"])
    long = {way: int(runs.loc[runs["first"] == way, "size"].max()) for way in set(runs["first"])}
    last = int(runs["first"].iloc[-1] * runs["size"].iloc[-1]) if len(runs) else 0
    return Streaks(long.get(1, 0), long.get(-1, 0), last)


def largest(closed: pd.DataFrame, number: int) -> pd.DataFrame:
    """Find what earned and lost most; lots of one symbol and strategy that came and went in the same sessions are one.

    Returns
    -------
    pd.DataFrame
        At most `number` rows, largest |net| first: `symbol`, `strategy`, `side`, `entry_session`, `exit_session`, `trips`
        (count), `quantity`, `net` (USD), and the mean `entry_price` and `exit_price` (USD a share, as of the exit).
    """
    keys = ["symbol", "strategy", "side", "entry_session", "exit_session"]
    worth = closed.assign(
        paid=closed["quantity"] * closed["entry_price"], got=closed["quantity"] * closed["exit_price"], trips=1
    )
    sums = worth.groupby(keys, dropna=False)[["trips", "quantity", "net", "paid", "got"]].sum().reset_index()
    found = sums.assign(entry_price=sums["paid"] / sums["quantity"], exit_price=sums["got"] / sums["quantity"])
    ordered = found.sort_values("net", key=lambda net: -net.abs(), kind="stable", ignore_index=True)
    return ordered.drop(columns=["paid", "got"]).head(number)
