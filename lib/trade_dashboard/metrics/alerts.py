"""Limits that are crossed, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from trade_dashboard.metrics.account import history
from trade_dashboard.metrics.ledger import Ledger
from trade_dashboard.settings import Limits

__all__ = ["Alert", "Severity", "alerts", "crossing"]

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


def alerts(account: Ledger, limits: Limits) -> list[Alert]:
    """Hold the last session against the limits.

    Parameters
    ----------
    account
        Reckoned up to the session to judge.
    limits
        Fractions of equity.

    Returns
    -------
    list[Alert]
        Worst first; of two limits on one number only the worse. Undefined numbers cross nothing.
    """
    so_far = history(account)
    fall, gross, cash = -so_far["drawdown"], so_far["gross_exposure"], so_far["cash_share"]
    weights = account.worth.abs().div(so_far["equity"].where(so_far["equity"] > 0), axis="index")
    last = weights.iloc[-1].dropna()
    symbol = str(last.idxmax()) if len(last) else None
    position = weights[symbol] if symbol else so_far["largest_position"]
    worst_first = [
        crossing("critical", "drawdown", fall, limits.drawdown),
        crossing("critical", "largest_position", position, limits.concentration, symbol),
        crossing("warning", "drawdown", fall, limits.drawdown_warning),
        crossing("warning", "largest_position", position, limits.position_size, symbol),
        crossing("warning", "gross_exposure", gross, limits.heat),
        crossing("warning", "cash_share", cash, limits.cash_buffer, below=True),
    ]
    found: dict[str, Alert] = {}
    for alert in worst_first:
        if alert:
            found.setdefault(alert.kpi, alert)
    return list(found.values())


def crossing(
    severity: Severity, kpi: str, values: pd.Series, limit: float, symbol: str | None = None, *, below: bool = False
) -> Alert | None:
    """Tell whether the last of some values is beyond a limit, and since when.

    Parameters
    ----------
    severity, kpi, limit, symbol
        As the alert will say them.
    values
        By session, up to the run date; NaN crosses nothing.
    below
        Whether the limit is the least allowed, not the most.
    """
    if values.empty:
        return None
    crossed = values < limit if below else values > limit
    if not crossed.iloc[-1]:
        return None
    within = crossed.index[~crossed]
    since = crossed.index[crossed.index > within[-1]][0] if len(within) else crossed.index[0]
    return Alert(severity, kpi, float(values.iloc[-1]), limit, since.date(), symbol)
