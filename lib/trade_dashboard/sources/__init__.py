"""Where records come from: a registry of sources, one module each.

A source is a module with `fetch(options, first, last)`, which gives the records of the sessions from `first` to `last`
(None means open). It is imported when it is asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from trade_dashboard.errors import RequestError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "SOURCES",
    "Fetched",
    "Memory",
    "Options",
    "Rejected",
    "Source",
    "Unread",
    "expect_source",
    "pieces",
    "source",
]

SOURCES = {
    "sample": "the embedded fictitious account",
    "broker-export": "a folder of CSV and JSON files as the hub's extractor drops them",
    "services": "market-analysis, trade-manager and trade-discovery, over HTTP",
    "alpaca": "the broker Alpaca, by its REST API",
}


@dataclass(frozen=True)
class Options:
    """What a source may need to be told; each takes what it knows. Addresses and secrets are in the environment.

    Attributes
    ----------
    folder
        Of a broker's export.
    open_session
        Whether provisional prices of the session that is trading are wanted, where the source has such.
    environment
        Variables by name.
    recall
        Gives what a `Memory` of that name held the last time, or nothing.
    progress
        Is told what is being fetched, how many of such are done, and of how many.
    """

    folder: Path | None = None
    open_session: bool = False
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    recall: Callable[[str], Mapping[str, Any]] = field(default=lambda _: {}, repr=False)
    progress: Callable[[str, int, int], None] = field(default=lambda *_: None, repr=False)


@dataclass(frozen=True)
class Rejected:
    """One thing wrong with one row: the row was kept out, and this says why.

    Attributes
    ----------
    dataset
        Where the row would have gone.
    origin
        File or address it came from.
    line
        Its line in the file, or its place in the answer, counted from 1.
    column, value
        What is wrong with it; the value as text, cut to a readable length.
    reason
        Which rule it breaks.
    """

    dataset: str
    origin: str
    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Memory:
    """What a source wants to know the next time, of something that has a name; plain values."""

    name: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Unread:
    """Files of a source that were read now, and those that were not: they are as they were.

    Attributes
    ----------
    read, unchanged
        How many.
    since
        When the newest of the unchanged was read, ISO.
    records
        How many records of the unchanged count, by dataset.
    """

    read: int
    unchanged: int
    since: str | None
    records: Mapping[str, int]


@dataclass(frozen=True)
class Fetched:
    """What a source gave: frames by dataset, columns as in the schema, and what it did not give.

    Attributes
    ----------
    frames
        Records by dataset.
    notes
        On what was passed over, for people.
    rejected
        Rows that were wrong.
    away
        Parts of the source that did not answer, and what each said last.
    late
        Records that count only where the store has none of their key from this source.
    memory
        What to recall the next time, once the records are stored.
    unread
        On files, where the source has such.
    """

    frames: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    away: Mapping[str, str] = field(default_factory=dict)
    late: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    memory: Memory | None = None
    unread: Unread | None = None


class Source(Protocol):
    """What every source module offers.

    One that takes long may offer `pieces` besides, of the same arguments: one `Fetched` after the other, oldest first, each
    to be stored before the next is asked for.
    """

    def fetch(self, options: Options, first: date | None, last: date | None) -> Fetched:
        """Give the records of the sessions from `first` to `last`."""
        ...


def expect_source(name: str) -> None:
    """Refuse a name that is no source; the message names the near miss.

    Raises
    ------
    RequestError
        If there is no source of that name.
    """
    if name not in SOURCES:
        near = difflib.get_close_matches(name, SOURCES, n=1)
        raise RequestError(
            f"Expected a source ({', '.join(SOURCES)}), but got {name!r}."
            + (f" Did you mean `trade-dashboard ingest {near[0]}`?" if near else "")
        )


def source(name: str) -> Source:
    """Look a source up and load it; refuses as `expect_source` does."""
    expect_source(name)
    return cast("Source", import_module(f"trade_dashboard.sources.{name.replace('-', '_')}"))


def pieces(name: str, options: Options, first: date | None, last: date | None) -> Iterator[Fetched]:
    """Fetch from a source, piece by piece where it can."""
    module = source(name)
    yield from getattr(module, "pieces", lambda *asked: [module.fetch(*asked)])(options, first, last)
