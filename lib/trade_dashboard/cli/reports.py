"""Verbs about reports: list them, make one, run them."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trade_dashboard.cli.app import app, settings_of
from trade_dashboard.cli.words import last_line, refuse, say, status_of, worst
from trade_dashboard.errors import NoSessionError, RequestError, TradeDashboardError

if TYPE_CHECKING:
    from trade_dashboard.runs.catalog import Report
    from trade_dashboard.runs.manifest import Manifest
    from trade_dashboard.runs.plan import Plan
    from trade_dashboard.settings import Settings

Parameters = Annotated[list[str] | None, typer.Option("--parameter", "-p", help="A parameter.", metavar="NAME=VALUE")]
KnownAt = Annotated[
    str | None, typer.Option(help="See only what was known at this instant, ISO with offset.", metavar="INSTANT")
]
Jobs = Annotated[int | None, typer.Option(help="Runs at a time; as many as there are cores when left out.", min=1)]
Force = Annotated[bool, typer.Option("--force", help="Run also what is there already, unchanged.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")]


@app.command()
def reports(context: typer.Context, *, as_json: Json = False) -> None:
    """List the reports: each one's question, and its parameters with type, default and help."""
    from trade_dashboard.runs.catalog import catalog

    found = catalog(settings_of(context).notebooks).values()
    if as_json:
        last_line({"status": "done", "reports": [report.to_json() for report in found]})
        return
    for report in found:
        _describe(report)


@app.command()
def show(context: typer.Context, report: str, *, as_json: Json = False) -> None:
    """Show one report: its question and its parameters."""
    from trade_dashboard.runs.catalog import find_report

    found = find_report(settings_of(context).notebooks, report)
    if as_json:
        last_line({"status": "done", **found.to_json()})
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

    folder = settings_of(context).notebooks
    wanted = describe(folder, report, title, question)

    from trade_dashboard.ingest import ingest as bring

    with TemporaryDirectory() as work:
        # what is kept in the notebook is of the sample: it is compared on other machines, and tells of nobody's account
        sample = Settings(store=Path(work) / "store")
        last = bring(sample, "sample")["last"]
        path = write(wanted, folder, last, sample.to_environment(), Path(work) / "kernel.log")
    say(f"{path}: written and run on the sample; now make it yours, then `make notebooks`")
    last_line({"status": "done", "report": report, "notebook": str(path)})


@app.command()
def run(
    context: typer.Context,
    reports: Annotated[list[str], typer.Argument(help="Reports to run, by name.", metavar="REPORT...")],
    *,
    date: Annotated[
        str | None,
        typer.Option(help="Session to report, or ISO week for its last one; the last closed one when left out."),
    ] = None,
    as_of_now: Annotated[
        bool, typer.Option("--now", help="Report today's session as it trades, though it has not closed.")
    ] = False,
    parameter: Parameters = None,
    known_at: KnownAt = None,
    jobs: Jobs = None,
    force: Force = False,
) -> None:
    """Run reports, side by side, and publish their pages; a page that is there for the same data stays."""
    from trade_dashboard.runs.plan import NOW, plan_runs

    now = datetime.now(UTC)
    try:
        if as_of_now and date:
            raise RequestError(f"Expected --now or --date, but got both. Leave out --now, or `--date {date}`.")
        settings = settings_of(context, known_at)
        plans = plan_runs(settings, reports, NOW if as_of_now else date, parameter or [], now)
    except NoSessionError as error:
        _note_skipped(settings, reports, error)
        refuse(error, run_date=date, reports=reports)
    except TradeDashboardError as error:
        refuse(error, run_date=date, reports=reports)

    from trade_dashboard.runs.unchanged import to_run

    todo, there = to_run(plans, settings, force=force)
    told = _Told()
    for manifest in there:
        told.ended(manifest)
    signum = _run_all(todo, settings, jobs, told) if todo else None
    code = 128 + signum if signum else worst(one.exit_code or 0 for one in told.ended_as.values())
    ended = [told.ended_as[plan.report.name] for plan in plans if plan.report.name in told.ended_as]
    status = status_of(code) if todo else "unchanged"
    runs = [manifest.summary() for manifest in ended]
    last_line({"status": status, "run_date": plans[0].run_date.isoformat(), "runs": runs})
    raise typer.Exit(code)


def _run_all(todo: list[Plan], settings: Settings, jobs: int | None, told: _Told) -> int | None:
    from trade_dashboard.runs.workers import cores, side_by_side

    signum = side_by_side(todo, settings, jobs or cores(), told)
    # we are about to end, and Python would look through all that a run imports for cycles, three times over
    gc.freeze()
    return signum


@dataclass
class _Told:
    """Says what becomes of each run, in one piece when it ends."""

    ended_as: dict[str, Manifest] = field(default_factory=dict)

    def began(self, plan: Plan) -> None:
        say(f"{plan.report.name} {plan.run_date}: running")

    def ended(self, manifest: Manifest) -> None:
        self.ended_as[manifest.report] = manifest
        how = (
            f"unchanged since {manifest.started:%Y-%m-%d %H:%M} UTC"
            if manifest.status == "unchanged"
            else manifest.status
        )
        lines = [f"{manifest.report} {manifest.run_date}: {how}" + (f": {manifest.reason}" if manifest.reason else "")]
        lines += [f"  {alert['severity']}: {alert['message']}" for alert in manifest.alerts]
        took = "" if manifest.status == "unchanged" else f" ({manifest.seconds:.1f} s)"
        lines += [f"  page: {manifest.page}{took}"] if manifest.page else []
        say("\n".join(lines))

    def tick(self) -> None:
        """Lines need no keeping alive."""


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
