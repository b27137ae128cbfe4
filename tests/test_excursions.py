"""How far a trip was in loss and in profit while it was open, and how much of it was given back."""

import numpy as np
import pandas as pd
import pytest
from build import actions, fills
from build import bars as closes
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from trade_dashboard import open_book, schema
from trade_dashboard.metrics import excursions, round_trips
from trade_dashboard.settings import Settings

NAN = float("nan")
repeatable = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def bars(symbol, *lines):
    """Make bars: `bars("AAA", "2025-06-25 9 12 11")` is low, high and close; "-" is none."""
    words = [line.replace("-.", "nan").split() for line in lines]
    rows = [
        {"symbol": symbol, "session": day, "low": low, "high": high, "close": close} for day, low, high, close in words
    ]
    return schema.conform("bars", rows)


def moved(prices, *lines, splits=()):
    """Measure the trips of some fills against prices."""
    happened = actions(*splits)
    return excursions(round_trips(fills(*lines), happened).closed, prices, happened)


def test_the_worst_the_best_and_what_was_given_back():
    """1000 at 1.08, low 1.075, high 1.10, out at 1.09: ten earned, five lost at worst, twenty at best, ten given back."""
    found = moved(
        bars("AAA", "2025-06-25 1.075 1.10 1.085"), "2025-06-25 AAA BUY 1000@1.08", "2025-06-25 AAA SELL 1000@1.09"
    )
    assert found[["mae", "mfe", "give_back"]].iloc[0].tolist() == pytest.approx([-5, 20, 10])


def test_a_short_suffers_from_highs():
    """Sold at 50, high 53, low 46, bought back at 48: three against it, four for it, two given back, a share."""
    found = moved(bars("AAA", "2025-06-25 46 53 50"), "2025-06-25 AAA SELL 10@50", "2025-06-25 AAA BUY 10@48")
    assert found[["mae", "mfe", "give_back"]].iloc[0].tolist() == pytest.approx([-30, 40, 20])


def test_the_sessions_of_entry_and_exit_count_and_no_others():
    """The crash before and the rally after are not the trip's."""
    prices = bars("AAA", "2025-06-24 1 99 10", "2025-06-25 8 11 10", "2025-06-26 9 14 10", "2025-06-27 1 99 10")
    found = moved(prices, "2025-06-25 AAA BUY 1@10", "2025-06-26 AAA SELL 1@12")
    assert found[["mae", "mfe"]].iloc[0].tolist() == [-2, 4]


def test_it_is_told_in_initial_risks_too():
    """Two dollars a share were risked: four lost at worst are two of them; without a stop there is no such number."""
    prices = bars("AAA", "2025-06-25 6 15 10")
    found = moved(prices, "2025-06-25 AAA BUY 1@10 stop=8", "2025-06-25 AAA SELL 1@12")
    assert found[["mae_r", "mfe_r", "give_back_r"]].iloc[0].tolist() == [-2, 2.5, 1.5]
    unplanned = moved(prices, "2025-06-25 AAA BUY 1@10", "2025-06-25 AAA SELL 1@12")
    assert unplanned[["mae_r", "mfe_r", "give_back_r"]].isna().all(axis=None)


def test_a_split_changes_nothing():
    """Bought at 100, two for one, sold at 55: the low of 45 is ten dollars a share of the exit below the entry at 50."""
    prices = bars("AAA", "2025-06-25 96 104 100", "2025-06-26 45 60 55")
    found = moved(prices, "2025-06-25 AAA BUY 10@100", "2025-06-26 AAA SELL 20@55", splits=["2025-06-26 AAA split 2"])
    assert found[["mae", "mfe", "give_back"]].iloc[0].tolist() == [-100, 200, 100]


def test_without_highs_and_lows_closes_stand_in_and_it_is_said():
    """A bar that has a close alone counts with it."""
    prices = bars("AAA", "2025-06-25 nan nan 9", "2025-06-26 nan nan 13", "2025-06-27 1 99 10")
    found = moved(prices, "2025-06-25 AAA BUY 1@10", "2025-06-26 AAA SELL 1@12")
    assert found[["mae", "mfe"]].iloc[0].tolist() == [-1, 3]
    assert found["closes_only"].tolist() == [True]


def test_the_fills_themselves_are_part_of_the_trip():
    """Bought and sold outside of what the closes show: at entry nothing is lost yet, and the exit was reached."""
    found = moved(closes("AAA", {"2025-06-25": 11}), "2025-06-25 AAA BUY 1@10", "2025-06-25 AAA SELL 1@13")
    assert found[["mae", "mfe", "give_back"]].iloc[0].tolist() == [0, 3, 0]
    assert found["closes_only"].tolist() == [False]


def test_without_a_bar_nothing_is_known():
    """No price between entry and exit, or none of the symbol at all: not a number, instead of nothing."""
    prices = closes("AAA", {"2025-06-24": 11, "2025-06-27": 9})
    lines = ("2025-06-25 {} BUY 1@10", "2025-06-26 {} SELL 1@12")
    found = moved(prices, *(line.format(symbol) for symbol in ("AAA", "BBB") for line in lines))
    assert found.drop(columns="closes_only").isna().all(axis=None)
    assert found["closes_only"].tolist() == [False, False]


def test_no_trip_has_no_excursion():
    """The columns are there all the same."""
    found = moved(closes("AAA", {"2025-06-25": 11}))
    assert found.empty
    assert list(found.columns) == ["mae", "mfe", "give_back", "mae_r", "mfe_r", "give_back_r", "closes_only"]


day = st.integers(0, 39)
DAYS = pd.date_range("2025-01-01", periods=40, unit="us")


@repeatable
@given(
    lows=st.lists(st.integers(1, 100), min_size=40, max_size=40),
    spans=st.lists(st.tuples(day, day, st.sampled_from(["long", "short"])), min_size=1, max_size=30),
)
def test_every_span_finds_its_extremes(lows, spans):
    """Whatever the entry and the exit, what a look at each bar between them finds."""
    prices = schema.conform(
        "bars",
        {"symbol": "AAA", "session": DAYS, "low": lows, "high": [low + 7 for low in lows], "close": lows},
    )
    rows = [
        {"symbol": "AAA", "side": side, "quantity": 2.0, "entry_price": 50.0, "exit_price": 50.0, "gross": 0.0,
         "entry_session": DAYS[min(a, b)], "exit_session": DAYS[max(a, b)], "initial_risk": NAN}
        for a, b, side in spans
    ]  # fmt: skip
    found = excursions(pd.DataFrame(rows), prices, actions())
    for (a, b, side), told in zip(spans, found.itertuples(), strict=True):
        seen = lows[min(a, b) : max(a, b) + 1]
        down, up = 2 * (min(*seen, 50) - 50), 2 * (max(max(seen) + 7, 50) - 50)
        assert (told.mae, told.mfe) == ((down, up) if side == "long" else (-up, -down))


def test_every_trip_of_the_sample_ends_between_its_extremes(sample_store):
    """What it brought is never more than its best moment nor less than its worst."""
    book = open_book("2025-06-30", settings=Settings(store=sample_store))
    splits = book.corporate_actions()
    closed = round_trips(book.fills(), splits).closed
    found = excursions(closed, book.bars(), splits)
    assert (found["mae"] <= np.minimum(closed["gross"], 0) + 1e-6).all()
    assert (found["mfe"] >= np.maximum(closed["gross"], 0) - 1e-6).all()
    assert not found["closes_only"].any()
