"""Two numbers of each thing, one against the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from trade_dashboard.present.axes import canvas, dots, dress, limits, panel, say, values_axis, zero_line
from trade_dashboard.present.markup import Html, e, exhibit
from trade_dashboard.present.missing import missing
from trade_dashboard.present.numbers import folded
from trade_dashboard.present.svg import responsive
from trade_dashboard.present.tables import KINDS, Column
from trade_dashboard.present.theme import clipped, colour, count, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["scatter"]

HEIGHT, TOP, AXIS = 340, 10, 26
LEAST, MANY = 3, 200
MOST_NAMED, MOST_ROWS = 8, 13
LONGEST_LABEL, LONGEST_NAME = 40, 14
# as wide as the chart is on a phone, on a tablet and at a desk
WIDTHS = (270, 690, 950)
LETTER, TALL, BESIDE = 8.5, 18, 8
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Side:
    """One of the two axes: what it is called, and its unit."""

    label: str
    unit: str


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
    told = _told(points, x, y, label)
    if len(told) < LEAST:
        said = "1 point" if len(told) == 1 else f"{len(told)} points"
        return missing(name, finding, f"{said}, and a pattern needs three")
    across, up = Side(clipped(x_label or x, LONGEST_LABEL), x_unit), Side(clipped(y_label or y, LONGEST_LABEL), y_unit)
    figure = _draw(told, across, up, named=label is not None, diagonal=diagonal)
    drawn = responsive(figure, name, finding, _describe(told, across, up))
    above = f'<p class="axis" aria-hidden="true">↑ {e(up.label)}</p>'
    beneath = f'<p class="axis across" aria-hidden="true">{e(across.label)} →</p>'
    return exhibit(name, finding, note, above + drawn + beneath + _numbers(told, across, up, name))


def _told(points: pd.DataFrame, x: str, y: str, label: str | None) -> pd.DataFrame:
    told = pd.DataFrame(
        {
            "label": (points.index if label is None else points[label]).astype("str"),
            "x": points[x].to_numpy(dtype="float64"),
            "y": points[y].to_numpy(dtype="float64"),
        }
    )
    finite = np.isfinite(told[["x", "y"]].to_numpy()).all(axis=1)
    shown: pd.DataFrame = told.loc[finite].reset_index(drop=True)
    return shown


def _draw(told: pd.DataFrame, across: Side, up: Side, *, named: bool, diagonal: bool) -> Figure:
    figure = canvas(HEIGHT)
    axes = panel(figure, TOP, HEIGHT - AXIS)
    axes.set_xlim(*limits([told["x"], *([told["y"]] if diagonal else [])]))
    axes.set_ylim(*limits([told["y"], *([told["x"]] if diagonal else [])]))
    low, high = axes.get_xlim()
    if diagonal:
        axes.plot((low, high), (low, high), color=colour("grey"), linewidth=1, linestyle=(0, (4, 3)))
    if low <= 0 <= high:
        axes.axvline(0, color=colour("muted"), linewidth=1, zorder=1.5)
    zero_line(axes)
    dots(axes, told["x"].tolist(), told["y"].tolist(), "accent", size=7 if len(told) < MANY else 4)
    if named:
        _name_outermost(axes, told)
    dress(axes, up.unit)
    values_axis(axes, across.unit)
    return figure


def _name_outermost(axes: Axes, told: pd.DataFrame) -> None:
    """Name the points that are farthest from the middle, as long as no name covers another or a dot, at any width."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    share = ((told["x"] - left) / (right - left)).to_numpy()
    down = ((HEIGHT - AXIS - TOP) * (top - told["y"]) / (top - bottom)).to_numpy()
    places = [np.column_stack([width * share, down]) for width in WIDTHS]
    taken: list[list[Box]] = [[] for _ in WIDTHS]
    for row in _outermost_first(places[0]):
        words = clipped(told["label"].iloc[row], LONGEST_NAME)
        found = _free(places, row, LETTER * len(words), taken)
        if found is None or len(taken[0]) == MOST_NAMED:
            continue
        ends, boxes = found
        for there, box in zip(taken, boxes, strict=True):
            there.append(box)
        say(axes, words, (told["x"].iloc[row], told["y"].iloc[row]), "ink", right=BESIDE, end=ends)


def _outermost_first(place: npt.NDArray[np.float64]) -> list[int]:
    off = (place - np.median(place, axis=0)) / (place.std(axis=0) + 1e-9)
    return [int(row) for row in np.argsort(-(off**2).sum(axis=1), kind="stable")]


def _free(
    places: Sequence[npt.NDArray[np.float64]], row: int, wide: float, taken: Sequence[Sequence[Box]]
) -> tuple[bool, list[Box]] | None:
    """Find room for a name to the right of its dot, or else ending to its left; free at every width."""
    for ends in (False, True):
        boxes = [_box(place[row, 0], place[row, 1], wide, ends=ends) for place in places]
        if all(
            box[0] >= 0
            and box[2] <= width
            and not _covers(box, np.delete(place, row, axis=0))
            and not any(_overlap(box, other) for other in there)
            for box, place, width, there in zip(boxes, places, WIDTHS, taken, strict=True)
        ):
            return ends, boxes
    return None


def _box(x: float, y: float, wide: float, *, ends: bool) -> Box:
    start = x - BESIDE - wide if ends else x + BESIDE
    return start, y - TALL / 2, start + wide, y + TALL / 2


def _covers(box: Box, dots_: npt.NDArray[np.float64]) -> bool:
    x, y = dots_[:, 0], dots_[:, 1]
    return bool(((box[0] < x) & (x < box[2]) & (box[1] < y) & (y < box[3])).any())


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _describe(told: pd.DataFrame, across: Side, up: Side) -> str:
    reach = [
        f"{side.label} from {written(values.min(), side.unit)} to {written(values.max(), side.unit)}"
        for side, values in ((across, told["x"]), (up, told["y"]))
    ]
    return f"{count(len(told))} points; {', '.join(reach)}."


def _numbers(told: pd.DataFrame, across: Side, up: Side, name: str) -> str:
    """Write the rows that stand highest."""
    columns = [
        Column("label", "Name"),
        Column("x", across.label, KINDS[across.unit]),
        Column("y", up.label, KINDS[up.unit]),
    ]
    return folded(told.sort_values("y", ascending=False, kind="stable").head(MOST_ROWS), columns, name)
