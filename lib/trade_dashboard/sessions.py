"""The exchange calendar: which dates are sessions, and when they open and close.

A session is a naive date, an instant is UTC. The rules of each exchange come from exchange-calendars; its answers are
shipped as one small file per exchange (`calendars/`, made by `calendars/make.py`), so that asking costs a millisecond
and needs no pandas. A test holds the files against exchange-calendars.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from trade_dashboard.errors import NoSessionError, RequestError

__all__ = ["Calendar", "calendar"]

SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The sessions of one exchange, `first` to `last`.

    Attributes
    ----------
    exchange
        Market identifier code, such as "XNYS".
    zone
        Time zone of the exchange.
    open, close
        Local times at which an ordinary session opens and closes.
    sessions
        Every session, ascending.
    late_opens, early_closes
        Local times of the sessions that begin late, and of those that end early.
    """

    exchange: str
    zone: ZoneInfo
    open: time
    close: time
    sessions: tuple[date, ...]
    late_opens: Mapping[date, time]
    early_closes: Mapping[date, time]

    @property
    def city(self) -> str:
        """Name the city whose clock counts: "New York"."""
        return self.zone.key.rpartition("/")[2].replace("_", " ")

    def is_session(self, day: date) -> bool:
        """Tell whether the exchange trades on `day`."""
        self._within(day)
        at = bisect_left(self.sessions, day)
        return at < len(self.sessions) and self.sessions[at] == day

    def opening(self, session: date) -> datetime:
        """Give the instant at which `session` opens."""
        return self._instant(session, self.late_opens.get(session, self.open))

    def closing(self, session: date) -> datetime:
        """Give the instant at which `session` closes."""
        return self._instant(session, self.early_closes.get(session, self.close))

    def _instant(self, session: date, local: time) -> datetime:
        return datetime.combine(session, local, tzinfo=self.zone).astimezone(UTC)

    def previous(self, day: date, back: int = 1) -> date:
        """Give the session `back` sessions before `day`, which need not be a session itself."""
        self._within(day)
        at = bisect_left(self.sessions, day) - back
        if at < 0:
            raise RequestError(
                f"The calendar of {self.exchange} begins with {self.sessions[0]}, but was asked for the session {back} "
                f"before {day}. Ask for fewer."
            )
        return self.sessions[at]

    def next(self, day: date) -> date:
        """Give the first session after `day`."""
        self._within(day)
        return self.sessions[bisect_right(self.sessions, day)]

    def on_or_before(self, day: date) -> date:
        """Give `day` if it is a session, else the one before it."""
        return day if self.is_session(day) else self.previous(day)

    def between(self, first: date, last: date) -> tuple[date, ...]:
        """Give every session from `first` to `last`, both included."""
        return self.sessions[bisect_left(self.sessions, first) : bisect_right(self.sessions, last)]

    def last_closed(self, now: datetime) -> date:
        """Give the newest session that has closed at the instant `now`."""
        session = self.on_or_before(now.astimezone(self.zone).date())
        return session if self.closing(session) <= now else self.previous(session)

    def last_opened(self, now: datetime) -> date:
        """Give the newest session that has opened at the instant `now`: the one that is trading, or the last one closed."""
        session = self.on_or_before(now.astimezone(self.zone).date())
        return session if self.opening(session) <= now else self.previous(session)

    def trading(self, now: datetime) -> date | None:
        """Give the session that is trading at the instant `now`; None between two of them."""
        session = self.last_opened(now)
        return session if now < self.closing(session) else None

    def today(self, now: datetime) -> date:
        """Give the session of the day of `now`, whether it is trading or has closed.

        Raises
        ------
        NoSessionError
            If there is none, or it has not opened yet.
        """
        day = now.astimezone(self.zone).date()
        if not self.is_session(day):
            raise NoSessionError(
                f"{day:%A} {day} is no session of {self.exchange}: nothing to do. The next one is {self.next(day)}.",
                day,
            )
        if self.opening(day) > now:
            opens = self.opening(day)
            raise NoSessionError(
                f"Session {day} opens at {opens.astimezone(self.zone):%H:%M} in {self.city}, {opens:%H:%M} UTC: "
                f"nothing to do yet. The last closed session is {self.last_closed(now)}."
            )
        return day

    def age(self, session: date, today: date) -> int:
        """Count the sessions from `session` to `today`: 0 on the same session, 1 on the one before."""
        return len(self.between(session, today)) - 1

    def _within(self, day: date) -> None:
        first, last = self.sessions[0], self.sessions[-1]
        if not first < day < last:
            raise RequestError(
                f"The calendar of {self.exchange} reaches from {first} to {last}, but was asked about {day}. "
                "Give a date within it."
            )


@cache
def calendar(exchange: str = "XNYS") -> Calendar:
    """Load the calendar of an exchange.

    Raises
    ------
    RequestError
        If no calendar of that exchange is shipped.
    """
    folder = files("trade_dashboard") / "calendars"
    path = folder / f"{exchange}.json"
    if not path.is_file():
        known = sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))
        raise RequestError(
            f"Expected an exchange with a calendar ({', '.join(known)}), but got {exchange!r}. "
            "Choose one of them with TRADE_DASHBOARD_EXCHANGE."
        )
    facts = json.loads(path.read_text())
    first, last = date.fromisoformat(facts["first"]), date.fromisoformat(facts["last"])
    closed = {date.fromisoformat(day) for day in facts["closed"]}
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    return Calendar(
        exchange=exchange,
        zone=ZoneInfo(facts["zone"]),
        open=time.fromisoformat(facts["open"]),
        close=time.fromisoformat(facts["close"]),
        sessions=tuple(day for day in days if day.weekday() < SATURDAY and day not in closed),
        late_opens=_by_day(facts["late_opens"]),
        early_closes=_by_day(facts["early_closes"]),
    )


def _by_day(times: Mapping[str, str]) -> dict[date, time]:
    return {date.fromisoformat(day): time.fromisoformat(at) for day, at in times.items()}
