"""Names in the store's folder, and the commits that say which files count."""

import fcntl
import json
import os
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from trade_dashboard.errors import StoreError
from trade_dashboard.schema import dataset

__all__ = [
    "Part",
    "arrow_schema",
    "clear",
    "commit",
    "commits",
    "only_writer",
    "parts",
    "write_aside",
    "write_parts",
    "writing",
]

COMMITS = "commits"
DATA = "data"
FORMAT = 2
ATTEMPTS = 20
ROW_GROUP = 16_384
OURS = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{8}\.parquet|\..+\.part")
ARROW_TYPES = {
    "str": pa.string(),
    "float": pa.float64(),
    "date": pa.date32(),
    "instant": pa.timestamp("us", tz="UTC"),
}


@dataclass(frozen=True)
class Part:
    """One Parquet file of a committed batch, with what a reader needs to pass it over unopened."""

    path: str
    dataset: str
    rows: int
    first: date
    last: date
    known_from: datetime
    known_to: datetime

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> "Part":
        """Read the part back from its commit."""
        return cls(
            path=fields["path"],
            dataset=fields["dataset"],
            rows=fields["rows"],
            first=date.fromisoformat(fields["first"]),
            last=date.fromisoformat(fields["last"]),
            known_from=datetime.fromisoformat(fields["known_from"]),
            known_to=datetime.fromisoformat(fields["known_to"]),
        )


def parts(root: Path) -> list[Part]:
    """Give every file that is committed, oldest commit first; none if there is no store yet.

    Raises
    ------
    StoreError
        If a commit cannot be read; the message names the file.
    """
    for _ in range(ATTEMPTS):
        try:
            return _live(root)
        except FileNotFoundError:
            # a compaction took a commit away after it was listed: what replaces it is there now
            continue
    raise StoreError(f"The commits of the store at {root} change faster than they can be read. Try again.")


def commits(root: Path) -> list[Path]:
    """List the commits, oldest first."""
    return sorted((root / COMMITS).glob("*.json"))


def _live(root: Path) -> list[Part]:
    found = {path.name: _commit(path) for path in commits(root)}
    replaced = {name for one in found.values() for name in one["replaces"]}
    return [part for name, one in found.items() if name not in replaced for part in one["parts"]]


def _commit(path: Path) -> dict[str, Any]:
    try:
        return _checked(json.loads(path.read_text()))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"Expected a commit of the store in {path}, but got {error}. Move that file away and ingest again: "
            "what it committed is read anew from its source."
        ) from error


def _checked(found: dict[str, Any]) -> dict[str, Any]:
    if found["format"] != FORMAT:
        raise ValueError(f"format {found['format']}, not {FORMAT}")
    return {"parts": [Part.from_json(one) for one in found["parts"]], "replaces": list(found.get("replaces", []))}


def commit(root: Path, batch: str, source: str, found: Sequence[Part], replaces: Sequence[str] = ()) -> None:
    """Make the files of a batch visible, all at once, and those of the commits it replaces invisible."""
    record = {"format": FORMAT, "batch": batch, "source": source, "parts": [asdict(part) for part in found]}
    record |= {"replaces": list(replaces)} if replaces else {}
    write_aside(
        root / COMMITS / f"{batch}.json", json.dumps(record, indent=1, default=lambda t: t.isoformat()).encode()
    )


def arrow_schema(name: str) -> pa.Schema:
    """Give the columns of a dataset's files: its own, then the store's."""
    fields = [pa.field(column.name, ARROW_TYPES[column.kind]) for column in dataset(name).columns]
    stamps = {"known_at": ARROW_TYPES["instant"], "source": pa.string(), "withdrawn": pa.bool_(), "batch": pa.string()}
    return pa.schema([*fields, *(pa.field(stamp, kind) for stamp, kind in stamps.items())])


@contextmanager
def only_writer(root: Path) -> Iterator[str]:
    """Hold the store for writing; gives the name of the batch, later ones sort later."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{uuid.uuid4().hex[:8]}"


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Turn what the disk refuses into an error of the store."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"The store at {root} cannot be written: {error}. Nothing of this batch was stored; "
            "make room or give write access, and ingest again."
        ) from error


def write_parts(root: Path, name: str, table: pa.Table, batch: str) -> Iterator[Part]:
    """Write records as one file for each month of sessions; nobody sees them before a commit names them."""
    if not len(table):
        return
    months = pc.strftime(table["session"], format="%Y-%m")
    order = [(column, "ascending") for column in (*dataset(name).key, "known_at")]
    for month in sorted(pc.unique(months).to_pylist()):
        chunk = table.filter(pc.equal(months, month)).sort_by(order)
        path = f"{DATA}/{name}/{month}/{batch}.parquet"
        sink = pa.BufferOutputStream()
        pq.write_table(chunk, sink, compression="zstd", row_group_size=ROW_GROUP)
        write_aside(root / path, sink.getvalue().to_pybytes())
        sessions, known = pc.min_max(chunk["session"]).as_py(), pc.min_max(chunk["known_at"]).as_py()
        yield Part(path, name, len(chunk), sessions["min"], sessions["max"], known["min"], known["max"])


def write_aside(path: Path, content: bytes) -> None:
    """Write a file so that no reader ever sees half of it, and so that it outlives a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def clear(root: Path, keep: Sequence[Part], replaced: Sequence[str]) -> None:
    """Take away commits that are replaced and files of ours that no commit names; a foreign file is let alone.

    Only for who holds the store for writing. Readers keep what they have open.
    """
    for name in replaced:
        (root / COMMITS / name).unlink(missing_ok=True)
    kept = {root / part.path for part in keep}
    for path in (root / DATA).rglob("*"):
        if path.is_file() and path not in kept and OURS.fullmatch(path.name):
            path.unlink(missing_ok=True)
