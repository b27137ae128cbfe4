"""A hub: a real Airflow of its own, with our DAGs, spoken to as its users do."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

POOL = "project_trade_dashboard_pool"
OVER = ("success", "failed")


@dataclass(frozen=True)
class Night:
    """How one run of a DAG ended: its state, and of each task, by name and place, state, tries, XCom and what it is called."""

    state: str
    tasks: dict[str, str]
    tries: dict[str, int]
    xcom: dict[str, object] = field(repr=False)
    called: dict[str, str | None]


class Hub:
    """A running Airflow."""

    def __init__(self, home: Path, version: str) -> None:
        self.home, self.version = home, version
        self.port = free_port()
        self.token = ""
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, method: str, path: str, body: dict | None = None) -> dict:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with self.opener.open(request, timeout=30) as answer:
            return json.loads(answer.read() or b"{}")

    def wait(self, what: str, ready, seconds: float):
        """Ask until an answer is what we wait for."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                answer = ready()
                if answer:
                    return answer
            time.sleep(0.3)
        pytest.fail(f"no {what} in {seconds} s; Airflow {self.version} says:\n{self.said()}")

    def said(self) -> str:
        logs = [self.home / "standalone.log", *sorted(self.home.glob("logs/dag_id=*/**/*.log"))[-6:]]
        return "\n".join(f"--- {log.name}\n{log.read_text()[-2500:]}" for log in logs if log.exists())

    def set(self, name: str, value: str) -> None:
        """Set one of our Variables."""
        body = {"key": f"trade_dashboard_{name}", "value": value}
        try:
            self.ask("POST", "/api/v2/variables", body)
        except urllib.error.HTTPError:
            self.ask("PATCH", f"/api/v2/variables/{body['key']}", body)

    def start(self, dag: str, logical_date: str | None = None, **conf: object) -> tuple[str, str]:
        body = {"logical_date": logical_date, "conf": conf}
        path = f"/api/v2/dags/trade_dashboard_{dag}/dagRuns"
        return path, urllib.parse.quote(self.ask("POST", path, body)["dag_run_id"])

    def finish(self, run: tuple[str, str], seconds: float = 300) -> Night:
        path = "/".join(run)

        def over():
            found = self.ask("GET", path)
            return found if found["state"] in OVER else None

        state = self.wait(f"end of {path}", over, seconds)["state"]
        found = self.ask("GET", f"{path}/taskInstances")["task_instances"]
        names = {f"{one['task_id']}{'' if one['map_index'] < 0 else one['map_index']}": one for one in found}
        return Night(
            state,
            {name: one["state"] for name, one in names.items()},
            {name: one["try_number"] for name, one in names.items()},
            {name: self._xcom(path, one) for name, one in names.items()},
            {name: one.get("rendered_map_index") for name, one in names.items()},
        )

    def run(self, dag: str, logical_date: str | None = None, **conf: object) -> Night:
        return self.finish(self.start(dag, logical_date, **conf))

    def _xcom(self, path: str, one: dict) -> object:
        where = f"{path}/taskInstances/{one['task_id']}/xcomEntries/return_value"
        try:
            return self.ask("GET", f"{where}?map_index={one['map_index']}&stringify=false&deserialize=false")["value"]
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(hub: Hub, airflow: Path, dags: Path) -> dict[str, str]:
    """Configure an Airflow of its own: sqlite, no examples, nothing due but what a test asks for."""
    ours = ("AIRFLOW", "TRADE_DASHBOARD")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    by_hand = dict.fromkeys((f"TRADE_DASHBOARD_{what}_AT" for what in ("NIGHTLY", "WEEKLY", "ALERTS")), "")
    return (
        inherited
        | {
            "PATH": f"{airflow.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "AIRFLOW_HOME": str(hub.home),
            "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{hub.port}",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(hub.port),
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{hub.port}/execution/",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__PARALLELISM": "3",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
            "TRADE_DASHBOARD_RETRY_SECONDS": "2",
            "TRADE_DASHBOARD_INGEST_AT": "15 17 30 6 *",
        }
        | by_hand
    )


@contextlib.contextmanager
def running(airflow: Path, dags: Path, home: Path):
    """Give an Airflow from nothing to parsed DAGs and the project's pool; all its processes end with the block."""
    version = subprocess.run([airflow, "version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    hub = Hub(home, version)
    shutil.copytree(dags, home / "dags")
    with (home / "standalone.log").open("w") as log:
        process = subprocess.Popen(
            [airflow, "standalone"],
            env=environment(hub, airflow, home / "dags"),
            cwd=home, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        hub.token = hub.wait("server", lambda: token(hub), 180)
        hub.ask("POST", "/api/v2/pools", {"name": POOL, "slots": 3})
        hub.wait("parsed DAGs", lambda: len(hub.ask("GET", "/api/v2/dags?tags=trade-dashboard")["dags"]) == 5, 120)
        yield hub
    finally:
        end(process)


def token(hub: Hub) -> str:
    return hub.ask("GET", "/auth/token")["access_token"]


def end(process: subprocess.Popen) -> None:
    """Ask all processes of the server to end, then see to it."""
    os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
