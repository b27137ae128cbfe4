"""Records from a source into the store."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

from trade_dashboard import store
from trade_dashboard.settings import Settings
from trade_dashboard.sources import Options, source

__all__ = ["ingest"]


def ingest(
    settings: Settings, name: str, *, first: date | None = None, last: date | None = None, folder: Path | None = None
) -> dict[str, Any]:
    """Fetch the records of the sessions from `first` to `last` and append what is new.

    Returns
    -------
    dict[str, Any]
        Plain values: `source`, `datasets` (by name: `new` and `known` records), `first` and `last` session that came,
        `notes` on what was passed over.
    """
    fetched = source(name).fetch(Options(folder=folder, environment=os.environ), first, last)
    appended = store.append(settings.store, fetched.frames, name)
    sessions = [day for frame in fetched.frames.values() for day in frame["session"].agg(["min", "max"]).dropna()]
    return {
        "source": name,
        "datasets": {dataset: vars(counts) for dataset, counts in appended.items()},
        "first": min(sessions).date().isoformat() if sessions else None,
        "last": max(sessions).date().isoformat() if sessions else None,
        "notes": list(fetched.notes),
    }
