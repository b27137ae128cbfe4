"""One run from its plan to its published page."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from trade_dashboard.disk import refusal
from trade_dashboard.errors import NoSessionError, StoppedError, TradeDashboardError
from trade_dashboard.page import Facts, export
from trade_dashboard.reads import READS, noted
from trade_dashboard.runs.catalog import find_report
from trade_dashboard.runs.execute import NOTEBOOK, Executed, Failure, execute, load
from trade_dashboard.runs.manifest import Manifest, versions
from trade_dashboard.runs.plan import Plan
from trade_dashboard.runs.publish import FAILURE_RECORD, SKIPPED, folder_of, note, publish, published, workplace
from trade_dashboard.runs.redact import redact
from trade_dashboard.runs.stop import StopSignal, interruptible, unstoppable
from trade_dashboard.runs.unchanged import inputs
from trade_dashboard.settings import PREFIX, Settings

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["lost", "run", "skip"]

STATUS = {0: "done", 1: "failed", 2: "refused", 3: "not_ready", 99: "skipped"}
IN_A_WORD = {1: "Failed", 2: "Refused", 3: "Data not ready", 99: "Skipped"}
RESERVED = ("alerts", "provenance", "told")
READS_FILE = "reads.jsonl"
# a page of more would keep somebody waiting who wants us to stop
SOON_SHOWN_BYTES = 1_000_000


def run(plan: Plan, settings: Settings, house: Mapping[str, str] | None = None) -> Manifest:
    """Run a report and publish its page, or its failure beside the last page.

    Parameters
    ----------
    plan, settings
        What to run, and for whom.
    house
        The `surroundings` when what runs it was imported; as they are now when left out.

    Returns
    -------
    Manifest
        The record of the run. Whatever goes wrong in the run is in it.
    """
    begun = Manifest.begin(plan.report.name, plan.run_date, plan.all_parameters, plan.known_at, plan.report.title)
    folder = folder_of(settings.outputs, plan.report.name, plan.run_date)
    with unstoppable():
        try:
            begun = replace(begun, inputs=inputs(plan, settings, house))
            with workplace(folder, begun.run_id) as work:
                (work / "run.json").write_text(begun.to_json())
                executed, page = _made(plan, settings, work)
                return _settle(plan, executed, page, _proved(begun, plan, settings, work), work)
        except OSError as error:
            failed = begun.finish("failed", 1, reason=refusal(folder, error))
            # the work is cleared away: where that was what filled the disk, there is room for a word now
            with suppress(OSError):
                note(folder, FAILURE_RECORD, failed.to_json())
            return failed


def lost(plan: Plan, settings: Settings, error: TradeDashboardError) -> Manifest:
    """Leave word of a run that cannot do so itself: it was stopped before it began, or its process died."""
    begun = Manifest.begin(plan.report.name, plan.run_date, plan.all_parameters, plan.known_at, plan.report.title)
    status = "stopped" if isinstance(error, StoppedError) else "failed"
    ended = begun.finish(status, error.exit_code, reason=redact(str(error)))
    with suppress(OSError):
        note(folder_of(settings.outputs, plan.report.name, plan.run_date), FAILURE_RECORD, ended.to_json())
    return ended


def skip(settings: Settings, report: str, error: NoSessionError) -> None:
    """Leave word that a report had nothing to do on a date."""
    if error.session is None:
        return
    known_at = settings.known_at or datetime.now(UTC)
    begun = Manifest.begin(report, error.session, {}, known_at, find_report(settings.notebooks, report).title)
    record = begun.finish("skipped", error.exit_code, reason=str(error)).to_json()
    note(folder_of(settings.outputs, report, error.session), SKIPPED, record)


def _made(plan: Plan, settings: Settings, work: Path) -> tuple[Executed, bytes]:
    """Run the notebook and make its page; a signal stops either, and is a failure with a page of what there was."""
    environment = _environment(plan, settings) | settings.store_credentials() | {READS: str(work / READS_FILE)}
    executed = None
    try:
        with interruptible():
            executed = execute(plan.report, plan.all_parameters, environment, work)
            return _exported(plan, executed)
    except StopSignal as stop:
        stop.late.cancel()
        stopped = StoppedError(stop.signum)
        # a page that was too long in the making is not begun again
        notebook = None if executed else _soon_shown(work / NOTEBOOK)
        return _exported(plan, Executed(notebook, Failure(str(stopped), stopped.exit_code)))


def _soon_shown(path: Path) -> NotebookNode | None:
    with suppress(OSError):
        return load(path) if path.stat().st_size < SOON_SHOWN_BYTES else None
    return None


def _environment(plan: Plan, settings: Settings) -> dict[str, str]:
    return settings.model_copy(update={"known_at": plan.known_at}).to_environment()


def _proved(begun: Manifest, plan: Plan, settings: Settings, work: Path) -> Manifest:
    """Add what the run read; what it was made of proves nothing if that changed meanwhile."""
    same = begun.inputs == inputs(plan, settings)
    reads = noted(work / READS_FILE, _environment(plan, settings)[PREFIX + "STORE"], plan.known_at)
    return replace(begun, inputs=begun.inputs if same else {}, reads=reads)


def _exported(plan: Plan, executed: Executed) -> tuple[Executed, bytes]:
    try:
        return executed, _page(plan, executed)
    except Exception as error:  # noqa: BLE001 - a page that cannot be made is a failed run
        failure = executed.failure or Failure(f"The page cannot be made: {type(error).__name__}: {error}")
        return replace(executed, failure=failure), b""


def _settle(plan: Plan, executed: Executed, page: bytes, begun: Manifest, work: Path) -> Manifest:
    """Write the record, and publish it with the page."""
    scraps = executed.scraps()
    failure = executed.failure
    code = failure.exit_code if failure else 0
    finished = begun.finish(
        STATUS.get(code, "stopped"),
        code,
        reason=redact(failure.reason) if failure else None,
        page=str(work.parent / published("report.html", success=not failure)) if page else None,
        page_sha256=hashlib.sha256(page).hexdigest() if page else None,
        notebook_sha256=hashlib.sha256(plan.report.path.read_bytes()).hexdigest(),
        kpis={name: value for name, value in scraps.items() if name not in RESERVED},
        told=scraps.get("told", {}),
        alerts=scraps.get("alerts", []),
        provenance=scraps.get("provenance", {}),
    )
    if page:
        (work / "report.html").write_bytes(page)
    (work / "run.json").write_text(finished.to_json())
    publish(work, success=not failure)
    return finished


def _page(plan: Plan, executed: Executed) -> bytes:
    from nbformat.v4 import new_notebook

    failure, provenance = executed.failure, executed.scraps().get("provenance", {})
    facts = Facts(
        report=plan.report.name,
        title=plan.report.title,
        question=plan.report.question,
        run_date=plan.run_date.isoformat(),
        parameters=plan.all_parameters,
        command=_command(plan, provenance.get("data_known_at") or plan.known_at.isoformat()),
        versions=versions(),
        failure=(IN_A_WORD.get(failure.exit_code, "Stopped"), redact(failure.reason), redact(failure.traceback))
        if failure
        else None,
    )
    return export(executed.notebook or new_notebook(), facts)


def _command(plan: Plan, known_at: str) -> str:
    """Say what to type to run this again."""
    words = ["trade-dashboard", "run", plan.report.name, "--date", plan.run_date.isoformat()]
    for name, value in sorted(plan.parameters.items()):
        text = ",".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
        words += ["-p", f"{name}={text}"]
    return shlex.join([*words, "--known-at", known_at])
