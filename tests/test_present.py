"""How numbers and frames become markup: signs, units, escapes, empty tables."""

import math
import re
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from trade_dashboard.page.spark import spark
from trade_dashboard.present import Column, table
from trade_dashboard.present.charts import account_chart
from trade_dashboard.present.glue import plain
from trade_dashboard.present.theme import (
    colours,
    count,
    day,
    listed,
    money,
    percent,
    points,
    shares,
    signed,
    stylesheet,
)

NASTY = '<img src=x onerror="alert(1)">&amp;'


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (money(-1234.4), "−1\u202f234"),
        (money(-0.4), "0"),
        (money(0.0), "0"),
        (money(math.nan), "–"),
        (money(None), "–"),
        (percent(0.1234), "12.3\u202f%"),
        (percent(-0.0004), "0.0\u202f%"),
        (percent(math.nan), "–"),
        (points(-0.011), "−1.1\u202fpp"),
        (shares(1234.0), "1\u202f234"),
        (shares(-0.12346), "−0.1235"),
        (shares(1.5), "1.5"),
        (count(7), "7"),
        (signed("1.2"), "+1.2"),
        (signed("0.0\u202f%"), "0.0\u202f%"),
        (signed("−1"), "−1"),
        (signed("–"), "–"),
        (day(date(2025, 6, 3)), "3 June 2025"),
        (listed(["A"]), "A"),
        (listed(["A", "B", "C"]), "A, B and C"),
        (listed([]), ""),
    ],
)
def test_a_number_is_written_one_way(written, text):
    """A true minus, thin spaces between thousands, never a minus before nothing, a dash where there is no number."""
    assert written == text


def test_text_in_a_table_is_escaped():
    """A symbol of markup is text in every cell, and a header is too."""
    frame = pd.DataFrame({"symbol": [NASTY, "NAN"], "pnl": [1.0, -2.0]})
    markup = table(
        frame, [Column("symbol", NASTY), Column("pnl", "P&L", "signed_money")], name="t", finding=NASTY
    ).markup
    assert "<img" not in markup
    assert markup.count("&lt;img src=x") == 3
    assert ">NAN<" in markup


def test_a_table_says_gain_and_loss_by_sign_as_well_as_colour():
    """Colour is never alone."""
    frame = pd.DataFrame({"symbol": ["A", "B", "C"], "pnl": [1.0, -2.0, 0.0]})
    markup = table(
        frame, [Column("symbol", "Symbol"), Column("pnl", "P&L", "signed_money")], name="t", finding="f"
    ).markup
    assert '<span class="gain">+1</span>' in markup
    assert '<span class="loss">−2</span>' in markup
    assert ">0</td>" in markup


def test_an_empty_table_is_a_sentence():
    """No grid without rows."""
    markup = table(pd.DataFrame({"a": []}), [Column("a", "A")], name="t", finding="f", empty="Nothing today").markup
    assert "Nothing today" in markup
    assert "<table" not in markup


def test_a_long_table_folds_after_twenty_rows():
    """The rest is one click away, and the summary says how many."""
    markup = table(pd.DataFrame({"a": range(25)}), [Column("a", "A", "count")], name="t", finding="f").markup
    assert "<summary>5 more</summary>" in markup
    assert markup.count("<table") == 2


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(1.5), 1.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (float("nan"), None),
        (float("inf"), None),
        (np.float32("nan"), None),
        (None, None),
        (pd.NaT, None),
        (pd.Timestamp("2025-06-30"), "2025-06-30T00:00:00"),
        (date(2025, 6, 30), "2025-06-30"),
        (datetime(2025, 6, 30, tzinfo=UTC), "2025-06-30T00:00:00+00:00"),
        ("NAN", "NAN"),
        ({"a": np.float64(2.0), "b": (1, float("nan"))}, {"a": 2.0, "b": [1, None]}),
    ],
)
def test_what_is_glued_is_plain(value, expected):
    """numpy scalars, dates and NaN become what JSON can hold; what is undefined becomes None, never a number or a word."""
    assert plain(value) == expected
    assert type(plain(value)) is type(expected)


def test_a_spark_leaves_gaps_where_nothing_is_known():
    """NaN breaks the line; one number alone draws nothing."""
    assert spark([1.0, math.nan, 3.0, 4.0]).count("M") == 3
    assert spark([1.0]) == ""
    assert spark([]) == ""
    assert "nan" not in spark([2.0, 2.0, math.nan])


def test_every_colour_has_a_value_in_every_theme():
    """Light, dark and print name the same colours."""
    blocks = [set(re.findall(r"--([a-z0-9-]+):", block)) for block in stylesheet().split(":root")[1:4]]
    assert blocks[0] == blocks[1] == blocks[2] == set(colours())


def history(values):
    sessions = pd.bdate_range("2025-01-02", periods=len(values), name="session")
    equity = pd.Series(values, index=sessions, dtype="float64")
    growth = equity / equity.iloc[0]
    return pd.DataFrame({"equity": equity, "growth": growth, "drawdown": growth / growth.cummax() - 1})


def test_a_chart_needs_three_sessions():
    """With fewer it says so instead of drawing a line that is none."""
    shown = account_chart(history([1.0, 2.0]), pd.Series(dtype="float64", name="SPY"), 10)
    assert "Not enough data: 2 sessions so far, and a line needs three." in shown.markup
    assert "<svg" not in shown.markup


def test_a_chart_is_titled_with_what_to_see():
    """Growth against the benchmark's, and where the account stands under its best day."""
    account = history([100.0, 110.0, 88.0])
    market = pd.Series([50.0, 55.0, 60.0], index=account.index, name="SPY")
    assert (
        account_chart(account, market, 10).plain
        == "−12.0\u202f% in 3 sessions, SPY +20.0\u202f%; 20.0\u202f% below the best day"
    )
    assert (
        account_chart(account, market.iloc[:0], 10).plain
        == "−12.0\u202f% in 3 sessions; 20.0\u202f% below the best day"
    )


def test_the_same_chart_is_the_same_bytes():
    """No random id, no date, no clock."""
    account = history([100.0, 110.0, 88.0, 90.0])
    market = pd.Series(dtype="float64", name="SPY")
    assert account_chart(account, market, 10).markup == account_chart(account, market, 10).markup
