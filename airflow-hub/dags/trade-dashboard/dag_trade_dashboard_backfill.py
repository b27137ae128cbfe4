"""### Trade dashboard, backfill.

By hand: the pages of every session in a range. The range is cut into chunks, each is a task of its own, and the executor
spreads them over whatever machines it has. What is there already, made of the same data by the same code, is not made again,
so a run that was stopped is simply started again.

| task | does | exit code → state |
|---|---|---|
| `chunks` | cuts the range into chunks of sessions | 0 success · 99 skipped · else failed |
| `backfill` | a task for each chunk: makes its pages | 0 success · 99 skipped · else failed |
| `index`, `publish`, `metrics` | as in `trade_dashboard_nightly` | |

**Expected inputs**

- records of the range in the volume `trade_dashboard_store`: DAG `trade_dashboard_ingest` with `from`
- pool `project_trade_dashboard_pool`: its slots say how many chunks are made at once
- params `reports`, `from`, `to` (ISO dates, both included), `chunk` (sessions in a task), `force` (make all of them anew)

**Expected outputs**

- `<report>/<session>/report.html` and `run.json` in the volume `trade_dashboard_outputs`
- XCom of each `backfill`: how many pages were made, were there already, failed, and why
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from airflow.sdk import DAG, Param

# the hub puts its folder of DAGs on the path, but not this one, whose name is no name of a package
sys.path.insert(0, str(Path(__file__).parent))

from trade_dashboard_tasks import DEFAULTS, afterwards, task, tasks

with DAG(
    dag_id="trade_dashboard_backfill",
    description="Publish the reports of every session in a range",
    doc_md=__doc__,
    schedule=None,
    start_date=datetime(2020, 1, 1, tzinfo=UTC),
    catchup=False,
    default_args=DEFAULTS,
    tags=["trade-dashboard", "report", "backfill"],
    params={
        "reports": Param(
            ["nightly_summary"], type="array", items={"type": "string"}, minItems=1, description="reports"
        ),
        "from": Param("2025-06-02", type="string", format="date", description="first session, ISO date"),
        "to": Param("2025-06-30", type="string", format="date", description="last session, ISO date"),
        "chunk": Param(20, type="integer", minimum=1, maximum=500, description="sessions in a task"),
        "force": Param(False, type="boolean", description="make also what is there already"),
    },
):
    chunks = task(
        "chunks",
        *("chunks", "{{ params.reports | join('\n') }}", "--from", "{{ params['from'] }}", "--to", "{{ params.to }}"),
        *("--size", "{{ params.chunk }}", "--jobs", "1", "{{ '--force' if params.force else '' }}"),
        gives="commands",
    )
    pages = tasks(
        "backfill",
        chunks.output,
        label="{{ task.command[1] }} {{ task.command[3] }}",
        minutes=120,
        reads=["store"],
        writes=["outputs"],
    )
    pages >> afterwards(chunks)
