"""How the services did: how often each was up, how fast it answered, and since when one is away."""

from __future__ import annotations

from trade_dashboard.metrics import Quality
from trade_dashboard.present.markup import Html, join
from trade_dashboard.present.missing import missing
from trade_dashboard.present.multiples import small_multiples
from trade_dashboard.present.tables import Column, table
from trade_dashboard.present.theme import day, number, percent

__all__ = ["services_history"]


def services_history(found: Quality, *, name: str = "health") -> Html:
    """Show how often each service was up, how fast it answered, and since when one is away."""
    services = found.services
    if services.empty:
        return missing(name, "No service is watched", "no source gave service health")
    away = services[services["status"] != "up"]
    finding = "; ".join(f"{one} is {row['status']} since {day(row['since'])}" for one, row in away.iterrows())
    least = services.iloc[0]
    if not finding:
        up = f"{services.index[0]} least often, {percent(least['up'])} of its checks"
        finding = "Every service is up" + (f"; {up}" if least["up"] < 1 else ", and was at every check")
    columns = [
        Column("service", "Service"),
        Column("status", "Tonight"),
        Column("since", "Since", "day"),
        Column("up", "Up, of checks", "percent"),
        Column("checks", "Checks", "count"),
        Column("unchecked", "Sessions unchecked", "count"),
        Column("median_ms", "Median, ms", "count"),
        Column("p95_ms", "95th percentile, ms", "count"),
        Column("said", "Said last"),
        Column("version", "Version"),
    ]
    rows = table(
        services.reset_index(),
        columns,
        name=name,
        finding=finding,
        note="Since when its status has been the same, as far as these checks reach.",
    )
    return join(rows, _latencies(found, f"{name}-latency"))


def _latencies(found: Quality, name: str) -> Html:
    slow = found.services["p95_ms"].dropna()
    if slow.empty:
        return missing(name, "No service answered", "no check has a latency")
    finding = f"{slow.idxmax()} is the slowest: one answer in twenty takes {number(slow.max(), 'count')} ms or more"
    note = "Milliseconds to answer, median of a session's checks; a gap is no answer."
    panels = {str(service): found.latencies[[service]].set_axis(["ms"], axis="columns") for service in slow.index}
    return small_multiples(panels, name=name, finding=finding, note=note, unit="count")
