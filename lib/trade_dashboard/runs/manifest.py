"""What is recorded of a run: everything that may differ between two runs of the same page lives here."""

from __future__ import annotations

import json
import os
import platform
import socket
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

__all__ = ["PACKAGES", "Manifest", "versions"]

PACKAGES = ("trade-dashboard", "pandas", "matplotlib", "duckdb", "papermill", "nbconvert")
FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """One run. `status` is running, done, failed, refused, not_ready, skipped or stopped; `told` is its KPIs in words.

    `inputs` and `reads` are what it was made of, as `runs.unchanged` looks for it; empty where that cannot be told. A run
    that was not needed is "unchanged": so much is said, and nothing recorded.
    """

    report: str
    run_date: date
    parameters: dict[str, Any]
    known_at: datetime
    title: str = ""
    run_id: str = ""
    status: str = "running"
    reason: str | None = None
    exit_code: int | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float | None = None
    page: str | None = None
    page_sha256: str | None = None
    notebook_sha256: str | None = None
    kpis: dict[str, Any] = field(default_factory=dict)
    told: dict[str, dict[str, str]] = field(default_factory=dict)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    provenance: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)
    reads: dict[str, str] = field(default_factory=dict)

    @classmethod
    def begin(
        cls, report: str, run_date: date, parameters: dict[str, Any], known_at: datetime, title: str = ""
    ) -> Manifest:
        """Open the record of a run that starts now."""
        now = datetime.now(UTC)
        run_id = f"{now:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:8]}"
        return cls(report, run_date, parameters, known_at, title, run_id=run_id, started=now)

    def finish(self, status: str, exit_code: int, **facts: Any) -> Manifest:
        """Give the record as it ends now."""
        seconds = round((datetime.now(UTC) - self.started).total_seconds(), 3)
        return replace(self, status=status, exit_code=exit_code, seconds=seconds, **facts)

    def to_json(self) -> str:
        """Write the record with the machine it was made on."""
        machine = {"host": socket.gethostname(), "python": platform.python_version(), "pid": os.getpid()}
        record = {"format": FORMAT, **vars(self), "machine": machine, "versions": versions()}
        return json.dumps(record, indent=1, default=lambda value: value.isoformat(), allow_nan=False) + "\n"

    def summary(self) -> dict[str, Any]:
        """Give what the last line of the command says of this run."""
        said = {
            "report": self.report,
            "status": self.status,
            "run_id": self.run_id,
            "page": self.page,
            "kpis": self.kpis,
            "alerts": self.alerts,
            "seconds": self.seconds,
        }
        since = {"since": self.started.isoformat(timespec="seconds")} if self.status == "unchanged" else {}
        return said | since | ({"reason": self.reason} if self.reason else {})


@cache
def versions() -> dict[str, str]:
    """Name the installed versions of what a page is made by."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found
