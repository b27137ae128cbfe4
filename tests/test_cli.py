"""The command line: exit codes, the last line, and how fast it says no."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from build import at
from toys import toy

from trade_dashboard import cli
from trade_dashboard.errors import NoSessionError, NotReadyError, RequestError
from trade_dashboard.runs.plan import NOW, plan_runs, session_of
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Settings


@pytest.fixture
def house(tmp_path):
    """An empty house with one toy report; calls the command line in a process of its own."""
    toy(tmp_path / "notebooks", "say")

    def call(*words):
        return subprocess.run(
            [sys.executable, "-m", "trade_dashboard", "--store", "store", "--outputs", "outputs", *words],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    return call


def last_line(done):
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("words", "code", "status", "says"),
    [
        (["run", "tyo"], 2, "refused", "Did you mean `toy`"),
        (["run", "toy", "-p", "sya=x"], 2, "refused", "Did you mean `-p say=…`"),
        (["run", "toy", "--date", "2025-02-30"], 2, "refused", "Try `--date 2025-02-28`"),
        (["run", "toy", "-p", "run_date=2025-02-30"], 2, "refused", "Try `--date 2025-02-28`"),
        (["run", "toy", "--date", "1970-01-01"], 2, "refused", "reaches from 1990"),
        (["run", "toy", "--known-at", "yesterday"], 2, "refused", "Try `--known-at 2025-06-30T21:00:00Z`"),
        (["run", "toy", "--date", "2025-07-04"], 99, "skipped", "no session of XNYS"),
        (["run", "toy", "--date", "2035-06-29"], 3, "not_ready", "nothing to report yet"),
        (["ingest", "smaple"], 2, "refused", "Did you mean `trade-dashboard ingest sample`"),
        (["ingest", "sample", "--from", "2025-07-04", "--to", "2025-07-06"], 99, "skipped", "nothing to ingest"),
        (["ingest", "sample", "--from", "2025-07-04", "--to", "2025-07-01"], 2, "refused", "Swap them"),
        (["ingest", "broker-export"], 2, "refused", "--folder"),
        (["run", "toy", "--now", "--date", "2025-06-30"], 2, "refused", "Leave out --now"),
        (["run", "toy", "--now", "--known-at", "2025-06-30T18:00:00Z"], 2, "refused", "Leave one of them out"),
        (["run", "toy", "--now", "-p", "run_date=2025-06-30"], 2, "refused", "more than once"),
        (["ingest", "alpaca", "--now", "--to", "2025-06-30"], 2, "refused", "Leave out --now"),
        (["run", "toy", "--date", "2025-W54"], 2, "refused", "Try `--date 2025-W52`"),
        (["ready", "smaple"], 2, "refused", "Did you mean"),
        (["ready", "sample", "--date", "2025-07-04"], 99, "skipped", "no session of XNYS"),
        (
            ["ready", "sample", "--date", "2025-06-30"],
            3,
            "not_ready",
            "Try `trade-dashboard ingest sample --to 2025-06-30`",
        ),
        (["rnu"], 2, "refused", "rnu"),
        (["run", "toy", "--dtae", "x"], 2, "refused", "--dtae"),
        (["--notebooks", "nowhere", "reports"], 2, "refused", "nowhere"),
    ],
)
def test_what_cannot_be_is_refused_with_its_exit_code(house, words, code, status, says):
    """Every refusal has its exit code, a sentence on stderr, and a last line of JSON with status and reason."""
    done = house(*words)
    assert done.returncode == code, done.stderr
    said = last_line(done)
    assert said["status"] == status
    assert says in said["reason"]
    assert said["reason"] in done.stderr
    assert "Traceback" not in done.stderr


def test_a_refused_run_names_every_report_that_was_asked_for(house):
    """A scheduler finds each report it asked for in the last line, also when nothing ran."""
    said = last_line(house("run", "toy", "--date", "2025-07-04"))
    assert said["run_date"] == "2025-07-04"
    assert [(one["report"], one["status"], one["page"]) for one in said["runs"]] == [("toy", "skipped", None)]


def test_reports_and_show_describe_the_contract(house):
    """Each report's question, and its parameters with type, default and help, for people and for programs."""
    assert "What happens?" in house("reports").stdout
    assert "say: str = 'hello'  what to say" in house("show", "toy").stdout
    described = last_line(house("reports", "--json"))["reports"][0]
    assert described["report"] == "toy"
    assert described["parameters"][1] == {"name": "say", "type": "str", "default": "hello", "help": "what to say"}


def test_a_run_ends_with_one_line_of_json(house):
    """The last line has the status, the run date, and for each run where its page is; people read stderr."""
    done = house("run", "toy", "--date", "2025-06-30", "-p", "say=007")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
    said = last_line(done)
    assert (said["status"], said["run_date"]) == ("done", "2025-06-30")
    run = said["runs"][0]
    assert set(run) == {"report", "status", "run_id", "page", "kpis", "alerts", "seconds"}
    assert "&#x27;007&#x27;" in Path(run["page"]).read_text()


def test_saying_no_imports_neither_pandas_nor_a_kernel(house, tmp_path):
    """`--help` and a refused parameter answer before anything heavy is imported."""
    for words in (
        ["--help"],
        ["run", "toy", "-p", "sya=x"],
        ["ingest", "smaple"],
        ["run", "toy", "--date", "2025-07-04"],
    ):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "trade_dashboard", *words],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "|" in line}
        assert "typer" in imported
        assert not imported & {"pandas", "numpy", "matplotlib", "papermill", "nbformat", "jupyter_client", "duckdb"}


def test_doctor_says_what_is_missing_and_what_to_do(house):
    """An empty store is no defect, and doctor names the command that fills it; without notebooks nothing can run."""
    done = house("doctor")
    assert done.returncode == 0
    assert "trade-dashboard ingest sample" in done.stderr
    findings = {one["what"]: one["state"] for one in last_line(done)["findings"]}
    assert findings == {
        "versions": "ok", "variables set": "ok", "calendar": "ok", "store": "missing", "notebooks": "ok", "outputs": "ok",
        "kernel": "ok", "services": "missing",
    }  # fmt: skip
    assert house("--notebooks", "nowhere", "doctor").returncode == 3


def test_the_last_line_stays_below_8_kilobytes(capsys):
    """What does not fit is left out, and said to be; the run's own record has it."""
    runs = [
        {"report": f"r{n}", "status": "done", "kpis": {f"{k:050}": n for k in range(9)}, "alerts": ["x" * 900]}
        for n in range(30)
    ]
    cli.words.last_line({"status": "done", "runs": runs})
    line = capsys.readouterr().out
    assert len(line.encode()) <= 8192
    said = json.loads(line)
    assert said["truncated"] is True
    assert [run["report"] for run in said["runs"]] == [f"r{n}" for n in range(30)]


def test_a_plan_is_for_the_last_closed_session(tmp_path):
    """Without a date it is the newest session that has closed at the instant of the request."""
    toy(tmp_path, "1")
    settings = Settings(notebooks=tmp_path)
    before_close = datetime(2025, 6, 30, 19, 59, tzinfo=UTC)
    assert plan_runs(settings, ["toy"], None, [], before_close)[0].run_date.isoformat() == "2025-06-27"
    after_close = datetime(2025, 6, 30, 20, 0, tzinfo=UTC)
    assert plan_runs(settings, ["toy"], None, [], after_close)[0].run_date.isoformat() == "2025-06-30"
    assert plan_runs(settings, ["toy", "toy"], "2025-06-27", [], after_close)[0].known_at == after_close
    assert len(plan_runs(settings, ["toy", "toy"], "2025-06-27", [], after_close)) == 1


@pytest.mark.parametrize(
    ("now", "says"),
    [
        ("2025-06-30 13:29", "opens at 09:30 in New York, 13:30 UTC"),
        ("2025-07-01 04:00", "Session 2025-07-01 opens at 09:30"),
        ("2025-07-04 15:00", "Friday 2025-07-04 is no session of XNYS"),
        ("2025-06-29 15:00", "The next one is 2025-06-30"),
    ],
)
def test_there_may_be_nothing_to_report_now(tmp_path, now, says):
    """Before the opening, on a holiday and on a weekend there is nothing to do; only a date that is no session is noted."""
    toy(tmp_path, "1")
    with pytest.raises(NoSessionError, match=says) as refused:
        plan_runs(Settings(notebooks=tmp_path), ["toy"], NOW, [], at(now))
    assert (refused.value.session is None) == ("opens at" in says)


def test_a_plan_may_be_for_the_session_that_trades(tmp_path):
    """From its opening until midnight in New York; its own date is refused until the close, but for a cut it was open at."""
    toy(tmp_path, "1")
    settings, noon = Settings(notebooks=tmp_path), at("2025-06-30 16:00")
    for now in ("2025-06-30 13:30", "2025-06-30 19:59", "2025-06-30 20:00", "2025-07-01 03:59"):
        (plan,) = plan_runs(settings, ["toy"], NOW, [], at(now))
        assert (plan.run_date.isoformat(), plan.known_at) == ("2025-06-30", at(now))
    with pytest.raises(NotReadyError, match="or `--now` for the session as it trades"):
        plan_runs(settings, ["toy"], "2025-06-30", [], noon)
    as_at_eleven = Settings(notebooks=tmp_path, known_at=at("2025-06-30 15:00"))
    assert plan_runs(as_at_eleven, ["toy"], "2025-06-30", [], noon)[0].known_at == at("2025-06-30 15:00")
    before_the_opening = Settings(notebooks=tmp_path, known_at=at("2025-06-30 12:00"))
    with pytest.raises(NotReadyError):
        plan_runs(before_the_opening, ["toy"], "2025-06-30", [], noon)


@pytest.mark.parametrize(
    ("week", "session"), [("2025-W27", "2025-07-03"), ("2025-W28", "2025-07-11"), ("2026-W01", "2026-01-02")]
)
def test_a_week_means_its_last_session(week, session):
    """Thursday where Friday is a holiday; the ISO week decides which year's it is."""
    assert session_of(Settings(), week, datetime(2026, 2, 1, tzinfo=UTC)).isoformat() == session


def test_a_week_that_is_not_over_is_not_ready():
    """What its last session brings nobody knows on Wednesday."""
    with pytest.raises(NotReadyError, match="Try `--date 2025-07-08`"):
        session_of(Settings(), "2025-W28", datetime(2025, 7, 9, 12, tzinfo=UTC))


def test_a_plan_takes_the_run_date_once(tmp_path):
    """`-p run_date=` is `--date`; both at once are refused."""
    toy(tmp_path, "1")
    settings, now = Settings(notebooks=tmp_path), datetime(2025, 7, 1, tzinfo=UTC)
    assert plan_runs(settings, ["toy"], None, ["run_date=2025-06-26"], now)[0].run_date.isoformat() == "2025-06-26"
    with pytest.raises(RequestError, match="more than once"):
        plan_runs(settings, ["toy"], "2025-06-26", ["run_date=2025-06-26"], now)
    with pytest.raises(NoSessionError):
        plan_runs(settings, ["toy"], "2025-06-28", [], now)
    with pytest.raises(NotReadyError):
        plan_runs(settings, ["toy"], calendar().next(now.date()).isoformat(), [], now)


def test_the_store_can_be_looked_after(house, tmp_path):
    """`store info` counts, `store compact` merges, and `restatements` tells what changed by hand."""
    export = tmp_path / "export"
    export.mkdir()
    for close, name in (("10", "2025-06-27"), ("10.5", "2025-06-28")):
        bars = f"date,open,high,low,close,volume,symbol\n2025-06-27,,,,{close},,AAA\n"
        (export / f"market_data_2025-06-27_to_{name}.csv").write_text(bars)
        done = house("ingest", "broker-export", "--folder", "export")
        assert done.returncode == 0, done.stderr
    (bars,) = [one for one in last_line(house("store", "info"))["datasets"] if one["dataset"] == "bars"]
    assert (bars["rows"], bars["files"], bars["first"], bars["last"]) == (1, 2, "2025-06-27", "2025-06-27")
    merged = last_line(house("store", "compact"))
    assert (merged["before"], merged["after"]) == (2, 1)
    told = last_line(house("restatements", "--since", "2025-06-30T00:00:00Z"))["restatements"]
    assert [(one["key"], one["field"], one["old"], one["new"]) for one in told] == [
        ("AAA 2025-06-27", "close", "10", "10.5")
    ]
    assert house("restatements", "--since", "today").returncode == 2


def test_a_strict_ingest_refuses_a_batch_with_a_wrong_row(house, tmp_path):
    """Exit code 3 and nothing stored with --strict; without it the row is kept out and named."""
    export = tmp_path / "export"
    export.mkdir()
    rows = "2025-06-27,,,,ten,,AAA\n2025-06-30,,,,11,,AAA\n"
    (export / "market_data_2025-06-27_to_2025-06-30.csv").write_text("date,open,high,low,close,volume,symbol\n" + rows)
    strict = house("ingest", "broker-export", "--folder", "export", "--strict")
    assert (strict.returncode, last_line(strict)["status"]) == (3, "not_ready")
    assert not (tmp_path / "store").exists()
    done = house("ingest", "broker-export", "--folder", "export")
    assert last_line(done)["sources"][0]["rejected"] == 1
    assert "kept out: market_data_2025-06-27_to_2025-06-30.csv line 2: close = 'ten' (no number)" in done.stderr
