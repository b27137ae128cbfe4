"""Append a batch of records: all of it or nothing, and nothing that the store knows already."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from trade_dashboard.errors import SchemaError
from trade_dashboard.schema import dataset
from trade_dashboard.store.compact import compact
from trade_dashboard.store.layout import Part, arrow_schema, commit, commits, only_writer, parts, write_parts, writing
from trade_dashboard.store.read import connection, latest, sql_files, sql_name

__all__ = ["Appended", "append", "withdraw"]

# so many commits are read in a few milliseconds; more are merged by whoever adds one
MOST_COMMITS = 64


@dataclass(frozen=True)
class Appended:
    """What an append did to one dataset: records that were `new`, and records `known` already."""

    new: int
    known: int


def append(
    root: Path, frames: Mapping[str, pd.DataFrame], source: str, known_at: datetime | None = None
) -> dict[str, Appended]:
    """Add records to the store.

    Parameters
    ----------
    root
        Folder of the store; made when absent.
    frames
        Records by dataset, columns as in the schema. A column `known_at` (UTC), where a frame has one, says when each
        record became known.
    source
        Where the records come from.
    known_at
        When the records without such a column became known: now.

    Returns
    -------
    dict[str, Appended]
        By dataset, what was new. A record that repeats the newest of its key adds nothing.

    Raises
    ------
    SchemaError
        If two records of a frame have one key and different values.
    StoreError
        If the folder cannot be written. Nothing of the batch is visible then.
    """
    moment = known_at or datetime.now(UTC)
    with writing(root), only_writer(root) as batch:
        stored = parts(root)
        tables = {name: _to_arrow(name, one, source, moment, batch) for name, one in frames.items() if len(one)}
        fresh = {
            name: _unknown(root, name, table, stored, own_instants="known_at" in frames[name].columns)
            for name, table in tables.items()
        }
        written = [part for name, table in fresh.items() for part in write_parts(root, name, table, batch)]
        if written:
            commit(root, batch, source, written)
    if len(commits(root)) > MOST_COMMITS:
        compact(root)
    return {
        name: Appended(new=len(fresh[name]), known=len(frame) - len(fresh[name])) if name in fresh else Appended(0, 0)
        for name, frame in frames.items()
    }


def withdraw(root: Path, name: str, keys: pd.DataFrame, source: str, known_at: datetime | None = None) -> int:
    """Void records: from now on they were never there; before, they still are.

    Parameters
    ----------
    root, source, known_at
        As in `append`.
    name
        A dataset.
    keys
        One row for each record to void, with the columns of the dataset's key.

    Returns
    -------
    int
        How many records were there to void.
    """
    moment = known_at or datetime.now(UTC)
    spec = dataset(name)
    same = " AND ".join(f"s.{sql_name(column)} = k.{sql_name(column)}" for column in spec.key)
    with writing(root), only_writer(root) as batch:
        stored = [part for part in parts(root) if part.dataset == name]
        if not stored or keys.empty:
            return 0
        with connection(root, name) as database:
            database.register("keys", keys[list(spec.key)])
            newest = latest(spec, sql_files(root, stored))
            query = f"SELECT s.* FROM {newest} s SEMI JOIN keys k ON {same} WHERE NOT s.withdrawn"  # noqa: S608
            found = database.sql(query).to_arrow_table().cast(arrow_schema(name))
        void = {"known_at": moment, "source": source, "withdrawn": True, "batch": batch}
        for column, value in void.items():
            at = found.schema.get_field_index(column)
            found = found.set_column(
                at, found.schema.field(at), pa.array([value] * len(found), found.schema.field(at).type)
            )
        written = list(write_parts(root, name, found, batch))
        if written:
            commit(root, batch, source, written)
    return len(found)


def _to_arrow(name: str, frame: pd.DataFrame, source: str, moment: datetime, batch: str) -> pa.Table:
    spec = dataset(name)
    stamped = frame.assign(source=source, withdrawn=False, batch=batch)
    if "known_at" not in frame.columns:
        stamped = stamped.assign(known_at=pd.Timestamp(moment).as_unit("us"))
    single = stamped.drop_duplicates(subset=[*spec.names, "known_at"])
    twice = single[single.duplicated([*spec.key, "known_at"], keep=False)]
    if len(twice):
        key = ", ".join(str(value) for value in twice.iloc[0][list(spec.key)])
        raise SchemaError(f"Dataset {name} expects one record for each {' + '.join(spec.key)}, but got two of {key}.")
    return pa.Table.from_pandas(single, schema=arrow_schema(name), preserve_index=False)


def _unknown(root: Path, name: str, table: pa.Table, stored: list[Part], *, own_instants: bool) -> pa.Table:
    """Keep the records that the store does not know.

    Records that became known just now are compared with the newest of their key. Those that say themselves when they
    became known are a replay, in any order: of them only exact repetitions are known.
    """
    spec = dataset(name)
    span = pc.min_max(table["session"]).as_py()
    # where the session is part of the key, only files of the same sessions can hold the same records
    far = "session" in spec.key
    files = [
        part
        for part in stored
        if part.dataset == name and not (far and (part.last < span["min"] or part.first > span["max"]))
    ]
    if not files:
        return table
    columns = (*spec.names, "withdrawn")
    same = " AND ".join(f"n.{sql_name(column)} IS NOT DISTINCT FROM s.{sql_name(column)}" for column in columns)
    records = sql_files(root, files)
    against = (
        f"{records} s ON {same} AND n.known_at = s.known_at" if own_instants else f"{latest(spec, records)} s ON {same}"
    )
    with connection(root, name) as database:
        database.register("incoming", table)
        fresh = database.sql(f"SELECT n.* FROM incoming n ANTI JOIN {against}")  # noqa: S608
        return fresh.to_arrow_table().cast(table.schema)
