"""The DAGs of trade-dashboard keep the rules of the hub and start the right commands.

Drops into the hub's own `tests/`, beside its `dags/`: it needs Airflow, the docker provider and pytest, no database. What our
image understands is asked of the image, where there is an engine that has it (TRADE_DASHBOARD_IMAGE).
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

FOLDER = Path(__file__).parents[2] / "dags" / "trade-dashboard"
DAGS = {f"trade_dashboard_{what}" for what in ("ingest", "nightly", "weekly", "alerts", "backfill")}
IMAGE = os.environ.get("TRADE_DASHBOARD_IMAGE", "trade-dashboard:latest")
EVENING = datetime(2025, 6, 30, 21, 30, tzinfo=UTC)  # 17:30 in New York

# Airflow's own imports warn of its own future
pytestmark = pytest.mark.filterwarnings("ignore")


def missing(reason):
    (pytest.fail if os.environ.get("TRADE_DASHBOARD_NO_SKIP") else pytest.skip)(reason)


@pytest.fixture(scope="module")
def bag(tmp_path_factory):
    os.environ.setdefault("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
    os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
    if not os.environ.get("TRADE_DASHBOARD_NO_SKIP"):
        pytest.importorskip("airflow")
    from airflow.models import DagBag

    return DagBag(dag_folder=str(FOLDER))


@pytest.fixture(scope="module")
def module(bag):  # noqa: ARG001  # the bag has put the folder on the path
    return sys.modules["trade_dashboard_container"]


@pytest.fixture(params=sorted(DAGS))
def dag(bag, request):
    return bag.dags[request.param]


def single(task):
    """Every command of a task as it was written: of a mapped one those that it is mapped over."""
    if not hasattr(task, "expand_input"):
        return [task.command]
    mapped = task.expand_input.value["command"]
    return mapped if isinstance(mapped, list) else []


def setting(task, name):
    """Ask a task, or a mapped one, for one of its options."""
    return task.partial_kwargs.get(name) if hasattr(task, "partial_kwargs") else getattr(task, name)


def commands(dag, task_id, variables=None, **run):
    """Render every command of a task as a run would: what renders to several lines is several words."""
    task = dag.get_task(task_id)
    params = dag.params.dump() | run.pop("params", {})
    dag_run = SimpleNamespace(**({"logical_date": None, "run_after": EVENING} | run))
    known = {f"trade_dashboard_{name}": value for name, value in (variables or {}).items()}
    context = {"params": params, "dag_run": dag_run, "var": SimpleNamespace(value=known)}
    told = dag.get_task("index") if hasattr(task, "expand_input") else task
    rendered = [told.render_template(one, context) for one in single(task)]
    return [[word for piece in one for word in piece.splitlines() if word] for one in rendered]


def command(dag, task_id, variables=None, **run):
    """Render the command of a task that has one."""
    (only,) = commands(dag, task_id, variables, **run)
    return only


def test_every_file_loads_and_is_named_after_its_dag(bag):
    """No import errors, and `dag_<dag_id>.py` holds `<dag_id>`."""
    assert bag.import_errors == {}
    assert set(bag.dags) == DAGS
    assert {path.stem for path in FOLDER.glob("dag_*.py")} == {f"dag_{dag_id}" for dag_id in DAGS}


def test_nothing_but_airflow_is_imported():
    """Nothing of ours is installed in the hub: the standard library, Airflow with its providers, and the folder itself."""
    found = {
        name.split(".")[0]
        for path in FOLDER.glob("*.py")
        for name in re.findall(r"^(?:from|import) ([\w.]+)", path.read_text(), re.MULTILINE)
    }
    # the docker provider brings the last one
    assert found - sys.stdlib_module_names == {
        "airflow",
        "trade_dashboard_tasks",
        "trade_dashboard_container",
        "docker",
    }


def test_the_rules_of_the_hub(dag):
    """Owner, retries, tags, documentation, the project's pool, a failure callback, and no catching up."""
    assert dag.default_args["owner"]
    assert dag.default_args["retries"] >= 1
    assert "trade-dashboard" in dag.tags
    assert "Expected inputs" in dag.doc_md
    assert "Expected outputs" in dag.doc_md
    assert {task.pool for task in dag.tasks} == {"project_trade_dashboard_pool"}
    assert all(task.on_failure_callback for task in dag.tasks)
    assert dag.catchup is False


def test_every_task_is_told_of(dag):
    """The table of a DAG's documentation names each of its tasks, and no other."""
    told = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`[^|]+) \|", dag.doc_md, re.MULTILINE)))
    assert sorted(told) == sorted(task.task_id for task in dag.tasks)


def test_every_task_is_a_container_with_a_list_command(dag):
    """A command string that ends in `.sh` would be read as a template file."""
    from airflow.providers.docker.operators.docker import DockerOperator

    for task in dag.tasks:
        assert issubclass(getattr(task, "operator_class", type(task)), DockerOperator)
        assert all(isinstance(one, list) for one in single(task))


def test_a_container_leaves_nothing_behind(dag):
    """It is removed whatever happens, ends in time, has no temporary mount, and a date that is no session is a skip."""
    for task in dag.tasks:
        assert (setting(task, "auto_remove"), setting(task, "mount_tmp_dir")) == ("force", False)
        assert setting(task, "skip_on_exit_code") in (99, [99])
        assert setting(task, "execution_timeout") is not None


def test_a_network_only_for_who_speaks_to_somebody(dag):
    """Records come over the services' network, and messages and copies go out; reports need none."""
    outside = {task.task_id for task in dag.tasks if "trading_system_net" in setting(task, "network_mode")}
    assert outside <= {"ingest", "publish", "notify"}
    inside = [setting(task, "network_mode") for task in dag.tasks if task.task_id not in outside]
    assert set(inside) <= {"{{ var.value.get('trade_dashboard_report_network', 'none') }}"}


def test_secrets_go_only_where_they_are_needed(dag):
    """Keys to who asks with them, targets to who sends; and no template names a connection."""
    given = {task.task_id: setting(task, "connections") for task in dag.tasks if setting(task, "connections")}
    assert set(given) <= {"ingest", "notify"}
    assert all("conn" not in word for task in dag.tasks for one in single(task) for word in one)


def test_the_evening_goes_in_order(bag):
    """Records, pages, index, copies, measures, word; what follows the pages is teardown."""
    for name in ("trade_dashboard_nightly", "trade_dashboard_weekly"):
        dag = bag.dags[name]
        for before, after in (
            ("ready", "report"),
            ("report", "index"),
            ("index", "publish"),
            ("publish", "metrics"),
            ("metrics", "notify"),
        ):
            assert after in dag.get_task(before).downstream_task_ids
        assert {task.task_id for task in dag.tasks if task.is_teardown} == {"index", "publish", "metrics", "notify"}


def test_a_task_for_each_report(bag):
    """Nightly ones on the day, weekly ones on the last session of the week."""
    assert [one[1:] for one in commands(bag.dags["trade_dashboard_nightly"], "report")] == [
        [name, "--date", "2025-06-30"] for name in ("nightly_summary", "risk", "market_overview", "data_quality")
    ]
    assert [one[1:] for one in commands(bag.dags["trade_dashboard_weekly"], "report")] == [
        [name, "--date", "2025-W27"] for name in ("performance", "trade_journal", "discovery_review")
    ]


DATES = [
    pytest.param({"logical_date": EVENING}, "2025-06-30", id="cron in summer"),
    pytest.param({"logical_date": datetime(2025, 1, 15, 22, 30, tzinfo=UTC)}, "2025-01-15", id="cron in winter"),
    pytest.param({"logical_date": datetime(2025, 6, 30, tzinfo=UTC)}, "2025-06-30", id="a bare date"),
    pytest.param(
        {"run_after": datetime(2025, 7, 1, 1, 0, tzinfo=UTC)}, "2025-06-30", id="by hand, late in the evening"
    ),
    pytest.param({"run_after": datetime(2025, 7, 1, tzinfo=UTC)}, "2025-06-30", id="by hand, at midnight UTC"),
    pytest.param({"params": {"run_date": "2025-06-27"}}, "2025-06-27", id="a date given by hand"),
    pytest.param({"logical_date": EVENING, "params": {"run_date": "2025-06-27"}}, "2025-06-27", id="given and cron"),
]


@pytest.mark.parametrize(("run", "expected"), DATES)
def test_the_run_date_is_a_day_in_new_york(bag, run, expected):
    """Cron, backfill, a run by hand and a given date all name the session, and all tasks name the same."""
    ingest = command(bag.dags["trade_dashboard_ingest"], "ingest", **run)
    assert ingest == ["ingest", "sample", "--to", expected, "--folder", "/data/exports"]
    nightly = bag.dags["trade_dashboard_nightly"]
    assert command(nightly, "ready", **run) == ["ready", "sample", "--date", expected]
    assert {one[-1] for one in commands(nightly, "report", **run)} == {expected}
    assert command(nightly, "notify", **run)[:3] == ["notify", "--date", expected]


@pytest.mark.parametrize(
    ("day", "week"), [("2025-07-05", "2025-W27"), ("2025-12-31", "2026-W01"), ("2027-01-02", "2026-W53")]
)
def test_a_week_is_an_iso_week(bag, day, week):
    """The command line knows which of its days is the last session."""
    (one, *_) = commands(bag.dags["trade_dashboard_weekly"], "report", params={"run_date": day})
    assert one == ["run", "performance", "--date", week]


def test_a_backfill_gives_each_weekday_its_own_date(bag):
    """17:30 in New York on weekdays, winter and summer, is when runs are due, and each names its own day."""
    from airflow.timetables.base import TimeRestriction

    dag = bag.dags["trade_dashboard_nightly"]
    week = TimeRestriction(datetime(2025, 3, 6, 12, tzinfo=UTC), datetime(2025, 3, 11, 12, tzinfo=UTC), catchup=True)
    due, last = [], None
    while info := dag.timetable.next_dagrun_info(last_automated_data_interval=last, restriction=week):
        due.append(info.logical_date)
        last = info.data_interval
    assert [moment.isoformat()[5:16] for moment in due] == ["03-06T22:30", "03-07T22:30", "03-10T21:30"]
    dates = [command(dag, "ready", logical_date=moment)[-1] for moment in due]
    assert dates == ["2025-03-06", "2025-03-07", "2025-03-10"]


def test_the_sources_are_the_hubs_or_the_runs(bag):
    """A Variable names them, a param of the run wins; a range names its first session."""
    dag = bag.dags["trade_dashboard_ingest"]
    hub = {"sources": "broker-export services"}
    assert command(dag, "ingest", hub)[:3] == ["ingest", "broker-export", "services"]
    range_of_one = command(dag, "ingest", hub, params={"sources": ["sample"], "from": "2025-06-02"})
    assert range_of_one[:4] == ["ingest", "sample", "--from", "2025-06-02"]


def test_alerts_are_of_now_or_of_a_day_by_hand(bag):
    """Fresh records, the limits on them, and what changed."""
    dag = bag.dags["trade_dashboard_alerts"]
    assert command(dag, "ingest") == ["ingest", "sample", "--now", "--folder", "/data/exports"]
    assert command(dag, "risk") == ["run", "risk", "--now"]
    assert command(dag, "notify") == ["notify", "--changes", "risk"]
    by_hand = {"run_date": "2025-06-27"}
    assert command(dag, "ingest", params=by_hand)[2:4] == ["--to", "2025-06-27"]
    assert command(dag, "risk", params=by_hand) == ["run", "risk", "--date", "2025-06-27"]
    assert command(dag, "notify", params=by_hand) == ["notify", "--changes", "risk", "--date", "2025-06-27"]


def test_a_range_becomes_chunks(bag):
    """Typed params, and what the image cuts them into is what the tasks are mapped over."""
    dag = bag.dags["trade_dashboard_backfill"]
    params = {"reports": ["risk", "performance"], "from": "2025-01-02", "to": "2025-03-31", "chunk": 7, "force": True}
    assert command(dag, "chunks", params=params) == [
        *("chunks", "risk", "performance", "--from", "2025-01-02", "--to", "2025-03-31"),
        *("--size", "7", "--jobs", "1", "--force"),
    ]
    assert "backfill" in dag.get_task("chunks").downstream_task_ids
    assert dag.params.get_param("chunk").schema["minimum"] == 1


def test_what_is_not_set_up_is_not_asked_for(bag):
    """Messages name the reports of their DAG, and a link only where there is one; copies need a place."""
    dag = bag.dags["trade_dashboard_weekly"]
    linked = command(dag, "notify", {"link": "https://pages.example"})
    assert linked == [
        *("notify", "--date", "2025-W27", "--report", "performance", "--report", "trade_journal"),
        *("--report", "discovery_review", "--link", "https://pages.example"),
    ]
    assert command(dag, "publish", {"publish_url": "s3://pages"}) == ["publish", "s3://pages"]
    assert command(dag, "prune", {"keep": "250"}) == ["prune", "--keep", "250"]


@pytest.fixture(scope="module")
def image():
    """Ask the command line of our image, without anything."""
    if not shutil.which("docker"):
        missing("there is no docker command")

    def ask(*words):
        told = subprocess.run(
            ["docker", "run", "--rm", "--network=none", IMAGE, *words],
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        return told.stdout if told.returncode == 0 else missing(f"image {IMAGE} does not answer: {told.stderr}")

    return ask


def test_our_image_knows_every_report_and_every_option(bag, image):
    """Each command of each DAG: its verb exists, takes these options, and the reports are there."""
    there = {one["report"] for one in json.loads(image("reports", "--json").splitlines()[-1])["reports"]}
    by_hand = {"run_date": "2025-06-27", "from": "2025-06-02", "force": True}
    hub = {"link": "https://pages.example", "keep": "250", "publish_url": "s3://pages"}
    written = [
        one
        for dag in bag.dags.values()
        for task in dag.tasks
        for params in ({}, {name: value for name, value in by_hand.items() if name in dag.params})
        for one in commands(dag, task.task_id, hub, params=params)
    ]
    assert {one[1] for one in written if one[0] == "run"} <= there
    verbs = {tuple(one[:2]) if one[0] == "store" else (one[0],) for one in written} | {("backfill",)}
    known = {verb: image(*verb, "--help") for verb in verbs}
    for one in written:
        verb = tuple(one[:2]) if one[0] == "store" else (one[0],)
        assert [word for word in one if word.startswith("--") and word not in known[verb]] == []


@pytest.fixture
def term():
    """Signal 15 as a fresh process has it; as it was, afterwards."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield signal.SIGTERM
    signal.signal(signal.SIGTERM, before)


def test_a_killed_task_stops_its_container(module, term):
    """Airflow 3.0 asks the task's process to end and nothing else."""
    asked = []
    with pytest.raises(SystemExit), module.stopping(lambda: asked.append("stop")):
        signal.raise_signal(term)
    assert asked == ["stop"]
    assert signal.getsignal(term) is signal.SIG_DFL


def test_airflows_own_way_to_kill_a_task_is_left_alone(module, term):
    """Newer ones stop the container themselves; once is enough."""
    signal.signal(term, signal.SIG_IGN)
    with module.stopping(None):
        assert signal.getsignal(term) is signal.SIG_IGN


@pytest.mark.parametrize(
    "output",
    [
        '{"status": "done"}',
        'a log line\n\n{"status": "done"}\n',
        '\n{"status": "done"}\n \n',
        ["x", '{"status": "done"}'],
    ],
)
def test_the_result_is_the_last_line_as_a_dict(module, output):
    """Newer providers give one line, older ones the last piece of output; consumers get one dict."""
    assert module.last_object(output) == {"status": "done"}


@pytest.mark.parametrize("output", ["", "no object", "2253", []])
def test_output_without_a_result_is_no_failure(module, output):
    """A run that published its page is not failed for its last line."""
    assert module.last_object(output) is None
