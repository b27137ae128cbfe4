"""The dressing that all charts share: hairlines, few ticks on the right, months beneath, names at the ends of lines.

Values are in the units of `theme.number`; sessions are drawn at their position, 0 for the first, so holidays leave no gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from trade_dashboard.present.svg import OFFSET
from trade_dashboard.present.theme import clipped, colour, tick

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "INKS",
    "End",
    "canvas",
    "dots",
    "dress",
    "end_labels",
    "limits",
    "line",
    "panel",
    "say",
    "sessions_axis",
    "thinned",
    "ticks",
    "values_axis",
    "words_of",
    "zero_line",
]

Values = npt.NDArray[Any]

WIDTH = 1000
MOST_TICKS, MOST_YEARS = 5, 7
TICK_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600, 1200)
MARGIN, EDGE = 0.06, 0.04
LINE = 14
BREAKS = re.compile(r"[ \-_/](?=.)")
MOST_POINTS = 480
LOOKS: dict[str, tuple[float, Any]] = {
    "accent": (2.0, "-"),
    "second": (1.5, "-"),
    "third": (1.5, (0, (5, 2))),
    "fourth": (1.75, (0, (1.5, 1.5))),
    "fifth": (1.5, (0, (7, 2, 1.5, 2))),
    "sixth": (1.5, (0, (9, 3))),
}
INKS = tuple(LOOKS)


@dataclass(frozen=True)
class End:
    """The label of a line: its words, one beneath the other, the value it stands at, its colour, and whether it says the value."""

    words: tuple[str, ...]
    value: float
    ink: str
    has_value: bool = False


def canvas(height: int) -> Figure:
    """Make a figure of the usual width and a height in pixels."""
    from matplotlib.figure import Figure

    return Figure(figsize=(WIDTH / 72, height / 72), dpi=72)


def panel(figure: Figure, top: float, bottom: float) -> Axes:
    """Add axes from edge to edge, between two distances from the figure's top in pixels."""
    height = 72 * figure.get_figheight()
    return figure.add_axes((0, 1 - bottom / height, 1, (bottom - top) / height))


def line(axes: Axes, values: pd.Series, ink: str, *, width: float | None = None) -> None:
    """Draw values by position; NaN leaves a gap. Each of the inks has a dash of its own, as colour alone tells nothing to some."""
    x, y = thinned(values.to_numpy(dtype="float64"))
    look = LOOKS.get(ink, (1.25, "-"))
    axes.plot(x, y, color=colour(ink), linewidth=width or look[0], linestyle=look[1], dash_capstyle="butt")


def thinned(values: Values) -> tuple[Values, Values]:
    """Keep of each stretch of many values its first, lowest and highest: what the eye can tell apart on a screen."""
    x = np.arange(len(values))
    if len(values) <= MOST_POINTS:
        return x, values
    kept = {0, len(values) - 1}
    for part in np.array_split(x, MOST_POINTS // 2):
        known = part[~np.isnan(values[part])]
        # a gap stays one
        kept |= set(part[np.isnan(values[part])][:1])
        kept |= {known[values[known].argmin()], known[values[known].argmax()]} if len(known) else set()
    at = np.array(sorted(kept))
    return at, values[at]


def limits(columns: Sequence[pd.Series], *, zero: bool = False) -> tuple[float, float]:
    """Give the limits of an axis that shows all of some values with a little room, also when all are equal."""
    known = [value for column in columns for value in (column.min(), column.max()) if not pd.isna(value)]
    low, high = min([*known, 0.0] if zero else known), max([*known, 0.0] if zero else known)
    room = 0.05 * (high - low) or 0.1 * abs(high) or 1.0
    return low - (room if low or not zero else 0.0), high + (room if high or low == high or not zero else 0.0)


def dots(axes: Axes, x: Sequence[float], y: Sequence[float], ink: str, *, size: float = 6) -> None:
    """Draw dots, which stay round however wide the chart is."""
    axes.plot(x, y, linestyle="none", marker="o", markersize=size, color=colour(ink), markeredgewidth=0, clip_on=False)


def say(
    axes: Axes,
    words: str,
    at: tuple[float, float],
    ink: str,
    *,
    right: float = 0,
    up: float = 0,
    end: bool = False,
    more: str = "",
) -> None:
    """Write words some pixels beside a point, in a colour; to its left where they `end` there."""
    text = axes.annotate(
        words,
        at,
        xytext=(0, up),
        textcoords="offset points",
        color=colour(ink),
        ha="right" if end else "left",
        va="center",
        annotation_clip=False,
    )
    text.set_parse_math(False)  # a dollar is a dollar
    text.set_gid(f"{OFFSET} {-right if end else right} {more}")


def dress(axes: Axes, unit: str, *, most: int = 4, covered: Iterable[tuple[float, float]] = ()) -> None:
    """Draw hairlines across and write their values on the right, but not where the name of a line stands.

    Parameters
    ----------
    axes
        With its limits set.
    unit
        Of the values.
    most
        How many hairlines there may be.
    covered
        Stretches of values that labels at the ends of lines cover.
    """
    axes.set_frame_on(False)
    axes.grid(axis="y", color=colour("hairline"), linewidth=1)
    axes.tick_params(length=0)
    axes.tick_params(axis="x", pad=6)
    axes.yaxis.tick_right()
    low, high = axes.get_ylim()
    at, step = ticks(low, high, most, unit)
    apart = 9 * (high - low) / _pixels(axes)
    taken = list(covered)
    hidden = {y for y in at for below, above in taken if below - apart < y < above + apart}
    axes.set_yticks(at, ["" if y in hidden else tick(y, step, unit) for y in at])


def values_axis(axes: Axes, unit: str, *, most: int = 4) -> None:
    """Write round values beneath; one at the left edge begins there, as there is no room beyond it."""
    low, high = axes.get_xlim()
    at, step = ticks(low, high, most, unit)
    labels = axes.set_xticks(at, [tick(value, step, unit) for value in at])
    for value, label in zip(at, labels, strict=True):
        if value - low < EDGE * (high - low):
            label.label1.set_horizontalalignment("left")


def ticks(low: float, high: float, most: int, unit: str, *, outside: bool = False) -> tuple[list[float], float]:
    """Choose round values between two, at most so many stretches apart, and say how far apart; `outside` takes both in."""
    from matplotlib.ticker import MaxNLocator

    locator = MaxNLocator(most, integer=unit in {"count", "sessions"}, steps=[1, 2, 2.5, 5, 10])
    found = [float(value) for value in locator.tick_values(low, high)]
    at = [value for value in found if outside or low <= value <= high]
    return at, at[1] - at[0] if len(at) > 1 else max(high - low, 1e-9)


def _pixels(axes: Axes) -> float:
    return float(axes.bbox.height)


def zero_line(axes: Axes) -> None:
    """Draw the line where sign changes, if it is in sight."""
    low, high = axes.get_ylim()
    if low <= 0 <= high:
        axes.axhline(0, color=colour("muted"), linewidth=1, zorder=1.5)


def end_labels(axes: Axes, ends: Sequence[End], last: float) -> list[tuple[float, float]]:
    """Name lines at their ends, beneath each other where they would overlap; gives the stretches of values they cover."""
    low, high = axes.get_ylim()
    scale = (high - low) / _pixels(axes)
    ordered = sorted(ends, key=lambda end: -end.value)
    tops = _apart([((high - end.value) / scale, LINE * len(end.words)) for end in ordered], _pixels(axes))
    for end, top in zip(ordered, tops, strict=True):
        for number, words in enumerate(end.words):
            more = "value" if end.has_value and number == len(end.words) - 1 else ""
            say(axes, words, (last, high), end.ink, right=7, up=-(top + LINE * (number + 0.5)), more=more)
    return [
        (high - (top + LINE * len(end.words)) * scale, high - top * scale)
        for end, top in zip(ordered, tops, strict=True)
    ]


def _apart(blocks: Sequence[tuple[float, float]], room: float) -> list[float]:
    """Give the tops of blocks of some heights about some middles, moved so that none overlaps and none leaves the room."""
    tops: list[float] = []
    for middle, height in blocks:
        tops.append(max(middle - height / 2, tops[-1] + blocks[len(tops) - 1][1] if tops else -LINE / 2))
    floor = room + LINE / 2
    for number in reversed(range(len(tops))):
        tops[number] = min(tops[number], floor - blocks[number][1])
        floor = tops[number]
    return tops


def words_of(label: str, most: int) -> tuple[str, ...]:
    """Break a label into at most two lines of so many letters."""
    clean = re.sub(r"\s+", " ", label).strip()
    if len(clean) <= most:
        return (clean,)
    cut = max((found.end() for found in BREAKS.finditer(clean) if found.start() < most + (found[0] == " ")), default=0)
    if not cut:
        return (clipped(clean, most),)
    return clipped(clean[:cut].rstrip(), most), clipped(clean[cut:], most)


def sessions_axis(axes: Axes, sessions: pd.DatetimeIndex, *, labels: bool = True, most: int = MOST_TICKS) -> None:
    """Span the sessions from edge to edge, and name some months, or days where there are too few months."""
    axes.set_xlim(0, max(len(sessions) - 1, 1))
    at, names = _month_ticks(sessions, most)
    if len(at) < 2:  # noqa: PLR2004 - one tick tells no scale
        at, names = _day_ticks(sessions)
    axes.set_xticks(at, names if labels else [""] * len(at))


def _month_ticks(sessions: pd.DatetimeIndex, most: int) -> tuple[list[int], list[str]]:
    """Tick the first session of every so many months, at most a handful, none at the very edges."""
    months = sessions.year * 12 + sessions.month - 1
    starts = [i for i in range(1, len(sessions)) if months[i] != months[i - 1]]
    wanted = (
        step
        for step in TICK_STEPS
        if sum(months[i] % step == 0 for i in starts) <= (MOST_YEARS if step % 12 == 0 else most)
    )
    step = next(wanted, TICK_STEPS[-1])
    margin = len(sessions) * MARGIN
    at = [i for i in starts if months[i] % step == 0 and margin < i < len(sessions) - margin]
    # the year stands at the first tick of each
    years = [sessions[i].year for i in at]
    if step % 12 == 0:
        return at, [f"{year}" for year in years]
    return at, [
        f"{sessions[i]:%b %Y}" if n == 0 or years[n] != years[n - 1] else f"{sessions[i]:%b}" for n, i in enumerate(at)
    ]


def _day_ticks(sessions: pd.DatetimeIndex) -> tuple[list[int], list[str]]:
    at = sorted({round(share * (len(sessions) - 1)) for share in (0.15, 0.5, 0.85)})
    return at, [f"{sessions[i].day} {sessions[i]:%b}" for i in at]
