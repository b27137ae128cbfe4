"""Whether a run would make the page that is there already: said only where it can be proved.

A page depends on its parameters, the notebook, our code, what is installed, the settings that reach it, and the records
it read. The record of each run has digests of the first five, and the questions it asked the store with the files that
decided the answers. Neither frames nor a kernel are needed to look whether all that is as it was.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from trade_dashboard.commits import Part, parts
from trade_dashboard.errors import TradeDashboardError
from trade_dashboard.reads import hold
from trade_dashboard.runs.manifest import Manifest
from trade_dashboard.runs.plan import Plan
from trade_dashboard.runs.publish import FAILURE_RECORD, RECORD, folder_of
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import PREFIX, Settings

__all__ = ["find_unchanged", "inputs", "surroundings", "to_run"]

PACKAGE = Path(__file__).parents[1]
# where things are, and how much room a run has, reaches no page; the cut is a matter of the records
UNSEEN = {PREFIX + name for name in ("STORE", "OUTPUTS", "NOTEBOOKS", "MEMORY_MB", "KNOWN_AT")}
Stored = Callable[[], Mapping[str, Sequence[Part]]]


def surroundings() -> dict[str, str]:
    """Digest what is the same for every run of a process: code, what is installed, and the version of Python."""
    return {"code": _code(), "installed": _installed(), "python": platform.python_version()}


def inputs(plan: Plan, settings: Settings, house: Mapping[str, str] | None = None) -> dict[str, str]:
    """Digest everything that a page is made of but the records.

    Parameters
    ----------
    plan, settings
        What is to run, and for whom.
    house
        As `surroundings` gave it; looked up when left out.

    Returns
    -------
    dict[str, str]
        A short digest each of `parameters`, `notebook`, `settings`, `code` and the names and versions of what is
        `installed`; and `python`, its version.
    """
    resolved = {name: value for name, value in settings.to_environment().items() if name not in UNSEEN}
    return {
        # the page names the command, with the parameters that were given, so these count beside the values
        "parameters": _digest(json.dumps([plan.parameters, plan.all_parameters], sort_keys=True).encode()),
        "notebook": _digest(plan.report.path.read_bytes()),
        "settings": _digest(json.dumps(resolved, sort_keys=True).encode()),
        **(house or surroundings()),
    }


def to_run(plans: Sequence[Plan], settings: Settings, *, force: bool) -> tuple[list[Plan], list[Manifest]]:
    """Part what has to run from what has not: the records of the runs whose pages are there, unchanged."""
    found = [None] * len(plans) if force else _look(plans, settings)
    return [plan for plan, known in zip(plans, found, strict=True) if not known], [one for one in found if one]


def _look(plans: Sequence[Plan], settings: Settings) -> list[Manifest | None]:
    if not isinstance(settings.store, str):
        return find_unchanged(plans, settings)
    # what asks a bucket starts threads, and who has threads should not fork
    from trade_dashboard.runs.fork import apart

    return apart(lambda: find_unchanged(plans, settings)) or [None] * len(plans)


def find_unchanged(plans: Sequence[Plan], settings: Settings) -> list[Manifest | None]:
    """Find for each plan the record of the run whose page is there already; None where one has to be made.

    The record's `status` is "unchanged", and its `seconds` are what finding out took.
    """

    @cache
    def stored() -> Mapping[str, Sequence[Part]]:
        found = defaultdict(list)
        for part in parts(settings.store):
            found[part.dataset].append(part)
        return found

    house = surroundings()
    return [_unchanged(plan, settings, house, stored) for plan in plans]


def _unchanged(plan: Plan, settings: Settings, house: Mapping[str, str], stored: Stored) -> Manifest | None:
    begun = time.monotonic()
    folder = folder_of(settings.outputs, plan.report.name, plan.run_date)
    page = folder / "report.html"
    # a failure beside the page is mended by a run
    if not (folder / RECORD).exists() or (folder / FAILURE_RECORD).exists():
        return None
    try:
        record = json.loads((folder / RECORD).read_text())
        same = record["inputs"] == inputs(plan, settings, house) and _reads_the_same(record, plan, settings, stored)
        if not same or _sha256(page.read_bytes()) != record["page_sha256"]:
            return None
        return Manifest(
            plan.report.name,
            plan.run_date,
            plan.all_parameters,
            datetime.fromisoformat(record["known_at"]),
            status="unchanged",
            exit_code=0,
            started=datetime.fromisoformat(record["started"]),
            seconds=round(time.monotonic() - begun, 3),
            page=str(page),
            **{
                name: record[name]
                for name in ("title", "run_id", "page_sha256", "kpis", "told", "alerts", "provenance")
            },
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, TradeDashboardError):
        # whatever cannot be read proves nothing
        return None


def _reads_the_same(record: dict[str, Any], plan: Plan, settings: Settings, stored: Stored) -> bool:
    then, closed = datetime.fromisoformat(record["known_at"]), calendar(settings.exchange).closing(plan.run_date)
    if (then < closed) != (plan.known_at < closed):
        # a page says whether its session was still open
        return False
    # a page that does not say when its records became known names the cut in its stead
    named = record["provenance"].get("data_known_at") or then == plan.known_at
    return bool(named and record["reads"]) and hold(record["reads"], stored(), then, plan.known_at)


def _code() -> str:
    """Digest every file of the package: a version or a revision says nothing of what somebody changed since."""
    hashed = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            hashed.update(f"{path.relative_to(PACKAGE)}\n{_sha256(path.read_bytes())}\n".encode())
    return hashed.hexdigest()[:16]


def _installed() -> str:
    """Digest names and versions of all that is installed, as their folders have them."""
    folders = (Path(entry) for entry in sys.path if Path(entry).is_dir())
    names = {path.name for folder in folders for path in folder.iterdir() if path.suffix in {".dist-info", ".egg-info"}}
    return _digest("\n".join(sorted(names)).encode())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest(content: bytes) -> str:
    return _sha256(content)[:16]
