"""What the numbers mean: pure functions, frames in, frames or frozen results out.

Returns, drawdowns and exposures are fractions; money is in the account's currency, gains positive.
"""

from trade_dashboard.metrics.account import Turnover, by_symbol, history, other_income, turnover
from trade_dashboard.metrics.alerts import Alert, alerts, crossing
from trade_dashboard.metrics.candidates import candidate_turnover, candidates, follow, marked, missed, taken
from trade_dashboard.metrics.completeness import Completeness, completeness, lacking
from trade_dashboard.metrics.freshness import EVERY_SESSION, freshness, holds, holes
from trade_dashboard.metrics.health import latencies, services
from trade_dashboard.metrics.ic import (
    ic_by_period,
    ic_decay,
    ic_trailing,
    mean_ic,
    newey_west,
    rank_ic,
    trailing_periods,
)
from trade_dashboard.metrics.kpis import KPIS, REPORTS, Kpi, kpis, nightly_kpis
from trade_dashboard.metrics.ledger import Ledger, ledger
from trade_dashboard.metrics.notices import Notice, notices
from trade_dashboard.metrics.outcomes import outcomes, score_groups, state_names
from trade_dashboard.metrics.outliers import DEFECTS, flat_tails, misfits
from trade_dashboard.metrics.proportion import wilson
from trade_dashboard.metrics.quality import Arrivals, Prices, Quality, quality, quality_kpis
from trade_dashboard.metrics.reckon import benchmark, reckon
from trade_dashboard.metrics.reconcile import Agreement, Comparison, compare, reconcile
from trade_dashboard.metrics.review import Review, review
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
    "Review",
    "Stat",
    "Turnover",
    "alerts",
    "benchmark",
    "by_symbol",
    "candidate_turnover",
    "candidates",
    "compare",
    "completeness",
    "crossing",
    "flat_tails",
    "follow",
    "freshness",
    "history",
    "holds",
    "holes",
    "ic_by_period",
    "ic_decay",
    "ic_trailing",
    "kpis",
    "lacking",
    "latencies",
    "ledger",
    "marked",
    "mean_ic",
    "misfits",
    "missed",
    "newey_west",
    "nightly_kpis",
    "notices",
    "other_income",
    "outcomes",
    "quality",
    "quality_kpis",
    "rank_ic",
    "reckon",
    "reconcile",
    "review",
    "score_groups",
    "services",
    "state_names",
    "taken",
    "trailing_periods",
    "turnover",
    "undefined",
    "wilson",
]
