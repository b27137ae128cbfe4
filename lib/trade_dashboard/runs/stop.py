"""Stop when we are told to: promptly, but never in the middle of a publication."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

__all__ = ["SIGNALS", "StopSignal", "die_with_parent", "stoppable", "unstoppable"]

SIGNALS = (signal.SIGTERM, signal.SIGINT)
PR_SET_PDEATHSIG = 1


class StopSignal(SystemExit):
    """A signal arrived. An event loop lets only this kind of exception out of a callback, so it is no plain Exception."""

    def __init__(self, signum: int) -> None:
        super().__init__(128 + signum)
        self.signum = signum


def _raise(signum: int, _frame: FrameType | None) -> NoReturn:
    raise StopSignal(signum)


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn the signals that ask us to stop into `StopSignal`, also as process 1 of a container."""
    before = {signum: signal.signal(signum, _raise) for signum in SIGNALS}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)


@contextmanager
def unstoppable() -> Iterator[None]:
    """Hold signals back until the end of the outermost such block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def die_with_parent(parent: int) -> None:
    """Have this process told to stop when its parent dies, whatever of; where the system knows no such thing, go on."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # it may have died before that
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
