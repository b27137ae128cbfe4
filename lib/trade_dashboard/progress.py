"""How far a long ingest is, for people: a bar where they sit at a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Tell", "progress"]

Tell = Callable[[str, int, int], None]
EVERY_SECONDS = 5.0


@contextmanager
def progress(name: str, say: Callable[[str], None], every_seconds: float = EVERY_SECONDS) -> Iterator[Tell]:
    """Show how far something is.

    Parameters
    ----------
    name
        What takes long.
    say
        Writes a line, where there is no terminal.
    every_seconds
        At most one line in that time.

    Yields
    ------
    Tell
        Is told what comes next, how many of such are done, and of how many.
    """
    if sys.stderr.isatty():
        with _bar(name) as tell:
            yield tell
    else:
        yield _lines(name, say, every_seconds)


def _lines(name: str, say: Callable[[str], None], every_seconds: float) -> Tell:
    said = time.monotonic()

    def tell(what: str, done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= every_seconds:
            said = time.monotonic()
            say(f"{name}: {done:,} of {total:,}, next {what}")

    return tell


@contextmanager
def _bar(name: str) -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn(name, markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)
