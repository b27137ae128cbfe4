"""What a report costs beside what its own work costs: cold, in a backfill, in a container, and in memory.

    make bench
    python benchmarks/runs.py [--quick] [--reports REPORT…] [--only ROW…] [--with-others] > tables.md

Everything in a table is measured in turns, on the sample, in one go; every figure is a median with the least and the
largest beside it. Progress goes to stderr. The tables are Markdown: docs/explanation/performance.md keeps the last ones.
"""

import argparse
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from beside import Contender, MissingError, Row, Term, faster, in_turns, machine, say, seconds_more, table, times
from contenders import Place, Report, install_apart, sample_inside
from memory import held, twins

from trade_dashboard.sessions import calendar

LAST = date(2025, 6, 30)
REPORTS = ("nightly_summary", "performance")
# what is measured in an environment apart
OTHERS = ("run_lab", "papermill_lab", "ploomber")


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    Attributes
    ----------
    rounds
        Of everything.
    sessions
        Of the backfill, shared out among the rounds.
    turns, warm_times
        Of the shell loop, and of the cells in one process, in each round.
    jobs
        Of a backfill.
    early, late
        After how many runs the memory is looked at, each time for as long as `window` runs take.
    """

    rounds: int = 5
    sessions: int = 250
    turns: int = 2
    warm_times: int = 5
    jobs: int = 2
    early: int = 100
    late: int = 1_000
    window: int = 50


QUICK = Scale(rounds=2, sessions=4, turns=1, warm_times=2, early=4, late=16, window=4)


def rows(scale: Scale) -> Iterator[Row]:
    """Give the lines of a report's table."""
    run = Term("run", "a cold `run`")
    each = Term("backfill", "backfill, a run and core", scale.jobs * scale.rounds / scale.sessions)
    whole = f"backfill of {scale.sessions} sessions in {scale.rounds} parts, {scale.jobs} jobs"
    loop = f"shell loop over the same two, {scale.rounds * scale.turns} of {scale.sessions} timed"
    yield Row("cold", run, Term("script", "its code as a plain script"), times(1.5))
    yield Row("scrapbook", run, Term("script_scrapbook", "the script, gluing with scrapbook"), times())
    yield Row("tools", run, Term("papermill", "`papermill`, `jupyter nbconvert`"), faster(5))
    lab = Term("run_lab", "where JupyterLab is installed too, a cold `run`")
    yield Row("lab", lab, Term("papermill_lab", "`papermill`, `jupyter nbconvert`"), faster(5))
    embedded = Term("ploomber", "`papermill --engine embedded` (ploomber-engine), nbconvert")
    yield Row("ploomber", lab, embedded, faster())
    yield Row("backfill", Term("backfill", whole, scale.rounds), Term("loop", loop, scale.sessions), faster(25))
    yield Row("warm", each, Term("warm", "its cells in a warm process"), times(1.5))
    yield Row("warm_jobs", each, Term("warm_jobs", f"in {scale.jobs} warm processes at once"), times())
    yield Row("container", Term("container", "`run` in a fresh container"), run, times(1.3))
    yield Row("help", Term("help", "`--help`"), Term("bare", "`python -c pass`"), seconds_more(0.25))
    yield Row("refused", Term("refused", "a refused parameter"), Term("bare", "`python -c pass`"), seconds_more(0.25))


def memory_row(scale: Scale) -> Row:
    """Give the line about memory."""
    late = Term("late", f"memory after {scale.late:,} runs")
    return Row("memory", late, Term("early", f"after {scale.early:,}"), times(1.05), "MiB")


def of_report(report: Report, scale: Scale, wanted: Sequence[Row], missing: dict[str, str]) -> str:
    """Measure what the rows need of a report, and write its table."""
    needed = dict.fromkeys(term.contender for row in wanted for term in (row.ours, row.other))
    contenders: dict[str, Contender] = {name: getattr(report, name) for name in needed if name not in missing}
    if {"script", "warm", "warm_jobs"} & set(contenders):
        report.check()
    samples = in_turns(contenders, scale.rounds, report.name)
    return table(row.cells(samples, missing) for row in wanted)


def of_memory(place: Place, names: Sequence[str], run_dates: Sequence[str], scale: Scale) -> str:
    """Make as many runs as are wanted of some reports, and write the table of their memory."""
    days = run_dates[-(scale.late // len(names)) :]
    words = ["backfill", *names, "--from", days[0], "--to", days[-1], "--jobs", str(scale.jobs)]
    # the last runs have fewer beside them
    last = scale.late - scale.jobs
    windows = {"early": (scale.early, scale.early + scale.window), "late": (last - scale.window, last)}
    row = memory_row(scale)
    try:
        return table([row.cells(held(place, words, windows, scale.late), {})])
    except MissingError as error:
        return table([row.cells({}, {"late": str(error)})])


def prepare(place: Place, names: set[str], stack: ExitStack, *, with_others: bool) -> dict[str, str]:
    """Get ready what contenders need; gives those that cannot be had, each with the reason."""
    missing = {} if with_others else dict.fromkeys(OTHERS, "only `--with-others`")
    place.time("trade-dashboard", "ingest", "sample")
    if with_others and names & set(OTHERS):
        print(f"Where JupyterLab is installed too: {install_apart()}.")
    if "container" in names:
        try:
            print(f"Image {place.image} of revision {stack.enter_context(sample_inside(place))}.")
        except MissingError as error:
            missing["container"] = str(error)
    return missing


def arguments() -> argparse.Namespace:
    """Read the command line."""
    names = [*(row.name for row in rows(QUICK)), "memory"]
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="scale everything down, to try it")
    parser.add_argument("--reports", nargs="+", default=REPORTS, metavar="REPORT", help="reports of the tables")
    parser.add_argument("--only", nargs="+", default=names, choices=names, metavar="ROW", help=", ".join(names))
    parser.add_argument(
        "--memory-of", metavar="REPORT", help="report whose backfill holds the memory; a new one when left out"
    )
    parser.add_argument(
        "--with-others", action="store_true", help="install JupyterLab and ploomber-engine, in an environment apart"
    )
    parser.add_argument("--image", default="trade-dashboard:latest", help="image of the container")
    return parser.parse_args()


def main(asked: argparse.Namespace) -> None:
    """Measure, and print a table for each report, and the one of memory."""
    begun, scale = time.monotonic(), QUICK if asked.quick else Scale()
    days = [day.isoformat() for day in calendar().between(date(2022, 1, 3), LAST)]
    size = scale.sessions // scale.rounds
    parts = [days[len(days) - left : len(days) - left + size] for left in range(scale.sessions, 0, -size)]
    wanted = [row for row in rows(scale) if row.name in asked.only]
    print(machine(), flush=True)
    with TemporaryDirectory(prefix="bench-") as folder, ExitStack() as stack:
        place = Place(Path(folder), asked.image)
        names = {term.contender for row in wanted for term in (row.ours, row.other)}
        missing = prepare(place, names, stack, with_others=asked.with_others)
        for name in asked.reports if wanted else []:
            report = Report(place, name, parts, scale.turns, scale.warm_times, scale.jobs)
            print(f"\n`{name}`:\n\n{of_report(report, scale, wanted, missing)}", flush=True)
        if "memory" in asked.only:
            among, two = twins(place, asked.memory_of)
            what = f"`{asked.memory_of}`" if asked.memory_of else "a new report"
            print(f"\nA backfill of {what}:\n\n{of_memory(among, two, days, scale)}", flush=True)
    say(f"took {(time.monotonic() - begun) / 60:.1f} minutes")


if __name__ == "__main__":
    # told to stop, it ends what it has begun and leaves nothing behind
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    main(arguments())
