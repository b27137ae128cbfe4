"""Merge small files, so that a career of evenings stays quick to read; no answer changes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import pyarrow as pa

from trade_dashboard.commits import Part, commit, commits, next_batch, parts
from trade_dashboard.place import Place, Root, Taken, place
from trade_dashboard.schema import dataset
from trade_dashboard.store.layout import AGAIN, arrow_schema, clear, write_parts, writing
from trade_dashboard.store.read import sql_files, sql_names
from trade_dashboard.store.view import connection

__all__ = ["Compacted", "compact"]


@dataclass(frozen=True)
class Compacted:
    """Files of records before and after."""

    before: int
    after: int


def compact(root: Root) -> Compacted:
    """Merge the files of each dataset and month into one, and all commits into one.

    Readers go on: what they opened stays until they are done, and one that finds a file gone asks again. A compaction
    that is killed leaves the store as it was, or merged with remains that the next one clears away; one that a writer
    elsewhere overtook leaves it as it was. Of records with one key that became known at one instant the last stays: no
    cut ever shows the others.

    Raises
    ------
    StoreError
        If the store cannot be written, or a file cannot be read; nothing is lost then.
    """
    where = place(root)
    with writing(where), where.turn():
        names, old = commits(where), parts(where)
        if len(names) < 2:  # noqa: PLR2004 - nothing to merge
            clear(where, keep=old, replaced=())
            return Compacted(len(old), len(old))
        batch = next_batch(names)
        merged = _merged(where, old, batch)
        made = [part for part in merged if part not in old]
        try:
            commit(where, batch, "compaction", merged, replaces=names)
        except Taken:
            where.remove([part.path for part in made])
            return Compacted(len(old), len(old))
        clear(where, keep=merged, replaced=names, gone=old)
    return Compacted(len(old), len(merged))


def _merged(where: Place, old: list[Part], batch: str) -> list[Part]:
    together: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in old:
        together[part.dataset, str(PurePosixPath(part.path).parent)].append(part)
    merged: list[Part] = []
    for (name, _), found in together.items():
        merged += found if len(found) == 1 else _one(where, name, found, batch)
    return merged


def _one(where: Place, name: str, found: list[Part], batch: str) -> list[Part]:
    records = _records(where, name, found)
    written = write_parts(where, name, records.append_column(AGAIN, pa.repeat(pa.scalar(False), len(records))), batch)
    again = sum(part.again for part in found)
    return [replace(part, again=again) for part in written]


def _records(where: Place, name: str, found: list[Part]) -> pa.Table:
    key = sql_names((*dataset(name).key, "known_at"))
    query = f"""
        SELECT * FROM {sql_files(where, found)}
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY batch DESC) = 1
    """  # noqa: S608
    with connection(where, name) as database:
        return database.sql(query).to_arrow_table().cast(arrow_schema(name))
