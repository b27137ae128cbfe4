"""A forked kernel is what an ordinary one is, shares nothing with another, and ends with whoever asked for it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook
from nightly import nightly
from test_runs import FINE, LONG, READY, go, gone, place, start
from toys import toy

from trade_dashboard.runs import nursery as nurseries
from trade_dashboard.runs.kernel import kernel_manager
from trade_dashboard.runs.nursery import nursery, order

__all__ = ["place"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux alone")


def children(pid):
    """Process ids of a process' children, zombies too."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def cradle_of(pid):
    """Process id of the cradle that a process started."""
    (found,) = [one for one in children(pid) if b"trade_dashboard.cradle" in Path(f"/proc/{one}/cmdline").read_bytes()]
    return found


@pytest.fixture(scope="module")
def cradle():
    """A nursery for all tests of this file that kill nothing but kernels; gives the cradle's process id."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BROKER_TOKEN", "canary-of-the-runner")
        with nursery():
            yield cradle_of(os.getpid())


def said(tmp_path, *cells, environment=None, **options):
    """Run cells in one kernel; give what each printed."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    manager = kernel_manager(environment or {}, tmp_path / "kernel.log")
    NotebookClient(notebook, kernel_name="python3", kernel_manager_class=manager, **options).execute(cwd=str(tmp_path))
    return [
        "".join(one.get("text", "") for one in cell.outputs if one.output_type == "stream") for cell in notebook.cells
    ]


FORKED = "import os; print(b'trade_dashboard.cradle' in open(f'/proc/{os.getppid()}/cmdline', 'rb').read())"

LOOK = """
import hashlib, json, os, sys, warnings
import matplotlib, matplotlib.pyplot as plt
mask = os.umask(0); os.umask(mask)
not_ours = 'JPY_PARENT_PID', 'PYDEVD_USE_FRAME_EVAL'  # of the watch for the parent, and of the debugger
environment = {name: value for name, value in os.environ.items() if name not in not_ours}
print(json.dumps({
    'environment': environment, 'cwd': os.getcwd(), 'umask': mask, 'path': sys.path, 'main': __name__,
    'group': os.getpgid(0) == os.getpid(), 'filters': [str(one) for one in warnings.filters if '__main__' in str(one)],
    'rc': hashlib.sha256(str(sorted(matplotlib.rcParams.items())).encode()).hexdigest(),
    'backend': matplotlib.get_backend(), 'interactive': matplotlib.is_interactive(),
    'stdin': sys.stdin.fileno() if hasattr(sys.stdin, 'fileno') else None,
}))
"""
DRAW = "plt.plot([1, 3, 2]);"


def look(tmp_path, monkeypatch):
    monkeypatch.setenv("SOME_VARIABLE", "some value")
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in (FORKED, LOOK, DRAW, "In[-1], _i1")])
    manager = kernel_manager({"GIVEN": "1"}, tmp_path / "kernel.log")
    before = os.umask(0o027)
    try:
        NotebookClient(notebook, kernel_name="python3", kernel_manager_class=manager).execute(cwd=str(tmp_path))
    finally:
        os.umask(before)
    forked, seen, drawn, typed = ([dict(one) for one in cell.outputs] for cell in notebook.cells)
    return forked[0]["text"].strip() == "True", json.loads(seen[0]["text"]), [one["data"] for one in drawn + typed]


def test_a_forked_kernel_is_what_an_ordinary_one_is(cradle, tmp_path, monkeypatch):
    """Environment, folder, mask, paths, group, warnings, matplotlib's state and figures are those of a started kernel."""
    forked, seen, shown = look(tmp_path, monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(nurseries, "_cradle", None)
        ordinary, expected, drawn = look(tmp_path, monkeypatch)
    assert (forked, ordinary) == (True, False)
    assert seen == expected
    assert seen["environment"]["GIVEN"] == "1"
    assert seen["umask"] == 0o027
    assert seen["group"]
    assert shown == drawn
    assert "image/png" in shown[0]


SPOIL = """
import os, random, sys
import matplotlib, numpy as np
import trade_dashboard.metrics as metrics
drawn = random.random(), np.random.random()
state = [os.getcwd(), os.environ.get('SPOILT'), matplotlib.rcParams['lines.linewidth'], hasattr(metrics, 'spoilt')]
os.chdir('/'); os.environ['SPOILT'] = 'yes'; matplotlib.rcParams['lines.linewidth'] = 99; metrics.spoilt = True
sys.modules['pandas'].spoilt = True
print(*drawn, *state, sep='|')
"""


def test_two_kernels_share_nothing(cradle, tmp_path):
    """What one draws by chance, changes in a module, in matplotlib, in its folder or environment, the next never sees."""
    first, second = (said(tmp_path, SPOIL)[0].strip().split("|") for _ in range(2))
    assert first[0] != second[0], "python's seed"
    assert first[1] != second[1], "numpy's seed"
    assert first[2:] == second[2:] == [str(tmp_path), "None", "1.5", "False"]


def test_no_secret_of_the_runner_is_in_a_kernel_or_in_what_it_was_forked_from(cradle, tmp_path, monkeypatch):
    """Not in its variables, nor in what the kernel of the machine tells of its process; what is given to it is there."""
    monkeypatch.setenv("OTHER_SECRET", "canary-of-later")
    cell = (
        "import os\n"
        "print('canary' in str(os.environ), b'canary' in open('/proc/self/environ', 'rb').read(), os.environ['GIVEN'])"
    )
    assert said(tmp_path, cell, environment={"GIVEN": "key"}) == ["False False key\n"]
    assert b"canary" not in Path(f"/proc/{cradle}/environ").read_bytes()


def test_the_cradle_has_one_thread_and_no_zombie(cradle, tmp_path):
    """A process with threads must not be forked; a kernel that has ended is buried."""
    assert said(tmp_path, FORKED) == ["True\n"]
    assert len(list(Path(f"/proc/{cradle}/task").iterdir())) == 1
    assert children(cradle) == []


def test_the_page_is_the_same(cradle, sample_store, sample_run, tmp_path):
    """A forked kernel makes the bytes that an ordinary one makes."""
    record = nightly(sample_store, tmp_path, "2025-06-30")
    assert record.status == "done", record.reason
    assert record.page_sha256 == sample_run.page_sha256


def test_a_timeout_reaches_the_kernel(cradle, tmp_path):
    """A cell that takes too long is interrupted where it is, and the kernel goes on."""
    cell = "import time\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    print('interrupted')"
    begun = time.monotonic()
    assert said(tmp_path, cell, "print('on')", timeout=1, interrupt_on_timeout=True) == ["interrupted\n", "on\n"]
    assert time.monotonic() - begun < 20


def test_memory_is_bounded(cradle, tmp_path):
    """A kernel that wants more than it may gets a MemoryError, which the notebook can tell of."""
    cells = [
        f"try:\n    taken = bytearray({size})\n    print('yes')\nexcept MemoryError:\n    print('no')"
        for size in (10**8, 10**9)
    ]
    assert said(tmp_path, *cells, environment={"TRADE_DASHBOARD_MEMORY_MB": "500"}) == ["yes\n", "no\n"]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "it was killed, or ran out of memory (SIGKILL)"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "it crashed, or was told to end (SIGSEGV)"),
        ("os._exit(7)", "it left with exit code 7"),
    ],
)
def test_how_a_kernel_died_is_told(cradle, place, cell, reason):
    """The run fails, and says by what."""
    record = go(place, f"import os, signal\n{cell}")
    assert (record.status, record.reason) == ("failed", f"The kernel died: {reason}.")


def test_the_death_of_a_kernel_is_nothing_to_its_sibling(cradle, tmp_path):
    """Two live side by side, one is killed; the other answers."""
    manager = kernel_manager({}, tmp_path / "kernel.log")

    async def both():
        pair = [manager(kernel_name="python3") for _ in range(2)]
        for one in pair:
            await one.start_kernel()
        clients = [one.client() for one in pair]
        for client in clients:
            client.start_channels()
            await client.wait_for_ready(timeout=60)
        os.kill(pair[0].provisioner.pid, signal.SIGKILL)
        await asyncio.wait_for(pair[0].provisioner.wait(), 5)
        answer = await clients[1].execute_interactive("1 + 1", timeout=10, output_hook=lambda _: None)
        alive = [await one.is_alive() for one in pair]
        for client in clients:
            client.stop_channels()
        await pair[1].shutdown_kernel(now=True)
        await pair[0].cleanup_resources()
        return answer["content"]["status"], alive

    assert asyncio.run(both()) == ("ok", [False, True])


def burst(log, number):
    """Order some kernels at once; every fifth runs to its end, nobody waits for the others."""
    lines = []
    for count in range(number):
        argv = ["ipykernel_launcher", "--version"]
        line = order(argv, {"PATH": os.environ["PATH"]}, "/", [log.fileno(), log.fileno()])
        assert int(line.recv(64)) > 0
        if count % 5:
            line.close()
        else:
            lines.append(line)
    codes = [int(line.recv(64)) for line in lines]
    for line in lines:
        line.close()
    return codes


def test_two_hundred_kernels_leave_nothing_behind(cradle, tmp_path):
    """Memory and descriptors of the cradle are what they were, and nobody is left."""

    def held():
        _settled(cradle)
        resident = int(Path(f"/proc/{cradle}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
        return resident, len(list(Path(f"/proc/{cradle}/fd").iterdir()))

    with (tmp_path / "noise").open("w") as log:
        assert burst(log, 20) == [0] * 4
        memory, descriptors = held()
        for _ in range(9):
            assert burst(log, 20) == [0] * 4
    after = held()
    assert after[1] == descriptors
    assert after[0] < memory + 2_000_000


def _settled(cradle):
    """Wait until all are buried, and their descriptors with them."""
    deadline = time.monotonic() + 10
    while children(cradle):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.2)


def test_the_death_of_the_cradle_fails_the_run_and_the_next_kernel_is_ordinary(place, caplog):
    """The run says what happened; the next one ends well, and it is told once why it takes longer."""
    nurseries.tell_once.cache_clear()
    with nursery():
        record = go(place, "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)")
        assert record.status == "failed"
        assert record.reason == "The kernel died: the process that it was forked from was killed."
        assert [go(place, FINE).status for _ in range(2)] == ["done", "done"]
    told = [one.message for one in caplog.records if one.name == nurseries.__name__]
    assert told == [
        "Kernels are started, which takes seconds, and not forked: the process that they are forked from has died."
    ]


def test_where_nothing_can_be_forked_kernels_are_ordinary(place, caplog, monkeypatch):
    """It is told once; no cradle is started."""
    nurseries.tell_once.cache_clear()
    monkeypatch.setattr(nurseries, "_cradle", None)
    monkeypatch.delattr(os, "pidfd_open")
    before = children(os.getpid())
    for _ in range(2):
        with nursery():
            assert not nurseries.is_open()
            assert children(os.getpid()) == before
    assert len(caplog.records) == 1


BROOD = (
    "import os, pathlib, subprocess\n"
    "child = subprocess.Popen(['sleep', '60'])\n"
    "pathlib.Path('brood').write_text(f'{os.getppid()} {child.pid}')\n"
)


def test_the_death_of_the_runner_ends_cradle_kernel_and_what_it_started(place):
    """SIGKILL leaves nobody: all are gone within a second."""
    process, folder = start(place, BROOD + READY, LONG)
    (work,) = folder.glob(".run-*")
    kernel = int((work / "ready").read_text())
    cradle, child = map(int, (work / "brood").read_text().split())
    os.kill(process.pid, signal.SIGKILL)
    begun = time.monotonic()
    process.communicate()
    assert [gone(pid, 1.0) for pid in (cradle, kernel, child)] == [True, True, True]
    assert time.monotonic() - begun < 1.5


def test_what_was_computed_is_saved_while_a_long_cell_runs(place):
    """A few seconds after a cell has ended its output is on disk, and a SIGKILL does not take it away."""
    process, folder = start(place, "print('computed')", READY, LONG)
    (work,) = folder.glob(".run-*")
    saved = work / "report.ipynb"
    deadline = time.monotonic() + 10
    while not (saved.exists() and "computed\\n" in saved.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert "computed\\n" in json.dumps(json.loads(saved.read_text()))


WORKERS = """
import os, signal, sys, time
from datetime import UTC, date, datetime
from pathlib import Path
from trade_dashboard.runs.catalog import catalog
from trade_dashboard.runs.nursery import nursery
from trade_dashboard.runs.plan import Plan
from trade_dashboard.runs.run import run
from trade_dashboard.settings import Settings

folder = Path(sys.argv[1])
place = Settings(notebooks=folder / "notebooks", outputs=folder / "outputs", store=folder / "store")

def one(name):
    plan = Plan(catalog(place.notebooks)[name], date(2025, 6, 30), {}, datetime(2025, 7, 1, tzinfo=UTC))
    return run(plan, place).status

def worker(name):
    pid = os.fork()
    if pid == 0:
        os._exit(0 if one(name) == "done" else 1)
    return pid

with nursery():
    long, first, second = worker("long"), worker("parent"), worker("parent2")
    ready = folder / "outputs" / "long" / "2025-06-30"
    while not list(ready.glob(".run-*/ready")):
        time.sleep(0.05)
    os.kill(long, signal.SIGKILL)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in (long, first, second)]
    print(codes, one("parent"), flush=True)
"""


def test_processes_forked_inside_share_the_nursery_and_take_only_their_own_kernel_with_them(place, tmp_path):
    """Three workers at once; one is killed, and its kernel ends; the others, and the runner after them, end well."""
    toy(place.notebooks, READY, LONG, name="long")
    for name in ("parent", "parent2"):
        toy(place.notebooks, FORKED.replace("print(", "assert ").removesuffix(")"), name=name)
    script = tmp_path / "workers.py"
    script.write_text(WORKERS)
    done = subprocess.run([sys.executable, script, tmp_path], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "[-9, 0, 0] done\n", done.stderr
    (ready,) = (place.outputs / "long" / "2025-06-30").glob(".run-*/ready")
    assert gone(int(ready.read_text()), 1.0)
