"""The trade journal's exhibits: what its numbers say in words, and which chart shows them."""

from __future__ import annotations

import pandas as pd

from trade_dashboard.metrics import (
    Journal,
    Stat,
    around,
    by_group,
    costs,
    largest,
    streaks,
    summary,
)
from trade_dashboard.present.bars import bar_chart
from trade_dashboard.present.execution import NONE_CLOSED, costs_in_words, trips_in_words
from trade_dashboard.present.histogram import histogram
from trade_dashboard.present.lines import line_chart
from trade_dashboard.present.markup import Html
from trade_dashboard.present.missing import missing
from trade_dashboard.present.multiples import small_multiples
from trade_dashboard.present.tables import FEW, Column, table
from trade_dashboard.present.theme import count, day, listed, money, number, percent, price, signed, written

__all__ = [
    "earned_by",
    "journal_answer",
    "largest_trips",
    "setups_table",
    "trips_curve",
    "trips_histogram",
    "trips_table",
]

MOST_TRIPS, MOST_CHARTS = 100, 6
GROUPS = {
    "setup": "setup",
    "strategy": "strategy",
    "tag": "tag",
    "symbol": "symbol",
    "side": "side",
    "weekday": "weekday of the entry",
    "hour": "hour of the entry",
    "holding": "holding time",
}
NAMED = ["symbol", "side", "net", "exit_session"]
BY_LUCK = (
    "Net P&L a trip; whiskers are 95\u202f% intervals, and of twenty groups one stands clear of zero by luck alone."
)


def _earned(usd: float) -> str:
    return f"{'earned' if usd >= 0 else 'lost'} {written(abs(usd), 'USD')}"


def journal_answer(told: Journal) -> str:
    """Answer the journal's question in one sentence: what the trips earned, which setups made it, and what trading cost."""
    if told.closed.empty:
        return f"No trip was closed in {len(told.sessions)} sessions; {_lots(len(told.open_lots))} open."
    found = costs(told.closed)
    setups = by_group(told.closed, "setup")
    parts = [
        f"{trips_in_words(len(told.closed))} closed in {len(told.sessions)} sessions {_earned(found.net)} after fees",
        _setups_in_words(setups),
        costs_in_words(found),
    ]
    return f"{'; '.join(parts)}."


def _lots(number_: int) -> str:
    return f"{count(number_)} {'lot is' if number_ == 1 else 'lots are'}"


def _setups_in_words(setups: pd.DataFrame) -> str:
    named = setups[setups.index != "none"]
    if named.empty:
        return "no fill names its setup"
    clear = [str(name) for name in named.index[(named["low"] > 0).to_numpy()]]
    best = f"{named.index[0]} {_earned(named['net_pnl'].iloc[0])}"
    if len(named) > 1:
        best += f" and {named.index[-1]} {_earned(named['net_pnl'].iloc[-1])}"
    return f"{best}, {f'{listed(clear)} clearly above zero' if clear else 'none clearly above zero'}"


def trips_curve(told: Journal, *, name: str = "curve") -> Html:
    """Draw how the trips' profit added up, after fees, and in grey before them."""
    if told.closed.empty:
        return missing(name, "What the trips added up to", NONE_CLOSED)
    daily = told.closed.groupby("exit_session")[["net", "gross"]].sum().reindex(told.sessions, fill_value=0.0)
    added = daily.cumsum().rename(columns={"net": "After fees", "gross": "Before fees"})
    is_free = not told.closed["fees"].any()
    net = added["After fees"]
    best, last = net.max(), net.iloc[-1]
    finding = f"{trips_in_words(len(told.closed))} {_earned(last)}"
    if best > max(last, 0.0):
        finding += f", {written(best - last, 'USD')} less than on {day(pd.DatetimeIndex(net.index)[int(net.argmax())])}"
    note = "Closed P&L in USD, added up from the first session shown; dividends and open lots are not in it."
    shown = added[["After fees"]] if is_free else added
    return line_chart(shown, name=name, finding=finding, note=note, unit="USD", grey=["Before fees"], zero=True)


def setups_table(told: Journal, *, name: str = "setups") -> Html:
    """Show every setup with its win rate, expectancy, profit factor and slippage; the total is the KPIs'."""
    groups = by_group(told.closed, "setup")
    rows = groups.reset_index().assign(win=pd.Series(_win_rates(groups), dtype="object"))
    columns = [
        Column("setup", "Setup"),
        Column("round_trips", "Trips", "count"),
        Column("net_pnl", "Net P&L, USD", "signed_money"),
        Column("expectancy", "Expectancy, USD", "signed_money"),
        Column("win", "Win rate, 95\u202f%", "fraction_interval"),
        Column("profit_factor", "Profit factor", "ratio"),
        Column("fees", "Fees, USD", "money"),
        Column("slippage_bps", "Slippage, bps", "bps"),
    ]
    whole = summary(told.closed)
    totals = {key: whole[key].value for key in groups.columns.intersection(list(whole))}
    positive = int((groups["net_pnl"] > 0).sum())
    finding = f"{positive} of {len(groups)} setups earned money"
    if list(groups.index) == ["none"]:
        finding = "No fill names its setup: all trips are one"
    return table(
        rows,
        columns,
        name=name,
        finding=finding,
        note="Strategy and tag of the opening fill, best first; fewer than five trips are grey.",
        empty="No trip was closed in these sessions",
        total={"setup": "Total", "win": whole["win_rate"], **totals},
        few="round_trips",
    )


def _win_rates(groups: pd.DataFrame) -> list[Stat]:
    sides = groups[["win_rate", "round_trips", "win_low", "win_high"]]
    return [Stat(value, int(n), low, high) for value, n, low, high in sides.itertuples(index=False)]


def earned_by(told: Journal, group: str) -> Html:
    """Draw what a trip of each group earned on average, with its interval and its n; `group` as in `metrics.by_group`."""
    groups = by_group(told.closed, group, told.zone)
    title = f"By {GROUPS[group]}"
    if groups.empty:
        return missing(f"by-{group}", title, NONE_CLOSED)
    if list(groups.index) == ["none"]:
        return missing(f"by-{group}", title, f"no fill of these trips carries a {group}")
    return bar_chart(
        groups["expectancy"],
        name=f"by-{group}",
        finding=f"{title}: {_stands_clear(groups)}",
        note=BY_LUCK,
        unit="USD",
        n=groups["round_trips"],
        low=groups["low"],
        high=groups["high"],
    )


def _stands_clear(groups: pd.DataFrame) -> str:
    """Name the groups whose whole interval is on one side of zero."""
    if len(groups) == 1:
        return f"every trip is {groups.index[0]}"
    known = groups[groups["round_trips"] >= FEW]
    earners = [str(label) for label in known.index[(known["low"] > 0).to_numpy()]]
    losers = [str(label) for label in known.index[(known["high"] < 0).to_numpy()]]
    said = [f"{listed(earners)} clearly earned"] if earners else []
    said += [f"{listed(losers)} clearly lost"] if losers else []
    return ", ".join(said) or "nothing stands clear of zero"


def trips_histogram(told: Journal, *, name: str = "trips-distribution") -> Html:
    """Draw what single trips earned, with their mean and median; the finding says how often and how much."""
    found, runs = summary(told.closed), streaks(told.closed)
    if told.closed.empty:
        return missing(name, "Winners and losers", NONE_CLOSED)
    payoff = found["payoff"]
    finding = f"{percent(found['win_rate'].value)} of the trips won"
    if payoff.defined:
        finding += f", and a winner earned {number(payoff.value, 'ratio')} times what a loser lost"
    lasting = (
        f"; {abs(runs.current)} {'winners' if runs.current > 0 else 'losers'} in a row now" if runs.current else ""
    )
    factor = found["profit_factor"]
    note = (
        f"Net P&L of each trip, USD. Expectancy {written(found['expectancy'].value, 'USD')} a trip; profit factor "
        f"{number(factor.value, 'ratio') if factor.defined else f'undefined, {factor.reason}'}; longest streaks: "
        f"{runs.winning} winners, {runs.losing} losers{lasting}."
    )
    marks = {"Expectancy": found["expectancy"].value, "Median": float(told.closed["net"].median())}
    return histogram(told.closed["net"], name=name, finding=finding, note=note, unit="USD", marks=marks)


def trips_table(told: Journal, *, name: str = "trips") -> Html:
    """Show the trips, those that moved most money first; what is too small to show is one row."""
    ordered = told.closed.sort_values("net", key=lambda net: -net.abs(), kind="stable", ignore_index=True)
    shown, rest = ordered.head(MOST_TRIPS), ordered.iloc[MOST_TRIPS:]
    rows = shown.assign(setup=shown["strategy"].str.cat(shown["tag"], sep=" · ").fillna(shown["strategy"]))
    if len(rest):
        small = pd.DataFrame([{"symbol": f"{trips_in_words(len(rest))} smaller", "net": rest["net"].sum()}])
        rows = pd.concat([rows, small.assign(fees=rest["fees"].sum())], ignore_index=True)
    has_setup, has_plan = shown["strategy"].notna().any(), shown["r"].notna().any()
    columns = [
        Column("symbol", "Symbol"),
        Column("net", "Net P&L, USD", "signed_money"),
        *([Column("r", "R", "signed_ratio")] if has_plan else []),
        Column("side", "Side"),
        Column("quantity", "Shares", "shares"),
        Column("entry_price", "Entry, USD", "price"),
        Column("exit_price", "Exit, USD", "price"),
        Column("entry_session", "Opened", "day"),
        Column("exit_session", "Closed", "day"),
        Column("sessions_held", "Sessions", "count"),
        Column("fees", "Fees, USD", "price"),
        *([Column("setup", "Setup")] if has_setup else []),
    ]
    open_ = f"{_lots(len(told.open_lots))} still open"
    return table(
        rows,
        columns,
        name=name,
        finding=_concentration(ordered["net"]),
        note=f"One row a lot closed, first in, first out; shares and prices as of the exit. {open_}.",
        empty=f"No trip was closed in these sessions; {open_}",
        total={"symbol": "Total", "net": ordered["net"].sum(), "fees": ordered["fees"].sum()},
    )


def _concentration(net: pd.Series) -> str:
    """Say what is left without the best trips."""
    if net.empty:
        return ""
    best = net.sort_values(ascending=False).head(MOST_CHARTS)
    without = net.sum() - best.sum()
    return f"Without the best {len(best)}, {trips_in_words(len(net) - len(best))} {_earned(without)}"


def largest_trips(told: Journal, *, name: str = "largest") -> Html:
    """Draw the closes around the trips that moved most money, each with its entry and exit."""
    found = largest(told.closed, MOST_CHARTS)
    if found.empty:
        return missing(name, "The largest trips", NONE_CLOSED)
    titles = [
        f"{symbol} {side} {signed(money(net))}, {day(closed)}"
        for symbol, side, net, closed in zip(*(found[name_] for name_ in NAMED), strict=True)
    ]
    spans = list(zip(titles, found["symbol"], found["entry_session"], found["exit_session"], strict=True))
    panels = {
        title: around(told, symbol, since, until).rename("Close").to_frame() for title, symbol, since, until in spans
    }
    marks = {title: _ends(trip) for title, (_, trip) in zip(titles, found.iterrows(), strict=True)}
    won = found["net"] > 0
    finding = f"Of the {len(found)} largest, {int(won.sum())} won {written(found['net'][won].sum(), 'USD')}"
    if (~won).any():
        finding += f" and {int((~won).sum())} lost {written(-found['net'][~won].sum(), 'USD')}"
    note = "Closes in USD a share, as of the exit, from three weeks before the entry to a week after the exit; lots that came and went together are one."
    return small_multiples(panels, name=name, finding=finding, note=note, marks=marks)


def _ends(trip: pd.Series) -> dict[pd.Timestamp, str]:
    into, out = f"in {price(trip['entry_price'])}", f"out {price(trip['exit_price'])}"
    if trip["entry_session"] == trip["exit_session"]:
        return {trip["entry_session"]: f"{into}, {out}"}
    return {trip["entry_session"]: into, trip["exit_session"]: out}
