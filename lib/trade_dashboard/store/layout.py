"""Names in the store's folder, and the commits that say which files count."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from trade_dashboard.errors import StoreError

__all__ = ["Part", "commit", "parts", "write_aside"]

COMMITS = "commits"
DATA = "data"
FORMAT = 1


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


def parts(root: Path) -> Iterator[Part]:
    """Give every file that is committed, oldest commit first; none if there is no store yet.

    Raises
    ------
    StoreError
        If a commit cannot be read; the message names the file.
    """
    for path in sorted((root / COMMITS).glob("*.json")):
        try:
            yield from _parts(path)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"Expected a commit of the store in {path}, but got {error}. Move that file away and ingest again: "
                "what it committed is read anew from its source."
            ) from error


def _parts(path: Path) -> list[Part]:
    found = json.loads(path.read_text())
    if found["format"] != FORMAT:
        raise ValueError(f"format {found['format']}, not {FORMAT}")
    return [Part.from_json(fields) for fields in found["parts"]]


def commit(root: Path, batch: str, source: str, found: list[Part]) -> None:
    """Make the files of a batch visible, all at once."""
    record = {"format": FORMAT, "batch": batch, "source": source, "parts": [asdict(part) for part in found]}
    write_aside(
        root / COMMITS / f"{batch}.json", json.dumps(record, indent=1, default=lambda t: t.isoformat()).encode()
    )


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
