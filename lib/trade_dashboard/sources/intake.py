"""Rows as they came → records as the schema wants them, and the rows that are none."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd

from trade_dashboard.schema import LONGEST_TEXT, Dataset, check, conform, dataset
from trade_dashboard.sources import Rejected

__all__ = ["NAIVE_TIME", "accept", "once"]

READABLE = 80
# a whole date at least: what is cut short, as 2025-06, is no first of June
NAIVE_TIME = r"\d{4}(?:-\d\d-\d\d|\d{4})(?:[T ]\d\d(?::?\d\d(?::?\d\d(?:\.\d+)?)?)?)?"
ZONED_TIME = NAIVE_TIME + r" ?(?:Z|[+-]\d\d(?::?\d\d)?)?"


def accept(name: str, rows: pd.DataFrame, origin: str, *, first_line: int = 2) -> tuple[pd.DataFrame, list[Rejected]]:
    """Keep the rows that are records of a dataset, and say what is wrong with the others.

    Parameters
    ----------
    name
        A dataset.
    rows
        Cells as text, numbers, dates or missing, in columns named as in the schema; absent optional columns are empty.
        The label of a row counts from 0.
    origin
        File or address, for the reader.
    first_line
        Line of the first row: 2 in a file with a header, 1 in an answer.

    Returns
    -------
    tuple[pd.DataFrame, list[Rejected]]
        The good records, with the schema's types and `rows`' labels, and one entry for each thing wrong.

    Raises
    ------
    SchemaError
        If a needed column is absent, or one is unknown: the whole is not what it should be.
    """
    spec = dataset(name)
    typed, unreadable = _typed(spec, rows)
    good, wrong = check(name, conform(name, typed.drop(index=list({row for row, *_ in unreadable}))))
    told = [*unreadable, *wrong.itertuples(index=False, name=None)]
    rejected = [
        Rejected(name, origin, int(str(row)) + first_line, str(column), _readable(value, reason), str(reason))
        for row, column, value, reason in told
    ]
    return good, sorted(rejected, key=lambda one: (one.line, one.column))


def _readable(value: object, reason: object) -> str:
    return "" if reason == "not_nullable" else str(value)[:READABLE]


def _typed(spec: Dataset, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[Hashable, str, str, str]]]:
    """Read every cell as its column's type; a cell that cannot be is told, with the label of its row."""
    typed = rows.copy()
    unreadable: list[tuple[Hashable, str, str, str]] = []
    for column in spec.columns:
        if column.name not in rows.columns or column.kind == "str":
            continue
        cells = rows[column.name]
        read = _numbers(cells) if column.kind == "float" else _times(cells, utc=column.kind == "instant")
        kind = "no number" if column.kind == "float" else "no date"
        wrong = cells[read.isna() & cells.notna() & (cells.astype("str") != "")]
        unreadable.extend((row, column.name, str(cell)[:LONGEST_TEXT], kind) for row, cell in wrong.items())
        typed[column.name] = read
    return typed, unreadable


def _numbers(cells: pd.Series) -> pd.Series:
    return pd.to_numeric(cells, errors="coerce").astype("float64")


def _times(cells: pd.Series, *, utc: bool) -> pd.Series:
    if cells.dtype == "str":
        whole = cells.where(cells.str.fullmatch(ZONED_TIME if utc else NAIVE_TIME))
        read = pd.to_datetime(whole, errors="coerce", utc=utc, format="ISO8601")
    else:
        read = pd.to_datetime(cells, errors="coerce", utc=utc)
    return read.astype("datetime64[us, UTC]" if utc else "datetime64[us]")


def once(name: str, records: pd.DataFrame, origin: str, *, first_line: int = 0) -> tuple[pd.DataFrame, list[Rejected]]:
    """Keep the last record of each key; an earlier one that tells otherwise is wrong.

    Parameters
    ----------
    name
        A dataset.
    records
        As `accept` gives them.
    origin, first_line
        As in `accept`.
    """
    key = list(dataset(name).key)
    if not records.duplicated(key).any():
        return records, []
    last = records.drop_duplicates(key, keep="last")
    earlier = records.drop(index=last.index)
    pairs = earlier[key].reset_index(names="earlier").merge(last[key].reset_index(names="later"), on=key)
    wrong = []
    for line, later in zip(pairs["earlier"], pairs["later"], strict=True):
        one, other = earlier.loc[line], last.loc[later]
        differ = [column for column in records.columns if not _same(one[column], other[column])]
        if differ:
            reason = f"line {later + first_line} says {other[differ[0]]}"
            wrong.append(Rejected(name, origin, line + first_line, differ[0], str(one[differ[0]])[:READABLE], reason))
    return last, wrong


def _same(one: object, other: object) -> bool:
    return bool(one == other) or bool(pd.isna(one) and pd.isna(other))  # type: ignore[call-overload]
