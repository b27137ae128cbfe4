"""A range of sessions: which runs it means, and how it is parted so that several machines can share it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from trade_dashboard.errors import NoSessionError, NotReadyError, RequestError
from trade_dashboard.runs.parameters import iso_date
from trade_dashboard.runs.plan import Plan, plan_runs
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Settings

__all__ = ["chunks", "closed_sessions", "plan_range"]


def closed_sessions(settings: Settings, since: str, until: str, now: datetime) -> tuple[date, ...]:
    """Give the sessions of a range that have closed, oldest first: a range may reach into the future, runs cannot.

    Raises
    ------
    RequestError
        If the range is none, or one of its ends no date.
    NoSessionError
        If the exchange does not trade in it.
    NotReadyError
        If none of its sessions has closed.
    """
    exchange = calendar(settings.exchange)
    first, last = iso_date(since, "--from"), iso_date(until, "--to")
    if first > last:
        raise RequestError(f"Expected --from before --to, but got {first} and {last}. Swap them.")
    for day in (first, last):
        exchange.is_session(day)
    found = exchange.between(first, last)
    if not found:
        raise NoSessionError(
            f"There is no session of {settings.exchange} from {first} to {last}: nothing to do. "
            f"The session before is {exchange.previous(first)}."
        )
    closed = tuple(day for day in found if exchange.closing(day) <= now)
    if not closed:
        raise NotReadyError(
            f"Session {found[0]} closes at {exchange.closing(found[0]):%Y-%m-%d %H:%M} UTC: there is nothing to report yet. "
            f"The last closed session is {exchange.last_closed(now)}."
        )
    return closed


def plan_range(
    settings: Settings, names: Sequence[str], sessions: Sequence[date], given: Sequence[str], now: datetime
) -> list[Plan]:
    """Plan one run for each report and session, oldest session first; all see the store as of one instant.

    Raises
    ------
    RequestError
        If a report or a parameter is not possible.
    """
    plans = plan_runs(settings, names, sessions[0].isoformat(), given, now)
    return [replace(plan, run_date=day) for day in sessions for plan in plans]


def chunks(
    names: Sequence[str], sessions: Sequence[date], size: int, options: Sequence[str], most_bytes: int
) -> tuple[int, list[list[str]]]:
    """Part a range into commands of at most `size` sessions of one report, in at most so many bytes of JSON.

    Parameters
    ----------
    names, sessions
        What to run.
    size
        Sessions of a command, at most.
    options
        Words that every command ends with.
    most_bytes
        Of all commands as JSON.

    Returns
    -------
    tuple[int, list[list[str]]]
        The size that was taken, the smallest from the one asked for on that fits; and the words of each command.

    Raises
    ------
    RequestError
        If not even one command for each report fits.
    """
    for taken in range(size, max(size, len(sessions)) + 1):
        commands = [[*words, *options] for words in _commands(names, sessions, taken)]
        if len(json.dumps(commands)) <= most_bytes:
            return taken, commands
    raise RequestError(
        f"Expected reports whose commands fit into {most_bytes:,} bytes, but {len(names)} do not. Ask for fewer at once."
    )


def _commands(names: Sequence[str], sessions: Sequence[date], size: int) -> Iterator[list[str]]:
    for name in names:
        for start in range(0, len(sessions), size):
            part = sessions[start : start + size]
            yield ["backfill", name, "--from", part[0].isoformat(), "--to", part[-1].isoformat()]
