"""Which reports there are: one notebook each, its stem is the report's name."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trade_dashboard.errors import RequestError
from trade_dashboard.runs.parameters import Parameter, declared

__all__ = ["Report", "catalog", "find_report"]

TAG = "parameters"


@dataclass(frozen=True)
class Report:
    """One report: its question, and what it can be asked with."""

    name: str
    path: Path
    title: str
    question: str
    parameters: tuple[Parameter, ...]

    def to_json(self) -> dict[str, Any]:
        """Describe the report in plain values."""
        return {
            "report": self.name,
            "title": self.title,
            "question": self.question,
            "parameters": [parameter.to_json() for parameter in self.parameters],
        }


def catalog(folder: Path) -> dict[str, Report]:
    """Find every report of a folder: the notebooks with a cell tagged `parameters`.

    Raises
    ------
    RequestError
        If the folder is not there, or a notebook cannot be read.
    """
    if not folder.is_dir():
        raise RequestError(
            f"Expected a folder of notebooks, but {folder} is none. Name it with --notebooks or TRADE_DASHBOARD_NOTEBOOKS."
        )
    found = (_report(path) for path in sorted(folder.glob("*.ipynb")))
    return {report.name: report for report in found if report}


def find_report(folder: Path, name: str) -> Report:
    """Look a report up.

    Raises
    ------
    RequestError
        If there is none of that name; the message names the near miss.
    """
    reports = catalog(folder)
    if name in reports:
        return reports[name]
    near = difflib.get_close_matches(name, reports, n=1)
    hint = f"Did you mean `{near[0]}`?" if near else "`trade-dashboard reports` lists them with their parameters."
    raise RequestError(
        f"Expected a report ({', '.join(reports) or 'none in ' + str(folder)}), but got {name!r}. {hint}"
    )


def _report(path: Path) -> Report | None:
    try:
        cells = json.loads(path.read_text())["cells"]
    except (OSError, ValueError, KeyError) as error:
        raise RequestError(f"Expected a notebook in {path}, but got {type(error).__name__}: {error}.") from error
    parameters = [_source(cell) for cell in cells if TAG in cell.get("metadata", {}).get("tags", [])]
    if not parameters:
        return None
    opening = next((_source(cell) for cell in cells if cell["cell_type"] == "markdown"), "")
    title = re.search(r"^#\s+(.+)$", opening, re.MULTILINE)
    question = re.search(r"^[*_](.+)[*_]$", opening, re.MULTILINE)
    return Report(
        name=path.stem,
        path=path,
        title=title[1].strip() if title else path.stem,
        question=question[1].strip() if question else "",
        parameters=declared(path.stem, parameters[0]),
    )


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
