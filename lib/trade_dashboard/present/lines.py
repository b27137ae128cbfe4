"""Lines over sessions: some numbers as they went, with what they are measured against in grey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trade_dashboard.metrics import drawdown
from trade_dashboard.present.axes import (
    INKS,
    End,
    Values,
    canvas,
    dots,
    dress,
    end_labels,
    limits,
    line,
    panel,
    say,
    sessions_axis,
    thinned,
    words_of,
    zero_line,
)
from trade_dashboard.present.markup import Html, exhibit
from trade_dashboard.present.missing import missing, so_far
from trade_dashboard.present.numbers import over_time
from trade_dashboard.present.svg import responsive
from trade_dashboard.present.theme import clipped, colour, day, number, percent, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_fall", "draw_lines", "known", "line_chart", "said", "underwater_chart"]

HEIGHT, SHALLOW, AXIS = 310, 160, 26
LEAST = 3
MOST_WITH_VALUES = 3
LONGEST_NAME, LONGEST_MARK = 40, 24
LONG, SHORT = 11, 8
NARROW, LETTER, MARK = 270, 7.5, 14
NO_MARKS: Mapping[pd.Timestamp, str] = {}


def line_chart(
    lines: pd.DataFrame,
    *,
    name: str,
    finding: str,
    note: str = "",
    unit: str = "fraction",
    grey: Sequence[str] = (),
    band: pd.DataFrame | None = None,
    zero: bool = False,
    marks: Mapping[pd.Timestamp, str] | None = None,
) -> Html:
    """Draw up to six lines over the same sessions, each named at its end.

    Parameters
    ----------
    lines
        Index sessions, oldest first; one column a line, its name is the label; NaN and infinity leave gaps.
    name
        Anchor of the exhibit.
    finding, note
        What there is to see, and how to read it.
    unit
        Of all the lines: "fraction", "USD", "ratio", "bps", "count" or "sessions".
    grey
        Columns that are what the others are measured against.
    band
        Columns `low` and `high` on the same index: a stretch around the first line.
    zero
        Whether the axis reaches to zero.
    marks
        By session, a word about the first line on that day.

    Returns
    -------
    Html
        With fewer than three sessions that have a number, a sentence that says so.

    Raises
    ------
    ValueError
        If there are more than six lines: those are small multiples.
    """
    if lines.shape[1] > len(INKS):
        raise ValueError(f"A chart takes at most {len(INKS)} lines, but got {lines.shape[1]}: use small_multiples.")
    shown = known(lines)
    sessions = len(shown.dropna(how="all"))
    if sessions < LEAST:
        return missing(name, finding, f"{so_far(sessions)}, and a line needs three")
    figure = canvas(HEIGHT)
    axes = panel(figure, 8, HEIGHT - AXIS)
    around = None if band is None else known(band).reindex(shown.index)
    draw_lines(axes, shown, unit, grey=grey, band=around, zero=zero, marks=marks or NO_MARKS)
    sessions_axis(axes, pd.DatetimeIndex(shown.index))
    drawn = responsive(figure, name, finding, " ".join(said(shown[label], unit) for label in shown.columns))
    return exhibit(name, finding, note, drawn + over_time(shown, unit, name))


def known(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the columns that have a number, as floats; infinity is none."""
    clean = frame.astype("float64").replace([np.inf, -np.inf], np.nan)
    clean = clean.set_axis(clean.columns.astype("str"), axis="columns")
    return clean.loc[:, clean.notna().any().to_numpy()]


def said(values: pd.Series, unit: str) -> str:
    """Say in a sentence how a line went: where from, where to, its highest and its lowest."""
    there = values.dropna()
    top, bottom = there.index[int(there.argmax())], there.index[int(there.argmin())]
    return (
        f"{clipped(str(values.name), LONGEST_NAME)} went from {written(there.iloc[0], unit)} on {day(there.index[0])} "
        f"to {written(there.iloc[-1], unit)} on {day(there.index[-1])}; highest {written(there.max(), unit)} on {day(top)}, "
        f"lowest {written(there.min(), unit)} on {day(bottom)}."
    )


def draw_lines(
    axes: Axes,
    shown: pd.DataFrame,
    unit: str,
    *,
    grey: Sequence[str] = (),
    band: pd.DataFrame | None = None,
    zero: bool = False,
    marks: Mapping[pd.Timestamp, str] = NO_MARKS,
    small: bool = False,
) -> None:
    """Draw lines by position into axes, with their band, their names at their ends and the marks on the first.

    A `small` chart has fewer hairlines and shorter names, and of a line alone the last value without a name.
    """
    around = [] if band is None else [band["low"], band["high"]]
    axes.set_ylim(*limits([shown[label] for label in shown.columns] + around, zero=zero))
    if band is not None:
        _draw_band(axes, band)
    inks = _inks(list(shown.columns), grey)
    # what matters most is drawn last
    for label, ink in reversed(inks.items()):
        line(axes, shown[label], ink)
    covered = end_labels(axes, _ends(shown, inks, unit, small=small), len(shown) - 1)
    zero_line(axes)
    _draw_marks(axes, shown.iloc[:, 0], marks)
    dress(axes, unit, most=3 if small else 4, covered=covered)


def _inks(labels: Sequence[str], grey: Sequence[str]) -> dict[str, str]:
    coloured = [label for label in labels if label not in set(map(str, grey))]
    return dict.fromkeys(labels, "grey") | dict(zip(coloured, INKS, strict=False))


def _ends(shown: pd.DataFrame, inks: Mapping[str, str], unit: str, *, small: bool) -> list[End]:
    """Name each line, with its last value where there are few."""
    last = {label: shown[label].dropna().iloc[-1] for label in shown.columns}
    named, told = not small or len(last) > 1, len(last) <= (1 if small else MOST_WITH_VALUES)
    names = {label: words_of(label, SHORT if small else LONG) if named else () for label in last}
    values = {label: (number(value, unit),) if told else () for label, value in last.items()}
    return [End(names[label] + values[label], value, inks[label], told) for label, value in last.items()]


def _draw_band(axes: Axes, band: pd.DataFrame) -> None:
    there = band["low"].notna() & band["high"].notna()
    x = np.flatnonzero(there)
    low, high = band["low"][there].to_numpy(), band["high"][there].to_numpy()
    axes.fill(
        np.concatenate([x, x[::-1]]), np.concatenate([high, low[::-1]]), facecolor=colour("band"), edgecolor="none"
    )


def _draw_marks(axes: Axes, values: pd.Series, marks: Mapping[pd.Timestamp, str]) -> None:
    (low, high), tall = axes.get_ylim(), axes.bbox.height
    # the line as it is on a phone, where it leaves the least room
    across, down = np.linspace(0, NARROW, len(values)), (high - values.to_numpy()) / (high - low) * tall
    for session, words in marks.items():
        before = values.loc[:session].dropna()
        if before.empty:
            continue
        at = int(values.index.searchsorted(before.index[-1]))
        wide = 6 + LETTER * len(clipped(words, LONGEST_MARK))
        late = at > len(values) / 2
        sides = [(end, up) for up in (MARK, -MARK) for end in (late, not late)]
        boxes = {
            (end, up): (across[at] - wide * end, across[at] + wide * (not end), down[at] - up) for end, up in sides
        }
        end, up = min(sides, key=lambda side: _crossed(across, down, boxes[side]))
        dots(axes, [at], [before.iloc[-1]], "ink")
        say(axes, clipped(words, LONGEST_MARK), (at, before.iloc[-1]), "ink", right=6, up=up, end=end)


def _crossed(across: Values, down: Values, box: tuple[float, float, float]) -> float:
    """Count the points of a line that words in a box (left, right, middle) would cover; beyond the chart there is no room."""
    left, right, middle = box
    if left < 0 or right > NARROW:
        return np.inf
    return float(((left < across) & (across < right) & (abs(down - middle) < MARK / 2 + 2)).sum())


def underwater_chart(growth: pd.Series, *, name: str, finding: str, note: str = "") -> Html:
    """Draw how far growth is below its best session so far.

    Parameters
    ----------
    growth
        Index sessions, oldest first; of 1, the first row is where it starts; NaN leaves a gap.
    name, finding, note
        As for `line_chart`.
    """
    values = known(growth.to_frame("growth")).get("growth", pd.Series(dtype="float64"))
    fall = drawdown(values).rename("Drawdown")
    if fall.notna().sum() < LEAST:
        return missing(name, finding, f"{so_far(int(fall.notna().sum()))}, and a line needs three")
    figure = canvas(SHALLOW)
    axes = panel(figure, 8, SHALLOW - AXIS)
    draw_fall(axes, fall)
    sessions_axis(axes, pd.DatetimeIndex(fall.index))
    deepest = fall.index[int(fall.argmin())]
    about = f"Deepest drawdown {percent(fall.min())} on {day(deepest)}; now {percent(fall.dropna().iloc[-1])}."
    drawn = responsive(figure, name, finding, about)
    return exhibit(name, finding, note, drawn + over_time(fall.to_frame(), "fraction", name))


def draw_fall(axes: Axes, fall: pd.Series) -> None:
    """Shade the distance below zero of a drawdown, which is a fraction in [-1, 0]; nothing is shaded where it is not known."""
    axes.set_ylim(min(fall.min() * 1.15, -0.01), 0)
    filled = fall.fillna(0.0)
    line_x, line_y = thinned(filled.to_numpy())
    axes.fill(
        np.concatenate([line_x, line_x[::-1]]),
        np.concatenate([line_y, 0 * line_y]),
        facecolor=colour("shade"),
        edgecolor="none",
    )
    line(axes, fall, "loss", width=1.25)
    dress(axes, "fraction", most=3)
