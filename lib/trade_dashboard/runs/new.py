"""A new report: a small notebook that runs and keeps every rule, for its author to change."""

from __future__ import annotations

import json
import keyword
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trade_dashboard.errors import RequestError
from trade_dashboard.runs.catalog import catalog
from trade_dashboard.runs.record import CHECKED, recorded

__all__ = ["NewReport", "describe", "new_report", "write"]

README = "README.md"
SETUP = """\
from trade_dashboard import metrics, open_book, present

book = open_book(run_date)
account = metrics.reckon(book)
history = metrics.history(account)
holdings = metrics.by_symbol(account)
kpis = metrics.nightly_kpis(history)
alerts = metrics.alerts(account, book.settings.limits)"""
BANNER = """\
uses = ["bars", "fills", "cash_flows", "corporate_actions", "equity", "positions"]
present.banner(alerts, metrics.notices(book, uses, account=account))"""
STARTER = (
    ("banner", BANNER),
    ("opening", 'present.opening(book, present.answer(kpis, holdings, alerts, history["drawdown"]))'),
    ("strip", f'{CHECKED}\npresent.strip(kpis, ["equity", "day_return", "drawdown"])'),
    ("changes-title", "## What changed"),
    ("changes", "present.kpi_changes(kpis)"),
    ("equity-title", "## Equity"),
    ("equity", "present.account_chart(history, metrics.benchmark(book), lookback)"),
    ("positions-title", "## Positions"),
    ("positions", "present.holdings_table(holdings, metrics.other_income(account))"),
    ("provenance", "present.glue_run(book, kpis, alerts)\npresent.provenance(book)"),
)


@dataclass(frozen=True)
class NewReport:
    """A report to be: its name, and what its first cell says."""

    name: str
    title: str
    question: str


def describe(folder: Path, name: str, title: str | None, question: str) -> NewReport:
    """Hold what was asked for against the rules of names, before anything is written.

    Raises
    ------
    RequestError
        If the name is no lower-case Python name or is taken, or title or question is not one line, or asks nothing.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        better = re.sub(r"\W+", "_", name.lower()).strip("_0123456789") or "my_report"
        raise RequestError(
            f"Expected a name of lower-case letters, digits and underscores that begins with a letter, but got {name!r}. "
            f"Try `trade-dashboard new {better}`."
        )
    if name in catalog(folder) or (folder / f"{name}.ipynb").exists():
        raise RequestError(f"Expected a new name, but {folder / f'{name}.ipynb'} is there already. Choose another.")
    asked = NewReport(name, title or name.replace("_", " ").capitalize(), question)
    if "\n" in asked.title + question or not re.fullmatch(r"[^*_]+\?", question):
        raise RequestError(
            f"Expected a title of one line and a question that ends in a question mark, but got {asked.title!r} and "
            f"{question!r}. Try `--question 'What did I pay to trade?'`."
        )
    return asked


def new_report(report: NewReport, run_date: str) -> dict[str, Any]:
    """Make the notebook of a report, never run.

    Parameters
    ----------
    report
        What it is called and asks.
    run_date
        Its default, ISO date.
    """
    parameters = (
        f'run_date: str = "{run_date}"  # session to report, ISO date\n'
        "lookback: int = 250  # sessions in the equity chart"
    )
    cells = [
        _cell("title", f"# {report.title}\n\n*{report.question}*"),
        _cell("parameters", parameters, tags=["parameters"]),
        _cell("setup", SETUP),
        *(_cell(name, source) for name, source in STARTER),
    ]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cell(name: str, source: str, tags: list[str] | None = None) -> dict[str, Any]:
    metadata = {"tags": tags} if tags else {}
    text = {"id": name, "metadata": metadata, "source": source}
    if source.startswith("#") and not source.startswith(CHECKED):
        return {"cell_type": "markdown", **text}
    return {"cell_type": "code", "execution_count": None, "outputs": [], **text}


def write(report: NewReport, folder: Path, run_date: str, environment: dict[str, str], log: Path) -> Path:
    """Run a new report once, keep what is compared, and write it beside the others, with its section in their catalogue.

    Parameters
    ----------
    report
        As described.
    folder
        Of the notebooks.
    run_date
        Session of the sample to run it for.
    environment
        Variables that its kernel gets besides ours: they name the sample's store.
    log
        File of the kernel's noise.

    Returns
    -------
    Path
        Of the notebook.
    """
    import nbformat

    notebook = recorded(nbformat.from_dict(new_report(report, run_date)), environment, log)
    path = folder / f"{report.name}.ipynb"
    text = nbformat.writes(notebook)
    path.write_text(json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    _add_section(folder, report)
    return path


def _add_section(folder: Path, report: NewReport) -> None:
    """Put the report's section among the others, which are in the order of their names."""
    path = folder / README
    text = path.read_text() if path.is_file() else "# The reports\n"
    parameters = "\n".join(
        f"- `{one.name}`: {one.help.removesuffix(', ISO date')}" for one in catalog(folder)[report.name].parameters
    )
    section = f"## `{report.name}`\n\n*{report.question}*\n\n{parameters}\n"
    later = next((found for found in re.finditer(r"^## `(\w+)`", text, re.MULTILINE) if found[1] > report.name), None)
    at = later.start() if later else len(text)
    path.write_text(f"{text[:at].rstrip()}\n\n{section}" + (f"\n{text[at:]}" if later else ""))
