"""Kernels that are forked, not started: inside a nursery a run has its kernel at once, without an import of its own.

One process, the cradle (`trade_dashboard.cradle`), imports what notebooks need while we import papermill; then it forks
a kernel for each that asks. Any process that we fork may ask as well.

Who asks sends over the cradle's socket: one end of a line, a file with the order, and where the kernel's noise goes. The
line is what binds the two. It brings the kernel's process id and at last its exit code, and takes the numbers of signals.
When it ends on our side, because whoever asked is dead, the kernel is killed; when it ends on the other, the cradle is
dead, and every kernel with it.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from weakref import WeakSet

from trade_dashboard.settings import secret_values

__all__ = ["import_beside", "inherited", "is_open", "nursery", "order", "tell_once"]

# what would leave a thread behind, and a process with threads must not be forked
THREADLESS = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
INLINE = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}

_cradle: socket.socket | None = None
_lines: WeakSet[socket.socket] = WeakSet()


@contextmanager
def nursery() -> Iterator[None]:
    """Fork the kernels of all runs inside, also of those that processes forked from this one make, side by side.

    Opening it imports what a run needs here as well. Outside, and where forking is not possible, kernels are ordinary;
    the latter is told once. A nursery within a nursery is the same one.
    """
    global _cradle  # noqa: PLW0603 - processes that are forked inside inherit it
    if _cradle or not _can_fork():
        yield
        return
    owner = os.getpid()
    process, _cradle = _start()
    try:
        import_beside()
        yield
    finally:
        # a forked process that leaves this block must not end what the others use
        if os.getpid() == owner:
            _cradle.close()
            _cradle = None
            process.terminate()
            process.wait()


def is_open() -> bool:
    """Tell whether kernels are forked now."""
    return _cradle is not None


def inherited() -> dict[str, str]:
    """Give the variables of our environment that hold no secret."""
    secrets = set(secret_values())
    return {name: value for name, value in os.environ.items() if value not in secrets}


def order(argv: Sequence[str], env: dict[str, str], cwd: str, noise: Sequence[int]) -> socket.socket | None:
    """Order a kernel; None when there is no cradle to take the order.

    Parameters
    ----------
    argv
        Arguments of ipykernel.
    env
        The whole environment of the kernel.
    cwd
        Its working directory.
    noise
        Descriptors of its stdout and stderr.

    Returns
    -------
    socket.socket
        The line to the kernel.
    """
    if _cradle is None:
        return None
    line, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with other, tempfile.TemporaryFile() as paper:
        paper.write(json.dumps({"argv": list(argv), "env": env, "cwd": cwd, "umask": _umask()}).encode())
        paper.seek(0)
        try:
            socket.send_fds(_cradle, [b"kernel"], [other.fileno(), paper.fileno(), *noise])
        except OSError:
            line.close()
            return None
    _lines.add(line)
    return line


@cache
def tell_once(why: str) -> None:
    """Tell that kernels are ordinary although a nursery was opened."""
    logging.getLogger(__name__).warning("Kernels are started, which takes seconds, and not forked: %s", why)


def _can_fork() -> bool:
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError) as error:
        tell_once(f"that needs Linux 5.3 or newer ({error}).")
        return False
    return True


def _start() -> tuple[subprocess.Popen[bytes], socket.socket]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "trade_dashboard.cradle", str(theirs.fileno()), str(os.getpid())],
            env=INLINE | inherited() | THREADLESS,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    return process, ours


def import_beside() -> None:
    """Import what a run needs here, while the cradle imports what a notebook needs there."""
    from trade_dashboard.page import make_ready
    from trade_dashboard.startup import lean

    with lean():
        import papermill  # noqa: F401
    import trade_dashboard.runs.engine
    import trade_dashboard.runs.kernel  # noqa: F401 - and nbclient and jupyter_client with them

    make_ready()


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _let_go() -> None:
    """Leave the lines to the process that we were forked from: they must end with it."""
    for line in list(_lines):
        line.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
