"""What monitoring is told: when a report last made its page, when the next is due, and what it said."""

import json
import re
import shutil
import subprocess
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from needs import needs
from outputs import leave

from trade_dashboard.deliver import prometheus, records
from trade_dashboard.errors import TradeDashboardError
from trade_dashboard.sessions import calendar

MONITORING = Path(__file__).parents[1] / "docs" / "monitoring"
THURSDAY, BEFORE_THE_FOURTH = date(2025, 7, 3), datetime(2025, 7, 7, 12, tzinfo=UTC)


def told(outputs, now=BEFORE_THE_FOURTH):
    """Give each sample by name and labels."""
    registry = prometheus.measures(records(outputs), calendar(), now)
    samples = [sample for metric in registry.collect() for sample in metric.samples]
    return {(one.name.removeprefix("trade_dashboard_"), *one.labels.values()): one.value for one in samples}


def test_the_next_success_is_due_after_the_next_session(tmp_path):
    """After Thursday the 3rd come a holiday and a weekend: due is Monday's close, 16:00 in New York, and four hours."""
    leave(tmp_path, "nightly_summary", THURSDAY)
    found = told(tmp_path)
    assert (
        found["next_success_due_timestamp_seconds", "nightly_summary"]
        == datetime(2025, 7, 8, 0, tzinfo=UTC).timestamp()
    )
    assert found["sessions_behind", "nightly_summary"] == 0
    assert told(tmp_path, datetime(2025, 7, 9, 12, tzinfo=UTC))["sessions_behind", "nightly_summary"] == 2


def test_a_failure_changes_the_state_and_not_the_last_success(tmp_path):
    """Of the newest run its state, of the last success its session, numbers and alerts."""
    leave(tmp_path, "risk", THURSDAY, value=2.5, alerts=[{"severity": "critical"}, {"severity": "notice"}])
    leave(tmp_path, "risk", date(2025, 7, 7), "failed", reason="it broke")
    found = told(tmp_path)
    assert (found["run_status", "risk", "failed"], found["run_status", "risk", "done"]) == (1, 0)
    assert found["last_success_session_timestamp_seconds", "risk"] == datetime(2025, 7, 3, tzinfo=UTC).timestamp()
    assert found["kpi", "risk", "drawdown", "fraction"] == 2.5
    assert [found["alerts", "risk", word] for word in ("critical", "warning", "notice")] == [1, 0, 1]


def test_a_session_that_was_still_open_is_no_success_yet(tmp_path):
    """Noon's page does not stand for the evening's: the last success is the session before."""
    leave(tmp_path, "risk", THURSDAY)
    leave(tmp_path, "risk", date(2025, 7, 7), provenance={"open_as_of": "2025-07-07T16:00:00+00:00"})
    found = told(tmp_path, datetime(2025, 7, 9, 12, tzinfo=UTC))
    assert found["last_success_session_timestamp_seconds", "risk"] == datetime(2025, 7, 3, tzinfo=UTC).timestamp()
    assert (found["sessions_behind", "risk"], found["run_status", "risk", "done"]) == (2, 1)


def test_a_skipped_session_says_nothing(tmp_path):
    """A holiday is no state of a report."""
    leave(tmp_path, "risk", date(2025, 7, 4), "skipped")
    assert list(told(tmp_path)) == [("written_timestamp_seconds",)]


def test_an_undefined_kpi_is_absent(tmp_path):
    """No zero and no NaN stands for what is not known."""
    leave(tmp_path, "risk", THURSDAY, kpis={"sharpe": {"value": None, "unit": "ratio", "reason": "too few"}})
    assert not [name for name in told(tmp_path) if name[0] == "kpi"]


def test_a_file_and_a_gateway_get_the_same(tmp_path):
    """The textfile is replaced whole; a gateway that is away is an error that shows no login."""
    leave(tmp_path / "outputs", "risk", THURSDAY)
    registry = prometheus.measures(records(tmp_path / "outputs"), calendar(), BEFORE_THE_FOURTH)
    prometheus.write(registry, tmp_path / "made" / "x.prom")
    text = (tmp_path / "made" / "x.prom").read_text()
    assert 'trade_dashboard_kpi{kpi="equity",report="risk",unit="USD"} 1.0' in text
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["x.prom"]

    got = []

    class Gateway(BaseHTTPRequestHandler):
        def do_PUT(self):
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Gateway) as server:
        Thread(target=server.handle_request, daemon=True).start()
        prometheus.push(registry, f"http://127.0.0.1:{server.server_port}")
    assert got == [("/metrics/job/trade_dashboard", text)]
    with pytest.raises(TradeDashboardError, match=r"push gateway at 127\.0\.0\.1:9, but got") as error:
        prometheus.push(registry, "http://me:a-secret@127.0.0.1:9")
    assert "a-secret" not in str(error.value)


def test_rules_and_dashboard_ask_for_what_there_is():
    """Every name in them is a gauge of ours, and every label value one that occurs."""
    texts = [(MONITORING / name).read_text() for name in ("rules.yml", "rules_test.yml", "grafana.json")]
    names = {name for text in texts for name in re.findall(r"\btrade_dashboard_(\w+)", text)}
    assert names <= set(prometheus.GAUGES)
    assert len({panel["id"] for panel in json.loads(texts[2])["panels"]}) == 8


def test_promtool_accepts_the_rules_and_they_fire_when_they_should():
    """Prometheus' own checker reads them and runs their tests."""
    needs(shutil.which("promtool"), "needs promtool: apt-get install prometheus")
    for words in (["check", "rules", "rules.yml"], ["test", "rules", "rules_test.yml"]):
        done = subprocess.run(["promtool", *words], cwd=MONITORING, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
