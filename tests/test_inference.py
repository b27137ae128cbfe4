"""How sure a statistic is: published numbers, and what a bootstrap must do."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import few

from trade_dashboard.metrics import Stat, dsr, min_track_record, psr, undefined
from trade_dashboard.metrics.inference import (
    block_length,
    luckiest_sharpe,
    probability_of_skill,
    record_needed,
    resampled,
    with_interval,
)

A_MONTH = {"ratio": 2 / 12**0.5, "reference": 1 / 12**0.5, "skew": -0.72, "kurtosis": 5.78}
TRIED = {"ratio": 2.5 / 250**0.5, "skew": -3.0, "kurtosis": 10.0, "n": 1250}
VARIANCE = 0.5 / 250


def noise(n=100, mean=0.1, seed=1):
    return pd.Series(
        np.random.default_rng(seed).normal(mean, 1, n) / 100, index=pd.bdate_range("2024-01-02", periods=n)
    )


def test_the_probabilistic_sharpe_ratio_is_the_published_one():
    """Of the paper: two a year, against one a year, over 59 months."""
    assert probability_of_skill(**A_MONTH, n=59) == pytest.approx(0.9486925, abs=5e-8)


def test_the_minimum_track_record_is_the_published_one():
    """Of the paper: the same ratio needs 59.895 months to be above one a year with 95 %."""
    assert record_needed(**A_MONTH) == pytest.approx(59.895, abs=5e-4)


@pytest.mark.parametrize(("trials", "probability"), [(100, 0.9003968), (46, 0.9505)])
def test_the_deflated_sharpe_ratio_is_the_published_one(trials, probability):
    """Of the paper: 2.5 a year over five years is not enough as the best of a hundred, but as the best of 46."""
    hurdle = luckiest_sharpe(trials, VARIANCE)
    assert probability_of_skill(**TRIED, reference=hurdle) == pytest.approx(
        probability, abs=5e-6 if trials == 46 else 5e-8
    )


def test_luck_alone_shows_more_the_oftener_it_is_tried():
    """A hundred trials: .1131720 a session; one trial: nothing to correct for."""
    assert luckiest_sharpe(100, VARIANCE) == pytest.approx(0.1131720, abs=5e-8)
    assert luckiest_sharpe(1, VARIANCE) == 0
    assert luckiest_sharpe(2, VARIANCE) < luckiest_sharpe(3, VARIANCE) < luckiest_sharpe(1000, VARIANCE)


def test_as_the_only_trial_the_deflated_ratio_is_the_probabilistic_one():
    """And as the best of ten it is less."""
    returns = noise()
    assert dsr(returns, 1, risk_free_rate=0.02).value == psr(returns, 0.02).value
    assert dsr(returns, 10).value < psr(returns).value


def test_trials_of_unknown_spread_have_that_of_luck():
    """1 / (n - 1), which is the error of a Sharpe ratio without skill over n sessions."""
    assert dsr(noise(101), 10).value == dsr(noise(101), 10, 1 / 100).value


def test_a_record_as_long_as_needed_is_sure_enough():
    """Seen over its minimum track record, a ratio is above the reference with 95 % probability."""
    needed = record_needed(**A_MONTH)
    assert probability_of_skill(**A_MONTH, n=needed) == pytest.approx(0.95)


def test_without_a_gain_no_record_is_long_enough():
    """A ratio that is not above the reference cannot be shown to be; it is not a negative number of sessions."""
    lost = min_track_record(noise(mean=-0.1))
    assert math.isnan(lost.value)
    assert lost.reason == "the Sharpe ratio is not above what it is held against: no record is long enough"


@pytest.mark.parametrize("statistic", [psr, min_track_record, lambda returns: dsr(returns, 10)])
def test_what_is_not_known_is_said(statistic):
    """Too few returns, and returns that do not vary."""
    assert statistic(noise(19)).reason == "not enough data: 19 of 20 sessions"
    assert statistic(noise(0)).reason == "not enough data: 0 of 20 sessions"
    assert statistic(pd.Series([0.01] * 30)).reason == "the returns do not vary"
    assert statistic(noise(20, mean=2)).defined


def test_returns_too_lopsided_for_the_formula_are_undefined():
    """Its variance would be negative: no probability, and no imaginary one."""
    assert math.isnan(probability_of_skill(1.5, 0, 5.0, 2.0, 100))
    assert math.isnan(record_needed(1.5, 0, 5.0, 2.0))


def test_samples_are_the_same_every_time():
    """A fixed seed: the same page from the same data."""
    values = noise().to_numpy()
    assert (resampled(values) == resampled(values)).all()
    assert (resampled(values, seed=1) != resampled(values, seed=2)).any()
    assert resampled(values, draws=7).shape == (7, 100)


def test_blocks_go_round_at_the_end():
    """Of 0 to 49 in their order blocks are long: after each value comes the next one, after 49 comes 0, or a new block begins."""
    values = np.arange(50.0)
    drawn = resampled(values, draws=200)
    follows = (drawn[:, 1:] == (drawn[:, :-1] + 1) % 50).mean()
    assert follows == pytest.approx(1 - 1 / block_length(values), abs=0.03)
    assert np.bincount(drawn.astype(int).ravel(), minlength=50).min() > 100


def test_an_interval_holds_what_nineteen_of_twenty_samples_gave():
    """Of 0 to 1000 in equal steps the outermost fortieths are left out."""
    stat = with_interval(Stat(500.0, 30), np.linspace(0, 1000, 1001))
    assert (stat.value, stat.low, stat.high) == (500, pytest.approx(25), pytest.approx(975))


def test_an_undefined_statistic_has_no_interval():
    """Neither has one that is undefined for a sample."""
    nothing = undefined("why", 3)
    assert with_interval(nothing, np.arange(10.0)) is nothing
    assert math.isnan(with_interval(Stat(1.0, 30), np.array([1.0, np.nan])).low)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    """A hundred accounts of independent returns with a known mean: some 95 of their intervals hold it."""
    held = 0
    for seed in range(100):
        values = noise(120, mean=0.1, seed=seed).to_numpy()
        stat = with_interval(Stat(float(values.mean()), 120), resampled(values, draws=200).mean(axis=-1))
        held += stat.low <= 0.001 <= stat.high
    assert 85 <= held <= 99


def test_values_that_do_not_vary_hang_together_by_nothing():
    """A block of one, and no division by their deviation."""
    assert block_length(np.full(30, 0.01)) == 1
    assert block_length(np.zeros(30)) == 1


@few
@given(mean=st.floats(0.05, 0.3), seed=st.integers(0, 99), scale=st.sampled_from([0.1, 5.0]))
def test_leverage_is_no_skill(mean, seed, scale):
    """Without a risk-free rate, probability and record needed are those of the shape of the returns."""
    returns = noise(mean=mean, seed=seed)
    for statistic in (psr, min_track_record):
        assert statistic(returns * scale).value == pytest.approx(statistic(returns).value, rel=1e-9, nan_ok=True)


@few
@given(seed=st.integers(0, 99), trials=st.integers(1, 50))
def test_more_trials_make_skill_less_likely(seed, trials):
    """Every strategy tried besides raises what luck would have shown."""
    returns = noise(seed=seed)
    assert dsr(returns, trials + 1).value <= dsr(returns, trials).value <= psr(returns).value + 1e-12
