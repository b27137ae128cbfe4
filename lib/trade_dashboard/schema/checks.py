"""The one check that holds frames to the datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from trade_dashboard.errors import SchemaError
from trade_dashboard.schema.datasets import Column, dataset

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

__all__ = ["LONGEST_TEXT", "PANDAS_TYPES", "check", "conform", "empty"]

PANDAS_TYPES = {"str": "str", "float": "float64", "date": "datetime64[us]", "instant": "datetime64[us, UTC]"}
LONGEST_TEXT = 400
FIRST_YEAR, LAST_YEAR = 1900, 2100


def empty(name: str) -> pd.DataFrame:
    """Make a frame of no records with the columns and types of a dataset."""
    return conform(name, {})


def conform(name: str, columns: pd.DataFrame | Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Give a frame the columns and types of its dataset: order, absent optional columns, dtypes; nothing else.

    Parameters
    ----------
    name
        A dataset.
    columns
        A frame, or whatever `pandas.DataFrame` takes.

    Raises
    ------
    SchemaError
        If a value cannot be of its column's type, a needed column is absent, or one is unknown.
    """
    import pandas as pd

    spec = dataset(name)
    frame = pd.DataFrame(columns)
    unknown = [str(column) for column in frame.columns if column not in spec.names]
    absent = [column.name for column in spec.columns if column.name not in frame.columns and not column.optional]
    if unknown or (absent and len(frame)):
        raise SchemaError(
            f"Dataset {name} has columns {', '.join(spec.names)}, "
            f"but got a frame {'with ' + ', '.join(unknown) if unknown else 'without ' + ', '.join(absent)}."
        )
    try:
        return frame.reindex(columns=spec.names).astype({c.name: PANDAS_TYPES[c.kind] for c in spec.columns})
    except (TypeError, ValueError) as error:
        raise SchemaError(f"Dataset {name} got a value that is not of its column's type: {error}.") from error


@cache
def _model(name: str) -> pa.DataFrameSchema:
    import pandera.pandas as pa

    def checks(column: Column) -> list[pa.Check]:
        rules = []
        if column.least is not None:
            rules.append(pa.Check.ge(column.least))
        if column.above is not None:
            rules.append(pa.Check.gt(column.above))
        if column.among:
            rules.append(pa.Check.isin(column.among))
        elif column.pattern:
            rules.append(pa.Check(lambda cells: cells.str.fullmatch(column.pattern), name="plausible_symbol"))
        elif column.kind == "str":
            rules.append(pa.Check.str_length(1, LONGEST_TEXT))
        elif column.kind == "float":
            rules.append(pa.Check(lambda values: values.abs() != float("inf"), name="finite"))
        else:
            if column.kind == "date":
                rules.append(pa.Check(lambda days: days == days.dt.normalize(), name="whole_day"))
            rules.append(pa.Check(lambda times: times.dt.year.between(FIRST_YEAR, LAST_YEAR), name="plausible_year"))
        return rules

    spec = dataset(name)
    columns = {
        column.name: pa.Column(PANDAS_TYPES[column.kind], checks(column), nullable=column.optional)
        for column in spec.columns
    }
    return pa.DataFrameSchema(columns, strict=True, ordered=True)


def check(name: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part the records that are what the schema says from those that are not.

    Parameters
    ----------
    name
        A dataset.
    frame
        Records as `conform` gives them, any index.

    Returns
    -------
    tuple[pd.DataFrame, pd.DataFrame]
        The good records, and one row (`row`, `column`, `value`, `reason`) for each thing wrong with the others; `row` is
        the label in the index of `frame`.
    """
    import pandas as pd
    import pandera.errors

    try:
        return _model(name).validate(frame, lazy=True), pd.DataFrame(columns=["row", "column", "value", "reason"])
    except pandera.errors.SchemaErrors as found:
        cases = found.failure_cases
    if cases["index"].isna().any():
        raise SchemaError(f"Dataset {name} got a frame of another shape: {cases['check'].iloc[0]}.")
    wrong = pd.DataFrame(
        {
            "row": cases["index"],
            "column": cases["column"],
            "value": cases["failure_case"].astype(str).str.slice(0, LONGEST_TEXT),
            "reason": cases["check"],
        }
    ).sort_values(["row", "column"], ignore_index=True)
    return frame[~frame.index.isin(wrong["row"])], wrong
