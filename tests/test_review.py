"""A book's candidates reviewed: the KPIs of tonight and of the night before, and what degenerate stores say."""

import math
from datetime import date

import pandas as pd
import pytest
from build import bars, book_of, store_with
from discoveries import NAMES, UNTIL, sessions, world

from trade_dashboard import open_book
from trade_dashboard.book import Book
from trade_dashboard.errors import RequestError
from trade_dashboard.metrics import REPORTS, review
from trade_dashboard.settings import Settings


def test_the_kpis_of_a_world_that_follows_its_scores(tmp_path):
    """40 sessions, 34 of them followed over five: three of five beat the benchmark, in the order of their scores."""
    shown = review(book_of(tmp_path, UNTIL, **world()), 250)
    values = {name: kpi.value for name, kpi in shown.kpis.items()}
    assert list(values) == list(REPORTS["discovery_review"])
    assert values["candidates"] == 5
    assert values["hit_rate_5"] == pytest.approx(3 / 5)
    # entered at an open that is the close of its session: four sessions of growth
    assert values["median_excess_5"] == pytest.approx(1.03**4 - 1.025**4)
    assert values["ic_5"] == pytest.approx(1)
    assert shown.by == "session"


def test_the_night_before_knew_one_session_less(tmp_path):
    """`previous` is what the review of the session before says, from a lookback of its own."""
    settings = store_with(tmp_path, **world())
    tonight, before = (
        review(
            Book(settings, "ACC", date.fromisoformat(day), pd.Timestamp("2100-01-01", tz="UTC").to_pydatetime()), 20
        ).kpis
        for day in ("2025-06-30", "2025-06-27")
    )
    for name, kpi in tonight.items():
        assert kpi.previous == pytest.approx(before[name].value), name
        known = math.nan if kpi.previous is None else kpi.previous
        assert kpi.trail[-2] == pytest.approx(known, nan_ok=True), name
    assert tonight["candidates"].previous_session == date(2025, 6, 27)


def test_a_lookback_counts_sessions_of_discovery(tmp_path):
    """Ten sessions, five candidates each; of those found tonight none is followed yet."""
    shown = review(book_of(tmp_path, UNTIL, **world()), 10)
    assert len(shown.found) == 50
    assert shown.found["session"].min() == pd.Timestamp(sessions(10)[0])
    assert (shown.chosen["status"] == "followed").sum() == 25
    assert (shown.chosen["status"] == "open").sum() == 25


def test_a_horizon_of_ones_own_is_followed_beside_the_usual(tmp_path):
    """The usual ones stay for the decay."""
    shown = review(book_of(tmp_path, UNTIL, **world()), 30, 7)
    assert shown.chosen["horizon"].unique().tolist() == [7]
    assert shown.followed["horizon"].unique().tolist() == [1, 2, 3, 5, 7, 10, 20]


@pytest.mark.parametrize(("lookback", "horizon"), [(0, 5), (-1, 5), (20, 0)])
def test_nothing_to_review_is_refused(tmp_path, lookback, horizon):
    """A lookback and a horizon have a session at least."""
    with pytest.raises(RequestError, match="at least 1 session"):
        review(book_of(tmp_path, UNTIL, **world(3)), lookback, horizon)


def test_without_a_benchmark_nothing_is_ahead_of_it(tmp_path):
    """What cannot be compared is undefined, and says what is missing."""
    shown = review(book_of(tmp_path, UNTIL, **world(benchmark=False)), 250)
    assert shown.kpis["candidates"].value == 5
    for name in ("hit_rate_5", "median_excess_5", "ic_5"):
        assert shown.kpis[name].value is None
        assert shown.kpis[name].reason == "not enough data: the benchmark has no prices"


def test_no_candidates_at_all(tmp_path):
    """None tonight is a count; the rest is undefined."""
    shown = review(book_of(tmp_path, UNTIL, bars=bars("SPY", {UNTIL: 100})), 250)
    assert (shown.kpis["candidates"].value, shown.kpis["hit_rate_5"].value) == (0, None)
    assert shown.kpis["hit_rate_5"].reason == "not enough data: 0 of 5 candidates followed"
    assert shown.found.empty
    assert shown.followed.empty


def test_an_empty_store(tmp_path):
    """Not even prices."""
    shown = review(book_of(tmp_path, UNTIL), 250)
    assert shown.kpis["candidates"].value == 0


def test_few_candidates_a_session_are_pooled_by_week(tmp_path):
    """Two a session are too few to rank; 200 sessions are 40 weeks, each symbol once a week, and two are still too few."""
    shown = review(book_of(tmp_path, UNTIL, **world(200, NAMES[:2])), 250)
    assert shown.by == "week"
    assert shown.kpis["ic_5"].reason == "not enough data: 0 of 20 weeks with five candidates"


def test_the_sample_leans_a_little_on_what_follows(sample_store):
    """Its scores peek five sessions ahead: the IC is above zero there, beyond chance, and fades on both sides."""
    shown = review(open_book(date(2025, 6, 30), settings=Settings(store=sample_store)), 250)
    assert shown.kpis["candidates"].value == 6
    low, high = shown.kpis["ic_5"].low, shown.kpis["ic_5"].high
    assert 0 < low < shown.kpis["ic_5"].value < high < 0.3
    assert len(shown.chosen) == 1378
    assert shown.chosen.loc[shown.chosen["status"] == "no price", "symbol"].tolist() == ["GIRDQ"]
    assert shown.chosen.loc[shown.chosen["status"] == "ended", "symbol"].tolist() == ["KRNQ"]
