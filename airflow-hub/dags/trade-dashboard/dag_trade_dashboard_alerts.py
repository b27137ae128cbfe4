"""### Trade dashboard, alerts.

Every hour while the market trades: fresh records, the limits judged on them, and word of what changed: a limit that is newly
crossed, crossed worse or no longer, each once. The evening's report replaces the page.

| task | does | exit code → state |
|---|---|---|
| `ingest` | asks every source for what there is of the session that trades now | 0 success · 99 skipped · else failed |
| `risk` | runs the report of that name on the session that trades now | 0 success · 99 skipped · else failed |
| `notify` | sends what changed since the last message; runs also when `risk` failed, and says that once | 0 success · 99 skipped · else failed |

99 means that there is nothing to do: no session today, not open yet, nothing changed. The next hour asks again anyway, so
nothing is tried more than once more.

**Expected inputs**

- as `trade_dashboard_ingest` and `trade_dashboard_nightly`; a source that has prices of the session that trades now
- connection `trade_dashboard_notify` with the targets of the message
- param `run_date`: a closed session to judge instead (ISO date, or empty)

**Expected outputs**

- `risk/<session>/report.html` and `run.json` in the volume `trade_dashboard_outputs`
- what each target was told last, in the same volume
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from airflow.sdk import DAG

# the hub puts its folder of DAGs on the path, but not this one, whose name is no name of a package
sys.path.insert(0, str(Path(__file__).parent))

from trade_dashboard_tasks import DEFAULTS, MACROS, RUN_DATE, SOURCES, at, message, option, task

with DAG(
    dag_id="trade_dashboard_alerts",
    description="Judge the limits on fresh records, and say what changed",
    doc_md=__doc__,
    schedule=at("alerts", "35 9-15 * * 1-5"),
    start_date=datetime(2020, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS | {"retries": 1},
    tags=["trade-dashboard", "alerts"],
    params={"run_date": RUN_DATE},
    user_defined_macros=MACROS,
):
    ingest = task(
        "ingest",
        *("ingest", SOURCES, option("--to", "params.run_date", "--now"), "--folder", "/data/exports"),
        network=True,
        connections=["trade_dashboard_api_conn", "trade_dashboard_broker_conn"],
        reads=["exports"],
        writes=["store"],
        gives_up=True,
    )
    risk = task(
        "risk", "run", "risk", option("--date", "params.run_date", "--now"), reads=["store"], writes=["outputs"]
    )
    ingest >> risk >> message("--changes", "risk", option("--date", "params.run_date")).as_teardown(setups=ingest)
