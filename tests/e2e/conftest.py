"""What the end-to-end tests stand on: an engine, the image, and volumes that hold the sample.

TRADE_DASHBOARD_IMAGE     the image under test (trade-dashboard:latest)
TRADE_DASHBOARD_AIRFLOWS  the Airflows under test (.venv-airflow-hub/bin/airflow .venv-airflow/bin/airflow)
TRADE_DASHBOARD_NO_SKIP   set: what is missing fails instead of being skipped
"""

import http.client
import json
import os
import socket
import struct
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from needs import missing, needs
from toys import toy

# read before any test can change them
IMAGE = os.environ.get("TRADE_DASHBOARD_IMAGE", "trade-dashboard:latest")
NO_SKIP = bool(os.environ.get("TRADE_DASHBOARD_NO_SKIP"))
HARDENED = ("--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--tmpfs=/tmp")


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def last_line(self) -> dict:
        """The JSON object on the last line of stdout."""
        return json.loads(self.out.rstrip("\n").split("\n")[-1])


def docker(*words: str, seconds: float = 180) -> Result:
    ended = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=seconds, check=False)
    return Result(ended.returncode, ended.stdout, ended.stderr)


@dataclass(frozen=True)
class Container:
    """One that was made, and is gone after the test."""

    name: str

    def wait_for(self, what: str, seconds: float = 60) -> None:
        """Wait until it says something."""
        until = time.monotonic() + seconds
        while what not in (said := self.logs().out + self.logs().err):
            assert time.monotonic() < until, f"no {what!r} in {seconds} s: {said}"
            time.sleep(0.1)

    def stop(self) -> float:
        """Ask it to stop, with more patience than it may need; gives the seconds that it took."""
        asked = time.monotonic()
        docker("stop", "-t", "30", self.name)
        return time.monotonic() - asked

    def logs(self) -> Result:
        """All it said so far, and the code it ended with; 0 while it runs."""
        code = docker("inspect", "--format", "{{.State.ExitCode}}", self.name).out
        said = docker("logs", self.name)
        return Result(int(code), said.out, said.err)

    def processes(self) -> list[str]:
        """Name what runs in it."""
        return docker("top", self.name, "-o", "pid,args").out.splitlines()[1:]

    def attached(self) -> list[tuple[int, bytes]]:
        """Start it, and read what an attached client gets: pieces of stdout (1) and stderr (2), as they come."""
        host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
        needs(host.startswith("unix://"), f"only an engine behind a unix socket can be attached to, not {host}")
        client = http.client.HTTPConnection("engine")
        client.sock = socket.socket(socket.AF_UNIX)
        client.sock.connect(host.removeprefix("unix://"))
        client.request("POST", f"/containers/{self.name}/attach?stdout=1&stderr=1&stream=1&logs=1")
        answer = client.getresponse()
        docker("start", self.name)
        pieces = []
        while head := answer.read(8):
            stream, size = struct.unpack(">BxxxL", head)
            pieces.append((stream, answer.read(size)))
        client.close()
        return pieces


@dataclass(frozen=True)
class Engine:
    """A Docker engine with the image under test, and the volumes of one test session."""

    image: str
    store: str
    outputs: str
    exports: str

    def options(self, outputs: str | Path = "", store: str = "") -> tuple[str, ...]:
        """As little as a run needs, and where its data is."""
        mounts = (f"{store or self.store}:/data/store", f"{outputs or self.outputs}:/data/outputs")
        return (*HARDENED, *(word for mount in mounts for word in ("-v", mount)))

    def command(self, *words: str) -> Result:
        """Run the command line of the image with as little as it needs."""
        return docker("run", "--rm", *self.options(), self.image, *words)

    def output(self, path: str) -> str | None:
        """Read a file below /data/outputs; None if there is none."""
        words = ("--entrypoint", "cat", self.image, f"/data/outputs/{path}")
        found = docker("run", "--rm", *self.options(), *words)
        return found.out if found.code == 0 else None

    @contextmanager
    def container(self, *words: str, verb: str = "run --detach") -> Iterator[Container]:
        """Make a container and take it away afterwards; the words are options, image and command."""
        name = f"trade-dashboard-e2e-{uuid.uuid4().hex[:8]}"
        try:
            made = docker(*verb.split(), "--name", name, *words)
            assert made.code == 0, made.err
            yield Container(name)
        finally:
            docker("rm", "--force", "--volumes", name)

    @contextmanager
    def small_disk(self, size: str) -> Iterator[str]:
        """Make a volume of a size that is never met; it keeps what is in it as long as a container has it."""
        name = f"trade-dashboard-e2e-{uuid.uuid4().hex[:8]}"
        options = ("type=tmpfs", "device=tmpfs", f"o=size={size},uid=10001,gid=10001")
        docker("volume", "create", *(word for option in options for word in ("--opt", option)), name)
        try:
            with self.container("-v", f"{name}:/held", "--entrypoint", "sleep", self.image, "600"):
                yield name
        finally:
            docker("volume", "rm", "--force", name)

    docker = staticmethod(docker)


WELL = "print('all is well')"


@dataclass(frozen=True)
class House:
    """One report that does what it is told, its page of a first run that went well, and outputs that the test can read."""

    engine: Engine
    notebooks: Path
    outputs: Path
    owner: str

    well = WELL
    folder = "toy/2025-06-30"
    command = ("run", "toy", "--date", "2025-06-30")

    def options(self, outputs: str | Path = "", user: str = "") -> tuple[str, ...]:
        mounts = (f"{self.notebooks}:/notebooks:ro", f"{outputs or self.outputs}:/data/outputs")
        return (*HARDENED, "--user", user or self.owner, *(word for mount in mounts for word in ("-v", mount)))

    def words(self, do: str, *options: str, outputs: str | Path = "", user: str = "") -> tuple[str, ...]:
        """What follows `docker run` to have the report do something."""
        return (*self.options(outputs, user), *options, self.engine.image, *self.command, "-p", f"do={do}")

    def run(self, do: str, *options: str, outputs: str | Path = "", user: str = "") -> Result:
        return docker("run", "--rm", *self.words(do, *options, outputs=outputs, user=user))

    @property
    def page(self) -> bytes:
        """The page of the last success."""
        return (self.outputs / self.folder / "report.html").read_bytes()

    @property
    def failure(self) -> dict:
        """The record of the newest run, where that failed."""
        return json.loads((self.outputs / self.folder / "failure.json").read_text())

    @property
    def remains(self) -> list[str]:
        """What runs left at work."""
        return [path.name for path in (self.outputs / self.folder).glob(".run-*")]


def owned(folder: Path) -> str:
    """Give a folder to a user that the container can be; who runs the tests as root gives it to the image's own."""
    owner = os.getuid() or 10001
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    os.chown(folder, owner, os.getgid() or 10001)
    return f"{owner}:{os.getgid() or 10001}"


@pytest.fixture(scope="session")
def house(engine, tmp_path_factory):
    """A house whose report went well once."""
    folder = tmp_path_factory.mktemp("house")
    parameters = 'run_date: str = "2025-06-30"  # session\ndo: str = "pass"  # Python'
    toy(folder / "notebooks", "exec(do)", parameters=parameters)
    house = House(engine, folder / "notebooks", folder / "outputs", owned(folder / "outputs"))
    done = house.run(WELL)
    assert done.code == 0, done.err
    return house


@pytest.fixture(scope="session")
def engine():
    """An engine with the image; its volumes are new, and gone afterwards."""
    try:
        answer = docker("version", "--format", "{{.Server.Version}}", seconds=30)
    except FileNotFoundError:
        missing("there is no docker command. Try: make e2e")
    if answer.code != 0:
        missing(f"no Docker engine answers: {answer.err.strip()}. Try: make e2e")
    if docker("image", "inspect", IMAGE).code != 0:
        missing(f"image {IMAGE} is not there. Try: make image")
    name = f"trade-dashboard-e2e-{uuid.uuid4().hex[:8]}"
    engine = Engine(IMAGE, f"{name}-store", f"{name}-outputs", f"{name}-exports")
    yield engine
    docker("volume", "rm", "--force", engine.store, engine.outputs, engine.exports)


@pytest.fixture(scope="session")
def ingested(engine):
    """The whole sample, brought into the store once."""
    return engine.command("ingest", "sample")


@pytest.fixture(scope="session")
def dags():
    """The folder that mirrors the hub's."""
    return Path(__file__).parents[2] / "airflow-hub" / "dags"
