"""Frames and numbers → what a reader sees: every function gives one piece of markup that a notebook shows.

Everything that came from outside is escaped here. Percent, signs and rounding exist only here.
"""

from trade_dashboard.present.bars import bar_chart
from trade_dashboard.present.cards import (
    alerts_table,
    market_state,
    opportunities_table,
    recent_fills_table,
    risk_table,
    services_table,
    to_date_table,
)
from trade_dashboard.present.changes import kpi_changes
from trade_dashboard.present.charts import account_chart
from trade_dashboard.present.data_quality import (
    breaks_table,
    completeness_map,
    feeds_table,
    flat_tails_table,
    gaps_table,
    misfits_table,
    quarantine_table,
)
from trade_dashboard.present.discovery_review import (
    candidate_turnover_chart,
    candidates_table,
    discovery_answer,
    follow_up_table,
    missed_table,
    taken_table,
)
from trade_dashboard.present.edge import (
    decay_chart,
    excess_histogram,
    hit_rate_chart,
    ic_chart,
    score_chart,
    state_chart,
)
from trade_dashboard.present.execution import costs_table, excursion_scatters, excursions_table, plan_table, r_histogram
from trade_dashboard.present.glue import glue, glue_run
from trade_dashboard.present.heatmap import heatmap
from trade_dashboard.present.histogram import histogram
from trade_dashboard.present.lines import line_chart, underwater_chart
from trade_dashboard.present.losses import (
    beta_chart,
    exceedance_chart,
    liquidity_table,
    shock_chart,
    stops_table,
    stress_table,
    tail_chart,
)
from trade_dashboard.present.market_overview import (
    benchmark_chart,
    breadth_chart,
    market_answer,
    participation_charts,
    sectors_heatmap,
    volatility_charts,
)
from trade_dashboard.present.markup import Html, abreast, exhibit, join
from trade_dashboard.present.missing import missing
from trade_dashboard.present.multiples import small_multiples
from trade_dashboard.present.nightly import changes_table, fills_table, freshness_table, holdings_table
from trade_dashboard.present.opening import banner, opening, strip
from trade_dashboard.present.performance import (
    contribution_charts,
    episodes_table,
    growth_charts,
    months_table,
    returns_histogram,
    rolling_charts,
)
from trade_dashboard.present.provenance import broker_check, provenance, restatements_table
from trade_dashboard.present.regime import regime_now, regimes_table, stretches_table, turns_table
from trade_dashboard.present.risk import (
    RISK_EVIDENCE,
    concentration_chart,
    correlation_map,
    exposure_chart,
    limits_table,
    risk_answer,
    risk_positions,
    sector_chart,
    strategy_chart,
)
from trade_dashboard.present.scatter import scatter
from trade_dashboard.present.services import services_history
from trade_dashboard.present.setups import earned_by, setups
from trade_dashboard.present.skill import benchmark_table, certainty_table, skill_answer
from trade_dashboard.present.tables import Column, table
from trade_dashboard.present.trade_journal import (
    journal_answer,
    largest_trips,
    trips_curve,
    trips_histogram,
    trips_table,
)
from trade_dashboard.present.trust import trust
from trade_dashboard.present.watchlist import signals_table, watchlist_table
from trade_dashboard.present.words import answer

__all__ = [
    "RISK_EVIDENCE",
    "Column",
    "Html",
    "abreast",
    "account_chart",
    "alerts_table",
    "answer",
    "banner",
    "bar_chart",
    "benchmark_chart",
    "benchmark_table",
    "beta_chart",
    "breadth_chart",
    "breaks_table",
    "broker_check",
    "candidate_turnover_chart",
    "candidates_table",
    "certainty_table",
    "changes_table",
    "completeness_map",
    "concentration_chart",
    "contribution_charts",
    "correlation_map",
    "costs_table",
    "decay_chart",
    "discovery_answer",
    "earned_by",
    "episodes_table",
    "exceedance_chart",
    "excess_histogram",
    "excursion_scatters",
    "excursions_table",
    "exhibit",
    "exposure_chart",
    "feeds_table",
    "fills_table",
    "flat_tails_table",
    "follow_up_table",
    "freshness_table",
    "gaps_table",
    "glue",
    "glue_run",
    "growth_charts",
    "heatmap",
    "histogram",
    "hit_rate_chart",
    "holdings_table",
    "ic_chart",
    "join",
    "journal_answer",
    "kpi_changes",
    "largest_trips",
    "limits_table",
    "line_chart",
    "liquidity_table",
    "market_answer",
    "market_state",
    "misfits_table",
    "missed_table",
    "missing",
    "months_table",
    "opening",
    "opportunities_table",
    "participation_charts",
    "plan_table",
    "provenance",
    "quarantine_table",
    "r_histogram",
    "recent_fills_table",
    "regime_now",
    "regimes_table",
    "restatements_table",
    "returns_histogram",
    "risk_answer",
    "risk_positions",
    "risk_table",
    "rolling_charts",
    "scatter",
    "score_chart",
    "sector_chart",
    "sectors_heatmap",
    "services_history",
    "services_table",
    "setups",
    "shock_chart",
    "signals_table",
    "skill_answer",
    "small_multiples",
    "state_chart",
    "stops_table",
    "strategy_chart",
    "stress_table",
    "stretches_table",
    "strip",
    "table",
    "tail_chart",
    "taken_table",
    "to_date_table",
    "trips_curve",
    "trips_histogram",
    "trips_table",
    "trust",
    "turns_table",
    "underwater_chart",
    "volatility_charts",
    "watchlist_table",
]
