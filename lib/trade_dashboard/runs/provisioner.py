"""How jupyter_client gets a kernel from the nursery; it is named by the kernelspec beside this module."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from trade_dashboard.runs.nursery import order, tell_once

__all__ = ["Forked", "NurseryProvisioner"]

PATIENCE_SECONDS = 60


class Forked:
    """A kernel at the other end of a line, with the manners of `subprocess.Popen`.

    Attributes
    ----------
    pid
        Its process id.
    returncode
        None while it lives; its exit code, or the negative number of the signal that ended it.
    orphaned
        Whether the cradle died, which ended it.
    """

    stdin = stdout = stderr = None

    def __init__(self, line: socket.socket, pid: int) -> None:
        self._line, self.pid = line, pid
        self.returncode: int | None = None
        self.orphaned = False

    def poll(self) -> int | None:
        """Tell how it ended; None while it lives."""
        if self.returncode is None:
            with suppress(BlockingIOError):
                self._end(_heard(self._line))
        return self.returncode

    def wait(self) -> int:
        """Wait for its end."""
        if self.returncode is None:
            self._line.setblocking(True)
            self._end(_heard(self._line))
        return self.returncode or 0

    async def gone(self, seconds: float) -> None:
        """Wait some time for its end without holding up others."""
        if self.returncode is None:
            with suppress(TimeoutError):
                self._end(await _hear(self._line, seconds))

    def send_signal(self, signum: int) -> None:
        """Send a signal to it and to every process that it started."""
        if self.poll() is None:
            with suppress(OSError):
                self._line.send(b"%d" % signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _end(self, said: bytes) -> None:
        self.orphaned = not said
        self.returncode = int(said or -signal.SIGKILL)
        self._line.close()


class NurseryProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Fork kernels where a nursery is open; elsewhere, or when the cradle has died, start ordinary ones."""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        """Fork a kernel that does what the command would."""
        forked = await _forked(cmd, options)
        if forked is None:
            return await super().launch_kernel(cmd, **options)
        self.process, self.pid, self.cwd = forked, forked.pid, options.get("cwd")
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End it; `jupyter_client` would look a tenth of a second later whether it is dead."""
        await super().kill(restart)
        if isinstance(self.process, Forked):
            await self.process.gone(1.0)


async def _forked(cmd: list[str], options: dict[str, Any]) -> Forked | None:
    noise = [options.get("stdout") or 1, options.get("stderr") or 2]
    line = order(cmd[2:], options["env"], str(options.get("cwd") or Path.cwd()), noise)
    if line is not None:
        with suppress(TimeoutError):
            if said := await _hear(line, PATIENCE_SECONDS):
                return Forked(line, int(said))
        line.close()
    tell_once("the process that they are forked from has died.")
    return None


async def _hear(line: socket.socket, seconds: float) -> bytes:
    line.setblocking(False)
    with suppress(ConnectionError):
        return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(line, 64), seconds)
    return b""


def _heard(line: socket.socket) -> bytes:
    with suppress(ConnectionError):
        return line.recv(64)
    return b""
