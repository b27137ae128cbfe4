"""The named numbers of a night: each with its meaning, the one before, and a reason when there is none."""

import math
from datetime import date

import pytest
from build import bars, fills, flows, ledger_of, worth

from trade_dashboard.metrics import KPIS, REPORTS, Stat, history, nightly_kpis, undefined
from trade_dashboard.metrics import kpis as named

START = flows("2025-06-26 deposit 1000")


def kpis(account):
    return nightly_kpis(history(account))


def test_every_kpi_says_what_it_means():
    """A label, a unit and a sentence; and a report glues it."""
    assert {name for names in REPORTS.values() for name in names} == set(KPIS)
    for name, meaning in KPIS.items():
        assert meaning.unit in {"USD", "fraction", "ratio", "bps", "count", "sessions", "word"}, name
        assert meaning.label
        assert meaning.definition.endswith(".")


def test_the_numbers_of_a_night_beside_the_night_before():
    """110 after 100 after 120: ten earned, a tenth, a twelfth below the best."""
    found = kpis(worth("120 100 110"))
    assert list(found) == list(REPORTS["nightly_summary"])
    told = {name: (one.value, one.previous) for name, one in found.items()}
    assert told["equity"] == (110, 100)
    assert told["day_pnl"] == (10, -20)
    assert told["day_return"] == pytest.approx((0.1, -1 / 6))
    assert told["drawdown"] == pytest.approx((-1 / 12, -1 / 6))
    assert told["max_drawdown"] == pytest.approx((-1 / 6, -1 / 6))
    assert told["cash_share"] == (1, 1)
    for name in ("gross_exposure", "net_exposure", "open_positions", "fills", "largest_position"):
        assert told[name] == (0, 0), name
    assert {one.previous_session for one in found.values()} == {date(2025, 6, 24)}
    assert {one.reason for one in found.values()} == {None}


def test_a_number_is_plain():
    """A report glues it as JSON: neither a number of numpy nor NaN nor infinity."""
    for account in (worth("120 100 110"), worth("100"), ledger_of()):
        for one in kpis(account).values():
            assert one.value is None or (type(one.value) in (int, float) and math.isfinite(one.value))
            assert one.previous is None or type(one.previous) in (int, float)
            assert (one.value is None) == (one.reason is not None)


def test_the_trail_ends_tonight():
    """The last sixty values, oldest first, undefined ones kept in their place."""
    found = kpis(worth("120 100 110"))
    assert found["equity"].trail == (120, 100, 110)
    assert found["day_pnl"].trail == pytest.approx((float("nan"), -20, 10), nan_ok=True)
    long = kpis(worth(" ".join(str(value) for value in range(1, 66))))
    assert long["equity"].trail == tuple(range(6, 66))


def test_the_first_session_has_no_profit_and_says_why():
    """There is no session before: no return, no previous, but an equity."""
    found = kpis(worth("100"))
    assert (found["equity"].value, found["equity"].previous, found["equity"].reason) == (100, None, None)
    assert (found["day_pnl"].value, found["day_return"].value) == (None, None)
    assert found["day_pnl"].reason == "not enough data: this is the account's first session"
    assert found["equity"].previous_session is None


def test_a_holding_without_a_price_is_the_reason():
    """What cannot be valued is undefined with a reason; what can be counted is counted."""
    found = kpis(ledger_of(cash_flows=START, fills=fills("2025-06-30 AAA BUY 10@50")))
    assert found["equity"].value is None
    assert found["equity"].reason == "a holding has no price, or equity is not above zero"
    assert found["equity"].previous == 1000
    assert (found["open_positions"].value, found["fills"].value) == (1, 1)


def test_fractions_of_nothing_are_undefined():
    """Equity below zero: what it is is told, what it is a part of is not."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-27 AAA SELL 10@50"),
        bars=bars("AAA", {"2025-06-27": 50, "2025-06-30": 200}),
    )
    found = kpis(account)
    assert (found["equity"].value, found["day_pnl"].value) == (-500, -1500)
    for name in ("gross_exposure", "net_exposure", "largest_position", "cash_share"):
        assert found[name].value is None
        assert found[name].reason == "a holding has no price, or equity is not above zero"


def test_an_account_of_nothing_does_not_blame_its_first_session():
    """Worth zero on its first session: its exposure is undefined for that, not for want of sessions."""
    found = kpis(ledger_of())
    assert found["day_pnl"].reason == "not enough data: this is the account's first session"
    assert found["gross_exposure"].reason == "a holding has no price, or equity is not above zero"


def test_a_statistic_is_named_beside_the_one_before():
    """Its value, its interval, the session before; an undefined one is None and says why."""
    now = {"sharpe": Stat(1.5, 250, low=0.2, high=2.8), "beta": undefined("not enough data: 3 of 20 sessions", 3)}
    found = named(now, {"sharpe": Stat(1.25, 249)}, previous_session=date(2025, 6, 27))
    assert (found["sharpe"].value, found["sharpe"].previous) == (1.5, 1.25)
    assert (found["sharpe"].low, found["sharpe"].high) == (0.2, 2.8)
    assert (found["beta"].value, found["beta"].previous) == (None, None)
    assert found["beta"].reason == "not enough data: 3 of 20 sessions"


def test_a_statistic_without_a_value_has_a_reason():
    """Neither a silent gap nor an excuse for a number."""
    for stat in (lambda: Stat(math.nan, 0), lambda: Stat(1.0, 3, reason="too few")):
        with pytest.raises(ValueError, match="says why"):
            stat()
