"""The index of all pages: one static file, made from the records of runs alone, that asks nothing of any network."""

from __future__ import annotations

import math
import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from trade_dashboard.deliver.records import Record, records
from trade_dashboard.page import asset, policy
from trade_dashboard.page.spark import spark

__all__ = ["INDEX", "Built", "build_index"]

INDEX = "index.html"
TREND = 120
MONTHS_OPEN = 3
REASONS_OPEN = 20
STRIP = 4
IN_WORDS = {
    "done": "done",
    "failed": "failed",
    "not_ready": "data not ready",
    "refused": "refused",
    "stopped": "stopped",
    "skipped": "skipped",
    "unreadable": "unreadable",
}


@dataclass(frozen=True)
class Built:
    """The index that was made: where it is, how many runs it knows, and its bytes."""

    path: Path
    runs: int
    size: int


def build_index(outputs: Path) -> Built:
    """Make `index.html` in a folder of outputs; it is replaced in one step.

    Raises
    ------
    OSError
        If the folder cannot be read or written.
    """
    found = records(outputs)
    page = render(found).encode()
    outputs.mkdir(parents=True, exist_ok=True)
    aside = outputs / f".{INDEX}.{os.getpid()}"
    aside.write_bytes(page)
    aside.replace(outputs / INDEX)
    return Built(outputs / INDEX, len(found), len(page))


def render(found: Sequence[Record]) -> str:
    """Write the page of some records, oldest session first."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    folder = Path(__file__).parent.parent / "page" / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    css, script = asset("theme.css") + asset("page.css") + asset("site.css"), asset("site.js")
    by_report: dict[str, list[Record]] = defaultdict(list)
    for one in found:
        by_report[one.report].append(one)
    wrong = [one for one in reversed(found) if not one.done]
    return environment.get_template("site.html.j2").render(
        css=Markup(css),  # noqa: S704 - our own stylesheet and script
        script=Markup(script),  # noqa: S704
        policy=policy(css, script),
        newest=found[-1].run_date if found else None,
        reports=[_report(name, runs) for name, runs in sorted(by_report.items())],
        months=_months(found),
        months_open=MONTHS_OPEN,
        wrong=wrong,
        reasons_open=REASONS_OPEN,
        words=IN_WORDS,
        count=len(found),
        day=_day,
    )


def _report(name: str, runs: Sequence[Record]) -> dict[str, Any]:
    """Gather what is shown of one report: its last success, what went wrong since, and how its KPIs went."""
    done = [one for one in runs if one.done]
    last = done[-1] if done else None
    since = [one for one in runs if not one.done and (last is None or one.run_date >= last.run_date)]
    kpis = [_kpi(key, words, done[-TREND:]) for key, words in (last.told if last else {}).items()]
    return {
        "name": name,
        "title": runs[-1].title if last is None else last.title,
        "last": last,
        "since": since[-1] if since else None,
        "kpis": kpis,
        "strip": kpis[:STRIP],
    }


def _kpi(key: str, words: dict[str, str], runs: Sequence[Record]) -> dict[str, Any]:
    from markupsafe import Markup

    values = [one.kpis.get(key, {}).get("value") for one in runs]
    trail = [float(value) if isinstance(value, int | float) else math.nan for value in values]
    # the line is our own drawing of numbers
    return {"key": key, **words, "spark": Markup(spark(trail)), "n": sum(not math.isnan(one) for one in trail)}  # noqa: S704


def _months(found: Sequence[Record]) -> list[dict[str, Any]]:
    """Part the runs by month, newest first, and within by report."""
    months: dict[date, dict[str, dict[date, Record]]] = defaultdict(lambda: defaultdict(dict))
    for one in found:
        # a failure that stands beside a page is newer than it, and comes first
        months[one.run_date.replace(day=1)][one.report].setdefault(one.run_date, one)
    return [
        {"name": f"{month:%B %Y}", "reports": [(name, list(runs.values())) for name, runs in sorted(reports.items())]}
        for month, reports in sorted(months.items(), reverse=True)
    ]


def _day(value: date) -> str:
    return f"{value.day} {value:%B %Y}"
