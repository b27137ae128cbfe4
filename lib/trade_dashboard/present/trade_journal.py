"""The trade journal's exhibits: what its numbers say in words, and which chart shows them."""

from __future__ import annotations

import pandas as pd

from trade_dashboard.metrics import (
    Journal,
    around,
    by_group,
    costs,
    largest,
    streaks,
    summary,
)
from trade_dashboard.present.execution import NONE_CLOSED, costs_in_words, trips_in_words
from trade_dashboard.present.histogram import histogram
from trade_dashboard.present.lines import line_chart
from trade_dashboard.present.markup import Html
from trade_dashboard.present.missing import missing
from trade_dashboard.present.multiples import small_multiples
from trade_dashboard.present.setups import clear_of_zero, is_unnamed
from trade_dashboard.present.tables import Column, table
from trade_dashboard.present.theme import count, day, listed, money, number, percent, price, signed, written

__all__ = [
    "journal_answer",
    "largest_trips",
    "trips_curve",
    "trips_histogram",
    "trips_table",
]

MOST_TRIPS, MOST_CHARTS = 100, 6
NOTABLE = 1.1
NAMED = ["symbol", "side", "net", "exit_session"]


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
    if is_unnamed(setups):
        return "no fill names its setup"
    earners, losers = clear_of_zero(setups)
    among = f"of {count(len(setups))} setups " if len(setups) > 1 else ""
    if not earners and not losers:
        return f"{among}none stands clear of zero"
    only = "only " if len(setups) > 1 and len(earners) + len(losers) == 1 else ""
    said = [f"{only}{listed(earners)} clearly earned"] if earners else []
    return among + " and ".join([*said, *([f"{only}{listed(losers)} clearly lost"] if losers else [])])


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
    if best > max(NOTABLE * last, 0.0):
        finding += f", {written(best - last, 'USD')} less than on {day(pd.DatetimeIndex(net.index)[int(net.argmax())])}"
    note = "Closed P&L in USD, added up from the first session shown; dividends and open lots are not in it."
    shown = added[["After fees"]] if is_free else added
    return line_chart(
        shown, name=name, finding=finding, note=note, unit="USD", grey=["Before fees"], zero=bool(net.any())
    )


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
    has_setup, has_plan, has_fees = shown["strategy"].notna().any(), shown["r"].notna().any(), shown["fees"].any()
    columns = [
        Column("symbol", "Symbol"),
        Column("net", "Net, USD", "signed_money"),
        *([Column("r", "R", "signed_ratio")] if has_plan else []),
        *([Column("setup", "Setup")] if has_setup else []),
        Column("side", "Side"),
        Column("quantity", "Shares", "shares"),
        Column("entry_price", "Entry, USD", "price"),
        Column("exit_price", "Exit, USD", "price"),
        Column("exit_session", "Closed", "day"),
        Column("sessions_held", "Sessions", "count"),
        *([Column("fees", "Fees, USD", "price")] if has_fees else []),
    ]
    open_ = f"{_lots(len(told.open_lots))} still open{_both_ways(told.open_lots)}"
    return table(
        rows,
        columns,
        name=name,
        finding=_concentration(ordered["net"]),
        note=f"One row a lot closed, first in, first out; shares and prices as of the exit. {open_}.",
        empty=f"No trip was closed in these sessions; {open_}",
        total={"symbol": "Total", "net": ordered["net"].sum(), "fees": ordered["fees"].sum()},
    )


def _both_ways(open_lots: pd.DataFrame) -> str:
    """Name symbols that are open long and short at once: strategies may differ, or a closing fill names none."""
    sides = open_lots.groupby("symbol")["side"].nunique()
    both = [str(symbol) for symbol in sides.index[(sides > 1).to_numpy()]]
    if not both:
        return ""
    named = both[:MOST_CHARTS] + ([f"{len(both) - MOST_CHARTS} more"] if len(both) > MOST_CHARTS else [])
    return f"; {listed(named)} both long and short, as lots are closed by fills of their own strategy alone"


def _concentration(net: pd.Series) -> str:
    """Say what is left without the best trips."""
    if len(net) <= MOST_CHARTS:
        return f"{trips_in_words(len(net))} {_earned(net.sum())}"
    best = net.nlargest(MOST_CHARTS)
    return f"Without the best {len(best)}, the other {trips_in_words(len(net) - len(best))} {_earned(net.sum() - best.sum())}"


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
    note = (
        "Closes in USD a share, as of the exit, from three weeks before the entry to a week after the exit; lots that came "
        "and went together are one."
    )
    return small_multiples(panels, name=name, finding=_largest_in_words(found), note=note, unit="ratio", marks=marks)


def _largest_in_words(found: pd.DataFrame) -> str:
    won, lost = (found["net"][sign * found["net"] > 0] for sign in (1, -1))
    said = [f"{len(won)} won {written(won.sum(), 'USD')}"] if len(won) else []
    said += [f"{len(lost)} lost {written(-lost.sum(), 'USD')}"] if len(lost) else []
    return f"Of the {len(found)} largest, {' and '.join(said) or 'none moved money'}"


def _ends(trip: pd.Series) -> dict[pd.Timestamp, str]:
    into, out = f"in {price(trip['entry_price'])}", f"out {price(trip['exit_price'])}"
    if trip["entry_session"] == trip["exit_session"]:
        return {trip["entry_session"]: f"{into}, {out}"}
    return {trip["entry_session"]: into, trip["exit_session"]: out}
