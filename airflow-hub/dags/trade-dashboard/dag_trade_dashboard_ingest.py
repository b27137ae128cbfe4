"""### Trade dashboard, ingest.

After the close in New York: bring what the services and the broker tell of the day into the store. What the store knows
already adds nothing, so a run can be repeated, and records that come late come in the next evening.

| task | does | exit code → state |
|---|---|---|
| `ingest` | asks every source for all records up to the run date and stores what is new | 0 success · else failed |

3 means that a source was away altogether; what the others gave is stored, and the retries ask again. A holiday is no reason
to skip: what came late still comes in.

**Expected inputs**

- the image, network, volumes and sources of the Variables in `trade_dashboard_tasks.py`
- connections `trade_dashboard_api_conn` (services) and `trade_dashboard_broker_conn` (broker), where they are needed
- for source `broker-export`, the export folder in the volume `trade_dashboard_exports`
- pool `project_trade_dashboard_pool`
- params: `run_date` (last session, ISO date or empty), `from` (first session; all when empty), `sources`

**Expected outputs**

- records in the volume `trade_dashboard_store`
- XCom: new and known records by dataset, what was kept out and why, what was away
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from airflow.sdk import DAG, Param

# the hub puts its folder of DAGs on the path, but not this one, whose name is no name of a package
sys.path.insert(0, str(Path(__file__).parent))

from trade_dashboard_tasks import DATE, DEFAULTS, MACROS, RUN_DATE, SOURCES, at, option, task

with DAG(
    dag_id="trade_dashboard_ingest",
    description="Bring the day's records into the store",
    doc_md=__doc__,
    schedule=at("ingest", "15 17 * * 1-5"),
    start_date=datetime(2020, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["trade-dashboard", "ingest"],
    params={
        "run_date": RUN_DATE,
        "from": Param(
            None, type=["null", "string"], format="date", description="first session, ISO date; all when empty"
        ),
        "sources": Param(
            None, type=["null", "array"], items={"type": "string"}, description="sources; as set for the hub when empty"
        ),
    },
    user_defined_macros=MACROS,
):
    task(
        "ingest",
        *("ingest", SOURCES, option("--from", "params['from']"), "--to", DATE, "--folder", "/data/exports"),
        network=True,
        connections=["trade_dashboard_api_conn", "trade_dashboard_broker_conn"],
        reads=["exports"],
        writes=["store"],
        minutes=60,
    )
