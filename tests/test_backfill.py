"""A range of sessions: what is run, in which order, what is left out, and how it is parted."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime

import pytest
from build import at, bars, equity, store_with
from toys import toy

from trade_dashboard.errors import NoSessionError, NotReadyError, RequestError
from trade_dashboard.runs.backfill import chunks, closed_sessions, plan_range
from trade_dashboard.settings import Settings

NOW = datetime(2025, 6, 30, 20, 0, tzinfo=UTC)
DAYS = [date(2025, 6, 26), date(2025, 6, 27), date(2025, 6, 30)]
READ = "from trade_dashboard import open_book, present\nbook = open_book(run_date)\nbook.equity(1)"
GLUE = "present.glue_run(book, {}, [])"
UNLESS = "import pathlib\nif run_date == '2025-06-27' and not pathlib.Path({mended!r}).exists():\n    "


def test_a_range_means_its_closed_sessions():
    """Weekends and holidays are passed over, and a session that has not closed at the instant of the request is left out."""
    assert closed_sessions(Settings(), "2025-06-25", "2025-06-28", NOW) == (date(2025, 6, 25), *DAYS[:2])
    assert closed_sessions(Settings(), "2025-06-26", "2025-07-03", NOW) == tuple(DAYS)


@pytest.mark.parametrize(
    ("since", "until", "error", "says"),
    [
        ("2025-07-04", "2025-07-06", NoSessionError, "The session before is 2025-07-03"),
        ("2025-07-01", "2025-07-03", NotReadyError, "The last closed session is 2025-06-30"),
        ("2025-06-30", "2025-06-27", RequestError, "Swap them"),
        ("2025-06-31", "2025-07-03", RequestError, "Try `--from 2025-06-30`"),
        ("2025-06-30", "yesterday", RequestError, "`--to`"),
        ("1970-01-01", "2025-06-27", RequestError, "reaches from 1990"),
    ],
)
def test_a_range_that_cannot_be_run_says_why(since, until, error, says):
    """No session, none closed, ends the wrong way round, no dates."""
    with pytest.raises(error, match=says):
        closed_sessions(Settings(), since, until, NOW)


def test_runs_go_oldest_session_first_and_see_one_instant(tmp_path):
    """All reports of a session before the next session; parameters and cut are the same for all."""
    toy(tmp_path, "1", name="a")
    toy(tmp_path, "1", name="b")
    plans = plan_range(Settings(notebooks=tmp_path), ["b", "a", "b"], DAYS[:2], ["say=x"], NOW)
    assert [(plan.run_date.day, plan.report.name) for plan in plans] == [(26, "b"), (26, "a"), (27, "b"), (27, "a")]
    assert {(plan.known_at, plan.parameters["say"]) for plan in plans} == {(NOW, "x")}
    with pytest.raises(RequestError, match="more than once"):
        plan_range(Settings(notebooks=tmp_path), ["a"], DAYS, ["run_date=2025-06-27"], NOW)


def test_chunks_are_commands_of_at_most_so_many_sessions():
    """Each of one report, in order, with what every one of them is given."""
    assert chunks(["a", "b"], DAYS, 2, ["--force"], 4000) == (
        2,
        [
            ["backfill", "a", "--from", "2025-06-26", "--to", "2025-06-27", "--force"],
            ["backfill", "a", "--from", "2025-06-30", "--to", "2025-06-30", "--force"],
            ["backfill", "b", "--from", "2025-06-26", "--to", "2025-06-27", "--force"],
            ["backfill", "b", "--from", "2025-06-30", "--to", "2025-06-30", "--force"],
        ],
    )


def test_more_commands_than_a_line_takes_become_larger_ones():
    """The smallest size that fits is taken; where one command a report is too much, fewer reports are asked for."""
    three, one = 195, 65
    assert len(json.dumps(chunks(["a"], DAYS, 1, [], three)[1])) == three
    taken, commands = chunks(["a"], DAYS, 1, [], three - 1)
    assert (taken, [words[3] for words in commands]) == (2, ["2025-06-26", "2025-06-30"])
    assert chunks(["a"], DAYS, 1, [], one)[0] == 3
    with pytest.raises(RequestError, match="2 do not"):
        chunks(["a", "b"], DAYS, 1, [], one)


@pytest.fixture
def house(tmp_path):
    """A store of three sessions."""
    days = ["2025-06-26", "2025-06-27", "2025-06-30"]
    frames = {"bars": bars("AAA", dict.fromkeys(days, 11)), "equity": equity(*(f"{day} 100" for day in days))}
    store_with(tmp_path, known_at=at("2025-06-30 21:00"), **frames)
    return tmp_path


def command(house, *words):
    places = [word for name in ("store", "outputs", "notebooks") for word in (f"--{name}", str(house / name))]
    return [sys.executable, "-m", "trade_dashboard", *places, *words]


def call(house, *words):
    done = subprocess.run(command(house, *words), capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, json.loads(done.stdout.splitlines()[-1]), done.stderr


RANGE = ("backfill", "toy", "--from", "2025-06-25", "--to", "2025-06-30")


def test_a_backfill_makes_what_is_not_there_and_lists_what_went_wrong(house):
    """The worst run's exit code and its reason; the second time only what failed is run, the third time nothing."""
    mended = house / "mended"
    toy(house / "notebooks", READ, UNLESS.format(mended=str(mended)) + "1 / 0", GLUE)
    code, said, words = call(house, *RANGE)
    # the store's first session is a day later than the range
    assert (code, said["status"], said["from"], said["to"]) == (1, "failed", "2025-06-25", "2025-06-30")
    assert said["counts"] == {"done": 2, "failed": 1, "not_ready": 1, "unchanged": 0}
    reasons = {one["run_date"]: (one["status"], one["reason"]) for one in said["failures"]}
    assert reasons["2025-06-27"] == ("failed", "ZeroDivisionError: division by zero")
    assert reasons["2025-06-25"][0] == "not_ready"
    assert "toy 2025-06-27: failed: ZeroDivisionError: division by zero" in words
    assert (house / "outputs" / "toy" / "2025-06-30" / "report.html").exists()

    mended.touch()
    code, said, _ = call(house, "backfill", "toy", "--from", "2025-06-26", "--to", "2025-06-30")
    assert (code, said["counts"], said["failures"]) == (0, {"unchanged": 2, "done": 1}, [])
    code, said, words = call(house, "backfill", "toy", "--from", "2025-06-26", "--to", "2025-06-30")
    assert (code, said["status"], said["counts"]) == (0, "done", {"unchanged": 3})
    assert "3 runs from 2025-06-26 to 2025-06-30: 3 unchanged, 0 to run" in words


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGKILL])
def test_a_backfill_goes_on_where_it_was_stopped(house, signum):
    """Ctrl-C says how far it came; after that, or a kill, the next one runs what is not there, with a bar at a terminal."""
    mended, at_work = house / "mended", house / "at_work"
    wait = f"pathlib.Path({str(at_work)!r}).touch()\n    import time\n    time.sleep(60)"
    toy(house / "notebooks", READ, UNLESS.format(mended=str(mended)) + wait, GLUE)
    words = command(house, "backfill", "toy", "--from", "2025-06-26", "--to", "2025-06-30", "--jobs", "1")
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not at_work.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signum)
    out, _ = process.communicate(timeout=20)
    if signum == signal.SIGINT:
        said = json.loads(out)
        assert (process.returncode, said["status"]) == (130, "stopped")
        assert (said["counts"], said["not_begun"]) == ({"done": 1, "stopped": 1, "unchanged": 0}, 1)

    mended.touch()
    ours, theirs = pty.openpty()
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=theirs, text=True, check=False, timeout=120)
    os.close(theirs)
    shown = os.read(ours, 1_000_000).decode()
    os.close(ours)
    assert (done.returncode, json.loads(done.stdout)["counts"]) == (0, {"unchanged": 1, "done": 2})
    assert "1/2" in shown


def test_a_summary_of_many_failures_is_one_piece(house):
    """At most 4,000 bytes, whatever the reasons: the first failures are there, and that there are more is said."""
    toy(house / "notebooks", "raise ValueError(chr(0x20ac) * 5000)")
    for name in "abcd":
        (house / "notebooks" / f"{name}.ipynb").write_bytes((house / "notebooks" / "toy.ipynb").read_bytes())
    done = subprocess.run(
        command(house, "backfill", *"abcd", "--from", "2025-06-30", "--to", "2025-06-30"),
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert len(done.stdout) <= 4001
    assert (said["counts"]["failed"], said["truncated"], len(said["failures"])) == (4, True, 2)


def test_ranges_are_refused_in_no_time_by_the_same_rules(house):
    """Unknown reports, parameters and dates are 2, a range without a session 99, for a backfill and for its chunks."""
    toy(house / "notebooks", "1")
    size = ("--size", "2")
    for verb, more in (("backfill", ()), ("chunks", size)):
        for words, code in (
            (("tyo", "--from", "2025-06-26", "--to", "2025-06-30"), 2),
            (("toy", "--from", "2025-06-26", "--to", "2025-06-30", "-p", "sya=x"), 2),
            (("toy", "--from", "2025-02-30", "--to", "2025-06-30"), 2),
            (("toy", "--from", "2025-07-04", "--to", "2025-07-06"), 99),
        ):
            assert call(house, verb, *words, *more)[0] == code
    code, said, _ = call(house, "chunks", "toy", "--from", "2025-06-26", "--to", "2025-06-30", *size, "--jobs", "1")
    assert (code, said["size"], said["sessions"]) == (0, 2, 3)
    assert said["commands"][1] == ["backfill", "toy", "--from", "2025-06-30", "--to", "2025-06-30", "--jobs", "1"]
