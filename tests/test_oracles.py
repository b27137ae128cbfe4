"""A hundred random accounts, against libraries that others rely on; where one means something else, the test says what.

These libraries are slow to import, so all tests of them are in this file.
"""

import math

import numpy as np
import pandas as pd
import pytest

from trade_dashboard.metrics import (
    alpha,
    beta,
    cagr,
    calmar,
    capture,
    downside_deviation,
    dsr,
    episodes,
    excess,
    information_ratio,
    kurtosis,
    max_drawdown,
    paired,
    psr,
    sharpe,
    skew,
    sortino,
    total_return,
    tracking_error,
    volatility,
)
from trade_dashboard.metrics.inference import block_length, resampled
from trade_dashboard.metrics.returns import sharpe_of

ACCOUNTS, SESSIONS = 100, 260
RATE = 0.03
FREE = (1 + RATE) ** (1 / 252) - 1
DAYS = pd.bdate_range("2023-12-29", periods=SESSIONS + 1)


@pytest.fixture(scope="module")
def growths():
    """Growth of a hundred accounts, one a column, from 1 on; fat tails, and a first session that may lose."""
    random = np.random.default_rng(7)
    moves = 0.0004 + 0.012 * random.standard_t(4, (SESSIONS, ACCOUNTS))
    return pd.DataFrame(np.vstack([np.ones(ACCOUNTS), np.cumprod(1 + moves, axis=0)]), index=DAYS)


@pytest.fixture(scope="module")
def returns(growths):
    return growths.pct_change().iloc[1:]


@pytest.fixture(scope="module")
def market():
    random = np.random.default_rng(8)
    return pd.Series(100 * np.cumprod(1 + random.normal(0.0003, 0.01, SESSIONS + 1)), index=DAYS)


def each(statistic, frame, *more, **named):
    """Apply a statistic of ours to every account."""
    return np.array([statistic(frame[account], *more, **named).value for account in frame])


def same(ours, theirs, rel=1e-9):
    np.testing.assert_allclose(ours, np.asarray(theirs, dtype=float), rtol=rel)


def test_empyrical_agrees_on_returns(returns, growths):
    """Sharpe, Sortino, downside deviation, volatility, total return and the deepest drawdown."""
    import empyrical

    same(each(sharpe, returns, RATE), empyrical.sharpe_ratio(returns, risk_free=FREE))
    same(each(sortino, returns, RATE), empyrical.sortino_ratio(returns, required_return=FREE))
    same(each(downside_deviation, returns, RATE), empyrical.downside_risk(returns, required_return=FREE))
    same(each(volatility, returns), empyrical.annual_volatility(returns))
    same(each(total_return, growths), empyrical.cum_returns_final(returns))
    same(each(max_drawdown, growths), empyrical.max_drawdown(returns))


def test_empyrical_counts_a_year_as_252_sessions(returns, growths):
    """Ours is 365.25 days of the calendar: 260 weekdays are 364 days, or 1.03 of empyrical's years."""
    import empyrical

    theirs = empyrical.cagr(returns)
    same((1 + each(cagr, growths)) ** (364 / 365.25), (1 + theirs) ** (260 / 252))


def test_empyrical_compounds_alpha(returns, growths, market):
    """Ours is the intercept times 252; theirs is compounded 252 times. Beta is the same."""
    import empyrical

    pairs = [paired(growths[account], market) for account in growths]
    theirs = np.array([empyrical.alpha_beta(pair["account"], pair["benchmark"], risk_free=FREE) for pair in pairs])
    same([beta(pair).value for pair in pairs], theirs[:, 1], 1e-8)
    same([alpha(pair, RATE).value for pair in pairs], 252 * ((1 + theirs[:, 0]) ** (1 / 252) - 1), 1e-6)


def test_empyrical_annualises_capture(growths, market):
    """Ours divides means of a session; theirs divides them compounded over 252, which makes 0.5 of 0.5 % a third."""
    import empyrical

    for account in growths.columns[:10]:
        pair = paired(growths[account], market)
        rose = pair[pair["benchmark"] > 0]
        a_session = [(1 + empyrical.annual_return(rose[name])) ** (1 / 252) - 1 for name in pair]
        same(capture(pair, up=True).value, a_session[0] / a_session[1])
        same(
            empyrical.up_capture(pair["account"], pair["benchmark"]),
            empyrical.annual_return(rose["account"]) / empyrical.annual_return(rose["benchmark"]),
        )


def test_ffn_agrees_on_growth(returns, growths):
    """Sharpe and Sortino; CAGR, drawdown and Calmar ratio from prices that begin with the starting capital."""
    import ffn.core as ffn

    same(each(sharpe, returns, RATE), ffn.calc_sharpe(returns, rf=RATE, nperiods=252))
    same(each(sortino, returns, RATE), ffn.calc_sortino_ratio(returns, rf=RATE, nperiods=252))
    same(each(cagr, growths), ffn.calc_cagr(growths))
    same(each(max_drawdown, growths), ffn.calc_max_drawdown(growths))
    same(each(calmar, growths), ffn.calc_calmar_ratio(growths))
    # given returns alone, ffn and others start their curve at the end of the first session, and lose its loss
    first_day_lost = growths.columns[returns.iloc[0] < 0]
    assert (
        each(max_drawdown, growths[first_day_lost]) <= ffn.calc_max_drawdown(growths[first_day_lost].iloc[1:])
    ).all()


def test_ffn_agrees_on_episodes(growths):
    """Depth and dates. Their start is the first session below the peak; an ongoing one ends at the last session there is."""
    import ffn.core as ffn

    for account in growths.columns[:10]:
        ours = episodes(growths[account])
        theirs = ffn.drawdown_details(ffn.to_drawdown_series(growths[account]))
        same(ours["depth"], theirs["drawdown"])
        assert (ours["recovery"].fillna(DAYS[-1]) == theirs["End"]).all()
        assert (DAYS[DAYS.searchsorted(ours["peak"]) + 1] == pd.DatetimeIndex(theirs["Start"])).all()


def test_ffn_agrees_on_the_information_ratio(growths, market):
    """Theirs is of a session: ours is √252 times it."""
    import ffn.core as ffn

    for account in growths.columns[:10]:
        pair = paired(growths[account], market)
        theirs = ffn.calc_information_ratio(pair["account"], pair["benchmark"])
        same(information_ratio(pair).value, theirs * math.sqrt(252))
        same(tracking_error(pair).value, (pair["account"] - pair["benchmark"]).std() * math.sqrt(252))


def test_ffn_corrects_the_moments_for_their_number(returns):
    """Theirs takes pandas' unbiased skew and kurtosis, ours the moments themselves: nearly the same probability."""
    import ffn.core as ffn

    trials = each(sharpe, returns, RATE)
    variance = float(np.var(trials / math.sqrt(252), ddof=1))
    ours = [dsr(returns[account], ACCOUNTS, variance, RATE).value for account in range(10)]
    theirs = [ffn.calc_deflated_sharpe_ratio(returns[account], trials, rf=RATE, nperiods=252) for account in range(10)]
    np.testing.assert_allclose(ours, theirs, atol=2e-3)


def test_skfolio_agrees_on_inference(returns):
    """Probabilistic and deflated Sharpe ratio, skew and raw kurtosis."""
    from skfolio import measures

    values, trials = returns.to_numpy(), each(sharpe, returns, RATE) / math.sqrt(252)
    variance = float(np.var(trials, ddof=1))
    same(each(psr, returns, RATE), measures.probabilistic_sharpe_ratio(values, risk_free_rate=FREE))
    same(
        each(dsr, returns, ACCOUNTS, variance, RATE),
        measures.deflated_sharpe_ratio(values, trials, risk_free_rate=FREE),
    )
    same(each(skew, returns), measures.skew(values))
    same(each(kurtosis, returns), measures.kurtosis(values))


def test_skfolio_adds_returns_up_unless_told_to_compound(returns, growths):
    """Its drawdown is ours when it compounds; its semi-deviation is from the mean, and of n - 1, unless told otherwise."""
    from skfolio import measures

    falls = measures.get_drawdowns(returns.to_numpy(), compounded=True)
    same(each(max_drawdown, growths), -measures.max_drawdown(falls))
    short = measures.semi_deviation(returns.to_numpy(), min_acceptable_return=FREE, biased=True)
    same(each(downside_deviation, returns, RATE), short * math.sqrt(252))


def test_scipy_agrees_on_moments(returns):
    """Kurtosis not from 3 (`fisher`), neither corrected for n (`bias`)."""
    from scipy import stats

    same(each(kurtosis, returns), stats.kurtosis(returns, fisher=False, bias=True))
    same(each(skew, returns), stats.skew(returns, bias=True))


def test_statsmodels_agrees_on_the_line(growths, market):
    """Ordinary least squares with a constant, on excess returns."""
    from statsmodels.regression.linear_model import OLS
    from statsmodels.tools import add_constant

    pairs = [excess(paired(growths[account], market), RATE) for account in growths]
    fits = [OLS(pair["account"].to_numpy(), add_constant(pair["benchmark"].to_numpy())).fit().params for pair in pairs]
    same([beta(pair).value for pair in pairs], [slope for _, slope in fits], 1e-8)
    same([alpha(pair).value for pair in pairs], [252 * constant for constant, _ in fits], 1e-6)


def test_arch_agrees_on_the_length_of_blocks(returns):
    """Theirs may be below one session: a block is at least one."""
    from arch.bootstrap import optimal_block_length

    dependent = returns + 0.4 * returns.shift(fill_value=0.0) + 0.2 * returns.shift(2, fill_value=0.0)
    for accounts in (returns, dependent, dependent.head(20)):
        theirs = optimal_block_length(accounts)["stationary"].clip(lower=1.0)
        same([block_length(accounts[account].to_numpy()) for account in accounts], theirs)


def test_arch_agrees_on_intervals(returns):
    """Of the Sharpe ratio, by the same bootstrap with other random numbers: within their own error."""
    from arch.bootstrap import StationaryBootstrap

    hanging = (returns[0] + 0.4 * returns[0].shift(fill_value=0.0)).to_numpy()
    draw = StationaryBootstrap(block_length(hanging), hanging, seed=1)
    theirs = draw.conf_int(lambda values: np.atleast_1d(sharpe_of(values)), 2000, method="percentile")
    ours = np.quantile(sharpe_of(resampled(hanging, 2000)), [0.025, 0.975])
    np.testing.assert_allclose(ours, theirs.ravel(), atol=0.2)
