"""Verbs about ranges of sessions: make all their pages, and part that among machines."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trade_dashboard.cli.app import app, settings_of
from trade_dashboard.cli.reports import Force, Jobs, KnownAt, Parameters
from trade_dashboard.cli.words import PIECE_BYTES, last_line, say, status_of, worst

if TYPE_CHECKING:
    from trade_dashboard.progress import Tell
    from trade_dashboard.runs.manifest import Manifest
    from trade_dashboard.runs.plan import Plan

Reports = Annotated[list[str], typer.Argument(help="Reports, by name.", metavar="REPORT...")]
Since = Annotated[str, typer.Option("--from", help="First session, ISO date.", metavar="DATE")]
Until = Annotated[
    str, typer.Option("--to", help="Last session, ISO date; those that have not closed are left out.", metavar="DATE")
]
# the rest of a line of chunks
FRAME_BYTES = 200
REASON_CHARACTERS = 300


@dataclass
class _Tally:
    """Counts the runs of a backfill, keeps what went wrong, and shows how far it is."""

    tell: Tell
    total: int
    counts: Counter[str] = field(default_factory=Counter)
    codes: set[int] = field(default_factory=set)
    failures: list[dict[str, Any]] = field(default_factory=list)
    newest: str = ""

    def began(self, plan: Plan) -> None:
        self.newest = f"{plan.report.name} {plan.run_date}"
        self.tick()

    def ended(self, manifest: Manifest) -> None:
        self.counts[manifest.status] += 1
        self.codes.add(manifest.exit_code or 0)
        if manifest.exit_code:
            reason = (manifest.reason or "")[:REASON_CHARACTERS]
            day = manifest.run_date.isoformat()
            self.failures.append(
                {"report": manifest.report, "run_date": day, "status": manifest.status, "reason": reason}
            )

    def tick(self) -> None:
        wrong = f", {len(self.failures):,} went wrong" if self.failures else ""
        self.tell(self.newest + wrong, self.counts.total(), self.total)


@app.command()
def backfill(
    context: typer.Context,
    reports: Reports,
    *,
    since: Since,
    until: Until,
    parameter: Parameters = None,
    known_at: KnownAt = None,
    jobs: Jobs = None,
    force: Force = False,
) -> None:
    """Run reports for every session of a range, oldest first; pages that are there for the same data stay."""
    from trade_dashboard.runs.backfill import closed_sessions, plan_range

    begun, now = time.monotonic(), datetime.now(UTC)
    settings = settings_of(context, known_at)
    sessions = closed_sessions(settings, since, until, now)
    plans = plan_range(settings, reports, sessions, parameter or [], now)

    from trade_dashboard.progress import progress
    from trade_dashboard.runs.unchanged import to_run
    from trade_dashboard.runs.workers import cores, side_by_side

    todo, there = to_run(plans, settings, force=force)
    say(f"{len(plans):,} runs from {sessions[0]} to {sessions[-1]}: {len(there):,} unchanged, {len(todo):,} to run")
    with progress("backfill", say, threads=False) as tell:
        tally = _Tally(tell, len(todo))
        signum = side_by_side(todo, settings, jobs or cores(), tally)
    for one in tally.failures:
        say(f"{one['report']} {one['run_date']}: {one['status']}: {one['reason']}")
    code = 128 + signum if signum else worst(tally.codes)
    _end(
        {
            "status": status_of(code),
            "from": sessions[0].isoformat(),
            "to": sessions[-1].isoformat(),
            "reports": list(dict.fromkeys(reports)),
            "counts": dict(tally.counts) | {"unchanged": len(there)},
            "not_begun": len(todo) - tally.counts.total(),
            "seconds": round(time.monotonic() - begun, 3),
        },
        tally.failures,
    )
    raise typer.Exit(code)


@app.command()
def chunks(
    context: typer.Context,
    reports: Reports,
    *,
    since: Since,
    until: Until,
    size: Annotated[int, typer.Option(help="Sessions in a chunk, at most.", min=1)],
    parameter: Parameters = None,
    known_at: KnownAt = None,
    jobs: Jobs = None,
    force: Force = False,
) -> None:
    """Part a backfill into commands for several machines: `commands` of the last line, for a scheduler to map over.

    What is meant for the backfills is held to what they take, and handed on.
    """
    from trade_dashboard.runs.backfill import chunks as part
    from trade_dashboard.runs.backfill import closed_sessions
    from trade_dashboard.runs.plan import plan_runs

    now = datetime.now(UTC)
    settings = settings_of(context, known_at)
    sessions = closed_sessions(settings, since, until, now)
    names = [plan.report.name for plan in plan_runs(settings, reports, sessions[0].isoformat(), parameter or [], now)]
    options = [word for text in parameter or [] for word in ("-p", text)]
    options += ["--known-at", known_at] if known_at else []
    options += ["--jobs", str(jobs)] if jobs else []
    options += ["--force"] if force else []
    taken, commands = part(names, sessions, size, options, PIECE_BYTES - FRAME_BYTES)
    larger = f", and not {size}: so many commands are too long for one line" if taken > size else ""
    say(f"{len(commands)} chunks of at most {taken} sessions{larger}")
    last_line({"status": "done", "size": taken, "sessions": len(sessions), "commands": commands})


def _end(summary: dict[str, Any], failures: list[dict[str, Any]]) -> None:
    """Say how it went, with the first failures: as many as a line in one piece takes."""
    shown = list(failures)
    while len(json.dumps(summary | {"failures": shown})) >= PIECE_BYTES:
        shown.pop()
    cut = {"truncated": True} if len(shown) < len(failures) else {}
    last_line(summary | {"failures": shown} | cut)
