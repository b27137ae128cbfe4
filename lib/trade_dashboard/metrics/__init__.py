"""What the numbers mean: pure functions, frames in, frames or frozen results out.

Returns, drawdowns and exposures are fractions; money is in the account's currency, gains positive.
"""

from trade_dashboard.metrics.account import Turnover, by_symbol, history, other_income, turnover
from trade_dashboard.metrics.alerts import Alert, alerts, crossing
from trade_dashboard.metrics.candidates import candidate_turnover, candidates, follow, marked, missed, taken
from trade_dashboard.metrics.freshness import freshness, holes
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
from trade_dashboard.metrics.notices import Notice
from trade_dashboard.metrics.outcomes import outcomes, score_groups, state_names
from trade_dashboard.metrics.proportion import wilson
from trade_dashboard.metrics.reckon import benchmark, reckon
from trade_dashboard.metrics.reconcile import Agreement, reconcile
from trade_dashboard.metrics.review import Review, review
from trade_dashboard.metrics.stat import Stat, undefined

__all__ = [
    "KPIS",
    "REPORTS",
    "Agreement",
    "Alert",
    "Kpi",
    "Ledger",
    "Notice",
    "Review",
    "Stat",
    "Turnover",
    "alerts",
    "benchmark",
    "by_symbol",
    "candidate_turnover",
    "candidates",
    "crossing",
    "follow",
    "freshness",
    "history",
    "holes",
    "ic_by_period",
    "ic_decay",
    "ic_trailing",
    "kpis",
    "ledger",
    "marked",
    "mean_ic",
    "missed",
    "newey_west",
    "nightly_kpis",
    "other_income",
    "outcomes",
    "rank_ic",
    "reckon",
    "reconcile",
    "review",
    "score_groups",
    "state_names",
    "taken",
    "trailing_periods",
    "turnover",
    "undefined",
    "wilson",
]
