"""A book's candidates of some sessions, what became of them, and the KPIs made of that."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from trade_dashboard.book import Book
from trade_dashboard.errors import RequestError
from trade_dashboard.metrics.candidates import HORIZONS, candidates, follow
from trade_dashboard.metrics.ic import By, ic_basis, ic_by_window, mean_ic
from trade_dashboard.metrics.kpis import Kpi, kpis
from trade_dashboard.metrics.outcomes import hit_rate, median, state_names
from trade_dashboard.metrics.reckon import benchmark
from trade_dashboard.metrics.stat import Stat, undefined

__all__ = ["Review", "review"]

KPI_HORIZON = 5
NIGHTS = 30


@dataclass(frozen=True)
class Review:
    """The candidates discovered in the sessions of a lookback, and what became of them by the run date.

    Attributes
    ----------
    found
        As `candidates` gives it, and `state`: the market state in words.
    followed
        As `follow` gives it, over the usual horizons and `horizon`.
    benchmark
        Symbol they are held against.
    horizon, lookback
        Sessions.
    by
        What one cross-section of the IC is.
    kpis
        Tonight's, beside those as of the session before, each over a lookback of its own.
    """

    found: pd.DataFrame
    followed: pd.DataFrame
    benchmark: str
    horizon: int
    lookback: int
    by: By
    kpis: dict[str, Kpi]

    @property
    def chosen(self) -> pd.DataFrame:
        """The rows of `followed` over the chosen horizon."""
        return self.followed[self.followed["horizon"] == self.horizon]


def review(book: Book, lookback: int, horizon: int = KPI_HORIZON) -> Review:
    """Read a book's candidates and follow them.

    Parameters
    ----------
    book
        What is known.
    lookback
        How many sessions of discovery count, up to the run date.
    horizon
        Sessions to follow them over, besides the usual ones.

    Raises
    ------
    RequestError
        If one of them is not at least 1.
    """
    if lookback < 1:
        raise RequestError(f"A lookback is at least 1 session, but got {lookback}. Try `-p lookback=250`.")
    # the KPIs of the sessions before look back further
    found = candidates(book.opportunities(lookback + NIGHTS, as_first_told=True), book.calendar)
    found["state"] = state_names(found["market_state"], book.market_states())
    against = str(benchmark(book).name)
    bars = book.adjusted_bars(lookback + NIGHTS, [*found["symbol"], against])
    horizons = (*HORIZONS, horizon)
    followed = follow(found, bars, against, book.calendar, book.run_date, horizons=horizons)
    today = book.calendar.sessions.index(book.run_date)
    recent, by = found["at"] > today - lookback, ic_basis(found)
    return Review(
        found=found[recent].reset_index(drop=True),
        followed=followed[followed["at"] > today - lookback].reset_index(drop=True),
        benchmark=against,
        horizon=horizon,
        lookback=lookback,
        by=by,
        kpis=_kpis(book, found, followed, lookback, by),
    )


def _kpis(book: Book, found: pd.DataFrame, followed: pd.DataFrame, lookback: int, by: By) -> dict[str, Kpi]:
    today = book.calendar.sessions.index(book.run_date)
    five = followed[followed["horizon"] == KPI_HORIZON]
    windows = {night: _complete(five, night, lookback) for night in range(today - NIGHTS + 1, today + 1)}
    by_period = ic_by_window(windows, KPI_HORIZON, by)
    nights = [
        {"candidates": _count(found, night), **_outcome(done, mean_ic(by_period[night], KPI_HORIZON, by))}
        for night, done in windows.items()
    ]
    trails = {name: pd.Series([stats[name].value for stats in nights]) for name in nights[-1]}
    return kpis(nights[-1], nights[-2], previous_session=book.previous_session, trails=trails)


def _complete(five: pd.DataFrame, night: int, lookback: int) -> pd.DataFrame:
    """Choose what was discovered in the lookback before a night, of windows complete by it."""
    return five[(five["at"] > night - lookback) & (five["exit_at"] <= night) & five["return"].notna()]


def _count(found: pd.DataFrame, night: int) -> Stat:
    count = int((found["at"] == night).sum())
    return Stat(float(count), count)


def _outcome(done: pd.DataFrame, ic: Stat) -> dict[str, Stat]:
    excess = done["excess"].dropna()
    stats = {"hit_rate_5": hit_rate(excess), "median_excess_5": median(excess), "ic_5": ic}
    if len(done) and excess.empty:
        return dict.fromkeys(stats, undefined("not enough data: the benchmark has no prices", 0))
    return stats
