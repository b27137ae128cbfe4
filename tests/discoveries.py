"""A small market in which discovery finds the same symbols every session, and their scores say what they will gain."""

from datetime import date

import pandas as pd
from build import bars, opportunities, together

from trade_dashboard.sessions import calendar

NAMES = ("AAA", "BBB", "CCC", "DDD", "EEE")
UNTIL = "2025-06-30"


def sessions(count: int, until: str = UNTIL) -> list[str]:
    """Name the last sessions up to one, oldest first."""
    return [day.isoformat() for day in calendar().between(date(2024, 1, 2), date.fromisoformat(until))[-count:]]


def world(count: int = 40, names: tuple[str, ...] = NAMES, *, benchmark: bool = True) -> dict[str, pd.DataFrame]:
    """Make a market where a higher score gains more, every session: AAA 1 %, BBB 2 % … against a benchmark at 2.5 %."""
    days = sessions(count)
    grown = [
        bars(name, {day: 10 * (1 + 0.01 * (n + 1)) ** at for at, day in enumerate(days)})
        for n, name in enumerate(names)
    ]
    if benchmark:
        grown.append(bars("SPY", {day: 100 * 1.025**at for at, day in enumerate(days)}))
    lines = [f"{day} {name} 0.{n + 1} id={day}{name} state=2" for day in days for n, name in enumerate(names)]
    return {"bars": together(*grown), "opportunities": opportunities(*lines)}
