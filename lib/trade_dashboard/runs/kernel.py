"""A kernel of our own for each run: without our secrets, and with its noise in a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager

from trade_dashboard.runs import memory
from trade_dashboard.settings import secret_values

__all__ = ["kernel_manager"]


def kernel_manager(environment: dict[str, str], log: Path) -> type[AsyncKernelManager]:
    """Make the kind of kernel manager that starts kernels with these variables more, and none that holds a secret.

    What the kernel process writes past the notebook (a crash of a C library, say) goes to the file `log`.
    """
    secrets = set(secret_values())
    inherited = {name: value for name, value in os.environ.items() if value not in secrets}

    class RunKernelManager(AsyncKernelManager):  # type: ignore[misc]
        async def start_kernel(self, **options: Any) -> Any:
            with log.open("ab") as noise:
                await super().start_kernel(
                    **options, env=inherited | environment, stdout=noise.fileno(), stderr=noise.fileno()
                )
            memory.let_die_first(self.provisioner.pid)

    return RunKernelManager
