"""What the end-to-end tests stand on: an engine, the image, and volumes that hold the sample.

TRADE_DASHBOARD_IMAGE     the image under test (trade-dashboard:latest)
TRADE_DASHBOARD_AIRFLOWS  the Airflows under test (.venv-airflow-hub/bin/airflow .venv-airflow/bin/airflow)
TRADE_DASHBOARD_NO_SKIP   set: what is missing fails instead of being skipped
"""

import json
import os
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
from needs import missing

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
class Engine:
    """A Docker engine with the image under test, and the volumes of one test session."""

    image: str
    store: str
    outputs: str
    exports: str

    def options(self, outputs: str | Path = "") -> tuple[str, ...]:
        """As little as a run needs, and where its data is."""
        return (*HARDENED, "-v", f"{self.store}:/data/store", "-v", f"{outputs or self.outputs}:/data/outputs")

    def command(self, *words: str) -> Result:
        """Run the command line of the image with as little as it needs."""
        return docker("run", "--rm", *self.options(), self.image, *words)

    def output(self, path: str) -> str | None:
        """Read a file below /data/outputs; None if there is none."""
        words = ("--entrypoint", "cat", self.image, f"/data/outputs/{path}")
        found = docker("run", "--rm", *self.options(), *words)
        return found.out if found.code == 0 else None

    docker = staticmethod(docker)


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
