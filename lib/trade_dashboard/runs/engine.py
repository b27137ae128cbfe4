"""papermill's engine, but for its saves: not twice a cell, and yet nothing that was computed is unsaved for long."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_event_loop
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.iorw import write_ipynb

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["ENGINE", "SAVE_SECONDS"]

ENGINE = "unhurried"
SAVE_SECONDS = 2.0


class _Unhurried(NotebookExecutionManager):  # type: ignore[misc]
    """Saves some seconds after something changed, also in the midst of a long cell."""

    _due: asyncio.TimerHandle | None = None

    def save(self, **_: Any) -> None:
        if self._due is None:
            self._due = ensure_event_loop().call_later(SAVE_SECONDS, self.save_now)

    def save_now(self) -> None:
        self.forget()
        # in one step: killed while it writes, the run leaves what it had saved before
        aside = Path(self.output_path).with_suffix(".part.ipynb")
        write_ipynb(self.nb, str(aside))
        aside.replace(self.output_path)

    def forget(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None


class _Engine(NBClientEngine):  # type: ignore[misc]
    @classmethod
    def execute_notebook(cls, nb: NotebookNode, kernel_name: str, output_path: str, **options: Any) -> NotebookNode:
        """Run it; at its end papermill saves it, and here it is saved when it does not come to its end."""
        manager = _Unhurried(nb, output_path=output_path, progress_bar=options.pop("progress_bar"))
        manager.notebook_start()
        try:
            cls.execute_managed_notebook(manager, kernel_name, **options)
        except BaseException:
            manager.notebook_complete()
            manager.save_now()
            raise
        manager.notebook_complete()
        manager.forget()
        return manager.nb


papermill_engines.register(ENGINE, _Engine)
