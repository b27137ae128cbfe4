"""Run a notebook and keep of its outputs what is compared later; all others are stripped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trade_dashboard.startup import skip_grammar

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["CHECKED", "recorded"]

CHECKED = "# NBVAL_CHECK_OUTPUT"


def recorded(notebook: NotebookNode, environment: dict[str, str], log: Path) -> NotebookNode:
    """Run a notebook, in place, and leave it as it is committed.

    Parameters
    ----------
    notebook
        Cells that begin with `# NBVAL_CHECK_OUTPUT` keep their output.
    environment
        Variables that the kernel gets besides ours.
    log
        File of the kernel's noise.
    """
    skip_grammar()
    from nbclient import NotebookClient

    from trade_dashboard.runs.kernel import kernel_manager

    NotebookClient(notebook, kernel_name="python3", kernel_manager_class=kernel_manager(environment, log)).execute()
    for cell in notebook.cells:
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
        if cell.cell_type == "code":
            kept = CHECKED in cell.source
            # nbval compares nothing of a cell that never ran
            cell.execution_count = 1 if kept else None
            cell.outputs = [_one_count(output) for output in cell.outputs] if kept else []
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def _one_count(output: NotebookNode) -> NotebookNode:
    """Give every output the same count: the order of executions says nothing."""
    if "execution_count" in output:
        output.execution_count = 1
    return output
