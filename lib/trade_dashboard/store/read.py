"""Ask the store what was known: DuckDB in memory over the committed Parquet files."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

import duckdb
import pandas as pd

from trade_dashboard.errors import StoreError
from trade_dashboard.schema import Dataset, conform, dataset
from trade_dashboard.store.layout import Part, parts

__all__ = ["Extent", "extent", "newest_session", "read"]

T = TypeVar("T")
STAMPS = ("known_at", "source")


@dataclass(frozen=True)
class Extent:
    """How many records a dataset has, and its first and last session; None without records."""

    rows: int
    first: date | None
    last: date | None


def read(
    root: Path,
    name: str,
    *,
    until: date,
    known_at: datetime,
    since: date | None = None,
    only: Mapping[str, Sequence[str]] | None = None,
) -> pd.DataFrame:
    """Read the records of a dataset as they were known.

    Parameters
    ----------
    root
        Folder of the store.
    name
        A dataset.
    until, since
        Last and first session, both included; `since` None means from the beginning.
    known_at
        The cut: of each key the newest record known at this instant counts.
    only
        Values wanted, by text column, such as ``{"symbol": ["ON"]}``.

    Returns
    -------
    pd.DataFrame
        Columns of the schema, then `known_at` and `source`; ordered by session, then key. No rows if nothing was known.

    Raises
    ------
    StoreError
        If a file of the store cannot be read; the message names it.
    """
    spec = dataset(name)

    def ask() -> pd.DataFrame:
        found = _within(root, spec, until, known_at, since)
        if not found:
            return pd.DataFrame(columns=[*spec.names, *STAMPS])
        query, values = _question(root, spec, found, until=until, known_at=known_at, since=since, only=only or {})
        with connection(root, name) as database:
            records: pd.DataFrame = database.sql(query, params=values).to_arrow_table().to_pandas()
        return records

    return _typed(name, while_compacting(ask))


def extent(
    root: Path,
    name: str,
    *,
    until: date,
    known_at: datetime,
    since: date | None = None,
    only: Mapping[str, Sequence[str]] | None = None,
) -> Extent:
    """Measure what `read` would give, without reading it."""
    spec = dataset(name)

    def ask() -> Extent:
        found = _within(root, spec, until, known_at, since)
        if not found:
            return Extent(0, None, None)
        query, values = _question(root, spec, found, until=until, known_at=known_at, since=since, only=only or {})
        counted = f"SELECT count(*), min(session)::DATE, max(session)::DATE FROM ({query})"  # noqa: S608
        with connection(root, name) as database:
            (row,) = database.execute(counted, values).fetchall()
        return Extent(*row)

    return while_compacting(ask)


def newest_session(root: Path, name: str, *, until: date, known_at: datetime) -> date | None:
    """Find the newest session up to `until` of which a dataset has a record; None if there is none.

    Files are asked from the newest on, so the answer costs one month of a long history.
    """
    lasts = sorted({min(part.last, until) for part in parts(root) if part.dataset == name and part.first <= until})
    for last in reversed(lasts):
        since = last.replace(day=1)
        found = extent(root, name, since=since, until=until, known_at=known_at)
        if found.last:
            return found.last
    return None


def while_compacting(ask: Callable[[], T]) -> T:
    """Ask again when a file is gone that was there: a compaction replaced it. What stays broken breaks in the same words."""
    said = ""
    while True:
        try:
            return ask()
        except StoreError as error:
            if str(error) == said:
                raise
            said = str(error)


def _question(
    root: Path,
    spec: Dataset,
    found: Iterable[Part],
    *,
    until: date,
    known_at: datetime,
    since: date | None,
    only: Mapping[str, Sequence[str]],
) -> tuple[str, list[object]]:
    # a correction may change what is no part of the key, its session too: that is asked after choosing the newest
    keyed = "session" in spec.key
    conditions: list[tuple[str, object, bool]] = [("session <= ?", until, keyed)]
    conditions += [("session >= ?", since, keyed)] if since else []
    conditions += [
        (f"{sql_name(column)} IN (SELECT unnest(?::VARCHAR[]))", list(values), column in spec.key)
        for column, values in only.items()
    ]
    inside = " AND ".join(["known_at <= ?", *(text for text, _, early in conditions if early)])
    outside = " AND ".join(["NOT withdrawn", *(text for text, _, early in conditions if not early)])
    values = [value for _, value, early in conditions if early] + [value for _, value, early in conditions if not early]
    stored = f"(SELECT * FROM {sql_files(root, found)} WHERE {inside})"  # noqa: S608
    columns = ", ".join(_as_instant(column.name, column.kind) for column in spec.columns)
    order = ", ".join(sql_name(column) for column in dict.fromkeys(("session", *spec.key)))
    query = f"""
        SELECT {columns}, {", ".join(STAMPS)} FROM {latest(spec, stored)} WHERE {outside} ORDER BY {order}
    """  # noqa: S608
    return query, [known_at, *values]


def _within(root: Path, spec: Dataset, until: date, known_at: datetime, since: date | None = None) -> list[Part]:
    """Pass over the files that cannot matter: of a record whose session may be corrected every file can."""
    found = [part for part in parts(root) if part.dataset == spec.name and part.known_from <= known_at]
    if "session" not in spec.key:
        return found
    return [part for part in found if part.first <= until and (since is None or part.last >= since)]


@contextmanager
def connection(root: Path, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database in memory; what DuckDB cannot read of a dataset is an error of the store."""
    with duckdb.connect() as database:
        # it would go to stdout, whose last line is promised to others; a kernel that cannot draw one cannot unset it
        with suppress(duckdb.Error):
            database.execute("SET enable_progress_bar = false")
        try:
            yield database
        except duckdb.Error as error:
            raise StoreError(
                f"The store at {root} has a file of {name} that cannot be read: {error}. Move that file and the commit "
                "that names it away, and ingest again."
            ) from error


def latest(spec: Dataset, stored: str) -> str:
    """Say in SQL: of each key, the record known last; the later batch where two became known at once."""
    key = ", ".join(sql_name(column) for column in spec.key)
    return f"""(
        SELECT * FROM {stored}
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY known_at DESC, batch DESC) = 1
    )"""  # noqa: S608


def sql_files(root: Path, found: Iterable[Part]) -> str:
    """Name the Parquet files in SQL."""
    names = ", ".join("'" + str(root / part.path).replace("'", "''") + "'" for part in found)
    return f"(SELECT * FROM read_parquet([{names}]))"  # noqa: S608


def sql_name(column: str) -> str:
    """Quote a column's name."""
    return f'"{column}"'


def _as_instant(column: str, kind: str) -> str:
    return f"{sql_name(column)}::TIMESTAMP AS {sql_name(column)}" if kind == "date" else sql_name(column)


def _typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    stamps = frame[list(STAMPS)].astype({"known_at": "datetime64[us, UTC]", "source": "str"})
    return conform(name, frame.drop(columns=list(STAMPS))).join(stamps)
