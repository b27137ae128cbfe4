"""Drawdowns: how far below the best session, and each fall from its peak to its recovery."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import few

from trade_dashboard.metrics import current_drawdown, drawdown, episodes, max_drawdown

NAN = float("nan")
curves = st.lists(st.floats(0.5, 2.0), min_size=1, max_size=30)
BEARS = (
    ("1987-08-25", "1987-12-04", -0.3351),
    ("2000-03-24", "2002-10-09", -0.491),
    ("2007-10-09", "2009-03-09", -0.568),
)
NEWER_BEARS = (("2020-02-19", "2020-03-23", -0.3392), ("2022-01-03", "2022-10-12", -0.2543))


def curve(values, first="2025-06-23"):
    """Date values on weekdays: `curve("100 110 -")`, where a dash has no value."""
    told = [NAN if value == "-" else float(value) for value in values.split()] if isinstance(values, str) else values
    return pd.Series(told, index=pd.bdate_range(first, periods=len(told)), dtype="float64")


def days(series):
    return [f"{day:%m-%d}" if pd.notna(day) else None for day in series]


def test_a_fall_runs_from_the_last_peak_to_the_first_session_back_at_it():
    """110 on the second day, lowest on the fifth, back on the sixth; then below 180 until the end."""
    found = episodes(curve("100 110 100 80 70 110 180 150"))
    assert days(found["peak"]) == ["06-24", "07-01"]
    assert days(found["valley"]) == ["06-27", "07-02"]
    assert days(found["recovery"]) == ["06-30", None]
    assert found["depth"].tolist() == pytest.approx([-4 / 11, -1 / 6])
    assert found["sessions_to_valley"].tolist() == [3, 1]
    assert found["days_to_valley"].tolist() == [3, 1]
    assert found["sessions_to_recovery"].tolist() == pytest.approx([4, NAN], nan_ok=True)
    assert found["days_to_recovery"].tolist() == pytest.approx([6, NAN], nan_ok=True)
    assert found["sessions_ongoing"].tolist() == pytest.approx([NAN, 1], nan_ok=True)
    assert found["days_ongoing"].tolist() == pytest.approx([NAN, 1], nan_ok=True)


def test_the_starting_capital_is_the_first_peak():
    """A loss in the first session is a drawdown, and its episode begins at the inception."""
    found = episodes(curve("100 90 95"))
    assert days(found["peak"]) == ["06-23"]
    assert found["depth"].tolist() == pytest.approx([-0.1])
    assert found["sessions_ongoing"].tolist() == [2]


def test_the_peak_is_the_last_session_at_the_high_and_the_valley_the_first_at_the_low():
    """Two sessions at 110 and two at 90."""
    found = episodes(curve("100 110 110 90 90 120"))
    assert days([*found["peak"], *found["valley"], *found["recovery"]]) == ["06-25", "06-26", "06-30"]


def test_the_deepest_is_the_deepest_share_and_not_the_most_money():
    """500 of 1000 is half; 1000 of 11000 is more money and a ninth."""
    equity = curve("1000 500 1000 11000 10000")
    found = episodes(equity)
    lost = [equity[peak] - equity[valley] for peak, valley in zip(found["peak"], found["valley"], strict=True)]
    assert found["depth"].tolist() == pytest.approx([-0.5, -0.090909], abs=1e-6)
    assert lost == [500, 1000]
    assert max_drawdown(equity).value == pytest.approx(-0.5)
    assert current_drawdown(equity).value == pytest.approx(-0.090909, abs=1e-6)


def test_what_rounding_leaves_is_no_drawdown():
    """Down by a tenth and up by a ninth is back at the peak, though a computer's product is a hair below."""
    back = curve([1.0, 0.9, 0.9 * (1 + 1 / 9) * (1 - 1e-16), 1.0 - 1e-15])
    assert drawdown(back).tolist() == pytest.approx([0, -0.1, 0, 0])
    assert (drawdown(back).iloc[2:] == 0).all()
    assert days(episodes(back)["recovery"]) == ["06-25"]


def test_a_session_without_a_value_is_no_peak_and_no_valley():
    """It stays unknown, and the time passes."""
    found = curve("100 - 80 - 100")
    assert drawdown(found).tolist() == pytest.approx([0, NAN, -0.2, NAN, 0], nan_ok=True)
    (episode,) = episodes(found).to_dict("records")
    assert (episode["sessions_to_valley"], episode["sessions_to_recovery"]) == (2, 4)
    unknown = current_drawdown(curve("100 -"))
    assert (unknown.value, unknown.reason) == (pytest.approx(NAN, nan_ok=True), "the session has no value")


def test_an_account_that_lost_everything_is_a_whole_below_its_best():
    """Growth of nothing: -1, and no recovery from it."""
    (episode,) = episodes(curve("1 1.5 0 0")).to_dict("records")
    assert (episode["depth"], episode["sessions_ongoing"]) == (-1, 2)


def test_without_a_fall_there_is_no_episode():
    """Nor without sessions: no rows, all columns."""
    for growth in (curve("100 100 110"), curve("100"), curve("")):
        found = episodes(growth)
        assert found.empty
        assert {"peak", "valley", "recovery", "depth", "days_ongoing"} < set(found.columns)
    assert max_drawdown(curve("100 110")).value == 0
    assert max_drawdown(curve("")).reason == "not enough data: no session has a value"


def assert_bears(closes, bears):
    found = episodes(closes).set_index("peak")
    for peak, valley, depth in bears:
        bear = found.loc[pd.Timestamp(peak)]
        assert f"{bear['valley']:%Y-%m-%d}" == valley
        assert bear["depth"] == pytest.approx(depth, abs=5e-4 if depth in (-0.491, -0.568) else 5e-5)


def test_bear_markets_of_the_last_century_are_found():
    """The S&P 500's closes to 2015 that great_tables ships."""
    from great_tables.data import sp500

    closes = pd.Series(sp500["close"].to_numpy(), index=pd.to_datetime(sp500["date"])).sort_index()
    assert_bears(closes, BEARS)


def test_bear_markets_of_this_century_are_found():
    """The S&P 500's closes from 1990 to 2022 that skfolio ships."""
    from skfolio.datasets import load_sp500_index

    assert_bears(load_sp500_index()["SP500"], (*BEARS[1:], *NEWER_BEARS))


@few
@given(values=curves, scale=st.sampled_from([0.01, 3, 1e6]))
def test_money_in_another_unit_changes_no_drawdown(values, scale):
    """Depths, dates and lengths are those of the shape of the curve."""
    plain, scaled = episodes(curve(values)), episodes(curve(values) * scale)
    pd.testing.assert_frame_equal(scaled, plain)


@few
@given(values=curves)
def test_episodes_are_where_the_drawdown_is(values):
    """Every session below its best is in exactly one episode; the deepest episode is the deepest drawdown."""
    growth = curve(values)
    found, below = episodes(growth), drawdown(growth) < 0
    lasted = found["sessions_to_recovery"].fillna(found["sessions_ongoing"] + 1) - 1
    assert lasted.sum() == below.sum()
    assert found["depth"].min() == pytest.approx(max_drawdown(growth).value) if len(found) else not below.any()
    assert (found["peak"] < found["valley"]).all()
    assert not (found["recovery"] <= found["valley"]).any()
