"""The performance report's numbers: which sessions it looks at, tonight and the session before, and what an odd account gets."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from build import bars, book_of, equity, fills, flows, ledger_of, store_with, worth

from trade_dashboard import schema
from trade_dashboard.errors import RequestError
from trade_dashboard.metrics import (
    REPORTS,
    benchmark,
    history,
    intervals,
    performance,
    rolled,
    sharpe,
    shortfalls,
    trails,
    window,
)
from trade_dashboard.settings import Limits

NAN = float("nan")
NO_MARKET = pd.Series(dtype="float64", name="SPY")
ASK = {"lookback": 0, "risk_free_rate": 0.02}


def wavy(sessions, seed=5):
    """An account of cash that earns and pays a little at random, and a market beside it."""
    random = np.random.default_rng(seed)
    values = np.round(1000 * np.cumprod(1 + random.normal(0.001, 0.01, sessions)), 2)
    so_far = history(worth(" ".join(str(value) for value in values), first="2025-01-02"))
    closes = pd.Series(100 * np.cumprod(1 + random.normal(0.0005, 0.008, sessions)), index=so_far.index, name="SPY")
    return so_far, closes


@pytest.fixture(scope="module")
def account():
    return wavy(121)


def test_the_window_starts_from_the_close_before_its_sessions():
    """Two sessions of 100, 110, 88, 99: growth from 110, and the fall to 88 is a fifth."""
    shown = window(history(worth("100 110 88 99")), 2)
    assert shown["growth"].tolist() == pytest.approx([1, 0.8, 0.9])
    assert shown["return"].tolist() == pytest.approx([NAN, -0.2, 0.125], nan_ok=True)
    assert shown["pnl"].tolist() == pytest.approx([NAN, -22, 11], nan_ok=True)
    assert shown["drawdown"].tolist() == pytest.approx([0, -0.2, -0.1])
    assert shown["equity"].tolist() == [110, 88, 99]


def test_a_lookback_of_nothing_is_everything():
    """And one beyond the account's age as well."""
    so_far = history(worth("100 110 88 99"))
    for lookback in (0, 3, 4, 1000):
        assert window(so_far, lookback)["growth"].tolist() == pytest.approx([1, 1.1, 0.88, 0.99])


def test_a_window_begins_with_a_value():
    """The session whose holding had no price is no start: what came of it belongs to no window that begins there."""
    so_far = history(
        ledger_of(
            "2025-07-01",
            cash_flows=flows("2025-06-26 deposit 1000"),
            fills=fills("2025-06-27 AAA BUY 10@50"),
            bars=bars("AAA", {"2025-06-30": 60, "2025-07-01": 66}),
        )
    )
    assert so_far["equity"].tolist() == pytest.approx([1000, NAN, 1100, 1160], nan_ok=True)
    assert window(so_far, 2)["growth"].tolist() == pytest.approx([1, 1160 / 1100])


def test_after_everything_was_lost_there_are_no_returns():
    """A short that ran away: -100 % that day, whatever is paid in later."""
    so_far = history(
        ledger_of(
            "2025-07-02",
            cash_flows=flows("2025-06-26 deposit 1000", "2025-07-02 deposit 5000"),
            fills=fills("2025-06-27 AAA SELL 10@50"),
            bars=bars("AAA", {"2025-06-27": 50, "2025-06-30": 200, "2025-07-01": 100, "2025-07-02": 90}),
        )
    )
    shown = window(so_far, 0)
    assert shown["return"].tolist() == pytest.approx([NAN, 0, -1, NAN, NAN], nan_ok=True)
    found = performance(so_far, NO_MARKET, trials=10, **ASK)
    assert (found["total_return"].value, found["max_drawdown"].value, found["current_drawdown"].value) == (-1, -1, -1)
    assert window(so_far, 1)["growth"].isna().all()


def test_every_kpi_of_the_report_is_reckoned(account):
    """By its name, in the order in which the report tells them."""
    found = performance(*account, trials=10, **ASK)
    assert tuple(found) == REPORTS["performance"]
    assert all(stat.defined for stat in found.values())
    assert found["sharpe"] == sharpe(account[0]["return"], 0.02)


def test_the_deepest_drawdown_is_since_inception_whatever_the_lookback():
    """As on every page; the ratio to it is of the sessions looked at, and the current one is below the best of them."""
    so_far = history(worth("100 50 " + " ".join(str(60 + n % 3) for n in range(30))))
    found = performance(so_far, NO_MARKET, lookback=25, risk_free_rate=0.02, trials=1)
    assert found["max_drawdown"].value == pytest.approx(-0.5)
    assert found["current_drawdown"].value == pytest.approx(62 / 62 - 1)
    assert found["calmar"].value == pytest.approx(found["cagr"].value / (2 / 62))


@pytest.mark.parametrize("lookback", [0, 60])
def test_a_trail_ends_at_tonights_number_and_passes_last_nights(account, lookback):
    """Each value is what the report of that session said."""
    ask = {"lookback": lookback, "risk_free_rate": 0.02}
    so_far, closes = account
    told = trails(so_far, closes, trials=10, **ask)
    assert set(told) == set(REPORTS["performance"]) - {"calmar"}
    for back in (0, 1, 40):
        then = performance(so_far.iloc[: len(so_far) - back], closes, trials=10, **ask)
        for name, values in told.items():
            assert values.iloc[-1 - back] == pytest.approx(then[name].value, rel=1e-9, abs=1e-12), name


def test_intervals_hold_their_statistic(account):
    """Of the four that have one; the others stay as they were."""
    so_far, closes = account
    plain = performance(so_far, closes, trials=10, **ASK)
    told = intervals(plain, window(so_far, 0), 0.02)
    for name in ("sharpe", "sortino", "calmar", "cagr"):
        assert told[name].low < told[name].value < told[name].high
    others = [name for name in plain if name not in {"sharpe", "sortino", "calmar", "cagr"}]
    assert [told[name] for name in others] == [plain[name] for name in others]
    assert told == intervals(plain, window(so_far, 0), 0.02), "the same every time"


def test_rolled_numbers_know_what_came_before_the_window(account):
    """Over 50 sessions, at each of the last 30: none is missing, and the last is of the last 50."""
    so_far, closes = account
    lines = rolled(so_far, closes, lookback=30, risk_free_rate=0.02, over=50)
    assert lines.index.tolist() == so_far.index[-31:].tolist()
    assert lines.notna().all(axis=None)
    now = performance(so_far, closes, lookback=50, risk_free_rate=0.02, trials=1)
    assert lines.iloc[-1, :3].to_dict() == pytest.approx(
        {name: now[name].value for name in ("sharpe", "volatility", "beta")}
    )
    assert lines["benchmark_sharpe"].iloc[-1] == pytest.approx(sharpe(closes.tail(51).pct_change(), 0.02).value)
    assert rolled(so_far, NO_MARKET, lookback=0, risk_free_rate=0.02, over=50)["beta"].isna().all()


def test_a_ratio_below_the_one_to_reach_is_noticed(account):
    """With the session since which it has been; a ratio that is not known is below nothing."""
    told = trails(*account, trials=10, **ASK)
    above = told["sharpe"].iloc[-1] - 0.1, told["sortino"].iloc[-1] + 0.1
    (alert,) = shortfalls(told, Limits(sharpe=above[0], sortino=above[1]))
    assert (alert.severity, alert.kpi, alert.limit) == ("notice", "sortino", above[1])
    assert alert.value == told["sortino"].iloc[-1]
    assert alert.since <= date(2025, 6, 30)
    short = trails(account[0].head(10), account[1], trials=10, **ASK)
    assert shortfalls(short, Limits()) == []


DEGENERATE = {
    "one day old": worth("100"),
    "two days old": worth("100 101"),
    "without records": ledger_of(),
    "all cash": worth(" ".join(["100"] * 40), first="2025-01-02"),
    "unvalued": ledger_of(cash_flows=flows("2025-06-26 deposit 1000"), fills=fills("2025-06-27 AAA BUY 1@5")),
    "known to the broker alone": ledger_of(equity=equity("2025-06-27 100 cash=100")),
    "lost on its second day": ledger_of(
        cash_flows=flows("2025-06-26 deposit 100"),
        fills=fills("2025-06-27 AAA SELL 10@50"),
        bars=bars("AAA", {"2025-06-27": 500, "2025-06-30": 200}),
    ),
}


@pytest.mark.parametrize("name", DEGENERATE)
@pytest.mark.parametrize("lookback", [0, 1, 20])
def test_an_odd_account_has_reasons_and_no_inventions(name, lookback):
    """Every statistic is finite or says why; nothing warns, nothing crashes."""
    so_far = history(DEGENERATE[name])
    closes = pd.Series(100.0, index=so_far.index, name="SPY")
    ask = {"lookback": lookback, "risk_free_rate": 0.02}
    for market in (NO_MARKET, closes):
        found = intervals(performance(so_far, market, trials=10, **ask), window(so_far, lookback), 0.02)
        for stat in found.values():
            assert math.isfinite(stat.value) or stat.reason
        assert rolled(so_far, market, **ask)["sharpe"].isna().all()
        assert shortfalls(trails(so_far, market, trials=10, **ask), Limits()) == []
        performance(so_far.iloc[:-1], market, trials=10, **ask)


def test_all_cash_has_no_ratio():
    """It returned nothing, steadily: zero is told, ratios are not."""
    found = performance(history(DEGENERATE["all cash"]), NO_MARKET, trials=10, **ASK)
    assert (found["total_return"].value, found["volatility"].value, found["max_drawdown"].value) == (0, 0, 0)
    assert found["sharpe"].reason == found["sortino"].reason == "the returns do not vary"
    assert found["calmar"].reason == "there was no drawdown"
    assert found["beta"].reason == "not enough data: 0 of 20 sessions"


@pytest.mark.parametrize(("name", "value"), [("lookback", -1), ("trials", 0)])
def test_an_impossible_question_is_refused(account, name, value):
    """With what it takes."""
    ask = {"lookback": 0, "trials": 10, "risk_free_rate": 0.02} | {name: value}
    with pytest.raises(RequestError, match=f"Expected `{name}` to be .* or more, but got {value}"):
        performance(*account, **ask)


def test_the_benchmark_is_the_one_asked_for(tmp_path):
    """Else the settings' or the instruments'; and its splits are no fall."""
    split = {"symbol": ["AAA"], "session": ["2025-06-30"], "kind": ["split"], "ratio": [2]}
    store_with(tmp_path, corporate_actions=schema.conform("corporate_actions", split))
    book = book_of(tmp_path, bars=bars("AAA", {"2025-06-27": 100, "2025-06-30": 51}))
    found = benchmark(book, "AAA")
    assert found.name == "AAA"
    assert found.tolist() == [50, 51]
    assert benchmark(book).empty
    with pytest.raises(RequestError, match="holds none of 'ZZZ'"):
        benchmark(book, "ZZZ")
