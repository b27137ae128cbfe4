"""Frames and numbers → what a reader sees: every function gives one piece of markup that a notebook shows.

Everything that came from outside is escaped here. Percent, signs and rounding exist only here.
"""

from trade_dashboard.present.bars import bar_chart
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
    services_history,
)
from trade_dashboard.present.execution import costs_table, excursion_scatters, excursions_table, plan_table, r_histogram
from trade_dashboard.present.glue import glue, glue_run
from trade_dashboard.present.heatmap import heatmap
from trade_dashboard.present.histogram import histogram
from trade_dashboard.present.lines import line_chart, underwater_chart
from trade_dashboard.present.losses import (
    exceedance_chart,
    liquidity_table,
    shock_chart,
    stops_table,
    stress_table,
    tail_chart,
)
from trade_dashboard.present.markup import Html, exhibit, join
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
from trade_dashboard.present.risk import (
    RISK_EVIDENCE,
    beta_chart,
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
from trade_dashboard.present.skill import benchmark_table, certainty_table, skill_answer
from trade_dashboard.present.tables import Column, table
from trade_dashboard.present.trade_journal import (
    earned_by,
    journal_answer,
    largest_trips,
    setups,
    trips_curve,
    trips_histogram,
    trips_table,
)
from trade_dashboard.present.trust import trust
from trade_dashboard.present.words import answer

__all__ = [
    "RISK_EVIDENCE",
    "Column",
    "Html",
    "account_chart",
    "answer",
    "banner",
    "bar_chart",
    "benchmark_table",
    "beta_chart",
    "breaks_table",
    "broker_check",
    "certainty_table",
    "changes_table",
    "completeness_map",
    "concentration_chart",
    "contribution_charts",
    "correlation_map",
    "costs_table",
    "earned_by",
    "episodes_table",
    "exceedance_chart",
    "excursion_scatters",
    "excursions_table",
    "exhibit",
    "exposure_chart",
    "feeds_table",
    "fills_table",
    "flat_tails_table",
    "freshness_table",
    "gaps_table",
    "glue",
    "glue_run",
    "growth_charts",
    "heatmap",
    "histogram",
    "holdings_table",
    "join",
    "journal_answer",
    "kpi_changes",
    "largest_trips",
    "limits_table",
    "line_chart",
    "liquidity_table",
    "misfits_table",
    "missing",
    "months_table",
    "opening",
    "plan_table",
    "provenance",
    "quarantine_table",
    "r_histogram",
    "restatements_table",
    "returns_histogram",
    "risk_answer",
    "risk_positions",
    "rolling_charts",
    "scatter",
    "sector_chart",
    "services_history",
    "setups",
    "shock_chart",
    "skill_answer",
    "small_multiples",
    "stops_table",
    "strategy_chart",
    "stress_table",
    "strip",
    "table",
    "tail_chart",
    "trips_curve",
    "trips_histogram",
    "trips_table",
    "trust",
    "underwater_chart",
]
