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
from trade_dashboard.present.glue import glue, glue_run
from trade_dashboard.present.heatmap import heatmap
from trade_dashboard.present.histogram import histogram
from trade_dashboard.present.lines import line_chart, underwater_chart
from trade_dashboard.present.markup import Html, exhibit, join
from trade_dashboard.present.missing import missing
from trade_dashboard.present.multiples import small_multiples
from trade_dashboard.present.nightly import changes_table, fills_table, freshness_table, holdings_table
from trade_dashboard.present.opening import banner, opening, strip
from trade_dashboard.present.provenance import broker_check, provenance, restatements_table
from trade_dashboard.present.scatter import scatter
from trade_dashboard.present.tables import Column, table
from trade_dashboard.present.trust import trust
from trade_dashboard.present.words import answer

__all__ = [
    "Column",
    "Html",
    "account_chart",
    "answer",
    "banner",
    "bar_chart",
    "breaks_table",
    "broker_check",
    "candidate_turnover_chart",
    "candidates_table",
    "changes_table",
    "completeness_map",
    "decay_chart",
    "discovery_answer",
    "excess_histogram",
    "exhibit",
    "feeds_table",
    "fills_table",
    "flat_tails_table",
    "follow_up_table",
    "freshness_table",
    "gaps_table",
    "glue",
    "glue_run",
    "heatmap",
    "histogram",
    "hit_rate_chart",
    "holdings_table",
    "ic_chart",
    "join",
    "kpi_changes",
    "line_chart",
    "misfits_table",
    "missed_table",
    "missing",
    "opening",
    "provenance",
    "quarantine_table",
    "restatements_table",
    "scatter",
    "score_chart",
    "services_history",
    "small_multiples",
    "state_chart",
    "strip",
    "table",
    "taken_table",
    "trust",
    "underwater_chart",
]
