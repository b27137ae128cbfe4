"""Whether tonight's data can be believed: every check of it at once, and the KPIs they make."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import pandas as pd

from trade_dashboard.book import Book
from trade_dashboard.errors import RequestError
from trade_dashboard.metrics.completeness import Completeness, completeness, lacking
from trade_dashboard.metrics.feeds import ages, arrived, oldest, shares
from trade_dashboard.metrics.freshness import freshness, holds
from trade_dashboard.metrics.health import latencies, services
from trade_dashboard.metrics.kpis import Kpi, kpis
from trade_dashboard.metrics.ledger import Ledger
from trade_dashboard.metrics.outliers import LEAST_MOVES, flat_tails, misfits
from trade_dashboard.metrics.reconcile import Comparison, compare
from trade_dashboard.metrics.stat import Stat, undefined

__all__ = ["Arrivals", "Prices", "Quality", "quality", "quality_kpis"]

# sessions read before those judged: what was there already, and what each symbol usually does
BEFORE = 20


@dataclass(frozen=True)
class Prices:
    """What the checks of bars found.

    Attributes
    ----------
    completeness, lacking, misfits, flat_tails
        As the functions of these names give them.
    before
        Share of the bars due that there were one session earlier.
    beyond
        Robust deviations beyond which a price does not fit.
    unjudged
        Symbols with too few moves to say what is usual for them.
    """

    completeness: Completeness
    before: Stat
    lacking: pd.DataFrame
    misfits: pd.DataFrame
    flat_tails: pd.DataFrame
    beyond: float
    unjudged: tuple[str, ...]


@dataclass(frozen=True)
class Arrivals:
    """What came that changes or could not be taken.

    Attributes
    ----------
    quarantine
        Rows kept out in the sessions judged, newest first, as in the schema.
    kept_out
        How many rows, by session.
    restated, restated_before
        As a book's `restatements`: since the session before closed, and in the session before that.
    """

    quarantine: pd.DataFrame
    kept_out: pd.Series
    restated: pd.DataFrame
    restated_before: pd.DataFrame


@dataclass(frozen=True)
class Quality:
    """What every check found.

    Attributes
    ----------
    sessions
        The sessions judged, the run date last.
    held
        Symbols held tonight.
    feeds
        Index `dataset`: as `freshness` gives it, and `completeness` (fraction; of bars by symbol and session, of others that
        are due every session by the sessions they came on; NaN where none is due), `quarantined` (rows) and `restated`
        (records), both since the session before.
    ages
        As `feeds.ages` gives it.
    prices, arrivals, comparison
        The bars; what could not be taken or was restated; the broker's figures against ours.
    services, latencies
        As the functions of these names give them.
    """

    sessions: pd.DatetimeIndex
    held: tuple[str, ...]
    feeds: pd.DataFrame
    ages: pd.DataFrame
    prices: Prices
    arrivals: Arrivals
    comparison: Comparison
    services: pd.DataFrame
    latencies: pd.DataFrame


def quality(book: Book, account: Ledger, lookback: int, strictness: float = 10.0) -> Quality:
    """Check the data of the last sessions of a book.

    Parameters
    ----------
    book
        What is checked.
    account
        The book's account, reckoned from its records.
    lookback
        Sessions to judge, up to the run date.
    strictness
        Robust deviations beyond which a price does not fit; see `misfits`.

    Raises
    ------
    RequestError
        If there is no session to judge.
    """
    if lookback < 1:
        raise RequestError(f"Expected one session or more to look back on, but got {lookback}. Try `-p lookback=60`.")
    sessions = _sessions(book, lookback)
    prices, arrivals = _prices(book, account, lookback, strictness), _arrivals(book, lookback)
    equity, positions, health = book.equity(lookback), book.positions(lookback), book.service_health(lookback)
    told = {"equity": equity, "positions": positions, "service_health": health}
    seen = told | {"market_states": book.market_states(lookback)}
    came = arrived({name: records["session"] for name, records in seen.items()}, sessions)
    came["bars"] = prices.completeness.there.any(axis="columns")
    feeds = _feeds(book, account, came, prices, arrivals)
    last = account.holdings.iloc[-1]
    return Quality(
        sessions=sessions,
        held=tuple(last.index[last != 0]),
        feeds=feeds,
        ages=ages(came, feeds["verdict"]),
        prices=prices,
        arrivals=arrivals,
        comparison=compare(account, equity, positions),
        services=services(health, sessions),
        latencies=latencies(health, sessions),
    )


def _sessions(book: Book, lookback: int) -> pd.DatetimeIndex:
    first = book.calendar.previous(book.calendar.next(book.run_date), lookback)
    return pd.DatetimeIndex(book.calendar.between(first, book.run_date), name="session").as_unit("us")


def _prices(book: Book, account: Ledger, lookback: int, strictness: float) -> Prices:
    read = _sessions(book, lookback + BEFORE)
    bars, actions = book.bars(lookback + BEFORE), book.corporate_actions(lookback + BEFORE)
    odd = misfits(bars, actions, read, beyond=strictness)
    counts = bars["symbol"].value_counts().sort_index()
    until_before = bars[bars["session"] < read[-1]]
    return Prices(
        completeness=completeness(bars, read[-lookback:], account.holdings),
        before=completeness(until_before, read[-lookback - 1 : -1], account.holdings).share,
        lacking=lacking(bars[bars["session"] >= read[-lookback]]),
        misfits=odd[odd["session"] >= read[-lookback]].reset_index(drop=True),
        flat_tails=flat_tails(bars),
        beyond=strictness,
        unjudged=tuple(counts.index[counts <= LEAST_MOVES]),
    )


def _arrivals(book: Book, lookback: int) -> Arrivals:
    last = book.calendar.closing(book.previous_session)
    since = book.calendar.closing(book.calendar.previous(book.previous_session))
    restated, quarantine = book.restatements(since=since), book.quarantine(lookback)
    lately = restated["known_at"] > last
    rows = quarantine.drop_duplicates(["dataset", "origin", "line"])
    kept_out = rows.groupby("session").size().reindex(_sessions(book, lookback), fill_value=0)
    newest_first = quarantine.sort_values("session", ascending=False, kind="stable", ignore_index=True)
    return Arrivals(newest_first, kept_out, restated[lately], restated[~lately])


def _feeds(book: Book, account: Ledger, came: pd.DataFrame, prices: Prices, arrivals: Arrivals) -> pd.DataFrame:
    coverage = book.coverage()
    judged = freshness(coverage, book.calendar, book.last_close, held=holds(account))
    held = account.holdings.ne(0.0).any(axis="columns").reindex(came.index, fill_value=False)
    complete = shares(came, coverage["first"], held) | {"bars": prices.completeness.share.value}
    tonight = arrivals.quarantine[arrivals.quarantine["session"] == came.index[-1]]
    counted = {
        "quarantined": tonight.drop_duplicates(["dataset", "origin", "line"])["dataset"].value_counts(),
        "restated": arrivals.restated.drop_duplicates(["dataset", "key"])["dataset"].value_counts(),
    }
    return judged.assign(
        completeness=judged.index.map(complete).astype("float64"),
        **{name: counts.reindex(judged.index, fill_value=0) for name, counts in counted.items()},
    )


def quality_kpis(found: Quality, previous_session: date) -> dict[str, Kpi]:
    """Name the numbers of a check, beside those of the session before."""
    kept_out, breaks = found.arrivals.kept_out, _breaks(found)
    age = found.ages.max(axis="columns", skipna=False)
    now = {
        "freshness_sessions": oldest(found.feeds),
        "completeness": found.prices.completeness.share,
        "quarantined": Stat(int(kept_out.iloc[-1]), 1),
        "restatements": Stat(_records(found.arrivals.restated), 1),
        "breaks": _known(breaks, -1, "the broker gave no figure to hold this against in the sessions shown"),
    }
    before = {
        "freshness_sessions": _known(age, -2),
        "completeness": found.prices.before,
        "quarantined": _known(kept_out.astype("float64"), -2),
        "restatements": Stat(_records(found.arrivals.restated_before), 1),
        "breaks": _known(breaks, -2),
    }
    trails = {"freshness_sessions": age, "quarantined": kept_out, "breaks": breaks}
    return kpis(now, before, previous_session=previous_session, trails=trails)


def _breaks(found: Quality) -> pd.Series:
    """Count, by session, the breaks of the newest figures that the broker had given."""
    counted = found.comparison.equity["breaks"].astype("float64")
    # a figure may be dated while the exchange was closed
    days = found.sessions.union(pd.DatetimeIndex(counted.index))
    return counted.reindex(days).ffill().reindex(found.sessions)


def _known(values: pd.Series, place: int, otherwise: str = "not known from the sessions shown") -> Stat:
    value = float(values.iloc[place]) if len(values) >= -place else float("nan")
    return undefined(otherwise) if math.isnan(value) else Stat(value, 1)


def _records(restated: pd.DataFrame) -> int:
    return len(restated.drop_duplicates(["dataset", "key"]))
