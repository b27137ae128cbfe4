"""The commits of the store: which of its files count, and what is known of each without opening it.

Nothing here needs a frame, so whoever runs reports can ask whether the records are still those that a page was made of.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from trade_dashboard.errors import StoreError
from trade_dashboard.place import Place, Root, Taken, place

__all__ = ["DATA", "STAMP", "Part", "commit", "commits", "damaged", "next_batch", "parts"]

COMMITS = "commits"
DATA = "data"
FORMAT = 3
ATTEMPTS = 20
STAMP = "%Y%m%dT%H%M%SZ"


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
