"""Stop when we are told to: promptly, but never in the middle of a publication, and never in silence."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

__all__ = [
    "SIGNALS",
    "StopSignal",
    "die_with_parent",
    "end_others",
    "interruptible",
    "settled",
    "stoppable",
    "unstoppable",
    "within",
]

SIGNALS = (signal.SIGTERM, signal.SIGINT)
PR_SET_PDEATHSIG = 1
# how long what we wait for may keep us, and whoever leaves word of a stop; an engine kills after 10
PATIENCE_SECONDS, WORD_SECONDS = 2.0, 8.0


class StopSignal(SystemExit):
    """A signal arrived. An event loop lets only this kind of exception out of a callback, so it is no plain Exception.

    Attributes
    ----------
    late
        Ends the process if nobody catches the exception in time; whoever does cancels it.
    """

    def __init__(self, signum: int, late: threading.Timer) -> None:
        super().__init__(128 + signum)
        self.signum = signum
        self.late = late


@dataclass
class _Door:
    """Whether signals are kept waiting, and the one that waits. A mask would not do: another thread would let it in."""

    closed: bool = False
    waiting: int | None = None
    patience_seconds: float = PATIENCE_SECONDS


_door = _Door()


@contextmanager
def stoppable(give_up: Callable[[int], object]) -> Iterator[None]:
    """Turn the signals that ask us to stop into `StopSignal`, also as process 1 of a container.

    A container starts us with these signals held back, since process 1 never hears of one that comes before it listens.

    Parameters
    ----------
    give_up
        Gets the signal's number, in a thread, when what we wait for does not let go of us.
    """
    heard: list[StopSignal] = []

    def stop(signum: int, _frame: FrameType | None) -> None:
        if _door.closed:
            _door.waiting = signum
            return
        heard.append(StopSignal(signum, within(_door.patience_seconds, give_up, signum)))
        raise heard[-1]

    _door.closed, _door.waiting = False, None
    before = {signum: signal.signal(signum, stop) for signum in SIGNALS}
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        yield
    except Exception as error:
        if heard:  # and a library put an error of its own in the place of ours, as duckdb does
            raise heard[-1] from error
        raise
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


def within(seconds: float, action: Callable[[int], object], number: int) -> threading.Timer:
    """Do something unless we are done before; a thread that nobody waits for does it."""
    timer = threading.Timer(seconds, action, [number])
    timer.daemon = True
    timer.start()
    return timer


@contextmanager
def unstoppable() -> Iterator[None]:
    """Keep signals waiting until the end of the outermost such block; what came too late for it is told to nobody."""
    before, _door.closed = _door.closed, True
    try:
        yield
    finally:
        _door.closed = before or _door.waiting is not None


@contextmanager
def interruptible() -> Iterator[None]:
    """Let signals in, in the middle of what is `unstoppable`; one that waits comes at once.

    Who calls this catches the `StopSignal`, and leaves word of it.
    """
    signum, _door.waiting = _door.waiting, None
    _door.closed, _door.patience_seconds = False, WORD_SECONDS
    try:
        if signum:
            signal.raise_signal(signum)
        yield
    finally:
        _door.closed, _door.patience_seconds = True, PATIENCE_SECONDS


def settled() -> None:
    """Let no signal change what is decided: the last line says it, and the process ends."""
    _door.closed = True


def end_others() -> bool:
    """As process 1 of a container, end whatever else runs in it; tells whether there was anything."""
    if os.getpid() != 1:
        return False
    try:
        os.kill(-1, signal.SIGKILL)
    except OSError:
        return False
    return True


def die_with_parent(parent: int, signum: int = signal.SIGTERM) -> None:
    """Have this process told to stop when its parent dies, whatever of; where the system knows no such thing, go on."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signum)
    # it may have died before that
    if os.getppid() != parent:
        os.kill(os.getpid(), signum)
