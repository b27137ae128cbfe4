"""The symbols that are watched: what they did, where they stand, what is said of them."""

from __future__ import annotations

import pandas as pd

from trade_dashboard.present.markup import Html
from trade_dashboard.present.tables import Column, table
from trade_dashboard.present.theme import count, listed

__all__ = ["signals_table", "watchlist_table"]

HELD = [Column("symbol", "Symbol"), Column("side", "Held")]
MOVED = [
    Column("close", "Close, USD", "price"),
    Column("move", "Day", "signed_percent"),
    Column("move_5", "5 sessions", "signed_percent"),
    Column("move_20", "20 sessions", "signed_percent"),
    Column("trail", "60 sessions", "spark"),
]
STANDS = [
    Column("to_50", "To 50 mean", "signed_percent"),
    Column("to_200", "To 200 mean", "signed_percent"),
    Column("to_high", "From high", "percent"),
]
SAID = [
    Column("signal", "Signal"),
    Column("before", "Before"),
    Column("confidence", "Confidence", "percent"),
    Column("signal_age", "Age, sessions", "count"),
    Column("indicators", "By"),
    Column("market_state", "In a market of"),
]
SERVICE = "market-analysis"
BRIEF = {"signal", "before", "confidence", "signal_age"}
WORDS = ("BUY", "SELL", "HOLD")


def watchlist_table(watched: pd.DataFrame, *, brief: bool = False, name: str = "watchlist") -> Html:
    """Show what every watched symbol did and where it stands.

    Parameters
    ----------
    watched
        As `metrics.watchlist` gives it.
    brief
        Whether there is room for the moves of the day and the week alone.
    name
        Anchor of the exhibit.
    """
    rows = _rows(watched)
    moved = [one for one in MOVED if not brief or one.name != "move_20"]
    optional = [] if brief else [*STANDS, Column("state", "State"), Column("signal", "Signal")]
    columns = [*HELD, *moved, *(one for one in optional if rows[one.name].notna().any())]
    far = " Distances are from the mean of the last 50 and 200 closes, and from the highest close of the year."
    where = far if not brief and watched["to_50"].notna().any() else ""
    note = f"Held ones first, the largest at the top.{where}{_unpriced(watched)}"
    empty = f"Nothing is held, and {SERVICE} speaks of no symbol"
    return table(rows, columns, name=name, finding=_watchlist_finding(watched), note=note, empty=empty)


def signals_table(watched: pd.DataFrame, sessions: int, *, brief: bool = False, name: str = "signals") -> Html:
    """Show the newest signal of every watched symbol.

    Parameters
    ----------
    watched
        As `metrics.watchlist` gives it.
    sessions
        How many sessions a signal may be old.
    brief
        Whether there is room for the advice, how sure it is and its age alone.
    name
        Anchor of the exhibit.
    """
    rows = _rows(watched).dropna(subset=["signal"]).sort_values(["signal_age", "confidence"], ascending=[True, False])
    said = [one for one in SAID if not brief or one.name in BRIEF]
    columns = [*HELD, *(one for one in said if rows[one.name].notna().any())]
    silent = [str(one) for one in watched.index[(watched["held"] != 0) & watched["signal"].isna()]]
    without = f" No signal for {listed(silent)}, which {'is' if len(silent) == 1 else 'are'} held." if silent else ""
    note = f"The newest of each symbol in {sessions} sessions.{without}"
    empty = f"{SERVICE} gave no signal in {sessions} sessions"
    return table(rows, columns, name=name, finding=_signals_finding(rows), note=note, empty=empty)


def _rows(watched: pd.DataFrame) -> pd.DataFrame:
    return watched.reset_index().assign(side=_sides(watched["held"]).to_numpy())


def _sides(held: pd.Series) -> pd.Series:
    return pd.Series("", index=held.index).mask(held > 0, "long").mask(held < 0, "short")


def _watchlist_finding(watched: pd.DataFrame) -> str:
    held = int((watched["held"] != 0).sum())
    symbols = (
        f"{count(len(watched))} {'symbol' if len(watched) == 1 else 'symbols'} watched, {count(held)} of them held"
    )
    stands = watched["to_200"].dropna()
    if stands.empty:
        return symbols
    return f"{symbols}; {count((stands > 0).sum())} of {count(len(stands))} above their 200-session mean"


def _signals_finding(rows: pd.DataFrame) -> str:
    told = [f"{count((rows['signal'] == word).sum())} {word}" for word in WORDS if (rows["signal"] == word).any()]
    new = int((rows["signal_age"] == 0).sum())
    return f"{listed(told)}; {count(new) if new else 'none'} of tonight"


def _unpriced(watched: pd.DataFrame) -> str:
    """Name what has no bar of the last session."""
    silent = watched[watched["move"].isna() & watched["to_50"].isna()]
    known = silent["close_session"].notna()
    old = silent.index[known & (silent["close_session"] < watched["close_session"].max())]
    never = silent.index[~known]
    told = f" No price of this session for {listed(list(map(str, old)))}: the last one stands in." if len(old) else ""
    return told + (f" No price at all for {listed(list(map(str, never)))}." if len(never) else "")
