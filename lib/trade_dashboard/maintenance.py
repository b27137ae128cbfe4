"""Look after the store: what is in it, what changed, and merging its files."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from trade_dashboard import store
from trade_dashboard.schema import DATASETS
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Settings

__all__ = ["compacted", "inventory", "restated"]


def inventory(settings: Settings) -> list[dict[str, Any]]:
    """Count what the store holds of each dataset, as plain values; `rows` are the records known now."""
    root, now, until = settings.store, datetime.now(UTC), calendar(settings.exchange).sessions[-1]
    parts = store.parts(root)
    found = []
    for name in DATASETS:
        files = [part for part in parts if part.dataset == name]
        extent = store.extent(root, name, until=until, known_at=now)
        known = max((part.known_to for part in files), default=None)
        found.append(
            {
                "dataset": name,
                "rows": extent.rows,
                "first": extent.first.isoformat() if extent.first else None,
                "last": extent.last.isoformat() if extent.last else None,
                "known_at": f"{known:%Y-%m-%dT%H:%M:%SZ}" if known else None,
                "files": len(files),
                "bytes": sum(part.size for part in files),
            }
        )
    return found


def compacted(settings: Settings) -> dict[str, int]:
    """Merge the store's files; gives how many there were and are."""
    return vars(store.compact(settings.store))


def restated(settings: Settings, since: datetime) -> list[dict[str, Any]]:
    """List the restatements since an instant, as plain values, oldest first."""
    known_at = settings.known_at or datetime.now(UTC)
    until = calendar(settings.exchange).sessions[-1]
    found = store.restatements(settings.store, since, known_at, until, settings.exchange)
    rows: list[dict[str, Any]] = found.to_dict("records")  # type: ignore[assignment]
    return [
        {**row, "session": row["session"].isoformat(), "known_at": f"{row['known_at']:%Y-%m-%dT%H:%M:%SZ}"}
        for row in rows
    ]
