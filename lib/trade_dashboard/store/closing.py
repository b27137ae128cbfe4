"""What became known of a session before it closed was no report's: a later record does not restate it."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, time

from trade_dashboard.sessions import Calendar

__all__ = ["sql_closing"]


def sql_closing(exchange: Calendar, first: date, last: date, session: str = "session") -> str:
    """Say in SQL at which instant a session closed that is none before `first` and none after `last`, given its column."""
    early: dict[time, list[str]] = defaultdict(list)
    for day, at in exchange.early_closes.items():
        if first <= day <= last:
            early[at].append(f"DATE '{day}'")
    cases = "".join(f" WHEN {session} IN ({', '.join(days)}) THEN TIME '{at}'" for at, days in early.items())
    usual = f"TIME '{exchange.close}'"
    local = f"CASE{cases} ELSE {usual} END" if cases else usual
    return f"(({session}::DATE + {local}) AT TIME ZONE '{exchange.zone.key}')"
