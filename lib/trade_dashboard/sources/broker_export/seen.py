"""What of a folder was read before, so that it need not be read again.

It is kept beside the store as plain values, and nothing depends on it: without it everything is read again, and what is
known adds nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pandas as pd

from trade_dashboard.sources import Rejected
from trade_dashboard.sources.broker_export.kinds import Export

__all__ = ["Past", "Seen", "Span", "Window", "digest", "recalled", "told"]

Span = tuple[str, str]
# a file written as it was read may change once more without a new time
SETTLED_NS = 2_000_000_000
MOST_GONE = 500


class Window(NamedTuple):
    """The sessions asked for, ISO; None is open."""

    first: str | None
    last: str | None

    @classmethod
    def of(cls, first: date | None, last: date | None) -> Window:
        """Write both ends as text, which orders as dates do."""
        return cls(first.isoformat() if first else None, last.isoformat() if last else None)

    def within(self, span: Span | None) -> Span | None:
        """Give the part of a span that is asked for."""
        if span is None:
            return None
        low, high = max(span[0], self.first or span[0]), min(span[1], self.last or span[1])
        return (low, high) if low <= high else None

    def holds(self, sessions: pd.Series) -> pd.Series:
        """Tell which sessions are asked for."""
        inside = pd.Series(data=True, index=sessions.index)
        if self.first:
            inside &= sessions >= pd.Timestamp(self.first)
        if self.last:
            inside &= sessions <= pd.Timestamp(self.last)
        return inside


@dataclass(frozen=True)
class Seen:
    """A file that was read.

    Attributes
    ----------
    kind, end, stem
        As of an `Export`.
    size, mtime_ns, sha256
        What tells that it is the same.
    read_at, looked_at
        When it was read, and when it was last found to be the same; ISO, UTC.
    span
        First and last session of its records.
    taken
        The part of it that was asked for, and is in the store.
    records
        How many of its records counted.
    account
        Named by an account's file.
    notes, rejected
        What was said of it.
    """

    kind: str
    end: str
    stem: str
    size: int
    mtime_ns: int
    sha256: str
    read_at: str
    looked_at: str
    span: Span | None = None
    taken: Span | None = None
    records: int = 0
    account: str | None = None
    notes: tuple[str, ...] = ()
    rejected: tuple[Rejected, ...] = ()

    def is_untouched(self, stat: os.stat_result) -> bool:
        """Tell from outside whether the file is the one that was read."""
        settled = self.mtime_ns + SETTLED_NS < datetime.fromisoformat(self.looked_at).timestamp() * 1e9
        return settled and (self.size, self.mtime_ns) == (stat.st_size, stat.st_mtime_ns)

    def has(self, window: Window) -> bool:
        """Tell whether all of it that is asked for was taken."""
        asked = window.within(self.span)
        return asked is None or (self.taken is not None and self.taken[0] <= asked[0] and asked[1] <= self.taken[1])

    def after(self, stat: os.stat_result, now: datetime) -> Seen:
        """Give it as it was found now: the same, though it was touched."""
        return replace(self, size=stat.st_size, mtime_ns=stat.st_mtime_ns, looked_at=now.isoformat())

    def taking(self, window: Window, records: int) -> Seen:
        """Give it with what is asked for taken too, as long as that makes one span, and so many of its records."""
        asked, had = window.within(self.span), self.taken
        if asked and had and asked[0] <= had[1] and had[0] <= asked[1]:
            asked = min(asked[0], had[0]), max(asked[1], had[1])
        return replace(self, taken=asked or had, records=records)


@dataclass(frozen=True)
class Past:
    """What an earlier ingest remembers: the account, and each file by its name."""

    account: str | None = None
    files: Mapping[str, Seen] = field(default_factory=dict)

    def gone(self, found: Iterable[Export]) -> dict[str, Seen]:
        """Give the files that were read and are in the folder no more; of very many the latest."""
        here = {one.path.name for one in found}
        left = sorted(
            ((name, one) for name, one in self.files.items() if name not in here),
            key=lambda pair: (pair[1].end, pair[1].stem),
        )
        return dict(left[-MOST_GONE:])


def recalled(content: Mapping[str, Any]) -> Past:
    """Read what `told` wrote; of anything else nothing is known."""
    try:
        return Past(content["account"], {name: _seen(one) for name, one in content["files"].items()})
    except (KeyError, TypeError, ValueError, AttributeError):
        return Past()


def told(past: Past) -> dict[str, Any]:
    """Write it as plain values."""
    return {"account": past.account, "files": {name: asdict(one) for name, one in past.files.items()}}


def digest(content: bytes) -> str:
    """Tell contents apart."""
    return hashlib.sha256(content).hexdigest()


def _seen(fields: Mapping[str, Any]) -> Seen:
    pairs = {name: tuple(fields[name]) if fields[name] else None for name in ("span", "taken")}
    rejected = tuple(Rejected(**one) for one in fields["rejected"])
    found = Seen(**{**fields, **pairs, "notes": tuple(fields["notes"]), "rejected": rejected})
    datetime.fromisoformat(found.looked_at).astimezone(UTC)
    return found
