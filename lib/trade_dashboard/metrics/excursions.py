"""How far each trip was in loss and in profit while it was open, at the resolution of daily bars.

A bar of the entry's or the exit's session counts whole, though the trip may not have lived through all of it: what is
told is the most it can have been.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from trade_dashboard.metrics.fifo import basis

__all__ = ["excursions"]

DUST = 6
Floats = npt.NDArray[np.float64]


def excursions(closed: pd.DataFrame, bars: pd.DataFrame, splits: pd.DataFrame) -> pd.DataFrame:
    """Measure the worst and the best moment of each trip.

    Parameters
    ----------
    closed
        Trips as `round_trips` gives them, any index.
    bars
        Daily prices as in the schema, as traded, ordered by session. A bar without high or low counts with its close.
    splits
        Corporate actions as in the schema, the same that the trips were reckoned with.

    Returns
    -------
    pd.DataFrame
        Index of `closed`, before fees. `mae` (USD, at most 0), `mfe` (USD, at least 0) and `give_back` (USD, mfe − gross,
        at least 0), from the lows and highs of the bars between entry and exit, both sessions included, and from the two
        fills themselves; the same in units of the initial risk: `mae_r`, `mfe_r`, `give_back_r` (NaN without a plan);
        `closes_only`, whether a bar among them had no high or low. All NaN where there is no bar between entry and exit.
        Maximum adverse and favourable excursion: John Sweeney, Campaign Trading, 1996.
    """
    ranges = _ranges(closed, bars, splits)
    now, entry = basis(closed["symbol"], closed["exit_session"], splits).grown.astype("float64"), closed["entry_price"]
    known = ranges["low"].notna()
    fills = closed[["entry_price", "exit_price"]]
    low = np.minimum(ranges["low"] / now, fills.min(axis="columns")).where(known)
    high = np.maximum(ranges["high"] / now, fills.max(axis="columns")).where(known)
    is_short = closed["side"] == "short"
    quantity = closed["quantity"]
    mae = quantity * (low - entry).where(~is_short, entry - high)
    mfe = quantity * (high - entry).where(~is_short, entry - low)
    found = pd.DataFrame({"mae": mae, "mfe": mfe, "give_back": mfe - closed["gross"]}).round(DUST)
    in_r = found.div(closed["initial_risk"], axis="index").add_suffix("_r")
    return found.join(in_r).assign(closes_only=ranges["holes"] > 0)


def _ranges(closed: pd.DataFrame, bars: pd.DataFrame, splits: pd.DataFrame) -> pd.DataFrame:
    """Find the lowest low and the highest high of each trip, comparable across splits, and count bars without them."""
    found = pd.DataFrame(np.nan, index=closed.index, columns=["low", "high", "holes"])
    grown = basis(bars["symbol"], bars["session"], splits).grown.astype("float64")
    low, high = (bars[name].fillna(bars["close"]) * grown for name in ("low", "high"))
    holes = bars[["low", "high"]].isna().any(axis="columns")
    prices = bars.assign(low=low, high=high, holes=holes)
    by_symbol = dict(list(prices.groupby("symbol")))
    for symbol, trips in closed.groupby("symbol"):
        if symbol in by_symbol:
            found.loc[trips.index] = _of_symbol(trips, by_symbol[symbol])
    return found


def _of_symbol(trips: pd.DataFrame, bars: pd.DataFrame) -> Floats:
    first = bars["session"].searchsorted(trips["entry_session"], side="left")
    after = bars["session"].searchsorted(trips["exit_session"], side="right")
    some = after > first
    first, after = np.where(some, first, 0), np.where(some, after, 1)
    lowest = -_most(-bars["low"].to_numpy(), first, after)
    highest = _most(bars["high"].to_numpy(), first, after)
    counted = np.append(0, np.cumsum(bars["holes"].to_numpy()))
    columns = np.column_stack([lowest, highest, counted[after] - counted[first]])
    return np.where(some[:, None], columns, np.nan)


def _most(values: Floats, first: npt.NDArray[Any], after: npt.NDArray[Any]) -> Floats:
    """Give the highest value of each range, from maxima over all powers of two: Bender and Farach-Colton, 2000."""
    tables, width = [values], 1
    while 2 * width <= len(values):
        tables.append(np.maximum(tables[-1][:-width], tables[-1][width:]))
        width *= 2
    level = np.log2(after - first).astype("int64")
    found = np.empty(len(first))
    for power, table in enumerate(tables):
        mine = level == power
        found[mine] = np.maximum(table[first[mine]], table[after[mine] - 2**power])
    return found
