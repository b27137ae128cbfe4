"""How the journal's trips were carried out: R and plan, worst and best moments, and costs, in words and exhibits."""

from __future__ import annotations

import pandas as pd

from trade_dashboard.metrics import Costs, Journal, against_plan, costs, summary
from trade_dashboard.present.histogram import histogram
from trade_dashboard.present.markup import Html, join
from trade_dashboard.present.missing import missing
from trade_dashboard.present.scatter import scatter
from trade_dashboard.present.tables import Column, table
from trade_dashboard.present.theme import count, number, percent, signed, written

__all__ = [
    "NONE_CLOSED",
    "costs_in_words",
    "costs_table",
    "excursion_scatters",
    "excursions_table",
    "plan_table",
    "r_histogram",
    "trips_in_words",
]

MOST_DOTS = 400
NONE_CLOSED = "no trip was closed in these sessions"


def trips_in_words(number_: float) -> str:
    """Count trips: "1 trip", "95 trips"."""
    return f"{count(number_)} {'trip' if number_ == 1 else 'trips'}"


def r_histogram(told: Journal, *, name: str = "r-multiples") -> Html:
    """Draw what trips earned in units of what they risked; those without a plan are counted, not drawn."""
    planned = told.closed["r"].dropna()
    unplanned = len(told.closed) - len(planned)
    if planned.empty:
        reason = f"none of {trips_in_words(len(told.closed))} had a stop" if unplanned else NONE_CLOSED
        return missing(name, "R-multiples", reason)
    lacking = f"{count(unplanned)} of {trips_in_words(len(told.closed))}" if unplanned else "no trip"
    finding = f"{signed(number(planned.mean(), 'ratio'))} R a trip on average; {lacking} had no plan"
    note = f"R is net P&L by initial risk, |entry \u2212 stop| × quantity, of {trips_in_words(len(planned))} that had a stop."
    return histogram(planned, name=name, finding=finding, note=note, unit="ratio", marks={"Mean R": planned.mean()})


def plan_table(told: Journal, *, name: str = "plan") -> Html:
    """Show where trips left against where they were planned to leave."""
    found = against_plan(told.closed)
    if found.empty:
        return missing(name, "Planned against actual", "no trip here had a stop" if len(told.closed) else NONE_CLOSED)
    trips = found["trips"].sum()
    early = found["trips"].get("between", 0)
    finding = f"{percent(early / trips, 0)} of the planned trips were closed before either stop or target"
    columns = [
        Column("outcome", "Left"),
        Column("trips", "Trips", "count"),
        Column("planned", "Plan, R", "ratio"),
        Column("r", "Actual, R", "signed_ratio"),
        Column("net", "Net, USD", "signed_money"),
    ]
    return table(
        found.reset_index().astype({"outcome": "str"}),
        columns,
        name=name,
        finding=finding,
        note="Plan is the target's distance by the stop's, of the opening fill; at a level is within a tenth of the way to it.",
        total={"outcome": "Total", "trips": trips, "r": told.closed["r"].mean(), "net": found["net"].sum()},
        few="trips",
    )


def _in_r(told: Journal) -> tuple[str, str, str]:
    """Choose R where most trips have one, else USD: a suffix of columns, the unit, and its name."""
    return ("_r", "ratio", "R") if told.closed["r"].notna().mean() > 1 / 2 else ("", "USD", "USD")


def excursion_scatters(told: Journal, *, name: str = "excursions") -> Html:
    """Draw how deep winners had been in loss, and how high losers had been in profit."""
    suffix, unit, word = _in_r(told)
    result = "r" if suffix else "net"
    winners, losers = (told.closed[sign * told.closed["net"] > 0] for sign in (1, -1))
    pieces = []
    for side, trips, column, what in (
        ("winners", winners, "mae", "Worst moment"),
        ("losers", losers, "mfe", "Best moment"),
    ):
        pieces.append(
            scatter(
                _most_moved(trips, result),
                f"{column}{suffix}",
                result,
                name=f"{name}-{side}",
                finding=_excursion_in_words(trips[f"{column}{suffix}"], side, unit, word),
                note=f"Each dot is one of the {side}: {what.lower()} while it was open, and what it brought.{_left_out(len(trips))}",
                x_unit=unit,
                y_unit=unit,
                x_label=f"{what}, {word}",
                y_label=f"Net P&L, {word}",
                label="symbol",
            )
        )
    return join(*pieces)


def _most_moved(trips: pd.DataFrame, result: str) -> pd.DataFrame:
    return trips.sort_values(result, key=lambda values: -values.abs(), kind="stable").head(MOST_DOTS)


def _left_out(trips: int) -> str:
    return f" The {MOST_DOTS} largest of {trips_in_words(trips)} are drawn." if trips > MOST_DOTS else ""


def _resolution(told: Journal) -> str:
    closes = told.closed["closes_only"].any()
    return f"From daily {'closes alone, as highs and lows are missing' if closes else 'highs and lows'}, and the fills."


def _excursion_in_words(moves: pd.Series, side: str, unit: str, word: str) -> str:
    known = moves.dropna()
    if known.empty:
        return f"How far {side} had been on the other side"
    middle = number(abs(known.median()), unit)
    where = "loss" if side == "winners" else "profit"
    if not any(digit in middle for digit in "123456789"):
        return f"Half of the {side} were never in {where}"
    if side == "winners":
        return f"Half of the winners were never more than {middle}\u202f{word} in loss"
    return f"Half of the losers had been at least {middle}\u202f{word} in profit"


def excursions_table(told: Journal, *, name: str = "give-back") -> Html:
    """Show what winners and losers went through on average, and how much of the best moment was given back."""
    known = told.closed.dropna(subset=["mfe"])
    outcome = known["net"].gt(0).map({True: "winners", False: "others"})
    sums = known.groupby(outcome)[["mae", "mfe", "give_back", "gross"]].agg("mean").assign(trips=outcome.value_counts())
    if sums.empty:
        return missing(name, "Give-back", "no trip here has a price between its entry and its exit")
    rows = sums.reindex(["winners", "others"]).dropna(how="all").rename_axis("outcome").reset_index()
    whole = known[["mae", "mfe", "give_back", "gross"]].mean()
    columns = [
        Column("outcome", "Means of"),
        Column("trips", "Trips", "count"),
        Column("mae", "Worst, USD", "money"),
        Column("mfe", "Best, USD", "money"),
        Column("gross", "Exit, USD", "signed_money"),
        Column("give_back", "Give-back, USD", "money"),
    ]
    won = known[known["net"] > 0]
    share = won["give_back"].sum() / won["mfe"].sum() if len(won) else float("nan")
    finding = f"Winners gave back {percent(share, 0)} of their best moment" if len(won) else "No trip won"
    note = f"{_resolution(told)} Give-back is the best moment less the exit, all before fees."
    total = {"outcome": "All", "trips": len(known)} | {str(key): mean for key, mean in whole.items()}
    return table(rows, columns, name=name, finding=finding, note=note, total=total, few="trips")


def costs_table(told: Journal, *, name: str = "costs") -> Html:
    """Show what stands between the decision and the money: slippage, then fees."""
    if told.closed.empty:
        return missing(name, "What trading cost", NONE_CLOSED)
    found = costs(told.closed)
    slipped = [("At arrival prices", found.before), ("Slippage", -found.slippage)] if found.arrived else []
    steps = [*slipped, ("Gross", found.gross), ("Fees", -found.fees), ("Net", found.net)]
    rows = pd.DataFrame(steps, columns=["step", "usd"]).assign(share=[found.share(usd).value for _, usd in steps])
    columns = [
        Column("step", "Profit of the trips"),
        Column("usd", "USD", "signed_money"),
        Column("share", "Share", "percent"),
    ]
    said = costs_in_words(found)
    return table(rows, columns, name=name, finding=said[0].upper() + said[1:], note=_arrivals_in_words(told, found))


def _arrivals_in_words(told: Journal, found: Costs) -> str:
    if not found.arrived:
        return "No fill carries an arrival price: slippage is not known."
    bps = written(summary(told.closed)["slippage_bps"].value, "bps")
    said = f"Slippage is {bps} of the value at the arrival prices, positive = cost."
    if found.arrived < found.fills:
        said += (
            f" {count(found.arrived)} of {count(found.fills)} fills carry one; the others count with their own price."
        )
    return said


def costs_in_words(found: Costs) -> str:
    """Say what trading took."""
    if not found.fees and not found.arrived:
        return "neither fees nor arrival prices are recorded"
    said = f"fees took {written(found.fees, 'USD')}"
    if found.arrived:
        gave = "slippage gave" if found.slippage < 0 else "slippage"
        said += f" and {gave} {written(abs(found.slippage), 'USD')}"
    share = found.share(found.fees + (found.slippage if found.arrived else 0.0))
    return f"{said}, {percent(share.value)} of the profit before costs" if share.defined else said
