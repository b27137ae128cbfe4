"""Verbs → exit codes; the only package that prints.

Words for people go to stderr. The last line of stdout is one JSON object for whoever started us, also when what was
asked for is refused.
"""

# --help lists the verbs in this order
# isort: off
from trade_dashboard.cli.app import app, main
from trade_dashboard.cli import reports
from trade_dashboard.cli import backfill
from trade_dashboard.cli import data
from trade_dashboard.cli import pages
# isort: on

__all__ = ["app", "backfill", "data", "main", "pages", "reports"]
