"""A real Airflow runs the nightly DAG: its scheduler, its executor, its Docker operator, our image.

One server is started for all, with two runs: the evening of a session as cron or a backfill would have it, and a holiday
given by hand to a run without a logical date. A third is killed while its report runs.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = [pytest.mark.docker, pytest.mark.airflow]

DAG = "/api/v2/dags/trade_dashboard_nightly"
POOL = "project_trade_dashboard_pool"
PAGE = "nightly_summary/2025-06-30/report.html"
EVENING = {"logical_date": "2025-06-30T21:30:00Z"}
KILLED = {"logical_date": "2025-06-27T21:30:00Z"}
HOLIDAY = {"logical_date": None, "conf": {"run_date": "2025-07-04"}}


class Server:
    """A running Airflow, spoken to as its users do."""

    def __init__(self, port: int, home: Path) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.home = home
        self.token = ""
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(self, method: str, path: str, body: dict | None = None) -> dict:
        request = urllib.request.Request(self.address + path, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with self.opener.open(request, timeout=30) as answer:
            return json.load(answer)

    def wait(self, what: str, ready, seconds: float) -> dict:
        """Ask until an answer is what we wait for."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                answer = ready()
                if answer:
                    return answer
            time.sleep(0.5)
        pytest.fail(f"no {what} in {seconds} s; Airflow says:\n{self.said()}")

    def said(self) -> str:
        logs = [self.home / "standalone.log", *sorted(self.home.glob("logs/dag_id=*/**/*.log"))]
        return "\n".join(f"--- {log.name}\n{log.read_text()[-2500:]}" for log in logs if log.exists())

    def start_run(self, body: dict) -> str:
        return urllib.parse.quote(self.ask("POST", f"{DAG}/dagRuns", body)["dag_run_id"])

    def finish_run(self, run_id: str) -> "Night":
        def finished():
            run = self.ask("GET", f"{DAG}/dagRuns/{run_id}")
            return run if run["state"] in {"success", "failed"} else None

        state = self.wait("end of the run", finished, 240)["state"]
        tasks = self.ask("GET", f"{DAG}/dagRuns/{run_id}/taskInstances")["task_instances"]
        states = {task["task_id"]: task["state"] for task in tasks}
        xcom = {task: {key: self.xcom(run_id, task, key) for key in ("result", "return_value")} for task in states}
        return Night(state, states, xcom)

    def xcom(self, run_id: str, task: str, key: str):
        path = f"{DAG}/dagRuns/{run_id}/taskInstances/{task}/xcomEntries/{key}?stringify=false"
        try:
            return self.ask("GET", path)["value"]
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise


@dataclass(frozen=True)
class Night:
    """How one run of the DAG ended."""

    state: str
    tasks: dict[str, str]
    xcom: dict[str, dict]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(airflow, dags, engine, home, port) -> dict[str, str]:
    """Configure an Airflow of its own: sqlite, no examples, nothing scheduled but what a test asks for."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "TRADE_DASHBOARD"))
    }
    return inherited | {
        "PATH": f"{airflow.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW_VAR_TRADE_DASHBOARD_IMAGE": engine.image,
        "TRADE_DASHBOARD_NETWORK": "none",
        "TRADE_DASHBOARD_STORE_VOLUME": engine.store,
        "TRADE_DASHBOARD_OUTPUTS_VOLUME": engine.outputs,
        "TRADE_DASHBOARD_EXPORTS_VOLUME": engine.exports,
    }


@pytest.fixture(scope="module")
def server(airflow, dags, engine, tmp_path_factory):
    """Airflow from nothing to a parsed DAG and the project's pool; all its processes end with the tests."""
    home, port = tmp_path_factory.mktemp("airflow"), free_port()
    server = Server(port, home)
    with (home / "standalone.log").open("w") as log:
        process = subprocess.Popen(
            [airflow, "standalone"],
            env=environment(airflow, dags, engine, home, port),
            cwd=home,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        server.token = server.wait("server", lambda: server.ask("GET", "/auth/token"), 180)["access_token"]
        server.ask("POST", "/api/v2/pools", {"name": POOL, "slots": 1})
        server.wait("parsed DAG", lambda: server.ask("GET", DAG), 120)
        yield server
    finally:
        end(process)


def end(process: subprocess.Popen) -> None:
    """Ask all processes of the server to end, then see to it."""
    os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


@pytest.fixture(scope="module")
def nights(server):
    """Both runs, asked for at once; the DAG takes them one after the other."""
    runs = {"session": server.start_run(EVENING), "holiday": server.start_run(HOLIDAY)}
    return {name: server.finish_run(run_id) for name, run_id in runs.items()}


def test_a_session_succeeds(nights, server):
    """Records come in, then the report is made."""
    assert nights["session"].tasks == {"ingest": "success", "nightly_summary": "success"}, server.said()
    assert nights["session"].state == "success"


def test_the_result_is_a_value_for_other_tasks(nights):
    """XCom `result` is what the command line said last, as a dict, with every KPI and its unit."""
    said = nights["session"].xcom["nightly_summary"]["result"]
    assert (said["status"], said["run_date"]) == ("done", "2025-06-30")
    (run,) = said["runs"]
    assert run["report"] == "nightly_summary"
    assert all({"value", "unit"} <= set(kpi) for kpi in run["kpis"].values())
    assert run["kpis"]["equity"]["value"] > 0


def test_the_operators_own_text_ends_in_the_same_json(nights):
    """Whoever reads the operator's XCom takes its last line that is not empty."""
    for xcom in nights["session"].xcom.values():
        assert json.loads(xcom["return_value"].rstrip().split("\n")[-1]) == xcom["result"]


def test_ingest_says_what_came_in(nights):
    """The same promise for the task before."""
    assert nights["session"].xcom["ingest"]["result"]["status"] == "done"


def test_the_page_is_published_with_its_kpis(nights, engine):
    """What XCom says is what the record beside the page says, and the page is there."""
    (run,) = nights["session"].xcom["nightly_summary"]["result"]["runs"]
    record = json.loads(engine.output("nightly_summary/2025-06-30/run.json"))
    assert run["page"] == f"/data/outputs/{PAGE}"
    assert record["kpis"] == run["kpis"]
    assert engine.output(PAGE).startswith("<!DOCTYPE html>")


def test_a_holiday_is_skipped(nights, engine):
    """Late records may still come in, but there is no report: no failure, no retries, no page and nothing in its XCom."""
    night = nights["holiday"]
    assert night.tasks == {"ingest": "success", "nightly_summary": "skipped"}
    assert night.state == "success"
    assert set(night.xcom["nightly_summary"].values()) == {None}
    assert engine.output("nightly_summary/2025-07-04/report.html") is None


def test_a_killed_task_stops_its_container(nights, server, engine):
    """Marked as failed while it runs: the report is asked to stop, publishes nothing, and its container goes."""
    assert nights
    run_id = server.start_run(KILLED)

    def at_work():
        return engine.docker("ps", "--all", "--quiet", "--filter", f"volume={engine.outputs}").out.strip()

    container = server.wait("container", at_work, 120)
    with subprocess.Popen(["docker", "wait", container], stdout=subprocess.PIPE, text=True) as waiting:
        server.ask("PATCH", f"{DAG}/dagRuns/{run_id}", {"state": "failed"})
        code = waiting.communicate(timeout=60)[0].strip()
    assert code == "143"
    server.wait("removal of the container", lambda: not at_work(), 30)
    assert engine.output("nightly_summary/2025-06-27/report.html") is None


def test_no_container_is_left(nights, engine):
    """Every container of the DAG is removed, also those of skipped tasks."""
    assert nights
    left = engine.docker("ps", "--all", "--quiet", "--filter", f"volume={engine.store}").out
    assert left == ""
