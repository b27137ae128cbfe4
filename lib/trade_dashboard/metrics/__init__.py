"""What the numbers mean: pure functions, frames in, frames or frozen results out.

Returns, drawdowns and exposures are fractions; money is in the account's currency, gains positive.
"""

from trade_dashboard.metrics.account import Turnover, by_symbol, history, other_income, turnover
from trade_dashboard.metrics.alerts import Alert, alerts, crossing
from trade_dashboard.metrics.completeness import Completeness, completeness, lacking
from trade_dashboard.metrics.excursions import excursions
from trade_dashboard.metrics.execution import Costs, against_plan, costs
from trade_dashboard.metrics.freshness import EVERY_SESSION, freshness, holds, holes
from trade_dashboard.metrics.health import latencies, services
from trade_dashboard.metrics.journal import Streaks, by_group, largest, rolling, streaks, summary
from trade_dashboard.metrics.kpis import KPIS, REPORTS, Kpi, kpis, nightly_kpis
from trade_dashboard.metrics.ledger import Ledger, ledger
from trade_dashboard.metrics.notices import Notice, notices
from trade_dashboard.metrics.outliers import DEFECTS, flat_tails, misfits
from trade_dashboard.metrics.quality import Arrivals, Prices, Quality, quality, quality_kpis
from trade_dashboard.metrics.reckon import benchmark, reckon
from trade_dashboard.metrics.reconcile import Agreement, Comparison, compare, reconcile
from trade_dashboard.metrics.round_trips import Trips, open_profit, round_trips
from trade_dashboard.metrics.stat import Stat, undefined
from trade_dashboard.metrics.trade_journal import Journal, around, journal, journal_alerts, journal_kpis

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
    "Costs",
    "Journal",
    "Kpi",
    "Ledger",
    "Notice",
    "Prices",
    "Quality",
    "Stat",
    "Streaks",
    "Trips",
    "Turnover",
    "against_plan",
    "alerts",
    "around",
    "benchmark",
    "by_group",
    "by_symbol",
    "compare",
    "completeness",
    "costs",
    "crossing",
    "excursions",
    "flat_tails",
    "freshness",
    "history",
    "holds",
    "holes",
    "journal",
    "journal_alerts",
    "journal_kpis",
    "kpis",
    "lacking",
    "largest",
    "latencies",
    "ledger",
    "misfits",
    "nightly_kpis",
    "notices",
    "open_profit",
    "other_income",
    "quality",
    "quality_kpis",
    "reckon",
    "reconcile",
    "rolling",
    "round_trips",
    "services",
    "streaks",
    "summary",
    "turnover",
    "undefined",
]
