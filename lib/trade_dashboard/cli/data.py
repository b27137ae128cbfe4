"""Verbs about records: bring them in, say what changed, look after the store, see what is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from trade_dashboard.cli.app import app, settings_of, store_app
from trade_dashboard.cli.words import last_line, say, status_of
from trade_dashboard.errors import NoSessionError, NotReadyError, RequestError

SHOWN_RESTATEMENTS = 20


@app.command()
def ingest(
    context: typer.Context,
    sources: Annotated[list[str], typer.Argument(help="Where the records come from.", metavar="SOURCE...")],
    *,
    since: Annotated[str | None, typer.Option("--from", help="First session, ISO date.", metavar="DATE")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Last session, ISO date.", metavar="DATE")] = None,
    as_of_now: Annotated[
        bool, typer.Option("--now", help="Provisional prices of the session that is trading too.")
    ] = False,
    folder: Annotated[Path | None, typer.Option(help="Folder of a broker's export.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse the batch when one of its rows is wrong.")] = False,
    again: Annotated[bool, typer.Option("--all", help="Fetch everything, also what was fetched before.")] = False,
) -> None:
    """Bring records from sources into the store; what the store knows already adds nothing."""
    from trade_dashboard.runs.parameters import iso_date
    from trade_dashboard.sessions import calendar
    from trade_dashboard.sources import expect_source

    settings = settings_of(context)
    for name in sources:
        expect_source(name)
    first = iso_date(since, "--from") if since else None
    last = iso_date(until, "--to") if until else None
    if first and last and first > last:
        raise RequestError(f"Expected --from before --to, but got {first} and {last}. Swap them.")
    if first and last and not calendar(settings.exchange).between(first, last):
        raise NoSessionError(f"There is no session of {settings.exchange} from {first} to {last}: nothing to ingest.")

    if as_of_now:
        if last:
            raise RequestError(f"Expected --now or --to, but got both. Leave out --now, or `--to {last}`.")
        calendar(settings.exchange).today(datetime.now(UTC))

    from trade_dashboard.ingest import gone
    from trade_dashboard.ingest import ingest as bring
    from trade_dashboard.progress import progress

    summaries = []
    for name in dict.fromkeys(sources):
        say(f"{name}: fetching")
        with progress(name, say) as tell:
            summary = bring(
                settings,
                name,
                first=first,
                last=last,
                folder=folder,
                open_session=as_of_now,
                strict=strict,
                again=again,
                progress=tell,
            )
        summaries.append(summary)
        _tell_ingest(summary)
    datasets: dict[str, dict[str, int]] = {}
    for summary in summaries:
        for dataset, counts in summary["datasets"].items():
            total = datasets.setdefault(dataset, {"new": 0, "known": 0})
            datasets[dataset] = {word: total[word] + counts[word] for word in total}
    code = NotReadyError.exit_code if any(gone(one) for one in summaries) else 0
    last_line({"status": status_of(code), "datasets": datasets, "sources": summaries})
    raise typer.Exit(code)


def _tell_ingest(summary: dict[str, Any]) -> None:
    for name, counts in summary["datasets"].items():
        say(f"{name:18} {counts['new']:>8,} new {counts['known']:>8,} known")
    if files := summary["files"]:
        since = f" since {_minute(files['since'])}" if files["since"] else ""
        say(f"{files['unchanged']:,} files unchanged{since}, {files['read']:,} read")
    for note in summary["notes"]:
        say(note)
    for one in summary["rejections"]:
        where = (
            f"line {one['line']}: {one['column']} = {one['value']!r}" if one["line"] else f"as a whole, {one['value']}"
        )
        say(f"kept out: {one['origin']} {where} ({one['reason']})")
    if summary["rejected"] > len(summary["rejections"]):
        say(f"kept out: {summary['rejected'] - len(summary['rejections'])} more")
    for part, said in summary["away"].items():
        say(f"away since {_minute(summary['away_since'][part])}: {part}: {said}")


def _minute(instant: str) -> str:
    return f"{instant[:16].replace('T', ' ')} UTC"


@app.command()
def ready(
    context: typer.Context,
    sources: Annotated[list[str], typer.Argument(help="Where the records come from.", metavar="SOURCE...")],
    *,
    date: Annotated[
        str | None, typer.Option(help="Session, or ISO week for its last one; the last closed one when left out.")
    ] = None,
) -> None:
    """Say whether sources were asked for a session after its close and answered: exit code 0, or 3 to ask again later."""
    from trade_dashboard.runs.plan import session_of
    from trade_dashboard.sources import expect_source

    settings = settings_of(context)
    for name in sources:
        expect_source(name)
    session = session_of(settings, date, datetime.now(UTC))

    from trade_dashboard.ingest import arrived

    found = {name: arrived(settings, name, session) for name in dict.fromkeys(sources)}
    missing = [name for name, there in found.items() if not there]
    if missing:
        raise NotReadyError(
            f"Expected an ingest of {' and '.join(missing)} that began after session {session} closed, but there is none. "
            f"Try `trade-dashboard ingest {' '.join(missing)} --to {session}`."
        )
    last_line({"status": "done", "run_date": session.isoformat(), "sources": list(found)})


@app.command()
def restatements(
    context: typer.Context,
    *,
    since: Annotated[str, typer.Option(help="List what became known after this instant.", metavar="INSTANT")],
) -> None:
    """List what changed about sessions that had been told of before: field, old, new, when and from where."""
    from trade_dashboard.maintenance import restated
    from trade_dashboard.runs.parameters import instant

    found = restated(settings_of(context), instant(since, "--since"))
    for one in found:
        change = f"{one['field']} {one['old']} → {one['new']}" if one["field"] else one["change"]
        say(f"{one['known_at']}  {one['dataset']} {one['key']} ({one['session']}): {change}, from {one['source']}")
    say(f"{len(found)} restatement{'' if len(found) == 1 else 's'} since {since}")
    last_line({"status": "done", "count": len(found), "restatements": found[:SHOWN_RESTATEMENTS]})


@store_app.command("info")
def store_info(context: typer.Context) -> None:
    """Show each dataset's records, first and last session, newest known-at, files and bytes."""
    from trade_dashboard.maintenance import inventory

    found = inventory(settings_of(context))
    for one in found:
        say(
            f"{one['dataset']:18} {one['rows']:>10,} records  {one['first'] or '':10} to {one['last'] or '':10}  "
            f"known {one['known_at'] or '':20}  {one['files']:>5,} files {one['bytes']:>13,} bytes"
        )
    last_line({"status": "done", "datasets": found})


@store_app.command("compact")
def store_compact(context: typer.Context) -> None:
    """Merge small files; no answer changes, and readers and writers go on."""
    from trade_dashboard.maintenance import compacted

    done = compacted(settings_of(context))
    say(f"{done['before']:,} files before, {done['after']:,} after")
    last_line({"status": "done", **done})


@app.command()
def doctor(context: typer.Context) -> None:
    """Say what is set, what is reachable, what is missing, and what to do about it."""
    from trade_dashboard.doctor import examine

    findings = examine(settings_of(context))
    marks = {"ok": "ok  ", "missing": "note", "broken": "BAD "}
    for one in findings:
        say(f"{marks[one.state]}  {one.what}: {one.said}" + (f"\n      → {one.cure}" if one.cure else ""))
    broken = any(one.state == "broken" for one in findings)
    last_line({"status": "not_ready" if broken else "done", "findings": [vars(one) for one in findings]})
    raise typer.Exit(3 if broken else 0)
