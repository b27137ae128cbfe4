"""Verbs → exit codes; the only module that prints.

Words for people go to stderr. The last line of stdout is one JSON object for whoever started us, also when what was
asked for is refused.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.exceptions import TyperException

from trade_dashboard.errors import NoSessionError, NotReadyError, RequestError, StoppedError, TradeDashboardError
from trade_dashboard.runs.stop import StopSignal, stoppable

if TYPE_CHECKING:
    from trade_dashboard.runs.catalog import Report
    from trade_dashboard.settings import Settings

__all__ = ["app", "main"]

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
    ("sources", "away"),
)
PAUSE_SECONDS = 0.1
SHOWN_RESTATEMENTS = 20
STATUS = {0: "done", 1: "failed", 2: "refused", 3: "not_ready", 99: "skipped"}
# the worst of several runs decides: stopped, failed, data, refused, skipped, done
SEVERITY = {99: 1, 2: 2, 3: 3, 1: 4}

app = typer.Typer(
    help="Reports from notebooks that a trader can trust.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

store_app = typer.Typer(help="Look after the store.", no_args_is_help=True)
app.add_typer(store_app, name="store")

Store = Annotated[
    str | None,
    typer.Option(
        help="Folder of the store, or its URL: s3://… or gs://….", envvar="TRADE_DASHBOARD_STORE", metavar="PLACE"
    ),
]
Outputs = Annotated[Path | None, typer.Option(help="Folder of the pages.", envvar="TRADE_DASHBOARD_OUTPUTS")]
Notebooks = Annotated[Path | None, typer.Option(help="Folder of the notebooks.", envvar="TRADE_DASHBOARD_NOTEBOOKS")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")]


@app.callback()
def _options(context: typer.Context, store: Store = None, outputs: Outputs = None, notebooks: Notebooks = None) -> None:
    context.obj = {"store": store, "outputs": outputs, "notebooks": notebooks}


@app.command()
def reports(context: typer.Context, *, as_json: Json = False) -> None:
    """List the reports: each one's question, and its parameters with type, default and help."""
    from trade_dashboard.runs.catalog import catalog

    found = catalog(_settings(context).notebooks).values()
    if as_json:
        _last_line({"status": "done", "reports": [report.to_json() for report in found]})
        return
    for report in found:
        _describe(report)


@app.command()
def show(context: typer.Context, report: str, *, as_json: Json = False) -> None:
    """Show one report: its question and its parameters."""
    from trade_dashboard.runs.catalog import find_report

    found = find_report(_settings(context).notebooks, report)
    if as_json:
        _last_line({"status": "done", **found.to_json()})
    else:
        _describe(found)


@app.command()
def new(
    context: typer.Context,
    report: Annotated[str, typer.Argument(help="Its name: lower-case letters, digits and underscores.")],
    *,
    title: Annotated[str | None, typer.Option(help="Its title; made of the name when left out.")] = None,
    question: Annotated[str, typer.Option(help="The question that it answers.")] = "What should I know tonight?",
) -> None:
    """Write a new report: a notebook that runs, to be changed, and its section in the notebooks' README."""
    from tempfile import TemporaryDirectory

    from trade_dashboard.runs.new import describe, write
    from trade_dashboard.settings import Settings

    folder = _settings(context).notebooks
    wanted = describe(folder, report, title, question)

    from trade_dashboard.ingest import ingest as bring

    with TemporaryDirectory() as work:
        # what is kept in the notebook is of the sample: it is compared on other machines, and tells of nobody's account
        sample = Settings(store=Path(work) / "store")
        last = bring(sample, "sample")["last"]
        path = write(wanted, folder, last, sample.to_environment(), Path(work) / "kernel.log")
    _say(f"{path}: written and run on the sample; now make it yours, then `make notebooks`")
    _last_line({"status": "done", "report": report, "notebook": str(path)})


@app.command()
def ingest(
    context: typer.Context,
    sources: Annotated[list[str], typer.Argument(help="Where the records come from.", metavar="SOURCE...")],
    *,
    since: Annotated[str | None, typer.Option("--from", help="First session, ISO date.", metavar="DATE")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Last session, ISO date.", metavar="DATE")] = None,
    folder: Annotated[Path | None, typer.Option(help="Folder of a broker's export.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse the batch when one of its rows is wrong.")] = False,
    again: Annotated[bool, typer.Option("--all", help="Fetch everything, also what was fetched before.")] = False,
) -> None:
    """Bring records from sources into the store; what the store knows already adds nothing."""
    from trade_dashboard.runs.parameters import iso_date
    from trade_dashboard.sessions import calendar
    from trade_dashboard.sources import expect_source

    settings = _settings(context)
    for name in sources:
        expect_source(name)
    first = iso_date(since, "--from") if since else None
    last = iso_date(until, "--to") if until else None
    if first and last and first > last:
        raise RequestError(f"Expected --from before --to, but got {first} and {last}. Swap them.")
    if first and last and not calendar(settings.exchange).between(first, last):
        raise NoSessionError(f"There is no session of {settings.exchange} from {first} to {last}: nothing to ingest.")

    from trade_dashboard.ingest import ingest as bring
    from trade_dashboard.progress import progress

    summaries = []
    for name in dict.fromkeys(sources):
        _say(f"{name}: fetching")
        with progress(name, _say) as tell:
            summary = bring(
                settings, name, first=first, last=last, folder=folder, strict=strict, again=again, progress=tell
            )
        summaries.append(summary)
        _tell_ingest(summary)
    datasets: dict[str, dict[str, int]] = {}
    for summary in summaries:
        for dataset, counts in summary["datasets"].items():
            total = datasets.setdefault(dataset, {"new": 0, "known": 0})
            datasets[dataset] = {word: total[word] + counts[word] for word in total}
    # a source that gave nothing because it was away is worth asking again
    gone = any(
        one["away"] and not any(counts["new"] + counts["known"] for counts in one["datasets"].values())
        for one in summaries
    )
    code = NotReadyError.exit_code if gone else 0
    _last_line({"status": _status(code), "datasets": datasets, "sources": summaries})
    raise typer.Exit(code)


def _tell_ingest(summary: dict[str, Any]) -> None:
    for name, counts in summary["datasets"].items():
        _say(f"{name:18} {counts['new']:>8,} new {counts['known']:>8,} known")
    if files := summary["files"]:
        since = f" since {files['since'][:16].replace('T', ' ')} UTC" if files["since"] else ""
        _say(f"{files['unchanged']:,} files unchanged{since}, {files['read']:,} read")
    for note in summary["notes"]:
        _say(note)
    for one in summary["rejections"]:
        where = (
            f"line {one['line']}: {one['column']} = {one['value']!r}" if one["line"] else f"as a whole, {one['value']}"
        )
        _say(f"kept out: {one['origin']} {where} ({one['reason']})")
    if summary["rejected"] > len(summary["rejections"]):
        _say(f"kept out: {summary['rejected'] - len(summary['rejections'])} more")
    for part, said in summary["away"].items():
        _say(f"away: {part}: {said}")


@app.command()
def run(
    context: typer.Context,
    reports: Annotated[list[str], typer.Argument(help="Reports to run, by name.", metavar="REPORT...")],
    *,
    date: Annotated[str | None, typer.Option(help="Session to report; the last closed one when left out.")] = None,
    parameter: Annotated[list[str] | None, typer.Option("-p", help="A parameter.", metavar="NAME=VALUE")] = None,
    known_at: Annotated[
        str | None, typer.Option(help="See only what was known at this instant, ISO with offset.", metavar="INSTANT")
    ] = None,
) -> None:
    """Run reports and publish their pages."""
    from trade_dashboard.runs.parameters import instant
    from trade_dashboard.runs.plan import plan_runs

    now = datetime.now(UTC)
    try:
        settings = _settings(context, known_at=instant(known_at, "--known-at") if known_at else None)
        plans = plan_runs(settings, reports, date, parameter or [], now)
    except NoSessionError as error:
        _note_skipped(settings, reports, error)
        _refuse(error, run_date=date, reports=reports)
    except TradeDashboardError as error:
        _refuse(error, run_date=date, reports=reports)

    from trade_dashboard.runs.run import run as run_one

    manifests = []
    for plan in plans:
        _say(f"{plan.report.name} {plan.run_date}: running")
        manifests.append(run_one(plan, settings))
        _tell(manifests[-1])
        if (manifests[-1].exit_code or 0) > 128:  # noqa: PLR2004 - stopped by a signal
            break
    code = max((manifest.exit_code or 0 for manifest in manifests), key=lambda code: SEVERITY.get(code, code))
    runs = [manifest.summary() for manifest in manifests]
    _last_line({"status": _status(code), "run_date": plans[0].run_date.isoformat(), "runs": runs})
    raise typer.Exit(code)


@app.command()
def restatements(
    context: typer.Context,
    *,
    since: Annotated[str, typer.Option(help="List what became known after this instant.", metavar="INSTANT")],
) -> None:
    """List what changed about sessions that had been told of before: field, old, new, when and from where."""
    from trade_dashboard.maintenance import restated
    from trade_dashboard.runs.parameters import instant

    found = restated(_settings(context), instant(since, "--since"))
    for one in found:
        change = f"{one['field']} {one['old']} → {one['new']}" if one["field"] else one["change"]
        _say(f"{one['known_at']}  {one['dataset']} {one['key']} ({one['session']}): {change}, from {one['source']}")
    _say(f"{len(found)} restatements since {since}")
    _last_line({"status": "done", "count": len(found), "restatements": found[:SHOWN_RESTATEMENTS]})


@store_app.command("info")
def store_info(context: typer.Context) -> None:
    """Show each dataset's records, first and last session, newest known-at, files and bytes."""
    from trade_dashboard.maintenance import inventory

    found = inventory(_settings(context))
    for one in found:
        _say(
            f"{one['dataset']:18} {one['rows']:>10,} records  {one['first'] or '':10} to {one['last'] or '':10}  "
            f"known {one['known_at'] or '':20}  {one['files']:>5,} files {one['bytes']:>13,} bytes"
        )
    _last_line({"status": "done", "datasets": found})


@store_app.command("compact")
def store_compact(context: typer.Context) -> None:
    """Merge small files; no answer changes, and readers and writers go on."""
    from trade_dashboard.maintenance import compacted

    done = compacted(_settings(context))
    _say(f"{done['before']:,} files before, {done['after']:,} after")
    _last_line({"status": "done", **done})


@app.command()
def index(context: typer.Context) -> None:
    """Make outputs/index.html anew: the latest page of each report, every run, and how the KPIs went."""
    from trade_dashboard.deliver import build_index

    made = build_index(_settings(context).outputs)
    _say(f"{made.path}: {made.runs:,} runs, {made.size:,} bytes")
    _last_line({"status": "done", "index": str(made.path.absolute()), "runs_known": made.runs})


@app.command()
def publish(
    context: typer.Context, url: Annotated[str, typer.Argument(help="A folder, s3://… or gs://….", metavar="PLACE")]
) -> None:
    """Copy the pages to where their readers are: pages first, the index last, only what is new."""
    from trade_dashboard.deliver import build_index
    from trade_dashboard.deliver.mirror import mirror

    settings = _settings(context)
    build_index(settings.outputs)
    done = mirror(settings.outputs, url, progress=_say)
    _say(f"{done.copied:,} files copied, {done.removed:,} taken away, {done.unchanged:,} there already")
    _last_line({"status": "done", **vars(done)})


@app.command()
def prune(
    context: typer.Context,
    *,
    keep: Annotated[int, typer.Option(help="How many sessions to keep, up to the newest that has a page.", min=1)],
) -> None:
    """Take away the pages of old sessions, but never the last success of a report; then make the index anew."""
    from trade_dashboard.deliver import build_index
    from trade_dashboard.deliver import prune as take_away

    settings = _settings(context)
    done = take_away(settings.outputs, settings.exchange, keep)
    _say(f"{len(done.folders):,} sessions taken away, {done.freed:,} bytes freed")
    build_index(settings.outputs)
    _last_line({"status": "done", "pruned": len(done.folders), "bytes": done.freed})


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

    settings = _settings(context)
    found = records(settings.outputs)
    registry = prometheus.measures(found, calendar(settings.exchange), datetime.now(UTC))
    if textfile:
        prometheus.write(registry, textfile)
    if push:
        prometheus.push(registry, push)
    _last_line({"status": "done", "runs_known": len(found), "textfile": str(textfile) if textfile else None})


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

    settings = _settings(context)
    urls, found = targets(os.environ), records(settings.outputs)
    newest = found[-1].run_date if found else calendar(settings.exchange).last_closed(datetime.now(UTC))
    message = compose(found, iso_date(date, "--date") if date else newest, link)
    _say(f"{message.title}\n{message.text}")
    done = send(message, urls)
    for one in done:
        _say(
            f"{'sent' if one.delivered else 'NOT SENT'} to {one.target} ({one.tries} {'try' if one.tries == 1 else 'tries'})"
        )
    code = 0 if all(one.delivered for one in done) else 1
    said = [{"target": one.target, "delivered": one.delivered, "tries": one.tries} for one in done]
    _last_line({"status": _status(code), "title": message.title, "deliveries": said})
    raise typer.Exit(code)


@app.command()
def doctor(context: typer.Context) -> None:
    """Say what is set, what is reachable, what is missing, and what to do about it."""
    from trade_dashboard.doctor import examine

    findings = examine(_settings(context))
    marks = {"ok": "ok  ", "missing": "note", "broken": "BAD "}
    for one in findings:
        _say(f"{marks[one.state]}  {one.what}: {one.said}" + (f"\n      → {one.cure}" if one.cure else ""))
    broken = any(one.state == "broken" for one in findings)
    _last_line({"status": "not_ready" if broken else "done", "findings": [vars(one) for one in findings]})
    raise typer.Exit(3 if broken else 0)


def main() -> NoReturn:
    """Run the command line; every way out ends in an exit code and, but for help and listings, a line of JSON."""
    try:
        with stoppable():
            code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except TradeDashboardError as error:
        _refuse(error)
    except TyperException as error:
        _refuse(RequestError(error.format_message()))
    except StopSignal as stop:
        _refuse(StoppedError(stop.signum))
    except Exception as error:  # noqa: BLE001 - the only place that catches everything
        import traceback

        _refuse(TradeDashboardError(f"{type(error).__name__}: {error}"), details=traceback.format_exc())


def _refuse(
    error: TradeDashboardError, *, run_date: str | None = None, reports: Sequence[str] = (), details: str = ""
) -> NoReturn:
    """End without a run: the reason to people, and in the last line for every report that was asked for."""
    from trade_dashboard.runs.redact import redact

    reason, status = redact(str(error)), _status(error.exit_code)
    _say(redact(details) + reason)
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
    _last_line({"status": status, "run_date": run_date, "runs": runs, "reason": reason})
    sys.exit(error.exit_code)


def _status(code: int) -> str:
    return STATUS.get(code, "stopped")


def _settings(context: typer.Context, **more: Any) -> Settings:
    from trade_dashboard.settings import Settings

    return Settings.from_environment(**context.obj, **more)


def _describe(report: Report) -> None:
    typer.echo(f"{report.name}\n  {report.question}")
    for one in report.parameters:
        typer.echo(f"    {one.name}: {one.type} = {one.default!r}  {one.help}")


def _note_skipped(settings: Settings, reports: Sequence[str], error: NoSessionError) -> None:
    """Leave word beside where the pages would be; where nothing can be written, the last line has to do."""
    from contextlib import suppress

    from trade_dashboard.runs.run import skip

    with suppress(OSError):
        for report in reports:
            skip(settings, report, error)


def _tell(manifest: Any) -> None:
    if manifest.reason:
        _say(f"{manifest.report} {manifest.run_date}: {manifest.status}: {manifest.reason}")
    for alert in manifest.alerts:
        _say(f"  {alert['severity']}: {alert['message']}")
    if manifest.page:
        _say(f"  page: {manifest.page} ({manifest.seconds:.1f} s)")


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _last_line(payload: dict[str, Any]) -> None:
    """Print the JSON line, at most 8 KB: what does not fit is in the run's own record, or was said before."""
    most = PIECE_BYTES if len(payload.get("runs", [])) <= 1 else LINE_BYTES
    line = json.dumps(payload, allow_nan=False)
    for part, detail in DETAILS:
        if len(line.encode()) >= most and part in payload:
            several = [{name: value for name, value in one.items() if name != detail} for one in payload[part]]
            payload = {**payload, part: several, "truncated": True}
            line = json.dumps(payload, allow_nan=False)
    sys.stderr.flush()
    sys.stdout.flush()
    if not sys.stdout.isatty():
        # a container engine copies the two streams apart from each other: let the words arrive before the line
        time.sleep(PAUSE_SECONDS)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
