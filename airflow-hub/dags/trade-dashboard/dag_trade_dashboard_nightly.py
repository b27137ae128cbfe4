"""### Trade dashboard, nightly.

After the close in New York: wait for the records of the day, then make the page of each nightly report, then say so.

| task | does | exit code → state |
|---|---|---|
| `ready` | looks whether every source was asked after the close; after an hour of 3 the others go on without | 0 success · 99 skipped · else failed |
| `report` | a task for each report: runs it and publishes its page | 0 success · 99 skipped · else failed |
| `index` | makes `index.html` of all pages anew | 0 success · else failed |
| `publish` | copies the pages to `trade_dashboard_publish_url`; skipped where that is not set | 0 success · else failed |
| `metrics` | writes what Prometheus wants to know | 0 success · else failed |
| `notify` | sends one message; skipped without a connection | 0 success · 99 skipped · else failed |

99 means that the run date is no session of the exchange: on a holiday everything is skipped, nothing fails. When the records
never came the reports run all the same, and say what they lack. The last four run also when a report failed, and whether they
work does not make a run a success or a failure. To make one page again, clear its `report` alone
(Airflow 3.0.0 clears the evening with it: what is unchanged is not made again, but the message is sent once more).

**Expected inputs**

- the image, network and volumes of the Variables in `trade_dashboard_tasks.py`; reports run without any network
- records in the volume `trade_dashboard_store`: DAG `trade_dashboard_ingest`
- connection `trade_dashboard_notify` with the targets of the message
- pool `project_trade_dashboard_pool`
- param `run_date` (ISO date, or empty)

**The run date** is the param when it is given; else the day in New York of the logical date, or of the moment the run was
due when it has no logical date. So a backfill over a range makes one page a session, each with its own date.

**Expected outputs**

- `<report>/<run date>/report.html` and `run.json`, and `index.html`, in the volume `trade_dashboard_outputs`
- `trade_dashboard.prom` in the volume `trade_dashboard_metrics`
- XCom of each `report`: what the command line says on its last line. One KPI is
  `ti.xcom_pull("report", map_indexes=0)["runs"][0]["kpis"]["equity"]["value"]`
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from airflow.sdk import DAG

# the hub puts its folder of DAGs on the path, but not this one, whose name is no name of a package
sys.path.insert(0, str(Path(__file__).parent))

from trade_dashboard_tasks import DATE, DEFAULTS, MACROS, RUN_DATE, at, reports

with DAG(
    dag_id="trade_dashboard_nightly",
    description="Publish the reports of the day's session",
    doc_md=__doc__,
    schedule=at("nightly", "30 17 * * 1-5"),
    start_date=datetime(2020, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["trade-dashboard", "report", "nightly"],
    params={"run_date": RUN_DATE},
    user_defined_macros=MACROS,
):
    reports(["nightly_summary", "risk", "market_overview", "data_quality"], DATE)
