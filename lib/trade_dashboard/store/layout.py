"""Names in the store, and the commits that say which files count."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trade_dashboard.disk import cure
from trade_dashboard.errors import StoreError
from trade_dashboard.schema import dataset
from trade_dashboard.store.place import Place, Root, Taken, place

__all__ = [
    "AGAIN",
    "Part",
    "arrow_schema",
    "clear",
    "commit",
    "commits",
    "damaged",
    "next_batch",
    "parts",
    "write_parts",
    "writing",
]

COMMITS = "commits"
DATA = "data"
FORMAT = 3
ATTEMPTS = 20
ROW_GROUP = 16_384
WRITERS = 2
# a column that is not stored: whether a record's key was told of before
AGAIN = "again"
STAMP = "%Y%m%dT%H%M%SZ"
OURS = re.compile(r"(?P<number>\d{8})-(?P<made>\d{8}T\d{6}Z)-[0-9a-f]{8}\.parquet|\..+\.part")
ARROW_TYPES = {
    "str": pa.string(),
    "float": pa.float64(),
    "date": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True)
class Part:
    """One Parquet file of a committed batch, with what a reader needs to pass it over unopened.

    Attributes
    ----------
    path, size
        Where it is in the store, and its bytes.
    dataset, rows
        What it holds, and how many records.
    first, last
        Its sessions.
    known_from, known_to
        When its records became known.
    again
        At most so many of its records are no first ones: they correct, void or repeat a record of the same key, in this
        file or another. Where it is 0 everywhere, every record is the only one of its key.
    owners
        Accounts and sources of its records, `account source`; of datasets that belong to no account the account is "-".
    """

    path: str
    dataset: str
    rows: int
    first: date
    last: date
    known_from: datetime
    known_to: datetime
    again: int
    size: int
    owners: tuple[tuple[str, str], ...]

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Part:
        """Read the part back from its commit."""
        return cls(
            path=fields["path"],
            dataset=fields["dataset"],
            rows=fields["rows"],
            first=date.fromisoformat(fields["first"]),
            last=date.fromisoformat(fields["last"]),
            known_from=datetime.fromisoformat(fields["known_from"]),
            known_to=datetime.fromisoformat(fields["known_to"]),
            again=fields["again"],
            size=fields["size"],
            owners=tuple((account, source) for account, source in fields["owners"]),
        )


def parts(root: Root | Place) -> list[Part]:
    """Give every file that is committed, oldest commit first; none if there is no store yet.

    Raises
    ------
    StoreError
        If a commit cannot be read; the message names the file.
    """
    where = place(root)
    for _ in range(ATTEMPTS):
        try:
            return _live(where, commits(where))
        except FileNotFoundError:
            # a compaction took a commit away after it was listed: what replaces it is there now
            continue
        except OSError as error:
            raise StoreError(
                f"The store cannot be reached: {error}. Try again, or see `trade-dashboard doctor`."
            ) from error
    raise StoreError("The commits of the store change faster than they can be read. Try again.")


def damaged(root: Root | Place) -> list[str]:
    """Name the committed files that are gone or of another size than was written; nothing is opened."""
    where = place(root)
    there = where.sizes(DATA)
    return [where.address(part.path) for part in parts(where) if there.get(part.path) != part.size]


def commits(where: Place) -> list[str]:
    """List the commits, oldest first."""
    return [name for name in where.sizes(COMMITS) if name.endswith(".json") and name.count("/") == 1]


def _live(where: Place, names: Sequence[str]) -> list[Part]:
    found = {name: _commit(where, name, content) for name, content in zip(names, where.read(names), strict=True)}
    replaced = {name for one in found.values() for name in one["replaces"]}
    return [part for name, one in found.items() if name not in replaced for part in one["parts"]]


def _commit(where: Place, name: str, content: bytes) -> dict[str, Any]:
    try:
        return _checked(json.loads(content))
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"Expected a commit of the store in {where.address(name)}, but got {error}. Move that file away and ingest "
            "again: what it committed is read anew from its source."
        ) from error


def _checked(found: dict[str, Any]) -> dict[str, Any]:
    if found["format"] != FORMAT:
        raise ValueError(f"format {found['format']}, not {FORMAT}")
    return {"parts": [Part.from_json(one) for one in found["parts"]], "replaces": list(found.get("replaces", []))}


def next_batch(after: Sequence[str]) -> str:
    """Name a batch that would follow these commits; later ones sort later."""
    stems = [name.rpartition("/")[2].partition(".")[0] for name in after]
    number = max((int(stem) for stem in stems if stem.isdecimal()), default=0) + 1
    return f"{number:08d}-{datetime.now(UTC):{STAMP}}-{uuid.uuid4().hex[:8]}"


def commit(where: Place, batch: str, source: str, found: Sequence[Part], replaces: Sequence[str] = ()) -> None:
    """Make the files of a batch visible, all at once, and those of the commits it replaces invisible.

    Raises
    ------
    Taken
        If another batch of the same number was committed meanwhile: what this one took for new may not be.
    """
    record = {"format": FORMAT, "batch": batch, "source": source, "parts": [asdict(part) for part in found]}
    record |= {"replaces": list(replaces)} if replaces else {}
    content = json.dumps(record, indent=1, default=lambda t: t.isoformat()).encode()
    name = f"{COMMITS}/{batch.partition('-')[0]}.json"
    try:
        where.write(name, content)
    except Taken:
        # a service that lost its answer, not its work, is asked twice
        if where.read([name]) != [content]:
            raise


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
