"""Bars: one number for each name, with its interval and its n."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from trade_dashboard.present.axes import ticks
from trade_dashboard.present.markup import Html, e, exhibit
from trade_dashboard.present.missing import missing
from trade_dashboard.present.numbers import folded
from trade_dashboard.present.svg import frame
from trade_dashboard.present.tables import FEW, KINDS, Column
from trade_dashboard.present.theme import MINUS, THIN, clipped, count, number, signed, tick, written

__all__ = ["bar_chart"]

ROW, AXIS, THICK = 26, 24, 12
MOST_BARS = 24
MOST_TICKS = 3
LONGEST_LABEL = 60
UNSIGNED = {"count", "sessions"}
SIGNS = {MINUS, "+"}


@dataclass(frozen=True)
class Bar:
    """One bar: its label, its value and its interval in the chart's unit, and what it is made of; NaN where unknown."""

    label: str
    value: float
    n: float
    low: float
    high: float

    @property
    def drawn(self) -> bool:
        """Whether there is a number."""
        return not math.isnan(self.value)

    @property
    def has_interval(self) -> bool:
        """Whether both bounds are known."""
        return not math.isnan(self.low) and not math.isnan(self.high)

    def tone(self, *, signs: bool) -> str:
        """Name the colour."""
        if self.n < FEW or not self.drawn:
            return "quiet"
        return ("loss" if self.value < 0 else "gain") if signs and self.value else "plain"


def bar_chart(
    values: pd.Series,
    *,
    name: str,
    finding: str,
    note: str = "",
    unit: str = "fraction",
    n: pd.Series | None = None,
    low: pd.Series | None = None,
    high: pd.Series | None = None,
    by_sign: bool = True,
) -> Html:
    """Draw a bar for each label, in the order given.

    Parameters
    ----------
    values
        Index labels, in `unit`; NaN draws no bar.
    name, finding, note
        Anchor of the exhibit, what there is to see, and how to read it.
    unit
        As for `line_chart`.
    n
        How many observations each is made of; fewer than five are greyed.
    low, high
        Bounds of each one's interval, drawn as a whisker.
    by_sign
        Whether above zero is a gain and below it a loss, and both are signed. Counts and sessions never are.
    """
    sides = [_floats(given, values.index) for given in (values, n, low, high)]
    bars = [Bar(*row) for row in zip(map(str, values.index), *sides, strict=True)]
    if not any(bar.drawn for bar in bars):
        return missing(name, finding, "nothing here has a value yet")
    shown, signs = bars[:MOST_BARS], by_sign and unit not in UNSIGNED
    drawn = frame(_draw(shown, unit, signs=signs), ROW * len(shown) + AXIS, name, finding, _describe(bars, unit))
    names = "".join(_name(bar) for bar in shown)
    texts = "".join(_value(bar, unit, signs=signs) for bar in shown)
    body = f'<div class="bars"><ul aria-hidden="true">{names}</ul>{drawn}<ul aria-hidden="true">{texts}</ul></div>'
    if len(bars) > len(shown):
        note = f"{note} The first {len(shown)} of {len(bars)} are drawn.".strip()
    return exhibit(name, finding, note, body + _numbers(bars, unit, name))


def _floats(given: pd.Series | None, labels: pd.Index) -> list[float]:
    if given is None:
        return [math.nan] * len(labels)
    values = given.astype("float64").set_axis(given.index)
    aligned = values if values.index.equals(labels) else values.reindex(labels)
    return [value if math.isfinite(value) else math.nan for value in aligned]


def _name(bar: Bar) -> str:
    beside = "" if math.isnan(bar.n) else f" <small>n{THIN}{count(bar.n)}</small>"
    return f"<li><span>{e(clipped(bar.label, LONGEST_LABEL))}</span>{beside}</li>"


def _value(bar: Bar, unit: str, *, signs: bool) -> str:
    text = signed(number(bar.value, unit)) if signs else number(bar.value, unit)
    # what is written without a sign is neither gain nor loss
    tone = bar.tone(signs=signs) if text[0] in SIGNS or bar.n < FEW else "plain"
    return f'<li class="{tone}">{text}</li>'


def _draw(bars: Sequence[Bar], unit: str, *, signs: bool) -> str:
    """Draw in percent of the width: bars stretch with the page, strokes and letters keep their size."""
    reach = [value for bar in bars for value in (bar.value, bar.low, bar.high) if not math.isnan(value)]
    at, step = ticks(min([*reach, 0.0]), max([*reach, 0.0]), MOST_TICKS, unit, outside=True)
    floor = ROW * len(bars)

    def x(value: float) -> float:
        return 100 * (value - at[0]) / (at[-1] - at[0])

    grid = "".join(
        f'<line class="{"hair" if round(value / step) else "zero"}" x1="{x(value):.2f}%" x2="{x(value):.2f}%" y1="0" '
        f'y2="{floor}"/>'
        + (
            f'<text x="{x(value):.2f}%" y="{floor + 17}" text-anchor="middle">{tick(value, step, unit)}</text>'
            if _named(x(value))
            else ""
        )
        for value in at
    )
    return grid + "".join(_bar(bar, ROW * place, x, signs=signs) for place, bar in enumerate(bars) if bar.drawn)


def _named(share: float) -> bool:
    """Tell whether a phone has room for the words of a tick: at both ends and about the middle."""
    return share in {0.0, 100.0} or 35 < share < 65  # noqa: PLR2004


def _bar(bar: Bar, top: float, x: Callable[[float], float], *, signs: bool) -> str:
    left, right = sorted((x(0.0), x(bar.value)))
    drawn = (
        f'<rect class="{bar.tone(signs=signs)}" x="{left:.2f}%" y="{top + (ROW - THICK) / 2:.0f}" '
        f'width="{right - left:.2f}%" height="{THICK}"/>'
    )
    if not bar.has_interval:
        return drawn
    middle = f"{top + ROW / 2:.0f}"
    whisker = f'x1="{x(bar.low):.2f}%" x2="{x(bar.high):.2f}%" y1="{middle}" y2="{middle}"'
    return f'{drawn}<line class="whisker" {whisker}/>'


def _describe(bars: Sequence[Bar], unit: str) -> str:
    by_value = sorted((bar for bar in bars if bar.drawn), key=lambda bar: bar.value)
    low, high = (
        f"{clipped(bar.label, LONGEST_LABEL)} with {written(bar.value, unit)}" for bar in (by_value[0], by_value[-1])
    )
    return f"One bar: {high}." if len(by_value) == 1 else f"{len(by_value)} bars; highest {high}, lowest {low}."


def _numbers(bars: Sequence[Bar], unit: str, name: str) -> str:
    told = pd.DataFrame([asdict(bar) for bar in bars])
    bounds = {"value": "Value", "low": f"Low, 95{THIN}%", "high": f"High, 95{THIN}%"}
    columns = [Column("n", "n", "count"), *(Column(key, label, KINDS[unit]) for key, label in bounds.items())]
    known = [column for column in columns if told[column.name].notna().any()]
    return folded(told, [Column("label", "Name"), *known], name)
