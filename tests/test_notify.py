"""A night's message: what it says, that it arrives, and that a target which refuses is told of and harms nobody."""

import email
import email.policy
import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from outputs import leave

from trade_dashboard.deliver import records
from trade_dashboard.deliver.message import compose
from trade_dashboard.deliver.notify import send, targets
from trade_dashboard.errors import RequestError

# aiosmtpd and apprise warn about themselves
pytestmark = pytest.mark.filterwarnings("default")
FRIDAY, MONDAY = date(2025, 6, 27), date(2025, 6, 30)
ALERT = {"severity": "warning", "message": "NANO is 11.0 % of equity, above the limit of 10 % for one position."}
SECRET = "a-canary-secret"


@pytest.fixture
def outputs(tmp_path):
    """Two evenings: one quiet, one with a limit crossed and a report that failed."""
    for day, value in ((FRIDAY, 1.0), (MONDAY, 2.0)):
        leave(tmp_path, "nightly_summary", day, value=value, alerts=[ALERT] if day == MONDAY else [])
    leave(tmp_path, "risk", MONDAY, "failed", reason="KeyError: <b>'close'</b>")
    return tmp_path


@contextmanager
def smtp():
    """A mail server of our own; gives its port and the mails it took."""
    taken = []

    class Handler:
        async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - the server asks for this name
            taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
            return "250 OK"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(Handler(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield port, taken
    finally:
        server.stop()


@contextmanager
def webhook(*answers, pause_seconds=0):
    """An endpoint that answers with these codes, the last for ever, and after a pause; gives its port and what it was sent."""
    sent, codes = [], list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            sent.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            time.sleep(pause_seconds)
            self.send_response(codes.pop(0) if len(codes) > 1 else codes[0])
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, sent
        server.shutdown()


def test_a_message_tells_the_night_in_a_glance(outputs):
    """The title says how it went; then numbers with their change, limits, failures, and where to read on."""
    message = compose(records(outputs), MONDAY, "https://example.org/reports/")
    assert message.title == "30 June 2025: 2.00, 1 limit crossed, 1 report failed"
    assert message.text.splitlines() == [
        "Day_return 2.00 (+0.1)",
        "Equity 2.00 (+0.1)",
        "Drawdown 2.00 (+0.1)",
        "Gross_exposure 2.00 (+0.1)",
        "Warning: NANO is 11.0 % of equity, above the limit of 10 % for one position.",
        "Risk: failed. KeyError: <b>'close'</b>",
        "Nightly summary: https://example.org/reports/nightly_summary/2025-06-30/report.html",
        "Risk: https://example.org/reports/risk/2025-06-30/failure.html",
    ]


def test_a_quiet_night_and_a_holiday_are_told_too(outputs):
    """A heartbeat: silence is never the message."""
    found = records(outputs)
    assert compose(found, FRIDAY).title == "27 June 2025: 1.00, no limit crossed"
    assert "No limit is crossed." in compose(found, FRIDAY).text
    leave(outputs, "nightly_summary", date(2025, 7, 4), "skipped", reason="Friday 2025-07-04 is no session of XNYS.")
    holiday = compose(records(outputs), date(2025, 7, 4))
    assert (holiday.title, holiday.text) == ("4 July 2025: no session", "Friday 2025-07-04 is no session of XNYS.")
    nothing = compose(records(outputs), date(2025, 7, 2))
    assert (nothing.title, nothing.text) == ("2 July 2025: nothing was run", "No run left a record for this session.")


def test_the_limits_of_all_reports_are_told_once(outputs):
    """By number and symbol, the worst word on each and the worst first; the title counts them the same."""
    nano = ALERT | {"kpi": "largest_position", "symbol": "NANO"}
    worse = nano | {"severity": "critical", "message": "NANO is 31 % of equity."}
    var = {"kpi": "var_95", "symbol": None, "severity": "warning", "message": "Value at risk is 2.5 %."}
    leave(outputs, "nightly_summary", MONDAY, alerts=[nano])
    leave(outputs, "risk", MONDAY, alerts=[var, worse])
    message = compose([one for one in records(outputs) if one.done], MONDAY)
    assert message.title == "30 June 2025: 1.00, 2 limits crossed"
    assert message.text.splitlines()[4:6] == ["Critical: NANO is 31 % of equity.", "Warning: Value at risk is 2.5 %."]


def test_a_message_of_some_reports_says_which_is_not_there(outputs):
    """Their first numbers, their failures, and those that were not made; nothing of others."""
    asked = {"performance": "Performance", "risk": "Risk", "trade_journal": "Trade journal"}
    leave(outputs, "performance", MONDAY)
    message = compose(records(outputs), MONDAY, asked=asked)
    assert message.title == "30 June 2025: no limit crossed, 1 report failed, 1 report not made"
    assert message.text.splitlines() == [
        *(f"{name} 1.00 (+0.1)" for name in ("Equity", "Day_return", "Drawdown", "Gross_exposure")),
        "No limit is crossed.",
        "Risk: failed. KeyError: <b>'close'</b>",
        "Trade journal: not made. No run left a record for this session.",
        "Performance: performance/2025-06-30/report.html",
        "Risk: risk/2025-06-30/failure.html",
    ]
    assert compose([], MONDAY, asked={"risk": "Risk"}).title == "30 June 2025: 1 report not made"


def test_the_evening_is_not_told_from_a_session_that_was_still_open(outputs):
    """Noon's page of a report that the evening did not make is none of the evening's."""
    leave(outputs, "trade_journal", MONDAY, alerts=[ALERT], provenance={"open_as_of": "2025-06-30T16:00:00+00:00"})
    found = [one for one in records(outputs) if one.report == "trade_journal"]
    assert compose(found, MONDAY).title == "30 June 2025: nothing was run"
    assert compose(found, MONDAY, asked={"trade_journal": "Trade journal"}).title == "30 June 2025: 1 report not made"


def test_the_form_for_mail_is_small_and_brings_what_it_shows(outputs):
    """Inline styles, images by content id, everything escaped, far below what mail programs clip."""
    message = compose(records(outputs), MONDAY, "https://example.org")
    assert len(message.html.encode()) < 100_000
    assert set(re.findall(r'src="cid:([\w.]+)"', message.html)) == set(message.images)
    assert all(content.startswith(b"\x89PNG") for content in message.images.values())
    assert "<b>" not in message.html
    assert "&lt;b&gt;" in message.html
    assert not re.search(r"<style|<script|<link|data:", message.html)


def test_mail_and_webhook_get_it(outputs):
    """Mail arrives as HTML with its images inside; a webhook gets the plain text."""
    message = compose(records(outputs), MONDAY)
    with smtp() as (port, mails), webhook(200) as (hook, sent):
        urls = [
            f"mailto://127.0.0.1:{port}?from=desk@example.org&to=me@example.org&mode=insecure",
            f"json://127.0.0.1:{hook}/night",
        ]
        done = send(lambda _: message, urls, pause_seconds=0)
    assert [(one.delivered, one.tries) for one in done] == [(True, 1), (True, 1)]
    (mail,) = mails
    assert mail["Subject"] == message.title
    shown = mail.get_body(("html",)).get_content()
    assert "NANO is 11.0" in shown
    images = [part for part in mail.walk() if part.get_content_maintype() == "image"]
    assert {part["Content-ID"].strip("<>") for part in images} == set(message.images)
    assert sent[0]["title"] == message.title
    assert sent[0]["message"].rstrip() == message.text


def test_one_that_refuses_is_tried_again_and_told_of(outputs):
    """Twice no, then yes: three tries. Always no: not delivered, the others all the same, and no secret is shown."""
    message = compose(records(outputs), MONDAY)
    with webhook(503, 503, 200) as (late, taken), webhook(500) as (never, refused), webhook(200) as (fine, _):
        urls = [f"json://127.0.0.1:{late}", f"json://me:{SECRET}@127.0.0.1:{never}", f"json://127.0.0.1:{fine}"]
        done = send(lambda _: message, urls, pause_seconds=0)
    assert [(one.delivered, one.tries) for one in done] == [(True, 3), (False, 3), (True, 1)]
    assert (len(taken), len(refused)) == (3, 3)
    assert [one.target for one in done] == ["JSON, target 1", "JSON, target 2", "JSON, target 3"]


@pytest.mark.parametrize(
    "environment",
    [
        {"TRADE_DASHBOARD_NOTIFY": "json://a json://b"},
        {"AIRFLOW_CONN_TRADE_DASHBOARD_NOTIFY": json.dumps({"conn_type": "http", "password": "json://a json://b"})},
        {"AIRFLOW_CONN_TRADE_DASHBOARD_NOTIFY": json.dumps({"extra": {"urls": ["json://a", "json://b"]}})},
    ],
)
def test_targets_come_from_the_environment(environment):
    """From the variable, or from the connection as Airflow exports it."""
    assert targets(environment) == ["json://a", "json://b"]


def test_no_target_and_a_wrong_one_are_refused():
    """What to set is said, what was set is not."""
    with pytest.raises(RequestError, match=r"found none\. Try a line such as mailtos://"):
        targets({})
    with pytest.raises(RequestError, match=r"number 2 of 2 is none\.$"):
        send(lambda _: compose([], MONDAY), ["json://localhost", f"nowhere://{SECRET}"])


def pages(outputs):
    return {path: path.read_bytes() for path in outputs.rglob("*") if path.is_file() and path.name[0] != "."}


def test_the_command_says_who_got_it_and_shows_no_secret(outputs):
    """A target that refuses makes exit code 1, touches no page, and its secret is in no stream."""
    before = pages(outputs)
    with webhook(200) as (fine, _), webhook(500) as (never, refused):
        urls = f"json://127.0.0.1:{fine} json://me:{SECRET}@127.0.0.1:{never}/{SECRET}"
        words = [sys.executable, "-m", "trade_dashboard", "--outputs", str(outputs), "notify", "--date", "2025-06-30"]
        env = os.environ | {"TRADE_DASHBOARD_NOTIFY": urls}
        done = subprocess.run(words, capture_output=True, text=True, env=env, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert [(one["delivered"], one["tries"]) for one in said["deliveries"]] == [(True, 1), (False, 3)]
    assert len(refused) == 3
    assert SECRET not in done.stdout + done.stderr
    assert pages(outputs) == before
