"""Being told to stop: never in the middle of a publication, never swallowed, and never after the last word."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import duckdb
import pytest
from toys import toy

from trade_dashboard.runs import memory
from trade_dashboard.runs.stop import StopSignal, interruptible, stoppable, unstoppable

# the command line, with a signal at the moment at which the first page is published
LATE = """
import os, signal, time
from trade_dashboard.runs import run
publish, main_process = run.publish, os.getpid()
def publish_and_be_stopped(*args, **words):
    os.kill(main_process, signal.SIGTERM)
    time.sleep(0.5)
    publish(*args, **words)
run.publish = publish_and_be_stopped
from trade_dashboard.cli import main
main()
"""
# the command line, asking what never answers, in a thread that nobody can end
STUCK = """
import threading, time
from concurrent.futures import ThreadPoolExecutor
from trade_dashboard.cli import app, main
@app.command()
def wait() -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(print, "waiting", flush=True)
        pool.submit(time.sleep, 60)
main()
"""


@pytest.mark.parametrize(
    ("reports", "code", "status"), [(("one",), 0, "done"), (("one", "two"), 143, "stopped")], ids=["one", "two"]
)
def test_a_stop_during_publication_is_too_late_for_it_and_in_time_for_what_follows(tmp_path, reports, code, status):
    """What is being published is published and told as done; nothing is begun after it."""
    for name in reports:
        toy(tmp_path / "notebooks", "1", name=name)
    words = ["--notebooks", "notebooks", "--outputs", "outputs", "run", *reports, "--date", "2025-06-30", "--jobs", "1"]
    ended = subprocess.run(
        [sys.executable, "-c", LATE, *words], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    (line,) = ended.stdout.splitlines()
    said = json.loads(line)
    assert (ended.returncode, said["status"]) == (code, status), ended.stderr
    assert [(run["report"], run["status"]) for run in said["runs"]] == [("one", "done")]
    assert sorted(path.name for path in (tmp_path / "outputs").iterdir()) == ["one"]


def test_a_thread_that_never_ends_does_not_hold_us():
    """A pool waits for its threads, and so does Python at its end; a stop does not."""
    words = [sys.executable, "-c", STUCK, "wait"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "waiting\n"
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, json.loads(out)["status"]) == (143, "stopped"), err
    assert time.monotonic() - begun < 5


def test_a_library_cannot_put_its_own_error_in_the_place_of_a_stop():
    """DuckDB answers to a signal with an error of a query; it is a stop all the same."""
    # long, but not without end: where its threads are busy it may hear of the signal only afterwards
    query = "select sum(a.range * b.range) from range(1000000) a, range(2000) b"
    threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGTERM]).start()
    with pytest.raises(StopSignal) as stop, stoppable(lambda _: None):
        duckdb.sql(query).fetchall()
    stop.value.late.cancel()
    assert stop.value.signum == signal.SIGTERM


def test_a_signal_waits_until_it_may_come():
    """Held back in what is unstoppable, whichever thread it reaches, and heard where that may be interrupted."""
    seen = []

    def work():
        with unstoppable():
            sender = threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGTERM))
            sender.start()
            sender.join()
            seen.append("held back")
            with interruptible():
                seen.append("never")

    with pytest.raises(StopSignal) as stop, stoppable(lambda _: None):
        work()
    stop.value.late.cancel()
    assert seen == ["held back"]


@pytest.mark.parametrize(
    ("kills", "limit", "says"),
    [
        (2, "314572800", "may use 300 MiB"),
        (2, "9223372036854771712", "was killed."),
        (2, "max", "was killed."),
        (1, "1", ""),
    ],
    ids=["limited", "unlimited, groups of version 1", "unlimited, version 2", "none killed"],
)
def test_a_kill_for_want_of_memory_is_told_with_its_bound(tmp_path, monkeypatch, kills, limit, says):
    """The engine counts kills; one more than before is ours."""
    counts, most = tmp_path / "counts", tmp_path / "most"
    monkeypatch.setattr(memory, "GROUPS", ((tmp_path / "absent", tmp_path / "absent"), (counts, most)))
    counts.write_text("oom 1\noom_kill 1\n")
    most.write_text(limit)
    killed = memory.kills()
    counts.write_text(f"oom {kills}\noom_kill {kills}\n")
    told = memory.told(killed)
    assert says in told
    assert bool(told) == bool(says)
