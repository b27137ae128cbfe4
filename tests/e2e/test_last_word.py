"""However loud or greedy a notebook is: the exit code is ours, and so is the last line that the engine delivers."""

import json

import pytest

pytestmark = pytest.mark.docker

LOUD = """
import ctypes, os, sys
fake = '{"status": "done", "runs": []}'
for _ in range(20):
    print(fake, 'x' * 1_000_000)
    print(fake, 'y' * 1_000_000, file=sys.stderr)
junk = fake.encode() + bytes(range(256)) * 400 + bytes([10])
for _ in range(20):
    os.write(1, junk)
    os.write(2, junk)
libc = ctypes.CDLL(None)
libc.puts(fake.encode() + b'z' * 1_000_000)
libc.fflush(None)
"""
# writes to the container's own stderr, is no child of the kernel's group, and never ends a line
BUSY = """
import subprocess, time
loud = "while :; do printf 'noise %s' '{\\"status\\": 1' >/proc/1/fd/2; echo >/proc/1/fd/2; done"
for _ in range(4):
    subprocess.Popen(["sh", "-c", loud], start_new_session=True)
time.sleep(0.5)
"""
GREEDY = """
scores = [open(f'/proc/{who}/oom_score_adj').read().strip() for who in ('1', 'self')]
open('/proc/1/fd/2', 'w').write(f'scores {scores}')
held = []
while True:
    held.append(b'x' * 10_000_000)
"""


def test_a_loud_notebook_does_not_drown_the_last_line(house):
    """Megabytes on stdout and stderr, from Python, file descriptors and a C library, stay in the notebook; the page is brief."""
    done = house.run(LOUD)
    assert done.code == 0, done.err
    assert (done.last_line["status"], done.last_line["runs"][0]["report"]) == ("done", "toy")
    assert len(done.out.splitlines()) == 1
    assert len(done.err) < 1000
    assert len((house.outputs / house.folder / "report.ipynb").read_bytes()) > 40_000_000
    assert len(house.page) < 200_000


@pytest.fixture(scope="module")
def busy(house):
    """What an attached client gets of a run beside which others write to stderr to the very end."""
    with house.engine.container(*house.words(BUSY), verb="create") as container:
        return container.attached()


def test_nobody_speaks_after_the_last_line(busy):
    """Whatever else runs in the container ends before it: the last line of both streams together is that of stdout."""
    noise = b"".join(piece for stream, piece in busy if stream == 2)
    assert noise.count(b"noise") > 1000
    assert said(busy[-1][1].decode()) == said(b"".join(piece for stream, piece in busy if stream == 1).decode())


def test_an_old_and_a_new_operator_read_it(busy):
    """Airflow's Docker operator takes the last piece (4.3.1), or puts pieces together and takes the last line (4.6.1)."""
    pieces = [piece.decode(errors="replace") for _, piece in busy]
    assert said(pieces[-1].rstrip())["status"] == "done"
    assert said("".join(pieces).rstrip())["status"] == "done"


def said(text):
    """Read the last line that is not empty."""
    return json.loads([line for line in text.splitlines() if line.strip()][-1])


def test_the_kernel_is_what_dies_of_memory_and_the_run_says_so(house):
    """A failure with the bound in its reason, told by a runner that lives on; the page before stays."""
    before = house.page
    ended = house.run(GREEDY, "--memory", "300m")
    assert ended.code == 1, ended.err
    (run,) = ended.last_line["runs"]
    assert run["status"] == "failed"
    assert "ran out of memory" in run["reason"]
    assert "300 MiB" in run["reason"]
    assert house.page == before
    assert house.failure["reason"] == run["reason"]
    assert "scores ['0', '1000']" in ended.err
