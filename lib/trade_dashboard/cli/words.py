"""What is said: words to people on stderr, and one JSON object on the last line of stdout."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

import typer

from trade_dashboard.errors import StoppedError, TradeDashboardError
from trade_dashboard.runs.stop import end_others, settled

__all__ = ["PIECE_BYTES", "last_line", "refuse", "say", "status_of", "stopped", "worst"]

LINE_BYTES = 8000
# a pipe keeps a write of this size in one piece, and the hub takes the last piece: a task is one run
PIECE_BYTES = 4000
# what of the last line can be spared, first what is spared first
DETAILS = (
    ("runs", "kpis"),
    ("runs", "alerts"),
    ("runs", "reason"),
    ("sources", "notes"),
    ("sources", "rejections"),
    ("sources", "away_since"),
    ("sources", "away"),
)
PAUSE_SECONDS = 0.1
# the worst of several runs decides: stopped, failed, data, refused, skipped, done
SEVERITY = {99: 1, 2: 2, 3: 3, 1: 4}
STATUS = {0: "done", 1: "failed", 2: "refused", 3: "not_ready", 99: "skipped"}


def say(text: str) -> None:
    typer.echo(text, err=True)


def status_of(code: int) -> str:
    return STATUS.get(code, "stopped")


def worst(codes: Iterable[int]) -> int:
    return max(codes, key=lambda code: SEVERITY.get(code, code), default=0)


def last_line(payload: dict[str, Any]) -> None:
    """Print the JSON line, at most 8 KB: what does not fit is in the run's own record, or was said before.

    It is the last word: no signal changes it any more, and in a container nobody is left to speak after it.
    """
    most = PIECE_BYTES if len(payload.get("runs", [])) <= 1 else LINE_BYTES
    line = json.dumps(payload, allow_nan=False)
    for part, detail in DETAILS:
        if len(line.encode()) >= most and part in payload:
            several = [{name: value for name, value in one.items() if name != detail} for one in payload[part]]
            payload = {**payload, part: several, "truncated": True}
            line = json.dumps(payload, allow_nan=False)
    settled()
    if end_others():
        line = "\n" + line  # what they wrote may have been cut in the middle of a line
    sys.stderr.flush()
    sys.stdout.flush()
    if os.getpid() == 1:
        # a container's engine copies the two streams apart from each other: let the words arrive before the line
        time.sleep(PAUSE_SECONDS)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def refuse(
    error: TradeDashboardError, *, run_date: str | None = None, reports: Sequence[str] = (), details: str = ""
) -> NoReturn:
    """End without a run: the reason to people, and in the last line for every report that was asked for."""
    from trade_dashboard.runs.redact import redact

    reason, status = redact(str(error)), status_of(error.exit_code)
    say(redact(details) + reason)
    outcome: dict[str, Any] = {
        "status": status,
        "run_id": None,
        "page": None,
        "kpis": {},
        "alerts": [],
        "seconds": 0.0,
        "reason": reason,
    }
    runs = [{"report": report, **outcome} for report in reports]
    last_line({"status": status, "run_date": run_date, "runs": runs, "reason": reason})
    sys.exit(error.exit_code)


def stopped(signum: int) -> NoReturn:
    """End although something does not let go of us, such as a service that never answers."""
    error = StoppedError(signum)
    try:
        refuse(error)
    finally:
        os._exit(error.exit_code)
