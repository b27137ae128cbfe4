"""How old the newest record of each dataset is, in sessions of the exchange."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from trade_dashboard.book import Book
from trade_dashboard.schema import dataset
from trade_dashboard.sessions import Calendar

__all__ = ["freshness", "holes"]

# datasets that a healthy evening brings anew; of the others, none since yesterday is no news
EVERY_SESSION = {"bars", "positions", "equity", "market_states", "service_health"}
MOST_SESSIONS = {"signals": 5, "opportunities": 1}


def freshness(coverage: pd.DataFrame, calendar: Calendar, today: date) -> pd.DataFrame:
    """Judge each dataset by the age of its newest record.

    Parameters
    ----------
    coverage
        Index `dataset`; `rows`, `first`, `last` as a book counts them.
    calendar, today
        The sessions to count, and the run date.

    Returns
    -------
    pd.DataFrame
        Index `dataset`: `rows`, `last`, `age` (sessions, 0 = the run date's own; NaN without rows) and `verdict`: "fresh",
        "stale", "none" (nothing was ever known), or "as it happens" where no record a session is expected.
    """
    ages = [calendar.age(last.date(), today) if pd.notna(last) else None for last in coverage["last"]]
    age = pd.Series(ages, index=coverage.index, dtype="float64")
    allowed = pd.Series(
        {name: MOST_SESSIONS.get(name, 0 if name in EVERY_SESSION else float("inf")) for name in age.index}
    )
    verdict = pd.Series("fresh", index=age.index).mask(age > allowed, "stale")
    verdict = verdict.mask(allowed == float("inf"), "as it happens").mask(age.isna(), "none")
    return pd.DataFrame({"rows": coverage["rows"], "last": coverage["last"], "age": age, "verdict": verdict})


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
