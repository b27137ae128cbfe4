"""What the numbers mean: pure functions, frames in, frames or frozen results out.

Returns, drawdowns and exposures are fractions; money is in the account's currency, gains positive.
"""

from trade_dashboard.metrics.account import Turnover, by_symbol, history, other_income, turnover
from trade_dashboard.metrics.alerts import Alert, alerts, crossing
from trade_dashboard.metrics.completeness import Completeness, completeness, lacking
from trade_dashboard.metrics.freshness import EVERY_SESSION, freshness, holds, holes
from trade_dashboard.metrics.health import latencies, services
from trade_dashboard.metrics.kpis import KPIS, REPORTS, Kpi, kpis, nightly_kpis
from trade_dashboard.metrics.ledger import Ledger, ledger
from trade_dashboard.metrics.notices import Notice, notices
from trade_dashboard.metrics.outliers import DEFECTS, flat_tails, misfits
from trade_dashboard.metrics.quality import Arrivals, Prices, Quality, quality, quality_kpis
from trade_dashboard.metrics.reckon import benchmark, reckon
from trade_dashboard.metrics.reconcile import Agreement, Comparison, compare, reconcile
from trade_dashboard.metrics.stat import Stat, undefined

__all__ = [
    "DEFECTS",
    "EVERY_SESSION",
    "KPIS",
    "REPORTS",
    "Agreement",
    "Alert",
    "Arrivals",
    "Comparison",
    "Completeness",
    "Kpi",
    "Ledger",
    "Notice",
    "Prices",
    "Quality",
    "Stat",
    "Turnover",
    "alerts",
    "benchmark",
    "by_symbol",
    "compare",
    "completeness",
    "crossing",
    "flat_tails",
    "freshness",
    "history",
    "holds",
    "holes",
    "kpis",
    "lacking",
    "latencies",
    "ledger",
    "misfits",
    "nightly_kpis",
    "notices",
    "other_income",
    "quality",
    "quality_kpis",
    "reckon",
    "reconcile",
    "services",
    "turnover",
    "undefined",
]
