"""Where records come from: a registry of sources, one module each.

A source is a module with `fetch(options, first, last)`, which gives the records of the sessions from `first` to `last`
(None means open). It is imported when it is asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from trade_dashboard.errors import RequestError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SOURCES", "Fetched", "Options", "Rejected", "Source", "expect_source", "source"]

SOURCES = {
    "sample": "the embedded fictitious account",
    "broker-export": "a folder of CSV and JSON files as the hub's extractor drops them",
    "services": "market-analysis, trade-manager and trade-discovery, over HTTP",
    "alpaca": "the broker Alpaca, by its REST API",
}


@dataclass(frozen=True)
class Options:
    """What a source may need to be told; each takes what it knows. Addresses and secrets are in the environment."""

    folder: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


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
    """

    frames: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    away: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """What every source module offers."""

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
