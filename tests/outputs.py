"""Folders of outputs as runs leave them, made without running anything."""

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path

from trade_dashboard.runs.manifest import Manifest
from trade_dashboard.sessions import calendar

KPIS = {
    "equity": "USD",
    "day_return": "fraction",
    "drawdown": "fraction",
    "gross_exposure": "fraction",
    "fills": "count",
}


def leave(outputs: Path, report: str, session: date, status: str = "done", value: float = 1.0, **facts: object) -> Path:
    """Leave what a run leaves: its record, and its page where there is one."""
    folder = outputs / report / session.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    code = {"done": 0, "failed": 1, "not_ready": 3, "skipped": 99}[status]
    begun = Manifest(
        report,
        session,
        {},
        datetime.combine(session, time(22)).astimezone(),
        title=report.replace("_", " ").capitalize(),
        started=datetime.combine(session, time(22)).astimezone(),
    )
    glued = {
        "kpis": {name: {"value": value, "unit": unit} for name, unit in KPIS.items()},
        "told": {name: {"label": name.capitalize(), "shown": f"{value:.2f}", "change": "+0.1"} for name in KPIS},
        "provenance": {"sample": True},
    }
    said = {**(glued if status == "done" else {}), **facts}
    record = json.loads(begun.finish(status, code, **said).to_json())
    name = {"done": "run.json", "skipped": "skipped.json"}.get(status, "failure.json")
    (folder / name).write_text(json.dumps(record | {"seconds": 4.2}))
    if status != "skipped":
        (folder / ("report.html" if status == "done" else "failure.html")).write_text(f"<p>{report} {session}</p>")
    return folder


def career(outputs: Path, runs: int, reports: tuple[str, ...]) -> None:
    """Leave so many runs, evening after evening, with a failure now and then and a skip on each Fourth of July."""
    sessions = calendar().between(date(2019, 1, 2), date(2025, 6, 30))
    for number in range(runs // len(reports)):
        session = sessions[-1 - number]
        for place, report in enumerate(reports):
            failed = number % 97 == 3 and place == number % len(reports)
            reason = {"reason": f"Expected prices of {session}, but the newest are older."} if failed else {}
            leave(outputs, report, session, "not_ready" if failed else "done", 1 + number % 13, **reason)
        if session.month == 7 and session.day == 3:
            leave(outputs, reports[0], session + timedelta(days=1), "skipped", reason="no session of XNYS")
