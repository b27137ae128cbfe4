"""Append a batch of records: all of it or nothing, and nothing that the store knows already."""

import fcntl
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from trade_dashboard.errors import SchemaError, StoreError
from trade_dashboard.schema import dataset
from trade_dashboard.store.layout import DATA, Part, commit, parts, write_aside
from trade_dashboard.store.read import connection, latest, sql_files, sql_name

__all__ = ["Appended", "append"]

ARROW_TYPES = {
    "str": pa.string(),
    "float": pa.float64(),
    "date": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
}


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
    batch = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{uuid.uuid4().hex[:8]}"
    try:
        with _only_writer(root):
            tables = {name: _to_arrow(name, frame, source, moment) for name, frame in frames.items() if len(frame)}
            fresh = {
                name: _unknown(root, name, table, own_instants="known_at" in frames[name].columns)
                for name, table in tables.items()
            }
            written = [part for name, table in fresh.items() for part in _write(root, name, table, batch)]
            if written:
                commit(root, batch, source, written)
    except OSError as error:
        raise StoreError(
            f"The store at {root} cannot be written: {error}. Nothing of this batch was stored; "
            "make room or give write access, and ingest again."
        ) from error
    return {
        name: Appended(new=len(fresh[name]), known=len(frame) - len(fresh[name])) if name in fresh else Appended(0, 0)
        for name, frame in frames.items()
    }


@contextmanager
def _only_writer(root: Path) -> Iterator[None]:
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _to_arrow(name: str, frame: pd.DataFrame, source: str, moment: datetime) -> pa.Table:
    spec = dataset(name)
    stamped = frame.assign(source=source)
    if "known_at" not in frame.columns:
        stamped = stamped.assign(known_at=pd.Timestamp(moment).as_unit("us"))
    fields = [pa.field(column.name, ARROW_TYPES[column.kind]) for column in spec.columns]
    stamps = [pa.field("known_at", ARROW_TYPES["instant"]), pa.field("source", pa.string())]
    single = stamped.drop_duplicates(subset=[*spec.names, "known_at"])
    twice = single[single.duplicated([*spec.key, "known_at"], keep=False)]
    if len(twice):
        key = ", ".join(str(value) for value in twice.iloc[0][list(spec.key)])
        raise SchemaError(f"Dataset {name} expects one record for each {' + '.join(spec.key)}, but got two of {key}.")
    return pa.Table.from_pandas(single, schema=pa.schema([*fields, *stamps]), preserve_index=False)


def _unknown(root: Path, name: str, table: pa.Table, *, own_instants: bool) -> pa.Table:
    """Keep the records that the store does not know.

    Records that became known just now are compared with the newest of their key. Those that say themselves when they
    became known are a replay, in any order: of them only exact repetitions are known.
    """
    files = [part for part in parts(root) if part.dataset == name]
    if not files:
        return table
    spec = dataset(name)
    same = " AND ".join(f"n.{sql_name(column)} IS NOT DISTINCT FROM s.{sql_name(column)}" for column in spec.names)
    stored = f"(SELECT * FROM {sql_files(root, files)})"  # noqa: S608
    against = (
        f"{stored} s ON {same} AND n.known_at = s.known_at" if own_instants else f"{latest(spec, stored)} s ON {same}"
    )
    with connection(root, name) as database:
        database.register("incoming", table)
        fresh = database.sql(f"SELECT n.* FROM incoming n ANTI JOIN {against}")  # noqa: S608
        return fresh.to_arrow_table().cast(table.schema)


def _write(root: Path, name: str, table: pa.Table, batch: str) -> Iterator[Part]:
    if not len(table):
        return
    frame = table.to_pandas(date_as_object=True)
    months = frame["session"].map(lambda day: f"{day:%Y-%m}")
    order = [(column, "ascending") for column in (*dataset(name).key, "known_at")]
    for month in sorted(months.unique()):
        chunk = table.filter(pa.array(months == month)).sort_by(order)
        path = f"{DATA}/{name}/{month}/{batch}.parquet"
        sink = pa.BufferOutputStream()
        pq.write_table(chunk, sink, compression="zstd")
        write_aside(root / path, sink.getvalue().to_pybytes())
        rows = frame[months == month]
        yield Part(
            path=path,
            dataset=name,
            rows=len(rows),
            first=rows["session"].min(),
            last=rows["session"].max(),
            known_from=rows["known_at"].min().to_pydatetime(),
            known_to=rows["known_at"].max().to_pydatetime(),
        )
