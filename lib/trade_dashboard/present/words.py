"""Sentences made from the numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from trade_dashboard.metrics import KPIS, Agreement, Alert, Kpi
from trade_dashboard.present.theme import count, day, listed, money, percent, price, written

__all__ = [
    "agreement_in_words",
    "alert_in_words",
    "answer",
    "counted",
    "dataset_in_words",
    "days_in_words",
    "restated_in_words",
]

ALERTS = {
    "drawdown": "The account is {value} below its best day, beyond the limit of {limit}",
    "largest_position": "{symbol} is {value} of equity, above the limit of {limit} for one position",
    "gross_exposure": "Gross exposure is {value} of equity, above the limit of {limit}",
    "cash_share": "Cash is {value} of equity, below the buffer of {limit}",
}
OTHER = "{label}{about} is {value}, {side} the limit of {limit}"
DATASETS = {
    "bars": "daily bars",
    "cash_flows": "cash flows",
    "corporate_actions": "splits and dividends",
    "service_health": "service health",
}
ROUND = 1e-6
NOTABLE = 0.0005
MADE_BY = 2


def counted(value: float, what: str) -> str:
    """Count things: "1 session", "3 sessions"."""
    return f"{count(value)} {what}{'' if value == 1 else 's'}"


def days_in_words(sessions: pd.DatetimeIndex) -> str:
    """Count sessions, or name the only one: "60 sessions", "31 December 2009"."""
    return day(sessions[0]) if len(sessions) == 1 else counted(len(sessions), "session")


def dataset_in_words(name: str) -> str:
    """Name a dataset for readers."""
    return DATASETS.get(name, name.replace("_", " "))


def alert_in_words(alert: Alert) -> str:
    """Say an alert in one line, with since when."""
    text = ALERTS.get(alert.kpi, OTHER).format(
        label=_label(alert.kpi),
        value=written(alert.value, _unit(alert.kpi)),
        limit=_limit(alert.limit, _unit(alert.kpi)),
        side="above" if alert.value > alert.limit else "below",
        symbol=alert.symbol or "The largest holding",
        about=f" ({alert.symbol})" if alert.symbol else "",
    )
    return f"{text}, since {day(alert.since)}."


def _label(kpi: str) -> str:
    return KPIS[kpi].label if kpi in KPIS else kpi.replace("_", " ").capitalize()


def _unit(kpi: str) -> str:
    return KPIS[kpi].unit if kpi in KPIS else "fraction"


def _limit(limit: float, unit: str) -> str:
    """Write a limit with the decimals that were given to it."""
    if unit != "fraction":
        return written(limit, unit)
    return percent(limit, 0 if abs(100 * limit - round(100 * limit)) < ROUND else 1)


def answer(kpis: Mapping[str, Kpi], holdings: pd.DataFrame, alerts: Sequence[Alert], drawdown: pd.Series) -> str:
    """Answer the nightly question in one sentence: the day, what made it, the drawdown, the limits."""
    limits = {0: "no limit crossed", 1: "one limit crossed"}.get(len(alerts), f"{len(alerts)} limits crossed")
    return f"{_the_day(kpis, holdings)}; {_the_drawdown(drawdown)}; {limits}."


def _the_day(kpis: Mapping[str, Kpi], holdings: pd.DataFrame) -> str:
    pnl, change = kpis["day_pnl"].value, kpis["day_return"].value
    if pnl is None or change is None:
        return "The account's first session: there is no day to compare with yet"
    if abs(change) < NOTABLE:
        return "A flat day"
    made = holdings["pnl"].sort_values(ascending=pnl < 0)
    makers = [str(symbol) for symbol, value in made.head(MADE_BY).items() if value * pnl > 0]
    by = f", mostly {listed(makers)}" if makers else ""
    return f"{'Up' if pnl > 0 else 'Down'} {percent(abs(change))} today ({money(abs(pnl))} USD){by}"


def _the_drawdown(drawdown: pd.Series) -> str:
    fall = drawdown.iloc[-1]
    if pd.isna(fall):
        return "the drawdown is not known"
    if fall == 0:
        return "at its best day ever"
    since = drawdown.index[drawdown == 0][-1]
    age = int((drawdown.index > since).sum())
    return f"{percent(-fall)} below the best day, {age} {'session' if age == 1 else 'sessions'} ago"


def restated_in_words(restated: pd.DataFrame) -> str:
    """Say how many records of which sessions changed; an empty frame says that nothing did."""
    if restated.empty:
        return "Nothing that was told before has changed"
    records, sessions = len(restated.drop_duplicates(["dataset", "key"])), sorted(restated["session"].unique())
    span = day(sessions[0]) if len(sessions) == 1 else f"{day(sessions[0])} to {day(sessions[-1])}"
    return f"{records} {'record' if records == 1 else 'records'} of {span} {'was' if records == 1 else 'were'} restated"


def agreement_in_words(agreement: Agreement) -> str:
    """Say whether the broker agrees."""
    if agreement.session is None:
        return "The broker gave no account value to hold this against."
    told = f"the broker's account value of {price(agreement.broker_equity)} USD on {day(agreement.session)}"
    if agreement.is_opening:
        return f"The broker's only figure so far is the opening {price(agreement.broker_equity)} USD on {day(agreement.session)}."
    if agreement.agrees:
        held = agreement.positions_checked
        shares = f", and all {held} of its positions to the share" if held else ""
        return f"Reckoned from flows, fills and prices alone, equity agrees with {told} to the cent{shares}."
    gap = f"{price(abs(agreement.difference))} USD {'above' if agreement.difference > 0 else 'below'} {told}"
    differing = listed([str(symbol) for symbol in agreement.positions.index])
    return f"Equity reckoned from flows, fills and prices is {gap}" + (
        f"; holdings of {differing} differ." if differing else "."
    )
