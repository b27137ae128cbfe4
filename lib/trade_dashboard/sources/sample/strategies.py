"""What the sample account's three strategies want, seen from the close before the session they trade in.

`trend` buys breakouts and holds them for weeks, `reversion` buys dips of rising stocks and holds them for days,
`short_book` sells weak stocks short. Rows of a `View` are closes; whoever trades in session `row + 1` may look at
`row` and no further.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trade_dashboard.sources.sample.market import Floats, Market

SLOTS = {"trend": 8, "reversion": 3, "short_book": 2}
SHARE = {"trend": 0.1, "reversion": 0.075, "short_book": 0.055}
STOP = {"trend": 4.0, "reversion": 2.5, "short_book": 3.0}
TARGET = {"trend": 6.0, "reversion": 2.0, "short_book": 4.0}
PATIENCE = {"trend": 80, "reversion": 9, "short_book": 40}
TRAIL = 5.0
TIDY_AGE = 10
NO_PLAN_LOSS = 5.0
JUMP = 0.03
DIP, BOUNCE = -1.6, 1.6
LEAST_SESSIONS = 25


@dataclass(frozen=True)
class View:
    """What every close tells; prices adjusted for splits to the first session, NaN while not known.

    Attributes
    ----------
    close, span, mean5, mean50, high40, low40
        Shape (n_sessions, n_symbols): close, mean true range of 14 sessions, means, extremes of the 40 closes before.
    momentum, dip, jump
        Shape (n_sessions, n_symbols): return of 40 sessions, z-score of the return of 3, opening gap.
    scale
        Shape (n_sessions, n_symbols): shares for each share of the first session; price as traded = price here / scale.
    """

    close: Floats
    span: Floats
    mean5: Floats
    mean50: Floats
    high40: Floats
    low40: Floats
    momentum: Floats
    dip: Floats
    jump: Floats
    scale: Floats


@dataclass
class Holding:
    """One position and the plan behind it; prices as traded today, `quantity` negative when short."""

    symbol: int
    strategy: str
    tag: str
    quantity: int
    cost: float
    since: int
    stop: float
    target: float
    planned: bool
    scaled: bool = False
    last_price: float = 0.0

    @property
    def sign(self) -> int:
        """Tell the direction: 1 long, -1 short."""
        return 1 if self.quantity > 0 else -1


@dataclass(frozen=True)
class Idea:
    """An entry that a strategy wants next session; distances in USD/share as traded then, `limit` 0 at the market."""

    symbol: int
    strategy: str
    tag: str
    reference: float
    stop_distance: float
    target_distance: float
    limit: float = 0.0


def view(market: Market) -> View:
    """Compute every indicator, each row from that close and earlier ones."""
    known = {
        name: pd.DataFrame(np.where(market.traded, getattr(market, name) * market.scale, np.nan))
        for name in ("open", "high", "low", "close")
    }
    close = known["close"].ffill()
    before = close.shift()
    true_range = known["high"].where(known["high"] > before, before) - known["low"].where(known["low"] < before, before)
    three = close / close.shift(3) - 1
    found = {
        "close": close,
        "span": true_range.rolling(14, min_periods=10).mean(),
        "mean5": close.rolling(5).mean(),
        "mean50": close.rolling(50, min_periods=20).mean(),
        "high40": before.rolling(40, min_periods=20).max(),
        "low40": before.rolling(40, min_periods=20).min(),
        "momentum": close / close.shift(40).fillna(close.shift(20)) - 1,
        "dip": three / three.rolling(60, min_periods=20).std(),
        "jump": known["open"] / before - 1,
    }
    return View(**{name: frame.to_numpy(float).round(4) for name, frame in found.items()}, scale=market.scale)


def ideas(seen: View, row: int) -> Iterator[Idea]:
    """List the entries wanted for session `row + 1`, the strongest of each strategy first."""
    if row < LEAST_SESSIONS:
        return
    close, momentum = seen.close[row, :-1], seen.momentum[row, :-1]
    for at in np.argsort(-momentum, kind="stable").tolist():
        if close[at] > seen.high40[row, at]:
            yield _idea(seen, row, at, "trend")
        elif seen.dip[row, at] < DIP and close[at] > seen.mean50[row, at]:
            yield _idea(seen, row, at, "reversion")
    for at in np.argsort(momentum, kind="stable").tolist():
        weak = close[at] < seen.low40[row, at] or (seen.dip[row, at] > BOUNCE and close[at] < seen.mean50[row, at])
        if weak and momentum[at] < 0:
            yield _idea(seen, row, at, "short_book")


def _idea(seen: View, row: int, at: int, strategy: str) -> Idea:
    scale = seen.scale[row + 1, at]
    reference, span = (round(float(values[row, at] / scale), 2) for values in (seen.close, seen.span))
    limit = round(reference * 0.996, 2) if strategy == "reversion" else 0.0
    stop, target = round(span * STOP[strategy], 2), round(span * TARGET[strategy], 2)
    return Idea(at, strategy, _tag(seen, row, at, strategy), reference, stop, target, limit)


def _tag(seen: View, row: int, at: int, strategy: str) -> str:
    if abs(seen.jump[row, at]) > JUMP:
        return "earnings" if (row - at) % 3 == 0 else "gap"
    if (row + at) % 9 == 0:
        return ""
    if strategy == "short_book":
        return "fade" if seen.close[row, at] > seen.low40[row, at] else "breakdown"
    return {"trend": "breakout", "reversion": "pullback"}[strategy]


def wants_out(seen: View, row: int, held: Holding, *, tidy: bool) -> bool:
    """Decide at the close of `row` whether a position is to be closed at the market in session `row + 1`.

    With `tidy`, as for the last session of a quarter, what has had its time and is under water goes as well.
    """
    if row <= held.since:
        return False
    at, sign = held.symbol, held.sign
    close, span = seen.close[row, at], seen.span[row, at]
    if row - held.since >= PATIENCE[held.strategy]:
        return True
    cost = held.cost * seen.scale[row + 1, at]
    if not held.planned and sign * (close - cost) < -NO_PLAN_LOSS * span:
        return True
    if tidy and row - held.since >= TIDY_AGE and sign * (close - cost) < 0:
        return True
    if held.strategy == "reversion":
        return bool(close > seen.mean5[row, at])
    best = sign * np.max(sign * seen.close[held.since : row + 1, at])
    return bool(sign * (close - best) < -TRAIL * span)
