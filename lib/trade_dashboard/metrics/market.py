"""The market around an account: what trades, in which sector, beside which benchmark, and what the service says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from trade_dashboard.adjust import adjust
from trade_dashboard.book import Book
from trade_dashboard.metrics.breadth import Standing, standing
from trade_dashboard.metrics.reckon import USUAL_BENCHMARK, benchmark
from trade_dashboard.schema import conform

__all__ = ["Market", "closes_of", "market"]

# what the first session shown looks back on: its volatility, ranked within a year
WARM_UP = 272


@dataclass(frozen=True)
class Market:
    """What was known of a market, session by session.

    Attributes
    ----------
    closes
        Shape (n_sessions, n_symbols), adjusted, USD a share; NaN where a symbol has no bar. The last row is the run date.
    stocks
        The universe: every symbol with a bar that instruments do not call something else and that is no benchmark.
    sectors
        Sector by symbol of the universe; one without is missing.
    benchmark
        Adjusted closes of the benchmark, by session of `closes`, named for its symbol; NaN where it has none.
    states
        What market-analysis says of the benchmark, as in the schema.
    """

    closes: pd.DataFrame
    stocks: tuple[str, ...]
    sectors: pd.Series
    benchmark: pd.Series
    states: pd.DataFrame

    @cached_property
    def standing(self) -> Standing:
        """Where every symbol with a bar stands."""
        return standing(self.closes)

    @cached_property
    def universe(self) -> Standing:
        """Where every stock stands."""
        return self.standing.of(self.stocks)


def market(book: Book, lookback: int, symbol: str = "") -> Market:
    """Read the market of a book.

    Parameters
    ----------
    book
        What to read.
    lookback
        Sessions to show; 272 before them are read as well, because the first one shown looks back on them.
    symbol
        Of the benchmark, as `metrics.benchmark` takes it.
    """
    level = benchmark(book, symbol)
    instruments = book.instruments().set_index("symbol")
    closes = closes_of(book, lookback + WARM_UP)
    others = {str(level.name), USUAL_BENCHMARK} - set(instruments.index)
    others |= set(instruments.index[instruments["kind"] != "stock"])
    stocks = tuple(str(one) for one in closes.columns if one not in others)
    states = book.market_states(lookback + WARM_UP)
    return Market(
        closes=closes,
        stocks=stocks,
        sectors=instruments["sector"].reindex(stocks).dropna(),
        benchmark=level.reindex(closes.index),
        states=states[states["symbol"] == level.name],
    )


def closes_of(book: Book, lookback: int, symbols: Sequence[str] | None = None) -> pd.DataFrame:
    """Read adjusted closes side by side.

    Parameters
    ----------
    book, lookback, symbols
        What to read: how many sessions, and of which symbols; None is all.

    Returns
    -------
    pd.DataFrame
        Shape (n_sessions, n_symbols), USD a share; every session from the first bar to the run date, NaN where a symbol has
        no bar. A symbol without any bar has no column.
    """
    traded = book.bars(lookback, symbols, columns=("symbol", "session", "close"))
    bars = adjust(conform("bars", traded), book.corporate_actions(lookback))
    first = bars["session"].min().date() if len(bars) else book.run_date
    sessions = pd.DatetimeIndex(book.calendar.between(first, book.run_date), name="session").as_unit("us")
    return bars.pivot(index="session", columns="symbol", values="close").reindex(sessions)
