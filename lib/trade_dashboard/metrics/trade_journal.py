"""The trips that the trade journal tells of: those closed in the last so many sessions, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from trade_dashboard.book import Book
from trade_dashboard.errors import RequestError
from trade_dashboard.metrics.alerts import Alert, crossing
from trade_dashboard.metrics.excursions import excursions
from trade_dashboard.metrics.fifo import basis
from trade_dashboard.metrics.journal import rolling, summary
from trade_dashboard.metrics.kpis import REPORTS, Kpi, kpis
from trade_dashboard.metrics.round_trips import Trips, round_trips
from trade_dashboard.settings import Limits

__all__ = ["Journal", "around", "journal", "journal_alerts", "journal_kpis"]

BEFORE, AFTER = 15, 5
ENOUGH = 20


@dataclass(frozen=True)
class Journal:
    """Trips of one account, cut to the sessions that are shown.

    Attributes
    ----------
    closed
        Trips closed in those sessions, in order of closing: the columns of `round_trips` and of `excursions`.
    before
        Trips that the same page showed the session before.
    open_lots
        What is open after the run date, as `round_trips` gives it.
    by_session
        As `rolling` gives it: at each session since the first fill, what the page of that session said.
    sessions
        The sessions shown.
    bars, splits
        Prices of the symbols in `closed`, as traded, from some sessions before the first entry; and corporate actions.
    previous_session
        The session before the run date.
    zone
        The exchange's time zone.
    """

    closed: pd.DataFrame
    before: pd.DataFrame
    open_lots: pd.DataFrame
    by_session: pd.DataFrame
    sessions: pd.DatetimeIndex
    bars: pd.DataFrame
    splits: pd.DataFrame
    previous_session: date
    zone: str


def journal(book: Book, lookback: int, strategy: str = "") -> Journal:
    """Match the account's fills and keep what was closed lately.

    Parameters
    ----------
    book
        The account; all its fills are read, since the lots they opened may be old.
    lookback
        Sessions of exits, up to the run date.
    strategy
        Keep this one's trips alone; empty for all.

    Raises
    ------
    RequestError
        If no fill carries that strategy, or `lookback` is not above zero.
    """
    if lookback < 1:
        raise RequestError(f"Parameter lookback: expected at least 1 session, but got {lookback}. Try 250.")
    exchange, splits = book.calendar, book.corporate_actions()
    trips = _of_strategy(round_trips(book.fills(), splits, exchange), strategy)
    shown = _sessions(exchange.between(exchange.previous(exchange.next(book.run_date), lookback), book.run_date))
    earlier = _sessions(exchange.between(exchange.previous(book.run_date, lookback), book.previous_session))
    closed, before = (trips.closed[trips.closed["exit_session"].isin(days)] for days in (shown, earlier))
    first = trips.closed["exit_session"].min() if len(trips.closed) else pd.Timestamp(book.run_date)
    bars = _bars(book, closed)
    return Journal(
        closed=closed.join(excursions(closed, bars, splits)).reset_index(drop=True),
        before=before,
        open_lots=trips.open_lots,
        by_session=rolling(trips.closed, _sessions(exchange.between(first.date(), book.run_date)), lookback),
        sessions=shown,
        bars=bars,
        splits=splits,
        previous_session=book.previous_session,
        zone=exchange.zone.key,
    )


def _of_strategy(trips: Trips, strategy: str) -> Trips:
    known = sorted({*trips.closed["strategy"].dropna(), *trips.open_lots["strategy"].dropna()})
    if strategy and strategy not in known:
        among = f"a strategy of the fills ({', '.join(known)})" if known else "none, since no fill carries a strategy"
        raise RequestError(f"Parameter strategy: expected {among}, but got {strategy!r}. Leave it out for all trips.")
    kept = (frame[frame["strategy"] == strategy] if strategy else frame for frame in (trips.closed, trips.open_lots))
    return Trips(*kept)


def _sessions(days: tuple[date, ...]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days, name="session").as_unit("us")


def _bars(book: Book, closed: pd.DataFrame) -> pd.DataFrame:
    since = closed["entry_session"].min().date() if len(closed) else book.run_date
    return book.bars(book.calendar.age(since, book.run_date) + 1 + BEFORE, symbols=[*closed["symbol"].unique()])


def journal_kpis(told: Journal) -> dict[str, Kpi]:
    """Name what the trips come to, beside what the page of the session before said."""
    now, before = summary(told.closed), summary(told.before)
    names = REPORTS["trade_journal"]
    return kpis(
        {name: now[name] for name in names},
        {name: before[name] for name in names} if len(told.before) else None,
        previous_session=told.previous_session,
        trails={name: told.by_session[name] for name in names},
    )


def journal_alerts(told: Journal, limits: Limits) -> list[Alert]:
    """Notice what falls short of the limits, from twenty trips on: fewer say nothing."""
    enough = told.by_session[told.by_session["round_trips"] >= ENOUGH]
    found = [
        crossing("notice", "win_rate", enough["win_rate"], limits.win_rate, below=True),
        crossing("notice", "profit_factor", enough["profit_factor"], limits.profit_factor, below=True),
    ]
    return [alert for alert in found if alert and told.by_session["round_trips"].iloc[-1] >= ENOUGH]


def around(told: Journal, symbol: str, since: pd.Timestamp, until: pd.Timestamp) -> pd.Series:
    """Cut a symbol's closes to a trip and some sessions on either side.

    Returns
    -------
    pd.Series
        Index `session`, USD a share in the shares of the session `until`.
    """
    mine = told.bars[told.bars["symbol"] == symbol].reset_index(drop=True)
    grown = basis(mine["symbol"], mine["session"], told.splits).grown.astype("float64")
    days = pd.DatetimeIndex(mine["session"])
    first, last = int(days.searchsorted(since)), int(days.searchsorted(until, side="right"))
    at_exit = grown[last - 1] if last else 1.0
    return pd.Series(mine["close"].to_numpy() * grown / at_exit, index=days).iloc[max(first - BEFORE, 0) : last + AFTER]
