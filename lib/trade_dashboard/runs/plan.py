"""Check everything about a request before anything starts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from trade_dashboard.errors import NoSessionError, NotReadyError, RequestError
from trade_dashboard.runs.catalog import Report, find_report
from trade_dashboard.runs.parameters import RUN_DATE, iso_date, resolve
from trade_dashboard.sessions import Calendar, calendar
from trade_dashboard.settings import Settings

__all__ = ["NOW", "Plan", "plan_runs", "session_of"]

NOW = "now"
WEEK = re.compile(r"\d{4}-W\d{2}")


@dataclass(frozen=True)
class Plan:
    """What is to run: everything was checked, nothing has started."""

    report: Report
    run_date: date
    parameters: dict[str, Any]
    known_at: datetime

    @property
    def all_parameters(self) -> dict[str, Any]:
        """The value of every parameter, by name."""
        defaults = {one.name: one.default for one in self.report.parameters}
        return defaults | self.parameters | {RUN_DATE: self.run_date.isoformat()}


def plan_runs(
    settings: Settings, names: Sequence[str], run_date: str | None, given: Sequence[str], now: datetime
) -> list[Plan]:
    """Plan one run for each report.

    Parameters
    ----------
    settings
        Its `known_at` is the cut; `now` when unset.
    names
        Reports.
    run_date
        ISO date, ISO week for its last session, or `NOW` for today's session though it may still be open; the last closed
        session when None.
    given
        `NAME=VALUE` texts; every report must know every name.
    now
        The instant of the request.

    Raises
    ------
    RequestError
        If a report, a parameter or the date is not possible.
    NoSessionError
        If the exchange does not trade on the date, or not yet.
    NotReadyError
        If the session has not closed yet, and neither `NOW` nor a cut after its opening was asked for.
    """
    dates = [text.partition("=")[2] for text in given if text.startswith(f"{RUN_DATE}=")]
    if len([run_date, *dates]) - [run_date].count(None) > 1:
        raise RequestError(
            f"The run date was given more than once. Give it with `--date {run_date or dates[0]}` alone."
        )
    reports = [find_report(settings.notebooks, name) for name in dict.fromkeys(names)]
    others = [text for text in given if not text.startswith(f"{RUN_DATE}=")]
    values = [resolve(report.name, report.parameters, others) for report in reports]
    day = session_of(settings, next(iter([run_date, *dates]) if run_date else iter(dates), None), now)
    cut = settings.known_at or now
    return [Plan(report, day, value, cut) for report, value in zip(reports, values, strict=True)]


def session_of(settings: Settings, text: str | None, now: datetime) -> date:
    """Find the session that a request means: of a date, of an ISO week ("2025-W27": its last), `NOW`, or the last closed one.

    Raises
    ------
    RequestError
        If the text is no date and no week, or `NOW` is to be as known at another time.
    NoSessionError
        If the exchange does not trade then, or not yet.
    NotReadyError
        If the session has not closed yet, and neither `NOW` nor a cut after its opening was asked for.
    """
    exchange = calendar(settings.exchange)
    if text is None:
        return exchange.last_closed(now)
    if text == NOW:
        if settings.known_at:
            raise RequestError(
                "Now is as known now: --known-at, or TRADE_DASHBOARD_KNOWN_AT, cannot be with it. Leave one of them out."
            )
        return exchange.today(now)
    day = _last_of_week(exchange, text) if WEEK.fullmatch(text) else iso_date(text, "--date")
    if not exchange.is_session(day):
        raise NoSessionError(
            f"{day:%A} {day} is no session of {settings.exchange}: nothing to do. "
            f"The session before is {exchange.previous(day)}.",
            day,
        )
    is_replay = settings.known_at is not None and exchange.opening(day) <= settings.known_at <= now
    if exchange.closing(day) > now and not is_replay:
        as_it_trades = ", or `--now` for the session as it trades" if day == exchange.trading(now) else ""
        raise NotReadyError(
            f"Session {day} closes at {exchange.closing(day):%Y-%m-%d %H:%M} UTC: there is nothing to report yet. "
            f"Try `--date {exchange.last_closed(now)}`{as_it_trades}."
        )
    return day


def _last_of_week(exchange: Calendar, text: str) -> date:
    """Give the last session of an ISO week; its Friday if it has none."""
    year, week = text.split("-W")
    try:
        monday = date.fromisocalendar(int(year), int(week), 1)
    except ValueError:
        raise RequestError(
            f"Expected a week that {year} has for `--date`, but got {text!r}. Try `--date {year}-W52`."
        ) from None
    sessions = exchange.between(monday, monday + timedelta(days=6))
    return sessions[-1] if sessions else monday + timedelta(days=4)
