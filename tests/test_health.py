"""Services are judged by their checks: how often they were up, how fast, and since when one is not."""

import pandas as pd
import pytest
from stories import checks
from test_completeness import sessions

from trade_dashboard import schema
from trade_dashboard.metrics import latencies, services


def test_a_service_is_up_as_often_as_its_checks_say():
    """Three of four; median and 95th percentile of the latencies, linear between."""
    found = services(
        checks(
            "2025-06-25 20:30 svc up 10",
            "2025-06-26 20:30 svc down -",
            "2025-06-27 20:30 svc up 20",
            "2025-06-30 20:30 svc up 40",
        ),
        sessions(),
    ).loc["svc"]
    assert (found["checks"], found["up"], found["unchecked"]) == (4, 0.75, 0)
    assert (found["median_ms"], found["p95_ms"]) == (20, pytest.approx(38))
    assert (found["status"], found["since"]) == ("up", pd.Timestamp("2025-06-27 20:30", tz="UTC"))


def test_since_when_one_is_away_is_the_first_of_the_checks_that_all_say_so():
    """Down, up, down, down: since the third."""
    found = services(
        checks(
            "2025-06-25 20:30 svc down -",
            "2025-06-26 20:30 svc up 10",
            "2025-06-27 20:30 svc down -",
            "2025-06-30 20:30 svc down -",
        ),
        sessions(),
    ).loc["svc"]
    assert (found["status"], found["since"]) == ("down", pd.Timestamp("2025-06-27 20:30", tz="UTC"))
    assert found["up"] == 0.25


@pytest.mark.parametrize("said", ["UP", "healthy", "operational", "alive", "ok", "Ready"])
def test_up_has_many_words(said):
    """Whatever was made of it then, a service that says so is up."""
    found = services(checks(f"2025-06-30 20:30 svc degraded 10 said={said}"), sessions()).loc["svc"]
    assert (found["status"], found["up"]) == ("up", 1.0)


def test_degraded_is_not_up():
    """It answers, and says that something is wrong."""
    found = services(checks("2025-06-30 20:30 svc degraded 10 said=failing"), sessions()).loc["svc"]
    assert (found["status"], found["up"], found["said"]) == ("degraded", 0.0, "failing")


def test_sessions_without_a_check_are_counted_from_the_first_on():
    """Checked on Tuesday and Friday: Wednesday, Thursday and Monday are not known."""
    found = services(checks("2025-06-24 20:30 svc up 10", "2025-06-27 20:30 svc up 10"), sessions()).loc["svc"]
    assert found["unchecked"] == 3


def test_a_service_that_never_answered_has_no_latency():
    """Undefined, not nought."""
    found = services(checks("2025-06-30 20:30 svc down -"), sessions()).loc["svc"]
    assert pd.isna(found["median_ms"])
    assert pd.isna(found["p95_ms"])


def test_the_one_that_is_up_least_comes_first():
    """Two services, one away; the order of records says nothing."""
    records = checks("2025-06-30 20:30 good up 10", "2025-06-30 20:31 bad down -")
    found = services(records, sessions())
    assert found.index.tolist() == ["bad", "good"]
    pd.testing.assert_frame_equal(services(records.iloc[::-1], sessions()), found)


def test_latencies_are_medians_by_session():
    """Two checks of one session, and a session without any."""
    found = latencies(
        checks("2025-06-27 20:30 svc up 10", "2025-06-27 21:30 svc up 30", "2025-06-30 20:30 svc up 40"), sessions()
    )
    assert found["svc"].tolist() == pytest.approx([float("nan")] * 4 + [20, 40], nan_ok=True)


def test_without_checks_nothing_is_said():
    """No service, and no line."""
    none = schema.empty("service_health")
    assert services(none, sessions()).empty
    assert latencies(none, sessions()).shape == (6, 0)
