"""Verbs about pages: an index, copies, an end, and word of them to people and machines."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from trade_dashboard.cli.app import app, settings_of
from trade_dashboard.cli.words import last_line, say, status_of
from trade_dashboard.disk import writing
from trade_dashboard.errors import RequestError


@app.command()
def index(context: typer.Context) -> None:
    """Make outputs/index.html anew: the latest page of each report, every run, and how the KPIs went."""
    from trade_dashboard.deliver import build_index

    outputs = settings_of(context).outputs
    with writing(outputs):
        made = build_index(outputs)
    say(f"{made.path}: {made.runs:,} runs, {made.size:,} bytes")
    last_line({"status": "done", "index": str(made.path.absolute()), "runs_known": made.runs})


@app.command()
def publish(
    context: typer.Context, url: Annotated[str, typer.Argument(help="A folder, s3://… or gs://….", metavar="PLACE")]
) -> None:
    """Copy the pages to where their readers are: pages first, the index last, only what is new."""
    from trade_dashboard.deliver import build_index
    from trade_dashboard.deliver.mirror import mirror

    settings = settings_of(context)
    with writing(settings.outputs):
        build_index(settings.outputs)
    done = mirror(settings.outputs, url, progress=say)
    say(f"{done.copied:,} files copied, {done.removed:,} taken away, {done.unchanged:,} there already")
    last_line({"status": "done", **vars(done)})


@app.command()
def prune(
    context: typer.Context,
    *,
    keep: Annotated[int, typer.Option(help="How many sessions to keep, up to the newest that has a page.", min=1)],
) -> None:
    """Take away the pages of old sessions, but never the last success of a report; then make the index anew."""
    from trade_dashboard.deliver import build_index
    from trade_dashboard.deliver import prune as take_away

    settings = settings_of(context)
    with writing(settings.outputs):
        done = take_away(settings.outputs, settings.exchange, keep)
        say(f"{len(done.folders):,} sessions taken away, {done.freed:,} bytes freed")
        build_index(settings.outputs)
    last_line({"status": "done", "pruned": len(done.folders), "bytes": done.freed})


@app.command()
def metrics(
    context: typer.Context,
    *,
    textfile: Annotated[
        Path | None, typer.Option(help="File for a node exporter, replaced in one step; ends in .prom.")
    ] = None,
    push: Annotated[str | None, typer.Option(help="Address of a push gateway.", metavar="URL")] = None,
) -> None:
    """Tell Prometheus how the reports are: last and next success, duration, state, KPIs and alerts."""
    if not textfile and not push:
        raise RequestError("Expected --textfile or --push, but got neither. Try `--textfile trade_dashboard.prom`.")
    from trade_dashboard.deliver import prometheus, records
    from trade_dashboard.sessions import calendar

    settings = settings_of(context)
    found = records(settings.outputs)
    registry = prometheus.measures(found, calendar(settings.exchange), datetime.now(UTC))
    if textfile:
        with writing(textfile.parent):
            prometheus.write(registry, textfile)
    if push:
        prometheus.push(registry, push)
    last_line({"status": "done", "runs_known": len(found), "textfile": str(textfile) if textfile else None})


@app.command()
def notify(
    context: typer.Context,
    *,
    date: Annotated[
        str | None, typer.Option(help="Session to tell of; the newest of which there is a record when left out.")
    ] = None,
    link: Annotated[str, typer.Option(help="Address that the pages are published at.", metavar="URL")] = "",
) -> None:
    """Send one short message about a session, also when all is quiet. Targets are Apprise URLs in TRADE_DASHBOARD_NOTIFY."""
    import os

    from trade_dashboard.deliver import records
    from trade_dashboard.deliver.message import compose
    from trade_dashboard.deliver.notify import send, targets
    from trade_dashboard.runs.parameters import iso_date
    from trade_dashboard.sessions import calendar

    settings = settings_of(context)
    urls, found = targets(os.environ), records(settings.outputs)
    newest = found[-1].run_date if found else calendar(settings.exchange).last_closed(datetime.now(UTC))
    message = compose(found, iso_date(date, "--date") if date else newest, link)
    say(f"{message.title}\n{message.text}")
    done = send(message, urls)
    for one in done:
        say(
            f"{'sent' if one.delivered else 'NOT SENT'} to {one.target} ({one.tries} {'try' if one.tries == 1 else 'tries'})"
        )
    code = 0 if all(one.delivered for one in done) else 1
    said = [{"target": one.target, "delivered": one.delivered, "tries": one.tries} for one in done]
    last_line({"status": status_of(code), "title": message.title, "deliveries": said})
    raise typer.Exit(code)
