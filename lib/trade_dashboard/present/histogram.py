"""How many of some values lie where: the distribution itself, not its mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from trade_dashboard.present.axes import canvas, dress, panel, say, values_axis
from trade_dashboard.present.markup import Html, exhibit
from trade_dashboard.present.missing import missing
from trade_dashboard.present.numbers import folded
from trade_dashboard.present.svg import responsive
from trade_dashboard.present.tables import Column
from trade_dashboard.present.theme import clipped, colour, count, tick, undefined, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["histogram"]

Edges = npt.NDArray[Any]

HEIGHT, AXIS, ROW = 220, 26, 16
LEAST = 3
FEWEST_BINS, MOST_BINS = 8, 32
FAR = 6.0
SIGNED = {"fraction", "USD", "ratio"}
LONGEST_MARK, LETTER, NARROW = 26, 7.5, 270
NO_MARKS: Mapping[str, float] = {}


def histogram(
    values: pd.Series,
    *,
    name: str,
    finding: str,
    note: str = "",
    unit: str = "fraction",
    marks: Mapping[str, float] | None = None,
) -> Html:
    """Draw how many values lie where; zero is always an edge, so gains and losses share no bar.

    Parameters
    ----------
    values
        In `unit`, in any order; NaN and infinity are left out. Values far from all others are counted in the last bars.
    name, finding, note
        Anchor of the exhibit, what there is to see, and how to read it.
    unit
        As for `line_chart`.
    marks
        Values to point at, by the words that say what each is; those that are undefined are left out.
    """
    known = values.astype("float64").replace([np.inf, -np.inf], np.nan).dropna()
    if len(known) < LEAST:
        return missing(
            name, finding, f"{len(known)} {'value' if len(known) == 1 else 'values'}, and a distribution needs three"
        )
    edges = _edges(known, unit)
    clear = {
        clipped(words, LONGEST_MARK): value for words, value in (marks or NO_MARKS).items() if not undefined(value)
    }
    counts, _ = np.histogram(known.clip(edges[0], edges[-1]), edges)
    drawn = responsive(_draw(edges, counts, unit, clear), name, finding, _describe(known, unit, clear))
    beyond = int(((known < edges[0]) | (known > edges[-1])).sum())
    if beyond:
        said = "One value beyond the edges is" if beyond == 1 else f"{beyond} values beyond the edges are"
        note = f"{note} {said} counted in the outermost bars.".strip()
    return exhibit(name, finding, note, drawn + _numbers(edges, counts, unit, name))


def _edges(known: pd.Series, unit: str) -> Edges:
    """Choose round edges, with zero among them where it is in reach; far outliers do not squeeze all the rest into one bar."""
    first, last = known.quantile([0.25, 0.75])
    reach = FAR * (last - first) or np.inf
    low, high = max(known.min(), first - reach), min(known.max(), last + reach)
    if low == high:
        half = abs(low) / 2 or 0.5
        low, high = low - half, high + half
    wanted = min(max(2 * len(known) ** 0.4, FEWEST_BINS), MOST_BINS)
    step = _round((high - low) / wanted)
    if unit in {"count", "sessions"}:
        step = max(step, 1.0)
    first_edge, last_edge = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return np.arange(first_edge, max(last_edge, first_edge + 1) + 1) * step


def _round(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return min((power * lead for lead in (1, 2, 2.5, 5, 10)), key=lambda near: abs(math.log(near / step)))


def _draw(edges: Edges, counts: Edges, unit: str, marks: Mapping[str, float]) -> Any:
    rows = _rows(edges, marks)
    top = 8 + ROW * (max(rows.values()) + 1 if rows else 0)
    figure = canvas(HEIGHT + top)
    axes = panel(figure, top, HEIGHT + top - AXIS)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, counts.max() * 1.05)
    signs = unit in SIGNED and edges[0] < 0
    gap = 0.03 * (edges[1] - edges[0])
    for left, right, height in zip(edges[:-1], edges[1:], counts, strict=True):
        ink = ("loss" if left + right < 0 else "gain") if signs else "accent"
        x = [left + gap, right - gap]
        if height:
            axes.fill([x[0], x[1], x[1], x[0]], [0, 0, height, height], facecolor=colour(ink), edgecolor="none")
    axes.axhline(0, color=colour("muted"), linewidth=1)
    _point(axes, edges, marks, rows)
    axes.set_axisbelow(True)
    dress(axes, "count", most=3, covered=[(0, 0)])
    values_axis(axes, unit)
    return figure


def _rows(edges: Edges, marks: Mapping[str, float]) -> dict[str, int]:
    """Place the words of the marks in as many rows above the bars as keep them apart on a phone.

    Words run inwards from their line, so the outermost stand highest: no line has to cross the words of another.
    """
    places = {words: NARROW * _share(edges, value) for words, value in marks.items()}
    rows: dict[str, int] = {}
    taken: list[list[tuple[float, float]]] = []
    for words, x in sorted(places.items(), key=lambda mark: abs(mark[1] - NARROW / 2)):
        wide = LETTER * len(words) + 12
        span = (x, x + wide) if _early(edges, marks[words]) else (x - wide, x)
        free = (
            row for row in range(len(taken)) if not any(_meets(span, other) for above in taken[row:] for other in above)
        )
        row = next(free, len(taken))
        taken += [[]] if row == len(taken) else []
        taken[row].append(span)
        rows[words] = row
    return rows


def _meets(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _share(edges: Edges, value: float) -> float:
    return float(np.clip((value - edges[0]) / (edges[-1] - edges[0]), 0, 1))


def _early(edges: Edges, value: float) -> bool:
    return _share(edges, value) < 0.5  # noqa: PLR2004


def _point(axes: Axes, edges: Edges, marks: Mapping[str, float], rows: Mapping[str, int]) -> None:
    across = axes.get_xaxis_transform()
    for words, value in marks.items():
        x, up = min(max(value, edges[0]), edges[-1]), 8 + ROW * rows[words]
        top = 1 + up / axes.bbox.height
        axes.plot(
            [x, x], [0, top], transform=across, color=colour("ink"), linewidth=1, linestyle=(0, (3, 2)), clip_on=False
        )
        say(axes, words, (x, axes.get_ylim()[1]), "ink", right=5, up=up, end=not _early(edges, value))


def _describe(known: pd.Series, unit: str, marks: Mapping[str, float]) -> str:
    low, middle, high = known.quantile([0.25, 0.5, 0.75])
    text = (
        f"{count(len(known))} values from {written(known.min(), unit)} to {written(known.max(), unit)}; median "
        f"{written(middle, unit)}, half of them between {written(low, unit)} and {written(high, unit)}."
    )
    pointed = "; ".join(f"{words}: {written(value, unit)}" for words, value in marks.items())
    return f"{text} Marked: {pointed}." if pointed else text


def _numbers(edges: Edges, counts: Edges, unit: str, name: str) -> str:
    rows = pd.DataFrame({"from": edges[:-1], "to": edges[1:], "count": counts})
    rows = rows[rows["count"] > 0]
    step = edges[1] - edges[0]
    texts = {side: [tick(value, step, unit) for value in rows[side]] for side in ("from", "to")}
    columns = [
        Column("from", f"From{_said(unit)}", "written"),
        Column("to", f"To{_said(unit)}", "written"),
        Column("count", "Values", "count"),
    ]
    return folded(rows.assign(**texts), columns, name)


def _said(unit: str) -> str:
    return f", {unit}" if unit not in {"fraction", "ratio", "count"} else ""
