"""Word of what changed about limits: each change once to each target, whatever fails in between."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outputs import leave
from test_notify import SECRET, webhook
from test_store import repeatable

from trade_dashboard.deliver import records
from trade_dashboard.deliver.changes import changes_word, night_word
from trade_dashboard.deliver.told import STATE, told_so_far
from trade_dashboard.sessions import calendar

# apprise warns about itself
pytestmark = pytest.mark.filterwarnings("default")
FRIDAY, MONDAY = date(2025, 6, 27), date(2025, 6, 30)
CLI = [sys.executable, "-m", "trade_dashboard"]
OPEN = {"open_as_of": "2025-06-30T16:00:00+00:00"}


def alert(kpi, severity="warning", symbol=None):
    about = f" ({symbol})" if symbol else ""
    return {"kpi": kpi, "symbol": symbol, "severity": severity, "message": f"{kpi}{about} is beyond its limit."}


def word(outputs, session=MONDAY):
    return changes_word(records(outputs), "risk", "Risk", session, calendar())


def hear(known, spoken):
    """Let one target hear; gives its message in lines, and what it knows then."""
    message = spoken.to(known)
    return (message.title.partition(": ")[2], *message.text.splitlines()) if message else None, (
        spoken.known(known) if message else known
    )


def test_only_what_changed_is_told(tmp_path):
    """Raised, escalated, eased and cleared, each once and by number and symbol; then nothing."""
    known = {}
    for crossed, told in (
        ([], None),
        (
            [alert("largest_position", symbol="NANO")],
            ("1 raised", "New, warning: largest_position (NANO) is beyond its limit."),
        ),
        ([alert("largest_position", symbol="NANO")], None),
        (
            [alert("largest_position", "critical", "NANO"), alert("var_95")],
            (
                "1 escalated, 1 raised",
                "Worse, now critical: largest_position (NANO) is beyond its limit.",
                "New, warning: var_95 is beyond its limit.",
            ),
        ),
        (
            [alert("largest_position", "warning", "NANO"), alert("var_95")],
            ("1 eased", "Better, now warning: largest_position (NANO) is beyond its limit."),
        ),
        (
            [alert("largest_position", "warning", "CELL"), alert("var_95")],
            (
                "1 raised, 1 cleared",
                "New, warning: largest_position (CELL) is beyond its limit.",
                "No longer: largest_position (NANO) is beyond its limit.",
            ),
        ),
    ):
        leave(tmp_path, "risk", MONDAY, alerts=crossed)
        heard, known = hear(known, word(tmp_path))
        assert heard == (told and (*told, "Risk: risk/2025-06-30/report.html"))


def test_a_session_that_is_still_open_is_said_to_be(tmp_path):
    """With the hour of its prices, in the exchange's time."""
    leave(tmp_path, "risk", MONDAY, alerts=[alert("var_95")], provenance=OPEN)
    heard, _ = hear({}, word(tmp_path))
    assert heard[1] == "As of 12:00 in New York: the session is still open; prices are provisional."


@pytest.mark.parametrize("trouble", ["failed", "missing"])
def test_a_report_that_is_not_there_clears_nothing(tmp_path, trouble):
    """Told once, and once more when it works again; its alerts stay as they were told."""
    leave(tmp_path, "risk", FRIDAY, alerts=[alert("var_95")])
    _, known = hear({}, word(tmp_path, FRIDAY))
    if trouble == "failed":
        leave(tmp_path, "risk", MONDAY, "failed", reason="KeyError: 'close'.")
    said = {"failed": "failed. KeyError: 'close'.", "missing": "not made. No run left a record for this session."}
    heard, known = hear(known, word(tmp_path))
    assert heard[:2] == (said[trouble].partition(".")[0], f"Risk: {said[trouble]} Its limits are as they were told.")
    assert hear(known, word(tmp_path)) == (None, known)
    folder = leave(tmp_path, "risk", MONDAY, alerts=[alert("var_95")])
    (folder / "failure.json").unlink(missing_ok=True)
    heard, known = hear(known, word(tmp_path))
    assert heard[:2] == ("works again", "Risk: works again.")
    assert hear(known, word(tmp_path)) == (None, known)


def test_a_failure_beside_an_earlier_success_counts(tmp_path):
    """At eleven it worked, at noon it did not: that is the newest word."""
    leave(tmp_path, "risk", MONDAY, provenance=OPEN)
    leave(tmp_path, "risk", MONDAY, "failed", reason="out of memory.")
    assert hear({}, word(tmp_path))[0][0] == "failed"


def test_what_is_older_than_what_was_told_is_no_news(tmp_path):
    """A page of Friday that is made again on Monday says nothing about now."""
    leave(tmp_path, "risk", MONDAY, alerts=[alert("var_95")])
    _, known = hear({}, word(tmp_path))
    friday = night_word([one for one in records(tmp_path) if one.run_date == FRIDAY], FRIDAY, {"risk": "Risk"})
    assert friday.known(known) == known
    (tmp_path / "risk" / "2025-06-30" / "run.json").unlink()
    leave(tmp_path, "risk", FRIDAY)
    assert hear(known, word(tmp_path, FRIDAY)) == (None, known)


def test_what_the_evening_told_is_not_told_again(tmp_path):
    """The night's message tells every report's limits: each counts as told, for its report alone; a failure too."""
    leave(tmp_path, "risk", MONDAY, alerts=[alert("var_95")])
    leave(tmp_path, "performance", MONDAY, alerts=[alert("sharpe", "notice")])
    leave(tmp_path, "trade_journal", MONDAY, "failed", reason="It broke.")
    known = night_word(records(tmp_path), MONDAY, {}).known({})
    assert {name: ({*one.alerts}, one.trouble) for name, one in known.items()} == {
        "risk": ({"var_95"}, ""),
        "performance": ({"sharpe"}, ""),
        "trade_journal": (set(), "failed. It broke."),
    }
    assert hear(known, word(tmp_path)) == (None, known)
    asked = night_word(records(tmp_path), MONDAY, {"risk": "Risk", "market_overview": "Market overview"}).known({})
    assert {name: one.trouble[:8] for name, one in asked.items()} == {"risk": "", "market_overview": "not made"}


@contextmanager
def silent():
    """Take connections on a port and never answer."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield one.getsockname()[1]


crossings = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["critical", "warning", "notice"]))


@repeatable
@given(hours=st.lists(st.one_of(st.none(), crossings), max_size=6), refused=st.lists(st.booleans(), min_size=6))
def test_whoever_listens_knows_how_it_stands(tmp_path_factory, hours, refused):
    """Through failures of the report and of the target: who puts together what it heard has the alerts of the last run."""
    outputs, known, heard = tmp_path_factory.mktemp("hours"), {}, {}
    for hour, (crossed, deaf) in enumerate(zip(hours, refused, strict=False)):
        if crossed is None:
            leave(outputs, "risk", MONDAY, "failed", reason="it broke.")
        else:
            folder = leave(outputs, "risk", MONDAY, alerts=[alert(kpi, severity) for kpi, severity in crossed.items()])
            (folder / "failure.json").unlink(missing_ok=True)
        spoken = word(outputs)
        if (deaf and hour < len(hours) - 1) or (message := spoken.to(known)) is None:
            continue
        for line in message.text.splitlines():
            kind, _, rest = line.partition(": ")
            if kind == "No longer":
                heard.pop(rest[0])
            elif kind.split(",")[0] in {"New", "Worse", "Better"}:
                severity = kind.split()[-1]
                assert heard.get(rest[0]) != severity
                heard[rest[0]] = severity
        known = spoken.known(known)
        assert spoken.to(known) is None
    last = next((one for one in reversed(hours) if one is not None), {})
    if hours and hours[-1] is not None:
        assert heard == last


@pytest.fixture
def house(tmp_path):
    """Outputs with one alert; calls the command to these ports."""
    leave(tmp_path / "outputs", "risk", MONDAY, alerts=[alert("var_95")])

    def words(*ports, more=("--changes", "risk")):
        urls = " ".join(f"json://me:{SECRET}@127.0.0.1:{port}/{SECRET}" for port in ports)
        asked = [*CLI, "--outputs", str(tmp_path / "outputs"), "notify", "--date", "2025-06-30", *more]
        return asked, os.environ | {"TRADE_DASHBOARD_NOTIFY": urls}

    def call(*ports, **more):
        asked, env = words(*ports, **more)
        done = subprocess.run(asked, capture_output=True, text=True, env=env, check=False, timeout=120)
        assert SECRET not in done.stdout + done.stderr
        return done.returncode, json.loads(done.stdout.splitlines()[-1]), done.stderr

    call.outputs, call.words = tmp_path / "outputs", words
    return call


def test_a_target_that_refuses_is_told_the_next_time_and_the_others_are_not(house):
    """One takes it, one refuses thrice: exit code 1; an hour later only that one is asked, and then nobody: 99."""
    with webhook(200) as (fine, taken), webhook(503, 503, 503, 200) as (late, asked):
        code, said, _ = house(fine, late)
        assert (code, [one["delivered"] for one in said["deliveries"]]) == (1, [True, False])
        code, said, _ = house(fine, late)
        assert (code, [one["target"] for one in said["deliveries"]]) == (0, ["JSON, target 2"])
        code, said, words = house(fine, late)
    assert (code, said["status"], said["deliveries"]) == (99, "skipped", [])
    assert said["reason"] in words
    assert (len(taken), len(asked)) == (1, 4)
    state = (house.outputs / STATE).read_text()
    assert SECRET not in state
    assert "127.0.0.1" not in state


def test_who_is_killed_between_two_targets_tells_the_first_no_more(house):
    """kill -9 while the second is being asked: the rerun asks the second alone."""
    with webhook(200) as (first, taken), silent() as hanging:
        asked, env = house.words(first, hanging)
        with subprocess.Popen(asked, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            wait_for((house.outputs / STATE).exists)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        with webhook(200) as (second, late):
            code, said, _ = house(first, second)
    assert (code, len(said["deliveries"]), len(taken), len(late)) == (0, 1, 1, 1)


def test_two_at_once_tell_it_once(house):
    """The second waits for the first, and finds everything told."""
    with webhook(200, pause_seconds=0.5) as (port, taken), ThreadPoolExecutor() as pool:
        codes = [code for code, *_ in pool.map(lambda _: house(port), range(2))]
    assert (sorted(codes), len(taken)) == ([0, 99], 1)


def test_the_night_and_the_hours_after_it(house):
    """What the evening's message told is known; without a change nothing is sent, and a holiday is a skip."""
    with webhook(200) as (port, taken):
        assert house(port, more=("--report", "risk"))[0] == 0
        assert house(port)[0] == 99
        assert house(port, more=("--date", "2025-07-04"))[0] == 99
        assert house(port, more=("--changes", "risk", "--report", "risk"))[0] == 2
        assert house(port, more=("--report", "rsik"))[0] == 2
        leave(house.outputs, "risk", MONDAY)
        code, said, _ = house(port)
    assert (code, said["title"], len(taken)) == (0, "Risk, 30 June 2025: 1 cleared", 2)


@pytest.mark.parametrize(
    "broken", ["", "{", "[]", '{"salt": "xx", "targets": {}}', '{"salt": "", "targets": {"a": 1}}']
)
def test_what_was_told_and_cannot_be_read_counts_as_not_told(tmp_path, broken):
    """It is moved aside, not lost, and said."""
    (tmp_path / STATE).write_text(broken)
    with told_so_far(tmp_path) as told:
        assert (told.targets, told.broken.read_text()) == ({}, broken)
        told.keep("json://a", {})
    with told_so_far(tmp_path) as told:
        assert (told.broken, len(told.targets)) == (None, 1)


def test_the_command_says_that_it_cannot_read_what_was_told(house):
    """And tells everything again."""
    (house.outputs / STATE).write_text("{")
    with webhook(200) as (port, taken):
        code, _, words = house(port)
    assert (code, len(taken)) == (0, 1)
    assert "could not be read, and counts as not told: it is now" in words


def test_nothing_is_sent_that_could_not_be_kept(house):
    """Changes would be told again every hour; the night's message goes out all the same."""
    (house.outputs / ".told.lock").mkdir()
    with webhook(200) as (port, taken):
        code, said, _ = house(port)
        assert (code, len(taken)) == (1, 0)
        assert "cannot be written" in said["reason"]
        code, _, words = house(port, more=())
    assert (code, len(taken)) == (0, 1)
    assert "cannot be kept" in words


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.005)
