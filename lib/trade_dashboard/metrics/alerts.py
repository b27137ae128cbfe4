"""Limits that are crossed, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from trade_dashboard.settings import Limits

__all__ = ["Alert", "Severity", "alerts"]

Severity = Literal["critical", "warning", "notice"]


@dataclass(frozen=True)
class Alert:
    """One limit that is crossed.

    Attributes
    ----------
    severity
        "critical", "warning" or "notice".
    kpi
        Name of the number that crossed it.
    value, limit
        Fractions.
    since
        First session of the present crossing.
    symbol
        What it is about, where it is about one holding.
    """

    severity: Severity
    kpi: str
    value: float
    limit: float
    since: date
    symbol: str | None = None


def alerts(history: pd.DataFrame, limits: Limits, largest: str | None = None) -> list[Alert]:
    """Hold the last session against the limits.

    Parameters
    ----------
    history
        As `metrics.history` gives it.
    limits
        Fractions of equity.
    largest
        Symbol of the largest position.

    Returns
    -------
    list[Alert]
        Worst first; of two limits on one number only the worse. Undefined numbers cross nothing.
    """
    fall, position, gross = -history["drawdown"], history["largest_position"], history["gross_exposure"]
    below_buffer = _crossing("warning", "cash_share", history["cash_share"], limits.cash_buffer, below=True)
    worst_first = [
        _crossing("critical", "drawdown", fall, limits.drawdown),
        _crossing("critical", "largest_position", position, limits.concentration, largest),
        _crossing("warning", "drawdown", fall, limits.drawdown_warning),
        _crossing("warning", "largest_position", position, limits.position_size, largest),
        _crossing("warning", "gross_exposure", gross, limits.heat),
        below_buffer,
    ]
    found: dict[str, Alert] = {}
    for alert in worst_first:
        if alert:
            found.setdefault(alert.kpi, alert)
    return list(found.values())


def _crossing(  # noqa: PLR0913 - one rule a line
    severity: Severity, kpi: str, values: pd.Series, limit: float, symbol: str | None = None, *, below: bool = False
) -> Alert | None:
    crossed = values < limit if below else values > limit
    if not crossed.iloc[-1]:
        return None
    within = crossed.index[~crossed]
    since = crossed.index[crossed.index > within[-1]][0] if len(within) else crossed.index[0]
    return Alert(severity, kpi, float(values.iloc[-1]), limit, since.date(), symbol)
