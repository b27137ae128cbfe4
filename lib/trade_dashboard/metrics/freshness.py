"""How old the newest record of each dataset is, in sessions of the exchange."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from trade_dashboard.book import Book
from trade_dashboard.metrics.ledger import Ledger
from trade_dashboard.schema import dataset
from trade_dashboard.sessions import Calendar

__all__ = ["EVERY_SESSION", "freshness", "holds", "holes"]

# what a healthy evening brings anew, and what calls for it where it never came; of the others, none is no news
EVERY_SESSION = {
    "bars": ("fills", "positions"),
    "positions": ("fills",),
    "equity": ("fills", "cash_flows", "positions"),
    "market_states": ("signals", "opportunities", "service_health"),
    "service_health": ("signals", "opportunities", "market_states"),
}
MOST_SESSIONS = {"signals": 5, "opportunities": 1}


def freshness(coverage: pd.DataFrame, calendar: Calendar, today: date, *, held: bool = True) -> pd.DataFrame:
    """Judge each dataset by the age of its newest record.

    Parameters
    ----------
    coverage
        Index `dataset`; `rows`, `first`, `last` as a book counts them.
    calendar, today
        The sessions to count, and the run date.
    held
        Whether anything is held: of an account that holds nothing, no positions are due.

    Returns
    -------
    pd.DataFrame
        Index `dataset`: `rows`, `last`, `age` (sessions, 0 = the run date's own; NaN without rows) and `verdict`: "fresh",
        "stale", "broken" (due every session, and never known while records that call for it are), "none" (nothing was
        ever known, and nothing calls for it), or "as it happens" where no record a session is expected.
    """
    ages = [calendar.age(last.date(), today) if pd.notna(last) else None for last in coverage["last"]]
    age = pd.Series(ages, index=coverage.index, dtype="float64")
    due = set(EVERY_SESSION) - (set() if held else {"positions"})
    allowed = pd.Series({name: MOST_SESSIONS.get(name, 0 if name in due else float("inf")) for name in age.index})
    verdict = pd.Series("fresh", index=age.index).mask(age > allowed, "stale")
    verdict = verdict.mask(allowed == float("inf"), "as it happens").mask(age.isna(), "none")
    verdict = verdict.mask(age.isna() & _called_for(coverage["rows"], due), "broken")
    return pd.DataFrame({"rows": coverage["rows"], "last": coverage["last"], "age": age, "verdict": verdict})


def _called_for(rows: pd.Series, due: set[str]) -> pd.Series:
    known = set(rows.index[rows > 0])
    return pd.Series(
        [name in due and not known.isdisjoint(EVERY_SESSION[name]) for name in rows.index], index=rows.index
    )


def holds(account: Ledger) -> bool:
    """Tell whether anything is held at the last close: then positions are due."""
    return bool(account.holdings.iloc[-1].ne(0.0).any())


def holes(book: Book, held: Sequence[str]) -> dict[str, list[str]]:
    """Name the columns that every record of the run date leaves empty, by dataset: of the held symbols' bars, and positions."""
    tonight = {"bars": book.bars(lookback=1, symbols=held), "positions": book.positions(lookback=1)}
    needless = {"session", *dataset("bars").key, *dataset("positions").key}
    empty = {
        name: [str(column) for column in records.columns[records.isna().all()] if column not in needless]
        for name, records in tonight.items()
        if len(records)
    }
    return {name: columns for name, columns in empty.items() if columns}
