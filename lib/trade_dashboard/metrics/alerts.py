"""Limits: which are crossed, which are near, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from trade_dashboard.metrics.account import history
from trade_dashboard.metrics.exposure import weights
from trade_dashboard.metrics.ledger import Ledger
from trade_dashboard.settings import Limits

__all__ = ["Alert", "Severity", "alerts", "crossing", "headroom"]

Severity = Literal["critical", "warning", "notice"]
NEAR = 0.8
STATES = ("crossed", "near", "within", "not known")


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


@dataclass(frozen=True)
class _Rule:
    """One limit: which number it bounds, and from which side."""

    name: str
    severity: Severity
    kpi: str
    series: pd.Series
    limit: float
    symbol: str | None = None
    below: bool = False


def _rules(account: Ledger, limits: Limits, value_at_risk: pd.Series | None) -> list[_Rule]:
    """List every limit that concerns risk, the worst first, with the number it bounds by session."""
    so_far = history(account)
    fall, gross, cash = -so_far["drawdown"], so_far["gross_exposure"], so_far["cash_share"]
    by_symbol = weights(account).abs()
    last = by_symbol.iloc[-1].dropna()
    symbol = str(last.idxmax()) if last.any() else None
    position = by_symbol[symbol] if symbol else so_far["largest_position"]
    lost = [] if value_at_risk is None else [-value_at_risk]
    return [
        _Rule("drawdown", "critical", "drawdown", fall, limits.drawdown),
        _Rule("concentration", "critical", "largest_position", position, limits.concentration, symbol),
        _Rule("drawdown_warning", "warning", "drawdown", fall, limits.drawdown_warning),
        _Rule("position_size", "warning", "largest_position", position, limits.position_size, symbol),
        _Rule("heat", "warning", "gross_exposure", gross, limits.heat),
        _Rule("cash_buffer", "warning", "cash_share", cash, limits.cash_buffer, below=True),
        *(_Rule("value_at_risk", "warning", "var_95", one, limits.value_at_risk) for one in lost),
    ]


def alerts(account: Ledger, limits: Limits, value_at_risk: pd.Series | None = None) -> list[Alert]:
    """Hold the last session against the limits.

    Parameters
    ----------
    account
        Reckoned up to the session to judge.
    limits
        Fractions of equity.
    value_at_risk
        As a return by session, as `metrics.tail_history` gives it; judged only when given. Its alert says the loss, positive.

    Returns
    -------
    list[Alert]
        Worst first; of two limits on one number only the worse. Undefined numbers cross nothing.
    """
    found: dict[str, Alert] = {}
    for rule in _rules(account, limits, value_at_risk):
        alert = crossing(rule.severity, rule.kpi, rule.series, rule.limit, rule.symbol, below=rule.below)
        if alert:
            found.setdefault(alert.kpi, alert)
    return list(found.values())


def headroom(account: Ledger, limits: Limits, value_at_risk: pd.Series | None = None) -> pd.DataFrame:
    """Tell how much of each limit is used, and since when it is so.

    Parameters
    ----------
    account, limits, value_at_risk
        As of `alerts`.

    Returns
    -------
    pd.DataFrame
        Index `limit` (its name in the settings), worst first: `severity` of its alert, `kpi`, `symbol` (None where it is
        about no holding), `now` and `bound` (fractions, losses positive), `headroom` (fraction until the bound, negative
        when crossed), `state`: "crossed", "near" (four fifths are used), "within" or "not known"; and `since`, the first
        session of that state.
    """
    rows = [_room(rule) for rule in _rules(account, limits, value_at_risk)]
    frame = pd.DataFrame(rows).set_index("limit")
    order = frame.assign(
        state=frame["state"].map(STATES.index),
        severity=(frame["severity"] == "warning") & (frame["state"] == "crossed"),
        spare=frame["headroom"] / frame["bound"].where(frame["bound"] > 0, 1.0),
    ).sort_values(["state", "severity", "spare"], kind="stable")
    return frame.loc[order.index]


def _room(rule: _Rule) -> dict[str, object]:
    values, limit = rule.series, rule.limit
    crossed = values < limit if rule.below else values > limit
    near = NEAR * values <= limit if rule.below else values >= NEAR * limit
    states = near.map({True: "near", False: "within"}).mask(crossed, "crossed").mask(values.isna(), "not known")
    turns = states.index[states != states.shift()]
    now = float(values.iloc[-1])
    return {
        "limit": rule.name,
        "severity": rule.severity,
        "kpi": rule.kpi,
        "symbol": rule.symbol,
        "now": now,
        "bound": limit,
        "headroom": now - limit if rule.below else limit - now,
        "state": states.iloc[-1],
        "since": turns[-1],
    }


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
