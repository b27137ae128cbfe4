"""Adjusted prices: what a holder earned is the change of the close, whatever was split or paid."""

import pandas as pd
import pytest
from build import bars

from trade_dashboard.adjust import adjust
from trade_dashboard.schema import conform

DAYS = ["2025-06-24", "2025-06-25", "2025-06-26", "2025-06-27"]


def prices(text):
    return bars("AAA", dict(zip(DAYS, map(float, text.split()), strict=True)))


def actions(*rows):
    return conform("corporate_actions", [{"symbol": "AAA", "session": day, **one} for day, one in rows])


def split(day, ratio):
    return day, {"kind": "split", "ratio": ratio}


def dividend(day, amount):
    return day, {"kind": "dividend", "amount": amount}


def test_a_split_divides_what_came_before():
    """Two for one on the third session: what was 100 before is 50, and volume doubles."""
    raw = prices("100 102 51 52").assign(volume=1000.0)
    found = adjust(raw, actions(split("2025-06-26", 2)))
    assert found["close"].tolist() == [50, 51, 51, 52]
    assert found["volume"].tolist() == [2000, 2000, 1000, 1000]


def test_a_dividend_is_as_if_reinvested_at_the_close_before():
    """One dollar of a close of 100: what came before is worth 99 hundredths, and the fall to 99 is no loss."""
    found = adjust(prices("50 100 99 99"), actions(dividend("2025-06-26", 1)))
    assert found["close"].tolist() == pytest.approx([49.5, 99, 99, 99])


def test_actions_on_one_day_and_on_several_multiply():
    """A split and a dividend of one day, and a later split."""
    raw = prices("100 100 49 24.5")
    found = adjust(raw, actions(split("2025-06-26", 2), dividend("2025-06-26", 2), split("2025-06-27", 2)))
    assert found["close"].tolist() == pytest.approx([24.5, 24.5, 24.5, 24.5])


def test_what_has_not_happened_yet_changes_nothing():
    """An action after the newest bar, or before the first, is none of its business; nor are other symbols'."""
    raw = prices("100 101 102 103")
    late = actions(split("2025-06-30", 2), split("2025-06-24", 3)).assign(symbol=["AAA", "AAA"])
    assert adjust(raw, late)["close"].tolist() == [100, 101, 102, 103]
    other = actions(split("2025-06-26", 2)).assign(symbol="BBB")
    pd.testing.assert_frame_equal(adjust(raw, other), raw)


def test_a_dividend_above_the_price_is_no_reason_for_a_negative_one():
    """A mistake in the data leaves the prices as traded."""
    assert adjust(prices("1 1 1 1"), actions(dividend("2025-06-26", 2)))["close"].tolist() == [1, 1, 1, 1]


def test_nothing_adjusted_is_nothing():
    """No bars, no rows, the same columns."""
    raw = prices("1 1 1 1").head(0)
    assert adjust(raw, actions(split("2025-06-26", 2))).columns.tolist() == raw.columns.tolist()
