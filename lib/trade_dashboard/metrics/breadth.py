"""How many stocks take part in what the market does: above their means, rising, at new highs.

Everything is reckoned on one frame of adjusted closes, sessions × symbols, NaN where a symbol has no bar. A symbol counts
while it trades and no longer, so one that was delisted since is still in the sessions it traded in. A number of sessions
means the symbol's own: one without a bar is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

__all__ = ["Standing", "above", "breadth", "standing"]

MONTH, SHORT, LONG, YEAR = 20, 50, 200, 252
# what adjusting a price can move it by; less is no move
ROUNDING = 1e-9


@dataclass(frozen=True)
class Standing:
    """Where every symbol stands at every session; all frames are sessions × symbols in USD a share, NaN where unknown.

    Attributes
    ----------
    closes
        Adjusted closes.
    before
        The close of the symbol's session before.
    mean_50, mean_200
        Mean of the last 50 and 200 closes, this one included.
    highest, lowest
        The highest and the lowest of the 251 closes before this one.
    """

    closes: pd.DataFrame
    before: pd.DataFrame
    mean_50: pd.DataFrame
    mean_200: pd.DataFrame
    highest: pd.DataFrame
    lowest: pd.DataFrame

    def of(self, symbols: Sequence[str]) -> Standing:
        """Give the same of some symbols; one that is not here is left out."""
        kept = self.closes.columns[self.closes.columns.isin(symbols)]
        return replace(self, **{name: frame[kept] for name, frame in vars(self).items()})


def standing(closes: pd.DataFrame) -> Standing:
    """Reckon where every symbol stands.

    Parameters
    ----------
    closes
        Shape (n_sessions, n_symbols), adjusted, oldest first; NaN means no bar.
    """
    return Standing(
        closes=closes,
        before=_own(closes, pd.DataFrame.shift),
        mean_50=_own(closes, lambda own: own.rolling(SHORT).mean()),
        mean_200=_own(closes, lambda own: own.rolling(LONG).mean()),
        highest=_own(closes, lambda own: own.shift().rolling(YEAR - 1).max()),
        lowest=_own(closes, lambda own: own.shift().rolling(YEAR - 1).min()),
    )


def _own(closes: pd.DataFrame, reckon: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    """Reckon along each symbol's own sessions: holes are closed up, and opened again for the result."""
    values = closes.to_numpy(dtype="float64")
    order = np.argsort(np.isnan(values), axis=0, kind="stable")
    packed = pd.DataFrame(np.take_along_axis(values, order, axis=0))
    result = np.empty_like(values)
    np.put_along_axis(result, order, reckon(packed).to_numpy(), axis=0)
    return pd.DataFrame(result, index=closes.index, columns=closes.columns).where(closes.notna())


def above(closes: pd.DataFrame, level: pd.DataFrame) -> pd.DataFrame:
    """Tell where closes are above a level: 1 above, 0 not, NaN where either is unknown; rounding is no difference."""
    higher = (closes > level * (1 + ROUNDING)).astype("float64")
    return higher.where(closes.notna() & level.notna())


def breadth(standing: Standing) -> pd.DataFrame:
    """Count who takes part, for every session.

    Parameters
    ----------
    standing
        Of the universe.

    Returns
    -------
    pd.DataFrame
        Index `session`: `listed` (symbols with a bar); `above_50` and `above_200` (fractions in [0, 1] of those that have
        that many sessions, NaN while none has) and `of_50`, `of_200` (how many have); `advances` and `declines` (against
        their close before, counts) and `line`, their difference added up from the first session; `highs` and `lows`
        (beyond every one of the 251 closes before, counts) of `of_252` that have 252 sessions, and `highs_20` and `lows_20`,
        those of 20 sessions added up (NaN while nobody has 252).
    """
    closes, before = standing.closes, standing.before
    short, long = above(closes, standing.mean_50), above(closes, standing.mean_200)
    rising, falling = above(closes, before), above(before, closes)
    highs, lows = above(closes, standing.highest), above(standing.lowest, closes)
    old_enough = highs.notna().any(axis="columns")
    return pd.DataFrame(
        {
            "listed": _count(closes.notna()),
            "above_50": short.mean(axis="columns"),
            "of_50": _count(short.notna()),
            "above_200": long.mean(axis="columns"),
            "of_200": _count(long.notna()),
            "advances": _count(rising),
            "declines": _count(falling),
            "line": (_count(rising) - _count(falling)).cumsum(),
            "highs": _count(highs),
            "lows": _count(lows),
            "of_252": _count(highs.notna()),
            "highs_20": _count(highs).rolling(MONTH, min_periods=1).sum().where(old_enough),
            "lows_20": _count(lows).rolling(MONTH, min_periods=1).sum().where(old_enough),
        }
    )


def _count(told: pd.DataFrame) -> pd.Series:
    return told.sum(axis="columns").astype("int64")
