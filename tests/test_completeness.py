"""Bars are held against the exchange's calendar, each symbol from its first to its last."""

from datetime import date

import pandas as pd
import pytest
from build import bars, together

from trade_dashboard import schema
from trade_dashboard.metrics import completeness, lacking
from trade_dashboard.sessions import calendar

NONE = pd.DataFrame()


def sessions(first="2025-06-23", last="2025-06-30"):
    """Name the sessions between two dates, both included."""
    return pd.DatetimeIndex(calendar().between(date.fromisoformat(first), date.fromisoformat(last)), name="session")


def days(*numbers, at=10.0):
    """Bars on days of June 2025: `days(23, 24)`."""
    return {f"2025-06-{number}": at for number in numbers}


def holdings(**shares):
    """Shares at the six closes from Monday 23 to Monday 30."""
    return pd.DataFrame(shares, index=sessions()).astype("float64")


def judge(records, held=NONE):
    return completeness(records, sessions(), held)


def test_nothing_is_missing_where_every_session_has_its_bar():
    """Monday to Monday, six sessions and six bars: the weekend is no hole."""
    found = judge(bars("AAA", days(23, 24, 25, 26, 27, 30)))
    assert (found.share.value, found.share.n) == (1.0, 6)
    assert found.gaps.empty


def test_a_hole_between_two_bars_is_missing():
    """Wednesday and Thursday lack: four of six, one run of two sessions."""
    found = judge(bars("AAA", days(23, 24, 27, 30)))
    assert found.share.value == pytest.approx(4 / 6)
    (gap,) = found.gaps.to_dict("records")
    assert (gap["symbol"], gap["sessions"], gap["held"]) == ("AAA", 2, False)
    assert (gap["first"], gap["last"]) == (pd.Timestamp("2025-06-25"), pd.Timestamp("2025-06-26"))
    assert found.by_session.tolist() == [1, 1, 0, 0, 1, 1]


def test_two_holes_of_one_symbol_are_two_runs_newest_first():
    """Tuesday alone, then Friday alone."""
    found = judge(together(bars("AAA", days(23, 25, 26, 30)), bars("BBB", days(23, 24, 25, 26, 27, 30))))
    assert found.gaps["first"].dt.day.tolist() == [27, 24]
    assert found.gaps["symbol"].tolist() == ["AAA", "AAA"]


def test_what_is_not_listed_yet_is_not_missing():
    """A symbol begins with its first bar."""
    found = judge(bars("AAA", days(26, 27, 30)))
    assert (found.share.value, found.share.n) == (1.0, 3)


def test_what_was_listed_before_is_missing_from_the_first_session_judged():
    """A bar of the Friday before says that Monday's was due."""
    found = judge(bars("AAA", days(20, 24, 25, 26, 27, 30)))
    assert found.gaps[["symbol", "sessions"]].to_numpy().tolist() == [["AAA", 1]]
    assert found.share.n == 6


def test_what_is_delisted_ends_with_its_last_bar():
    """Nothing is due after it, and the table says that it ended."""
    found = judge(together(bars("AAA", days(23, 24, 25)), bars("BBB", days(23, 24, 25, 26, 27, 30))))
    assert (found.share.value, found.share.n) == (1.0, 9)
    assert found.symbols["ended"].to_dict() == {"AAA": True, "BBB": False}


def test_what_is_held_is_due_tonight():
    """Held at the last close: Thursday, Friday and Monday are missing, and the hole is of something held."""
    found = judge(bars("AAA", days(23, 24, 25)), holdings(AAA=[0, 0, 5, 5, 5, 5]))
    assert found.share.value == pytest.approx(3 / 6)
    assert found.gaps[["sessions", "held"]].to_numpy().tolist() == [[3, True]]
    assert not found.symbols.loc["AAA", "ended"]


def test_what_is_held_without_any_bar_is_due_while_it_is_held():
    """Bought on Wednesday, sold on Friday: two closes without a price."""
    found = judge(bars("BBB", days(23, 24, 25, 26, 27, 30)), holdings(AAA=[0, 0, 5, 5, 0, 0]))
    assert found.symbols.loc["AAA", ["called", "there"]].tolist() == [2, 0]


def test_a_short_holding_is_a_holding():
    """Negative shares are due as well."""
    assert judge(bars("AAA", days(23)), holdings(AAA=[-5] * 6)).share.value == pytest.approx(1 / 6)


def test_months_are_counted_by_symbol():
    """Two of three in June's first half of the table; a month in which nothing was due is no number."""
    records = together(bars("AAA", days(26, 30)), bars("BBB", {"2025-07-01": 10, "2025-07-02": 10}))
    found = completeness(records, sessions("2025-06-26", "2025-07-02"), NONE).by_month
    assert [str(month) for month in found.columns] == ["2025-06", "2025-07"]
    assert found.loc["AAA"].tolist() == pytest.approx([2 / 3, float("nan")], nan_ok=True)
    assert found.loc["BBB"].tolist() == pytest.approx([float("nan"), 1.0], nan_ok=True)


def test_without_bars_and_holdings_completeness_is_undefined():
    """Nothing was due: that is no hundred percent."""
    found = judge(schema.empty("bars"))
    assert found.share.reason == "no bar is called for: nothing was held, and no prices came"
    assert (found.gaps.empty, found.symbols.empty, found.by_month.empty) == (True, True, True)


def test_the_order_of_records_and_the_names_of_symbols_do_not_matter():
    """Shuffled, and with the symbols exchanged, the same holes are found."""
    records = together(bars("AAA", days(23, 24, 27, 30)), bars("BBB", days(23, 30)))
    straight = judge(records)
    shuffled = judge(records.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(straight.gaps, shuffled.gaps)
    exchanged = judge(records.assign(symbol=records["symbol"].map({"AAA": "BBB", "BBB": "AAA"})))
    assert exchanged.share == straight.share
    assert exchanged.gaps["sessions"].sum() == straight.gaps["sessions"].sum() == 2 + 4


def test_bars_of_days_without_trading_count_for_nothing():
    """A bar dated Saturday is neither there nor called for."""
    assert judge(bars("AAA", days(27, 28, 30))).share.n == 2


def test_columns_that_are_empty_are_one_line_each():
    """Two of three bars lack a volume, in two symbols; what every bar has is not named."""
    records = together(bars("AAA", days(26, 27)), bars("BBB", days(27)))
    records.loc[[0, 2], "volume"] = None
    found = lacking(records)
    assert found.to_dict("index") == {"volume": {"bars": 2, "of": 3, "symbols": 2}}
    assert lacking(schema.empty("bars")).empty
