"""Merge small files, so that a career of evenings stays quick to read; no answer changes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from trade_dashboard.schema import dataset
from trade_dashboard.store.layout import (
    Part,
    arrow_schema,
    clear,
    commit,
    commits,
    only_writer,
    parts,
    write_parts,
    writing,
)
from trade_dashboard.store.read import connection, sql_files, sql_name

__all__ = ["Compacted", "compact"]


@dataclass(frozen=True)
class Compacted:
    """Files of records before and after."""

    before: int
    after: int


def compact(root: Path) -> Compacted:
    """Merge the files of each dataset and month into one, and all commits into one.

    Readers go on: what they opened stays until they are done, and one that finds a file gone asks again. A compaction
    that is killed leaves the store as it was, or merged with remains that the next one clears away. Of records with one
    key that became known at one instant the last stays: no cut ever shows the others.

    Raises
    ------
    StoreError
        If the folder cannot be written, or a file cannot be read; nothing is lost then.
    """
    with writing(root), only_writer(root) as batch:
        old, names = parts(root), [path.name for path in commits(root)]
        if len(names) < 2:  # noqa: PLR2004 - nothing to merge
            clear(root, keep=old, replaced=())
            return Compacted(len(old), len(old))
        merged = _merged(root, old, batch)
        commit(root, batch, "compaction", merged, replaces=names)
        clear(root, keep=merged, replaced=names)
    return Compacted(len(old), len(merged))


def _merged(root: Path, old: list[Part], batch: str) -> list[Part]:
    together: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in old:
        together[part.dataset, str(Path(part.path).parent)].append(part)
    merged: list[Part] = []
    for (name, _), found in together.items():
        merged += found if len(found) == 1 else write_parts(root, name, _records(root, name, found), batch)
    return merged


def _records(root: Path, name: str, found: list[Part]) -> pa.Table:
    key = ", ".join(sql_name(column) for column in (*dataset(name).key, "known_at"))
    query = f"""
        SELECT * FROM {sql_files(root, found)}
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY batch DESC) = 1
    """  # noqa: S608
    with connection(root, name) as database:
        return database.sql(query).to_arrow_table().cast(arrow_schema(name))
