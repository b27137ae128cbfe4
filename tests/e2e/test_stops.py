"""`docker stop`, at any moment: in time, recorded, and the old page stays."""

import signal
import time

import pytest

pytestmark = pytest.mark.docker

SECONDS = 5
PUBLIC = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--tmpfs=/tmp")
# tells the container's stderr that the cell is reached
HERE = "open('/proc/1/fd/2', 'w').write('here' + chr(10))\n"
SLEEPS = "import time\ntime.sleep(120)"
COUNTS = "import numpy as np\na = np.random.rand(9000, 9000)\n" + HERE + "b = a @ a @ a @ a @ a @ a @ a @ a"
ASKS = (
    "import duckdb\n"
    + HERE
    + "duckdb.sql('select sum(a.range * b.range) from range(10000000) a, range(10000000) b').fetchall()"
)
SILENT = """
import socket, time
doors = [socket.create_server(("", port), backlog=50) for port in (8000, 8001, 8002)]
print("listening", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize(
    ("do", "signum"),
    [(HERE + SLEEPS, signal.SIGTERM), (HERE + SLEEPS, signal.SIGINT), (COUNTS, signal.SIGTERM), (ASKS, signal.SIGTERM)],
    ids=["asleep", "asleep, SIGINT", "in numpy", "in duckdb"],
)
def test_a_run_stops_whatever_its_cell_does(house, do, signum):
    """128 + N in time, recorded as stopped beside the old page, and nothing at work is left."""
    before = house.page
    with house.engine.container("--stop-signal", signum.name, *house.words(do)) as container:
        container.wait_for("here")
        assert len(container.processes()) > 1, "the kernel is at work"
        seconds = container.stop()
        ended = container.logs()
    assert (ended.code, ended.last_line["runs"][0]["status"]) == (128 + signum, "stopped"), ended.err
    assert seconds < SECONDS
    assert (house.failure["status"], house.remains) == ("stopped", [])
    assert house.page == before


@pytest.mark.parametrize("wait", [0.0, 0.1, 0.3])
def test_a_stop_is_heard_from_the_first_moment(house, wait):
    """Process 1 ignores a signal that it does not listen for yet: none is lost before it does."""
    with house.engine.container(*house.words(SLEEPS)) as container:
        time.sleep(wait)
        seconds = container.stop()
        ended = container.logs()
    assert (ended.code, ended.last_line["status"]) == (143, "stopped"), ended.err
    assert seconds < SECONDS


def test_a_stop_while_the_page_is_made(house):
    """Making the page of a great notebook is given up, and what was published before stays."""
    before = house.page
    great = "from IPython.display import HTML\nfor n in range(40):\n    display(HTML('<i>x</i>' * 20_000))"
    with house.engine.container(*house.words(great)) as container:
        wait_for_the_last_cell(house)
        seconds = container.stop()
        ended = container.logs()
    assert (ended.code, ended.last_line["runs"][0]["status"]) == (143, "stopped"), ended.err
    assert seconds < SECONDS
    assert (house.failure["status"], house.remains) == ("stopped", [])
    assert b"<i>x</i>" not in (house.outputs / house.folder / "failure.html").read_bytes()
    assert house.page == before


def wait_for_the_last_cell(house):
    """Wait until papermill has written, at the end of the notebook, when it was through with it: the page comes next."""
    until = time.monotonic() + 120
    while not any(b'"end_time": "' in path.read_bytes()[-2000:] for path in at_work(house)):
        assert time.monotonic() < until
        time.sleep(0.05)


def at_work(house):
    return (house.outputs / house.folder).glob(".run-*/report.ipynb")


@pytest.fixture(scope="module")
def silence(engine):
    """A network on which the three services take every connection and never answer."""
    network = f"{engine.store}-network"
    engine.docker("network", "create", network)
    names = ("market-analysis", "trade-manager", "trade-discovery")
    aliases = [word for name in names for word in ("--network-alias", name)]
    words = ("--network", network, *aliases, "--entrypoint", "python", engine.image, "-c", SILENT)
    try:
        with engine.container(*words) as services:
            services.wait_for("listening")
            yield network
    finally:
        engine.docker("network", "rm", network)


def test_an_ingest_stops_though_a_service_never_answers(engine, silence):
    """Nobody waits for the service: 143 in time, and the last line says so."""
    words = ("--network", silence, *PUBLIC, engine.image, "ingest", "services")
    with engine.container(*words) as container:
        container.wait_for("fetching")
        time.sleep(1)
        seconds = container.stop()
        ended = container.logs()
    assert (ended.code, ended.last_line["status"]) == (143, "stopped"), ended.err
    assert seconds < SECONDS
