"""Runs of the nightly summary, as the command line makes them."""

from datetime import UTC, date, datetime
from pathlib import Path

from trade_dashboard.runs.catalog import catalog
from trade_dashboard.runs.manifest import Manifest
from trade_dashboard.runs.plan import Plan
from trade_dashboard.runs.run import run
from trade_dashboard.settings import Settings

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
LATE = datetime(2100, 1, 1, tzinfo=UTC)


def nightly(store: Path, outputs: Path, day: str, **parameters: object) -> Manifest:
    """Run it for a session, with all that the store ever knew."""
    settings = Settings(store=store, outputs=outputs, notebooks=NOTEBOOKS)
    report = catalog(NOTEBOOKS)["nightly_summary"]
    return run(Plan(report, date.fromisoformat(day), parameters, LATE), settings)
