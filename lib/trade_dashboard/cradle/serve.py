"""Fork a kernel for each order, pass signals on to it, tell how it ended, and end it when nobody waits for it any more."""

from __future__ import annotations

import os
import selectors
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import NoReturn

from trade_dashboard.runs.stop import die_with_parent

__all__ = ["Born", "serve"]


@dataclass(frozen=True)
class Born:
    """What a fork brings along: descriptors of its order, of its stdout and of its stderr."""

    order: int
    stdout: int
    stderr: int


@dataclass(frozen=True)
class _Child:
    pid: int
    handle: int
    line: socket.socket

    def signal(self, signum: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signum)

    def close(self) -> None:
        os.close(self.handle)
        self.line.close()


def serve(control: socket.socket) -> Born:
    """Serve as long as somebody can order; returns only in a fork."""
    cradle = _Cradle(control)
    try:
        return cradle.serve()
    except SystemExit:
        cradle.end()


class _Cradle:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ, self._take_order)
        signal.signal(signal.SIGTERM, _stop)

    def serve(self) -> Born:
        while True:
            for key, _ in self._selector.select():
                if born := key.data():
                    return born  # type: ignore[no-any-return]

    def end(self) -> NoReturn:
        for child in self._children.values():
            child.signal(signal.SIGKILL)
        os._exit(0)

    def _take_order(self) -> Born | None:
        message, descriptors, _, _ = socket.recv_fds(self._control, 64, 4)
        if not message:
            raise SystemExit
        line, papers = socket.socket(fileno=descriptors[0]), descriptors[1:]
        pid = self._fork()
        if pid == 0:
            line.close()
            return Born(*papers)
        for paper in papers:
            os.close(paper)
        if pid is None:
            line.close()
        else:
            self._look_after(_Child(pid, os.pidfd_open(pid), line))
        return None

    def _fork(self) -> int | None:
        """Fork; None where there is no room for one more process: who asked starts an ordinary kernel."""
        cradle = os.getpid()
        # told to stop between here and there, a fork would take itself for the cradle and end its siblings
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        try:
            pid: int | None = os.fork()
        except OSError:
            pid = None
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            die_with_parent(cradle, signal.SIGKILL)
            self._leave()
        if pid is not None:
            # on both sides, so that whoever is first can rely on it
            with suppress(PermissionError, ProcessLookupError):
                os.setpgid(pid, pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
        return pid

    def _leave(self) -> None:
        """Close in a fork what is the cradle's."""
        self._selector.close()
        self._control.close()
        for child in self._children.values():
            child.close()

    def _look_after(self, child: _Child) -> None:
        self._children[child.pid] = child
        self._selector.register(child.line, selectors.EVENT_READ, partial(self._listen, child))
        self._selector.register(child.handle, selectors.EVENT_READ, partial(self._bury, child))
        _tell(child.line, child.pid)

    def _listen(self, child: _Child) -> None:
        if child.pid not in self._children:
            return
        try:
            heard = child.line.recv(64)
        except ConnectionError:
            heard = b""
        child.signal(int(heard or signal.SIGKILL))
        if not heard:
            self._selector.unregister(child.line)

    def _bury(self, child: _Child) -> None:
        child.signal(signal.SIGKILL)  # what it started, and left behind
        _, status = os.waitpid(child.pid, 0)
        for watched in (child.line, child.handle):
            with suppress(KeyError):
                self._selector.unregister(watched)
        _tell(child.line, os.waitstatus_to_exitcode(status))
        del self._children[child.pid]
        child.close()


def _tell(line: socket.socket, number: int) -> None:
    with suppress(OSError):
        line.send(b"%d" % number)


def _stop(*_: object) -> NoReturn:
    raise SystemExit
