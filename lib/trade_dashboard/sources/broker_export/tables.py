"""A broker's file → rows of text, each by the line it begins on: however it is packed, written and separated."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from trade_dashboard.errors import SchemaError

__all__ = ["Table", "Wrong", "table", "unpacked"]

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
SEPARATORS = (",", ";", "\t")
# digits in groups of three may have the other sign between them
STYLES = {
    "comma": (r"[+-]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,\d+)?", "."),
    "point": (r"[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d+)?", ","),
}
READABLE = 80


class Wrong(NamedTuple):
    """A row that is none, by its line; `column` names the cell, or is "row"."""

    line: int
    column: str
    value: str
    reason: str


class Table(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    rows
        Cells as text, the empty ones missing; columns by our names; labelled by line. A row that repeats another is left out.
    wrong
        Rows that are none.
    repeated
        How many rows repeat another.
    unknown
        Columns that nobody asks for.
    """

    rows: pd.DataFrame
    wrong: tuple[Wrong, ...]
    repeated: int
    unknown: tuple[str, ...]


def unpacked(content: bytes) -> bytes:
    """Unpack what is packed with gzip, whatever its name says.

    Raises
    ------
    SchemaError
        If it is cut off or damaged, or packed otherwise.
    """
    if content.startswith(ZIP):
        raise SchemaError("a zip archive: unpack it, or pack it with gzip")
    try:
        return gzip.decompress(content) if content.startswith(GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        raise SchemaError(f"damaged gzip: {error}") from error


def table(content: bytes, columns: Mapping[str, str], needed: frozenset[str], numbers: frozenset[str]) -> Table:
    """Read a table of text.

    Parameters
    ----------
    content
        The file.
    columns
        Our name of each column, by the broker's in lower case.
    needed, numbers
        Of our names: those that must be there, and those of numbers.

    Raises
    ------
    SchemaError
        If the whole is no table, or not this one.
    """
    text = _text(unpacked(content))
    separator = _separator(text, columns)
    records = ((line, cells) for line, cells in _records(text, separator) if not isinstance(cells, list) or any(cells))
    header = _header(next(records, (1, []))[1], columns, needed)
    lines, found, wrong, repeated = _parted(records, len(header))
    raw = pd.DataFrame(found, columns=pd.RangeIndex(len(header)), index=pd.Index(lines, dtype="int64"), dtype="str")
    known = [at for at, name in enumerate(header) if name in columns]
    rows = raw[known].set_axis([columns[header[at]] for at in known], axis="columns")
    rows = rows.mask(rows == "")
    if separator != ",":
        rows, unclear = _pointed(rows, [name for name in rows.columns if name in numbers])
        wrong = sorted([*wrong, *unclear])
    unknown = tuple(name for name in header if name and name not in columns)
    return Table(rows, tuple(wrong), repeated, unknown)


def _text(content: bytes) -> str:
    """Decode; what cannot be becomes a sign that no cell of ours may hold."""
    encoding = next((name for mark, name in BOMS.items() if content.startswith(mark)), "utf-8")
    text = content.decode(encoding, errors="replace")
    if "\0" in text:
        raise SchemaError("no text but bytes")
    if not text.strip():
        raise SchemaError("nothing in it, not even a header")
    return text


def _separator(text: str, columns: Mapping[str, str]) -> str:
    """Choose what parts the first line into the most names we know."""
    first = next(line for line in text.splitlines() if line.strip())

    def known(separator: str) -> int:
        return len({cell.strip().strip('"').strip().casefold() for cell in first.split(separator)} & columns.keys())

    return max(SEPARATORS, key=known)


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str] | str]]:
    """Give each record with the line it begins on; of one that cannot be read, what is wrong with it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            yield line, str(error)


def _header(cells: list[str] | str, columns: Mapping[str, str], needed: frozenset[str]) -> list[str]:
    names = [cell.casefold() for cell in cells] if isinstance(cells, list) else []
    known = [columns[name] for name in names if name in columns]
    absent = [name for name, ours in columns.items() if ours in needed and ours not in known]
    if absent:
        raise SchemaError(f"no column {', '.join(absent)} in its header {', '.join(names)[:READABLE]!r}")
    if len(set(known)) < len(known):
        raise SchemaError(f"two columns of one name in its header {', '.join(names)[:READABLE]!r}")
    return names


def _parted(
    records: Iterator[tuple[int, list[str] | str]], width: int
) -> tuple[list[int], list[list[str]], list[Wrong], int]:
    """Part rows of as many cells as the header has from others, and leave out those that repeat one."""
    lines: list[int] = []
    found: list[list[str]] = []
    wrong: list[Wrong] = []
    seen: set[tuple[str, ...]] = set()
    repeated = 0
    for line, cells in records:
        if isinstance(cells, str):
            wrong.append(Wrong(line, "row", "", cells))
        elif len(cells) < width or any(cells[width:]):
            wrong.append(Wrong(line, "row", ",".join(cells)[:READABLE], f"{len(cells)} cells where {width} belong"))
        elif (row := tuple(cells[:width])) in seen:
            repeated += 1
        else:
            seen.add(row)
            lines.append(line)
            found.append(cells[:width])
    return lines, found, wrong, repeated


def _pointed(rows: pd.DataFrame, numbers: list[str]) -> tuple[pd.DataFrame, list[Wrong]]:
    """Write numbers with a decimal point, where it is plain what they are.

    A number tells by itself whether its decimals follow a comma or a point, as 12,5 and 1.234,56 do, or it is told by
    the others, when these agree. Any other with either sign is none: 1,234 is one thing here and another there.
    """
    cells = pd.concat([rows[name] for name in numbers], keys=numbers).dropna()
    if not cells.str.contains(",", regex=False).any():
        return rows, []
    fits = {style: cells.str.fullmatch(pattern) for style, (pattern, _) in STYLES.items()}
    tells = {"comma": fits["comma"] & ~fits["point"], "point": fits["point"] & ~fits["comma"]}
    either = fits["comma"] & fits["point"] & cells.str.contains("[.,]")
    agreed = [style for style, telling in tells.items() if telling.any()]
    if len(agreed) == 1:
        tells[agreed[0]] |= either
    either &= ~(tells["comma"] | tells["point"])
    plain = cells.where(~tells["comma"], cells.str.replace(".", "").str.replace(",", "."))
    plain = plain.where(~tells["point"], cells.str.replace(",", ""))
    unclear = [
        Wrong(line, name, str(cell), "decimal comma, or thousands") for (name, line), cell in cells[either].items()
    ]
    written = rows.assign(**{name: plain[name].reindex(rows.index) for name in numbers if name in plain})
    return written.drop(index=[one.line for one in unclear]), unclear
