"""What an evening's page sets beside the day: the month, the year and all of the account's time; and the services."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from build import bars, book_of, fills, flows, ledger_of, worth

from trade_dashboard import schema
from trade_dashboard.metrics import history, services_tonight, to_date

NONE = float("nan")
NO_CLOSES = pd.Series(dtype="float64", index=pd.DatetimeIndex([], name="session"), name="SPY")


def closes(values, first="2025-06-23"):
    index = pd.bdate_range(first, periods=len(values), name="session").as_unit("us")
    return pd.Series(values, index=index, dtype="float64", name="SPY")


def test_a_period_starts_at_the_close_before_it():
    """Over the turn of a month: +10 % in June, then +20 % and −10 % in July; today is −10 %, July +8 %, all +18.8 %."""
    account = history(worth("100 110 132 118.8", first="2025-06-27"))
    found = to_date(account, NO_CLOSES)
    assert found.index.tolist() == ["today", "this month", "this year", "since the start"]
    assert found["return"].tolist() == pytest.approx([-0.1, 0.08, 0.188, 0.188])
    assert found["pnl"].tolist() == pytest.approx([-13.2, 8.8, 18.8, 18.8])
    assert found["deepest"].tolist() == pytest.approx([-0.1, -0.1, -0.1, -0.1])
    assert [f"{since:%m-%d}" for since in found["since"]] == ["07-01", "06-30", "06-27", "06-27"]
    assert found["benchmark"].isna().all()


def test_today_is_the_days_own_return():
    """The first line is the page's day P&L and day return, also after a deposit."""
    account = history(
        ledger_of(
            cash_flows=flows("2025-06-25 deposit 1000", "2025-06-30 deposit 500"),
            fills=fills("2025-06-26 AAA BUY 10@50"),
            bars=bars("AAA", {"2025-06-26": 50, "2025-06-27": 52, "2025-06-30": 49}),
        )
    )
    today = to_date(account, NO_CLOSES).loc["today"]
    assert today["return"] == pytest.approx(account["return"].iloc[-1])
    assert today["pnl"] == account["pnl"].iloc[-1] == -30


def test_the_benchmark_is_measured_over_the_same_sessions():
    """From the close before each period; a hole at the start takes the close before it, one at the end is unknown."""
    account = history(worth("100 100 100 100 100 100 100", first="2025-06-23"))
    found = to_date(account, closes([100, 110, 120, 130, NONE, 140, 154]))["benchmark"]
    assert found.tolist() == pytest.approx([0.1, 0.1, 0.54, 0.54])
    assert to_date(account, closes([100, 110, 120, 130, 140, 150]))["benchmark"].isna().all()


def test_a_year_begins_in_january():
    """What came before New Year is none of it."""
    account = history(worth("100 200 220", first="2024-12-30"))
    found = to_date(account, NO_CLOSES)
    assert found.loc["this year", "return"] == pytest.approx(0.1)
    assert found.loc["since the start", "return"] == pytest.approx(1.2)


def test_a_first_session_has_no_period():
    """There is no close before: nothing is told, and nothing is zero."""
    found = to_date(history(worth("100")), NO_CLOSES)
    assert found.isna().all(axis=None)


def test_a_session_without_a_value_has_no_result():
    """A holding without a price today leaves every period open."""
    account = ledger_of(cash_flows=flows("2025-06-25 deposit 1000"), fills=fills("2025-06-30 AAA BUY 10@50"))
    assert to_date(history(account), NO_CLOSES)[["return", "pnl", "deepest"]].isna().all(axis=None)


def test_from_nothing_there_is_no_return():
    """After everything was lost, a month that starts at zero has a profit and no return."""
    account = ledger_of(
        "2025-07-01",
        cash_flows=flows("2025-06-26 deposit 1000", "2025-07-01 interest 5"),
        fills=fills("2025-06-27 AAA SELL 10@50"),
        bars=bars("AAA", {"2025-06-27": 50, "2025-06-30": 200, "2025-07-01": 200}),
    )
    found = to_date(history(account), NO_CLOSES).loc["this month"]
    assert np.isnan(found["return"])
    assert found["pnl"] == 5


def test_services_are_judged_by_the_last_weeks(tmp_path):
    """A service that went away last week is away since then, as the banner says."""
    rows = [
        {"service": "trade-discovery", "session": day, "time": f"{day}T20:30:00Z", "status": status}
        for day, status in (("2025-06-25", "up"), ("2025-06-26", "down"), ("2025-06-30", "down"))
    ]
    found = services_tonight(book_of(tmp_path, service_health=schema.conform("service_health", rows)))
    assert found.loc["trade-discovery", "status"] == "down"
    assert found.loc["trade-discovery", "since"].date() == date(2025, 6, 26)


def test_without_checks_there_is_no_service(tmp_path):
    """Nobody is called up who was never asked."""
    assert services_tonight(book_of(tmp_path)).empty
