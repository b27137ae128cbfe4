"""What an evening's page sets beside the day: the periods it is part of, and the services behind it."""

from __future__ import annotations

import pandas as pd

from trade_dashboard.book import Book
from trade_dashboard.metrics.health import services

__all__ = ["services_tonight", "to_date"]

WEEKS = 20
NAN = float("nan")
TOLD = {
    "since": "datetime64[us]",
    "return": "float64",
    "pnl": "float64",
    "deepest": "float64",
    "benchmark": "float64",
}


def to_date(history: pd.DataFrame, closes: pd.Series) -> pd.DataFrame:
    """Tell what the day, the month, the year and all of the account's time brought so far.

    Parameters
    ----------
    history
        As `metrics.history` gives it.
    closes
        Adjusted closes of a benchmark by session; may be empty or have holes.

    Returns
    -------
    pd.DataFrame
        Index `period`: "today", "this month", "this year" and "since the start". `since` (session whose close it starts
        from: the last one before it, or the starting capital; NaT where there is none), `return` (fraction, time-weighted),
        `pnl` (USD, flows taken out), `deepest` (drawdown below the period's own best, in [-1, 0]) and `benchmark`
        (fraction over the same sessions). NaN where either end has no value.
    """
    sessions = pd.DatetimeIndex(history.index)
    last = sessions[-1]
    firsts = {
        "today": last,
        "this month": last.replace(day=1),
        "this year": last.replace(month=1, day=1),
        "since the start": sessions[0],
    }
    level = closes.reindex(sessions)
    starts = {name: max(int(sessions.searchsorted(first)) - 1, 0) for name, first in firsts.items()}
    rows = {name: _period(history, level, at) for name, at in starts.items() if at < len(sessions) - 1}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(TOLD)).reindex(list(firsts))
    return frame.astype(TOLD).rename_axis("period")


def _period(history: pd.DataFrame, level: pd.Series, at: int) -> tuple[pd.Timestamp, float, float, float, float]:
    """Measure what came after a place; the last value is needed, of the first the last one known by then will do."""
    growth, since = history["growth"], history.index[at]
    benchmark = _change(level, at)
    if pd.isna(growth.iloc[-1]):
        return since, NAN, NAN, NAN, benchmark
    earned = float(history["pnl"].iloc[at + 1 :].sum())
    reach = growth.ffill().iloc[at:]
    return since, _change(growth, at), earned, float((reach / reach.cummax() - 1).min()), benchmark


def _change(values: pd.Series, at: int) -> float:
    start = float(values.ffill().iloc[at])
    return float(values.iloc[-1]) / start - 1 if start > 0 else NAN


def services_tonight(book: Book) -> pd.DataFrame:
    """Judge each service by its checks of the last 20 sessions, as `metrics.services` does and a banner tells it.

    Returns
    -------
    pd.DataFrame
        As `metrics.services` gives it, and of the newest check `latency_ms` (NaN without an answer) and `age` (sessions, 0 =
        tonight's).
    """
    sessions = pd.DatetimeIndex(book.calendar.between(book.calendar.previous(book.run_date, WEEKS), book.run_date))
    health = book.service_health(WEEKS).sort_values("time", kind="stable")
    newest = health.groupby("service").tail(1).set_index("service")
    age = len(sessions) - 1 - sessions.searchsorted(newest["session"])
    return services(health, sessions).join(newest[["latency_ms"]].assign(age=age))
