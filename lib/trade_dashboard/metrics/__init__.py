"""What the numbers mean: pure functions, frames in, frames or frozen results out.

Returns, drawdowns and exposures are fractions; money is in the account's currency, gains positive.
"""

from trade_dashboard.metrics.account import Turnover, by_symbol, history, other_income, turnover
from trade_dashboard.metrics.alerts import Alert, alerts, crossing, headroom
from trade_dashboard.metrics.diversification import (
    betas,
    book_beta,
    book_returns,
    correlation,
    effective_bets,
    risk_shares,
    symbol_returns,
)
from trade_dashboard.metrics.exposure import (
    Concentration,
    by_sector,
    by_strategy,
    concentration,
    days_to_sell,
    exposure,
    weights,
)
from trade_dashboard.metrics.freshness import freshness, holes
from trade_dashboard.metrics.kpis import KPIS, REPORTS, Kpi, kpis, nightly_kpis
from trade_dashboard.metrics.ledger import Ledger, ledger
from trade_dashboard.metrics.notices import Notice
from trade_dashboard.metrics.open_lots import lot_ages, open_lots, stops
from trade_dashboard.metrics.reckon import benchmark, reckon
from trade_dashboard.metrics.reconcile import Agreement, reconcile
from trade_dashboard.metrics.risk import Risk, risk, risk_kpis
from trade_dashboard.metrics.stat import Stat, undefined
from trade_dashboard.metrics.stress import WINDOWS, Window, replay, shocks, worst_month
from trade_dashboard.metrics.tail import (
    Kupiec,
    exceedances,
    expected_shortfall,
    kupiec,
    tail_history,
    value_at_risk,
)

__all__ = [
    "KPIS",
    "REPORTS",
    "WINDOWS",
    "Agreement",
    "Alert",
    "Concentration",
    "Kpi",
    "Kupiec",
    "Ledger",
    "Notice",
    "Risk",
    "Stat",
    "Turnover",
    "Window",
    "alerts",
    "benchmark",
    "betas",
    "book_beta",
    "book_returns",
    "by_sector",
    "by_strategy",
    "by_symbol",
    "concentration",
    "correlation",
    "crossing",
    "days_to_sell",
    "effective_bets",
    "exceedances",
    "expected_shortfall",
    "exposure",
    "freshness",
    "headroom",
    "history",
    "holes",
    "kpis",
    "kupiec",
    "ledger",
    "lot_ages",
    "nightly_kpis",
    "open_lots",
    "other_income",
    "reckon",
    "reconcile",
    "replay",
    "risk",
    "risk_kpis",
    "risk_shares",
    "shocks",
    "stops",
    "symbol_returns",
    "tail_history",
    "turnover",
    "undefined",
    "value_at_risk",
    "weights",
    "worst_month",
]
