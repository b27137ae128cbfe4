"""What the risk report says: its answer, its limits, what is held, and how that moves together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from trade_dashboard.metrics import (
    NO_SECTOR,
    UNASSIGNED,
    Alert,
    Concentration,
    Kpi,
    Risk,
    Stat,
    effective_bets,
    undefined,
)
from trade_dashboard.metrics import correlation as correlate
from trade_dashboard.present.bars import bar_chart
from trade_dashboard.present.heatmap import heatmap
from trade_dashboard.present.lines import line_chart
from trade_dashboard.present.markup import Html
from trade_dashboard.present.missing import missing
from trade_dashboard.present.tables import Column, table
from trade_dashboard.present.theme import listed, money, number, percent

__all__ = [
    "RISK_EVIDENCE",
    "concentration_chart",
    "correlation_map",
    "exposure_chart",
    "limits_table",
    "risk_answer",
    "risk_positions",
    "sector_chart",
    "strategy_chart",
]

RISK_EVIDENCE = {
    "drawdown": "limits",
    "cash_share": "limits",
    "largest_position": "positions",
    "gross_exposure": "exposure",
    "var_95": "tail",
}
LIMITS = {
    "drawdown": "Drawdown",
    "drawdown_warning": "Drawdown, warning",
    "concentration": "Size of {symbol}, critical",
    "position_size": "Size of {symbol}",
    "heat": "Gross exposure",
    "cash_buffer": "Cash, at least",
    "value_at_risk": "Value at risk",
}
SHOWN = 250
MOST_CORRELATED = 15
NAMED = 3
ALIKE = 0.005
UNVALUED = "a holding has no price, or equity is not above zero"


def risk_answer(risk: Risk, kpis: Mapping[str, Kpi], alerts: Sequence[Alert]) -> str:
    """Answer the question of the report in one sentence: what carries the risk, what it could lose, the limits."""
    limits = {0: "no limit crossed", 1: "one limit crossed"}.get(len(alerts), f"{len(alerts)} limits crossed")
    if risk.positions.empty:
        return f"Nothing is held, so the market can take nothing; {limits}."
    return f"{_carried(risk)}; {_the_loss(risk, kpis['var_95'])}; {limits}."


def _carried(risk: Risk) -> str:
    shares = risk.positions["risk_share"].sort_values(ascending=False, kind="stable")
    held = _positions(len(shares))
    if shares.isna().any():
        return f"{held} held"
    if len(shares) == 1:
        return f"One position, {shares.index[0]}, is all the risk"
    top = shares.head(min(NAMED, len(shares) - 1))
    verb = "carries" if len(top) == 1 else "carry"
    return (
        f"{listed([str(symbol) for symbol in top.index])} {verb} {percent(top.sum(), 0)} of the risk of {held.lower()}"
    )


def _the_loss(risk: Risk, var: Kpi) -> str:
    if var.value is None:
        return f"what the book could lose is not known ({var.reason})"
    if var.value >= 0:
        return "fewer than one session in twenty would have cost today's book anything"
    loss = f"{percent(-var.value)} ({money(-var.value * _equity(risk))} USD)"
    return f"on one session in twenty today's book would have lost more than {loss}"


def unweighed(risk: Risk) -> str:
    """Say why nothing can be said of the book as a part of equity; empty when it can."""
    if risk.positions.empty:
        return "nothing is held"
    return UNVALUED if risk.positions["weight"].isna().any() else ""


def _equity(risk: Risk) -> float:
    return float(risk.history["equity"].iloc[-1])


def _positions(number: int) -> str:
    return f"{number} {'position' if number == 1 else 'positions'}"


def limits_table(room: pd.DataFrame, alerts: Sequence[Alert], *, name: str = "limits") -> Html:
    """Show every limit with what is left of it, the worst first.

    Parameters
    ----------
    room
        As `metrics.headroom` gives it.
    alerts
        Those of the same session; a number with two limits is one of them.
    name
        Anchor of the exhibit.
    """
    near = int((room["state"] == "near").sum())
    crossed = {0: "No limit is crossed", 1: "One limit is crossed"}.get(
        len(alerts), f"{len(alerts)} limits are crossed"
    )
    symbols = room["symbol"].fillna("the largest position")
    rows = room.reset_index().assign(
        label=[LIMITS[str(key)].format(symbol=symbol) for key, symbol in symbols.items()],
        state=[_state(state, severity) for state, severity in zip(room["state"], room["severity"], strict=True)],
    )
    columns = [
        Column("label", "Limit on"),
        Column("state", "State", "written"),
        Column("now", "Now", "percent"),
        Column("bound", "Limit", "percent"),
        Column("headroom", "Headroom", "signed_percent"),
        Column("since", "Since", "day"),
    ]
    note = "Fractions of equity; near is from four fifths of a limit on. Of two limits on one number the graver counts."
    return table(rows, columns, name=name, finding=f"{crossed}, {near or 'none'} near", note=note)


def _state(state: str, severity: str) -> str:
    tone = {"crossed": f" {severity}", "near": " notice"}.get(state, "")
    return f'<data class="severity{tone}">{state}</data>'


def risk_positions(risk: Risk, *, name: str = "positions") -> Html:
    """Show what is held: its size, how it moves with the market, its part of the risk, and how it could be left."""
    held = risk.positions
    rows = held.reset_index().assign(
        symbol=held.index.astype("str"),
        to_stop=pd.Series(map(_to_stop, held["distance"], held["plan"]), dtype="object"),
        days=[days_in_words(days) for days in held["days_to_sell"]],
    )
    columns = [
        Column("symbol", "Symbol"),
        Column("weight", "Of equity", "bar"),
        Column("value", "Value, USD", "money"),
        Column("risk_share", "Of the risk", "percent"),
        Column("beta", "Beta", "ratio"),
        Column("age", "Oldest lot, sessions", "count"),
        Column("days", "Sessions to sell", "written"),
        Column("to_stop", "To the stop", "stat_fraction"),
    ]
    note = (
        "Largest first. Of the risk: the part of the book's variance; negative takes risk off the others. To the stop: what the "
        "price may still move against the holding."
    )
    total = {
        "symbol": "Total",
        "value": held["value"].sum(skipna=False),
        "risk_share": held["risk_share"].sum(skipna=False),
    }
    finding = _held_finding(held["weight"])
    return table(rows, columns, name=name, finding=finding, note=note, empty="Nothing is held", total=total)


def _to_stop(distance: float, plan: str) -> Stat:
    return Stat(distance, 1) if plan == "stop" else undefined("stop passed" if plan == "passed" else plan)


def days_in_words(days: float) -> str:
    """Write how many sessions a sale takes; those that take next to none say so."""
    text = f"under {number(0.1, 'ratio')}" if days < 0.1 else number(days, "ratio")  # noqa: PLR2004
    return text if pd.isna(days) else f'<data value="{days:.6g}">{text}</data>'


def _held_finding(weights: pd.Series) -> str:
    short = int((weights < 0).sum())
    sides = {0: "", len(weights): ", all short"}.get(short, f", {short} of them short")
    if weights.isna().any():
        return f"{_positions(len(weights))} held; {'its' if len(weights) == 1 else 'their'} part of equity is not known"
    top = weights.abs().sort_values(ascending=False).head(NAMED)
    if len(weights) <= NAMED:
        return f"{_positions(len(weights))}{sides}: {percent(top.sum(), 0)} of equity"
    return f"{_positions(len(weights))}{sides}; the largest three are {percent(top.sum() / weights.abs().sum(), 0)} of gross exposure"


def exposure_chart(exposure: pd.DataFrame, *, name: str = "exposure") -> Html:
    """Draw gross and net exposure over the last 250 sessions; `exposure` as `metrics.exposure` gives it."""
    shown = exposure.tail(SHOWN)
    last, gross = shown.iloc[-1], shown["gross"]
    if pd.isna(last["gross"]):
        finding = f"Exposure is not known: {UNVALUED}"
    else:
        finding = f"Gross exposure is {percent(last['gross'], 0)} and net {percent(last['net'], 0)} of equity"
    span = f" Gross was between {percent(gross.min(), 0)} and {percent(gross.max(), 0)}." if gross.notna().any() else ""
    note = f"Fractions of equity at the close, {len(shown)} sessions; net is long less short.{span}"
    lines = shown[["gross", "net"]].set_axis(["Gross", "Net"], axis="columns")
    return line_chart(lines, name=name, finding=finding, note=note, zero=True)


def sector_chart(sectors: pd.DataFrame, *, name: str = "sectors") -> Html:
    """Draw net exposure by sector; `sectors` as `metrics.by_sector` gives it."""
    if len(sectors) and set(sectors.index) == {NO_SECTOR}:
        return missing(name, "By sector", "no source says which sector a holding is of")
    return _group_chart(sectors, "sector", name)


def strategy_chart(strategies: pd.DataFrame, *, name: str = "strategies") -> Html:
    """Draw net exposure by strategy; `strategies` as `metrics.by_strategy` gives it."""
    if len(strategies) and set(strategies.index) == {UNASSIGNED}:
        return missing(name, "By strategy", "no fill says which strategy it is of")
    return _group_chart(strategies, "strategy", name)


def _group_chart(groups: pd.DataFrame, what: str, name: str) -> Html:
    if groups.empty or groups["gross"].isna().any():
        return missing(name, f"By {what}", "nothing is held" if groups.empty else UNVALUED)
    first = groups.iloc[0]
    side = ", long and short" if first["long"] and first["short"] else ", short" if first["short"] else ", long"
    finding = f"{_named(str(groups.index[0]))} is the largest {what}: {percent(first['gross'], 0)} of equity{side}"
    labels = [
        f"{_named(str(key))} (gross {percent(gross, 0)})" if gross - abs(net) > ALIKE else _named(str(key))
        for key, gross, net in zip(groups.index, groups["gross"], groups["net"], strict=True)
    ]
    note = "Net exposure, fractions of equity; gross is beside the name where longs and shorts meet."
    return bar_chart(groups["net"].set_axis(labels), name=name, finding=finding, note=note)


def _named(key: str) -> str:
    return key.replace("_", " ").capitalize()


def concentration_chart(risk: Risk, found: Concentration, *, name: str = "concentration") -> Html:
    """Draw each holding's part of the risk, and say how few holdings the book is; `found` as `metrics.concentration` gives it."""
    shares = risk.positions["risk_share"].sort_values(ascending=False, kind="stable")
    if not found.largest.defined:
        return missing(name, "Concentration", found.largest.reason)
    size = (
        f"{found.symbol} is the largest, {percent(found.largest.value)} of equity; the five largest are "
        f"{percent(found.top.value, 0)}. Herfindahl index {number(found.herfindahl.value, 'ratio')}: as concentrated as "
        f"{number(found.effective_number.value, 'ratio')} equal positions."
    )
    if lacking := effective_bets(risk.now, risk.returns).reason:
        return missing(
            name, f"As concentrated as {number(found.effective_number.value, 'ratio')} equal positions", lacking
        )
    top = shares.head(min(NAMED, len(shares)))
    gross = risk.positions["weight"].abs()
    finding = (
        f"{listed([str(symbol) for symbol in top.index])} {'is' if len(top) == 1 else 'are'} {percent(top.sum(), 0)} of the "
        f"risk and {percent(gross[top.index].sum() / gross.sum(), 0)} of gross exposure"
    )
    return bar_chart(shares, name=name, finding=finding, note=f"Part of the book's variance. {size}", by_sign=False)


def correlation_map(risk: Risk, bets: Kpi, *, name: str = "correlation") -> Html:
    """Show how the largest holdings move together, and how many bets they are."""
    names = [str(symbol) for symbol in risk.positions.index[:MOST_CORRELATED]]
    held = len(risk.positions)
    finding = (
        f"How {_positions(held)} move together"
        if bets.value is None
        else f"{_positions(held)}, as diversified as {number(bets.value, 'ratio')} independent ones"
    )
    if held < 2:  # noqa: PLR2004 - a pair is needed
        return missing(name, "Correlation", "fewer than two positions are held")
    pairs = correlate(risk.returns[names])
    apart = pairs.mask(np.eye(len(names), dtype="bool"))
    note = (
        f"Correlation of daily returns over up to {risk.lookback} sessions, of the symbols themselves: a short holding earns when "
        f"its symbol falls.{_closest(apart)}"
    )
    if bets.value is None:
        note += f" Effective bets: {bets.reason}."
    elif bets.value > held:
        note += " More than there are positions: longs and shorts take risk off each other."
    return heatmap(apart, name=name, finding=finding, note=note, unit="ratio", strongest=1.0)


def _closest(pairs: pd.DataFrame) -> str:
    values = pairs.to_numpy(dtype="float64")
    if np.isnan(values).all():
        return ""
    one, other = divmod(int(np.nanargmax(values)), values.shape[1])
    mean, most = float(np.nanmean(values)), float(values[one, other])
    closest = f"{pairs.index[one]} and {pairs.columns[other]}, {number(most, 'ratio')}"
    return f" The mean is {number(mean, 'ratio')}; closest are {closest}."
