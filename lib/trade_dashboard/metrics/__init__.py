"""What the numbers mean: pure functions, frames in, frames or frozen results out.

Returns, drawdowns and exposures are fractions; money is in the account's currency, gains positive.
"""

from trade_dashboard.metrics.account import Turnover, by_symbol, history, other_income, turnover
from trade_dashboard.metrics.alerts import Alert, alerts, crossing
from trade_dashboard.metrics.contribution import OTHER_INCOME, UNASSIGNED, contribution
from trade_dashboard.metrics.drawdown import current_drawdown, drawdown, episodes, max_drawdown
from trade_dashboard.metrics.freshness import freshness, holes
from trade_dashboard.metrics.inference import dsr, min_track_record, psr
from trade_dashboard.metrics.kpis import KPIS, REPORTS, Kpi, kpis, nightly_kpis
from trade_dashboard.metrics.ledger import Ledger, ledger
from trade_dashboard.metrics.notices import Notice
from trade_dashboard.metrics.performance import intervals, performance, rolled, shortfalls, trails, window
from trade_dashboard.metrics.reckon import benchmark, reckon, reckon_parts
from trade_dashboard.metrics.reconcile import Agreement, reconcile
from trade_dashboard.metrics.returns import (
    cagr,
    calmar,
    downside_deviation,
    excess,
    kurtosis,
    monthly_returns,
    rolling,
    sharpe,
    skew,
    sortino,
    total_return,
    volatility,
    yearly_returns,
)
from trade_dashboard.metrics.stat import Stat, undefined
from trade_dashboard.metrics.versus import alpha, beta, capture, information_ratio, paired, tracking_error

__all__ = [
    "KPIS",
    "OTHER_INCOME",
    "REPORTS",
    "UNASSIGNED",
    "Agreement",
    "Alert",
    "Kpi",
    "Ledger",
    "Notice",
    "Stat",
    "Turnover",
    "alerts",
    "alpha",
    "benchmark",
    "beta",
    "by_symbol",
    "cagr",
    "calmar",
    "capture",
    "contribution",
    "crossing",
    "current_drawdown",
    "downside_deviation",
    "drawdown",
    "dsr",
    "episodes",
    "excess",
    "freshness",
    "history",
    "holes",
    "information_ratio",
    "intervals",
    "kpis",
    "kurtosis",
    "ledger",
    "max_drawdown",
    "min_track_record",
    "monthly_returns",
    "nightly_kpis",
    "other_income",
    "paired",
    "performance",
    "psr",
    "reckon",
    "reckon_parts",
    "reconcile",
    "rolled",
    "rolling",
    "sharpe",
    "shortfalls",
    "skew",
    "sortino",
    "total_return",
    "tracking_error",
    "trails",
    "turnover",
    "undefined",
    "volatility",
    "window",
    "yearly_returns",
]
