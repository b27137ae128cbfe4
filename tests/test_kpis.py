"""The named numbers of a night: each with its meaning, the one before, and a reason when there is none."""

import math
from datetime import date

import pytest
from build import bars, fills, flows, ledger_of, worth

from trade_dashboard.metrics import KPIS, history, nightly_kpis

START = flows("2025-06-26 deposit 1000")


def kpis(account):
    return nightly_kpis(history(account))


def test_every_kpi_says_what_it_means():
    """A label, a unit and a sentence."""
    for name, meaning in KPIS.items():
        assert meaning.unit in {"USD", "fraction", "count"}, name
        assert meaning.label
        assert meaning.definition.endswith(".")


def test_the_numbers_of_a_night_beside_the_night_before():
    """110 after 100 after 120: ten earned, a tenth, a twelfth below the best."""
    found = kpis(worth("120 100 110"))
    assert list(found) == list(KPIS)
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
