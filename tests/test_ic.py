"""Rank correlations of scores with what followed, their mean over time, and errors that allow for overlapping windows."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trade_dashboard.metrics import ic_by_period, ic_decay, ic_trailing, mean_ic, newey_west, rank_ic
from trade_dashboard.metrics.ic import ic_basis, ic_by_window, mean_over_time, trailing_periods
from trade_dashboard.sessions import calendar

DAYS = calendar().between(date(2024, 1, 2), date(2025, 12, 31))
repeatable = settings(max_examples=40, deadline=None, derandomize=True, database=None)
uneven = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.25, 1.0, 3.0])), min_size=4, max_size=40
).filter(lambda pairs: len({at for at, _ in pairs}) > 1)


def near(*values):
    return pytest.approx(list(values), nan_ok=True, abs=1e-12)


def one_group(scores, forward):
    values = rank_ic(pd.Series(scores), pd.Series(forward), pd.Series(0, index=range(len(scores))))
    return values.iloc[0]


def results(*sessions, horizon=5):
    """Make followed candidates of sessions in a row: each a list of (symbol, score, excess), or None for a silent one."""
    rows = [
        {"session": pd.Timestamp(DAYS[at]), "at": at, "horizon": horizon}
        | dict(zip(("symbol", "score", "excess"), one, strict=True))
        for at, told in enumerate(sessions)
        for one in told or ()
    ]
    return pd.DataFrame(rows)


def session(text, scores=(1, 2, 3, 4, 5)):
    """Make one session: its candidates A, B, C … score 1, 2, 3 … and gain these: `session("5 4 3 2 1")`."""
    return [("ABCDEFG"[n], scores[n], float(gain)) for n, gain in enumerate(text.split())]


def test_the_published_case():
    """Factor 1, 2, 3, 4 against forward 4, 3, 2, 1 is −1."""
    assert one_group([1.0, 2, 3, 4], [4.0, 3, 2, 1]) == -1


def test_ranks_count_not_sizes():
    """A score that is far ahead, and a gain that is enormous, count as the best and no more."""
    assert one_group([1.0, 2, 3, 900], [0.1, 0.2, 0.3, 1e9]) == 1


def test_equal_scores_share_their_rank():
    """Scores 1, 2, 2, 3 against 1, 2, 3, 4: ranks 1, 2.5, 2.5, 4 correlate by √0.9."""
    assert one_group([1.0, 2, 2, 3], [1.0, 2, 3, 4]) == pytest.approx(math.sqrt(0.9))


@pytest.mark.parametrize(("scores", "forward"), [([1.0, 1, 1], [1.0, 2, 3]), ([1.0, 2, 3], [0.0, 0, 0])])
def test_without_an_order_there_is_no_correlation(scores, forward):
    """All scores, or all results, equal: undefined, not zero."""
    assert math.isnan(one_group(scores, forward))


@repeatable
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-9, 9)), min_size=2, max_size=30))
def test_an_independent_package_correlates_alike(pairs):
    """scipy's spearmanr, ties and all."""
    from scipy.stats import spearmanr

    scores, forward = (np.array(side, dtype="float64") for side in zip(*pairs, strict=True))
    if len(set(scores)) < 2 or len(set(forward)) < 2:
        assert math.isnan(one_group(scores, forward))
    else:
        assert one_group(scores, forward) == pytest.approx(spearmanr(scores, forward).statistic, abs=1e-12)


@repeatable
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-9, 9)), min_size=2, max_size=30), st.integers(-99, 99))
def test_a_constant_added_to_all_scores_changes_nothing(pairs, constant):
    """Only the order of scores counts."""
    scores, forward = (list(map(float, side)) for side in zip(*pairs, strict=True))
    assert one_group([score + constant for score in scores], forward) == pytest.approx(
        one_group(scores, forward), nan_ok=True
    )
    assert one_group([-score for score in scores], forward) == pytest.approx(-one_group(scores, forward), nan_ok=True)


def test_without_a_lag_the_error_is_the_ordinary_one():
    """1, 2, 3, 4: their deviation is √(5/3), the mean's error half of that."""
    assert newey_west([1, 2, 3, 4], 0) == pytest.approx(math.sqrt(5 / 3) / 2)


def test_what_neighbours_share_is_counted():
    """1 and 3 lie −1 and 1 off their mean: 2 at lag 0, −1 at lag 1 with half its weight twice; times 2, over 4."""
    assert newey_west([1, 3], 1) == pytest.approx(math.sqrt(2 * (2 - 1)) / 2)


def test_a_silent_period_keeps_its_place():
    """1, nothing, 3: two periods apart they share nothing at lag 1."""
    assert newey_west([1, 3], 1, at=[0, 2]) == newey_west([1, 3], 0)


def test_values_of_one_period_may_move_as_one():
    """Each value told twice is no more evidence than told once."""
    once, twice = newey_west([1, 4, 2, 8], 1), newey_west([1, 1, 4, 4, 2, 2, 8, 8], 1, at=[0, 0, 1, 1, 2, 2, 3, 3])
    assert twice == pytest.approx(once)


@pytest.mark.parametrize("values", [[], [1.0]])
def test_one_period_has_no_error(values):
    """Nothing can be said of its spread."""
    assert math.isnan(newey_west(values, 3))


@repeatable
@given(st.lists(st.integers(-9, 9), min_size=3, max_size=60).filter(lambda xs: len(set(xs)) > 1), st.integers(0, 7))
def test_an_independent_package_gives_the_same_error(values, lag):
    """statsmodels' HAC error of a constant, with its small-sample correction."""
    from statsmodels.api import OLS

    fit = OLS(values, np.ones(len(values))).fit(cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": True})
    assert newey_west(values, lag) == pytest.approx(fit.bse[0], abs=1e-9)


@repeatable
@given(uneven, st.integers(0, 5))
def test_an_independent_package_gives_the_same_error_with_gaps_and_crowds(pairs, lag):
    """statsmodels' HAC over the sums of each period, a period without any adding zero."""
    from statsmodels.stats.sandwich_covariance import S_hac_simple

    at, values = (np.array(side) for side in zip(*pairs, strict=True))
    sums = np.bincount(at - at.min(), weights=values - values.mean())
    periods = len(set(at))
    expected = S_hac_simple(
        sums[:, None], nlags=min(lag, len(sums) - 1), weights_func=lambda _: 1 - np.arange(lag + 1) / (lag + 1)
    )
    variance = max(float(expected.squeeze()), 0.0) * periods / (periods - 1)
    assert newey_west(values, lag, at) == pytest.approx(math.sqrt(variance) / len(values), abs=1e-6)


def share_that_holds(draws, weights, lag):
    """Give the share of intervals of the mean of weighted sums of following draws that hold their true mean, zero."""
    windows = np.lib.stride_tricks.sliding_window_view(draws, len(weights), axis=1) @ np.array(weights)
    stats = [mean_over_time(series, lag) for series in windows]
    return np.mean([stat.low < 0 < stat.high for stat in stats])


def test_the_interval_holds_what_it_promises_though_windows_overlap():
    """Of windows that share nothing, or something, 95 of 100 intervals hold the truth; that share all they can, 92."""
    draws = np.random.default_rng(7).standard_normal((1000, 204))
    assert 0.94 < share_that_holds(draws, [1.0, 0, 0, 0, 0], 4) < 0.97
    assert 0.93 < share_that_holds(draws, [1.0, 0.2, 0.2, 0.2, 0.2], 4) < 0.97
    assert 0.90 < share_that_holds(draws, [1.0, 1, 1, 1, 1], 4) < 0.96
    assert share_that_holds(draws, [1.0, 1, 1, 1, 1], 0) < 0.70


def test_the_critical_value_is_the_published_one():
    """Kiefer and Vogelsang's polynomial at b = 9/100, by hand: 1.96 + 0.267246 + 0.0033696 − 0.0003881."""
    values = np.arange(100.0) % 7
    stat = mean_over_time(values, 4)
    assert (stat.high - stat.value) / newey_west(values, 8) == pytest.approx(2.2302275, abs=1e-6)


def test_too_few_windows_have_no_interval():
    """Fewer than 20 periods, or than four windows end to end, tell nothing about the spread; a constant has none."""
    assert math.isnan(mean_over_time(np.arange(19.0), 0).low)
    assert not math.isnan(mean_over_time(np.arange(20.0), 0).low)
    assert math.isnan(mean_over_time(np.arange(79.0), 19).low)
    assert not math.isnan(mean_over_time(np.arange(80.0), 19).low)
    assert math.isnan(mean_over_time(np.ones(50), 0).low)


def test_each_session_is_one_cross_section():
    """Upside down, in order, and too few: four candidates are no cross-section."""
    shown = ic_by_period(results(session("5 4 3 2 1"), session("1 2 3 4 5"), session("1 2 3 4")), 5)
    assert shown["ic"].tolist() == near(-1, 1, math.nan)
    assert shown["names"].tolist() == [5, 5, 4]
    assert shown.index.tolist() == [pd.Timestamp(day) for day in DAYS[:3]]


def test_a_candidate_without_a_result_is_not_in_the_cross_section():
    """An open window, or no benchmark, leaves four."""
    shown = ic_by_period(results(session("1 2 3 4 nan")), 5)
    assert shown["names"].tolist() == [4]
    assert shown["ic"].isna().all()


def test_a_week_pools_the_candidates_of_its_sessions_each_symbol_once():
    """Two on Tuesday, two on Wednesday, then A again with another score: five names, A as it was found first."""
    rows = results(
        [("A", 1, 1.0), ("B", 2, 2.0)],
        [("C", 3, 3.0), ("D", 4, 4.0)],
        [("A", 9, -9.0), ("E", 5, 5.0)],
        None,
        [("F", 1, 1.0)],
    )
    assert [day.isoformat() for day in DAYS[:5]] == [
        "2024-01-02",
        "2024-01-03",
        "2024-01-04",
        "2024-01-05",
        "2024-01-08",
    ]
    shown = ic_by_period(rows, 5, "week")
    assert shown["names"].tolist() == [5, 1]
    assert shown["ic"].tolist() == near(1, math.nan)
    assert shown.index.tolist() == [pd.Timestamp(DAYS[2]), pd.Timestamp(DAYS[4])]
    assert shown["period"].diff().iloc[-1] == 1


def test_a_window_knows_nothing_of_another():
    """All at once or one by one; the week that begins with Wednesday has its own A, and a window of nothing is empty."""
    rows = results(
        [("A", 1, 1.0), ("B", 2, 2.0)],
        [("C", 3, 3.0), ("D", 4, 4.0), ("A", 9, -9.0), ("E", 5, 5.0)],
        None,
        None,
        [("F", 1, 1.0)],
    )
    later = rows[rows["at"] > rows["at"].min()]
    shown = ic_by_window({7: rows, 8: later, 9: rows.head(0)}, 5, "week")
    assert shown[7]["names"].tolist() == [5, 1]
    assert shown[7]["ic"].tolist() == near(1, math.nan)
    assert shown[8]["names"].tolist() == [4, 1]
    assert shown[9].empty
    pd.testing.assert_frame_equal(shown[8], ic_by_period(later, 5, "week"))


def test_cross_sections_are_sessions_where_most_are_large_enough():
    """Half of the sessions or more have five candidates; else weeks are pooled."""
    five, four = session("1 2 3 4 5"), session("1 2 3 4")
    assert ic_basis(results(five, five, four)) == "session"
    assert ic_basis(results(five, four, four)) == "week"
    assert ic_basis(results(five).iloc[:0]) == "session"


def test_the_mean_is_over_sessions_and_says_how_many():
    """Of 20 sessions 15 in order and 5 upside down: one half; a silent session counts for nothing."""
    up, down = session("1 2 3 4 5"), session("5 4 3 2 1")
    rows = results(*[up] * 8, None, *[down] * 5, *[up] * 7, horizon=1)
    stat = mean_ic(ic_by_period(rows, 1), 1)
    assert (stat.value, stat.n) == (0.5, 20)
    assert stat.low < 0.5 < stat.high


def test_too_few_cross_sections_are_said():
    """Nineteen sessions, or windows of twenty sessions that hardly ever end before the next begins."""
    up = session("1 2 3 4 5")
    assert (
        mean_ic(ic_by_period(results(*[up] * 19), 5), 5).reason
        == "not enough data: 19 of 20 sessions with five candidates"
    )
    long = results(*[up] * 79, horizon=20)
    assert mean_ic(ic_by_period(long, 20), 20).reason == "not enough data: 79 of 80 sessions with five candidates"
    assert (
        mean_ic(ic_by_period(long, 20, "week"), 20, "week").reason
        == "not enough data: 17 of 20 weeks with five candidates"
    )


def test_decay_has_a_row_for_each_horizon():
    """The order of scores holds for one session, is gone after five, and is told with its t."""
    noise = np.random.default_rng(3)
    short = results(*[session("1 2 3 5 4" if noise.random() < 0.5 else "2 1 3 4 5") for _ in range(40)], horizon=1)
    long = results(*[session(" ".join(map(str, noise.permutation(5)))) for _ in range(40)], horizon=5)
    shown = ic_decay(pd.concat([short, long], ignore_index=True))
    assert shown.index.tolist() == [1, 5]
    assert shown["ic"].iloc[0].value == pytest.approx(0.9)
    assert shown["ic"].iloc[1].low < 0 < shown["ic"].iloc[1].high
    assert math.isnan(shown["t"].iloc[0])  # 0.9 every time: nothing varies
    assert abs(shown["t"].iloc[1]) < 2
    assert shown["candidates"].tolist() == [200, 200]


def test_the_trailing_mean_forgets():
    """Sixty sessions in order, then sixty upside down: from 1 to −1."""
    shown = ic_trailing(ic_by_period(results(*[session("1 2 3 4 5")] * 60, *[session("5 4 3 2 1")] * 60), 5), 5)
    assert trailing_periods(5) == 60
    assert shown["ic"].iloc[[0, -1]].tolist() == [1, -1]
    assert shown.index[0] == pd.Timestamp(DAYS[19])
    assert shown["low"].iloc[60] < shown["ic"].iloc[60] < shown["high"].iloc[60]


def test_nothing_found_is_an_empty_frame():
    """No row, the same columns, no error."""
    none = results(session("1 2 3 4 5")).iloc[:0]
    assert ic_by_period(none, 5).empty
    assert ic_decay(none).empty
    assert ic_trailing(ic_by_period(none, 5), 5).empty


@repeatable
@given(st.permutations("ABCDE"), st.lists(st.permutations(range(5)), min_size=20, max_size=25))
def test_names_and_later_sessions_do_not_matter(names, gains):
    """Other names give the same ICs, and a session more changes none of those before."""
    rows = results(*[session(" ".join(map(str, one))) for one in gains])
    renamed = rows.assign(symbol=rows["symbol"].map(dict(zip("ABCDE", names, strict=True)))).sample(
        frac=1, random_state=1
    )
    shown = ic_by_period(rows, 5)
    pd.testing.assert_frame_equal(shown, ic_by_period(renamed, 5))
    pd.testing.assert_frame_equal(shown.iloc[:-1], ic_by_period(rows[rows["at"] < rows["at"].max()], 5))
