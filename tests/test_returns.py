"""Returns: how fast, how steadily, and the one by the other; and the laws that hold of any account."""

import math

import numpy as np
import pandas as pd
import pytest
from build import flows, ledger_of
from hypothesis import given, settings
from hypothesis import strategies as st
from laws import few

from trade_dashboard.metrics import (
    cagr,
    calmar,
    downside_deviation,
    excess,
    history,
    kurtosis,
    monthly_returns,
    sharpe,
    skew,
    sortino,
    total_return,
    volatility,
    yearly_returns,
)
from trade_dashboard.metrics.returns import as_reported, rolling, sharpe_of

NAN = float("nan")
many = st.lists(st.floats(-0.2, 0.2).map(lambda move: round(move, 6)), min_size=25, max_size=40)


def returns(*percents, first="2025-01-02"):
    """Date returns in percent on weekdays."""
    return pd.Series(percents, index=pd.bdate_range(first, periods=len(percents)), dtype="float64") / 100


def grown(moves):
    """Grow 1 by returns; it begins the weekday before the first."""
    index = pd.bdate_range(end=moves.index[-1], periods=len(moves) + 1)
    return pd.Series([1.0, *(1 + moves).cumprod()], index=index)


MIXED = returns(NAN, 1, 10, -4, 2, 3, 2, 1, -10)
TWENTY = returns(*([1, -1] * 10))


def test_mixed_returns_have_published_numbers():
    """Eight returns after a day without one: the day without one counts for nothing."""
    assert sharpe(MIXED, least=8).value == pytest.approx(1.7238613961706866, rel=1e-12)
    assert sortino(MIXED, least=8).value == pytest.approx(2.605531251673693, rel=1e-12)
    assert downside_deviation(MIXED, least=8).value == pytest.approx(0.60448325038829653, rel=1e-12)
    assert volatility(MIXED, least=8).value == pytest.approx(0.9136465399704637, rel=1e-12)
    assert sharpe(MIXED, least=8).n == 8


def test_the_risk_free_rate_compounds_to_a_year():
    """252 sessions of it make the year's rate, so an account that earns just that has no excess."""
    free = 1.02 ** (1 / 252) - 1
    assert excess(pd.Series([free]), 0.02).tolist() == [0]
    assert (1 + free) ** 252 == pytest.approx(1.02)
    lucky = pd.Series([0.01, -0.01, 0.02, 0.0] * 5)
    assert sharpe(lucky, 0.02).value == pytest.approx((0.005 - free) / lucky.std() * math.sqrt(252), rel=1e-12)


def test_growth_a_year_counts_days_of_the_calendar_from_the_starting_capital():
    """From 30 June 2024 to 30 June 2025 are 365 days, whatever the number of sessions."""
    growth = pd.Series(np.linspace(1, 1.21, 21), index=pd.date_range("2024-06-30", "2025-06-30", 21).normalize())
    assert cagr(growth).value == pytest.approx(1.21 ** (365.25 / 365) - 1, rel=1e-12)
    assert total_return(growth).value == pytest.approx(0.21)
    assert (cagr(growth).n, total_return(growth).n) == (20, 20)


def test_growth_is_time_weighted():
    """+10 %, a deposit of 100 onto 110, -10 %: the account lost one per cent."""
    lines = ("2025-06-26 deposit 100", "2025-06-27 interest 10", "2025-06-30 deposit 100", "2025-06-30 fee -21")
    growth = history(ledger_of(cash_flows=flows(*lines)))["growth"]
    assert total_return(growth).value == pytest.approx(-0.01, rel=1e-12)


def test_calmar_sets_growth_against_the_deepest_drawdown():
    """A growth of a tenth a year through a fall by a fifth: a half."""
    growth = pd.Series([1, 0.8, *np.linspace(0.8, 1.1, 19)], index=pd.date_range("2024-06-30", "2025-06-30", 21))
    assert calmar(growth).value == pytest.approx((1.1 ** (365.25 / 365) - 1) / 0.2, rel=1e-12)


def test_everything_lost_is_a_growth_of_minus_one():
    """No infinity and no warning: -100 % a year, and a Calmar ratio of -1."""
    growth = pd.Series([1.0, *[0.5] * 10, *[0.0] * 10], index=pd.bdate_range("2025-01-02", periods=21))
    assert (total_return(growth).value, cagr(growth).value, calmar(growth).value) == (-1, -1, -1)


@pytest.mark.parametrize("statistic", [volatility, sharpe, sortino, downside_deviation, skew, kurtosis])
def test_fewer_than_twenty_returns_are_not_enough(statistic):
    """Nineteen say how many there are; twenty are a number."""
    short = statistic(TWENTY.iloc[1:])
    assert math.isnan(short.value)
    assert (short.n, short.reason) == (19, "not enough data: 19 of 20 sessions")
    assert statistic(TWENTY).defined


@pytest.mark.parametrize("statistic", [cagr, calmar])
def test_growth_a_year_of_less_than_twenty_sessions_is_not_told(statistic):
    """Nineteen returns, whatever they are, are no year's pace; what they came to is told."""
    growth = grown(TWENTY.iloc[1:])
    assert statistic(growth).reason == "not enough data: 19 of 20 sessions"
    assert total_return(growth).defined


def test_no_session_is_no_number():
    """An account of one day, and of none, has grown by nothing that could be told."""
    for growth in (pd.Series([1.0], index=pd.bdate_range("2025-01-02", periods=1)), pd.Series(dtype="float64")):
        assert total_return(growth).reason == "not enough data: 0 of 1 sessions"
        assert cagr(growth).reason == "not enough data: 0 of 20 sessions"


@pytest.mark.parametrize("level", [0.0, 0.01, -0.003, 1e-9])
def test_constant_returns_have_no_ratio(level):
    """What rounding leaves of their deviation is not one."""
    flat = pd.Series([level] * 50)
    for statistic in (sharpe, skew, kurtosis):
        assert statistic(flat).reason == "the returns do not vary"
    assert math.isnan(sortino(flat, 0.02).value)
    assert volatility(flat).value == pytest.approx(0, abs=1e-12)


def test_without_a_loss_there_is_no_sortino_and_without_a_fall_no_calmar():
    """Division by nothing: undefined, with its reason, never infinite."""
    rising = returns(*([1, 2] * 10))
    assert sortino(rising).reason == "no return fell short of the risk-free rate"
    assert downside_deviation(rising).value == 0
    assert calmar(grown(rising)).reason == "there was no drawdown"


def test_months_and_years_compound():
    """Two returns of 10 % in one month are 21 %; a month without a return is unknown, not zero."""
    index = pd.to_datetime(["2024-12-31", "2025-01-02", "2025-01-03", "2025-03-03", "2025-03-04"])
    moves = pd.Series([NAN, 0.1, 0.1, -0.5, NAN], index=index)
    by_month = monthly_returns(moves)
    assert by_month.index.tolist() == [2025]
    assert by_month.columns.tolist() == list(range(1, 13))
    assert by_month.loc[2025].dropna().to_dict() == pytest.approx({1: 0.21, 3: -0.5})
    assert yearly_returns(moves).to_dict() == pytest.approx({2025: -0.395})
    assert monthly_returns(moves.iloc[:1]).empty


def test_rolling_looks_at_so_many_returns():
    """NaN before there are as many; the days without one are left out."""
    moves = returns(NAN, 1, -1, 3, 1)
    rolled = rolling(moves, 3, lambda values: values.sum(axis=-1))
    assert rolled.tolist() == pytest.approx([NAN, NAN, 0.03, 0.03], nan_ok=True)
    assert rolling(moves, 5, sharpe_of).isna().all()


def test_rolling_is_the_statistic_itself():
    """Each window's Sharpe ratio is what `sharpe` says of its returns."""
    moves = returns(*np.random.default_rng(3).normal(size=60))
    rolled = rolling(moves, 25, sharpe_of)
    assert rolled.iloc[-1] == pytest.approx(sharpe(moves.tail(25)).value, rel=1e-12)
    assert rolled.iloc[30] == pytest.approx(sharpe(moves.iloc[6:31]).value, rel=1e-12)


@pytest.mark.parametrize("lookback", [0, 20, 30, 60, 90])
def test_each_night_would_have_reported_what_it_knew(lookback):
    """All returns up to that session, or the last so many; nothing before there are twenty."""
    moves = returns(*np.random.default_rng(4).normal(size=60))
    told = as_reported(moves, lookback, sharpe_of)
    assert told.isna().sum() == 19
    for n in (20, 35, 60):
        assert told.iloc[n - 1] == pytest.approx(sharpe(moves.iloc[:n].tail(lookback or n)).value, rel=1e-12)
    assert as_reported(moves, 10, sharpe_of).isna().all()
    lately = as_reported(moves, lookback, sharpe_of, last=2)
    assert lately.count() == 2
    assert lately.tail(2).tolist() == told.tail(2).tolist()


@few
@given(moves=many, scale=st.sampled_from([0.1, 3.0]))
def test_ratios_do_not_depend_on_leverage(moves, scale):
    """Without a risk-free rate, every return times a number leaves Sharpe, Sortino, skew and kurtosis as they are."""
    plain, scaled = pd.Series(moves), pd.Series(moves) * scale
    for statistic in (sharpe, sortino, skew, kurtosis):
        one, other = statistic(plain), statistic(scaled)
        assert one.reason == other.reason
        assert one.value == pytest.approx(other.value, rel=1e-6, nan_ok=True)
    assert volatility(scaled).value == pytest.approx(scale * volatility(plain).value)


@few
@given(moves=many, seed=st.integers(0, 9))
def test_the_order_of_returns_matters_to_drawdown_alone(moves, seed):
    """Shuffled, an account grows by as much, as unsteadily."""
    plain = returns(*(100 * move for move in moves))
    shuffled = pd.Series(np.random.default_rng(seed).permutation(plain), index=plain.index)
    assert total_return(grown(shuffled)).value == pytest.approx(total_return(grown(plain)).value)
    for statistic in (sharpe, sortino, volatility, skew, kurtosis):
        assert statistic(shuffled).value == pytest.approx(statistic(plain).value, rel=1e-6, abs=1e-9, nan_ok=True)


@few
@given(moves=many)
def test_a_year_is_its_months(moves):
    """Growth of all months, of all years and of the whole are the same."""
    plain = returns(*(100 * move for move in moves), first="2024-12-02")
    whole = (1 + plain).prod()
    assert (1 + monthly_returns(plain)).prod(axis=None) == pytest.approx(whole)
    assert (1 + yearly_returns(plain)).prod() == pytest.approx(whole)
    assert total_return(grown(plain)).value == pytest.approx(whole - 1)


@few
@given(moves=many)
def test_a_better_session_makes_no_ratio_worse(moves):
    """Raise every return by as much: mean up, deviation the same, downside no deeper."""
    plain, better = pd.Series(moves), pd.Series(moves) + 0.001
    assert not sharpe(better).value <= sharpe(plain).value
    assert downside_deviation(better).value <= downside_deviation(plain).value


@settings(few, max_examples=5)
@given(moves=st.lists(st.integers(-50, 50), min_size=1, max_size=12), given_each=st.integers(1, 500))
def test_money_put_in_is_no_return(moves, given_each):
    """Deposits before the sessions' returns change equity, never growth."""
    growth = _growth_with(moves, 0), _growth_with(moves, given_each)
    assert growth[0] == pytest.approx(growth[1], rel=1e-6)


def _growth_with(percents, deposit):
    """Run an account of 1000 through returns in percent, with a deposit at the open of every session."""
    days = [f"{day:%Y-%m-%d}" for day in pd.bdate_range("2025-05-27", periods=len(percents) + 1)]
    lines, equity = [f"{days[0]} deposit 1000"], 1000.0
    for day, percent in zip(days[1:], percents, strict=True):
        at_work = equity + deposit
        equity = at_work * (1 + percent / 100)
        lines += [f"{day} deposit {deposit}", f"{day} interest {equity - at_work}"]
    return history(ledger_of(days[-1], cash_flows=flows(*lines)))["growth"].tolist()
