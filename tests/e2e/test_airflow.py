"""A real Airflow runs every DAG: its scheduler, its executor, its Docker operator, our image, the services by name.

All of it on both ends of what the hub may be: TRADE_DASHBOARD_AIRFLOWS names the commands. One hub each, its runs asked for at
once where they may, and all the tests look at what they left. Two may run side by side.
"""

import json
import os
import subprocess
import time
import uuid
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from hub import running
from needs import missing
from toys import toy

pytestmark = [pytest.mark.docker, pytest.mark.airflow]

ROOT = Path(__file__).parents[2]
# the one that the hub runs
HUBS_OWN = ".venv-airflow-hub/bin/airflow"
AIRFLOWS = os.environ.get("TRADE_DASHBOARD_AIRFLOWS", f"{HUBS_OWN} .venv-airflow/bin/airflow").split()
NETWORK = "trading_system_net"
NIGHTLY = ("nightly_summary", "risk", "market_overview", "data_quality")
EVENING = "2025-06-30T21:30:00Z"
# as a password may be: what a URI, a shell, a template or HTML would change
CANARY = "c4n4ry/{x}%'&<>"
SECRETS = {"api": f"{CANARY}-api"} | {one: f"{CANARY}-{one}-Ü" for one in ("broker", "notify", "storage")}
STANDS = {"market-analysis": 8000, "trade-discovery": 8002, "messages": 9000}


def docker(*words, **more):
    return subprocess.run(["docker", *words], capture_output=True, text=True, timeout=120, check=True, **more).stdout


@pytest.fixture(scope="module", params=AIRFLOWS, ids=lambda one: Path(one).parts[0].removeprefix(".venv-"))
def airflow(request):
    """The command of an Airflow under test."""
    command = ROOT / request.param
    if not command.exists():
        missing(f"there is no Airflow at {command}. Try: make e2e")
    return command


@pytest.fixture(scope="module")
def network(airflow, engine):
    """The hub's own Airflow is on the network that needs no word; another one, which may run beside it, has its own."""
    if airflow == ROOT / HUBS_OWN:
        if NETWORK not in docker("network", "ls", "--format", "{{.Name}}").split():
            docker("network", "create", NETWORK)
        yield NETWORK
        return
    name = f"{NETWORK}_{uuid.uuid4().hex[:8]}"
    docker("network", "create", name)
    yield name
    docker("network", "rm", name)


@pytest.fixture(scope="module")
def stands(engine, network):
    """Two of the three services and whoever takes messages, each in a container of the hub's network; the third is away."""
    names = {name: f"{name}-{uuid.uuid4().hex[:8]}" for name in STANDS}
    for name, port in STANDS.items():
        docker(
            *("run", "--detach", "--name", names[name], "--network", network, "--network-alias", name),
            *("-v", f"{ROOT / 'tests'}:/tests:ro", "-w", "/tests", "--entrypoint", "python", engine.image),
            *("-m", "servers.stand", name, str(port)),
        )
    yield names
    docker("rm", "--force", *names.values())


def heard(stands, name):
    """Everything that a stand was sent, oldest first."""
    return [json.loads(line) for line in docker("logs", stands[name]).splitlines()]


@pytest.fixture(scope="module")
def images(engine, tmp_path_factory):
    """Our image with another `risk`: one that fails after a page of prints, and one that takes two minutes."""
    cells = {
        "broken": ("print('noise\\n' * 2000)", "raise KeyError('close')"),
        "slow": ("import time; time.sleep(120)",),
    }
    for name, written in cells.items():
        folder = tmp_path_factory.mktemp(name)
        toy(folder, *written, name="risk")
        (folder / "Dockerfile").write_text(f"FROM {engine.image}\nCOPY risk.ipynb /notebooks/risk.ipynb\n")
        words = ("build", "--quiet", "--tag", f"trade-dashboard:{name}", str(folder))
        docker(*words, env=os.environ | {"DOCKER_BUILDKIT": "0"})
    return {name: f"trade-dashboard:{name}" for name in cells}


@pytest.fixture(scope="module")
def hub(airflow, dags, engine, network, stands, tmp_path_factory):
    """A hub set up as its guide says, with a secret in every connection."""
    with running(airflow, dags, tmp_path_factory.mktemp("airflow")) as hub:
        name = f"trade-dashboard-e2e-{uuid.uuid4().hex[:8]}"
        hub.volumes = {one: f"{name}-{one}" for one in ("store", "outputs", "exports", "metrics")}
        for one, volume in hub.volumes.items():
            hub.set(f"{one}_volume", volume)
        if network != NETWORK:
            hub.set("network", network)
        hub.set("image", engine.image)
        hub.set("sources", "sample")
        hub.set("environment", json.dumps({"TRADE_DASHBOARD_LIMIT_HEAT": "0.85"}))
        connections = {
            "api_conn": {"conn_type": "http", "password": SECRETS["api"]},
            "broker_conn": {"conn_type": "generic", "extra": json.dumps({"APCA_API_SECRET_KEY": SECRETS["broker"]})},
            "storage_conn": {
                "conn_type": "generic",
                "extra": json.dumps({"AWS_SECRET_ACCESS_KEY": SECRETS["storage"]}),
            },
            "notify": {
                "conn_type": "generic",
                "password": f"json://trader:{quote(SECRETS['notify'], safe='')}@messages:9000/told",
            },
        }
        for conn, told in connections.items():
            hub.ask("POST", "/api/v2/connections", {"connection_id": f"trade_dashboard_{conn}", **told})
        yield hub
        for volume in hub.volumes.values():
            subprocess.run(["docker", "volume", "rm", "--force", volume], check=False, capture_output=True)


@pytest.fixture(scope="module")
def nights(hub, stands, images):
    """Every DAG, in the order of a hub's life, and how each run ended."""
    nights, told = {}, len(heard(stands, "messages"))

    def messages():
        nonlocal told
        new = heard(stands, "messages")[told:]
        told += len(new)
        return new

    scheduled = "/api/v2/dags/trade_dashboard_ingest/dagRuns?run_type=scheduled&state=success&state=failed"
    nights["scheduled"] = hub.wait("scheduled run", lambda: hub.ask("GET", scheduled)["dag_runs"], 240)
    nights["ingest"] = hub.run("ingest", EVENING, sources=["sample", "services"])
    nights["alerts"], nights["raised"] = hub.run("alerts", run_date="2025-06-26"), messages()
    nights["same"], nights["quiet"] = hub.run("alerts", run_date="2025-06-26"), messages()
    nights["nightly"], nights["message"] = hub.run("nightly", EVENING), messages()
    hub.set("keep", "250")
    weekly, holiday = hub.start("weekly", run_date="2025-06-25"), hub.start("nightly", run_date="2025-07-04")
    nights |= {"weekly": hub.finish(weekly), "holiday": hub.finish(holiday)}
    # after the weekly one, which merges the files of the store: of pages made before that nothing is proved
    backfill = {"reports": ["nightly_summary"], "from": "2025-06-20", "to": "2025-06-26", "chunk": 2}
    nights["backfill"], nights["again"] = hub.run("backfill", **backfill), hub.run("backfill", **backfill)
    hub.set("image", images["slow"])
    nights["killed"] = killed(hub)
    messages()
    hub.set("image", images["broken"])
    nights["broken"] = hub.run("nightly", "2025-06-27T21:30:00Z")
    nights["failure"] = messages()
    return SimpleNamespace(**nights)


def killed(hub):
    """Mark a run as failed while its report is at work; tells how its container ended, and how soon."""
    run = hub.start("nightly", "2025-06-24T21:30:00Z")

    def at_work(report=""):
        words = ("ps", "--no-trunc", "--format", "{{.ID}} {{.Command}}", "--filter", f"volume={hub.volumes['outputs']}")
        return [line.split()[0] for line in docker(*words).splitlines() if f"run {report}" in line]

    (container,) = hub.wait("container", lambda: at_work("risk"), 120)
    time.sleep(3)
    with subprocess.Popen(["docker", "wait", container], stdout=subprocess.PIPE, text=True) as waiting:
        hub.ask("PATCH", "/".join(run), {"state": "failed"})
        asked = time.monotonic()
        code = waiting.communicate(timeout=60)[0].strip()
        seconds = time.monotonic() - asked
    night = hub.finish(run)
    hub.wait("end of all its containers", lambda: not at_work(), 120)
    return SimpleNamespace(night=night, code=code, seconds=seconds)


def page(hub, engine, path):
    """Read a file of the outputs; None if there is none."""
    words = ("--entrypoint", "cat", engine.image, f"/data/outputs/{path}")
    found = engine.docker("run", "--rm", "-v", f"{hub.volumes['outputs']}:/data/outputs:ro", *words)
    return found.out if found.code == 0 else None


def test_records_come_in_while_a_service_is_away(nights, stands):
    """The two that answer were asked by name, with the key of the connection; the third costs only its own."""
    assert nights.ingest.tasks == {"ingest": "success"}
    sample, services = nights.ingest.xcom["ingest"]["sources"]
    assert sample["datasets"]["bars"]["new"] + sample["datasets"]["bars"]["known"] > 10_000
    assert list(services["away"]) == ["trade-manager"]
    assert {one["told"] for one in heard(stands, "trade-discovery")} == {SECRETS["api"]}


def test_an_evening_succeeds(nights, hub):
    """Records are there, then a page for each report, then the index, the measures and the message."""
    pages = {f"report{at}": "success" for at in range(len(NIGHTLY))}
    after = {"index": "success", "publish": "skipped", "metrics": "success", "notify": "success"}
    assert nights.nightly.tasks == {"ready": "success"} | pages | after, hub.said()
    assert nights.nightly.state == "success"
    if hub.version != "3.0.0":  # which does not yet show what it calls them
        assert [nights.nightly.called[f"report{at}"] for at in range(len(NIGHTLY))] == [*NIGHTLY]


def test_a_page_is_published_with_its_kpis(nights, hub, engine):
    """What XCom says is what the record beside the page says, and settings of the hub reached the report."""
    said = nights.nightly.xcom["report1"]
    (run,) = said["runs"]
    record = json.loads(page(hub, engine, "risk/2025-06-30/run.json"))
    assert (said["status"], said["run_date"], run["kpis"]) == ("done", "2025-06-30", record["kpis"])
    assert "85" in page(hub, engine, "risk/2025-06-30/report.html")
    assert page(hub, engine, "index.html").startswith("<!DOCTYPE html>")


def test_a_night_is_one_message(nights):
    """It arrives where the connection says, with the numbers of the evening."""
    (message,) = nights.message
    assert message["told"]["title"].startswith("30 June 2025: ")
    assert "Equity" in message["told"]["message"]


def test_a_holiday_is_skipped(nights, hub, engine):
    """The first task finds that out, and all that follow are skipped with it: no failure, no retries, no page, no message."""
    assert set(nights.holiday.tasks.values()) == {"skipped"}
    assert nights.holiday.state == "success"
    assert page(hub, engine, "nightly_summary/2025-07-04/report.html") is None


def test_a_week_is_reported_on_its_last_session(nights, hub, engine):
    """Whichever day of it was named; then the store is tidied, and the pages are, where somebody said how many to keep."""
    after = {"index": "success", "publish": "skipped", "metrics": "success", "notify": "success"}
    pages = {f"report{at}": "success" for at in range(3)}
    tidied = {"compact": "success", "prune": "success"}
    assert nights.weekly.tasks == {"ready": "success"} | pages | after | tidied
    assert nights.weekly.xcom["report0"]["run_date"] == "2025-06-27"
    assert page(hub, engine, "performance/2025-06-27/report.html")


def test_a_limit_is_told_of_once(nights):
    """What is crossed for the first time is a message; an hour later nothing has changed, and that is a skip."""
    assert nights.alerts.tasks == {"ingest": "success", "risk": "success", "notify": "success"}
    assert len(nights.raised) == 1
    assert nights.same.tasks == {"ingest": "success", "risk": "success", "notify": "skipped"}
    assert nights.quiet == []


def test_a_range_is_spread_over_tasks(nights, hub, engine):
    """Five sessions, two in a task; the second time all of them are there already."""
    chunks = [f"backfill{at}" for at in range(3)]
    states = {"chunks": "success", "index": "success", "publish": "skipped", "metrics": "success"}
    assert nights.backfill.tasks == states | dict.fromkeys(chunks, "success")
    assert page(hub, engine, "nightly_summary/2025-06-23/report.html")
    assert nights.again.tasks == nights.backfill.tasks
    for night, word in ((nights.backfill, "done"), (nights.again, "unchanged")):
        assert [night.xcom[chunk]["counts"][word] for chunk in chunks] == [2, 2, 1]


def test_a_failing_report_fails_alone(nights, hub, engine):
    """It is tried again as often as was said; the others have their pages, the message tells of it, and the run has failed."""
    states = nights.broken.tasks
    assert [states[f"report{at}"] for at in range(4)] == ["success", "failed", "success", "success"]
    assert nights.broken.tries["report1"] == 3
    assert (states["index"], states["notify"], nights.broken.state) == ("success", "success", "failed")
    (message,) = nights.failure
    assert "1 report failed" in message["told"]["title"]
    assert "KeyError" in message["told"]["message"]
    assert json.loads(page(hub, engine, "risk/2025-06-27/failure.json"))["status"] == "failed"
    logs = "".join(path.read_text() for path in hub.home.glob("logs/dag_id=trade_dashboard_nightly/**/*.log"))
    assert "report failed: KeyError: 'close'" in logs.replace('\\"', '"'), (
        "the callback says why, in the log of the task"
    )


def test_a_killed_task_stops_its_container(nights, hub, engine):
    """Marked as failed while it runs: the report is asked to stop, publishes nothing, and its container goes."""
    assert nights.killed.code == "143"
    assert nights.killed.seconds < 15
    assert nights.killed.night.state == "failed"
    assert json.loads(page(hub, engine, "risk/2025-06-24/failure.json"))["status"] == "stopped"


def test_a_dag_runs_on_its_own_schedule(nights):
    """Nobody asked for it: the scheduler did, for when it was due last, at 17:15 in New York."""
    (run,) = nights.scheduled
    assert (run["state"], run["logical_date"][4:16]) == ("success", "-06-30T21:15")


def test_measures_are_there_for_a_node_exporter(nights, hub, engine):
    """In a volume of their own."""
    assert nights
    volume = f"{hub.volumes['metrics']}:/data/metrics:ro"
    told = docker(
        "run", "--rm", "-v", volume, "--entrypoint", "cat", engine.image, "/data/metrics/trade_dashboard.prom"
    )
    assert 'trade_dashboard_last_success_timestamp_seconds{report="nightly_summary"}' in told


def test_no_secret_is_left_anywhere(nights, hub, engine, tmp_path):
    """In the pages, the store, the measures, every log of Airflow and its database: not as it is, not as it is sent."""
    assert nights
    forms = {form for one in SECRETS.values() for form in (one, quote(one), quote(one, safe=""), json.dumps(one)[1:-1])}
    wanted = {form.encode() for form in forms} | {CANARY[:6].encode()}
    for name, volume in hub.volumes.items():
        (tmp_path / name).mkdir(mode=0o777)
        words = ("-v", f"{volume}:/from:ro", "-v", f"{tmp_path / name}:/to", "--user", "0:0", "--entrypoint", "cp")
        docker("run", "--rm", *words, engine.image, "-r", "/from/.", "/to")
    searched = [path for folder in (hub.home, tmp_path) for path in folder.rglob("*") if path.is_file()]
    assert [path for path in searched if any(form in path.read_bytes() for form in wanted)] == []
    kinds = {path.suffix for path in searched}
    assert {".log", ".db", ".html", ".ipynb", ".json", ".parquet", ".prom"} <= kinds


def test_no_container_is_left(nights, hub):
    """Every container of the DAGs is removed, also those of skipped, failed and killed tasks."""
    assert nights
    for volume in (hub.volumes["store"], hub.volumes["outputs"]):
        assert docker("ps", "--all", "--quiet", "--filter", f"volume={volume}") == ""
