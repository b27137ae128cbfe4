"""A limit that is crossed is told once, at its worst, with the session since which it is crossed."""

from datetime import date

import pandas as pd
import pytest
from build import bars, fills, flows, ledger_of, together, worth

from trade_dashboard.metrics import Alert, alerts, headroom
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
        "value_at_risk": 9,
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


def tail_of(account, *values):
    """Say the account's value at risk at its last closes; before them nobody knows it."""
    return pd.Series([float("nan")] * (len(account.sessions) - len(values)) + [*values], account.sessions)


def test_a_book_that_could_lose_too_much_warns():
    """3 % on one session in twenty, since Wednesday: the loss is told as a size, against 2 %."""
    account = worth("100 100 100")
    assert alerts(account, Limits(), tail_of(account, -0.01, -0.025, -0.03)) == [
        Alert("warning", "var_95", 0.03, 0.02, date(2025, 6, 24), None)
    ]
    assert alerts(account, Limits(), tail_of(account, -0.03, -0.02)) == []
    assert alerts(account, Limits(), tail_of(account, -0.03, float("nan"))) == []


def test_every_limit_says_what_is_left_of_it():
    """Half of equity in AAA: what crossed comes first, the critical before the warning, then what is nearest."""
    account = held(10, 10, quantity=50)
    found = headroom(account, Limits(heat=0.6), tail_of(account, -0.01))
    assert found.index.tolist() == [
        "concentration", "position_size", "heat", "value_at_risk", "drawdown", "drawdown_warning", "cash_buffer",
    ]  # fmt: skip
    assert found["state"].tolist() == ["crossed", "crossed", "near", "within", "within", "within", "within"]
    assert found["now"].tolist() == pytest.approx([0.5, 0.5, 0.5, 0.01, 0, 0, 0.5])
    assert found["headroom"].tolist() == pytest.approx([-0.2, -0.4, 0.1, 0.01, 0.20, 0.15, 0.45])
    assert found.loc["concentration", ["kpi", "symbol", "bound"]].tolist() == ["largest_position", "AAA", 0.30]


@pytest.mark.parametrize(
    ("now", "state"), [(0.239, "within"), (0.24, "near"), (0.30, "near"), (0.301, "crossed"), (None, "not known")]
)
def test_near_begins_at_four_fifths(now, state):
    """Of a limit of 30 %: 24 % is near, 30 % still is."""
    account = worth("100 100")
    told = tail_of(account, float("nan") if now is None else -now)
    assert headroom(account, limits(value_at_risk=0.30), told).loc["value_at_risk", "state"] == state


def test_cash_is_near_its_buffer_from_above():
    """With a buffer of 20 %, a quarter in cash is near, more is within, less than a fifth has crossed it."""
    told = {
        quantity: headroom(held(10, quantity=quantity), limits(cash_buffer=0.20)).loc["cash_buffer"]
        for quantity in (74, 75, 80, 81)
    }
    assert [one["state"] for one in told.values()] == ["within", "near", "near", "crossed"]
    assert [one["headroom"] for one in told.values()] == pytest.approx([0.06, 0.05, 0, -0.01])


def test_a_state_is_dated_by_its_beginning():
    """Crossed on Tuesday, near on Wednesday, crossed again on Thursday and Friday."""
    account = worth("100 100 100 100 100")
    found = headroom(account, Limits(), tail_of(account, 0, -0.03, -0.018, -0.021, -0.03)).loc["value_at_risk"]
    assert (found["state"], found["since"].date()) == ("crossed", date(2025, 6, 26))


@pytest.mark.parametrize(
    "account", [worth("100 90 80"), held(10, 7, quantity=100), held(10, 300, side="SELL"), ledger_of()]
)
def test_a_limit_is_crossed_exactly_when_it_alerts(account):
    """The table and the banner never disagree: about which, how far, and since when."""
    told = tail_of(account, -0.05)
    table = headroom(account, Limits(), told)
    crossed = table[table["state"] == "crossed"]
    found = alerts(account, Limits(), told)
    assert {alert.kpi for alert in found} == set(crossed["kpi"])
    for alert in found:
        row = crossed[(crossed["kpi"] == alert.kpi) & (crossed["bound"] == alert.limit)].iloc[0]
        assert (row["now"], row["since"].date()) == (alert.value, alert.since)


def test_what_nobody_knows_is_neither_within_nor_beyond():
    """An account of nothing has no exposures; its fall is none."""
    found = headroom(ledger_of(), Limits())
    assert found["state"].to_dict() == {
        "drawdown": "within", "drawdown_warning": "within", "heat": "not known", "position_size": "not known",
        "concentration": "not known", "cash_buffer": "not known",
    }  # fmt: skip
