"""Where records come from: a registry of sources, one module each.

A source is a module with `fetch(options, first, last)`, which gives the records of the sessions from `first` to `last`
(None means open). It is imported when it is asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from trade_dashboard.errors import RequestError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SOURCES", "Fetched", "Options", "Source", "expect_source", "source"]

SOURCES = {
    "sample": "the embedded fictitious account",
    "broker-export": "a folder of CSV and JSON files as the hub's extractor drops them",
}


@dataclass(frozen=True)
class Options:
    """What a source may need to be told; each takes what it knows."""

    folder: Path | None = None


@dataclass(frozen=True)
class Fetched:
    """What a source gave: frames by dataset, columns as in the schema, and notes on what it passed over."""

    frames: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...] = ()


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
