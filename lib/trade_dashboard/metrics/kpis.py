"""The named numbers that reports glue: what each one means, and its value tonight beside the one before."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from trade_dashboard.metrics.stat import Stat

__all__ = ["KPIS", "REPORTS", "Kpi", "Meaning", "kpis", "nightly_kpis"]

TRAIL = 60
COLUMNS = {"day_pnl": "pnl", "day_return": "return"}

REPORTS = {
    "nightly_summary": (
        "equity",
        "day_pnl",
        "day_return",
        "drawdown",
        "max_drawdown",
        "gross_exposure",
        "net_exposure",
        "open_positions",
        "fills",
        "cash_share",
        "largest_position",
    ),
    "performance": (
        "total_return",
        "cagr",
        "volatility",
        "sharpe",
        "sortino",
        "calmar",
        "max_drawdown",
        "current_drawdown",
        "psr",
        "dsr",
        "beta",
        "alpha",
        "tracking_error",
        "information_ratio",
    ),
    "trade_journal": ("round_trips", "win_rate", "expectancy", "profit_factor", "net_pnl", "fees", "slippage_bps"),
    "risk": (
        "gross_exposure",
        "net_exposure",
        "var_95",
        "cvar_95",
        "largest_position",
        "effective_bets",
        "limits_crossed",
    ),
    "market_overview": ("breadth_200", "market_return_20", "volatility_rank", "regime"),
    "discovery_review": ("candidates", "hit_rate_5", "median_excess_5", "ic_5"),
    "data_quality": ("freshness_sessions", "completeness", "quarantined", "restatements", "breaks"),
}


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
    "total_return": Meaning("Total return", "fraction", "Growth over the sessions shown, time-weighted, fees off."),
    "cagr": Meaning("CAGR", "fraction", "Growth a year over the sessions shown, by calendar days of 365.25 a year."),
    "volatility": Meaning("Volatility", "fraction", "Standard deviation of session returns, times √252."),
    "sharpe": Meaning(
        "Sharpe ratio", "ratio", "Mean of the returns above the risk-free rate, by their deviation, times √252."
    ),
    "sortino": Meaning(
        "Sortino ratio",
        "ratio",
        "Mean of the returns above the risk-free rate, by their downside deviation, times √252.",
    ),
    "calmar": Meaning("Calmar ratio", "ratio", "CAGR by the deepest drawdown of the sessions shown."),
    "current_drawdown": Meaning("Current drawdown", "fraction", "How far growth is below its best session shown."),
    "psr": Meaning(
        "Probabilistic Sharpe",
        "fraction",
        "Probability that the true Sharpe ratio is above zero, by skew and kurtosis.",
    ),
    "dsr": Meaning(
        "Deflated Sharpe", "fraction", "The same above what the best of the trials would show by luck alone."
    ),
    "beta": Meaning("Beta", "ratio", "Slope of the account's excess returns on the benchmark's."),
    "alpha": Meaning("Alpha", "fraction", "Intercept of that line, times 252: return a year that the market is not."),
    "tracking_error": Meaning(
        "Tracking error", "fraction", "Deviation of the returns above the benchmark, times √252."
    ),
    "information_ratio": Meaning("Information ratio", "ratio", "Return a year above the benchmark, by tracking error."),
    "round_trips": Meaning("Round trips", "count", "Lots closed in the sessions shown, first in, first out."),
    "win_rate": Meaning(
        "Win rate", "fraction", "Share of the round trips that earned after fees; one that broke even did not."
    ),
    "expectancy": Meaning("Expectancy", "USD", "Mean P&L of a round trip, after fees."),
    "profit_factor": Meaning("Profit factor", "ratio", "Gains of the round trips by their losses, after fees."),
    "net_pnl": Meaning("Net P&L", "USD", "What the round trips earned, after fees."),
    "fees": Meaning("Fees", "USD", "Commissions that the round trips paid."),
    "slippage_bps": Meaning(
        "Slippage",
        "bps",
        "Mean cost of the round trips' fills against their arrival price, by value; positive is a cost.",
    ),
    "var_95": Meaning(
        "Value at risk",
        "fraction",
        "Return that today's book would have fallen short of on one past session in twenty.",
    ),
    "cvar_95": Meaning("Expected shortfall", "fraction", "Mean return of today's book on the sessions beyond it."),
    "effective_bets": Meaning(
        "Effective bets",
        "ratio",
        "How many independent positions of equal risk would be as diversified as the book; hedges add to them.",
    ),
    "limits_crossed": Meaning("Limits crossed", "count", "Numbers that are beyond a limit tonight."),
    "breadth_200": Meaning(
        "Breadth", "fraction", "Share of the universe that closed above the mean of its last 200 sessions."
    ),
    "regime": Meaning("Regime", "word", "State of the market: market-analysis' own, else trend and volatility."),
    "market_return_20": Meaning("Benchmark, 20 sessions", "fraction", "Return of the benchmark over 20 sessions."),
    "volatility_rank": Meaning(
        "Volatility rank",
        "fraction",
        "Share of a year's sessions on which the benchmark's 20-session volatility was lower.",
    ),
    "candidates": Meaning("Candidates", "count", "Opportunities of the run date, one a symbol."),
    "hit_rate_5": Meaning(
        "Hit rate, 5 sessions",
        "fraction",
        "Share of the candidates ahead of the benchmark over the five sessions after their discovery.",
    ),
    "median_excess_5": Meaning(
        "Median excess, 5 sessions",
        "fraction",
        "Median return above the benchmark over the five sessions after discovery, from the next open.",
    ),
    "ic_5": Meaning(
        "IC, 5 sessions",
        "ratio",
        "Mean rank correlation of score and that return, by discovery date; by week where dates have too few.",
    ),
    "freshness_sessions": Meaning(
        "Oldest feed",
        "sessions",
        "Age of the stalest dataset that is due every session; 0 is tonight's, none while one never came.",
    ),
    "completeness": Meaning(
        "Completeness",
        "fraction",
        "Bars there are of those that the exchange's calendar calls for, from each symbol's first to its last.",
    ),
    "quarantined": Meaning("Quarantined rows", "count", "Rows kept out since the session before."),
    "restatements": Meaning("Restatements", "count", "Records of sessions told of before that changed since."),
    "breaks": Meaning(
        "Breaks", "count", "Of the broker's newest figures, those that the account's records do not add up to."
    ),
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
    low, high
        Bounds of its 95 % interval; None where none is reckoned.
    word, previous_word
        What a KPI of unit "word" says; its `value` is None then.
    """

    name: str
    value: float | None
    previous: float | None
    reason: str | None = None
    trail: tuple[float, ...] = ()
    previous_session: date | None = None
    low: float | None = None
    high: float | None = None
    word: str | None = None
    previous_word: str | None = None

    @property
    def meaning(self) -> Meaning:
        """Label, unit and definition."""
        return KPIS[self.name]


def kpis(
    now: Mapping[str, Stat],
    before: Mapping[str, Stat] | None = None,
    *,
    previous_session: date | None = None,
    trails: Mapping[str, pd.Series] | None = None,
) -> dict[str, Kpi]:
    """Name statistics of the run date, and set those of the session before beside them.

    Parameters
    ----------
    now, before
        Statistics by KPI name, in the KPI's unit; `before` may lack some, or be None at an account's beginning.
    previous_session
        The session of `before`.
    trails
        Values of some of them by session, oldest first, the run date's last.
    """
    earlier, so_far = before or {}, trails or {}
    return {
        name: Kpi(
            name=name,
            value=_number(stat.value, KPIS[name].unit),
            previous=_number(earlier[name].value, KPIS[name].unit) if name in earlier else None,
            reason=stat.reason or None,
            trail=tuple(so_far[name].tail(TRAIL).astype("float64")) if name in so_far else (),
            previous_session=previous_session,
            low=_number(stat.low, ""),
            high=_number(stat.high, ""),
        )
        for name, stat in now.items()
    }


def nightly_kpis(history: pd.DataFrame) -> dict[str, Kpi]:
    """Name the numbers of the last session.

    Parameters
    ----------
    history
        As `metrics.history` gives it.
    """
    return {name: _kpi(name, history[COLUMNS.get(name, name)]) for name in REPORTS["nightly_summary"]}


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
    return int(value) if unit in {"count", "sessions"} else float(value)


def _reason(name: str, sessions: int) -> str:
    if sessions == 1 and name in COLUMNS:
        return "not enough data: this is the account's first session"
    return "a holding has no price, or equity is not above zero"
