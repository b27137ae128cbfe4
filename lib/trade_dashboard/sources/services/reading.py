"""Answers as they came → rows as the schema names them, whatever spelling a build of a service prefers.

Nothing is judged here: what cannot be read stays the text it was, and is told when the rows are accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from trade_dashboard.errors import RequestError
from trade_dashboard.schema import LONGEST_TEXT
from trade_dashboard.sessions import Calendar
from trade_dashboard.sources.services.client import AwayError

__all__ = [
    "Asked",
    "Batch",
    "Row",
    "Told",
    "first_of",
    "instant",
    "listed",
    "mapped",
    "number",
    "record_list",
    "text",
    "words",
]

Row = dict[str, str | float | None]


@dataclass(frozen=True)
class Batch:
    """Rows of one dataset from one answer, in its order; `origin` says which answer."""

    dataset: str
    origin: str
    rows: list[Row]


@dataclass(frozen=True)
class Told:
    """What one service gave, and what it did not: `away` is empty when all went well."""

    batches: tuple[Batch, ...] = ()
    away: str = ""
    notes: tuple[str, ...] = ()

    def rows(self, dataset: str) -> list[Row]:
        """Give the rows of a dataset, from all answers."""
        return [row for batch in self.batches if batch.dataset == dataset for row in batch.rows]


@dataclass(frozen=True)
class Asked:
    """The sessions asked for (None is open), and the instant of asking."""

    first: date | None
    last: date | None
    now: datetime
    calendar: Calendar

    @property
    def closed(self) -> date:
        """Name the last session that has closed at the instant of asking."""
        return self.calendar.last_closed(self.now)

    @property
    def trading(self) -> date | None:
        """Name the session that is trading at the instant of asking."""
        return self.calendar.trading(self.now)

    @property
    def probed(self) -> date:
        """Name the session that a probe belongs to: the newest that has opened, but none after those asked for."""
        opened = self.calendar.last_opened(self.now)
        return opened if self.last is None else self.calendar.on_or_before(min(opened, self.last))

    def session_of(self, moment: str | None) -> str | None:
        """Name the session of an instant: its day at the exchange, or the session before it."""
        try:
            local = datetime.fromisoformat(moment or "").astimezone(self.calendar.zone)
            return self.calendar.on_or_before(local.date()).isoformat()
        except (ValueError, OverflowError, RequestError):
            return None

    def wants(self, session: str | None) -> bool:
        """Tell whether a session is asked for; a row without one is wanted, to be told as wrong."""
        if session is None:
            return True
        day = date.fromisoformat(session)
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


def first_of(record: Mapping[str, Any], *names: str) -> Any:
    """Give the first of several spellings that holds something."""
    return next((record[name] for name in names if record.get(name) is not None), None)


def mapped(value: Any) -> Mapping[str, Any]:
    """Give a JSON object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def record_list(value: Any) -> list[Mapping[str, Any]]:
    """Give one object or a list of them as a list; what is no object becomes an empty one."""
    many = value if isinstance(value, list) else [] if value is None else [value]
    return [mapped(one) for one in many]


def listed(answer: Any, name: str, where: str) -> list[Mapping[str, Any]]:
    """Give the records of an answer that is a list, or an object with the list under a name.

    Raises
    ------
    AwayError
        If it is neither.
    """
    records = answer.get(name) if isinstance(answer, dict) else answer
    if not isinstance(records, list):
        raise AwayError(f"{where} answered no list of {name}")
    return record_list(records)


def text(value: Any, longest: int | None = None) -> str | None:
    """Read text; numbers are names as well, nothing and blanks are None."""
    if value is None or isinstance(value, (dict, list)):
        return None
    # half a surrogate pair is valid JSON and cannot be stored
    clean = str(value).encode("utf-8", "replace").decode().strip()
    return clean[:longest] or None


def words(value: Any) -> str | None:
    """Read prose, as much of it as a column holds."""
    return text(value, LONGEST_TEXT)


def number(value: Any) -> str | float | None:
    """Read a number that may be written as text; what is neither stays text."""
    return float(value) if isinstance(value, float) else text(value)


def instant(value: Any) -> str | None:
    """Read a time; without a zone it is UTC. What is no time stays the text it was."""
    said = text(value)
    try:
        moment = datetime.fromisoformat(said or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        return said
