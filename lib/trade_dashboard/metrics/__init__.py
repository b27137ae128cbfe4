"""What the numbers mean: pure functions, frames in, frames or frozen results out.

Returns, drawdowns and exposures are fractions; money is in the account's currency, gains positive.
"""

from trade_dashboard.metrics.account import Turnover, by_symbol, history, other_income, turnover
from trade_dashboard.metrics.alerts import Alert, alerts, crossing
from trade_dashboard.metrics.freshness import freshness, holes
from trade_dashboard.metrics.kpis import KPIS, REPORTS, Kpi, kpis, nightly_kpis
from trade_dashboard.metrics.ledger import Ledger, ledger
from trade_dashboard.metrics.notices import Notice
from trade_dashboard.metrics.proportion import wilson
from trade_dashboard.metrics.reckon import benchmark, reckon
from trade_dashboard.metrics.reconcile import Agreement, reconcile
from trade_dashboard.metrics.stat import Stat, undefined

__all__ = [
    "KPIS",
    "REPORTS",
    "Agreement",
    "Alert",
    "Kpi",
    "Ledger",
    "Notice",
    "Stat",
    "Turnover",
    "alerts",
    "benchmark",
    "by_symbol",
    "crossing",
    "freshness",
    "history",
    "holes",
    "kpis",
    "ledger",
    "nightly_kpis",
    "other_income",
    "reckon",
    "reconcile",
    "turnover",
    "undefined",
    "wilson",
]
