"""What the numbers mean: pure functions, frames in, frames or frozen results out.

Returns, drawdowns and exposures are fractions; money is in the account's currency, gains positive.
"""

from trade_dashboard.metrics.account import Turnover, by_symbol, history, other_income, turnover
from trade_dashboard.metrics.alerts import Alert, alerts, crossing, headroom
from trade_dashboard.metrics.breadth import Standing, breadth, standing
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
from trade_dashboard.metrics.market import Market, market
from trade_dashboard.metrics.notices import Notice
from trade_dashboard.metrics.open_lots import lot_ages, open_lots, stops
from trade_dashboard.metrics.reckon import benchmark, reckon
from trade_dashboard.metrics.reconcile import Agreement, reconcile
from trade_dashboard.metrics.regime import by_regime, measured_regime, realised_volatility, regimes, stretches
from trade_dashboard.metrics.risk import Risk, risk, risk_kpis
from trade_dashboard.metrics.stat import Stat, undefined
from trade_dashboard.metrics.stress import WINDOWS, Window, replay, shocks, worst_month
from trade_dashboard.metrics.tail import Kupiec, exceedances, expected_shortfall, kupiec, tail_history, value_at_risk
from trade_dashboard.metrics.watchlist import newest_signals, watched, watchlist
from trade_dashboard.metrics.weather import Turns, average_correlation, dispersion, market_kpis, sector_moves, turns

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
    "Market",
    "Notice",
    "Risk",
    "Standing",
    "Stat",
    "Turnover",
    "Turns",
    "Window",
    "alerts",
    "average_correlation",
    "benchmark",
    "betas",
    "book_beta",
    "book_returns",
    "breadth",
    "by_regime",
    "by_sector",
    "by_strategy",
    "by_symbol",
    "concentration",
    "correlation",
    "crossing",
    "days_to_sell",
    "dispersion",
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
    "market",
    "market_kpis",
    "measured_regime",
    "newest_signals",
    "nightly_kpis",
    "open_lots",
    "other_income",
    "realised_volatility",
    "reckon",
    "reconcile",
    "regimes",
    "replay",
    "risk",
    "risk_kpis",
    "risk_shares",
    "sector_moves",
    "shocks",
    "standing",
    "stops",
    "stretches",
    "symbol_returns",
    "tail_history",
    "turnover",
    "turns",
    "undefined",
    "value_at_risk",
    "watched",
    "watchlist",
    "weights",
    "worst_month",
]
