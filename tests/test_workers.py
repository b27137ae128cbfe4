"""Several runs side by side: each alone in its process, all of them stopped by one signal."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from toys import toy

DAY = "2025-06-30"
MEET = """import pathlib, time
here = pathlib.Path({house!r})
(here / "{mine}").touch()
while not (here / "{other}").exists():
    time.sleep(0.02)"""
WORKER = (
    "import json, os, pathlib, signal\nworker = json.loads(pathlib.Path('run.json').read_text())['machine']['pid']\n"
)
READY = WORKER + "pathlib.Path('ready').write_text(f'{os.getpid()} {worker}')"
LONG = "import time\ntime.sleep(60)"


def command(house, *words):
    places = [word for name in ("store", "outputs", "notebooks") for word in (f"--{name}", str(house / name))]
    return [sys.executable, "-m", "trade_dashboard", *places, *words]


def test_runs_go_side_by_side_and_none_takes_another_with_it(tmp_path):
    """Two wait for each other, one fails, one's process is killed: each ends in its own way, told in the order asked."""
    notebooks = tmp_path / "notebooks"
    toy(notebooks, MEET.format(house=str(tmp_path), mine="one", other="two"), name="one")
    toy(notebooks, MEET.format(house=str(tmp_path), mine="two", other="one"), name="two")
    toy(notebooks, "1 / 0", name="fails")
    toy(notebooks, WORKER + "os.kill(worker, signal.SIGKILL)\nimport time\ntime.sleep(60)", name="dies")
    words = command(tmp_path, "run", "dies", "one", "fails", "two", "--date", DAY, "--jobs", "3")
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1, done.stderr
    assert len(done.stdout.splitlines()) == 1
    said = json.loads(done.stdout)
    assert [(one["report"], one["status"]) for one in said["runs"]] == [
        ("dies", "failed"), ("one", "done"), ("fails", "failed"), ("two", "done"),
    ]  # fmt: skip
    assert (said["status"], said["run_date"]) == ("failed", DAY)
    assert "was killed by SIGKILL" in said["runs"][0]["reason"]
    assert said["runs"][2]["reason"] == "ZeroDivisionError: division by zero"
    assert f"fails {DAY}: failed: ZeroDivisionError: division by zero\n  page: " in done.stderr


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(what, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


@pytest.fixture
def at_work(tmp_path):
    """The command line with two of three runs at work; gives it, the house, and the processes of kernels and workers."""
    for name in ("one", "two", "three"):
        toy(tmp_path / "notebooks", READY, LONG, name=name)
    words = command(tmp_path, "run", "one", "two", "three", "--date", DAY, "--jobs", "2")
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def ready():
        assert process.poll() is None, process.communicate()
        found = [path.read_text().split() for path in (tmp_path / "outputs").glob("*/*/.run-*/ready")]
        return [int(pid) for pids in found for pid in pids] if sum(map(len, found)) == 4 else None

    yield process, tmp_path, wait_for(ready)
    process.kill()
    process.communicate()


def recorded(house):
    return {path.parts[-3]: json.loads(path.read_text()) for path in house.glob("outputs/*/*/failure.json")}


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_all_of_them_and_nothing_is_left(at_work, signum):
    """In under five seconds 128 + N; runs at work are recorded as stopped, those that never began are not told of."""
    process, house, pids = at_work
    begun = time.monotonic()
    process.send_signal(signum)
    out, _ = process.communicate(timeout=20)
    assert time.monotonic() - begun < 5
    assert process.returncode == 128 + signum
    said = json.loads(out.splitlines()[-1])
    assert said["status"] == "stopped"
    assert [(one["report"], one["status"]) for one in said["runs"]] == [("one", "stopped"), ("two", "stopped")]
    records = recorded(house)
    assert {name: (one["status"], one["exit_code"]) for name, one in records.items()} == {
        "one": ("stopped", 128 + signum), "two": ("stopped", 128 + signum),
    }  # fmt: skip
    wait_for(lambda: not any(map(alive, pids)), 10)
    assert not list(house.glob("outputs/*/*/.run-*"))


def test_runs_stop_by_themselves_when_the_one_who_started_them_is_killed(at_work):
    """SIGKILL of the main process: no worker and no kernel goes on, and each run is recorded as stopped."""
    process, house, pids = at_work
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    wait_for(lambda: not any(map(alive, pids)), 20)
    assert {name: one["status"] for name, one in recorded(house).items()} == {"one": "stopped", "two": "stopped"}


MEMORY = """
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from trade_dashboard.runs.catalog import catalog
from trade_dashboard.runs.plan import Plan
from trade_dashboard.runs.workers import side_by_side
from trade_dashboard.settings import Settings


class Sizes:
    def began(self, plan):
        pass

    def ended(self, manifest):
        print(manifest.status, Path("/proc/self/status").read_text().partition("RssAnon:")[2].split()[0])

    def tick(self):
        pass


house = Path(sys.argv[1])
settings = Settings(notebooks=house / "notebooks", outputs=house / "outputs")
plan = Plan(catalog(settings.notebooks)["toy"], date(2025, 6, 30), {}, datetime(2025, 7, 1, tzinfo=UTC))
side_by_side([plan] * 200, settings, 4, Sizes())
"""


def test_memory_stays_as_it_is_over_hundreds_of_runs(tmp_path):
    """What a run leaves behind dies with its process: after 200 runs no more is held than after 30."""
    toy(tmp_path / "notebooks", "1")
    (tmp_path / "outputs").write_text("a file where the folder should be: runs end before a kernel starts")
    words = [sys.executable, "-c", MEMORY, str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    statuses, kilobytes = zip(*(line.split() for line in done.stdout.splitlines()), strict=True)
    assert statuses == ("failed",) * 200
    assert int(kilobytes[-1]) <= 1.02 * int(kilobytes[29])


@pytest.mark.parametrize("reports", [("one",), ("one", "two")], ids=["one", "several"])
def test_a_stop_before_a_run_could_begin_is_recorded(tmp_path, reports):
    """Stopped while what runs need is still being imported: those that were about to begin are stopped, not forgotten."""
    for name in reports:
        toy(tmp_path / "notebooks", "1", name=name)
    opening = (
        "import os, signal\n"
        "from trade_dashboard.runs import nursery\n"
        "nursery.import_beside = lambda: os.kill(os.getpid(), signal.SIGTERM)\n"
        "from trade_dashboard.cli import main\n"
        "main()\n"
    )
    words = ["--notebooks", "notebooks", "--outputs", "outputs", "run", *reports, "--date", "2025-06-30", "--jobs", "2"]
    ended = subprocess.run(
        [sys.executable, "-c", opening, *words], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    said = json.loads(ended.stdout.splitlines()[-1])
    assert (ended.returncode, said["status"]) == (143, "stopped"), ended.stderr
    assert [(one["report"], one["status"]) for one in said["runs"]] == [(name, "stopped") for name in reports]
    for name in reports:
        record = json.loads((tmp_path / "outputs" / name / "2025-06-30" / "failure.json").read_text())
        assert (record["status"], record["exit_code"]) == ("stopped", 143)
