"""Two numbers of each thing, one against the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trade_dashboard.present.axes import canvas, dots, dress, limits, panel, say, ticks, zero_line
from trade_dashboard.present.markup import Html, e, exhibit
from trade_dashboard.present.missing import missing
from trade_dashboard.present.numbers import folded
from trade_dashboard.present.svg import responsive
from trade_dashboard.present.tables import KINDS, Column
from trade_dashboard.present.theme import clipped, colour, count, tick, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["scatter"]

HEIGHT, AXIS = 340, 26
LEAST = 3
MOST_NAMED, MOST_ROWS = 8, 13
LONGEST_LABEL = 40
LONGEST_NAME, LETTER, NARROW, TALL = 14, 6.8, 270, 14


@dataclass(frozen=True)
class Side:
    """One of the two axes: the column, its unit, and what it is called."""

    column: str
    unit: str
    label: str


def scatter(
    points: pd.DataFrame,
    x: str,
    y: str,
    *,
    name: str,
    finding: str,
    note: str = "",
    x_unit: str = "fraction",
    y_unit: str = "fraction",
    x_label: str = "",
    y_label: str = "",
    label: str | None = None,
    diagonal: bool = False,
) -> Html:
    """Draw a dot for each row; the outermost are named where there is room.

    Parameters
    ----------
    points
        One row a dot; rows without both numbers are left out.
    x, y
        Columns, in `x_unit` and `y_unit`.
    name, finding, note
        Anchor of the exhibit, what there is to see, and how to read it.
    x_unit, y_unit
        As for `line_chart`.
    x_label, y_label
        What the axes are called; the columns' names when left out.
    label
        Column that names the rows.
    diagonal
        Whether to give both axes the same reach, and draw the line where both numbers are equal.
    """
    known = points.assign(**{side: points[side].astype("float64") for side in (x, y)})
    known = known[np.isfinite(known[x]) & np.isfinite(known[y])]
    if len(known) < LEAST:
        return missing(
            name, finding, f"{len(known)} {'point' if len(known) == 1 else 'points'}, and a pattern needs three"
        )
    across, up = (
        Side(*one)
        for one in (
            (x, x_unit, clipped(x_label or x, LONGEST_LABEL)),
            (y, y_unit, clipped(y_label or y, LONGEST_LABEL)),
        )
    )
    figure = _draw(known, across, up, label, diagonal=diagonal)
    drawn = responsive(figure, name, finding, _describe(known, across, up))
    above = f'<p class="axis" aria-hidden="true">↑ {e(up.label)}</p>'
    beneath = f'<p class="axis across" aria-hidden="true">{e(across.label)} →</p>'
    return exhibit(name, finding, note, above + drawn + beneath + _numbers(known, across, up, label, name))


def _draw(known: pd.DataFrame, across: Side, up: Side, label: str | None, *, diagonal: bool) -> Any:
    figure = canvas(HEIGHT)
    axes = panel(figure, 10, HEIGHT - AXIS)
    both = [known[across.column], known[up.column]]
    axes.set_xlim(*limits(both if diagonal else both[:1]))
    axes.set_ylim(*limits(both if diagonal else both[1:]))
    if diagonal:
        reach = axes.get_xlim()
        axes.plot(reach, reach, color=colour("grey"), linewidth=1, linestyle=(0, (4, 3)))
    low, high = axes.get_xlim()
    if low <= 0 <= high:
        axes.axvline(0, color=colour("muted"), linewidth=1, zorder=1.5)
    zero_line(axes)
    dots(axes, both[0].tolist(), both[1].tolist(), "accent", size=7 if len(known) < 200 else 4)  # noqa: PLR2004
    if label is not None:
        _name_outermost(axes, known, across, up, label)
    dress(axes, up.unit)
    at, step = ticks(low, high, 4, across.unit)
    axes.set_xticks(at, [tick(value, step, across.unit) for value in at])
    return figure


def _name_outermost(axes: Axes, known: pd.DataFrame, across: Side, up: Side, label: str) -> None:
    """Name the points that are farthest from the middle, as long as their names are apart on a phone."""
    place = pd.DataFrame(
        {
            "x": NARROW * _share(known[across.column], axes.get_xlim()),
            "y": (HEIGHT - AXIS - 10) * (1 - _share(known[up.column], axes.get_ylim())),
        }
    )
    far = (
        (((place - place.median()) / (place.std() + 1e-9)) ** 2)
        .sum(axis="columns")
        .sort_values(ascending=False, kind="stable")
    )
    taken: list[tuple[float, float, float, float]] = []
    for row in far.index:
        words = clipped(str(known.loc[row, label]), LONGEST_NAME)
        x, y = place.loc[row]
        box = _box(x, y, LETTER * len(words) + 8)
        if len(taken) == MOST_NAMED or any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        at = (known.loc[row, across.column], known.loc[row, up.column])
        say(axes, words, at, "ink", right=8, end=box[0] < x - 1)


def _share(values: pd.Series, reach: tuple[float, float]) -> pd.Series:
    return (values - reach[0]) / (reach[1] - reach[0])


def _box(x: float, y: float, wide: float) -> tuple[float, float, float, float]:
    left = x - wide if x > NARROW / 2 else x
    return left, y - TALL / 2, left + wide, y + TALL / 2


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _describe(known: pd.DataFrame, across: Side, up: Side) -> str:
    reach = [
        f"{side.label} from {written(known[side.column].min(), side.unit)} to {written(known[side.column].max(), side.unit)}"
        for side in (across, up)
    ]
    return f"{count(len(known))} points; {', '.join(reach)}."


def _numbers(known: pd.DataFrame, across: Side, up: Side, label: str | None, name: str) -> str:
    """Write the rows that stand highest."""
    top = known.sort_values(up.column, ascending=False, kind="stable").head(MOST_ROWS)
    rows = pd.DataFrame({"label": top[label] if label else top.index, "x": top[across.column], "y": top[up.column]})
    columns = [
        Column("label", "Name"),
        Column("x", across.label, KINDS[across.unit]),
        Column("y", up.label, KINDS[up.unit]),
    ]
    return folded(rows, columns, name)
