"""What changed about sessions that had been told of before: restatements are news."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from trade_dashboard.schema import DATASETS, Dataset
from trade_dashboard.store.layout import Part, parts
from trade_dashboard.store.read import connection, sql_files, sql_name, while_compacting

__all__ = ["restatements"]

COLUMNS = ["dataset", "key", "session", "change", "field", "old", "new", "known_at", "source"]


def restatements(root: Path, since: datetime, known_at: datetime, until: date) -> pd.DataFrame:
    """List what became known after `since` about sessions that records had told of before.

    Parameters
    ----------
    root
        Folder of the store.
    since, known_at
        What became known after the first and not after the second.
    until
        Last session to look at.

    Returns
    -------
    pd.DataFrame
        One row for each field of each record that changed, by `known_at`: `dataset`, `key` (its values, joined by
        spaces), `session`, `change` ("corrected", "withdrawn", "restored", or "late": a record of a session of which, or
        of a later one, the dataset had records before), `field`, `old`, `new` (as text; None where there is none),
        `known_at`, `source`.
    """
    return while_compacting(lambda: _all(root, since, known_at, until))


def _all(root: Path, since: datetime, known_at: datetime, until: date) -> pd.DataFrame:
    found = [part for part in parts(root) if part.known_from <= known_at]
    rows = [
        row
        for name, spec in DATASETS.items()
        if any(part.dataset == name and part.known_to > since for part in found)
        for row in _of(root, spec, [part for part in found if part.dataset == name], [known_at, since, until])
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.sort_values(["known_at", "dataset", "key", "field"], ignore_index=True)


def _of(root: Path, spec: Dataset, files: list[Part], cut: list[datetime | date]) -> list[dict[str, Any]]:
    key = ", ".join(sql_name(column) for column in spec.key)
    held = "account" if "account" in spec.names else "dataset"
    before = ", ".join(f"lag({sql_name(column)}) OVER version AS {sql_name(f'old {column}')}" for column in _told(spec))
    query = f"""
        WITH told AS (SELECT *, '{spec.name}' AS dataset FROM {sql_files(root, files)} WHERE known_at <= ?),
        covered AS (
            SELECT {held}, known_at, max(max(session)) OVER (
                PARTITION BY {held} ORDER BY known_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS reached FROM told GROUP BY {held}, known_at
        ),
        versions AS (
            SELECT *, lag(known_at) OVER version AS known_before, lag(withdrawn) OVER version AS was_withdrawn, {before}
            FROM told WINDOW version AS (PARTITION BY {key} ORDER BY known_at, batch)
        )
        SELECT versions.*, reached FROM versions JOIN covered USING ({held}, known_at)
        WHERE known_at > ? AND session <= ? AND (known_before IS NOT NULL OR session <= reached)
    """  # noqa: S608
    with connection(root, spec.name) as database:
        changed = database.sql(query, params=cut).to_arrow_table().to_pylist()
    return [row for one in changed for row in _rows(spec, one)]


def _told(spec: Dataset) -> list[str]:
    return [column for column in spec.names if column not in spec.key]


def _rows(spec: Dataset, one: dict[str, Any]) -> list[dict[str, Any]]:
    """Say what changed between a record and the one before it of its key."""
    about = {
        "dataset": spec.name,
        "key": " ".join(_text(one[column]) or "" for column in spec.key),
        "session": one["session"],
        "known_at": one["known_at"],
        "source": one["source"],
    }
    if one["known_before"] is None:
        return [about | {"change": "late", "field": None, "old": None, "new": None}]
    if one["withdrawn"] != one["was_withdrawn"]:
        change = "withdrawn" if one["withdrawn"] else "restored"
        return [about | {"change": change, "field": None, "old": None, "new": None}]
    return [
        about | {"change": "corrected", "field": column, "old": _text(one[f"old {column}"]), "new": _text(one[column])}
        for column in _told(spec)
        if one[column] != one[f"old {column}"]
    ]


def _text(value: object) -> str | None:
    if isinstance(value, float):
        return f"{value:.10g}"
    return None if value is None else str(value)
