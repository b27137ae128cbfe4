"""Which sessions are asked for, and what that means as instants in New York."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pandas as pd

from trade_dashboard.sessions import calendar

__all__ = ["CALENDAR_ZONE", "Window", "rfc3339"]

CALENDAR_ZONE = calendar().zone
# trading before the opening begins at four
PREMARKET = time(4)
AS_IT_HAPPENS = ("fills", "orders", "cash_flows")
OF_THE_MARKET = ("bars", "corporate_actions")


@dataclass(frozen=True)
class Window:
    """The sessions asked for.

    Attributes
    ----------
    first, last
        Its ends; None is open.
    closed
        The newest session that had closed when asked.
    under_way
        Whether the session after it was being traded, before the opening too.
    open
        That session, where its provisional prices are wanted and it has opened.
    """

    first: date | None
    last: date | None
    closed: date
    under_way: bool
    open: date | None = None

    @classmethod
    def of(cls, first: date | None, last: date | None, now: datetime, *, with_open: bool = False) -> Window:
        """Place a window at the instant `now`."""
        local = now.astimezone(CALENDAR_ZONE)
        closed = calendar().last_closed(now)
        today = calendar().on_or_before(local.date())
        trading = calendar().trading(now) if with_open else None
        return cls(first, last, closed, today > closed and local.time() >= PREMARKET, trading)

    @property
    def until(self) -> date:
        """The last session with a close."""
        return min(self.last, self.closed) if self.last else self.closed

    @property
    def priced(self) -> date:
        """The last session with prices: the open one where it is wanted and within the window."""
        return self.until if self.open is None or (self.last and self.last < self.open) else self.open

    def start(self, day: date) -> datetime:
        """Give the first instant of `day` in New York."""
        return datetime.combine(day, time(), tzinfo=CALENDAR_ZONE)

    def end(self, session: date) -> datetime:
        """Give the last instant of the day of a session."""
        return self.start(session + timedelta(days=1)) - timedelta(seconds=1)

    def asked(self, margin: timedelta = timedelta(0)) -> dict[str, str]:
        """Say the window as the trading host takes it; both ends exclude the instant they name."""
        ends = {}
        if self.first:
            ends["after"] = rfc3339(self.start(self.first) - margin - timedelta(milliseconds=1))
        if self.last:
            # what happens on a weekend belongs to the session before
            ends["until"] = rfc3339(self.start(calendar().next(self.last)) + margin)
        return ends

    def cut(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Keep the records of the window."""
        last = self.last if name in AS_IT_HAPPENS else self.priced if name in OF_THE_MARKET else self.until
        inside = pd.Series(data=True, index=frame.index)
        if self.first:
            inside &= frame["session"] >= pd.Timestamp(self.first)
        if last:
            inside &= frame["session"] <= pd.Timestamp(last)
        return frame[inside]


def rfc3339(instant: datetime) -> str:
    """Write an instant as the API takes it."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
