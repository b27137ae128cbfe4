"""The numbers of a chart as a folded table, for those who want to read what they see."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from trade_dashboard.present.tables import KINDS, Column, rows_of
from trade_dashboard.present.theme import clipped

__all__ = ["folded", "over_time"]

MOST_ROWS = 13
LEAST_MONTHS = 3
LONGEST_LABEL = 40


def folded(frame: pd.DataFrame, columns: Sequence[Column], name: str) -> str:
    """Write the table of a chart, folded."""
    table = rows_of(frame, columns, f"{name}-numbers")
    return f'<details><summary>The numbers</summary><div class="wide" tabindex="0">{table}</div></details>'


def over_time(lines: pd.DataFrame, unit: str, name: str) -> str:
    """Write values by session at the ends of the last months, or of the last sessions where there are too few months.

    Parameters
    ----------
    lines
        Index sessions; one column a line.
    unit
        Of all of them.
    name
        Anchor of the chart.
    """
    sessions = pd.DatetimeIndex(lines.index)
    monthly = lines.groupby(sessions.to_period("M")).tail(1)
    enough = len(monthly) >= LEAST_MONTHS
    rows = (monthly if enough else lines).tail(MOST_ROWS)
    plain = rows.set_axis([f"line{number}" for number in range(rows.shape[1])], axis="columns")
    columns = [
        Column("session", "Month's last session" if enough else "Session", "day"),
        *(
            Column(str(key), clipped(str(label), LONGEST_LABEL), KINDS[unit])
            for key, label in zip(plain, rows, strict=True)
        ),
    ]
    return folded(plain.rename_axis("session").reset_index(), columns, name)
