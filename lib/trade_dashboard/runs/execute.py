"""Execute a report's notebook with papermill, and judge the result ourselves."""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trade_dashboard.disk import full
from trade_dashboard.errors import exit_code_of, said_by
from trade_dashboard.runs import memory
from trade_dashboard.runs.catalog import Report
from trade_dashboard.startup import lean

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["NOTEBOOK", "Executed", "Failure", "execute", "load"]

ANSI = re.compile(r"\x1b\[[0-9;]*m")
SCRAP = "application/scrapbook.scrap.json+json"
START_SECONDS = 60
NOTEBOOK = "report.ipynb"
NO_ROOM = "No space left on device"


@dataclass(frozen=True)
class Failure:
    """Why a run failed: one line, the exit code it means, and the traceback where a cell raised."""

    reason: str
    exit_code: int = 1
    cell: int | None = None
    traceback: str = ""


@dataclass(frozen=True)
class Executed:
    """A notebook after its run; `failure` is our own verdict, whatever the notebook's metadata says."""

    notebook: NotebookNode | None
    failure: Failure | None

    def scraps(self) -> dict[str, Any]:
        """Collect what the notebook glued, by name."""
        cells = self.notebook.cells if self.notebook else []
        outputs = (output for cell in cells for output in cell.get("outputs", []))
        payloads = (output["data"][SCRAP] for output in outputs if SCRAP in output.get("data", {}))
        return {payload["name"]: payload["data"] for payload in payloads}


def execute(report: Report, parameters: dict[str, Any], environment: dict[str, str], work: Path) -> Executed:
    """Run the notebook in a kernel of its own; never raises for what goes wrong in it.

    Parameters
    ----------
    report, parameters
        What to run, with plain values.
    environment
        Variables that the kernel gets besides ours.
    work
        Folder of the run: the notebook is saved there every few seconds and at its end, and `kernel.log` holds the kernel's noise.
    """
    with lean():
        import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    from trade_dashboard.runs.engine import ENGINE
    from trade_dashboard.runs.kernel import kernel_manager

    logging.getLogger("papermill").setLevel(logging.CRITICAL)
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    saved = work / NOTEBOOK
    failure, killed = None, memory.kills()
    manager = kernel_manager(environment, work / "kernel.log")
    try:
        papermill.execute_notebook(
            str(report.path),
            str(saved),
            parameters=parameters,
            engine_name=ENGINE,
            kernel_name="python3",
            progress_bar=False,
            start_timeout=START_SECONDS,
            cwd=str(work),
            kernel_manager_class=manager,
            shutdown_kernel="immediate",
        )
    except PapermillExecutionError as error:
        said = said_by(error.ename, error.evalue)
        reason = _with_room(said, work) if NO_ROOM in said else said
        failure = Failure(reason, exit_code_of(error.ename), traceback=_text(error.traceback))
    except DeadKernelError:
        died = f"The kernel died: {manager.ended}."
        failure = Failure(memory.told(killed) or _with_room(died, work), traceback=_noise(work))
    except Exception as error:  # noqa: BLE001 - whatever papermill or the disk does is this run's failure
        said = f"{type(error).__name__}: {error}"
        failure = Failure(memory.told(killed) or _with_room(said, work), traceback=_noise(work))
    notebook = load(saved)
    return Executed(notebook, failure or _verdict(notebook))


def _verdict(notebook: NotebookNode | None) -> Failure | None:
    """Say whether every cell ran to its end; `sys.exit(0)` in a cell is no success."""
    if notebook is None:
        return Failure("The run left no notebook.")
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    for number, cell in enumerate(cells, start=1):
        errors = [output for output in cell.outputs if output.output_type == "error"]
        if errors:
            first = errors[0]
            return Failure(
                said_by(first.ename, first.evalue), exit_code_of(first.ename), number, _text(first.traceback)
            )
        if cell.execution_count is None:
            return Failure(f"Code cell {number} of {len(cells)} never ran.", cell=number)
    return None


def load(path: Path) -> NotebookNode | None:
    """Read a notebook; None if there is none, or only half of one."""
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError):
        return None


def _text(traceback: list[str]) -> str:
    return ANSI.sub("", "\n".join(traceback))


def _with_room(said: str, work: Path) -> str:
    """Add which disk is full, if one is: that explains most that goes wrong there."""
    # not `tempfile.gettempdir()`, which passes over a place that has no room
    cause = full([work.parent, Path(os.environ.get("TMPDIR") or "/tmp")])  # noqa: S108
    return f"{said.rstrip('.')}. {cause}" if cause else said


def _noise(work: Path) -> str:
    try:
        return (work / "kernel.log").read_text(errors="replace")[-4000:]
    except OSError:
        return ""
