"""Prices that do not fit are named as what they are; what is explained, or is a plain day, is not."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from build import actions, bars, together
from stories import walk
from test_completeness import days, sessions

from trade_dashboard import schema
from trade_dashboard.book import Book
from trade_dashboard.metrics import flat_tails, misfits
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Settings

NONE = schema.empty("corporate_actions")
SESSIONS = sessions("2025-05-01", "2025-06-30")


def told(records, known=NONE, beyond=10.0):
    found = misfits(records, known, SESSIONS, beyond=beyond)
    return [(row["what"], row["symbol"], row["session"].day) for _, row in found.iterrows()]


def test_plain_days_are_no_outliers():
    """A percent or two, up and down, for two months."""
    assert told(walk("AAA")) == []


def test_deviations_are_robust():
    """Forty moves of 1, -1, 2, -1.5 and -0.5 percent or so, the last one -20: from the median, by the median distance."""
    records = walk("AAA", d30=80)
    moves = np.log([101 / 100, 100 / 101, 102 / 100, 100.5 / 102, 100 / 100.5] * 8)
    moves[-1] = np.log(80 / 100.5)
    middle = np.log(100 / 100.5)
    assert np.median(moves) == pytest.approx(middle)
    (found,) = misfits(records, NONE, SESSIONS).to_dict("records")
    scale = 1.4826 * abs(np.log(100.5 / 102) - middle)
    assert found["deviations"] == pytest.approx((moves[-1] - middle) / scale)
    assert (found["price"], found["against"], found["what"]) == (80, 100.5, "move")
    assert found["change"] == pytest.approx(80 / 100.5 - 1)


def test_a_move_that_stays_is_a_move_and_one_that_is_taken_back_a_spike():
    """Down to 80 and staying; down to 80 and back: the way back is no second finding."""
    stays = walk("AAA", d26=80, d27=80.5, d30=80)
    assert told(stays) == [("move", "AAA", 26)]
    assert told(walk("AAA", d26=80)) == [("spike", "AAA", 26)]


def test_tonights_spike_is_a_move_until_it_is_taken_back():
    """Nothing followed yet, so nothing says that it is wrong."""
    assert told(walk("AAA", d30=80)) == [("move", "AAA", 30)]


def test_stricter_finds_more():
    """A fall of six percent is beyond three deviations, not beyond ten."""
    records = walk("AAA", d26=94, d27=94.5, d30=94)
    assert told(records) == []
    assert told(records, beyond=3.0) == [("move", "AAA", 26)]


@pytest.mark.parametrize(
    ("after", "ratio"),
    [(50.0, 2.0), (50.9, 2.0), (33.4, 3.0), (25.0, 4.0), (10.0, 10.0), (67.0, 1.5), (200.0, 0.5), (151.0, 1 / 1.5)],
)
def test_a_close_near_a_plain_multiple_is_a_split_that_nobody_told(after, ratio):
    """Half is two new shares for each old one; within two percent."""
    records = bars("AAA", {"2025-06-26": 100, "2025-06-27": after, "2025-06-30": after})
    (found,) = misfits(records, NONE, SESSIONS).to_dict("records")
    assert (found["what"], found["session"]) == ("split", pd.Timestamp("2025-06-27"))
    assert found["ratio"] == pytest.approx(ratio)


@pytest.mark.parametrize("after", [48.0, 53.0, 80.0, 125.0, 99.0, 71.0, 44.0])
def test_other_falls_are_no_splits(after):
    """More than two percent from any plain multiple."""
    assert told(bars("AAA", {"2025-06-26": 100, "2025-06-27": after})) == []


def test_a_split_that_is_known_is_no_suspect_and_no_outlier():
    """Two for one on Friday, and the price halves: nothing to say. One day off, there is."""
    records = walk("AAA", d27=50.5, d30=50)
    assert told(records) == [("split", "AAA", 27)]
    assert told(records, actions("2025-06-27 AAA split 2")) == []
    assert told(records, actions("2025-06-27 BBB split 2")) == [("split", "AAA", 27)]
    assert told(records, actions("2025-06-26 AAA split 2")) == [("split", "AAA", 27), ("move", "AAA", 26)]


def test_a_split_over_a_hole_is_known_at_the_next_bar():
    """It happened on Thursday, of which there is no bar; Friday's close is the first without it."""
    records = walk("AAA", d27=50.5, d30=50)
    records = records[records["session"] != "2025-06-26"]
    assert told(records, actions("2025-06-26 AAA split 2")) == []


def test_a_split_that_did_not_happen_to_the_price_is_an_outlier():
    """Told as two for one, and the close stays: adjusted, it doubles."""
    assert told(walk("AAA"), actions("2025-06-27 AAA split 2")) == [("move", "AAA", 27)]


def test_a_half_that_is_taken_back_is_a_spike():
    """A wrong print of half the price is no split there and back."""
    assert told(walk("AAA", d26=50)) == [("spike", "AAA", 26)]


def test_a_dividend_is_no_fall():
    """Thirty dollars paid on the day the close falls by thirty."""
    records = walk("AAA", d26=70.5, d27=70, d30=70.5)
    before = records["close"].iloc[-4]
    assert told(records) == [("move", "AAA", 26)]
    assert told(records, actions(f"2025-06-26 AAA dividend {before - 70}")) == []


def test_a_move_over_a_hole_is_held_against_the_sessions_it_spans():
    """Nine sessions in one move: three times as far is as usual."""
    records = walk("AAA", d30=80)
    found = misfits(records, NONE, SESSIONS).iloc[0]
    far = records[(records["session"] < "2025-06-16") | (records["session"] == "2025-06-30")]
    over = misfits(far, NONE, SESSIONS, beyond=1.0)
    over = over[over["session"] == "2025-06-30"].iloc[0]
    assert abs(over["deviations"]) < abs(found["deviations"]) / 2.5


def test_a_symbol_with_few_moves_is_not_judged_by_them():
    """Nineteen moves are too few to say what is usual; twenty are enough."""
    assert told(walk("AAA", d30=80).tail(20)) == []
    assert told(walk("AAA", d30=80).tail(21)) == [("move", "AAA", 30)]


def test_the_first_trade_after_a_price_that_stood_still_is_told():
    """The median deviation is nothing; the mean one judges. Of a price that never moves nothing is said."""
    still = bars("AAA", {str(session.date()): 100.0 for session in SESSIONS})
    assert told(still) == []
    still.loc[still.index[-1], ["open", "high", "low", "close"]] = 80.0
    assert told(still) == [("move", "AAA", 30)]


@pytest.mark.parametrize(
    ("wrong", "price"),
    [({"high": 9.9}, 9.9), ({"low": 10.1}, 10.1), ({"open": 10.5, "high": 10.4}, 10.4), ({"open": 9, "low": 9.5}, 9.5)],
)
def test_a_bar_contradicts_itself(wrong, price):
    """High below the open or close, low above: whatever else the symbol does."""
    records = bars("AAA", {"2025-06-30": 10}).assign(**wrong)
    (found,) = misfits(records, NONE, SESSIONS).to_dict("records")
    assert (found["what"], found["price"]) == ("contradiction", price)


def test_an_empty_cell_contradicts_nothing():
    """Closes without open, high and low are judged by their closes alone."""
    records = walk("AAA", d30=80)
    records[["open", "high", "low", "volume"]] = np.nan
    assert told(records) == [("move", "AAA", 30)]


def test_a_high_beyond_what_the_symbol_does_is_implausible():
    """Moves are a percent or two, and one day's high is twenty above; another's low as far below; five percent is a wick."""
    records = walk("AAA")
    at = {day: records.index[records["session"] == f"2025-06-{day}"][0] for day in (24, 25, 26)}
    records.loc[at[24], "high"] = 120.0
    records.loc[at[25], "low"] = 80.0
    records.loc[at[26], ["high", "low"]] = [104.0, 97.0]
    assert told(records) == [("high", "AAA", 24), ("low", "AAA", 25)]
    found = misfits(records, NONE, SESSIONS).iloc[0]
    assert (found["price"], found["against"]) == (120.0, records["close"][at[24]])


def test_a_bar_of_a_day_without_trading_is_told():
    """Saturday the 28th."""
    assert told(bars("AAA", days(27, 28, 30))) == [("no session", "AAA", 28)]


def test_the_worst_kind_comes_first():
    """Splits, contradictions, strays, spikes, then highs and lows, and moves last."""
    records = together(
        walk("AAA", d30=80), bars("BBB", {"2025-06-27": 10, "2025-06-30": 5}), bars("CCC", days(27)).assign(high=9.0)
    )
    assert [what for what, *_ in told(records)] == ["split", "contradiction", "move"]


def test_the_order_of_records_and_other_symbols_do_not_matter():
    """Shuffled, or with others beside it, a symbol's findings are the same."""
    records = walk("AAA", d26=80)
    beside = together(records, walk("BBB", d27=50.5, d30=50)).sample(frac=1, random_state=3)
    alone = misfits(records, NONE, SESSIONS)
    found = misfits(beside, NONE, SESSIONS)
    pd.testing.assert_frame_equal(found[found["symbol"] == "AAA"].reset_index(drop=True), alone)


def test_nothing_is_found_in_nothing():
    """No bars, no findings, the same columns."""
    found = misfits(schema.empty("bars"), NONE, SESSIONS)
    assert found.empty
    assert list(found.columns) == list(misfits(walk("AAA", d30=80), NONE, SESSIONS).columns)


def test_a_tail_of_equal_closes_was_carried_forward():
    """Five the same at the end are a tail, four are not; equal closes that were followed by another are not."""
    flat = bars("AAA", days(23) | days(24, 25, 26, 27, 30, at=11.0))
    four = bars("BBB", days(23, 24) | days(25, 26, 27, 30, at=11.0))
    early = bars("CCC", days(18, 20, 23, 24, 25, 26) | days(27, at=11.0))
    (found,) = flat_tails(together(flat, four, early)).to_dict("records")
    assert (found["symbol"], found["close"], found["closes"]) == ("AAA", 11.0, 5)
    assert (found["first"], found["last"]) == (pd.Timestamp("2025-06-24"), pd.Timestamp("2025-06-30"))
    assert len(flat_tails(together(flat, four, early), least=4)) == 2
    assert flat_tails(schema.empty("bars")).empty


@pytest.mark.real_account
def test_a_real_accounts_wrong_highs_are_found(real_store):
    """SPY's high of 10 August 2004 stands at 118.00, nine percent above its open and close: a digit too many."""
    book = Book(Settings(store=real_store), "DU000001", date(2004, 9, 30), datetime(2100, 1, 1, tzinfo=UTC))
    read = pd.DatetimeIndex(calendar().between(date(2004, 1, 2), date(2004, 9, 30)))
    found = misfits(book.bars(), book.corporate_actions(), read)
    wrong = found[found["what"] == "high"].set_index("session")["price"]
    assert wrong[pd.Timestamp("2004-08-10")] == 118.0
    assert set(found["symbol"]) == {"SPY"}, "closes without open, high and low are no findings"
    assert len(found) < 20
