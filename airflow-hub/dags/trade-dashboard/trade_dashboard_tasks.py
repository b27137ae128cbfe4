"""What every task of trade-dashboard is: one container of our image, with as little as it needs.

Every DAG of this folder builds its tasks with `task` and `tasks`, which make the operator of `trade_dashboard_container.py`.

| Variable | default | meaning |
|---|---|---|
| `trade_dashboard_image` | `trade-dashboard:latest` | image, present on the engine |
| `trade_dashboard_sources` | `sample` | where records come from, parted by blanks: `broker-export services` |
| `trade_dashboard_environment` | `{}` | settings, a JSON object: `{"TRADE_DASHBOARD_LIMIT_HEAT": "0.9", "TRADE_MANAGER_HOST": "tm"}` |
| `trade_dashboard_network` | `trading_system_net` | network of the tasks that speak to somebody |
| `trade_dashboard_report_network` | `none` | network of the others; another only for a store in a bucket |
| `trade_dashboard_store_volume` | `trade_dashboard_store` | volume of the store |
| `trade_dashboard_outputs_volume` | `trade_dashboard_outputs` | volume of the pages |
| `trade_dashboard_exports_volume` | `trade_dashboard_exports` | volume with the broker's export folder |
| `trade_dashboard_metrics_volume` | `trade_dashboard_metrics` | volume with the node exporter's text files |
| `trade_dashboard_memory` | `2g` | memory of one container |
| `trade_dashboard_link` | | address that the pages are published at, for messages |
| `trade_dashboard_publish_url` | | where pages are copied to; not copied when unset |
| `trade_dashboard_keep` | | how many sessions of pages are kept; all when unset |

| Connection | given to | holds |
|---|---|---|
| `trade_dashboard_api_conn` | ingest | API key of the services as password, their addresses as extras |
| `trade_dashboard_broker_conn` | ingest | the broker's keys, as extras in upper case: `APCA_API_KEY_ID`, `APCA_API_SECRET_KEY` |
| `trade_dashboard_notify` | notify | targets as Apprise URLs, in the password or the extra `urls` |
| `trade_dashboard_storage_conn` | all | what opens a bucket, as extras in upper case: `AWS_ACCESS_KEY_ID` and the like |

A connection reaches its container in the environment, as Airflow exports it (`AIRFLOW_CONN_…`), and each extra in upper case as
a variable of that name. It is asked for when the task runs and is part of no template, so it is in no rendered field and no log.

In the hub's own environment, since they are read with the DAGs: `TRADE_DASHBOARD_RETRY_SECONDS`, the pause before a task is
tried again (600), and `TRADE_DASHBOARD_INGEST_AT`, `…_NIGHTLY_AT`, `…_WEEKLY_AT`, `…_ALERTS_AT`, when a DAG is due (a cron
expression in New York's time; empty: only by hand).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from airflow.sdk import Param, chain
from airflow.timetables.trigger import CronTriggerTimetable
from trade_dashboard_container import Container, tell_failure, variable

__all__ = [
    "DATE",
    "DEFAULTS",
    "KEEP",
    "MACROS",
    "RUN_DATE",
    "SOURCES",
    "WEEK",
    "afterwards",
    "at",
    "message",
    "option",
    "reports",
    "task",
    "tasks",
]

NEW_YORK = "America/New_York"
RETRY = timedelta(seconds=int(os.environ.get("TRADE_DASHBOARD_RETRY_SECONDS", "600")))


def at(what: str, usual: str) -> CronTriggerTimetable | None:
    """Say when a DAG is due: a trigger, not an interval, so the logical date is that moment itself, across daylight saving."""
    cron = os.environ.get(f"TRADE_DASHBOARD_{what.upper()}_AT", usual)
    return CronTriggerTimetable(cron, timezone=NEW_YORK) if cron else None


def option(name: str, value: str, otherwise: str = "") -> str:
    """Write the template of an option with the value of an expression; where that is empty, something else or nothing."""
    return f"{{{{ '{name}\\n' ~ ({value}) if ({value}) else '{otherwise}' }}}}"


# one a line: a word of a command that renders to several lines is several words
SOURCES = "{{ (params.get('sources') or var.value.get('trade_dashboard_sources', 'sample').split()) | join('\n') }}"
DATE, WEEK = "{{ session_date(dag_run, params) }}", "{{ session_week(dag_run, params) }}"
RUN_DATE = Param(
    None, type=["null", "string"], format="date", description="session, ISO date; of the run itself when empty"
)


def session_date(dag_run: Any, params: Mapping[str, Any]) -> str:
    """Name the trading day that a run is for, as an ISO date.

    A date given by hand wins. A logical date at midnight UTC is how the command line of Airflow reads a bare date, and
    means that date; any other moment is read on New York's calendar, since an evening there is the next day in UTC. A run
    without a logical date is for the moment it was due.
    """
    if params.get("run_date"):
        return str(params["run_date"])
    moment: datetime = (dag_run.logical_date or dag_run.run_after).astimezone(UTC)
    if dag_run.logical_date and moment.time() == time.min:
        return moment.date().isoformat()
    return moment.astimezone(ZoneInfo(NEW_YORK)).date().isoformat()


def session_week(dag_run: Any, params: Mapping[str, Any]) -> str:
    """Name the ISO week of that day, "2025-W27": the command line knows which of its days is the last session."""
    return datetime.fromisoformat(session_date(dag_run, params)).strftime("%G-W%V")


LINK, KEEP = option("--link", "var.value.get('trade_dashboard_link', '')"), variable("keep")
PUBLISH_URL, TEXTFILE = variable("publish_url"), "/data/metrics/trade_dashboard.prom"

MACROS = {"session_date": session_date, "session_week": session_week}


DEFAULTS = {
    "owner": "trade-dashboard",
    "retries": 2,
    "retry_delay": RETRY,
    "pool": "project_trade_dashboard_pool",
    "on_failure_callback": tell_failure,
}


def options(network: bool, minutes: int, **more: Any) -> dict[str, Any]:
    """Say what a container of ours is started with."""
    return {
        "image": variable("image", "trade-dashboard:latest"),
        "network_mode": variable("network", "trading_system_net") if network else variable("report_network", "none"),
        "mem_limit": variable("memory", "2g"),
        "mount_tmp_dir": False,
        "auto_remove": "force",
        "skip_on_exit_code": 99,
        "execution_timeout": timedelta(minutes=minutes),
    } | more


def task(task_id: str, *command: str, network: bool = False, minutes: int = 15, **more: Any) -> Container:
    """Build a task: the command line of our image with these words."""
    return Container(task_id=task_id, command=list(command), **options(network, minutes, **more))


def tasks(task_id: str, commands: Any, *, label: str, minutes: int = 30, **more: Any) -> Any:
    """Build a task for each command of a list, which may be what an earlier task gives; `label` names each."""
    built = Container.partial(task_id=task_id, map_index_template=label, **options(False, minutes, **more))
    return built.expand(command=commands)


def reports(names: Sequence[str], date: str) -> Container:
    """Build an evening: wait for the records, then a page for each report, then word of them; gives the task that waits."""
    wait = task(
        "ready", "ready", SOURCES, "--date", date, gives_up=True, reads=["store"], retries=12, retry_delay=RETRY / 2
    )
    pages = tasks(
        "report",
        [["run", name, "--date", date] for name in names],
        label="{{ task.command[1] }}",
        reads=["store"],
        writes=["outputs"],
    )
    told = message("--date", date, *(word for name in names for word in ("--report", name)))
    wait >> pages >> afterwards(wait, told)
    return wait


def afterwards(first: Container, *more: Container) -> Container:
    """Build what follows the pages, one after the other: the index, copies, measures, and more.

    They are teardown of the first task of all: they run also when a report failed, are skipped when that one is, and how they
    end makes a run neither a success nor a failure.
    """
    following = (
        task("index", "index", writes=["outputs"]),
        task("publish", "publish", PUBLISH_URL, network=True, needs=PUBLISH_URL, writes=["outputs"], minutes=30),
        task("metrics", "metrics", "--textfile", TEXTFILE, reads=["outputs"], writes=["metrics"]),
        *more,
    )
    chain(*(one.as_teardown(setups=first) for one in following))
    return following[0]


def message(*words: str) -> Container:
    """Build the task that sends word to the trader, where there is somebody to send it to."""
    return task(
        "notify",
        "notify",
        *words,
        LINK,
        network=True,
        connections=["trade_dashboard_notify"],
        needs_connection=True,
        writes=["outputs"],
    )
