"""How many of some values lie where: the distribution itself, not its mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from trade_dashboard.present.axes import canvas, dress, panel, ticks
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

HEIGHT, AXIS, ROW = 220, 24, 16
LEAST = 3
FEWEST_BINS, MOST_BINS = 6, 30
FAR = 6.0
SIGNED = {"fraction", "USD", "ratio"}
LONGEST_MARK, LETTER, NARROW = 26, 6.8, 270
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
        note = (
            f"{note} {beyond} beyond the edge {'is' if beyond == 1 else 'are'} counted in the outermost bars.".strip()
        )
    return exhibit(name, finding, note, drawn + _numbers(edges, counts, unit, name))


def _edges(known: pd.Series, unit: str) -> Edges:
    """Choose round edges, with zero among them where it is in reach; far outliers do not squeeze all the rest into one bar."""
    first, last = known.quantile([0.25, 0.75])
    reach = FAR * (last - first) or np.inf
    low, high = max(known.min(), first - reach), min(known.max(), last + reach)
    if low == high:
        half = abs(low) / 2 or 0.5
        low, high = low - half, high + half
    wanted = min(max(2 * len(known) ** (1 / 3) * 1.2, FEWEST_BINS), MOST_BINS)
    step = _round_up((high - low) / wanted)
    if unit in {"count", "sessions"}:
        step = max(step, 1.0)
    first_edge, last_edge = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return np.arange(first_edge, max(last_edge, first_edge + 1) + 1) * step


def _round_up(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(power * lead for lead in (1, 2, 2.5, 5, 10) if power * lead >= step * (1 - 1e-9))


def _draw(edges: Edges, counts: Edges, unit: str, marks: Mapping[str, float]) -> Any:
    rows = _rows(edges, marks)
    top = 8 + ROW * (max(rows.values()) + 1 if rows else 0)
    figure = canvas(HEIGHT + top)
    axes = panel(figure, top, HEIGHT + top - AXIS)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, counts.max() * 1.05)
    signs = unit in SIGNED and edges[0] < 0
    gap = 0.06 * (edges[1] - edges[0])
    for left, right, height in zip(edges[:-1], edges[1:], counts, strict=True):
        ink = ("loss" if left + right < 0 else "gain") if signs else "accent"
        x = [left + gap, right - gap]
        axes.fill([x[0], x[1], x[1], x[0]], [0, 0, height, height], facecolor=colour(ink), edgecolor="none")
    axes.axhline(0, color=colour("muted"), linewidth=1)
    _point(axes, marks, rows)
    dress(axes, "count", most=3)
    at, step = ticks(edges[0], edges[-1], 4, unit)
    axes.set_xticks(at, [tick(value, step, unit) for value in at])
    return figure


def _rows(edges: Edges, marks: Mapping[str, float]) -> dict[str, int]:
    """Place the words of the marks in as many rows above the bars as keep them apart on a phone."""
    rows: dict[str, int] = {}
    taken: list[list[tuple[float, float]]] = []
    for words, value in sorted(marks.items(), key=lambda mark: mark[1]):
        x, wide = _place(edges, value), LETTER * len(words) + 12
        span = (x, x + wide) if x < NARROW / 2 else (x - wide, x)
        free = (
            row for row, there in enumerate(taken) if all(span[1] < left or right < span[0] for left, right in there)
        )
        row = next(free, len(taken))
        taken += [[]] if row == len(taken) else []
        taken[row].append(span)
        rows[words] = row
    return rows


def _place(edges: Edges, value: float) -> float:
    return float(NARROW * np.clip((value - edges[0]) / (edges[-1] - edges[0]), 0, 1))


def _point(axes: Axes, marks: Mapping[str, float], rows: Mapping[str, int]) -> None:
    low, high = axes.get_xlim()
    for words, value in marks.items():
        x, early = min(max(value, low), high), value < (low + high) / 2
        axes.axvline(x, color=colour("ink"), linewidth=1, linestyle=(0, (3, 2)))
        axes.annotate(
            words,
            (x, 1),
            xycoords=("data", "axes fraction"),
            xytext=(5 if early else -5, 4 + ROW * rows[words]),
            textcoords="offset points",
            color=colour("ink"),
            ha="left" if early else "right",
            annotation_clip=False,
        )


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
