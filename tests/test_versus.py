"""Beside the benchmark: the line through both, what is left of it, and who moves when."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import few

from trade_dashboard.metrics import alpha, beta, capture, excess, information_ratio, paired, tracking_error
from trade_dashboard.metrics.versus import beta_of

NAN = float("nan")
MARKET = [0.01, -0.02, 0.03, -0.01] * 6


def pair(account, market=MARKET):
    index = pd.bdate_range("2025-01-02", periods=len(market))
    return pd.DataFrame({"account": account, "benchmark": market}, index=index, dtype="float64")


def half_and(extra):
    return pair([0.5 * move + extra for move in MARKET])


def test_both_returns_are_of_the_same_stretch():
    """Where either has no value, the next row is of the two sessions together."""
    days = pd.bdate_range("2025-06-23", periods=5)
    growth = pd.Series([1, 1.1, NAN, 1.21, 1.331], index=days)
    closes = pd.Series([100, 110, 115, 121, 60.5], index=days)
    found = paired(growth, closes)
    assert found.index.tolist() == [days[1], days[3], days[4]]
    assert found["account"].tolist() == pytest.approx([0.1, 0.1, 0.1])
    assert found["benchmark"].tolist() == pytest.approx([0.1, 0.1, -0.5])
    late = paired(growth, closes.iloc[3:])
    assert late.to_numpy().tolist() == [pytest.approx([0.1, -0.5])]


def test_nothing_is_paired_after_everything_was_lost():
    """The session of the loss is the last."""
    days = pd.bdate_range("2025-06-23", periods=4)
    found = paired(pd.Series([1, 1.1, 0, 0], index=days), pd.Series([1.0, 2, 3, 4], index=days))
    assert found["account"].tolist() == pytest.approx([0.1, -1])


def test_half_the_market_and_a_little_more():
    """A slope of a half; the little more, 252 times, is alpha."""
    found = half_and(0.0001)
    assert beta(found).value == pytest.approx(0.5, rel=1e-12)
    assert alpha(found).value == pytest.approx(0.0252, rel=1e-9)
    assert beta(found).n == 24


def test_alpha_is_of_excess_returns():
    """Half in the market and half at the risk-free rate is no skill."""
    free = 1.04 ** (1 / 252) - 1
    assert alpha(half_and(0.5 * free), 0.04).value == pytest.approx(0, abs=1e-12)
    assert excess(half_and(0.5 * free), 0.04).shape == (24, 2)


def test_tracking_error_and_information_ratio_by_hand():
    """Ahead by 0.1 % and behind by 0.1 %, by turns, and once more ahead: 13 up, 12 down of 25."""
    ahead = [0.001, -0.001] * 12 + [0.001]
    found = pair([0.01 + more for more in ahead], [0.01] * 25)
    spread = math.sqrt((25 * 0.001**2 - (0.001**2) / 25) / 24)
    assert tracking_error(found).value == pytest.approx(spread * math.sqrt(252), rel=1e-9)
    assert information_ratio(found).value == pytest.approx(0.001 / 25 / spread * math.sqrt(252), rel=1e-9)


def test_capture_compares_geometric_means_of_the_sessions_the_benchmark_rose_or_fell():
    """Up 1 % and 3 % by turns, the account 1 % and 1 %: its 1 % by √(1.01·1.03) − 1."""
    found = pair([0.01, -0.03, 0.01, -0.03] * 10, [0.01, -0.02, 0.03, -0.01] * 10)
    assert capture(found, up=True).value == pytest.approx(0.01 / (math.sqrt(1.01 * 1.03) - 1), rel=1e-12)
    assert capture(found, up=False).value == pytest.approx(-0.03 / (math.sqrt(0.98 * 0.99) - 1), rel=1e-12)
    assert capture(found, up=True).n == 20


def test_too_few_sessions_or_none_say_so():
    """Without a benchmark there are no rows; capture wants twenty of its own kind."""
    none = paired(pd.Series([1.0, 1.1], index=pd.bdate_range("2025-01-02", periods=2)), pd.Series(dtype="float64"))
    for statistic in (beta, alpha, tracking_error, information_ratio):
        assert statistic(none).reason == "not enough data: 0 of 20 sessions"
        assert statistic(half_and(0).iloc[:19]).reason == "not enough data: 19 of 20 sessions"
    assert capture(half_and(0), up=True).reason == "not enough data: 12 of 20 sessions"


def test_a_benchmark_that_stands_still_explains_nothing():
    """No slope on what does not move, and no ratio to itself."""
    still = pair([0.01, -0.01] * 12, [0.0] * 24)
    assert beta(still).reason == alpha(still).reason == "the benchmark does not move"
    same = pair(MARKET)
    assert information_ratio(same).reason == "the account does not part from the benchmark"
    assert (beta(same).value, tracking_error(same).value) == (pytest.approx(1), 0)


def test_the_slope_of_many_pairs_is_each_ones_own():
    """Along the last axis, as rolling wants it."""
    found = half_and(0.001).to_numpy().T
    assert beta_of(np.stack([found, found * [[3], [1]]])).tolist() == pytest.approx([0.5, 1.5])


moves = st.lists(st.floats(-0.1, 0.1).map(lambda move: round(move, 4)), min_size=24, max_size=24)


@few
@given(account=moves, leverage=st.sampled_from([0.5, 2.0, -1.0]))
def test_leverage_multiplies_alpha_and_beta(account, leverage):
    """Without a risk-free rate; the market's own slope is one."""
    plain, levered = pair(account), pair([leverage * move for move in account])
    assert beta(levered).value == pytest.approx(leverage * beta(plain).value, abs=1e-9)
    assert alpha(levered).value == pytest.approx(leverage * alpha(plain).value, abs=1e-9)


@few
@given(account=moves, seed=st.integers(0, 9))
def test_the_order_of_sessions_means_nothing_beside_the_benchmark(account, seed):
    """Shuffled together, the two are as they were."""
    plain = pair(account)
    shuffled = plain.sample(frac=1, random_state=seed)
    for statistic in (beta, alpha, tracking_error, information_ratio):
        assert statistic(shuffled).value == pytest.approx(statistic(plain).value, rel=1e-6, abs=1e-9, nan_ok=True)
