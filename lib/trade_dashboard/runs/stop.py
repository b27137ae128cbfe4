"""Stop when we are told to: promptly, but never in the middle of a publication."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

__all__ = ["StopSignal", "stoppable", "unstoppable"]

SIGNALS = (signal.SIGTERM, signal.SIGINT)


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
    """Hold signals back until the end of the block."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
