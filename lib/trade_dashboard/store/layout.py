"""The files of the store: their columns, how they are written, and how what is dead is cleared away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trade_dashboard.commits import DATA, STAMP, Part
from trade_dashboard.disk import cure
from trade_dashboard.errors import StoreError
from trade_dashboard.place import Place
from trade_dashboard.schema import dataset

__all__ = ["AGAIN", "arrow_schema", "clear", "write_parts", "writing"]

ROW_GROUP = 16_384
WRITERS = 2
# a column that is not stored: whether a record's key was told of before
AGAIN = "again"
OURS = re.compile(r"(?P<number>\d{8})-(?P<made>\d{8}T\d{6}Z)-[0-9a-f]{8}\.parquet|\..+\.part")
ARROW_TYPES = {
    "str": pa.string(),
    "float": pa.float64(),
    "date": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
}


def arrow_schema(name: str) -> pa.Schema:
    """Give the columns of a dataset's files: its own, then the store's."""
    fields = [pa.field(column.name, ARROW_TYPES[column.kind]) for column in dataset(name).columns]
    stamps = {"known_at": ARROW_TYPES["instant"], "source": pa.string(), "withdrawn": pa.bool_(), "batch": pa.string()}
    return pa.schema([*fields, *(pa.field(stamp, kind) for stamp, kind in stamps.items())])


@contextmanager
def writing(where: Place) -> Iterator[None]:
    """Turn what the disk refuses into an error of the store."""
    try:
        yield
    except OSError as error:
        root = where.address("").rstrip("/")
        todo = "" if "://" in root else cure(Path(root), error)
        raise StoreError(
            f"The store at {root} cannot be written: {error}. Nothing of this batch was stored; "
            f"make room or give write access, and ingest again. {todo}".rstrip()
        ) from error


def write_parts(where: Place, name: str, table: pa.Table, batch: str) -> list[Part]:
    """Write records as one file for each month of sessions; nobody sees them before a commit names them.

    Parameters
    ----------
    where, name, batch
        The store, the dataset, and the batch that the files are of.
    table
        Records with the columns of `arrow_schema`, then `AGAIN`.
    """
    months = pc.strftime(table["session"], format="%Y-%m")
    order = [(column, "ascending") for column in (*dataset(name).key, "known_at")]

    def write(month: str) -> Part:
        chunk = table.filter(pc.equal(months, month)).sort_by(order)
        sink = pa.BufferOutputStream()
        pq.write_table(chunk.drop_columns([AGAIN]), sink, compression="zstd", row_group_size=ROW_GROUP)
        content = sink.getvalue().to_pybytes()
        path = f"{DATA}/{name}/{month}/{batch}.parquet"
        where.write(path, content)
        sessions, known = pc.min_max(chunk["session"]).as_py(), pc.min_max(chunk["known_at"]).as_py()
        return Part(
            path=path,
            dataset=name,
            rows=len(chunk),
            first=sessions["min"],
            last=sessions["max"],
            known_from=known["min"],
            known_to=known["max"],
            again=pc.sum(chunk[AGAIN]).as_py(),
            size=len(content),
            owners=_owners(chunk),
        )

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(write, sorted(pc.unique(months).to_pylist())))


def _owners(chunk: pa.Table) -> tuple[tuple[str, str], ...]:
    if "account" not in chunk.column_names:
        return tuple(("-", source) for source in sorted(pc.unique(chunk["source"]).to_pylist()))
    pairs = chunk.group_by(["account", "source"]).aggregate([])
    return tuple(sorted(zip(pairs["account"].to_pylist(), pairs["source"].to_pylist(), strict=True)))


def clear(where: Place, keep: Sequence[Part], replaced: Sequence[str], gone: Sequence[Part] = ()) -> None:
    """Take away commits and files that are replaced, and what dead writers left; a foreign file is let alone.

    Readers keep what they have open.
    """
    where.remove(replaced)
    kept = {part.path for part in keep}
    where.remove([part.path for part in gone if part.path not in kept])
    horizon = datetime.now(UTC) - where.remains_after
    where.remove([name for name in where.sizes(DATA) if name not in kept and _left_before(name, horizon)])


def _left_before(name: str, horizon: datetime) -> bool:
    ours = OURS.fullmatch(name.rpartition("/")[2])
    made = ours and ours["made"]
    return bool(ours) and (made is None or datetime.strptime(made, STAMP).replace(tzinfo=UTC) <= horizon)
