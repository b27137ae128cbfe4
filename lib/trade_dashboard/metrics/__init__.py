"""What the numbers mean: pure functions, frames in, frames or frozen results out.

Returns, drawdowns and exposures are fractions; money is in the account's currency, gains positive.
"""

from trade_dashboard.metrics.account import Turnover, by_symbol, history, other_income, turnover
from trade_dashboard.metrics.alerts import Alert, alerts, crossing
from trade_dashboard.metrics.excursions import excursions
from trade_dashboard.metrics.execution import Costs, against_plan, costs
from trade_dashboard.metrics.freshness import freshness, holes
from trade_dashboard.metrics.journal import Streaks, by_group, largest, rolling, streaks, summary
from trade_dashboard.metrics.kpis import KPIS, REPORTS, Kpi, kpis, nightly_kpis
from trade_dashboard.metrics.ledger import Ledger, ledger
from trade_dashboard.metrics.notices import Notice
from trade_dashboard.metrics.reckon import benchmark, reckon
from trade_dashboard.metrics.reconcile import Agreement, reconcile
from trade_dashboard.metrics.round_trips import Trips, open_profit, round_trips
from trade_dashboard.metrics.stat import Stat, undefined
from trade_dashboard.metrics.trade_journal import Journal, around, journal, journal_alerts, journal_kpis

__all__ = [
    "KPIS",
    "REPORTS",
    "Agreement",
    "Alert",
    "Costs",
    "Journal",
    "Kpi",
    "Ledger",
    "Notice",
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
    "costs",
    "crossing",
    "excursions",
    "freshness",
    "history",
    "holes",
    "journal",
    "journal_alerts",
    "journal_kpis",
    "kpis",
    "largest",
    "ledger",
    "nightly_kpis",
    "open_profit",
    "other_income",
    "reckon",
    "reconcile",
    "rolling",
    "round_trips",
    "streaks",
    "summary",
    "turnover",
    "undefined",
]
