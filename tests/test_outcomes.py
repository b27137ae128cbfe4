"""What became of candidates as a group: counts, medians, means, hit rates, and how sure one can be of each."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trade_dashboard import schema
from trade_dashboard.metrics import outcomes, score_groups, state_names
from trade_dashboard.metrics.outcomes import median

NAN = float("nan")
repeatable = settings(max_examples=25, deadline=None, derandomize=True, database=None)


def rows(excess, score=None, horizon=5, status="followed", at=None):
    """Make followed candidates, one a session, with these excess returns."""
    count = len(excess)
    return pd.DataFrame(
        {
            "at": range(count) if at is None else at,
            "score": range(count) if score is None else score,
            "horizon": horizon,
            "status": status,
            "excess": excess,
        }
    )


def test_a_group_is_summed_up():
    """Six followed, one of them delisted, one still open, one that could not be entered: the last two count for nothing."""
    some = rows([0.1, -0.2, 0.3, 0.0, 0.4, -0.1, NAN, NAN], status=["ended", *["followed"] * 5, "open", "no price"])
    told = outcomes(some).loc[5]
    assert told[["candidates", "n", "ended", "open", "no_price"]].tolist() == [8, 6, 1, 1, 1]
    assert told[["least", "most"]].tolist() == [0, 5]
    assert told["median"].value == pytest.approx(0.05)
    assert told["mean"].value == pytest.approx(0.5 / 6)
    # level with the benchmark is not ahead of it
    assert told["hit_rate"].value == pytest.approx(3 / 6)
    assert (told["hit_rate"].low, told["hit_rate"].high) == pytest.approx((0.1876, 0.8124), abs=5e-5)


def test_groups_are_told_apart_in_order():
    """By horizon when nothing is said, else by what is given; rows of no group are left out."""
    both = pd.concat([rows([0.1] * 5, horizon=20), rows([0.2] * 5, horizon=1)], ignore_index=True)
    assert outcomes(both).index.tolist() == [1, 20]
    assert outcomes(both, pd.Series([2.0, NAN] * 5)).index.tolist() == [2.0]
    assert outcomes(both, pd.Series([2.0, NAN] * 5))["candidates"].tolist() == [5]


def test_fewer_than_five_say_nothing():
    """Four candidates have no median, mean or hit rate, and say why."""
    told = outcomes(rows([0.1, 0.2, 0.3, 0.4, NAN])).loc[5]
    for name in ("median", "mean", "hit_rate", "hits_over_time"):
        assert math.isnan(told[name].value)
        assert told[name].reason == "not enough data: 4 of 5 candidates followed"


def test_nothing_has_no_groups():
    """An empty frame, with its columns."""
    assert outcomes(rows([])).empty
    assert "hit_rate" in outcomes(rows([]))


@pytest.mark.parametrize(
    ("n", "low", "high"),
    # ranks of the interval of a median, two-sided 95 %, as in W. J. Conover's and Campbell and Gardner's tables
    [(6, 1, 6), (10, 2, 9), (15, 4, 12), (20, 6, 15), (30, 10, 21), (50, 18, 33), (100, 40, 61)],
)
def test_the_interval_of_a_median_is_two_of_its_values(n, low, high):
    """The published ranks, from either end."""
    stat = median(np.random.default_rng(1).permutation(n) + 1.0)
    assert (stat.value, stat.n) == ((n + 1) / 2, n)
    assert (stat.low, stat.high) == (low, high)


def test_five_values_have_a_median_without_an_interval():
    """Even from the least to the greatest, chance leaves the median out more often than one time in twenty."""
    assert math.isnan(median([1.0, 2, 3, 4, 5]).low)
    assert median([1.0, 2, 3, 4, 5]).value == 3


@repeatable
@given(st.integers(6, 2000))
def test_the_interval_of_a_median_holds_95_percent(n):
    """By the binomial distribution, whatever the values are: scipy's."""
    from scipy.stats import binom

    stat = median(np.arange(1.0, n + 1))
    held = binom.cdf(stat.high - 1, n, 0.5) - binom.cdf(stat.low - 1, n, 0.5)
    assert 0.935 < held < 0.98


def test_sessions_that_move_as_one_are_one_piece_of_evidence():
    """Ten candidates a session, all ahead or all behind: Wilson sees 400, and takes chance for an edge."""
    ahead = np.repeat(np.random.default_rng(5).permutation([1.0] * 24 + [-1.0] * 16), 10)
    some = rows(ahead, at=np.repeat(range(40), 10), horizon=1)
    naive, wide = (outcomes(some)[column].iloc[0] for column in ("hit_rate", "hits_over_time"))
    assert naive.value == wide.value == pytest.approx(0.6)
    assert naive.low > 0.55
    assert wide.low < 0.5 < wide.high


def test_candidates_are_parted_by_score_into_equal_groups():
    """Fifty scores in ten groups: five in each, the lowest first; what has no result is in none."""
    groups = score_groups(rows([0.1] * 50 + [NAN], score=[*range(50), 99]))
    assert groups.value_counts().tolist() == [5] * 10
    assert groups.iloc[[0, 4, 5, 49]].tolist() == [1, 1, 2, 10]
    assert math.isnan(groups.iloc[50])
    assert score_groups(rows([NAN] * 3)).isna().all()


def test_few_candidates_make_few_groups():
    """Eighteen make three groups of six, and four are one: groups of fewer than five say nothing."""
    assert score_groups(rows([0.1] * 18)).value_counts().to_dict() == {1: 6, 2: 6, 3: 6}
    assert score_groups(rows([0.1] * 4)).tolist() == [1] * 4


def test_equal_scores_stay_together():
    """A score that nearly all share makes one large group."""
    groups = score_groups(rows([0.1] * 50, score=[0] + [1] * 48 + [2]))
    assert groups.value_counts().to_dict() == {6: 48, 1: 1, 10: 1}


@repeatable
@given(st.lists(st.floats(-1, 1), min_size=6, max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(excess, random):
    """Median and hit rate are of the set, and turn over with its sign."""
    shuffled = random.sample(excess, len(excess))
    one, other = outcomes(rows(excess)).loc[5], outcomes(rows(shuffled)).loc[5]
    assert one["median"] == other["median"]
    assert one["hit_rate"] == other["hit_rate"]
    assert median([-value for value in excess]).value == pytest.approx(-one["median"].value)


def test_a_state_is_called_what_it_was_last_called():
    """The newest description of a number; a number nobody described keeps it; none was told."""
    days = ("2025-06-26", "2025-06-27", "2025-06-30")
    told = [
        {"symbol": "SPY", "session": day, "time": f"{day}T20:20Z", "state_id": state, "description": words}
        for day, state, words in zip(days, (1, 2, 1), ("rough", "calm", "stormy"), strict=True)
    ]
    states = pd.Series([1.0, 2, 3, NAN])
    assert state_names(states, schema.conform("market_states", told)).tolist() == [
        "stormy",
        "calm",
        "state 3",
        "not told",
    ]
    assert state_names(states.iloc[:0], schema.empty("market_states")).tolist() == []
