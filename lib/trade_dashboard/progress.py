"""How far something long is, for people: a bar where they sit at a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Task
    from rich.text import Text

__all__ = ["Tell", "progress"]

Tell = Callable[[str, int, int], None]
EVERY_SECONDS = 5.0


@contextmanager
def progress(
    name: str, say: Callable[[str], None], every_seconds: float = EVERY_SECONDS, *, threads: bool = True
) -> Iterator[Tell]:
    """Show how far something is.

    Parameters
    ----------
    name
        What takes long.
    say
        Writes a line, where there is no terminal.
    every_seconds
        At most one line in that time.
    threads
        Whether a thread may move the bar; without one it moves when it is told something.

    Yields
    ------
    Tell
        Is told what comes next, how many of such are done, and of how many.
    """
    if sys.stderr.isatty():
        with _bar(name, threads=threads) as tell:
            yield tell
    else:
        yield _lines(name, say, every_seconds)


def _lines(name: str, say: Callable[[str], None], every_seconds: float) -> Tell:
    begun = said = time.monotonic()

    def tell(what: str, done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= every_seconds:
            said = time.monotonic()
            say(f"{name}: {done:,} of {total:,}{_pace(done, total, said - begun)}, next {what}")

    return tell


def _pace(done: int, total: int, seconds: float) -> str:
    """Say how quick it goes, and how long it will; nothing before the first is done."""
    if not done:
        return ""
    left = round(seconds / done * (total - done))
    return f", {_rate(done / seconds)}, {left // 3600}:{left // 60 % 60:02}:{left % 60:02} left"


def _rate(a_second: float) -> str:
    return f"{a_second:,.0f} a second" if a_second >= 10 else f"{a_second:.2f} a second"  # noqa: PLR2004


@contextmanager
def _bar(name: str, *, threads: bool) -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(_rate(task.speed) if task.speed else "", style="progress.data.speed")

    columns = (
        TextColumn(name, markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, auto_refresh=threads) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total, refresh=not threads
        )
