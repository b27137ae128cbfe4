"""### Trade dashboard, nightly.

After the close in New York: bring in the records of the day, then make the page of its session.

| task | does | exit code → state |
|---|---|---|
| `ingest` | asks `source` for all records up to the run date and adds what is new to the store | 0 success · else failed |
| `nightly_summary` | runs the report of that name and publishes its page | 0 success · 99 skipped · else failed |

99 means that the run date is no session of the exchange: on a holiday records that came late still go into the store, and
the report is skipped, not failed. 3 means that the data is not there yet; the retries are for that.

**Expected inputs**

- the image, in Airflow Variable `trade_dashboard_image` (default `trade-dashboard:latest`), present on the engine
- the network `trading_system_net`, where `ingest` finds the services; the report runs without any network
- for source `broker-export`, the export folder in the volume `trade_dashboard_exports`
- pool `project_trade_dashboard_pool`
- params `run_date` (ISO date, or empty) and `source`

**The run date** is the param when it is given; else the day in New York of the logical date, or of the moment the run was
due when it has no logical date. So a backfill over a range makes one page a session, each with its own date.

**Expected outputs**

- `<report>/<run date>/report.html` and `run.json` in the volume `trade_dashboard_outputs`
- XCom `result` of each task: what the command line says on its last line, as a dict. One KPI is
  `ti.xcom_pull("nightly_summary", key="result")["runs"][0]["kpis"]["equity"]["value"]`

Network, volumes and the source of scheduled runs are read from the environment of the hub, since these are no templates:
`TRADE_DASHBOARD_SOURCE`, `TRADE_DASHBOARD_NETWORK`, `TRADE_DASHBOARD_STORE_VOLUME`,
`TRADE_DASHBOARD_OUTPUTS_VOLUME`, `TRADE_DASHBOARD_EXPORTS_VOLUME`.
"""

from __future__ import annotations

import json
import logging
import os
import signal
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.providers.docker.operators.docker import DockerOperator
from airflow.sdk import DAG, Param
from airflow.timetables.trigger import CronTriggerTimetable
from docker.types import Mount

logger = logging.getLogger(__name__)

NEW_YORK = "America/New_York"
IMAGE = "{{ var.value.get('trade_dashboard_image', 'trade-dashboard:latest') }}"
RUN_DATE = "{{ session_date(dag_run, params) }}"
NETWORK = os.environ.get("TRADE_DASHBOARD_NETWORK", "trading_system_net")
SOURCE = os.environ.get("TRADE_DASHBOARD_SOURCE", "sample")
STORE = os.environ.get("TRADE_DASHBOARD_STORE_VOLUME", "trade_dashboard_store")
OUTPUTS = os.environ.get("TRADE_DASHBOARD_OUTPUTS_VOLUME", "trade_dashboard_outputs")
EXPORTS = os.environ.get("TRADE_DASHBOARD_EXPORTS_VOLUME", "trade_dashboard_exports")


def session_date(dag_run: Any, params: Mapping[str, Any]) -> str:
    """Name the trading day that a run is for, as an ISO date.

    A date given by hand wins. A logical date at midnight UTC is how the command line of Airflow reads a bare date, and
    means that date; any other moment is read on New York's calendar, since an evening there is the next day in UTC.
    """
    if params["run_date"]:
        return str(params["run_date"])
    moment: datetime = (dag_run.logical_date or dag_run.run_after).astimezone(UTC)
    if dag_run.logical_date and moment.time() == time.min:
        return moment.date().isoformat()
    return moment.astimezone(ZoneInfo(NEW_YORK)).date().isoformat()


def stop_with_task(context: Mapping[str, Any]) -> None:
    """Stop the container when its task is killed: Airflow 3.0 would leave it running, newer ones see to it themselves."""

    def stop(_signum: int, _frame: Any) -> None:
        context["ti"].task.on_kill()
        raise SystemExit(128 + signal.SIGTERM)  # through the operator, which removes the container on its way out

    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, stop)


def push_result(context: Mapping[str, Any], output: str | None) -> None:
    """Give the container's last line as a dict, in XCom `result`.

    The operator's own XCom is text: the last line, or with older providers the last piece of output, of several lines.
    """
    last = next((line for line in reversed((output or "").splitlines()) if line.strip()), "")
    try:
        result = json.loads(last)
    except ValueError:
        result = None
    if isinstance(result, dict):
        context["ti"].xcom_push(key="result", value=result)
    else:
        logger.warning("Expected one JSON object on the last line of output, but got %r", last[:200])


def container(task_id: str, command: list[str], mounts: list[Mount], network: str, minutes: int) -> DockerOperator:
    """Run the image's command line: what it cannot do today is skipped, and nothing is left behind."""
    return DockerOperator(
        task_id=task_id,
        image=IMAGE,
        command=command,
        mounts=mounts,
        network_mode=network,
        mount_tmp_dir=False,
        auto_remove="force",
        skip_on_exit_code=99,
        execution_timeout=timedelta(minutes=minutes),
        pre_execute=stop_with_task,
        post_execute=push_result,
    )


def volume(name: str, folder: str, *, read_only: bool = False) -> Mount:
    """Mount a named volume; bind mounts would be paths of whichever host runs the engine."""
    return Mount(target=folder, source=name, type="volume", read_only=read_only)


with DAG(
    dag_id="trade_dashboard_nightly",
    description="Bring in the day's records, then publish the nightly summary of its session",
    doc_md=__doc__,
    # a trigger, not an interval: the logical date is the evening itself, across daylight saving
    schedule=CronTriggerTimetable("30 17 * * 1-5", timezone=NEW_YORK),
    start_date=datetime(2020, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={
        "owner": "trade-dashboard",
        "retries": 2,
        "retry_delay": timedelta(minutes=10),
        "pool": "project_trade_dashboard_pool",
    },
    tags=["trade-dashboard", "report", "nightly"],
    params={
        "run_date": Param(None, type=["null", "string"], format="date", description="session to report, ISO date"),
        "source": Param(
            SOURCE, type="string", description="where records come from", examples=["sample", "broker-export"]
        ),
    },
    user_defined_macros={"session_date": session_date},
):
    store, outputs = volume(STORE, "/data/store"), volume(OUTPUTS, "/data/outputs")
    ingest = container(
        "ingest",
        # no --from: what is in the store already is not added twice, and what came late still comes in
        ["ingest", "{{ params.source }}", "--to", RUN_DATE, "--folder", "/data/exports"],
        [store, volume(EXPORTS, "/data/exports", read_only=True)],
        network=NETWORK,
        minutes=15,
    )
    nightly_summary = container(
        "nightly_summary",
        ["run", "nightly_summary", "--date", RUN_DATE],
        [store, outputs],
        network="none",
        minutes=30,
    )
    ingest >> nightly_summary
