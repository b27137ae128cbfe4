"""A book's account as a ledger, and the benchmark beside it."""

from __future__ import annotations

import pandas as pd

from trade_dashboard.book import Book
from trade_dashboard.metrics.ledger import FILL_COLUMNS, Ledger, ledger

__all__ = ["benchmark", "reckon"]

USUAL_BENCHMARK = "SPY"


def reckon(book: Book) -> Ledger:
    """Reckon the account of a book from its records."""
    fills, flows = book.fills(columns=FILL_COLUMNS), book.cash_flows()
    return ledger(
        book.calendar,
        book.run_date,
        fills=fills,
        cash_flows=flows,
        equity=book.equity(),
        bars=book.bars(
            symbols=[*fills["symbol"].unique(), *flows["symbol"].dropna()], columns=("symbol", "session", "close")
        ),
        corporate_actions=book.corporate_actions(),
    )


def benchmark(book: Book) -> pd.Series:
    """Read the closes of the benchmark by session, named for its symbol; empty if no benchmark has prices.

    It is the one of the settings, else the instrument that says it is one, else SPY.
    """
    instruments = book.instruments()
    named = instruments.loc[instruments["kind"] == "benchmark", "symbol"]
    symbol = book.settings.benchmark or next(iter(named), USUAL_BENCHMARK)
    closes = book.bars(symbols=[symbol], columns=("session", "close"))
    return closes.set_index("session")["close"].rename(symbol)
