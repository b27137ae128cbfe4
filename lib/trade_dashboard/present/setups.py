"""What each setup earned, and what trips earned by what else they have in common."""

from __future__ import annotations

import pandas as pd

from trade_dashboard.metrics import Journal, Stat, by_group, summary
from trade_dashboard.present.bars import bar_chart
from trade_dashboard.present.execution import NONE_CLOSED
from trade_dashboard.present.markup import Html, exhibit, join
from trade_dashboard.present.missing import missing
from trade_dashboard.present.tables import FEW, Column, table
from trade_dashboard.present.theme import listed

__all__ = ["clear_of_zero", "earned_by", "is_unnamed", "setups"]

GROUPS = {"weekday": "weekday of the entry", "hour": "hour of the entry", "holding": "sessions held"}
HOW_TO_READ = (
    "Net P&L a trip. Whiskers are 95\u202f% intervals that take trips as independent; of twenty groups one stands clear of "
    "zero by luck alone."
)
AFTERWARDS = "How long a trip is held is known only afterwards."
SETUPS = [
    Column("setup", "Setup"),
    Column("round_trips", "Trips", "count"),
    Column("net_pnl", "Net, USD", "signed_money"),
    Column("expectancy", "Expectancy, USD", "signed_money"),
    Column("win", "Win rate, 95\u202f%", "fraction_interval"),
    Column("profit_factor", "Profit factor", "ratio"),
    Column("fees", "Fees, USD", "money"),
    Column("slippage_bps", "Slippage, bps", "bps"),
]


def setups(told: Journal, *, name: str = "setups") -> Html:
    """Show every setup with its numbers, whose total is the KPIs', and what a trip of each strategy and tag earned."""
    groups = by_group(told.closed, "setup")
    if groups.empty or is_unnamed(groups):
        return missing(
            name,
            "What each setup earned",
            "no fill of these trips names a strategy or a tag" if len(groups) else NONE_CLOSED,
        )
    rows = groups.reset_index().assign(win=pd.Series(_win_rates(groups), dtype="object"))
    whole = summary(told.closed)
    totals = {str(key): whole[key].value for key in groups.columns.intersection(list(whole))}
    earned = int((groups["net_pnl"] > 0).sum())
    return join(
        table(
            rows,
            SETUPS,
            name=name,
            finding=f"{earned} of {len(groups)} {'setup' if len(groups) == 1 else 'setups'} earned money",
            note="Strategy and tag of the opening fill, best first; fewer than five trips are grey.",
            total={"setup": "Total", "win": whole["win_rate"], **totals},
            few="round_trips",
        ),
        earned_by(told, "strategy", "tag"),
    )


def _win_rates(groups: pd.DataFrame) -> list[Stat]:
    sides = groups[["win_rate", "round_trips", "win_low", "win_high"]]
    return [Stat(value, int(n), low, high) for value, n, low, high in sides.itertuples(index=False)]


def earned_by(told: Journal, *groups: str) -> Html:
    """Draw what a trip earned on average by this and that, with intervals and n; the first says how to read them.

    Parameters
    ----------
    groups
        As `metrics.by_group` takes them.
    """
    notes = [HOW_TO_READ, *[""] * len(groups)]
    return join(*(_earned_by(told, group, note) for group, note in zip(groups, notes, strict=False)))


def _earned_by(told: Journal, group: str, note: str) -> Html:
    found = by_group(told.closed, group, told.zone)
    name, title = f"by-{group}", f"By {GROUPS.get(group, group)}"
    if found.empty:
        return missing(name, title, NONE_CLOSED)
    if is_unnamed(found):
        return missing(name, title, f"no fill of these trips carries a {group}")
    if len(found) == 1:
        return exhibit(name, f"{title}: every trip is {found.index[0]}", "", "")
    shown = found.sort_values("expectancy", ascending=False) if group in {"strategy", "tag", "symbol"} else found
    return bar_chart(
        shown["expectancy"],
        name=name,
        finding=f"{title}: {_stands_clear(shown)}",
        note=f"{note} {AFTERWARDS if group == 'holding' else ''}".strip(),
        unit="USD",
        n=shown["round_trips"],
        low=shown["low"],
        high=shown["high"],
    )


def _stands_clear(groups: pd.DataFrame) -> str:
    earners, losers = clear_of_zero(groups)
    if len(groups) in {len(earners), len(losers)}:
        return f"all of them clearly {'earned' if earners else 'lost'}"
    said = [f"{listed(earners)} clearly earned"] if earners else []
    said += [f"{listed(losers)} clearly lost"] if losers else []
    return ", ".join(said) or "nothing stands clear of zero"


def is_unnamed(groups: pd.DataFrame) -> bool:
    """Tell whether no fill said what these are groups of."""
    return list(groups.index) == ["none"]


def clear_of_zero(groups: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Name the groups of at least five trips whose whole interval is above zero, and those where it is below."""
    known = groups[groups["round_trips"] >= FEW]
    above, below = known.index[(known["low"] > 0).to_numpy()], known.index[(known["high"] < 0).to_numpy()]
    return [str(label) for label in above], [str(label) for label in below]
