"""What a monitoring system is told, made from the records of runs alone.

A container lives for seconds, so it cannot be scraped: it leaves a textfile for a node exporter, or pushes. What was
pushed never expires, and a file that nobody rewrites goes on saying what it said; so beside what was, each report tells
when its next success is due. A rule on that is right on holidays, over weekends, and when nothing ever runs again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, push_to_gateway, write_to_textfile

from trade_dashboard.deliver.records import Record
from trade_dashboard.errors import TradeDashboardError
from trade_dashboard.sessions import Calendar

__all__ = ["measures", "push", "write"]

Sample = tuple[str, dict[str, str], float]

PREFIX = "trade_dashboard_"
JOB = "trade_dashboard"
GRACE = timedelta(hours=4)
STATES = ("done", "failed", "not_ready", "refused", "stopped", "unreadable")
SEVERITIES = ("critical", "warning", "notice")
PATIENCE_SECONDS = 10


GAUGES = {
    "run_status": ("Whether the newest run of a report ended so", ("report", "status")),
    "run_duration_seconds": ("How long the newest run of a report took", ("report",)),
    "last_success_timestamp_seconds": ("When the last success of a report ended", ("report",)),
    "last_success_session_timestamp_seconds": ("Session of a report's last success, its midnight UTC", ("report",)),
    "next_success_due_timestamp_seconds": (
        "When the next success is due of a report that runs every session",
        ("report",),
    ),
    "sessions_behind": ("Closed sessions since that of a report's last success", ("report",)),
    "alerts": ("Limits crossed in a report's last success", ("report", "severity")),
    "kpi": ("KPIs of a report's last success, in their unit", ("report", "kpi", "unit")),
    "written_timestamp_seconds": ("When these numbers were written", ()),
}


def measures(found: Sequence[Record], exchange: Calendar, now: datetime) -> CollectorRegistry:
    """Gather what the records say.

    Parameters
    ----------
    found
        Records of runs, oldest session first; skipped ones say nothing, and one of a session that was still open is no
        success yet.
    exchange
        Whose sessions are counted.
    now
        The instant that ages are counted to.
    """
    registry = CollectorRegistry()
    gauges = {name: Gauge(PREFIX + name, about, labels, registry=registry) for name, (about, labels) in GAUGES.items()}
    newest = {one.report: one for one in found if one.status != "skipped"}
    done = {one.report: one for one in found if one.done and not one.open_as_of}
    told = [*_ends(newest.values()), *_successes(done.values(), exchange, now)]
    for name, labels, value in told:
        gauges[name].labels(**labels).set(value)
    gauges["written_timestamp_seconds"].set(now.timestamp())
    return registry


def _ends(newest: Iterable[Record]) -> Iterator[Sample]:
    """Tell how each report's newest run ended."""
    for one in newest:
        for state in STATES:
            yield "run_status", {"report": one.report, "status": state}, one.status == state
        if one.seconds is not None:
            yield "run_duration_seconds", {"report": one.report}, one.seconds


def _successes(done: Iterable[Record], exchange: Calendar, now: datetime) -> Iterator[Sample]:
    """Tell what each report's last success said, and when the next one is due."""
    for one in done:
        report = {"report": one.report}
        if one.started is not None:
            ended = one.started + timedelta(seconds=one.seconds or 0)
            yield "last_success_timestamp_seconds", report, ended.timestamp()
        midnight = datetime.combine(one.run_date, time(), UTC)
        yield "last_success_session_timestamp_seconds", report, midnight.timestamp()
        due = exchange.closing(exchange.next(one.run_date)) + GRACE
        yield "next_success_due_timestamp_seconds", report, due.timestamp()
        yield "sessions_behind", report, max(exchange.age(one.run_date, exchange.last_closed(now)), 0)
        for severity in SEVERITIES:
            crossed = sum(alert.get("severity") == severity for alert in one.alerts)
            yield "alerts", report | {"severity": severity}, crossed
        for kpi, told in one.kpis.items():
            value = told.get("value")
            if isinstance(value, int | float):
                yield "kpi", report | {"kpi": kpi, "unit": str(told.get("unit", ""))}, value


def write(registry: CollectorRegistry, path: Path) -> None:
    """Write a textfile for a node exporter; it is replaced in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_to_textfile(str(path), registry)


def push(registry: CollectorRegistry, gateway: str) -> None:
    """Push to a gateway.

    Raises
    ------
    TradeDashboardError
        If it does not take them; the message holds no login.
    """
    try:
        push_to_gateway(gateway, job=JOB, registry=registry, timeout=PATIENCE_SECONDS)
    except OSError as error:
        shown = gateway.rpartition("@")[2]
        raise TradeDashboardError(f"Expected a push gateway at {shown}, but got {error}. Is it running?") from error
