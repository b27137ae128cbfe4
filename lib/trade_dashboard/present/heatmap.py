"""A table whose cells are tinted by their numbers: years by months, or each with each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from trade_dashboard.present.markup import Html, e, exhibit
from trade_dashboard.present.missing import missing
from trade_dashboard.present.theme import NONE, clipped, number, undefined, written

__all__ = ["heatmap"]

STEPS = 4
COMMON = 0.95
LONGEST_LABEL = 24


def heatmap(
    frame: pd.DataFrame,
    *,
    name: str,
    finding: str,
    note: str = "",
    unit: str = "fraction",
    total: pd.Series | None = None,
    strongest: float | None = None,
) -> Html:
    """Show numbers by row and column, tinted in four steps each side of zero: blue above, orange below.

    Parameters
    ----------
    frame
        Rows by columns, in `unit`; NaN is an empty cell.
    name, finding, note
        Anchor of the exhibit, what there is to see, and how to read it.
    unit
        As for `line_chart`.
    total
        By row, a last column that is not tinted, under its own name.
    strongest
        The size from which on a cell has the strongest tint, such as 1 for correlations; what only one number in twenty
        is beyond when left out.
    """
    known = frame.astype("float64").replace([np.inf, -np.inf], np.nan)
    sizes = np.abs(known.to_numpy())[known.notna().to_numpy()]
    if not len(sizes):
        return missing(name, finding, "nothing here has a value yet")
    most = strongest or float(np.quantile(sizes, COMMON)) or float(sizes.max())
    head = "".join(f'<th scope="col">{_label(label)}</th>' for label in known)
    last = "" if total is None else f'<th scope="col">{_label(total.name or "Total")}</th>'
    ends = [None] * len(known) if total is None else total.reindex(known.index).tolist()
    rows = "".join(
        _row(label, values, most, unit, end)
        for label, values, end in zip(known.index, known.to_numpy().tolist(), ends, strict=True)
    )
    corner = '<th scope="col">%</th>' if unit == "fraction" else "<td></td>"
    table = (
        f'<table class="heat"><caption class="hidden">{e(_describe(known, unit))}</caption>'
        f"<thead><tr>{corner}{head}{last}</tr></thead><tbody>{rows}</tbody></table>"
    )
    return exhibit(name, finding, note, f'<div class="wide" tabindex="0">{table}</div>')


def _label(label: Any) -> str:
    return e(clipped(str(label), LONGEST_LABEL))


def _row(label: Any, values: Sequence[float], strongest: float, unit: str, total: float | None) -> str:
    cells = "".join(f"<td{_tint(value, strongest)}>{_cell(value, unit)}</td>" for value in values)
    last = "" if total is None else f'<td class="total">{_cell(total, unit) or NONE}</td>'
    return f'<tr><th scope="row">{_label(label)}</th>{cells}{last}</tr>'


def _cell(value: float, unit: str) -> str:
    return "" if undefined(value) else number(value, unit).removesuffix("%").rstrip("\u202f")


def _tint(value: float, strongest: float) -> str:
    if undefined(value) or not value or not strongest:
        return ""
    step = min(int(STEPS * abs(value) / strongest) + 1, STEPS)
    return f' class="{"gain" if value > 0 else "loss"}-{step}"'


def _describe(known: pd.DataFrame, unit: str) -> str:
    values = known.to_numpy()
    top, bottom = (np.unravel_index(found, values.shape) for found in (np.nanargmax(values), np.nanargmin(values)))
    return (
        f"{len(known)} rows by {known.shape[1]} columns; highest {written(values[top], unit)} at {_at(known, top)}, "
        f"lowest {written(values[bottom], unit)} at {_at(known, bottom)}."
    )


def _at(known: pd.DataFrame, place: tuple[Any, ...]) -> str:
    return (
        f"{clipped(str(known.index[place[0]]), LONGEST_LABEL)}, {clipped(str(known.columns[place[1]]), LONGEST_LABEL)}"
    )
