"""The loss of a bad session: quantiles by hand, what lies beyond them, and whether the forecast kept its word."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trade_dashboard.metrics.tail import (
    exceedances,
    expected_shortfall,
    kupiec,
    tail_history,
    tail_stats,
    value_at_risk,
)

NAN = float("nan")
PUBLISHED = pd.Series([85.0, 1, 84, 81, 83, 82])


def days(n):
    return pd.bdate_range("2024-01-02", periods=n, unit="us")


def random_book(seed=1, sessions=130, symbols=3):
    """Returns by session and symbol, and weights of both signs that change every session."""
    generator = np.random.default_rng(seed)
    names = [name * 3 for name in "ABCDE"[:symbols]]
    returns = pd.DataFrame(generator.normal(0, 0.02, (sessions, symbols)), days(sessions), names)
    weights = pd.DataFrame(generator.uniform(-1, 1, (sessions, symbols)), days(sessions), names)
    return returns, weights


@pytest.mark.parametrize(("share", "expected"), [(0.1, 41), (0.2, 81), (0.3, 81.5)])
def test_value_at_risk_is_linear_between_observations(share, expected):
    """1, 81, 82, 83, 84, 85: a published case; the order they come in is none."""
    assert value_at_risk(PUBLISHED, share) == pytest.approx(expected)


@pytest.mark.parametrize(("share", "expected"), [(0.1, 1), (0.2, 41), (0.3, 41), (0.4, (1 + 81 + 82) / 3)])
def test_the_shortfall_is_the_mean_beyond(share, expected):
    """Of what is at the value at risk or below: of 1; of 1 and 81 twice; of 1, 81 and 82."""
    assert expected_shortfall(PUBLISHED, share) == pytest.approx(expected)


def test_a_hole_is_no_observation():
    """NaN counts neither as a return nor in their number; nothing but holes has no quantile."""
    holes = pd.concat([PUBLISHED, pd.Series([NAN] * 6)])
    assert value_at_risk(holes, 0.1) == pytest.approx(41)
    assert expected_shortfall(holes, 0.1) == pytest.approx(1)
    assert math.isnan(value_at_risk(pd.Series([NAN]), 0.1))
    assert math.isnan(expected_shortfall(pd.Series(dtype="float64"), 0.1))


def test_the_book_of_each_session_is_held_over_its_own_past():
    """The last session's book over the last hundred sessions, by numpy's own quantile."""
    returns, weights = random_book()
    last = tail_history(weights, returns, lookback=100).iloc[-1]
    held = (returns.tail(100) * weights.iloc[-1]).sum(axis="columns")
    assert last["var"] == pytest.approx(np.quantile(held, 0.05))
    assert last["cvar"] == pytest.approx(held[held <= np.quantile(held, 0.05)].mean())
    assert last["observations"] == 100


def test_sixty_observations_are_needed():
    """The sixtieth session is the first with a value at risk."""
    returns, weights = random_book(sessions=70)
    found = tail_history(weights, returns)
    assert found["var"].isna().tolist() == [True] * 59 + [False] * 11
    assert found["observations"].tolist() == list(range(1, 71))


def test_a_young_holding_shortens_the_past_only_while_it_is_held():
    """CCC has 20 returns: with it too few, without it all."""
    returns, weights = random_book()
    returns.loc[returns.index[:-20], "CCC"] = NAN
    found = tail_history(weights, returns)
    assert (found["observations"].iloc[-1], found["var"].isna().iloc[-1]) == (20, True)
    var, cvar = tail_stats(found, weights, returns)
    assert var == cvar
    assert var.reason == (
        "not enough data: 20 of 60 sessions in which every holding has a return; the fewest, CCC's, are 20"
    )
    weights.loc[weights.index[-1], "CCC"] = 0
    assert tail_history(weights, returns)["observations"].iloc[-1] == 130


def test_nothing_held_loses_nothing_that_could_be_measured():
    """Neither zero nor an error: nothing is held, and it says so; weights that nobody knows likewise."""
    returns, weights = random_book()
    for row, reason in ((0.0, "nothing is held"), (NAN, "a holding has no price, or equity is not above zero")):
        weights.iloc[-1] = row
        found = tail_history(weights, returns)
        assert found.iloc[-1].isna()["var"]
        assert tail_stats(found, weights, returns)[0].reason == reason


def test_no_session_sees_a_later_one():
    """Cut after any session, everything up to it is the same."""
    returns, weights = random_book()
    whole = tail_history(weights, returns, 80)
    for end in (60, 90, 129):
        cut = tail_history(weights.iloc[:end], returns.iloc[:end], 80)
        pd.testing.assert_frame_equal(cut, whole.iloc[:end])
        pd.testing.assert_frame_equal(
            exceedances(weights.iloc[:end], returns.iloc[:end], cut),
            exceedances(weights, returns, whole).loc[: whole.index[end - 1]],
        )


def test_a_forecast_is_held_against_the_next_session():
    """The book of the sixtieth session, on the sixty-first: not the book that was traded into since."""
    returns, weights = random_book(sessions=61)
    found = exceedances(weights, returns, tail_history(weights, returns))
    (row,) = found.to_dict("records")
    expected = float((weights.iloc[59] * returns.iloc[60]).sum())
    assert found.index.tolist() == [returns.index[60]]
    assert row["realised"] == pytest.approx(expected)
    assert row["forecast"] == pytest.approx(
        np.quantile((returns.head(60) * weights.iloc[59]).sum(axis="columns"), 0.05)
    )
    assert row["exceeded"] == (row["realised"] < row["forecast"])


def test_a_session_that_a_holding_has_no_return_for_is_not_judged():
    """What the book did is not known then; what was not held may miss."""
    returns, weights = random_book(sessions=64)
    weights["CCC"] = 0.0
    returns.iloc[61, 0], returns.iloc[62, 2] = NAN, NAN
    found = exceedances(weights, returns, tail_history(weights, returns))
    assert found.index.tolist() == [returns.index[60], returns.index[62], returns.index[63]]


# Kupiec 1995, table of non-rejection regions at 95 %: sessions, share, and the numbers between which nothing is rejected
REGIONS = [
    (255, 0.01, None, 7), (510, 0.01, 1, 11), (1000, 0.01, 4, 17),
    (255, 0.025, 2, 12), (510, 0.025, 6, 21), (1000, 0.025, 15, 36),
    (255, 0.05, 6, 21), (510, 0.05, 16, 36), (1000, 0.05, 37, 65),
    (255, 0.075, 11, 28), (510, 0.075, 27, 51), (1000, 0.075, 59, 92),
    (255, 0.10, 16, 36), (510, 0.10, 38, 65), (1000, 0.10, 81, 120),
]  # fmt: skip


@pytest.mark.parametrize(("sessions", "share", "low", "high"), REGIONS)
def test_kupiec_rejects_where_his_table_does(sessions, share, low, high):
    """At the bounds it rejects, one inside it does not."""
    bounds = [(n, inside) for n, inside in ((low, 1), (high, -1)) if n is not None]
    for bound, inside in bounds:
        assert kupiec(bound, sessions, share).p_value.value < 0.05
        assert kupiec(bound + inside, sessions, share).p_value.value > 0.05


def test_as_many_as_expected_reject_nothing():
    """5 of 100 at 5 %: a ratio of nothing and a probability of one."""
    found = kupiec(5, 100)
    assert (found.expected, found.statistic.value, found.p_value.value) == (5, pytest.approx(0), pytest.approx(1))


@pytest.mark.parametrize(("exceeded", "sessions"), [(0, 250), (3, 250), (12, 250), (25, 250), (250, 250), (60, 60)])
def test_kupiec_is_the_ratio_of_two_binomials(exceeded, sessions):
    """Against scipy's binomial likelihoods and its chi-squared tail, also when none or all exceed."""
    from scipy import stats

    seen = exceeded / sessions
    ratio = 2 * (stats.binom.logpmf(exceeded, sessions, seen) - stats.binom.logpmf(exceeded, sessions, 0.05))
    found = kupiec(exceeded, sessions)
    assert found.statistic.value == pytest.approx(ratio, abs=1e-9)
    assert found.p_value.value == pytest.approx(stats.chi2.sf(ratio, 1))


def test_kupiec_needs_sixty_sessions():
    """Fewer say nothing."""
    found = kupiec(3, 59)
    assert (found.p_value.reason, found.statistic.defined) == ("not enough data: 59 of 60 sessions", False)
    assert kupiec(0, 0).p_value.n == 0


returns_drawn = st.lists(st.floats(-0.5, 0.5, width=32), min_size=1, max_size=80)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(values=returns_drawn, share=st.sampled_from([0.01, 0.05, 0.1, 0.5]))
def test_the_shortfall_is_never_above_the_value_at_risk(values, share):
    """Both lie within what was seen, and both scale with it."""
    returns = pd.Series(values, dtype="float64")
    var, cvar = value_at_risk(returns, share), expected_shortfall(returns, share)
    assert returns.min() - 1e-12 <= cvar <= var + 1e-12
    assert value_at_risk(returns * 4, share) == pytest.approx(4 * var, abs=1e-12)
    assert expected_shortfall(returns * 4, share) == pytest.approx(4 * cvar, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_symbols_means_nothing(seed):
    """Columns turned around: the same tail."""
    returns, weights = random_book(seed)
    turned = tail_history(weights[weights.columns[::-1]], returns)
    pd.testing.assert_frame_equal(turned, tail_history(weights, returns))


@pytest.mark.parametrize("seed", range(8))
def test_other_libraries_find_the_same_tail(seed):
    """Random returns of 60 to 500 sessions, against empyrical, skfolio and numpy.

    empyrical's value at risk is numpy's percentile, as ours; its CVaR averages the lowest ⌊(n−1)·share⌋+1 observations, which
    are exactly those at or below the linear quantile when no two are equal. With ties at the quantile it drops some of
    them and we do not: the definition stands. skfolio's VaR is an order statistic without interpolation, and its CVaR
    takes a fraction of the last observation: ours lie within one observation of them, and equal where share·n is whole
    and the observations beyond it are counted alike.
    """
    import empyrical
    from skfolio import measures

    generator = np.random.default_rng(seed)
    returns = pd.Series(generator.standard_t(4, int(generator.integers(60, 500))) / 100)
    var, cvar = value_at_risk(returns), expected_shortfall(returns)
    assert var == pytest.approx(np.quantile(returns, 0.05))
    assert var == pytest.approx(empyrical.value_at_risk(returns))
    assert cvar == pytest.approx(empyrical.conditional_value_at_risk(returns))
    ordered = np.sort(returns.to_numpy())
    at = math.floor(0.05 * (len(ordered) - 1))
    assert ordered[at] <= var <= ordered[at + 1]
    assert -measures.value_at_risk(returns.to_numpy(), beta=0.95) in ordered[[at, at + 1]]
    assert ordered[: at + 2].mean() >= -measures.cvar(returns.to_numpy(), beta=0.95) >= ordered[: max(at, 1)].mean()
