"""Ask the store what was known: DuckDB in memory over the committed Parquet files.

Of each key the record known last counts. Finding it among millions is what costs; so only keys of which there is more
than one record are compared, and the commits say where those are (`Part.again`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
import pyarrow as pa

from trade_dashboard.commits import Part
from trade_dashboard.errors import StoreError
from trade_dashboard.place import Place, Root
from trade_dashboard.reads import Question
from trade_dashboard.schema import PANDAS_TYPES, Dataset, dataset
from trade_dashboard.store.layout import arrow_schema
from trade_dashboard.store.view import View, view

__all__ = ["STAMPS", "Cut", "Extent", "as_frame", "extent", "newest_session", "owners", "read", "records"]

STAMPS = ("known_at", "source")


@dataclass(frozen=True)
class Extent:
    """How many records a dataset has, and its first and last session; None without records."""

    rows: int
    first: date | None
    last: date | None


@dataclass(frozen=True)
class Cut:
    """What of a dataset is asked for.

    Attributes
    ----------
    until, since
        Last and first session, both included; `since` None means from the beginning.
    known_at
        Of each key the newest record known at this instant counts.
    only
        Values wanted, by text column, such as ``{"symbol": ["ON"]}``.
    as_first_told
        Whether of each key the record known first counts instead, whatever corrected or voided it since: what somebody
        who acted on it then had before them.
    """

    until: date
    known_at: datetime
    since: date | None = None
    only: Mapping[str, Sequence[str]] | None = None
    as_first_told: bool = False

    def may_be_in(self, part: Part, spec: Dataset) -> bool:
        """Tell whether a file can matter: of a record whose session may be corrected every file can."""
        if part.known_from > self.known_at:
            return False
        if "session" not in spec.key:
            return True
        return part.first <= self.until and (self.since is None or part.last >= self.since)

    def holds_all_of(self, part: Part) -> bool:
        """Tell whether every record of a file is within the cut, whatever is in it."""
        within = part.known_to <= self.known_at and part.last <= self.until
        accounts = (self.only or {}).get("account")
        mine = accounts is None or {account for account, _ in part.owners} <= set(accounts)
        return (
            within and mine and (self.since is None or part.first >= self.since) and set(self.only or {}) <= {"account"}
        )


def read(
    root: Root | View,
    name: str,
    *,
    until: date,
    known_at: datetime,
    since: date | None = None,
    only: Mapping[str, Sequence[str]] | None = None,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Read the records of a dataset as they were known.

    Parameters
    ----------
    root
        Folder or URL of the store, or a view of it: of one, all answers are about the same commits.
    name
        A dataset.
    until, since, known_at, only
        As in `Cut`.
    columns
        Those wanted, in this order; all when None.

    Returns
    -------
    pd.DataFrame
        Columns of the schema, then `known_at` and `source`; ordered by session, then key. No rows if nothing was known.

    Raises
    ------
    StoreError
        If a file of the store cannot be read; the message names it.
    """
    wanted = [*(dataset(name).names if columns is None else columns), *STAMPS]
    return as_frame(name, records(root, name, Cut(until, known_at, since, only), wanted))


def records(root: Root | View, name: str, cut: Cut, columns: Sequence[str]) -> pa.Table:
    """Read as `read` does, as Arrow: the columns wanted, of the dataset's or `STAMPS`."""
    stored, spec = view(root), dataset(name)
    schema = arrow_schema(name)

    def ask() -> pa.Table:
        found = _asked(stored, spec, cut)
        if not found:
            return schema.empty_table().select(columns)
        query, values = _question(stored.where, spec, found, cut)
        order, named = sql_names(dict.fromkeys(("session", *spec.key))), sql_names(columns)
        with stored.database(name) as database:
            return database.sql(f"SELECT {named} FROM ({query}) ORDER BY {order}", params=values).to_arrow_table()  # noqa: S608

    return stored.answer(ask).cast(pa.schema([schema.field(column) for column in columns]))


def _asked(stored: View, spec: Dataset, cut: Cut) -> list[Part]:
    """Choose the files that can hold what is asked for."""
    files = stored.asked(question(spec, cut.until, cut.since), cut.known_at)
    return [part for part in files if cut.may_be_in(part, spec)]


def question(spec: Dataset, until: date, since: date | None = None) -> Question:
    """Put what is asked of a dataset as it is noted."""
    return Question(spec.name, "session" not in spec.key, until, since)


def as_frame(name: str, table: pa.Table) -> pd.DataFrame:
    """Give records the types of their dataset in `schema`."""
    kinds = {column.name: PANDAS_TYPES[column.kind] for column in dataset(name).columns}
    kinds |= {"known_at": PANDAS_TYPES["instant"], "source": PANDAS_TYPES["str"]}
    frame: pd.DataFrame = table.to_pandas(date_as_object=False)
    return frame.astype({column: kinds[column] for column in table.column_names})


def extent(
    root: Root | View,
    name: str,
    *,
    until: date,
    known_at: datetime,
    since: date | None = None,
    only: Mapping[str, Sequence[str]] | None = None,
) -> Extent:
    """Measure what `read` would give, without reading it: from the commits alone, where they say enough."""
    stored, spec, cut = view(root), dataset(name), Cut(until, known_at, since, only)

    def ask() -> Extent:
        found = _asked(stored, spec, cut)
        open_up = _to_open(spec, found, cut)
        told = [Extent(part.rows, part.first, part.last) for part in found if part not in open_up]
        return _together([*told, _counted(stored, spec, open_up, cut)] if open_up else told)

    return stored.answer(ask)


def _to_open(spec: Dataset, found: Sequence[Part], cut: Cut) -> list[Part]:
    """Choose the files whose commit does not say how many records they have at a cut."""
    if not any(part.again for part in found):
        return [part for part in found if not cut.holds_all_of(part)]
    if "session" not in spec.key:
        return list(found)
    # a key that comes again does so within its month
    months = {part.first.replace(day=1) for part in found if part.again}
    return [part for part in found if part.first.replace(day=1) in months or not cut.holds_all_of(part)]


def _counted(stored: View, spec: Dataset, found: Sequence[Part], cut: Cut) -> Extent:
    query, values = _question(stored.where, spec, found, cut)
    counted = f"SELECT count(*), min(session)::DATE, max(session)::DATE FROM ({query})"  # noqa: S608
    with stored.database(spec.name) as database:
        (row,) = database.execute(counted, values).fetchall()
    return Extent(*row)


def _together(extents: Sequence[Extent]) -> Extent:
    firsts = [one.first for one in extents if one.first]
    lasts = [one.last for one in extents if one.last]
    return Extent(sum(one.rows for one in extents), min(firsts, default=None), max(lasts, default=None))


def newest_session(root: Root | View, name: str, *, until: date, known_at: datetime) -> date | None:
    """Find the newest session up to `until` of which a dataset has a record; None if there is none.

    Files are asked from the newest on, so the answer costs one month of a long history at most.
    """
    stored, asked = view(root), question(dataset(name), until)
    lasts = sorted({min(part.last, until) for part in stored.asked(asked, known_at) if part.first <= until})
    for last in reversed(lasts):
        found = extent(stored, name, since=last.replace(day=1), until=until, known_at=known_at)
        if found.last:
            return found.last
    return None


def owners(root: Root | View, names: Iterable[str], *, until: date, known_at: datetime) -> set[tuple[str, str]]:
    """Name the accounts that some datasets have records of, each with the sources of these.

    A record counts from when it was known first, also if it was voided or corrected since: an account does not vanish.
    """
    stored, cut, wanted = view(root), Cut(until, known_at), sorted(set(names))

    def ask() -> set[tuple[str, str]]:
        of_them = [part for name in wanted for part in stored.asked(question(dataset(name), until), known_at)]
        whole = {owner for part in of_them if cut.holds_all_of(part) for owner in part.owners}
        return whole.union(*(_owners(stored, name, cut, whole) for name in wanted))

    return stored.answer(ask)


def _owners(stored: View, name: str, cut: Cut, known: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Ask the files that are cut through, but only those that may name somebody new."""
    found = [
        part
        for part in stored.of(name)
        if not cut.holds_all_of(part) and cut.may_be_in(part, dataset(name)) and not set(part.owners) <= known
    ]
    if not found:
        return set()
    query = (
        f"SELECT DISTINCT account, source FROM {sql_files(stored.where, found)} WHERE session <= ? AND known_at <= ?"  # noqa: S608
    )
    with stored.database(name) as database:
        return set(database.execute(query, [cut.until, cut.known_at]).fetchall())


def _question(where: Place, spec: Dataset, found: Sequence[Part], cut: Cut) -> tuple[str, list[object]]:
    """Write the query for the records at a cut, with its values."""
    # a correction may change what is no part of the key, its session too: that is asked after choosing the newest
    keyed = "session" in spec.key
    conditions: list[tuple[str, list[object], bool]] = [("session <= ?", [cut.until], keyed)]
    conditions += [("session >= ?", [cut.since], keyed)] if cut.since else []
    for column, wanted in (cut.only or {}).items():
        # a list of values, not a query of them: that way whole row groups are passed over
        listed = f"{sql_name(column)} IN ({', '.join('?' * len(wanted))})" if wanted else "false"
        conditions.append((listed, list(wanted), column in spec.key))
    early = [one for one in conditions if one[2]]
    inside = " AND ".join(["known_at <= ?", *(text for text, _, _ in early)])
    outside = " AND ".join(["NOT withdrawn", *(text for text, _, is_early in conditions if not is_early)])
    asked = [cut.known_at, *(value for _, values, _ in early for value in values)]
    stored = f"(SELECT * FROM {sql_files(where, found)} WHERE {inside})"  # noqa: S608
    twice = [part for part in found if part.again]
    if twice:
        told = f"(SELECT * FROM {sql_files(where, twice)} WHERE {inside})"  # noqa: S608
        stored = _one_of_each(spec, stored, told, as_first_told=cut.as_first_told)
        asked = [*asked, *asked, *asked, *asked]
    later = [value for _, values, is_early in conditions if not is_early for value in values]
    return f"SELECT * FROM {stored} WHERE {outside}", [*asked, *later]  # noqa: S608


def _one_of_each(spec: Dataset, stored: str, told: str, *, as_first_told: bool) -> str:
    """Say in SQL: every record whose key was told of once, and of the other keys the one that counts."""
    same = " AND ".join(f"a.{sql_name(column)} = b.{sql_name(column)}" for column in spec.key)
    once = f"SELECT a.* FROM {stored} a ANTI JOIN {told} b ON {same}"  # noqa: S608
    more = f"(SELECT a.* FROM {stored} a SEMI JOIN {told} b ON {same})"  # noqa: S608
    counts = earliest(spec, more) if as_first_told else latest(spec, more)
    return f"({once} UNION ALL SELECT * FROM {counts})"  # noqa: S608


def latest(spec: Dataset, stored: str) -> str:
    """Say in SQL: of each key, the record known last; the later batch where two became known at once."""
    return _first_by(spec, stored, "known_at DESC, batch DESC")


def earliest(spec: Dataset, stored: str) -> str:
    """Say in SQL: of each key, the record known first."""
    return _first_by(spec, stored, "known_at, batch")


def _first_by(spec: Dataset, stored: str, order: str) -> str:
    return (
        f"(SELECT * FROM {stored} QUALIFY row_number() OVER (PARTITION BY {sql_names(spec.key)} ORDER BY {order}) = 1)"  # noqa: S608
    )


def sql_files(where: Place, found: Iterable[Part]) -> str:
    """Name the Parquet files in SQL."""
    try:
        paths = where.nearby([part.path for part in found])
    except OSError as error:
        raise StoreError(f"The store has a file that cannot be read: {error}. Try again.") from error
    names = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return f"(SELECT * FROM read_parquet([{names}]))"  # noqa: S608


def sql_name(column: str) -> str:
    """Quote a column's name."""
    return f'"{column}"'


def sql_names(columns: Iterable[str]) -> str:
    """Quote columns' names, as a list."""
    return ", ".join(sql_name(column) for column in columns)
