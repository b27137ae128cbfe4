"""A digest of records that depends on their values alone, not on how a machine holds them."""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["digest"]

NOTHING = {pa.string(): "", pa.float64(): 0.0}


def digest(table: pa.Table) -> str:
    """Digest the values of every column, in order, and where there is none.

    Parameters
    ----------
    table
        Columns of text, numbers, dates and instants.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    hashed = hashlib.sha256()
    for name in table.column_names:
        column = table[name].combine_chunks()
        hashed.update(f"{name} {column.type} {len(column)} {column.null_count}\n".encode())
        if column.null_count:
            # what lies in memory beneath a missing value is nobody's business
            hashed.update(pc.is_valid(column).cast(pa.uint8()).buffers()[1])
            column = column.fill_null(pa.scalar(NOTHING.get(column.type, 0), column.type))
        for buffer in _values(column):
            hashed.update(buffer)
    return hashed.hexdigest()


def _values(column: pa.Array) -> list[memoryview]:
    """Give the bytes of a column without missing values: of text the lengths, then all of it."""
    if pa.types.is_string(column.type):
        text = memoryview(column.cast(pa.binary()).buffers()[2] or b"")
        offsets = memoryview(column.buffers()[1]).cast("i")[column.offset : column.offset + len(column) + 1]
        lengths = memoryview(pc.binary_length(column).buffers()[1])[: 4 * len(column)]
        return [lengths, text[offsets[0] : offsets[-1]]] if len(column) else []
    width = column.type.bit_width // 8
    return [memoryview(column.buffers()[1])[width * column.offset : width * (column.offset + len(column))]]
