"""### Trade dashboard, weekly.

On Saturday morning: the reports that look further back, on the last session of the week, whichever day that was. Then
the store's small files are merged, and pages beyond `trade_dashboard_keep` sessions taken away.

| task | does | exit code → state |
|---|---|---|
| `ready` | looks whether every source was asked after the close; after an hour of 3 the others go on without | 0 success · 99 skipped · else failed |
| `report` | a task for each report: runs it and publishes its page | 0 success · 99 skipped · else failed |
| `compact` | merges the store's small files; no answer changes | 0 success · else failed |
| `prune` | takes old pages away, never the last success; skipped where `trade_dashboard_keep` is not set | 0 success · else failed |
| `index`, `publish`, `metrics`, `notify` | as in `trade_dashboard_nightly` | |

**Expected inputs**

- as `trade_dashboard_nightly`
- param `run_date`: any day of the week to report (ISO date, or empty)

**Expected outputs**

- `<report>/<last session of the week>/report.html` and `run.json` in the volume `trade_dashboard_outputs`
- XCom of each `report`: what the command line says on its last line
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from airflow.sdk import DAG

# the hub puts its folder of DAGs on the path, but not this one, whose name is no name of a package
sys.path.insert(0, str(Path(__file__).parent))

from trade_dashboard_tasks import DEFAULTS, KEEP, MACROS, RUN_DATE, WEEK, at, reports, task

with DAG(
    dag_id="trade_dashboard_weekly",
    description="Publish the reports of the week, and tidy up",
    doc_md=__doc__,
    schedule=at("weekly", "0 9 * * 6"),
    start_date=datetime(2020, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULTS,
    tags=["trade-dashboard", "report", "weekly"],
    params={"run_date": RUN_DATE},
    user_defined_macros=MACROS,
):
    wait = reports(["performance", "trade_journal", "discovery_review"], WEEK)
    wait >> task("compact", "store", "compact", writes=["store"], minutes=30)
    wait >> task("prune", "prune", "--keep", KEEP, needs=KEEP, writes=["outputs"])
