"""Write the reference pages from the code; with --check, fail if a page no longer says what the code does.

Run by `make docs` and `make check`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from trade_dashboard import errors
from trade_dashboard.metrics import KPIS, REPORTS
from trade_dashboard.runs.catalog import catalog
from trade_dashboard.schema import DATASETS, PROVIDES
from trade_dashboard.settings import PREFIX, Limits, Settings

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "reference"
MADE = "<!-- made by `make docs`; change the code, not this page -->\n"
VERBS = (
    (),
    ("reports",),
    ("show",),
    ("new",),
    ("ingest",),
    ("ready",),
    ("run",),
    ("backfill",),
    ("chunks",),
    ("restatements",),
    ("store", "info"),
    ("store", "compact"),
    ("index",),
    ("publish",),
    ("prune",),
    ("metrics",),
    ("notify",),
    ("doctor",),
)


def cli() -> Iterator[str]:
    """Every verb as it explains itself, then the exit codes."""
    yield "# Command line\n"
    environment = os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    for verb in VERBS:
        words = [sys.executable, "-m", "trade_dashboard", *verb, "--help"]
        done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)  # noqa: S603
        lines = [line.rstrip() for line in done.stdout.strip().splitlines()]
        shown = "\n".join(lines).replace("python -m trade_dashboard", "trade-dashboard")
        yield f"## `{' '.join(['trade-dashboard', *verb])}`\n\n```text\n{shown}\n```\n"
    yield "## Exit codes\n\n```text\n" + (errors.__doc__ or "").split("\n\n")[1].rstrip() + "\n```\n"


def settings() -> Iterator[str]:
    """Every variable with its default and meaning."""
    yield "# Settings\n\nEvery setting is an environment variable.\n\n| variable | default | meaning |\n|---|---|---|"
    yield from _rows(Settings, PREFIX, Settings())
    yield from _rows(Limits, PREFIX + "LIMIT_", Limits())
    yield ""


def _rows(model: type[BaseModel], prefix: str, defaults: BaseModel) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name != "limits":
            default = getattr(defaults, name)
            shown = "" if default is None else f"`{default}`"
            yield f"| `{prefix}{name.upper()}` | {shown} | {field.description} |"


def kpis() -> Iterator[str]:
    """Every KPI with its unit and definition."""
    yield "# KPIs\n\nThe value of an undefined KPI is null, with its reason beside it.\n\n| KPI | unit | definition | reports |\n|---|---|---|---|"
    for name, meaning in KPIS.items():
        reports = ", ".join(f"`{report}`" for report, names in REPORTS.items() if name in names)
        yield f"| `{name}` | {meaning.unit} | {meaning.definition} | {reports} |"
    yield ""


def reports() -> Iterator[str]:
    """Every report with its question and parameters."""
    yield "# Reports and their parameters\n"
    for report in catalog(ROOT / "notebooks").values():
        yield f"## `{report.name}`\n\n*{report.question}*\n\n| parameter | type | default | meaning |\n|---|---|---|---|"
        for one in report.parameters:
            yield f"| `{one.name}` | `{one.type}` | `{json.dumps(one.default)}` | {one.help} |"
        yield ""


def datasets() -> Iterator[str]:
    """Every dataset with its columns, types, units and key."""
    yield "# Datasets\n\nEvery record also has `known_at`, the instant it entered the store, and `source`.\n"
    for one in DATASETS.values():
        key = ", ".join(f"`{name}`" for name in one.key)
        sources = ", ".join(f"`{source}`" for source, names in PROVIDES.items() if one.name in names)
        provided = f"Provided by {sources}." if sources else "Made by every ingest."
        yield f"## `{one.name}`\n\n{one.meaning}. Key: {key}. {provided}\n\n| column | type | unit | meaning |\n|---|---|---|---|"
        for column in one.columns:
            values = f" ({', '.join(column.among)})" if column.among else ""
            optional = "; may be absent" if column.optional else ""
            yield f"| `{column.name}` | {column.kind} | {column.unit} | {column.meaning}{values}{optional} |"
        yield ""


PAGES = {"cli": cli, "settings": settings, "kpis": kpis, "reports": reports, "datasets": datasets}


def main() -> None:
    """Write the pages, or say which is no longer true."""
    stale = []
    for name, page in PAGES.items():
        text = MADE + "\n" + "\n".join(page())
        target = FOLDER / f"{name}.md"
        if "--check" not in sys.argv:
            target.write_text(text)
        elif not target.is_file() or target.read_text() != text:
            stale.append(target.relative_to(ROOT))
    if stale:
        sys.exit(f"{', '.join(map(str, stale))} no longer say what the code does. Run `make docs`.")


if __name__ == "__main__":
    main()
