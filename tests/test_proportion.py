"""A share and its interval."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trade_dashboard.metrics import wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(successes, n, low, high):
    """The examples of the paper that compares seven methods, to its four decimals."""
    found = wilson(successes, n)
    assert found.value == successes / n
    assert (found.low, found.high) == pytest.approx((low, high), abs=5.1e-5)
    assert found.n == n


def test_a_share_of_nothing_is_undefined():
    """Neither zero nor one half."""
    found = wilson(0, 0)
    assert math.isnan(found.value)
    assert found.reason == "not enough data: none so far"


@pytest.mark.parametrize(("successes", "n"), [(3, 2), (-1, 2)])
def test_more_than_all_is_refused(successes, n):
    """A count that cannot be is an error, not a share."""
    with pytest.raises(ValueError, match="successes"):
        wilson(successes, n)


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_independent_package_agrees_and_failures_mirror_successes(counts):
    """statsmodels' Wilson interval; and what is not a success is one minus it."""
    from statsmodels.stats.proportion import proportion_confint

    successes, n = counts
    found, other = wilson(successes, n), wilson(n - successes, n)
    assert (found.low, found.high) == pytest.approx(proportion_confint(successes, n, method="wilson"), abs=1e-12)
    assert (1 - other.high, 1 - other.low) == pytest.approx((found.low, found.high))
    assert 0 <= found.low <= found.value <= found.high <= 1
