"""Several runs side by side, each in a process of its own, forked from one that has imported what they need.

So each costs a fork, what one leaves in memory dies with it, and a crash in one touches no other.
"""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Protocol

from trade_dashboard.errors import ReportError, StoppedError, TradeDashboardError
from trade_dashboard.runs.fork import fork
from trade_dashboard.runs.manifest import Manifest
from trade_dashboard.runs.nursery import import_beside, is_open, nursery
from trade_dashboard.runs.plan import Plan
from trade_dashboard.runs.run import lost, run
from trade_dashboard.runs.stop import SIGNALS, StopSignal, interruptible, unstoppable
from trade_dashboard.runs.unchanged import surroundings
from trade_dashboard.settings import Settings

__all__ = ["Watcher", "cores", "side_by_side"]

STOP_SECONDS = 4.0
TICK_SECONDS = 0.5


class Watcher(Protocol):
    """Whoever wants to know how the runs go."""

    def began(self, plan: Plan) -> None:
        """Hear that a run starts."""

    def ended(self, manifest: Manifest) -> None:
        """Hear how one ended."""

    def tick(self) -> None:
        """Be called about twice a second while runs are at work."""


@dataclass(frozen=True)
class _Worker:
    plan: Plan
    settings: Settings
    process: ForkProcess
    receiver: Connection


Start = Callable[[Plan], _Worker]


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def side_by_side(plans: Sequence[Plan], settings: Settings, jobs: int, watcher: Watcher) -> int | None:
    """Run plans, at most `jobs` at a time, in their order; a single one runs in this process.

    What ends is told of as it ends.

    Returns
    -------
    int | None
        The signal that stopped all of it: then the runs at work ended as stopped, and those after them never began.
    """
    if not plans:
        return None
    # what is imported from here on is the code as it is now, whatever somebody saves meanwhile
    house = surroundings()
    with unstoppable(), ExitStack() as stack:
        try:
            with interruptible():
                stack.enter_context(nursery())
        except StopSignal as stop:
            # those that would have been first were about to begin
            stop.late.cancel()
            for plan in plans[:jobs]:
                watcher.ended(lost(plan, settings, StoppedError(stop.signum)))
            return stop.signum
        if len(plans) > 1:
            return _share_out(iter(plans), partial(_start, settings, house), jobs, watcher)
        watcher.began(plans[0])
        watcher.ended(run(plans[0], settings, house))
        return None


@contextmanager
def _shared() -> Iterator[None]:
    """Keep the collector from touching what every run needs: forks share what nobody writes."""
    if not is_open():
        with interruptible():
            import_beside()
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _share_out(plans: Iterator[Plan], start: Start, jobs: int, watcher: Watcher) -> int | None:
    working: list[_Worker] = []
    # a worker that is not yet in the list would be forgotten by a stop, so one is let in only while we wait
    with unstoppable():
        try:
            with _shared():
                _work_off(plans, start, jobs, watcher, working)
        except StopSignal as stop:
            stop.late.cancel()
            _stop(working, stop.signum, watcher)
            return stop.signum
        finally:
            for worker in working:
                worker.process.kill()
    return None


def _work_off(plans: Iterator[Plan], start: Start, jobs: int, watcher: Watcher, working: list[_Worker]) -> None:
    while True:
        while len(working) < jobs and (plan := next(plans, None)):
            watcher.began(plan)
            working.append(start(plan))
        if not working:
            return
        with interruptible():
            ready = _ready(working, TICK_SECONDS)
        _collect(working, ready, watcher)
        watcher.tick()


def _start(settings: Settings, house: Mapping[str, str], plan: Plan) -> _Worker:
    def work() -> Manifest:
        try:
            return run(plan, settings, house)
        except StopSignal as stop:
            stop.late.cancel()
            return lost(plan, settings, StoppedError(stop.signum))
        except Exception as error:  # noqa: BLE001 - one run never takes the others with it
            return lost(plan, settings, ReportError(f"{type(error).__name__}: {error}"))

    receiver, process = fork(work)
    return _Worker(plan, settings, process, receiver)


def _ready(working: Sequence[_Worker], seconds: float) -> list[_Worker]:
    """Wait for workers that end within some time; the one that began first comes first."""
    ready = wait([worker.receiver for worker in working], seconds)
    return [worker for worker in working if worker.receiver in ready]


def _collect(working: list[_Worker], ready: Sequence[_Worker], watcher: Watcher) -> None:
    for worker in ready:
        working.remove(worker)
        watcher.ended(_result(worker))


def _result(worker: _Worker) -> Manifest:
    try:
        manifest: Manifest = worker.receiver.recv()
    except EOFError:
        worker.process.join()
        return lost(worker.plan, worker.settings, _why(worker.process.exitcode or 0))
    finally:
        worker.receiver.close()
    worker.process.join()
    return manifest


def _why(code: int) -> TradeDashboardError:
    """Tell a stop between two steps from a death: `code` is the signal with a minus, where one killed the process."""
    if code - 128 in SIGNALS:
        return StoppedError(code - 128)
    what = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
    return ReportError(f"The process of this run {what}. If memory is short, try fewer at a time: `--jobs 1`.")


def _stop(working: list[_Worker], signum: int, watcher: Watcher) -> None:
    """Hand a signal on, and give the workers time to leave word of it."""
    for worker in working:
        if pid := worker.process.pid:
            os.kill(pid, signum)
    deadline = time.monotonic() + STOP_SECONDS
    while working and (left := deadline - time.monotonic()) > 0:
        _collect(working, _ready(working, left), watcher)
    for worker in working:
        worker.process.kill()
        worker.process.join()
        watcher.ended(lost(worker.plan, worker.settings, StoppedError(signum)))
    working.clear()
