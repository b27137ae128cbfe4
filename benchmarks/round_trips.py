"""A million fills into round trips: ours beside the loop that everybody writes first, a queue of lots in `Decimal`.

    python benchmarks/round_trips.py [FILLS]        (a minute)

Both reckon the same fills in one process, one after the other, and must find the same trips and the same money.
"""

import sys
import time
from collections import defaultdict, deque
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from trade_dashboard import schema
from trade_dashboard.metrics import round_trips
from trade_dashboard.sessions import calendar

SYMBOLS, STRATEGIES = 24, ("trend", "reversion", "short_book")
NEEDED = ["fill_id", "symbol", "strategy", "side", "quantity", "price", "commission"]
CLOSE, CENT = 1e-6, 0.01
SESSIONS = np.array(calendar().between(date(2015, 7, 1), date(2025, 6, 30)), dtype="datetime64[us]")


def fills(count: int) -> pd.DataFrame:
    """Make fills of one account in some symbols and strategies: bought and sold at random, so many turn long to short."""
    rng = np.random.default_rng(7)
    session = pd.DatetimeIndex(np.sort(rng.choice(SESSIONS, count)))
    records = {
        "account": "BIG",
        "fill_id": [f"F{number:07d}" for number in range(count)],
        "session": session,
        "time": session.tz_localize("UTC") + pd.to_timedelta(rng.integers(52_200, 72_000, count), unit="s"),
        "symbol": np.array([f"S{number:02d}" for number in range(SYMBOLS)])[rng.integers(0, SYMBOLS, count)],
        "side": rng.choice(["BUY", "SELL"], count),
        "quantity": rng.integers(1, 10_000, count) / 10,
        "price": rng.uniform(5, 500, count).round(2),
        "commission": rng.integers(35, 300, count) / 100,
        "strategy": rng.choice(STRATEGIES, count),
    }
    return schema.conform("fills", records)


def naive(records: pd.DataFrame) -> tuple[pd.DataFrame, Decimal]:
    """Loop over the fills with a queue of lots for each symbol and strategy; gives the trips and how much lies open."""
    lots: dict[tuple[str, str], deque[list[Any]]] = defaultdict(deque)
    trips = []
    ordered = records.sort_values(["session", "time", "fill_id"])[NEEDED]
    for name, symbol, strategy, side, quantity, price, fee in ordered.itertuples(index=False):
        queue, at, paid = lots[symbol, strategy], Decimal(repr(price)), Decimal(repr(fee))
        size = Decimal(repr(quantity))
        left = size if side == "BUY" else -size
        while left and queue and (queue[0][0] > 0) != (left > 0):
            lot = queue[0]
            taken = min(abs(left), abs(lot[0]))
            gross = taken * (at - lot[1]) * (1 if lot[0] > 0 else -1)
            trips.append((symbol, strategy, lot[4], name, taken, gross, taken * (lot[2] / lot[3] + paid / size)))
            lot[0] -= taken if lot[0] > 0 else -taken
            left += taken if left < 0 else -taken
            if not lot[0]:
                queue.popleft()
        if left:
            queue.append([left, at, paid, size, name])
    found = pd.DataFrame(trips, columns=["symbol", "strategy", "entry", "exit", "quantity", "gross", "fees"])
    return found, sum((abs(lot[0]) for queue in lots.values() for lot in queue), Decimal(0))


def main(count: int) -> None:
    """Reckon both, hold them against each other, and print the table."""
    records, none = fills(count), schema.empty("corporate_actions")
    begun = time.perf_counter()
    ours = round_trips(records, none)
    between = time.perf_counter()
    trips, left = naive(records)
    ended = time.perf_counter()
    pairs = [ours.closed[["entry_fill_id", "exit_fill_id"]], trips[["entry", "exit"]]]
    assert (pairs[0].to_numpy() == pairs[1].to_numpy()).all()
    assert (ours.closed["gross"] - trips["gross"].astype("float64")).abs().max() < CLOSE
    assert abs(ours.closed["fees"].sum() - float(trips["fees"].sum())) < CENT * len(ours.open_lots)
    assert abs(ours.open_lots["quantity"].sum() - float(left)) < CLOSE
    print(f"{count:,} fills, {len(trips):,} trips, {len(ours.open_lots):,} open lots\n")
    print("| what | s |\n|---|---|")
    print(f"| metrics.round_trips, 24 columns | {between - begun:.2f} |")
    print(f"| a loop over the fills, 7 columns | {ended - between:.2f} |")
    print(f"\nloop / ours: {(ended - between) / (between - begun):.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
