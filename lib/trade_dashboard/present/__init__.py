"""Frames and numbers → what a reader sees: every function gives one piece of markup that a notebook shows.

Everything that came from outside is escaped here. Percent, signs and rounding exist only here.
"""

from trade_dashboard.present.charts import account_chart
from trade_dashboard.present.glue import glue, glue_run
from trade_dashboard.present.markup import Html, join
from trade_dashboard.present.opening import banner, opening, strip
from trade_dashboard.present.provenance import broker_check, provenance, restatements_table
from trade_dashboard.present.tables import Column, changes_table, fills_table, freshness_table, holdings_table, table
from trade_dashboard.present.words import answer

__all__ = [
    "Column",
    "Html",
    "account_chart",
    "answer",
    "banner",
    "broker_check",
    "changes_table",
    "fills_table",
    "freshness_table",
    "glue",
    "glue_run",
    "holdings_table",
    "join",
    "opening",
    "provenance",
    "restatements_table",
    "strip",
    "table",
]
