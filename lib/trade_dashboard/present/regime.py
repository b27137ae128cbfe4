"""The state of the market and its history, and what turned since the session before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from trade_dashboard.metrics import Kpi, Turns, measured_regime
from trade_dashboard.metrics.regime import MEASURED, SERVICE
from trade_dashboard.present.markup import Html, exhibit
from trade_dashboard.present.missing import missing
from trade_dashboard.present.tables import Column, table
from trade_dashboard.present.theme import listed, percent, signed, written

__all__ = ["by_whom", "capital", "regime_now", "regimes_table", "stretches_table", "turns_table"]

RULE = (
    "The trend is up above a rising mean of 200 sessions and down below a falling one; the market is volatile while 20 "
    "sessions move more than they did on three quarters of the year's."
)
MOST_NAMED, FEW_NAMED = 12, 2


def regime_now(
    kpi: Kpi, regimes: pd.DataFrame, stretches: pd.DataFrame, closes: pd.Series, *, name: str = "regime"
) -> Html:
    """Say in which state the market is, since when, what the benchmark did meanwhile, and by whose word.

    Parameters
    ----------
    kpi
        The regime, as `metrics.market_kpis` gives it.
    regimes, stretches
        As of the functions of `metrics` of that name.
    closes
        Adjusted closes of the benchmark, named for its symbol.
    name
        Anchor of the exhibit.
    """
    if kpi.word is None:
        return missing(name, "The state of the market is not known", kpi.reason or "")
    stretch, symbol = stretches.iloc[-1], str(closes.name)
    earned = "" if pd.isna(stretch["return"]) else f"; {symbol} {signed(percent(stretch['return']))} meanwhile"
    lasts = written(float(stretch["sessions"]), "sessions")
    return exhibit(name, f"{capital(kpi.word)} for {lasts}{earned}", by_whom(regimes.iloc[-1], closes), "")


def capital(text: str) -> str:
    """Begin a text with a capital."""
    return text[:1].upper() + text[1:]


def by_whom(now: pd.Series, closes: pd.Series) -> str:
    """Say whose word the regime of a session is, and what would be measured instead."""
    if now["said_by"] != SERVICE:
        return f"Measured by trend and volatility of {closes.name}, because {SERVICE} says nothing of it. {RULE}"
    sure = "" if pd.isna(now["confidence"]) else f", {percent(now['confidence'], 0)} sure"
    ours = measured_regime(closes)["regime"].tail(1)
    measured = f" {capital(MEASURED)} alone would say: {ours.iloc[0]}." if ours.notna().any() else ""
    return f"In the words of {SERVICE}{sure}.{measured}"


def regimes_table(sums: pd.DataFrame, benchmark: str, *, name: str = "regimes") -> Html:
    """Show what each regime added up to; `sums` as `metrics.by_regime` gives it."""
    columns = [
        Column("regime", "Regime"),
        Column("share", "Of sessions", "bar"),
        Column("sessions", "Sessions", "count"),
        Column("stretches", "Times", "count"),
        Column("return", f"{benchmark} in it", "signed_percent"),
    ]
    known = sums.dropna(subset=["return"])
    finding = "What each regime added up to"
    if len(known):
        longest = known.iloc[0]
        finding = f"{capital(str(known.index[0]))} on {percent(longest['share'], 0)} of the sessions, with {benchmark} {signed(percent(longest['return']))}"
    return table(sums.reset_index(), columns, name=name, finding=finding, empty="No regime to add up yet")


def stretches_table(stretches: pd.DataFrame, sessions: pd.Index, benchmark: str, *, name: str = "stretches") -> Html:
    """Show the stretches of regimes that reach into some sessions, newest first; `stretches` as `metrics.stretches` gives it."""
    shown = stretches[stretches["last"] >= sessions[0]][::-1]
    judges = shown["said_by"].unique()
    columns = [
        Column("regime", "Regime"),
        Column("sessions", "Sessions", "count"),
        Column("return", f"{benchmark} in it", "signed_percent"),
        Column("first", "From", "day"),
        Column("last", "To", "day"),
        *([Column("said_by", "By the word of")] if len(judges) > 1 else []),
    ]
    by = f", by the word of {judges[0]}" if len(judges) == 1 else ""
    turned = len(shown) - 1
    times = {0: "It never turned", 1: "It turned once"}.get(turned, f"It turned {turned} times")
    finding = f"{times} in {written(float(len(sessions)), 'sessions')}"
    note = f"Newest first{by}; the return is from the close before a stretch to its last close."
    return table(shown, columns, name=name, finding=finding, note=note, empty="No session shown has a regime")


def turns_table(turns: Turns, since: date, *, name: str = "turns") -> Html:
    """Show what turned in the last session; `since` is the session before."""
    told = {
        "Rose above its 200-session mean": turns.rose,
        "Fell below its 200-session mean": turns.fell,
        "New high of the year": turns.highs,
        "New low of the year": turns.lows,
        "Signal flipped": tuple(
            f"{one.symbol} from {one.before} to {one.signal}" for one in turns.signals.itertuples(index=False)
        ),
        "Regime": (f"from {turns.regime[0]} to {turns.regime[1]}",) if turns.regime else (),
    }
    some = {what: names for what, names in told.items() if names}
    finding = capital("; ".join(_told(what, names) for what, names in some.items()))
    if all(len(names) <= FEW_NAMED for names in some.values()):
        return exhibit(name, finding or f"Nothing is known to have turned since {since:%A}", "", "")
    rows = pd.DataFrame({"what": list(some), "n": map(len, some.values()), "names": map(_some, some.values())})
    columns = [Column("what", f"Since {since:%A}"), Column("n", "How many", "count"), Column("names", "Which")]
    return table(rows, columns, name=name, finding=finding)


def _some(names: Sequence[str]) -> str:
    rest = len(names) - MOST_NAMED
    return listed([*names[:MOST_NAMED], f"{rest} more"] if rest > 0 else list(names))


def _told(what: str, names: Sequence[str]) -> str:
    few = len(names) <= FEW_NAMED
    return f"{what[:1].lower()}{what[1:]}: {listed(list(names)) if few else len(names)}"
