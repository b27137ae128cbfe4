"""Verbs about pages: an index, copies, an end, and word of them to people and machines."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from trade_dashboard.cli.app import app, settings_of
from trade_dashboard.cli.words import last_line, say, status_of
from trade_dashboard.disk import writing
from trade_dashboard.errors import RequestError, TradeDashboardError

if TYPE_CHECKING:
    from trade_dashboard.deliver.changes import Word
    from trade_dashboard.deliver.message import Message
    from trade_dashboard.deliver.told import Told

NOTHING_NEW = "Nothing changed since every target was told last: nothing to do."


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
        str | None,
        typer.Option(
            help="Session to tell of, or ISO week for its last one; the newest of which there is a record when left out."
        ),
    ] = None,
    report: Annotated[
        list[str] | None, typer.Option(help="Tell of this report alone, also that it is not there; may be repeated.")
    ] = None,
    changes: Annotated[
        str | None,
        typer.Option(
            help="Tell what changed about the limits of this report since each target was told last, if anything did."
        ),
    ] = None,
    link: Annotated[str, typer.Option(help="Address that the pages are published at.", metavar="URL")] = "",
) -> None:
    """Send one short message about a session, also when all is quiet. Targets are Apprise URLs in TRADE_DASHBOARD_NOTIFY."""
    import os

    from trade_dashboard.deliver import records
    from trade_dashboard.deliver.changes import changes_word, night_word
    from trade_dashboard.deliver.notify import targets
    from trade_dashboard.runs.catalog import find_report
    from trade_dashboard.runs.plan import session_of
    from trade_dashboard.sessions import calendar

    if changes and report:
        raise RequestError(
            f"Expected --changes or --report, but got both. Leave out --report, or `--changes {changes}`."
        )
    settings, urls, now = settings_of(context), targets(os.environ), datetime.now(UTC)
    asked = [changes] if changes else report or []
    titles = {name: find_report(settings.notebooks, name).title for name in asked}
    session = session_of(settings, date, now) if date else None
    exchange = calendar(settings.exchange)
    with ExitStack() as stack:
        told = _told_so_far(settings.outputs, stack, needed=bool(changes))
        # read once nobody else tells: what somebody told meanwhile is of records that are there now
        found = records(settings.outputs)
        if changes:
            expected = session or exchange.last_opened(now)
            word = changes_word(found, changes, titles[changes], expected, exchange, link=link)
        else:
            newest = next((one.run_date for one in reversed(found) if not one.open_as_of), exchange.last_closed(now))
            word = night_word(found, session or newest, titles, link=link)
        _deliver(word, urls, told)


def _told_so_far(outputs: Path, stack: ExitStack, *, needed: bool) -> Told | None:
    from trade_dashboard.deliver.told import told_so_far

    try:
        told = stack.enter_context(told_so_far(outputs))
    except OSError as error:
        if needed:
            raise TradeDashboardError(
                f"Expected to keep what is told in {outputs}, but it cannot be written: {error}. Nothing was sent, since it "
                "would be sent again and again. Give write access."
            ) from error
        say(f"what is told cannot be kept, and counts as not told: {error}")
        return None
    if told.broken:
        say(f"what was told before could not be read, and counts as not told: it is now {told.broken}")
    return told


def _deliver(word: Word, urls: Sequence[str], told: Told | None) -> NoReturn:
    from trade_dashboard.deliver.notify import send

    said: dict[str, str] = {}
    unkept: list[OSError] = []

    def wanted(url: str) -> Message | None:
        message = word.to(told.to(url) if told else {})
        if message and message.text not in said:
            said[message.text] = message.title
            say(f"{message.title}\n{message.text}")
        return message

    def took(url: str) -> None:
        try:
            if told:
                told.keep(url, word.known(told.to(url)))
        except OSError as error:
            unkept.append(error)

    done = send(wanted, urls, took=took)
    for one in done:
        tries = f"{one.tries} {'try' if one.tries == 1 else 'tries'}"
        say(f"{'sent' if one.delivered else 'NOT SENT'} to {one.target} ({tries})")
    for error in unkept:
        say(f"sent, and will be again: that it was cannot be kept: {error}")
    code = 99 if not done else 1 if unkept or not all(one.delivered for one in done) else 0
    deliveries = [{"target": one.target, "delivered": one.delivered, "tries": one.tries} for one in done]
    ended = {"status": status_of(code), "title": next(iter(said.values()), None), "deliveries": deliveries}
    if not done:
        say(NOTHING_NEW)
    last_line(ended if done else {**ended, "reason": NOTHING_NEW})
    raise typer.Exit(code)
