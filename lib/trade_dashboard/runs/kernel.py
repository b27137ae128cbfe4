"""A kernel of our own for each run: without our secrets, with its noise in a file, and forked where a nursery is open."""

from __future__ import annotations

import signal
import tempfile
import time
from pathlib import Path
from queue import Empty
from typing import Any, ClassVar

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient.exceptions import DeadKernelError

from trade_dashboard.runs import memory
from trade_dashboard.runs.nursery import inherited, is_open, tell_once

__all__ = ["kernel_manager"]

KERNELS = Path(__file__).parent / "kernels"
PROVISIONER = "trade-dashboard-nursery"
LONGEST_SOCKET = 100  # an address of a socket in the file system has at most 107 bytes


class PromptClient(AsyncKernelClient):  # type: ignore[misc]
    """A client that knows by the messages when a kernel is ready; its parent class waits until a fifth of a second is silent."""

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        deadline = time.monotonic() + (timeout or float("inf"))
        while not await self._answers(self.kernel_info()):
            if not await self._async_is_alive():
                raise DeadKernelError("Kernel died before replying to kernel_info")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    wait_for_ready = _async_wait_for_ready

    async def _answers(self, asked: str) -> bool:
        """Tell whether the kernel answers, and we hear what it publishes up to the end of that question."""
        try:
            while (reply := await self.shell_channel.get_msg(timeout=1))["parent_header"].get("msg_id") != asked:
                pass
            self._handle_kernel_info_reply(reply)
            while not _is_end(await self.iopub_channel.get_msg(timeout=0.2), asked):
                pass
        except Empty:
            return False
        return True


def _is_end(message: dict[str, Any], asked: str) -> bool:
    ours = message["parent_header"].get("msg_id") == asked
    return bool(ours and message["content"].get("execution_state") == "idle")


def kernel_manager(environment: dict[str, str], log: Path) -> type[AsyncKernelManager]:
    """Make the kind of kernel manager that starts kernels with these variables more, and none that holds a secret.

    What the kernel process writes past the notebook (a crash of a C library, say) goes to the file `log`. How the last of
    its kernels ended is told in `ended`, once it has.
    """

    class RunKernelManager(AsyncKernelManager):  # type: ignore[misc]
        ended: ClassVar[str] = ""

        def __init__(self, **options: Any) -> None:
            self._folder = tempfile.TemporaryDirectory(prefix="kernel-")
            super().__init__(client_factory=PromptClient, **options | _talk_within(self._folder.name) | _specs())

        async def start_kernel(self, **options: Any) -> None:
            with log.open("ab") as noise:
                await super().start_kernel(
                    **options, env=inherited() | environment, stdout=noise.fileno(), stderr=noise.fileno()
                )
            memory.let_die_first(self.provisioner.pid)

        async def _async_cleanup_resources(self, restart: bool = False) -> None:
            if self.has_kernel:
                type(self).ended = _in_words(await self.provisioner.poll(), self.provisioner.process)
            await super()._async_cleanup_resources(restart=restart)
            if not restart:
                self._folder.cleanup()

        cleanup_resources = _async_cleanup_resources

    return RunKernelManager


def _in_words(code: int | None, process: Any) -> str:
    """Say how a process ended; nothing while it lives."""
    if getattr(process, "orphaned", False):
        return "the process that it was forked from was killed"
    if code == -signal.SIGKILL:
        return "it was killed, or ran out of memory (SIGKILL)"
    if code is not None and code < 0:
        return f"it crashed, or was told to end ({signal.Signals(-code).name})"
    return "" if code is None else f"it left with exit code {code}"


def _talk_within(folder: str) -> dict[str, Any]:
    """Let kernel and client meet in a folder that only we can enter; a port would be open to the whole machine."""
    short = len(folder) < LONGEST_SOCKET - len("/kernel-ipc-1")
    return {"connection_file": f"{folder}/kernel.json", "transport": "ipc" if short else "tcp"}


def _specs() -> dict[str, Any]:
    if not is_open():
        return {}
    if PROVISIONER not in KernelProvisionerFactory.instance().get_provisioner_entries():
        tell_once("the installed package is older than this code. Install it again: `pip install --no-deps -e .`")
        return {}
    return {"kernel_spec_manager": KernelSpecManager(kernel_dirs=[str(KERNELS)])}
