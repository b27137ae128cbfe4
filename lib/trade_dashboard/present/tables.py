"""Tables: the first column names the thing, the rest are numbers with their unit in the header."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from trade_dashboard.metrics import Stat
from trade_dashboard.page.spark import spark
from trade_dashboard.present.markup import Html, e, exhibit
from trade_dashboard.present.theme import (
    MINUS,
    NONE,
    clipped,
    count,
    day,
    money,
    number,
    percent,
    price,
    shares,
    signed,
    span,
    undefined,
)

__all__ = ["FEW", "KINDS", "Column", "reason", "rows_of", "table"]

UNFOLDED = 20
FEW = 5
LONG_TEXT, LONGEST_TEXT = 36, 120
SEVERITIES = ("critical", "warning", "notice")
KINDS = {
    "fraction": "percent",
    "USD": "money",
    "ratio": "ratio",
    "bps": "bps",
    "count": "count",
    "sessions": "count",
}
"""Kind of column that writes the numbers of a unit."""
LEFT = {"text", "severity"}


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name
        Which of the frame's.
    label
        Its header, with the unit.
    kind
        How its cells are written: "text"; "count", "money", "signed_money", "price", "shares", "percent",
        "signed_percent", "ratio", "signed_ratio", "bps" of numbers; "bar" of fractions, with a bar beside; "day" and
        "time"; "spark" of a sequence of numbers; "fraction_interval", "ratio_interval", "stat_fraction", "stat_ratio"
        and "stat_money" of a `metrics.Stat`, which says why it is undefined; "severity"; "written" of markup.
    """

    name: str
    label: str
    kind: str = "text"


def _coloured(text: str) -> str:
    tone = "loss" if text.startswith(MINUS) else "gain" if text.startswith("+") else ""
    return f'<span class="{tone}">{text}</span>' if tone else text


def _bar(value: float | None, most: float) -> str:
    if undefined(value) or not most:
        return percent(value)
    share = 100 * abs(value or 0.0) / most
    side = ' class="short"' if (value or 0.0) < 0 else ""
    return f'{percent(value)}<svg class="bar" aria-hidden="true"><rect{side} width="{share:.0f}%" height="100%"/></svg>'


def _text(value: str) -> str:
    shown = e(clipped(value, LONGEST_TEXT))
    return shown if len(value) <= LONG_TEXT else f'<span class="words">{shown}</span>'


def _day(value: date | None) -> str:
    return f'<time datetime="{value:%Y-%m-%d}">{day(value)}</time>' if pd.notna(value) else NONE


def _stat(stat: Stat, unit: str, *, interval: bool = False) -> str:
    """Write a statistic; its element carries the number to sort by, whatever else the cell says."""
    if not stat.defined:
        return reason(stat.reason)
    text = number(stat.value, unit)
    around = (
        f" <small>{span(stat.low, stat.high, unit)}</small>"
        if interval and not undefined(stat.low) and not undefined(stat.high)
        else ""
    )
    return f'<data value="{stat.value:.6g}">{text}</data>{around}'


def reason(text: str) -> str:
    """Write why a cell has no value; it is sorted as none."""
    return f'<data class="reason" value="">{e(clipped(text, LONGEST_TEXT))}</data>'


def _severity(word: str) -> str:
    return f'<data class="severity {e(word)}" value="{SEVERITIES.index(word)}">{e(word)}</data>'


WRITERS: dict[str, Callable[[Any], str]] = {
    "text": lambda value: _text(str(value)) if pd.notna(value) else NONE,
    "count": count,
    "money": money,
    "signed_money": lambda value: _coloured(signed(money(value))),
    "price": price,
    "shares": shares,
    "percent": percent,
    "signed_percent": lambda value: _coloured(signed(percent(value))),
    "ratio": lambda value: number(value, "ratio"),
    "signed_ratio": lambda value: _coloured(signed(number(value, "ratio"))),
    "bps": lambda value: number(value, "bps"),
    "day": _day,
    "time": lambda value: f"{value:%H:%M}" if pd.notna(value) else "",
    "spark": spark,
    "fraction_interval": lambda stat: _stat(stat, "fraction", interval=True),
    "ratio_interval": lambda stat: _stat(stat, "ratio", interval=True),
    "stat_fraction": lambda stat: _stat(stat, "fraction"),
    "stat_ratio": lambda stat: _stat(stat, "ratio"),
    "stat_money": lambda stat: _stat(stat, "USD"),
    "severity": _severity,
    "written": str,
}


def rows_of(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    name: str,
    total: Mapping[str, Any] | None = None,
    few: str | None = None,
) -> str:
    """Write the bare `<table>`; `total` is a last row that stays last, `few` a column of counts that may grey a row."""
    from great_tables import GT

    writers = {column.name: _writer(column, frame) for column in columns}
    written = [
        {key: write(value) for key, write, value in zip(writers, writers.values(), row, strict=True)}
        for row in frame[list(writers)].itertuples(index=False, name=None)
    ]
    if total is not None:
        written.append({key: write(total[key]) if key in total else "" for key, write in writers.items()})
    built = GT(pd.DataFrame(written, columns=list(writers), dtype="object"), id=name)
    built = built.cols_label({column.name: column.label for column in columns}).fmt(str)
    built = built.cols_align("right", [column.name for column in columns[1:] if column.kind not in LEFT])
    built = built.cols_align("left", [column.name for column in columns if column.kind in LEFT])
    markup = str(built.as_raw_html())
    bare = markup[markup.index("<table") : markup.index("</table>") + len("</table>")]
    classes = [
        "few" if few is not None and is_few else "" for is_few in (frame[few] < FEW if few else [False] * len(frame))
    ]
    return _classed(bare, classes + (["total"] if total is not None else []))


def _classed(table: str, classes: Sequence[str]) -> str:
    """Name the rows that look different, and leave out what our style does not use."""
    head, _, body = table.replace(' class="gt_row gt_right"', "").partition("<tbody")
    rows = body.split("<tr>")
    named = (f'<tr class="{word}">' if word else "<tr>" for word in classes)
    return head + "<tbody" + rows[0] + "".join(tag + row for tag, row in zip(named, rows[1:], strict=True))


def _writer(column: Column, frame: pd.DataFrame) -> Callable[[Any], str]:
    if column.kind == "bar":
        most = float(frame[column.name].dropna().astype("float64").abs().max())
        return lambda value: _bar(value, most)
    return WRITERS[column.kind]


def table(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    name: str,
    finding: str,
    note: str = "",
    empty: str = "",
    total: Mapping[str, Any] | None = None,
    few: str | None = None,
) -> Html:
    """Show a table under a finding; an empty one is the sentence `empty`, and more than twenty rows are folded.

    Parameters
    ----------
    frame
        One row a line.
    columns
        Which of its columns to show, in this order.
    name
        Anchor of the exhibit.
    finding, note
        What there is to see, and how to read it.
    empty
        What to say when there is no row.
    total
        Values of a last row that stays last.
    few
        Column of counts: what is made of fewer than five is greyed.
    """
    if frame.empty:
        return exhibit(name, empty or finding, "", "")
    head, rest = frame.head(UNFOLDED), frame.iloc[UNFOLDED:]
    body = f'<div class="wide" tabindex="0">{rows_of(head, columns, f"{name}-rows", total, few)}</div>'
    if len(rest):
        folded = f'<div class="wide" tabindex="0">{rows_of(rest, columns, f"{name}-more", few=few)}</div>'
        body += f"<details><summary>{len(rest)} more</summary>{folded}</details>"
    return exhibit(name, finding, note, body)
