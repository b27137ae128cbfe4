"""A line without axes, small enough for a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["spark"]

WIDTH, HEIGHT = 100, 24


def spark(values: Sequence[float]) -> str:
    """Draw values, oldest first, with a dot at the last; NaN leaves a gap, and fewer than two numbers draw nothing."""
    known = [value for value in values if not math.isnan(value)]
    if len(known) < 2:  # noqa: PLR2004 - a line needs two points
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    step = WIDTH / (len(values) - 1)
    at = [
        None if math.isnan(value) else f"{step * i:.1f} {HEIGHT - HEIGHT * (value - low) / span:.1f}"
        for i, value in enumerate(values)
    ]
    moves = " ".join(
        ("L" if i and at[i - 1] is not None else "M") + point for i, point in enumerate(at) if point is not None
    )
    last = next(point for point in reversed(at) if point is not None)
    return (
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">'
        f'<path d="{moves}"/><path class="end" d="M{last}h0"/></svg>'
    )
