"""What the numbers mean: pure functions, frames in, frames or frozen results out.

Returns, drawdowns and exposures are fractions; money is in the account's currency, gains positive.
"""

from trade_dashboard.metrics.account import Turnover, by_symbol, history, other_income, turnover
from trade_dashboard.metrics.alerts import Alert, alerts, crossing
from trade_dashboard.metrics.breadth import Standing, breadth, standing
from trade_dashboard.metrics.freshness import freshness, holes
from trade_dashboard.metrics.kpis import KPIS, REPORTS, Kpi, kpis, nightly_kpis
from trade_dashboard.metrics.ledger import Ledger, ledger
from trade_dashboard.metrics.market import Market, market
from trade_dashboard.metrics.notices import Notice
from trade_dashboard.metrics.reckon import benchmark, reckon
from trade_dashboard.metrics.reconcile import Agreement, reconcile
from trade_dashboard.metrics.regime import by_regime, measured_regime, realised_volatility, regimes, stretches
from trade_dashboard.metrics.stat import Stat, undefined
from trade_dashboard.metrics.watchlist import newest_signals, watched, watchlist
from trade_dashboard.metrics.weather import Turns, average_correlation, dispersion, market_kpis, sector_moves, turns

__all__ = [
    "KPIS",
    "REPORTS",
    "Agreement",
    "Alert",
    "Kpi",
    "Ledger",
    "Market",
    "Notice",
    "Standing",
    "Stat",
    "Turnover",
    "Turns",
    "alerts",
    "average_correlation",
    "benchmark",
    "breadth",
    "by_regime",
    "by_symbol",
    "crossing",
    "dispersion",
    "freshness",
    "history",
    "holes",
    "kpis",
    "ledger",
    "market",
    "market_kpis",
    "measured_regime",
    "newest_signals",
    "nightly_kpis",
    "other_income",
    "realised_volatility",
    "reckon",
    "reconcile",
    "regimes",
    "sector_moves",
    "standing",
    "stretches",
    "turnover",
    "turns",
    "undefined",
    "watched",
    "watchlist",
]
