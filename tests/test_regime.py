"""The state of the market: the service's word where there is one, else trend and volatility by named thresholds."""

import numpy as np
import pandas as pd
import pytest

from trade_dashboard import schema
from trade_dashboard.metrics import by_regime, measured_regime, realised_volatility, regimes, stretches

SESSIONS = pd.bdate_range("2023-01-02", periods=600, name="session").as_unit("us")
NO_STATES = schema.empty("market_states")


def level(values, first=0):
    return pd.Series(np.asarray(values, dtype="float64"), index=SESSIONS[first : first + len(values)], name="IDX")


def path(*moves):
    """Compound moves to a level that starts at 100."""
    return level(100 * np.cumprod([1.0, *(1 + move for move in moves)]))


def swings(size, times):
    return [size, -size] * (times // 2)


def states(*said, first=0):
    rows = [
        {"symbol": "IDX", "session": day, "time": day, "state_id": 0, "description": word, "confidence": 0.75}
        for day, word in zip(SESSIONS[first:], said, strict=False)
        if word
    ]
    return schema.conform("market_states", pd.DataFrame(rows).assign(time=lambda f: f["time"].dt.tz_localize("UTC")))


def test_volatility_is_the_deviation_of_twenty_returns_a_year():
    """Ten times +1 % and −1 %: a sample deviation of 1 % × √(20/19), times √252."""
    found = realised_volatility(path(*swings(0.01, 20)))["volatility"]
    assert found.isna().sum() == 20
    assert found.iloc[-1] == pytest.approx(0.01 * (20 / 19) ** 0.5 * 252**0.5)


def test_the_rank_is_the_share_of_the_year_that_was_calmer():
    """The wildest of a year ranks 1, the calmest 0, and without a year there is no rank."""
    moves = swings(0.01, 300)
    assert realised_volatility(path(*moves, 0.05, -0.05))["rank"].iloc[-1] == 1
    assert realised_volatility(path(*moves, *[0.0] * 20))["rank"].iloc[-1] == 0
    found = realised_volatility(path(*moves))["rank"]
    assert found.first_valid_index() == SESSIONS[271]


def test_a_price_that_never_moved_is_calm():
    """Nothing was calmer, so its rank is 0, and it has no trend."""
    found = measured_regime(level([100] * 300)).iloc[-1]
    assert found[["volatility", "rank", "regime"]].tolist() == [0, 0, "calm drift"]


@pytest.mark.parametrize(
    ("moves", "regime"),
    [
        ([0.002] * 280 + [0.001] * 20, "calm uptrend"),
        ([-0.002] * 280 + [-0.001] * 20, "calm downtrend"),
        ([0.002] * 280 + swings(0.03, 20), "volatile uptrend"),
        ([-0.002] * 280 + swings(0.03, 20), "volatile downtrend"),
        ([0.002] * 299 + [-0.4], "volatile drift"),
    ],
)
def test_trend_and_volatility_make_the_regime(moves, regime):
    """Above a rising mean, below a falling one, or neither; and calm or volatile by the year."""
    assert measured_regime(path(*moves))["regime"].iloc[-1] == regime


def test_a_regime_needs_272_closes():
    """A year of volatilities of twenty returns each."""
    found = measured_regime(path(*[0.001] * 299))["regime"]
    assert found.first_valid_index() == SESSIONS[271]


def test_a_regime_looks_at_nothing_later():
    """Later closes change no word said before; nor does the scale of the index."""
    rng = np.random.Generator(np.random.PCG64(3))
    closes = path(*0.012 * rng.standard_normal(499))
    whole = measured_regime(closes)["regime"]
    assert whole.nunique() > 3
    pd.testing.assert_series_equal(whole.head(350), measured_regime(closes.head(350))["regime"])
    pd.testing.assert_series_equal(whole, measured_regime(closes / 3)["regime"])


def test_the_service_is_asked_first():
    """Its word where it gave one, with how sure it is; ours where it was silent."""
    closes = path(*[0.001] * 274)
    found = regimes(states("sell-off", None, "calm advance", first=272), closes).tail(3)
    assert found["regime"].tolist() == ["sell-off", "calm uptrend", "calm advance"]
    assert found["said_by"].tolist() == ["market-analysis", "trend and volatility", "market-analysis"]
    assert found["confidence"].tolist() == pytest.approx([0.75, np.nan, 0.75], nan_ok=True)


def test_where_nobody_can_tell_nothing_is_said():
    """Neither a state nor a year of closes; and a word without a close is still a word."""
    found = regimes(states(None, "drift", first=1), level([100, 101]))
    assert found["regime"].isna().tolist() == [True, True, False]
    assert found["said_by"].isna().tolist() == [True, True, False]
    assert regimes(NO_STATES, level([])).empty


def test_history_is_told_in_stretches():
    """+10 % in three sessions of one word, −10 % in one of another, and a silence that is no stretch."""
    closes = level([100, 102, 105, 110, 99, 99])
    found = stretches(regimes(states("rally", "rally", "rally", "fall", first=1), closes), closes)
    assert found["regime"].tolist() == ["rally", "fall"]
    assert found["first"].tolist() == [SESSIONS[1], SESSIONS[4]]
    assert found["last"].tolist() == [SESSIONS[3], SESSIONS[4]]
    assert found["sessions"].tolist() == [3, 1]
    assert found["return"].tolist() == pytest.approx([0.10, -0.10])


def test_stretches_add_up():
    """Compounded, they are the benchmark's own return; counted, they are all sessions."""
    rng = np.random.Generator(np.random.PCG64(5))
    closes = path(*0.01 * rng.standard_normal(399))
    told = regimes(NO_STATES, closes)
    found = stretches(told, closes)
    assert found["sessions"].sum() == told["regime"].notna().sum() == 400 - 271
    assert (1 + found["return"]).prod() == pytest.approx(closes.iloc[-1] / closes.iloc[270])


def test_regimes_add_up():
    """Two rallies of +10 % and one fall of −10 % between: four of five sessions, compounded +21 %."""
    closes = level([100, 105, 110, 99, 104, 108.9])
    found = by_regime(regimes(states("rally", "rally", "fall", "rally", "rally", first=1), closes).tail(5), closes)
    assert found.index.tolist() == ["rally", "fall"]
    assert found["sessions"].tolist() == [4, 1]
    assert found["share"].tolist() == [0.8, 0.2]
    assert found["stretches"].tolist() == [2, 1]
    assert found["return"].tolist() == pytest.approx([0.21, -0.10])
    assert by_regime(regimes(NO_STATES, level([])), level([])).empty


def test_another_judge_begins_another_stretch():
    """The same word by the service and by us is not one opinion."""
    closes = path(*[0.001] * 273)
    found = stretches(regimes(states("calm uptrend", first=273), closes), closes)
    assert found["said_by"].tolist() == ["trend and volatility", "market-analysis"]
    assert found["sessions"].tolist() == [2, 1]


def test_a_stretch_from_the_very_beginning_has_no_close_before_it():
    """Its return is undefined, not counted from thin air."""
    closes = level([100, 110])
    (row,) = stretches(regimes(states("rally", "rally"), closes), closes).to_dict("records")
    assert row["sessions"] == 2
    assert np.isnan(row["return"])
