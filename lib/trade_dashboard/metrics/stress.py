"""What history's bad weeks, and plain shocks, would do to today's book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

__all__ = ["WINDOWS", "Window", "replay", "shocks", "worst_month"]

CARRIED = 5
MONTH = 20


@dataclass(frozen=True)
class Window:
    """A stretch of market history: the closes it lies between."""

    name: str
    first: date
    last: date


# from the S&P 500's last close before the fall to its lowest close of it
WINDOWS = (
    Window("2008, after Lehman", date(2008, 9, 12), date(2008, 11, 20)),
    Window("2011, US downgrade", date(2011, 7, 22), date(2011, 8, 8)),
    Window("2018, fourth quarter", date(2018, 9, 20), date(2018, 12, 24)),
    Window("2020, pandemic", date(2020, 2, 19), date(2020, 3, 23)),
    Window("2022, bear market", date(2022, 1, 3), date(2022, 10, 12)),
)
MARKET_SHOCKS = (-0.05, -0.10, -0.20)
EVERY_HOLDING = -0.10


def worst_month(market: pd.Series) -> tuple[Window, ...]:
    """Find the 20 sessions over which the benchmark fell most; none if it never fell, or has fewer.

    Parameters
    ----------
    market
        Adjusted closes of the benchmark by session, named for it.
    """
    moves = market / market.shift(MONTH) - 1
    if not (moves < 0).any():
        return ()
    end = int(np.nanargmin(moves.to_numpy(dtype="float64")))
    first, last = market.index[end - MONTH], market.index[end]
    return (Window(f"{market.name}, its worst {MONTH} sessions", first.date(), last.date()),)


def replay(
    windows: tuple[Window, ...], weights: pd.Series, closes: pd.DataFrame, market: pd.Series, betas: pd.Series
) -> pd.DataFrame:
    """Put today's book through each window: every holding by its own prices, else by its beta and the benchmark's move.

    Parameters
    ----------
    windows
        The stretches to replay.
    weights
        Fraction of equity by symbol, negative = short; 0 is not held.
    closes, market
        Adjusted closes by session, of the symbols and of the benchmark. A missing one is the last known of up to five
        sessions before.
    betas
        As `metrics.betas` gives them.

    Returns
    -------
    pd.DataFrame
        Index `window`: `first`, `last` (sessions of the closes), `market` (move of the benchmark, NaN without prices),
        `change` (fraction of equity: the known parts added up, NaN without any), `own`, `by_beta` and `without` (holdings
        with prices of their own, with a beta alone, and with no data), and `covered` (share of gross exposure with data).
    """
    held = weights[weights != 0]
    rows = {window.name: _replayed(window, held, closes, market, betas) for window in windows}
    columns = ["first", "last", "market", "change", "own", "by_beta", "without", "covered"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("window")


def _replayed(
    window: Window, held: pd.Series, closes: pd.DataFrame, market: pd.Series, betas: pd.Series
) -> tuple[object, ...]:
    own = _moved(closes.reindex(columns=held.index), window)
    index = float(_moved(market.to_frame("market"), window)["market"])
    inferred = betas.reindex(held.index) * index
    moved = own.fillna(inferred)
    known = moved.notna()
    change = float((held * moved).sum(min_count=1))
    count = (int(own.notna().sum()), int((own.isna() & known).sum()), int((~known).sum()))
    gross = float(held.abs().sum())
    covered = float(held.abs()[known].sum()) / gross if gross else float("nan")
    return (pd.Timestamp(window.first), pd.Timestamp(window.last), index, change, *count, covered)


def _moved(closes: pd.DataFrame, window: Window) -> pd.Series:
    """Measure every column from the first to the last close of a window; NaN unless it has both."""
    first, last = (_at(closes, day) for day in (window.first, window.last))
    return last / first - 1


def _at(closes: pd.DataFrame, day: date) -> pd.Series:
    until = closes.loc[: pd.Timestamp(day)].tail(CARRIED + 1)
    reached = len(closes) > 0 and closes.index[-1] >= pd.Timestamp(day)
    return until.ffill().iloc[-1] if reached and len(until) else pd.Series(np.nan, index=closes.columns)


def shocks(weights: pd.Series, betas: pd.Series) -> pd.DataFrame:
    """Move the market, and then every holding alike.

    Parameters
    ----------
    weights, betas
        As of `replay`.

    Returns
    -------
    pd.DataFrame
        Index `shock`: "market" (by each holding's beta; NaN if any held one has none), "every holding" (long ones lose,
        short ones earn) and "against the book" (every holding moves against its side); `size` (fraction) and `change`
        (fraction of equity, NaN without holdings or weights).
    """
    held = weights[weights != 0]
    beta_weighted = float((held * betas.reindex(held.index)).sum(skipna=False)) if len(held) else float("nan")
    net, gross = (float(part.sum(skipna=False)) if len(held) else float("nan") for part in (held, held.abs()))
    rows = [
        *(("market", size, size * beta_weighted) for size in MARKET_SHOCKS),
        ("every holding", EVERY_HOLDING, EVERY_HOLDING * net),
        ("against the book", EVERY_HOLDING, EVERY_HOLDING * gross),
    ]
    return pd.DataFrame(rows, columns=["shock", "size", "change"]).set_index("shock")
