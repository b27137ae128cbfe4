"""History's bad weeks and plain shocks, put on today's book: by own prices, else by beta, else it says that nobody knows."""

import math
from datetime import date

import pandas as pd
import pytest

from trade_dashboard.metrics.stress import WINDOWS, Window, replay, shocks, worst_month
from trade_dashboard.sessions import calendar

NAN = float("nan")
FALL = Window("a fall", date(2020, 2, 19), date(2020, 3, 23))
DAYS = pd.DatetimeIndex(calendar().between(date(2020, 2, 18), date(2020, 3, 24)))


def closes(**ends):
    """Prices that go in a straight line from the first of two values, at the window's first close, to the last, at its last."""
    inner = DAYS[(pd.Timestamp(FALL.first) <= DAYS) & (pd.Timestamp(FALL.last) >= DAYS)]
    lines = {
        symbol: pd.Series([first + (last - first) * n / (len(inner) - 1) for n in range(len(inner))], inner)
        for symbol, (first, last) in ends.items()
    }
    return pd.DataFrame(lines).reindex(DAYS).bfill().ffill()


MARKET = closes(SPX=(100, 66))["SPX"]
BETAS = pd.Series({"AAA": 1.0, "BBB": 2.0, "CCC": NAN})


def replayed(weights, prices, market=MARKET, betas=BETAS):
    return replay((FALL,), pd.Series(weights, dtype="float64"), prices, market, betas).loc["a fall"]


def test_every_window_is_between_two_sessions():
    """First and last are days on which the exchange closed; the names and the dates stand in order."""
    for window in WINDOWS:
        assert calendar().is_session(window.first)
        assert calendar().is_session(window.last)
        assert window.first < window.last
    assert [window.name[:4] for window in WINDOWS] == ["2008", "2011", "2018", "2020", "2022"]


def test_a_window_is_replayed_by_own_prices():
    """Half of equity in what fell 40 %, a fifth short of what fell 10 %: −20 % and +2 %."""
    found = replayed({"AAA": 0.5, "BBB": -0.2}, closes(AAA=(50, 30), BBB=(10, 9)))
    assert found["change"] == pytest.approx(-0.18)
    assert found[["own", "by_beta", "without", "covered"]].tolist() == [2, 0, 0, 1]
    assert found["market"] == pytest.approx(-0.34)


def test_without_own_prices_beta_stands_in():
    """BBB came later: twice the market's −34 % on a tenth of equity. It is counted as such."""
    found = replayed({"AAA": 0.5, "BBB": 0.1}, closes(AAA=(50, 30)))
    assert found["change"] == pytest.approx(0.5 * -0.4 + 0.1 * 2 * -0.34)
    assert found[["own", "by_beta", "without", "covered"]].tolist() == [1, 1, 0, 1]


def test_prices_that_do_not_reach_both_ends_are_none():
    """One that begins within the window, and one that ends within it."""
    prices = closes(AAA=(50, 30), BBB=(10, 5))
    prices.loc[:"2020-02-28", "AAA"] = NAN
    prices.loc["2020-03-10":, "BBB"] = NAN
    assert replayed({"AAA": 0.5, "BBB": 0.1}, prices)[["own", "by_beta"]].tolist() == [0, 2]


def test_a_missing_close_is_carried_for_a_few_sessions():
    """The first close is missing and the one before it is known."""
    prices = closes(AAA=(50, 30))
    prices.loc["2020-02-19", "AAA"] = NAN
    assert replayed({"AAA": 0.5}, prices)["change"] == pytest.approx(-0.2)


def test_what_nobody_knows_is_left_out_and_counted():
    """CCC has neither prices nor a beta: three quarters of gross exposure are covered, and one holding is without."""
    found = replayed({"AAA": 0.3, "CCC": -0.1}, closes(AAA=(50, 30)))
    assert found["change"] == pytest.approx(-0.12)
    assert (found["without"], found["covered"]) == (1, pytest.approx(0.75))


def test_where_nothing_reaches_there_is_no_number():
    """No prices of the time and no benchmark: NaN, never zero."""
    found = replayed({"AAA": 0.3}, closes(BBB=(1, 2)), market=pd.Series(NAN, DAYS, name="SPX"))
    assert math.isnan(found["change"])
    assert math.isnan(found["market"])
    assert (found["without"], found["covered"]) == (1, 0)
    assert math.isnan(replayed({}, closes(AAA=(1, 2)))["change"])
    assert math.isnan(replayed({"AAA": NAN}, closes(AAA=(1, 2)))["covered"])


def test_a_window_after_the_book_is_not_known():
    """Prices end before the window does: no look ahead, no half of it."""
    prices = closes(AAA=(50, 30)).loc[:"2020-03-20"]
    assert math.isnan(replayed({"AAA": 0.3}, prices, MARKET.loc[:"2020-03-20"])["change"])


def test_without_any_prices_nothing_is_replayed():
    """A store of no bars."""
    none = pd.DataFrame(index=DAYS[:0], columns=["AAA"], dtype="float64")
    assert math.isnan(replayed({"AAA": 0.3}, none, none["AAA"].rename("SPX"))["change"])


def test_the_worst_month_is_twenty_sessions_long():
    """The benchmark stands at 100, falls to 80 over twenty sessions and recovers."""
    days = pd.DatetimeIndex(calendar().between(date(2024, 1, 2), date(2024, 6, 28)))
    values = [100.0] * 30 + [100.0 - n for n in range(1, 21)] + [80.0 + n / 4 for n in range(1, len(days) - 49)]
    (found,) = worst_month(pd.Series(values, days, name="SPX"))
    assert (found.first, found.last) == (days[29].date(), days[49].date())
    assert found.name == "SPX, its worst 20 sessions"


def test_a_market_that_never_fell_has_no_worst_month():
    """Nor has one that is too young, or not there."""
    days = pd.DatetimeIndex(calendar().between(date(2024, 1, 2), date(2024, 3, 28)))
    rising = pd.Series(range(100, 100 + len(days)), days, dtype="float64", name="SPX")
    assert worst_month(rising) == ()
    assert worst_month(-rising.tail(20) + 1000) == ()
    assert worst_month(rising * NAN) == ()


def test_shocks_by_hand():
    """Half long with a beta of one, a fifth short with one of two: 0.1 net by beta, 0.3 net, 0.7 gross."""
    found = shocks(pd.Series({"AAA": 0.5, "BBB": -0.2}), BETAS)
    assert found.loc["market", "change"].tolist() == pytest.approx([-0.005, -0.01, -0.02])
    assert found.loc["market", "size"].tolist() == [-0.05, -0.10, -0.20]
    assert found.loc["every holding", "change"] == pytest.approx(-0.03)
    assert found.loc["against the book", "change"] == pytest.approx(-0.07)


def test_a_shock_of_the_market_needs_every_beta():
    """One holding without a beta: the market's shock is not known, that of every holding is."""
    found = shocks(pd.Series({"AAA": 0.5, "CCC": 0.2}), BETAS)
    assert found.loc["market", "change"].isna().all()
    assert found.loc["every holding", "change"] == pytest.approx(-0.07)


def test_nothing_held_is_not_shocked():
    """No number, whatever is asked."""
    assert shocks(pd.Series({"AAA": 0.0}), BETAS)["change"].isna().all()
    assert shocks(pd.Series({"AAA": NAN}), BETAS)["change"].isna().all()
