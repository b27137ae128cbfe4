"""Records from a source into the store; rows that are wrong into quarantine."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from trade_dashboard import store
from trade_dashboard.errors import SchemaError
from trade_dashboard.schema import QUARANTINE, conform
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Settings
from trade_dashboard.sources import Fetched, Options, Rejected, source

__all__ = ["ingest"]

SHOWN = 5


def ingest(
    settings: Settings,
    name: str,
    *,
    first: date | None = None,
    last: date | None = None,
    folder: Path | None = None,
    strict: bool = False,
) -> dict[str, Any]:
    """Fetch the records of the sessions from `first` to `last` and append what is new.

    Returns
    -------
    dict[str, Any]
        Plain values: `source`, `datasets` (by name: `new` and `known` records), `first` and `last` session that came,
        `notes` on what was passed over, `rejected` (how many things were wrong), `rejections` (the first of them), `away`
        (parts of the source that did not answer, and what each said last).

    Raises
    ------
    SchemaError
        If `strict`, and a row is wrong. Nothing is stored then.
    """
    fetched = source(name).fetch(Options(folder=folder, environment=os.environ), first, last)
    if strict and fetched.rejected:
        raise SchemaError(f"{_in_words(fetched.rejected)} Nothing was stored; without --strict the good rows are.")
    kept_out = {QUARANTINE.name: _quarantine(fetched.rejected, settings)} if fetched.rejected else {}
    appended = store.append(settings.store, {**fetched.frames, **kept_out}, name)
    return {
        "source": name,
        "datasets": {dataset: vars(counts) for dataset, counts in appended.items()},
        **_span(fetched),
        "notes": list(fetched.notes),
        "rejected": len(fetched.rejected),
        "rejections": [asdict(one) for one in fetched.rejected[:SHOWN]],
        "away": dict(fetched.away),
    }


def _span(fetched: Fetched) -> dict[str, str | None]:
    days = [day for frame in fetched.frames.values() for day in frame["session"].agg(["min", "max"]).dropna()]
    return {
        "first": min(days).date().isoformat() if days else None,
        "last": max(days).date().isoformat() if days else None,
    }


def _in_words(rejected: tuple[Rejected, ...]) -> str:
    one = rejected[0]
    rows = len({(other.origin, other.line) for other in rejected})
    return (
        f"Expected {one.dataset} in {one.origin}, but line {one.line} has {one.column} = {one.value!r} ({one.reason})"
        + (f", and {rows - 1} more rows are wrong." if rows > 1 else ".")
    )


def _quarantine(rejected: tuple[Rejected, ...], settings: Settings) -> pd.DataFrame:
    arrived = calendar(settings.exchange).last_closed(datetime.now(UTC))
    rows = pd.DataFrame([asdict(one) for one in rejected]).drop_duplicates(list(QUARANTINE.key))
    return conform(QUARANTINE.name, rows.assign(session=str(arrived), value=rows["value"].replace("", "(empty)")))
