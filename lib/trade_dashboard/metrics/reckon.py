"""A book's account as a ledger, whole and in parts, and the benchmark beside it."""

from __future__ import annotations

import pandas as pd

from trade_dashboard.book import Book
from trade_dashboard.errors import RequestError
from trade_dashboard.metrics.contribution import ledger_of_parts
from trade_dashboard.metrics.ledger import FILL_COLUMNS, Ledger, ledger

__all__ = ["benchmark", "reckon", "reckon_parts"]

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


def reckon_parts(book: Book, account: Ledger) -> Ledger:
    """Reckon the same account with a column for what each strategy did in each symbol; see `ledger_of_parts`."""
    return ledger_of_parts(
        account,
        book.calendar,
        book.run_date,
        fills=book.fills(columns=(*FILL_COLUMNS, "strategy")),
        cash_flows=book.cash_flows(),
        equity=book.equity(),
        corporate_actions=book.corporate_actions(),
    )


def benchmark(book: Book, symbol: str = "") -> pd.Series:
    """Read the closes of the benchmark by session, splits and dividends taken out, named for its symbol; empty without prices.

    Parameters
    ----------
    book
        What to read.
    symbol
        Of the benchmark. Where it is empty: the one of the settings, else the instrument that says it is one, else SPY.

    Raises
    ------
    RequestError
        If a symbol was asked for that has no prices.
    """
    instruments = book.instruments()
    named = instruments.loc[instruments["kind"] == "benchmark", "symbol"]
    wanted = symbol or book.settings.benchmark or next(iter(named), USUAL_BENCHMARK)
    closes = book.adjusted_bars(symbols=[wanted]).set_index("session")["close"].rename(wanted)
    if symbol and closes.empty:
        raise RequestError(
            f"Expected a benchmark with prices up to {book.run_date}, but the store holds none of {symbol!r}. Leave "
            "`benchmark` out for the account's own, or ingest its bars."
        )
    return closes
