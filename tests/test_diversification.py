"""How holdings move together: correlations, betas, who carries the risk, and how many bets the book really is."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from build import bars, together
from hypothesis import given, settings
from hypothesis import strategies as st

from trade_dashboard.metrics.diversification import (
    adjusted_closes,
    betas,
    book_beta,
    book_returns,
    correlation,
    effective_bets,
    risk_shares,
    symbol_returns,
)
from trade_dashboard.sessions import calendar

NAN = float("nan")
# four columns of ±1 that are exactly uncorrelated with a mean of exactly zero, over 64 sessions
WALSH = np.array([[(-1) ** (row & mask).bit_count() for mask in (1, 2, 4, 8)] for row in range(64)]) / 100


def frame(columns, names="ABCD"):
    values = np.asarray(columns, dtype="float64")
    days = pd.bdate_range("2025-01-01", periods=len(values))
    return pd.DataFrame(values, index=days, columns=[name * 3 for name in names[: values.shape[1]]])


def weighing(*values, names="ABCD"):
    return pd.Series(values, index=[name * 3 for name in names[: len(values)]], dtype="float64")


def random_market(seed, symbols=4, sessions=80):
    """Returns with a common part, and weights of both signs."""
    generator = np.random.default_rng(seed)
    common = generator.normal(0, 0.01, (sessions, 1))
    returns = common + generator.normal(0, 0.01, (sessions, symbols))
    return frame(returns, "ABCDEFGH"), weighing(*generator.uniform(-0.5, 1, symbols), names="ABCDEFGH")


def test_a_return_needs_two_sessions_in_a_row():
    """Without a price on Friday neither Friday nor Monday has a return; no hole is filled."""
    priced = together(
        bars("AAA", {"2025-06-26": 10, "2025-06-27": 11, "2025-06-30": 12.1}),
        bars("BBB", {"2025-06-26": 10, "2025-06-30": 20}),
    )
    closes = adjusted_closes(priced, calendar(), date(2025, 6, 30))
    assert closes.index.strftime("%m-%d").tolist() == ["06-26", "06-27", "06-30"]
    assert symbol_returns(closes)["AAA"].tolist() == pytest.approx([NAN, 0.1, 0.1], nan_ok=True)
    assert symbol_returns(closes)["BBB"].isna().all()


def test_the_book_is_held_over_the_sessions_that_all_know():
    """Half AAA, a quarter short of BBB: 0.5·2 % − 0.25·4 %; a session that BBB lacks is none."""
    returns = frame([[0.02, 0.04], [0.02, NAN], [-0.02, 0.04]])
    assert book_returns(weighing(0.5, -0.25), returns).tolist() == pytest.approx([0.0, -0.02])


def test_what_is_not_held_takes_no_session_away():
    """A weight of zero is no holding."""
    returns = frame([[0.02, NAN], [0.04, 0.01]])
    assert book_returns(weighing(0.5, 0), returns).tolist() == pytest.approx([0.01, 0.02])
    assert book_returns(weighing(0, 0), returns).empty


def test_equal_and_uncorrelated_positions_are_so_many_bets():
    """Two, three and four of them."""
    for n in (2, 3, 4):
        found = effective_bets(weighing(*[1 / n] * n), frame(WALSH[:, :n]))
        assert (found.value, found.n) == (pytest.approx(n), 64)


def test_positions_that_move_as_one_are_one_bet():
    """The same returns under four names, also when one moves twice as far."""
    same = frame(np.repeat(WALSH[:, :1], 4, axis=1))
    assert effective_bets(weighing(0.1, 0.2, 0.3, 0.4), same).value == pytest.approx(1)
    assert effective_bets(weighing(0.1, 0.2, 0.3, 0.4), same.mul([1, 2, 1, 1])).value == pytest.approx(1)


def test_one_position_is_one_bet():
    """Long or short."""
    assert effective_bets(weighing(-0.3), frame(WALSH[:, :1])).value == pytest.approx(1)


def test_two_bets_of_unequal_size_by_hand():
    """Volatilities 3 and 4 uncorrelated: (3 + 4)² / (9 + 16) = 1.96."""
    assert effective_bets(weighing(3, 4), frame(WALSH[:, :2])).value == pytest.approx(1.96)


def test_longs_and_shorts_that_cancel_are_no_number():
    """The same position long and short does not move: a ratio by nothing is not defined, nor is who carries it."""
    same = frame(np.repeat(WALSH[:, :1], 2, axis=1))
    assert "cancel" in effective_bets(weighing(0.5, -0.5), same).reason
    assert risk_shares(weighing(0.5, -0.5), same).isna().all()
    assert "stood still" in effective_bets(weighing(0.5), 0 * same).reason


def test_fewer_than_sixty_common_sessions_are_too_few():
    """Each has 62 of its own, but they share 59; the reason names the one with the shortest past."""
    returns = frame(WALSH[:, :2])
    returns.iloc[:2, 0], returns.iloc[-3:, 1] = NAN, NAN
    found = effective_bets(weighing(0.5, 0.5), returns)
    assert not found.defined
    assert (
        found.reason
        == "not enough data: 59 of 60 sessions in which every holding has a return; the fewest, BBB's, are 61"
    )
    assert effective_bets(weighing(0.5, 0), returns).n == 62


def test_nothing_held_has_no_bets():
    """And a book whose weights nobody knows says that."""
    assert effective_bets(weighing(0, 0), frame(WALSH[:, :2])).reason == "nothing is held"
    assert "equity is not above zero" in effective_bets(weighing(NAN, NAN), frame(WALSH[:, :2])).reason
    assert effective_bets(weighing(), frame(WALSH)).reason == "nothing is held"


def test_risk_is_parted_by_hand():
    """Uncorrelated, twice and once: four parts of five and one; a hedge takes risk off."""
    assert risk_shares(weighing(2, 1), frame(WALSH[:, :2])).tolist() == pytest.approx([0.8, 0.2])
    moving_together = frame(np.column_stack([WALSH[:, 0], WALSH[:, 0] + WALSH[:, 1]]))
    # the book is 2a less a + b, which is a less b, of variance 2: 2a goes with it by 2, what is short by 1 less 1
    assert risk_shares(weighing(2, -1), moving_together).tolist() == pytest.approx([1, 0])


def test_correlation_by_hand():
    """With itself one, with what is independent none, with its opposite minus one; a still price has none."""
    one, other = WALSH[:, 0], WALSH[:, 1]
    found = correlation(frame(np.column_stack([one, other, -one, 0 * one])))
    assert found.loc["AAA"].tolist() == pytest.approx([1, 0, -1, NAN], nan_ok=True)


def test_correlation_needs_sixty_common_sessions():
    """A pair with fewer is empty; the others are not."""
    returns = frame(WALSH[:, :2])
    returns.iloc[:5, 1] = NAN
    assert correlation(returns).isna().to_numpy().tolist() == [[False, True], [True, True]]


def test_beta_is_the_slope():
    """Half the market plus something of its own; the market itself; its opposite twice."""
    market = pd.Series(WALSH[:, 0], index=frame(WALSH).index)
    own = frame(np.column_stack([0.5 * WALSH[:, 0] + WALSH[:, 1] + 0.001, WALSH[:, 0], -2 * WALSH[:, 0]]))
    assert betas(own, market).to_dict() == pytest.approx({"AAA": 0.5, "BBB": 1, "CCC": -2})


def test_beta_needs_a_market_that_moves_and_sixty_sessions():
    """No benchmark, one that stood still, or one that began yesterday: NaN."""
    own = frame(WALSH[:, :1])
    for market in (pd.Series(NAN, own.index), pd.Series(0.0, own.index), own["AAA"].tail(59)):
        assert betas(own, market).isna().all()


def test_the_beta_of_the_book_is_net():
    """60 % with a beta of 1.5 and 40 % short with one of 2: the book falls 0.1 when the market rises one."""
    found = book_beta(weighing(0.6, -0.4), weighing(1.5, 2))
    assert found.value == pytest.approx(0.1)


def test_a_holding_without_a_beta_leaves_the_book_without_one():
    """Its name is in the reason."""
    assert "BBB" in book_beta(weighing(0.6, 0.4), weighing(1.5, NAN)).reason
    assert book_beta(weighing(0.6, 0), weighing(1.5, NAN)).value == pytest.approx(0.9)
    assert book_beta(weighing(), weighing()).reason == "nothing is held"


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(seed=st.integers(0, 10**6), factor=st.sampled_from([0.01, 3, 100]))
def test_laws_of_the_book(seed, factor):
    """The size of the account, the order of symbols and more sessions later change nothing; shares of risk are the whole."""
    returns, weights = random_market(seed)
    bets, shares = effective_bets(weights, returns).value, risk_shares(weights, returns)
    assert bets >= 1 - 1e-9
    assert shares.sum() == pytest.approx(1)
    assert effective_bets(weights * factor, returns).value == pytest.approx(bets)
    turned = returns[returns.columns[::-1]]
    assert effective_bets(weights[::-1], turned).value == pytest.approx(bets)
    assert risk_shares(weights[::-1], turned).reindex(shares.index).tolist() == pytest.approx(shares.tolist())
    assert betas(turned, returns["AAA"]).reindex(returns.columns).tolist() == pytest.approx(
        betas(returns, returns["AAA"]).tolist()
    )


@pytest.mark.parametrize("seed", range(5))
def test_another_library_diversifies_alike(seed):
    """skfolio's diversification ratio of a long book, squared; its Herfindahl is of weights that add up to one, as ours."""
    from skfolio import Portfolio

    returns, weights = random_market(seed)
    long = weights.abs() / weights.abs().sum()
    theirs = Portfolio(returns, long.to_numpy()).diversification
    assert effective_bets(long, returns).value == pytest.approx(theirs**2)


@pytest.mark.parametrize("seed", range(5))
def test_other_libraries_give_the_same_slope(seed):
    """empyrical's beta over the sessions that both know, holes left out."""
    import empyrical

    returns, _ = random_market(seed)
    returns.iloc[3:6, 1], returns.iloc[10:12, 0] = NAN, NAN
    theirs = empyrical.beta(returns["BBB"], returns["AAA"])
    assert betas(returns, returns["AAA"])["BBB"] == pytest.approx(theirs)
