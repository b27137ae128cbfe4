"""One small chart for each of many things, alike in all but their data."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from trade_dashboard.present.axes import canvas, panel, sessions_axis
from trade_dashboard.present.lines import draw_lines, known, said
from trade_dashboard.present.markup import Html, e, exhibit
from trade_dashboard.present.missing import BEGINNING, missing, so_far
from trade_dashboard.present.numbers import folded
from trade_dashboard.present.svg import responsive
from trade_dashboard.present.tables import KINDS, Column
from trade_dashboard.present.theme import clipped

__all__ = ["small_multiples"]

HEIGHT, AXIS = 136, 24
LEAST = 2
MOST_PANELS = 24
LONGEST_TITLE = 40
Marks = Mapping[pd.Timestamp, str]


def small_multiples(
    panels: Mapping[str, pd.DataFrame],
    *,
    name: str,
    finding: str,
    note: str = "",
    unit: str = "USD",
    marks: Mapping[str, Marks] | None = None,
) -> Html:
    """Draw one small line chart for each panel, each with its own sessions and its own scale.

    Parameters
    ----------
    panels
        By title, lines as for `line_chart`.
    name, finding, note
        Anchor of the exhibit, what there is to see, and how to read it.
    unit
        Of all panels.
    marks
        By title, sessions to mark on the panel's first line, with a word each.
    """
    if not panels:
        return missing(name, finding, "there is nothing to draw yet")
    shown = dict(list(panels.items())[:MOST_PANELS])
    drawn = "".join(
        _panel(f"{name}-{place}", title, known(lines), unit, (marks or {}).get(title, {}))
        for place, (title, lines) in enumerate(shown.items(), 1)
    )
    if len(panels) > len(shown):
        note = f"{note} The first {len(shown)} of {len(panels)} are drawn.".strip()
    return exhibit(name, finding, note, f'<div class="multiples">{drawn}</div>' + _numbers(shown, unit, name))


def _panel(name: str, title: str, lines: pd.DataFrame, unit: str, marks: Marks) -> str:
    heading = f"<h4>{e(clipped(title, LONGEST_TITLE))}</h4>"
    sessions = len(lines.dropna(how="all"))
    if sessions < LEAST:
        return f'<div>{heading}<p class="note">{BEGINNING}{so_far(sessions)}.</p></div>'
    figure = canvas(HEIGHT)
    axes = panel(figure, 8, HEIGHT - AXIS)
    draw_lines(axes, lines, unit, marks=marks, small=True)
    sessions_axis(axes, pd.DatetimeIndex(lines.index), most=2)
    about = " ".join(said(lines[label], unit) for label in lines)
    return f"<div>{heading}{responsive(figure, name, clipped(title, LONGEST_TITLE), about)}</div>"


def _numbers(panels: Mapping[str, pd.DataFrame], unit: str, name: str) -> str:
    firsts = {title: known(lines).iloc[:, 0].dropna() for title, lines in panels.items() if known(lines).shape[1]}
    rows = pd.DataFrame(
        [
            {"title": title, "first": line.iloc[0], "last": line.iloc[-1], "low": line.min(), "high": line.max()}
            for title, line in firsts.items()
        ]
    )
    if rows.empty:
        return ""
    labels = {"first": "First", "last": "Last", "low": "Lowest", "high": "Highest"}
    columns = [Column("title", "Name"), *(Column(key, label, KINDS[unit]) for key, label in labels.items())]
    return folded(rows, columns, name)
