"""What the numbers mean: pure functions, frames in, frames or frozen results out.

Returns, drawdowns and exposures are fractions; money is in the account's currency, gains positive.
"""

from trade_dashboard.metrics.account import Turnover, by_symbol, history, other_income, turnover
from trade_dashboard.metrics.alerts import Alert, alerts, crossing, headroom
from trade_dashboard.metrics.breadth import Standing, breadth, standing
from trade_dashboard.metrics.candidates import candidate_turnover, candidates, follow, marked, missed, taken
from trade_dashboard.metrics.completeness import Completeness, completeness, lacking
from trade_dashboard.metrics.contribution import OTHER_INCOME, UNASSIGNED, contribution
from trade_dashboard.metrics.diversification import (
    betas,
    book_beta,
    book_returns,
    correlation,
    effective_bets,
    risk_shares,
    symbol_returns,
)
from trade_dashboard.metrics.drawdown import current_drawdown, drawdown, episodes, max_drawdown
from trade_dashboard.metrics.excursions import excursions
from trade_dashboard.metrics.execution import Costs, against_plan, costs
from trade_dashboard.metrics.exposure import (
    NO_SECTOR,
    Concentration,
    by_sector,
    by_strategy,
    concentration,
    days_to_sell,
    exposure,
    weights,
)
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
from trade_dashboard.metrics.inference import dsr, min_track_record, psr
from trade_dashboard.metrics.journal import Streaks, by_group, largest, rolling, streaks, summary
from trade_dashboard.metrics.kpis import KPIS, REPORTS, Kpi, kpis, nightly_kpis
from trade_dashboard.metrics.ledger import Ledger, ledger
from trade_dashboard.metrics.market import Market, closes_of, market
from trade_dashboard.metrics.notices import Notice, notices
from trade_dashboard.metrics.open_lots import lot_ages, open_lots, stops
from trade_dashboard.metrics.outcomes import outcomes, score_groups, state_names
from trade_dashboard.metrics.outliers import DEFECTS, flat_tails, misfits
from trade_dashboard.metrics.performance import intervals, performance, rolled, shortfalls, trails, window
from trade_dashboard.metrics.proportion import wilson
from trade_dashboard.metrics.quality import Arrivals, Prices, Quality, quality, quality_kpis
from trade_dashboard.metrics.reckon import benchmark, reckon, reckon_parts
from trade_dashboard.metrics.reconcile import Agreement, Comparison, compare, reconcile
from trade_dashboard.metrics.regime import by_regime, measured_regime, realised_volatility, regimes, stretches
from trade_dashboard.metrics.returns import (
    cagr,
    calmar,
    downside_deviation,
    excess,
    kurtosis,
    monthly_returns,
    sharpe,
    skew,
    sortino,
    total_return,
    volatility,
    yearly_returns,
)
from trade_dashboard.metrics.review import Review, review
from trade_dashboard.metrics.risk import Risk, book_tail, risk, risk_kpis
from trade_dashboard.metrics.round_trips import Trips, open_profit, round_trips
from trade_dashboard.metrics.stat import Stat, undefined
from trade_dashboard.metrics.stress import WINDOWS, Window, replay, shocks, worst_month
from trade_dashboard.metrics.tail import Kupiec, exceedances, expected_shortfall, kupiec, tail_history, value_at_risk
from trade_dashboard.metrics.tonight import services_tonight, to_date
from trade_dashboard.metrics.trade_journal import Journal, around, journal, journal_alerts, journal_kpis
from trade_dashboard.metrics.versus import alpha, beta, capture, information_ratio, paired, tracking_error
from trade_dashboard.metrics.watchlist import newest_signals, watched, watchlist
from trade_dashboard.metrics.weather import (
    Turns,
    average_correlation,
    dispersion,
    market_kpis,
    regime_kpi,
    sector_moves,
    turns,
)

__all__ = [
    "DEFECTS",
    "EVERY_SESSION",
    "KPIS",
    "NO_SECTOR",
    "OTHER_INCOME",
    "REPORTS",
    "UNASSIGNED",
    "WINDOWS",
    "Agreement",
    "Alert",
    "Arrivals",
    "Comparison",
    "Completeness",
    "Concentration",
    "Costs",
    "Journal",
    "Kpi",
    "Kupiec",
    "Ledger",
    "Market",
    "Notice",
    "Prices",
    "Quality",
    "Review",
    "Risk",
    "Standing",
    "Stat",
    "Streaks",
    "Trips",
    "Turnover",
    "Turns",
    "Window",
    "against_plan",
    "alerts",
    "alpha",
    "around",
    "average_correlation",
    "benchmark",
    "beta",
    "betas",
    "book_beta",
    "book_returns",
    "book_tail",
    "breadth",
    "by_group",
    "by_regime",
    "by_sector",
    "by_strategy",
    "by_symbol",
    "cagr",
    "calmar",
    "candidate_turnover",
    "candidates",
    "capture",
    "closes_of",
    "compare",
    "completeness",
    "concentration",
    "contribution",
    "correlation",
    "costs",
    "crossing",
    "current_drawdown",
    "days_to_sell",
    "dispersion",
    "downside_deviation",
    "drawdown",
    "dsr",
    "effective_bets",
    "episodes",
    "exceedances",
    "excess",
    "excursions",
    "expected_shortfall",
    "exposure",
    "flat_tails",
    "follow",
    "freshness",
    "headroom",
    "history",
    "holds",
    "holes",
    "ic_by_period",
    "ic_decay",
    "ic_trailing",
    "information_ratio",
    "intervals",
    "journal",
    "journal_alerts",
    "journal_kpis",
    "kpis",
    "kupiec",
    "kurtosis",
    "lacking",
    "largest",
    "latencies",
    "ledger",
    "lot_ages",
    "marked",
    "market",
    "market_kpis",
    "max_drawdown",
    "mean_ic",
    "measured_regime",
    "min_track_record",
    "misfits",
    "missed",
    "monthly_returns",
    "newest_signals",
    "newey_west",
    "nightly_kpis",
    "notices",
    "open_lots",
    "open_profit",
    "other_income",
    "outcomes",
    "paired",
    "performance",
    "psr",
    "quality",
    "quality_kpis",
    "rank_ic",
    "realised_volatility",
    "reckon",
    "reckon_parts",
    "reconcile",
    "regime_kpi",
    "regimes",
    "replay",
    "review",
    "risk",
    "risk_kpis",
    "risk_shares",
    "rolled",
    "rolling",
    "round_trips",
    "score_groups",
    "sector_moves",
    "services",
    "services_tonight",
    "sharpe",
    "shocks",
    "shortfalls",
    "skew",
    "sortino",
    "standing",
    "state_names",
    "stops",
    "streaks",
    "stretches",
    "summary",
    "symbol_returns",
    "tail_history",
    "taken",
    "to_date",
    "total_return",
    "tracking_error",
    "trailing_periods",
    "trails",
    "turnover",
    "turns",
    "undefined",
    "value_at_risk",
    "volatility",
    "watched",
    "watchlist",
    "weights",
    "wilson",
    "window",
    "worst_month",
    "yearly_returns",
]
