"""A limit that is crossed is told once, at its worst, with the session since which it is crossed."""

from datetime import date

import pytest
from build import bars, fills, flows, ledger_of, together, worth

from trade_dashboard.metrics import Alert, alerts
from trade_dashboard.settings import Limits

START = flows("2025-06-26 deposit 1000")
DAYS = ("2025-06-27", "2025-06-30", "2025-07-01", "2025-07-02")


def limits(**given):
    """Make limits of which only those given can be crossed."""
    open_wide = {
        "drawdown_warning": 9,
        "drawdown": 9,
        "position_size": 9,
        "concentration": 9,
        "heat": 9,
        "cash_buffer": 0,
    }
    return Limits(**open_wide | given)


def held(*closes, quantity=10, side="BUY"):
    """Reckon 1000 in cash and ten shares traded at 10 on Friday, at these closes from then on."""
    days = DAYS[: len(closes)]
    return ledger_of(
        days[-1],
        cash_flows=START,
        fills=fills(f"2025-06-27 AAA {side} {quantity}@10"),
        bars=bars("AAA", dict(zip(days, closes, strict=True))),
    )


def test_within_every_limit_nothing_is_told():
    """An account of cash at its best day."""
    assert alerts(worth("100 110"), Limits()) == []


def test_an_alert_says_what_crossed_which_limit_since_when():
    """A fall of 16 %: below the warning of 15 %, since the session it fell."""
    (alert,) = alerts(worth("100 90 84"), Limits())
    assert alert == Alert(
        severity="warning", kpi="drawdown", value=pytest.approx(0.16), limit=0.15, since=date(2025, 6, 25), symbol=None
    )


def test_of_two_limits_on_one_number_only_the_worse_is_told():
    """A fall of 25 % is critical; that it is also a warning says nothing more. It is critical since it was critical."""
    (alert,) = alerts(worth("100 84 75"), Limits())
    assert (alert.severity, alert.kpi, alert.limit) == ("critical", "drawdown", 0.20)
    assert alert.since == date(2025, 6, 25)


def test_since_is_the_beginning_of_the_present_crossing():
    """Crossed on the second day, back on the third, crossed again since the fourth."""
    (alert,) = alerts(worth("100 80 100 80 79"), limits(drawdown_warning=0.15))
    assert alert.since == date(2025, 6, 26)


def test_what_recovered_is_not_told():
    """Only the last session is judged."""
    assert alerts(worth("100 50 100"), Limits()) == []


@pytest.mark.parametrize(
    ("account", "limit"),
    [
        (worth("100 75"), {"drawdown": 0.25}),
        (held(10, quantity=25), {"position_size": 0.25}),
        (held(10, quantity=25), {"heat": 0.25}),
        (held(10, quantity=75), {"cash_buffer": 0.25}),
    ],
)
def test_at_the_limit_is_within(account, limit):
    """Exactly a quarter does not cross a quarter."""
    assert alerts(account, limits(**limit)) == []


def test_a_large_holding_is_named():
    """A fifth of equity in one symbol: the warning names it and dates it; the small one beside it is silent."""
    account = ledger_of(
        "2025-07-01",
        cash_flows=START,
        fills=fills("2025-06-27 AAA BUY 5@10", "2025-06-30 BBB SELL 20@10"),
        bars=together(bars("AAA", dict.fromkeys(DAYS, 10)), bars("BBB", dict.fromkeys(DAYS, 10))),
    )
    assert alerts(account, Limits()) == [Alert("warning", "largest_position", 0.2, 0.10, date(2025, 6, 30), "BBB")]


def test_a_holding_that_became_the_largest_is_large_since_its_own_day():
    """AAA was large until Monday, BBB is since Tuesday: the alert is about BBB, and dated by it."""
    account = ledger_of(
        "2025-07-01",
        cash_flows=START,
        fills=fills("2025-06-27 AAA BUY 20@10", "2025-07-01 AAA SELL 20@10", "2025-07-01 BBB BUY 20@10"),
        bars=together(bars("AAA", dict.fromkeys(DAYS, 10)), bars("BBB", dict.fromkeys(DAYS, 10))),
    )
    (alert,) = alerts(account, Limits())
    assert (alert.symbol, alert.since) == ("BBB", date(2025, 7, 1))


def test_concentration_is_the_critical_position_size():
    """40 % in one symbol is critical against 30 %, and not also a warning against 10 %."""
    (alert,) = alerts(held(10, quantity=40), Limits())
    assert (alert.severity, alert.kpi, alert.value, alert.limit) == ("critical", "largest_position", 0.4, 0.30)


def test_a_short_holding_counts_with_its_size():
    """Half of equity sold short is a position of a half and a gross exposure of a half."""
    found = alerts(held(10, quantity=50, side="SELL"), limits(concentration=0.3, heat=0.4))
    assert [(alert.kpi, alert.value) for alert in found] == [("largest_position", 0.5), ("gross_exposure", 0.5)]


def test_too_little_cash_warns_below_its_limit():
    """2 % in cash with a buffer of 5 %: crossed from below."""
    found = alerts(held(10, quantity=98), limits(cash_buffer=0.05))
    assert found == [Alert("warning", "cash_share", pytest.approx(0.02), 0.05, date(2025, 6, 27), None)]


def test_the_worst_comes_first():
    """Critical before warnings; drawdown before position, exposure and cash."""
    found = alerts(held(10, 7, quantity=100), Limits())
    assert [(alert.severity, alert.kpi) for alert in found] == [
        ("critical", "drawdown"),
        ("critical", "largest_position"),
        ("warning", "gross_exposure"),
        ("warning", "cash_share"),
    ]
    moderate = alerts(held(10, 8.4, quantity=100), limits(drawdown_warning=0.15, concentration=0.3))
    assert [(alert.severity, alert.kpi) for alert in moderate] == [
        ("critical", "largest_position"),
        ("warning", "drawdown"),
    ]


def test_what_is_undefined_crosses_nothing():
    """A holding without a price, an account of nothing: no alert is invented."""
    unpriced = ledger_of(cash_flows=START, fills=fills("2025-06-30 AAA BUY 99@10"))
    assert alerts(unpriced, Limits()) == []
    assert alerts(ledger_of(), Limits()) == []


def test_a_bankrupt_account_has_fallen():
    """Fractions of nothing are undefined, but the fall is as deep as can be."""
    found = alerts(held(10, 300, quantity=10, side="SELL"), Limits())
    assert [(alert.severity, alert.kpi) for alert in found] == [("critical", "drawdown")]
    assert found[0].value <= 1
