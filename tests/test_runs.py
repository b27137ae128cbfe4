"""What a run publishes, records and says, when it goes well and when it does not."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import nbformat
import pytest
from toys import toy

from trade_dashboard.runs.catalog import catalog
from trade_dashboard.runs.plan import Plan
from trade_dashboard.runs.run import run
from trade_dashboard.settings import Settings

DAY = date(2025, 6, 30)
FINE = "from IPython.display import HTML\nHTML('<p>' + say + '</p>')"


@pytest.fixture
def place(tmp_path):
    """Settings of an empty house: notebooks, outputs and store in a folder of their own."""
    return Settings(notebooks=tmp_path / "notebooks", outputs=tmp_path / "outputs", store=tmp_path / "store")


def go(place, *cells, **parameters):
    """Run a toy of these cells."""
    toy(place.notebooks, *cells)
    return run(Plan(catalog(place.notebooks)["toy"], DAY, parameters, datetime(2025, 7, 1, tzinfo=UTC)), place)


def published(place):
    folder = place.outputs / "toy" / "2025-06-30"
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}, folder


def test_a_success_is_published_and_mends_an_earlier_failure(place):
    """A failure stands beside the last page, never over it; the next success takes it away."""
    first = go(place, FINE)
    assert (first.status, first.exit_code) == ("done", 0)
    names, folder = published(place)
    assert names == {"report.html", "report.ipynb", "run.json"}
    whole = (folder / "report.html").read_bytes()
    assert b"<p>hello</p>" in whole

    second = go(place, FINE, "1 / 0")
    assert (second.status, second.exit_code) == ("failed", 1)
    assert second.reason == "ZeroDivisionError: division by zero"
    names, _ = published(place)
    assert names == {"report.html", "report.ipynb", "run.json", "failure.html", "failure.ipynb", "failure.json"}
    assert (folder / "report.html").read_bytes() == whole
    failure = (folder / "failure.html").read_text()
    assert "ZeroDivisionError: division by zero" in failure
    assert "<p>hello</p>" in failure, "what was computed before is shown"
    assert "trade-dashboard run toy --date 2025-06-30" in failure

    assert go(place, FINE).status == "done"
    assert published(place)[0] == {"report.html", "report.ipynb", "run.json"}
    assert not list(folder.glob(".run-*"))


def test_the_same_inputs_make_the_same_page(place):
    """The page says nothing that differs between two runs; the record does."""
    records, pages = [], []
    for _ in range(2):
        records.append(go(place, FINE, say="twice"))
        pages.append((published(place)[1] / "report.html").read_bytes())
    assert pages[0] == pages[1]
    assert records[0].run_id != records[1].run_id
    assert records[0].page_sha256 == records[1].page_sha256


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["import sys; sys.exit(0)", "1"], "SystemExit: 0"),
        (["import sys; sys.exit()"], "SystemExit"),
        (["import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "1"], "The kernel died"),
        (["import os; os._exit(0)"], "The kernel died"),
    ],
)
def test_the_verdict_is_our_own(place, cells, reason):
    """Leaving politely, or dying, in a cell is a failure, whatever the notebook's metadata says."""
    record = go(place, *cells)
    assert (record.status, record.exit_code) == ("failed", 1)
    assert record.reason.startswith(reason)
    assert published(place)[0] >= {"failure.html", "failure.json"}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [("NotReadyError", "not_ready", 3), ("SchemaError", "not_ready", 3), ("RequestError", "refused", 2),
     ("NoSessionError", "skipped", 99)],
)  # fmt: skip
def test_an_error_of_ours_in_a_cell_keeps_its_exit_code(place, error, status, code):
    """What the data half raises in the kernel means the same outside."""
    record = go(place, f"from trade_dashboard.errors import {error}\nraise {error}('not today')")
    assert (record.status, record.exit_code, record.reason) == (status, code, "not today")


def test_no_secret_reaches_the_kernel_or_the_page(place, monkeypatch):
    """Variables named like secrets are not in the kernel's environment, and their values are in nothing that is written."""
    monkeypatch.setenv("AIRFLOW_CONN_TRADE_DASHBOARD_API_CONN", "http://u:canary-1@host")
    monkeypatch.setenv("BROKER_TOKEN", "canary-2")
    record = go(place, "import os\nraise ValueError([v for v in os.environ.values() if 'can' 'ary' in v])")
    assert record.status == "failed"
    _, folder = published(place)
    for path in folder.rglob("*"):
        if path.is_file():
            assert b"canary" not in path.read_bytes(), path.name


def test_scraps_become_kpis(place):
    """What a notebook glues is in the record, by name, with its unit."""
    record = go(
        place, "from trade_dashboard.present import glue\nimport numpy as np\nglue('day_pnl', np.float64(-1.5), 'USD')"
    )
    assert record.kpis == {"day_pnl": {"value": -1.5, "unit": "USD"}}
    told = json.loads((published(place)[1] / "run.json").read_text())
    assert told["kpis"] == record.kpis
    assert told["run_id"] == record.run_id


def test_a_full_disk_is_a_failure_with_its_reason(place):
    """Outputs that cannot be written end the run with the reason, and no traceback."""
    place.outputs.parent.mkdir(exist_ok=True)
    place.outputs.write_text("a file where the folder should be")
    record = go(place, FINE)
    assert (record.status, record.exit_code) == ("failed", 1)
    assert "cannot be written" in record.reason


def command(place, *words):
    return [
        sys.executable, "-m", "trade_dashboard", "--store", str(place.store), "--outputs", str(place.outputs),
        "--notebooks", str(place.notebooks), *words,
    ]  # fmt: skip


def start(place, *cells):
    """Start the command line on a toy, and wait until its first cell has run."""
    toy(place.notebooks, *cells)
    process = subprocess.Popen(
        command(place, "run", "toy", "--date", "2025-06-30"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    folder = place.outputs / "toy" / "2025-06-30"
    while not list(folder.glob(".run-*/ready")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process, folder


READY = "import os, pathlib\nkernel = os.getpid()\npathlib.Path('ready').write_text(str(kernel))"
LONG = "import time\ntime.sleep(60)"


def gone(pid, seconds=10.0):
    """Tell whether a process ends in time; a zombie has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_prompt_recorded_and_leaves_the_old_page(place, signum):
    """A signal ends the run in under five seconds with 128 + N, the kernel with it, and the page is the old one."""
    go(place, FINE)
    old = (published(place)[1] / "report.html").read_bytes()
    process, folder = start(place, READY, "print('before')", LONG)
    kernel = int(next(folder.glob(".run-*/ready")).read_text())
    begun = time.monotonic()
    process.send_signal(signum)
    out, _ = process.communicate(timeout=20)
    assert time.monotonic() - begun < 5
    assert process.returncode == 128 + signum
    said = json.loads(out.splitlines()[-1])
    assert (said["status"], said["runs"][0]["status"]) == ("stopped", "stopped")
    assert gone(kernel)
    assert (folder / "report.html").read_bytes() == old
    assert json.loads((folder / "failure.json").read_text())["status"] == "stopped"
    assert not list(folder.glob(".run-*"))
    nbformat.read(folder / "failure.ipynb", as_version=4)


def test_a_killed_run_leaves_the_old_page_and_no_kernel_and_the_next_run_clears_up(place):
    """SIGKILL at any time: the old page is there, whole; the kernel ends by itself; the next run sweeps the remains."""
    go(place, FINE)
    old = (published(place)[1] / "report.html").read_bytes()
    process, folder = start(place, READY, LONG)
    kernel = int(next(folder.glob(".run-*/ready")).read_text())
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert (folder / "report.html").read_bytes() == old
    assert gone(kernel)
    left = list(folder.glob(".run-*"))
    assert len(left) == 1
    assert json.loads((left[0] / "run.json").read_text())["status"] == "running"
    assert go(place, FINE).status == "done"
    assert not list(folder.glob(".run-*"))
