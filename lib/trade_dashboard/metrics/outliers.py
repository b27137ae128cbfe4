"""Prices that do not fit: bars that contradict themselves, splits that nobody told, prints beyond what the symbol does."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trade_dashboard.adjust import adjust

__all__ = ["DEFECTS", "flat_tails", "misfits"]

LEAST_MOVES = 20
SAME = 1e-12
# of a normal distribution: its deviation by its median, and by its mean, absolute deviation
BY_MEDIAN, BY_MEAN = 1.4826, 1.2533
NEAR = 0.02
COMES_BACK = 0.25
TIMES = np.array([1.5, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 50])
RATIOS = np.concatenate([1 / TIMES[::-1], TIMES])

# worst first; a move that stays may be news, all others are defects until someone says otherwise
DEFECTS = ("split", "contradiction", "no session", "spike", "high", "low")
COLUMNS = ["session", "symbol", "what", "price", "against", "change", "deviations", "ratio"]


def misfits(
    bars: pd.DataFrame, actions: pd.DataFrame, sessions: pd.DatetimeIndex, *, beyond: float = 10.0
) -> pd.DataFrame:
    """Name the prices that do not fit.

    Parameters
    ----------
    bars, actions
        Records as in the schema.
    sessions
        Every session of the exchange from the first bar's to the last's.
    beyond
        Robust deviations: the distance from the median by the median absolute deviation (times 1.4826) of the symbol's
        moves, which are log changes of the adjusted close, by the square root of the sessions they span. A symbol with
        fewer than 20 moves is not judged by them.

    Returns
    -------
    pd.DataFrame
        One row a finding, worst kind first, then newest: `session`, `symbol`, `what`, `price` (USD, as traded), `against`
        (the price it is held against), `change` (fraction), `deviations` (NaN where none judge it), `ratio` (new shares
        for each old one; NaN but of splits). `what` is

        - "split": the close is near a plain multiple of the one before (within 2 %), and no split is known between;
        - "contradiction": the high is below the open or close, or the low above;
        - "no session": a bar of a day without trading;
        - "spike": a move beyond that the next close takes back; "move": one that stays, or that nothing followed yet;
        - "high", "low": further from open and close than `beyond` deviations of the symbol's moves.
    """
    ordered = bars.sort_values(["symbol", "session"], kind="stable", ignore_index=True)
    moves = _moves(ordered, actions, sessions)
    stray = _told(moves[~moves["session"].isin(sessions)], "no session", "close", "before")
    found = pd.concat([_closes(moves, beyond), _contradictions(moves), stray, _wicks(moves, beyond)])
    found = found.drop_duplicates(["session", "symbol", "what"])
    kind = pd.Categorical(found["what"], categories=[*DEFECTS, "move"]).codes
    return (
        found.assign(kind=kind)
        .sort_values(["kind", "session", "symbol"], ascending=[True, False, True], ignore_index=True)
        .reindex(columns=COLUMNS)
    )


def _moves(bars: pd.DataFrame, actions: pd.DataFrame, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Set beside each bar the one before of its symbol, the move between them, and how unusual that is for the symbol."""
    symbol = bars["symbol"]
    adjusted = bars["close"].mask(symbol.isin(actions["symbol"]))
    acted = bars[adjusted.isna()]
    adjusted = adjusted.fillna(adjust(acted, actions)["close"])
    span = pd.Series(np.searchsorted(sessions, bars["session"]), index=bars.index).groupby(symbol).diff().clip(lower=1)
    change = np.log(adjusted).groupby(symbol).diff()
    scaled = change / np.sqrt(span)
    middle = scaled.groupby(symbol).transform("median")
    scale = _scale((scaled - middle).abs(), symbol)
    return bars.assign(
        before=bars["close"].groupby(symbol).shift(),
        since=bars["session"].groupby(symbol).shift(),
        change=np.expm1(change),
        deviations=(scaled - middle) / scale,
        back=np.expm1(change + change.groupby(symbol).shift(-1)),
        scale=scale,
        split=_split_known(bars, actions),
    )


def _scale(distance: pd.Series, symbol: pd.Series) -> pd.Series:
    """Estimate the deviation of each symbol's moves; where most moves are alike, by the mean distance; NaN if all are."""
    grouped = distance.groupby(symbol)
    robust = BY_MEDIAN * grouped.transform("median")
    scale = robust.where(robust > SAME, BY_MEAN * grouped.transform("mean"))
    return scale.where((scale > SAME) & (grouped.transform("count") >= LEAST_MOVES))


def _split_known(bars: pd.DataFrame, actions: pd.DataFrame) -> pd.Series:
    """Mark the bars before which, and after the bar before, a split is known."""
    splits = actions.loc[actions["kind"] == "split", ["session", "symbol"]].assign(split=True)
    if splits.empty or bars.empty:
        return pd.Series(False, index=bars.index)
    places = bars[["session", "symbol"]].assign(at=bars.index).sort_values("session", kind="stable")
    met = pd.merge_asof(splits.sort_values("session"), places, on="session", by="symbol", direction="forward")
    return pd.Series(bars.index.isin(met["at"].dropna()), index=bars.index)


def _closes(moves: pd.DataFrame, beyond: float) -> pd.DataFrame:
    """Tell each unusual close as one thing: a spike, else a split that nobody told, else a move; the way back from a spike is none."""
    nearest = _nearest_ratio(moves["before"] / moves["close"])
    unusual = moves["deviations"].abs() > beyond
    # a split that is told for the wrong session goes there and back as well
    told = moves["split"] | moves["split"].groupby(moves["symbol"]).shift(-1, fill_value=False)
    spike = unusual & (moves["back"].abs() <= COMES_BACK * moves["change"].abs()) & ~told
    way_back = spike.groupby(moves["symbol"]).shift(fill_value=False)
    what = pd.Series("", index=moves.index).mask(unusual, "move").mask(nearest.notna() & ~moves["split"], "split")
    what = what.mask(spike, "spike").mask(way_back, "")
    rows = _told(moves, "", "close", "before").assign(what=what, ratio=nearest.where(what == "split"))
    return rows[what != ""]


def _nearest_ratio(shares: pd.Series) -> pd.Series:
    """Find the plain multiple within 2 % of a price ratio; NaN if there is none."""
    ratio = shares.to_numpy()
    right = np.searchsorted(RATIOS, ratio).clip(1, len(RATIOS) - 1)
    low, high = RATIOS[right - 1], RATIOS[right]
    nearest = np.where(np.abs(ratio / low - 1) < np.abs(ratio / high - 1), low, high)
    return pd.Series(nearest, index=shares.index).where(np.abs(ratio / nearest - 1) <= NEAR)


def _contradictions(moves: pd.DataFrame) -> pd.DataFrame:
    ends = moves[["open", "close"]]
    top, bottom = ends.max(axis="columns"), ends.min(axis="columns")
    high, low = moves.assign(against=top), moves.assign(against=bottom)
    return pd.concat(
        [
            _told(high[moves["high"] < top], "contradiction", "high", "against"),
            _told(low[moves["low"] > bottom], "contradiction", "low", "against"),
        ]
    ).assign(change=lambda found: found["price"] / found["against"] - 1, deviations=np.nan)


def _wicks(moves: pd.DataFrame, beyond: float) -> pd.DataFrame:
    ends = moves[["open", "close"]]
    top, bottom = ends.max(axis="columns"), ends.min(axis="columns")
    high = moves.assign(against=top, deviations=np.log(moves["high"] / top) / moves["scale"])
    low = moves.assign(against=bottom, deviations=np.log(moves["low"] / bottom) / moves["scale"])
    return pd.concat(
        [
            _told(high[high["deviations"] > beyond], "high", "high", "against"),
            _told(low[low["deviations"] < -beyond], "low", "low", "against"),
        ]
    ).assign(change=lambda found: found["price"] / found["against"] - 1)


def _told(rows: pd.DataFrame, what: str, price: str, against: str) -> pd.DataFrame:
    kept = rows[["session", "symbol", "change", "deviations"]]
    return kept.assign(what=what, price=rows[price], against=rows[against])


def flat_tails(bars: pd.DataFrame, least: int = 5) -> pd.DataFrame:
    """Find symbols whose last closes are all the same: a price that was carried forward, not traded.

    Parameters
    ----------
    bars
        Records as in the schema.
    least
        How many equal closes at the end make a tail.

    Returns
    -------
    pd.DataFrame
        One row a symbol, longest first: `symbol`, `close` (USD), `closes` (how many), `first` and `last` session of them.
    """
    ordered = bars.sort_values(["symbol", "session"], kind="stable")
    symbol = ordered["symbol"]
    final = ordered["close"].groupby(symbol).transform("last")
    # from the end on: the same as the last until the first that differs
    same = ordered["close"].eq(final)[::-1].groupby(symbol[::-1]).cummin()[::-1].astype("bool")
    tails = (
        ordered[same]
        .groupby("symbol", as_index=False)
        .agg(close=("close", "last"), closes=("close", "size"), first=("session", "min"), last=("session", "max"))
    )
    return tails[tails["closes"] >= least].sort_values(["closes", "symbol"], ascending=[False, True], ignore_index=True)
