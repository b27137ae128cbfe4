"""The records of runs, as they lie beside their pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from trade_dashboard.runs.publish import FAILURE_RECORD, RECORD, SKIPPED

__all__ = ["Record", "records"]


@dataclass(frozen=True)
class Record:
    """One run that left something.

    Attributes
    ----------
    report, title, run_date
        What was run, and for which session.
    status
        "done", "failed", "not_ready", "refused", "stopped" or "skipped"; "unreadable" of a record that is none.
    reason
        Why it is not done.
    started, seconds
        When it began, and how long it took; None when unknown.
    page
        The page it left, relative to the outputs; None if it left none.
    kpis, told, alerts
        As the report glued them: numbers, the same in words (`label`, `shown`, `change`), limits crossed.
    facts
        What was read: account, fingerprint, when the newest record became known.
    open_as_of
        When its prices were known, if its session was still open then: it is provisional.
    """

    report: str
    title: str
    run_date: date
    status: str
    reason: str = ""
    started: datetime | None = None
    seconds: float | None = None
    page: str | None = None
    kpis: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: dict[str, dict[str, str]] = field(default_factory=dict)
    alerts: list[dict[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    open_as_of: datetime | None = None

    @property
    def done(self) -> bool:
        """Whether it made its page."""
        return self.status == "done"


def records(outputs: Path) -> list[Record]:
    """Read every record below a folder of outputs, oldest session first, then by report.

    A session of a report may have two: the last success, and what went wrong since.
    """
    found = (record for folder in sorted(outputs.glob("*/*")) for record in _of(outputs, folder))
    return sorted(found, key=lambda one: (one.run_date, one.report, one.done))


def _of(outputs: Path, folder: Path) -> Iterator[Record]:
    try:
        session = date.fromisoformat(folder.name)
    except ValueError:
        return
    for name, page in ((RECORD, "report.html"), (FAILURE_RECORD, "failure.html"), (SKIPPED, "")):
        if (folder / name).is_file():
            shown = (folder / page).relative_to(outputs).as_posix() if page and (folder / page).is_file() else None
            yield _read(folder / name, folder.parent.name, session, shown)


def _read(path: Path, report: str, session: date, page: str | None) -> Record:
    try:
        told = json.loads(path.read_text())
        return Record(
            report=report,
            title=told.get("title") or report,
            run_date=session,
            status=told["status"],
            reason=told.get("reason") or "",
            started=datetime.fromisoformat(told["started"]),
            seconds=told["seconds"],
            page=page,
            kpis=told["kpis"],
            told=told["told"],
            alerts=told["alerts"],
            facts=told["provenance"],
            open_as_of=_instant(told["provenance"].get("open_as_of")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Record(report, report, session, "unreadable", f"{path.name} cannot be read: {error}", page=page)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
