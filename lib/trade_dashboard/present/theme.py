"""How numbers are written, and the names of the colours (their values are in `page/theme.css`, for both themes)."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files

__all__ = [
    "MINUS",
    "NONE",
    "THIN",
    "changed",
    "clipped",
    "colour",
    "colours",
    "count",
    "day",
    "listed",
    "money",
    "number",
    "percent",
    "place",
    "points",
    "price",
    "shares",
    "signed",
    "span",
    "stylesheet",
    "tick",
    "undefined",
    "written",
]

MINUS = "\u2212"
THIN = "\u202f"
NONE = "\u2013"
DECIMALS = {"USD": 0, "ratio": 2, "bps": 1, "count": 0, "sessions": 0}
WHOLE = 1e-6
LONG = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"))


def undefined(value: float | None) -> bool:
    """Tell whether there is no number to write: infinity is none."""
    return value is None or not math.isfinite(value)


def _fixed(value: float | None, decimals: int) -> str:
    if value is None or not math.isfinite(value):
        return NONE
    text = f"{abs(value):,.{decimals}f}".replace(",", THIN)
    # a number that rounds to nothing has no sign
    return MINUS + text if value < 0 and any(digit in text for digit in "123456789") else text


def money(value: float | None, decimals: int = 0) -> str:
    """Write USD: "−1 234"; the unit stands in the header."""
    return _fixed(value, decimals)


def price(value: float | None) -> str:
    """Write USD a share with cents: "1 234.50"."""
    return _fixed(value, 2)


def shares(value: float | None) -> str:
    """Write a quantity, with as many decimals as it has, at most four."""
    if value is None or not math.isfinite(value) or value == round(value):
        return _fixed(value, 0)
    return _fixed(value, 4).rstrip("0")


def count(value: float | None) -> str:
    """Write a whole number."""
    return _fixed(value, 0)


def percent(value: float | None, decimals: int = 1) -> str:
    """Write a fraction in percent: "12.3 %"."""
    return NONE if undefined(value) else _fixed(100 * (value or 0.0), decimals) + THIN + "%"


def points(value: float | None, decimals: int = 1) -> str:
    """Write a difference of fractions in percentage points: "0.4 pp"."""
    return NONE if undefined(value) else _fixed(100 * (value or 0.0), decimals) + THIN + "pp"


def number(value: float | None, unit: str) -> str:
    """Write a number of a unit as a cell does, whose header names the unit; only percent says it again."""
    return percent(value) if unit == "fraction" else _fixed(value, DECIMALS[unit])


def span(low: float, high: float, unit: str) -> str:
    """Write the bounds of an interval, with percent said once: "−2.1 to 18.3 %"."""
    return f"{number(low, unit).removesuffix(THIN + '%')} to {number(high, unit)}"


def written(value: float | None, unit: str) -> str:
    """Write a number with its unit, as a sentence does: "12.3 %", "−1 234 USD", "0.42", "3 sessions"."""
    text = number(value, unit)
    if unit in {"fraction", "ratio", "count"} or text == NONE:
        return text
    return f"{text}{THIN}{'session' if unit == 'sessions' and text == '1' else unit}"


def changed(value: float | None, previous: float | None, unit: str) -> str:
    """Write what a number changed by, with its sign; fractions differ by percentage points. A dash where one is undefined."""
    if value is None or previous is None:
        return NONE
    change = value - previous
    return signed(points(change) if unit == "fraction" else number(change, unit))


def tick(value: float, step: float, unit: str) -> str:
    """Write a number of an axis, with as many decimals as its steps need, and in millions where it is long."""
    value, step = (100 * value, 100 * step) if unit == "fraction" else (value, step)
    size, word = next(((size, word) for size, word in LONG if abs(value) >= 10 * size), (1.0, ""))
    decimals = 0 if unit in {"count", "sessions"} else _decimals(step / size)
    text = _fixed(value / size, decimals) + (THIN + word if word else "")
    return text + THIN + "%" if unit == "fraction" else text


def _decimals(step: float) -> int:
    """Count the decimals of a step, at most four: none of 5, one of 2.5."""
    least = max(0, -math.floor(math.log10(step) + 1e-9))
    scaled = step * 10**least
    return min(4, least + int(abs(scaled - round(scaled)) > WHOLE))


def clipped(text: str, most: int) -> str:
    """Cut a text that is longer than there is room for, and say so with an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def signed(text: str) -> str:
    """Put a plus before a number that has neither a minus nor nothing but zeros."""
    rises = text[:1].isdigit() and any(digit in text for digit in "123456789")
    return f"+{text}" if rises else text


def day(value: date, *, year: bool = True) -> str:
    """Write a date: "30 June 2025"."""
    return f"{value.day} {value:%B}{f' {value:%Y}' if year else ''}"


def place(zone: str) -> str:
    """Name the city of a time zone: "New York"."""
    return zone.rpartition("/")[2].replace("_", " ")


def listed(names: Sequence[str]) -> str:
    """Join names as a sentence does."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


@cache
def stylesheet() -> str:
    """Give the stylesheet of everything a notebook shows."""
    return (files("trade_dashboard") / "page" / "theme.css").read_text()


@cache
def colours() -> dict[str, str]:
    """Give the light value of every colour, by name."""
    light = stylesheet().split("@media", maxsplit=1)[0]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", light))


def colour(name: str) -> str:
    """Give what a figure draws with to have the colour of that name in both themes."""
    return colours()[name]
