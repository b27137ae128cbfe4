"""A process of its own for a piece of work, forked from this one; what it gives comes back through a pipe."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import TypeVar

from trade_dashboard.runs.stop import die_with_parent, stoppable, unstoppable

__all__ = ["apart", "fork"]

T = TypeVar("T")
FORK = multiprocessing.get_context("fork")


def fork(work: Callable[[], object]) -> tuple[Connection, ForkProcess]:
    """Start some work; its result can be received until the process dies, which is EOFError then.

    The process is told to stop when this one dies.
    """
    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_worker, args=(work, sender, os.getpid()))
    process.start()
    sender.close()
    return receiver, process


def apart(work: Callable[[], T]) -> T | None:
    """Do something whose threads are not to be there when we fork; None if its process dies of it."""
    receiver, process = fork(work)
    try:
        done: T = receiver.recv()
    except EOFError:
        return None
    finally:
        process.join()
    return done


def _worker(work: Callable[[], object], sender: Connection, parent: int) -> None:
    # a Ctrl-C at the terminal goes to the one that then stops us, once
    os.setpgid(0, 0)
    with stoppable(lambda signum: os._exit(128 + signum)):
        die_with_parent(parent)
        done = work()
        with unstoppable():
            sender.send(done)
