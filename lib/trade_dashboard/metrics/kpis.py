"""The named numbers that reports glue: what each one means, and its value tonight beside the one before."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import pandas as pd

__all__ = ["KPIS", "Kpi", "Meaning", "nightly_kpis"]

TRAIL = 60


@dataclass(frozen=True)
class Meaning:
    """What a KPI is: a short label, its unit, and its definition."""

    label: str
    unit: str
    definition: str


KPIS = {
    "equity": Meaning("Equity", "USD", "Account value at the close: cash and every holding at its last price."),
    "day_pnl": Meaning(
        "Day P&L", "USD", "Change of equity since the session before, deposits and withdrawals taken out."
    ),
    "day_return": Meaning("Day return", "fraction", "Day P&L on the equity at work: time-weighted, fees taken off."),
    "drawdown": Meaning("Drawdown", "fraction", "How far the account's growth is below its best day; 0 at a new high."),
    "max_drawdown": Meaning("Deepest drawdown", "fraction", "The deepest drawdown since the starting capital."),
    "gross_exposure": Meaning("Gross exposure", "fraction", "Long and short holdings added up, of equity."),
    "net_exposure": Meaning("Net exposure", "fraction", "Long holdings less short ones, of equity."),
    "open_positions": Meaning("Open positions", "count", "Symbols held at the close, long or short."),
    "fills": Meaning("Fills", "count", "Executions of the session."),
    "cash_share": Meaning("Cash", "fraction", "Cash of equity; negative is borrowed."),
    "largest_position": Meaning("Largest position", "fraction", "The largest holding, long or short, of equity."),
}


@dataclass(frozen=True)
class Kpi:
    """One KPI tonight.

    Attributes
    ----------
    name
        As in `KPIS`.
    value, previous
        In the KPI's unit, of this session and the one before; None when undefined.
    reason
        Why `value` is None.
    trail
        Its values up to tonight, oldest first, NaN where undefined.
    previous_session
        The session before.
    """

    name: str
    value: float | None
    previous: float | None
    reason: str | None = None
    trail: tuple[float, ...] = ()
    previous_session: date | None = None

    @property
    def meaning(self) -> Meaning:
        """Label, unit and definition."""
        return KPIS[self.name]


COLUMNS = {"day_pnl": "pnl", "day_return": "return"}


def nightly_kpis(history: pd.DataFrame) -> dict[str, Kpi]:
    """Name the numbers of the last session.

    Parameters
    ----------
    history
        As `metrics.history` gives it.
    """
    return {name: _kpi(name, history[COLUMNS.get(name, name)]) for name in KPIS}


def _kpi(name: str, values: pd.Series) -> Kpi:
    unit = KPIS[name].unit
    value = _number(values.iloc[-1], unit)
    return Kpi(
        name=name,
        value=value,
        previous=_number(values.iloc[-2], unit) if len(values) > 1 else None,
        reason=None if value is not None else _reason(name, len(values)),
        trail=tuple(values.tail(TRAIL).astype("float64")),
        previous_session=values.index[-2].date() if len(values) > 1 else None,
    )


def _number(value: float, unit: str) -> float | None:
    if math.isnan(value):
        return None
    return int(value) if unit == "count" else float(value)


def _reason(name: str, sessions: int) -> str:
    if sessions == 1 and name in COLUMNS:
        return "not enough data: this is the account's first session"
    return "a holding has no price, or equity is not above zero"
