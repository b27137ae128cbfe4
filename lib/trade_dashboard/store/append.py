"""Append a batch of records: all of it or nothing, and nothing that the store knows already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from trade_dashboard.commits import Part, commit, commits, next_batch, parts
from trade_dashboard.errors import SchemaError, StoreError
from trade_dashboard.place import Place, Root, Taken, place
from trade_dashboard.schema import dataset
from trade_dashboard.sessions import calendar
from trade_dashboard.store.closing import sql_closing
from trade_dashboard.store.compact import compact
from trade_dashboard.store.layout import AGAIN, arrow_schema, write_parts, writing
from trade_dashboard.store.read import latest, sql_files, sql_name, sql_names
from trade_dashboard.store.view import connection

__all__ = ["Appended", "append", "withdraw"]

# so many commits are read in a few milliseconds; more are merged by whoever adds one
MOST_COMMITS = 64
ATTEMPTS = 20


@dataclass(frozen=True)
class Appended:
    """What an append did to one dataset: records that were `new`, and records `known` already."""

    new: int
    known: int


def append(
    root: Root,
    frames: Mapping[str, pd.DataFrame],
    source: str,
    known_at: datetime | None = None,
    exchange: str = "XNYS",
) -> dict[str, Appended]:
    """Add records to the store.

    Parameters
    ----------
    root
        Folder or URL of the store; made when absent.
    frames
        Records by dataset, columns as in the schema. A column `known_at` (UTC), where a frame has one, says when each
        record became known.
    source
        Where the records come from.
    known_at
        When the records without such a column became known: now.
    exchange
        Whose sessions close.

    Returns
    -------
    dict[str, Appended]
        By dataset, what was new. A record that repeats the newest of its key adds nothing, but for the first time after
        its session closed: until then nothing was final.

    Raises
    ------
    SchemaError
        If two records of a frame have one key and different values.
    StoreError
        If the store cannot be written. Nothing of the batch is visible then.
    """
    where, moment = place(root), known_at or datetime.now(UTC)
    tables = {name: _to_arrow(name, one, source, moment) for name, one in frames.items() if len(one)}

    def fresh(stored: list[Part]) -> dict[str, pa.Table]:
        return {
            name: _unknown(where, name, table, stored, None if "known_at" in frames[name].columns else exchange)
            for name, table in tables.items()
        }

    with writing(where), where.turn():
        new = _commit_new(where, source, fresh)
        crowded = len(commits(where)) > MOST_COMMITS
    if crowded:
        compact(root)
    return {
        name: Appended(new.get(name, 0), len(frame) - new.get(name, 0)) if len(frame) else Appended(0, 0)
        for name, frame in frames.items()
    }


def withdraw(root: Root, name: str, keys: pd.DataFrame, source: str, known_at: datetime | None = None) -> int:
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
    where, moment = place(root), known_at or datetime.now(UTC)

    def voids(stored: list[Part]) -> dict[str, pa.Table]:
        files = [part for part in stored if part.dataset == name]
        if not files or keys.empty:
            return {}
        return {
            name: _stamped(_there(where, name, files, keys), {"known_at": moment, "source": source, "withdrawn": True})
        }

    with writing(where), where.turn():
        return _commit_new(where, source, voids).get(name, 0)


def _commit_new(where: Place, source: str, records: Callable[[list[Part]], dict[str, pa.Table]]) -> dict[str, int]:
    """Store what `records` makes of what is stored; ask it again when somebody else was quicker."""
    for _ in range(ATTEMPTS):
        batch = next_batch(commits(where))
        found = {name: table for name, table in records(parts(where)).items() if len(table)}
        written: list[Part] = []
        try:
            for name, table in found.items():
                written += write_parts(where, name, _stamped(table, {"batch": batch}), batch)
            if written:
                commit(where, batch, source, written)
        except Taken:
            where.remove([part.path for part in written])
            continue
        return {name: len(table) for name, table in found.items()}
    raise StoreError("Others write to the store faster than this batch can be. Ingest again.")


def _to_arrow(name: str, frame: pd.DataFrame, source: str, moment: datetime) -> pa.Table:
    spec = dataset(name)
    stamped = frame.assign(source=source, withdrawn=False, batch="")
    if "known_at" not in frame.columns:
        stamped = stamped.assign(known_at=pd.Timestamp(moment).as_unit("us"))
    key = [*spec.key, "known_at"]
    # most batches repeat no key, and looking at the keys alone is quick
    if stamped.duplicated(key).any():
        stamped = stamped.drop_duplicates(subset=[*spec.names, "known_at"])
        twice = stamped[stamped.duplicated(key, keep=False)]
        if len(twice):
            told = ", ".join(str(value) for value in twice.iloc[0][list(spec.key)])
            raise SchemaError(
                f"Dataset {name} expects one record for each {' + '.join(spec.key)}, but got two of {told}."
            )
    return pa.Table.from_pandas(stamped, schema=arrow_schema(name), preserve_index=False)


def _unknown(where: Place, name: str, table: pa.Table, stored: list[Part], exchange: str | None) -> pa.Table:
    """Keep the records that the store does not know, and mark in `AGAIN` those whose key it does.

    Records that became known just now are compared with the newest of their key, on an exchange. Those that say themselves
    when they became known are a replay, in any order, on none: of them only exact repetitions are known.
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
    first_of_key = (
        "true" if exchange else f"row_number() OVER (PARTITION BY {sql_names(spec.key)} ORDER BY known_at) = 1"
    )
    with connection(where, name) as database:
        database.register("incoming", table)
        if not files:
            return _marked(database.sql(f"SELECT *, NOT ({first_of_key}) FROM incoming").to_arrow_table(), table.schema)  # noqa: S608
        same_key = " AND ".join(f"n.{sql_name(column)} = s.{sql_name(column)}" for column in spec.key)
        same = " AND ".join(
            f"n.{sql_name(column)} IS NOT DISTINCT FROM s.{sql_name(column)}" for column in (*spec.names, "withdrawn")
        )
        database.execute(
            f"CREATE TEMP TABLE told AS SELECT s.* FROM {sql_files(where, files)} s SEMI JOIN incoming n ON {same_key}"  # noqa: S608
        )
        against = f"told s ON {same} AND n.known_at = s.known_at"
        if exchange:
            closed = sql_closing(calendar(exchange), span["min"], span["max"], "s.session")
            against = f"{latest(spec, 'told')} s ON {same} AND (s.known_at >= {closed} OR n.known_at < {closed})"
        query = f"""
            SELECT n.*, NOT ({first_of_key}) OR EXISTS (SELECT 1 FROM told s WHERE {same_key})
            FROM incoming n ANTI JOIN {against}
        """  # noqa: S608
        return _marked(database.sql(query).to_arrow_table(), table.schema)


def _there(where: Place, name: str, files: list[Part], keys: pd.DataFrame) -> pa.Table:
    """Find the records of some keys that are there to void."""
    spec = dataset(name)
    same = " AND ".join(f"s.{sql_name(column)} = k.{sql_name(column)}" for column in spec.key)
    with connection(where, name) as database:
        database.register("keys", keys[list(spec.key)])
        told = f"(SELECT s.* FROM {sql_files(where, files)} s SEMI JOIN keys k ON {same})"  # noqa: S608
        query = f"SELECT *, true FROM {latest(spec, told)} WHERE NOT withdrawn"  # noqa: S608
        return _marked(database.sql(query).to_arrow_table(), arrow_schema(name))


def _stamped(table: pa.Table, stamps: Mapping[str, object]) -> pa.Table:
    """Give every record these values."""
    for column, value in stamps.items():
        at = table.schema.get_field_index(column)
        field = table.schema.field(at)
        table = table.set_column(at, field, pa.array([value] * len(table), field.type))
    return table


def _marked(table: pa.Table, schema: pa.Schema) -> pa.Table:
    return table.rename_columns([*schema.names, AGAIN]).cast(schema.append(pa.field(AGAIN, pa.bool_())))
