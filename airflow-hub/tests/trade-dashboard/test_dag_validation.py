"""The DAGs of trade-dashboard keep the rules of the hub and start the right commands.

Drops into the hub's own `tests/`, beside its `dags/`: it needs Airflow, the docker provider and pytest, no database and no
engine.
"""

import os
import runpy
import signal
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

FOLDER = Path(__file__).parents[2] / "dags" / "trade-dashboard"
DAG_ID = "trade_dashboard_nightly"
EVENING = datetime(2025, 6, 30, 21, 30, tzinfo=UTC)  # 17:30 in New York

# Airflow's own imports warn of its own future
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def bag(tmp_path_factory):
    os.environ.setdefault("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
    os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
    if not os.environ.get("TRADE_DASHBOARD_NO_SKIP"):
        pytest.importorskip("airflow")
    from airflow.models import DagBag

    return DagBag(dag_folder=str(FOLDER))


@pytest.fixture(scope="module")
def dag(bag):
    return bag.dags[DAG_ID]


@pytest.fixture(scope="module")
def module(bag):  # noqa: ARG001  # Airflow is set up by the bag
    return SimpleNamespace(**runpy.run_path(str(FOLDER / f"dag_{DAG_ID}.py")))


def command(dag, task_id, **run):
    """Render a task's command as a run would."""
    task = dag.get_task(task_id)
    params = {"run_date": None, "source": "sample"} | run.pop("params", {})
    dag_run = SimpleNamespace(**({"logical_date": None, "run_after": EVENING} | run))
    return task.render_template(task.command, {"params": params, "dag_run": dag_run})


def test_every_file_loads_and_is_named_after_its_dag(bag):
    """No import errors, and `dag_<dag_id>.py` holds `<dag_id>`."""
    assert bag.import_errors == {}
    assert {f"dag_{dag_id}.py" for dag_id in bag.dags} == {path.name for path in FOLDER.glob("*.py")}


def test_the_rules_of_the_hub(dag):
    """Owner, retries, tags, documentation, the project's pool, one run at a time and no catching up."""
    assert dag.default_args["owner"]
    assert dag.default_args["retries"] >= 1
    assert dag.tags
    assert "Expected inputs" in dag.doc_md
    assert "Expected outputs" in dag.doc_md
    assert {task.pool for task in dag.tasks} == {"project_trade_dashboard_pool"}
    assert (dag.max_active_runs, dag.catchup) == (1, False)


def test_every_task_is_a_container_with_a_list_command(dag):
    """A command string that ends in `.sh` would be read as a template file."""
    from airflow.providers.docker.operators.docker import DockerOperator

    assert all(isinstance(task, DockerOperator) and isinstance(task.command, list) for task in dag.tasks)


def test_a_container_leaves_nothing_behind(dag):
    """It is removed whatever happens, ends in time, mounts volumes only, and a date that is no session is a skip."""
    for task in dag.tasks:
        assert (task.auto_remove, task.mount_tmp_dir, list(task.skip_on_exit_code)) == ("force", False, [99])
        assert task.execution_timeout is not None
        assert {mount["Type"] for mount in task.mounts} == {"volume"}


def test_only_ingest_has_a_network(dag):
    """Records come over the services' network; a report needs none."""
    networks = {task.task_id: task.network_mode for task in dag.tasks}
    assert networks == {"ingest": "trading_system_net", "nightly_summary": "none"}


def test_ingest_comes_before_the_report(dag):
    """The task of a report is called what the report is called."""
    assert dag.get_task("ingest").downstream_task_ids == {"nightly_summary"}
    assert command(dag, "nightly_summary")[:2] == ["run", "nightly_summary"]


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        pytest.param({"logical_date": EVENING}, "2025-06-30", id="cron in summer"),
        pytest.param({"logical_date": datetime(2025, 1, 15, 22, 30, tzinfo=UTC)}, "2025-01-15", id="cron in winter"),
        pytest.param({"logical_date": datetime(2025, 6, 30, tzinfo=UTC)}, "2025-06-30", id="a bare date"),
        pytest.param(
            {"run_after": datetime(2025, 7, 1, 1, 0, tzinfo=UTC)}, "2025-06-30", id="by hand, late in the evening"
        ),
        pytest.param({"run_after": datetime(2025, 7, 1, tzinfo=UTC)}, "2025-06-30", id="by hand, at midnight UTC"),
        pytest.param({"params": {"run_date": "2025-06-27"}}, "2025-06-27", id="a date given by hand"),
        pytest.param(
            {"logical_date": EVENING, "params": {"run_date": "2025-06-27"}}, "2025-06-27", id="given and cron"
        ),
    ],
)
def test_the_run_date_is_a_day_in_new_york(dag, run, expected):
    """Cron, backfill, a run by hand and a given date all name the session, and both tasks name the same."""
    assert command(dag, "ingest", **run) == ["ingest", "sample", "--to", expected, "--folder", "/data/exports"]
    assert command(dag, "nightly_summary", **run) == ["run", "nightly_summary", "--date", expected]


def test_a_backfill_gives_each_weekday_its_own_date(dag):
    """17:30 in New York on weekdays, winter and summer, is when runs are due, and each names its own day."""
    from airflow.timetables.base import TimeRestriction

    week = TimeRestriction(datetime(2025, 3, 6, 12, tzinfo=UTC), datetime(2025, 3, 11, 12, tzinfo=UTC), catchup=True)
    due, last = [], None
    while info := dag.timetable.next_dagrun_info(last_automated_data_interval=last, restriction=week):
        due.append(info.logical_date)
        last = info.data_interval
    assert [moment.isoformat()[5:16] for moment in due] == ["03-06T22:30", "03-07T22:30", "03-10T21:30"]
    dates = [command(dag, "nightly_summary", logical_date=moment)[-1] for moment in due]
    assert dates == ["2025-03-06", "2025-03-07", "2025-03-10"]


def test_the_source_is_a_parameter(dag):
    """The sample unless the run says otherwise."""
    assert dag.params.dump() == {"run_date": None, "source": "sample"}
    assert command(dag, "ingest", params={"source": "broker-export"})[:2] == ["ingest", "broker-export"]


@pytest.fixture
def term():
    """Signal 15 as a fresh process has it; as it was, afterwards."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield signal.SIGTERM
    signal.signal(signal.SIGTERM, before)


def test_a_killed_task_stops_its_container(module, term):
    """Airflow 3.0 asks the task's process to end and nothing else."""
    asked = []
    module.stop_with_task({"ti": SimpleNamespace(task=SimpleNamespace(on_kill=lambda: asked.append("stop")))})
    with pytest.raises(SystemExit):
        signal.raise_signal(term)
    assert asked == ["stop"]


def test_airflows_own_way_to_kill_a_task_is_left_alone(module, term):
    """Newer ones stop the container themselves; once is enough."""
    signal.signal(term, signal.SIG_IGN)
    module.stop_with_task({})
    assert signal.getsignal(term) is signal.SIG_IGN


@pytest.fixture
def pushed(module):
    """What XCom holds after a container said something."""

    def push(output):
        xcom = {}
        ti = SimpleNamespace(xcom_push=lambda key, value: xcom.update({key: value}))
        module.push_result({"ti": ti}, output)
        return xcom

    return push


@pytest.mark.parametrize(
    "output", ['{"status": "done"}', 'a log line\n\n{"status": "done"}\n', '\n{"status": "done"}\n \n']
)
def test_the_result_is_the_last_line_as_a_dict(pushed, output):
    """Newer providers give one line, older ones the last piece of output; consumers get one dict."""
    assert pushed(output) == {"result": {"status": "done"}}


@pytest.mark.parametrize("output", [None, "", "no object", "2253"])
def test_output_without_a_result_is_no_failure(pushed, output):
    """A run that published its page is not failed for its last line."""
    assert pushed(output) == {}
