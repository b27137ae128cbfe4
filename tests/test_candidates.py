"""Candidates and what became of them: entered at the next open, left at a close, beside the benchmark; nobody forgotten."""

from datetime import date, timedelta

import pandas as pd
import pytest
from build import KNOWN, actions, bars, book_of, fills, flows, ledger_of, opportunities, store_with, together
from hypothesis import given, settings
from hypothesis import strategies as st

from trade_dashboard import schema
from trade_dashboard.adjust import adjust
from trade_dashboard.errors import RequestError
from trade_dashboard.metrics import candidate_turnover, candidates, follow, marked, missed, taken
from trade_dashboard.sessions import calendar

NAN = float("nan")
WEEK = ("2025-06-23", "2025-06-24", "2025-06-25", "2025-06-26", "2025-06-27", "2025-06-30")
START = flows("2025-06-20 deposit 10000")
repeatable = settings(max_examples=25, deadline=None, derandomize=True, database=None)


def near(*values):
    return pytest.approx(list(values), nan_ok=True, abs=1e-12)


def found(*lines):
    return candidates(opportunities(*lines), calendar())


def prices(symbol, text, days=WEEK):
    """Make bars of "open-close" a session, an open of "" is none: `prices("AAA", "10-11 11-12")`; "gap" is no bar."""
    pairs = {day: pair.split("-") for day, pair in zip(days, text.split(), strict=False) if pair != "gap"}
    made = bars(symbol, {day: float(close) for day, (_, close) in pairs.items()})
    return made.assign(open=[float(opened or "nan") for opened, _ in pairs.values()])


def followed(candidate, *records, horizons=(1,), until="2025-06-30", benchmark="SPY"):
    return follow(candidate, together(*records), benchmark, calendar(), date.fromisoformat(until), horizons=horizons)


def read_and_follow(book):
    rows = candidates(book.opportunities(), book.calendar)
    return follow(rows, book.adjusted_bars(), "SPY", book.calendar, book.run_date)


def told(rows, *columns):
    """Give some columns of the only row."""
    assert len(rows) == 1
    return [rows[column].iloc[0] for column in columns]


def test_a_candidate_is_one_symbol_a_session():
    """The highest score counts; of equal ones the earliest; another session is another candidate."""
    rows = found(
        "2025-06-27 AAA 0.5 state=1",
        "2025-06-27 AAA 0.9 state=2 at=20:50",
        "2025-06-27 AAA 0.9 state=3 at=20:45",
        "2025-06-30 AAA 0.1 state=4",
    )
    assert rows["session"].dt.day.tolist() == [27, 30]
    assert rows["score"].tolist() == [0.9, 0.1]
    assert rows["market_state"].tolist() == [3, 4]


def test_candidates_are_ranked_within_their_session():
    """Best score first; of equal scores the earlier discovery, then by symbol."""
    rows = found(
        "2025-06-27 CCC 0.5 at=20:41",
        "2025-06-27 AAA 0.9",
        "2025-06-27 DDD 0.5",
        "2025-06-27 BBB 0.5 at=20:41",
        "2025-06-26 ZZZ 0.1",
    )
    assert list(zip(rows["symbol"], rows["rank"], strict=True)) == [
        ("ZZZ", 1), ("AAA", 1), ("DDD", 2), ("BBB", 3), ("CCC", 4),
    ]  # fmt: skip


def test_the_order_of_records_does_not_matter():
    """Candidates are the same however the opportunities were written."""
    lines = ["2025-06-27 AAA 0.9 id=1", "2025-06-27 BBB 0.9 id=2", "2025-06-27 AAA 0.9 id=3", "2025-06-26 BBB 0.2 id=4"]
    pd.testing.assert_frame_equal(found(*lines), found(*reversed(lines)))


def test_a_candidate_is_entered_at_the_next_open_and_left_at_a_close():
    """Found on Monday. Tuesday opens at 10: over one session to its close of 11, over two to Wednesday's 9."""
    rows = followed(
        found("2025-06-23 AAA 0.5"),
        prices("AAA", "7-8 10-11 12-9"),
        prices("SPY", "90-95 100-102 103-105"),
        horizons=(1, 2),
        until="2025-06-25",
    )
    assert rows["return"].tolist() == near(0.1, -0.1)
    assert rows["benchmark_return"].tolist() == near(0.02, 0.05)
    assert rows["excess"].tolist() == near(0.08, -0.15)
    assert rows["status"].tolist() == ["followed", "followed"]
    assert rows["entered"].tolist() == ["open", "open"]


def test_without_an_open_both_are_entered_at_the_close_and_left_a_session_later():
    """Neither knows Tuesday's open: from Tuesday's closes to Wednesday's."""
    rows = followed(found("2025-06-23 AAA 0.5"), prices("AAA", "-8 -10 -11"), prices("SPY", "-95 -100 -102"))
    assert told(rows, "entered", "status") == ["close", "followed"]
    assert told(rows, "return", "benchmark_return", "excess") == near(0.1, 0.02, 0.08)


def test_candidate_and_benchmark_share_one_convention():
    """The benchmark has no open: the candidate's is not used either, whose gain from open to close would be a gift."""
    rows = followed(found("2025-06-23 AAA 0.5"), prices("AAA", "8-8 5-10 10-11"), prices("SPY", "-95 -100 -102"))
    assert told(rows, "entered") == ["close"]
    assert told(rows, "return", "benchmark_return") == near(0.1, 0.02)


def test_without_a_benchmark_the_return_stands_alone():
    """The return is told, the excess is not invented."""
    rows = followed(found("2025-06-23 AAA 0.5"), prices("AAA", "7-8 10-11"))
    assert told(rows, "status", "entered") == ["followed", "open"]
    assert told(rows, "return", "benchmark_return", "excess") == near(0.1, NAN, NAN)


def test_a_window_that_is_not_complete_is_open():
    """Found on Thursday: by Monday two sessions are told, the third is open, and its return is not looked at."""
    rows = followed(
        found("2025-06-26 AAA 0.5"),
        prices("AAA", "1-1 1-1 1-1 1-1 10-11 11-12"),
        horizons=(1, 2, 3),
        until="2025-06-30",
    )
    assert rows["status"].tolist() == ["followed", "followed", "open"]
    assert rows["return"].tolist() == near(0.1, 0.2, NAN)


def test_what_was_found_tonight_is_open():
    """There is no session after it yet."""
    rows = followed(found("2025-06-30 AAA 0.5"), prices("AAA", "1-1 1-1 1-1 1-1 10-11 11-12"))
    assert told(rows, "status", "return") == ["open", pytest.approx(NAN, nan_ok=True)]


def test_a_split_in_the_window_is_no_loss():
    """100 before a split of four for one, 26 after: a gain of 4 %, not a loss of 74 %."""
    split = adjust(prices("AAA", "99-99 100-100 26-26"), actions("2025-06-25 AAA split 4"))
    rows = followed(found("2025-06-23 AAA 0.5"), split, horizons=(2,), until="2025-06-25")
    assert told(rows, "return") == near(0.04)


def test_a_split_on_the_day_of_entry_is_no_loss_either():
    """Found at 100, it splits two for one overnight, opens at 50 and closes at 55: a gain of 10 %."""
    split = adjust(prices("AAA", "99-100 50-55"), actions("2025-06-24 AAA split 2"))
    assert told(followed(found("2025-06-23 AAA 0.5"), split), "return") == near(0.1)


def test_a_dividend_in_the_window_is_earned():
    """Entered at 100, 2 are paid, 98 at the end: nothing was lost."""
    paid = adjust(prices("AAA", "99-99 100-100 98-98"), actions("2025-06-25 AAA dividend 2"))
    rows = followed(found("2025-06-23 AAA 0.5"), paid, horizons=(2,), until="2025-06-25")
    assert told(rows, "return") == near(0.0)


def test_a_candidate_whose_prices_end_is_not_dropped():
    """Delisted at half: the last price stands for the rest of the window, and it is marked so."""
    rows = followed(
        found("2025-06-23 AAA 0.5"), prices("AAA", "9-9 10-5"), prices("SPY", "1-1 1-1 1-1 1-1.1"), horizons=(1, 3)
    )
    assert rows["status"].tolist() == ["followed", "ended"]
    assert rows["return"].tolist() == near(-0.5, -0.5)
    assert rows["excess"].tolist() == near(-0.5, -0.6)


def test_a_session_without_a_bar_is_bridged():
    """No bar on the last session of the window, but later ones: the last price before stands, and nothing ended."""
    rows = followed(found("2025-06-23 AAA 0.5"), prices("AAA", "9-9 10-12 gap 7-7"), horizons=(2,))
    assert told(rows, "status", "return") == ["followed", pytest.approx(0.2)]


def test_what_did_not_trade_could_not_be_entered():
    """No bar in the session after the discovery: there is no price to enter at, now or later."""
    rows = followed(found("2025-06-23 AAA 0.5", "2025-06-23 ZZZ 0.4"), prices("AAA", "9-9 gap 12-12 13-13"))
    assert rows["status"].tolist() == ["no price", "no price"]
    assert rows["return"].tolist() == near(NAN, NAN)


def test_a_holiday_is_no_session():
    """Found on Thursday 3 July, entered on Monday 7 July: Friday was a holiday."""
    days = ("2025-07-03", "2025-07-07")
    rows = followed(found("2025-07-03 AAA 0.5"), prices("AAA", "1-1 10-11", days), until="2025-07-07")
    assert told(rows, "status", "return") == ["followed", pytest.approx(0.1)]


def test_records_after_the_run_date_change_nothing():
    """Later prices and discoveries are not looked at; what is told of complete windows stays as it was."""
    first, later = found("2025-06-23 AAA 0.5"), found("2025-06-23 AAA 0.5", "2025-06-27 AAA 0.9")
    short, longer = prices("AAA", "9-9 10-11 12-12"), prices("AAA", "9-9 10-11 12-12 99-99 1-1 5-5")
    cut = followed(first, short, horizons=(1, 2, 3), until="2025-06-25")
    pd.testing.assert_frame_equal(cut, followed(later, longer, horizons=(1, 2, 3), until="2025-06-25"))
    grown = followed(first, longer, horizons=(1, 2), until="2025-06-30")
    pd.testing.assert_frame_equal(cut[cut["horizon"] < 3], grown)


def test_a_book_shows_a_follow_up_nothing_later(tmp_path):
    """Records that enter the store after the cut, or are of later sessions, give the same frame."""
    records = {"opportunities": opportunities("2025-06-23 AAA 0.5"), "bars": prices("AAA", "9-9 10-11 12-12")}
    rows = read_and_follow(book_of(tmp_path, "2025-06-25", **records))
    corrected = {
        "opportunities": opportunities("2025-06-23 BBB 0.9 id=9"),
        "bars": together(prices("AAA", "9-8 10-13 12-20"), prices("BBB", "1-1 2-2 3-3")),
    }
    store_with(tmp_path, known_at=KNOWN + timedelta(hours=1), **corrected)
    store_with(tmp_path, bars=prices("AAA", "gap gap gap 1-1"), corporate_actions=actions("2025-06-26 AAA split 2"))
    again = read_and_follow(book_of(tmp_path, "2025-06-25"))
    pd.testing.assert_frame_equal(rows, again)
    assert rows["status"].tolist() == ["followed", "followed", "open", "open", "open", "open"]


def test_no_candidates_give_an_empty_frame_of_the_same_columns():
    """What reads it need not ask."""
    none = follow(
        candidates(schema.empty("opportunities"), calendar()),
        schema.empty("bars"),
        "SPY",
        calendar(),
        date(2025, 6, 30),
    )
    some = followed(found("2025-06-23 AAA 0.5"), prices("AAA", "7-8 10-11"))
    assert none.empty
    assert none.dtypes.to_dict() == some.dtypes.to_dict()


def test_a_horizon_of_nothing_is_refused():
    """A window has a session at least."""
    with pytest.raises(RequestError, match="at least 1 session, but got 0"):
        followed(found("2025-06-23 AAA 0.5"), prices("AAA", "7-8 10-11"), horizons=(5, 0))


@repeatable
@given(st.permutations(["AAA", "BBB", "CCC", "DDD"]))
def test_names_do_not_matter(names):
    """Give the symbols other names: every result goes with its prices."""
    texts = ("1-1 10-11 12-13", "1-1 20-19 18-17", "1-1 30-30", "1-1 gap 5-6")

    def results(called):
        candidate = found(*(f"2025-06-23 {name} 0.{9 - place}" for place, name in enumerate(called)))
        rows = followed(candidate, *map(prices, called, texts), prices("SPY", "1-1 1-2 2-3"), horizons=(1, 2))
        return rows.drop(columns="symbol")

    pd.testing.assert_frame_equal(results(names), results(["AAA", "BBB", "CCC", "DDD"]))


@repeatable
@given(st.floats(0.01, 100))
def test_the_unit_of_prices_does_not_matter(factor):
    """Prices in cents give the same returns as prices in dollars."""
    made = prices("AAA", "9-9 10-11 12-12 8-8"), prices("SPY", "1-1 2-2 2-3 3-4")
    scaled = [one.assign(open=one["open"] * factor, close=one["close"] * factor) for one in made]
    rows = [followed(found("2025-06-23 AAA 0.5"), *both, horizons=(1, 2, 3)) for both in (made, scaled)]
    assert rows[0]["excess"].tolist() == near(*rows[1]["excess"])


def account(*lines, until="2025-06-30"):
    return ledger_of(until, cash_flows=START, fills=fills(*lines))


def test_tonights_candidates_are_marked():
    """Held long, held short, sold before, and never touched; with the closes of each."""
    book = account(
        "2025-06-24 AAA BUY 10@5", "2025-06-25 BBB SELL 4@5", "2025-06-24 CCC BUY 3@5", "2025-06-26 CCC SELL 3@6"
    )
    rows = found(
        "2025-06-27 AAA 0.9",
        *(f"2025-06-30 {name} 0.{place}" for place, name in zip("9876", ("AAA", "BBB", "CCC", "DDD"), strict=True)),
    )
    shown = marked(
        rows, book, together(bars("AAA", {"2025-06-27": 5, "2025-06-30": 6}), bars("BBB", {"2025-06-30": 2}))
    )
    assert shown["symbol"].tolist() == ["AAA", "BBB", "CCC", "DDD"]
    assert shown["held"].tolist() == [10, -4, 0, 0]
    assert shown["traded"].dt.day.tolist() == near(24, 25, 26, NAN)
    assert shown["closes"].tolist() == [(5.0, 6.0), (2.0,), (), ()]


def test_an_account_without_fills_marks_nothing():
    """Nobody is held, and an empty evening is an empty frame."""
    rows = marked(found("2025-06-30 AAA 0.9"), ledger_of(), schema.empty("bars"))
    assert told(rows, "held", "closes") == [0.0, ()]
    assert rows["traded"].isna().all()
    assert marked(candidates(schema.empty("opportunities"), calendar()), ledger_of(), schema.empty("bars")).empty


@pytest.mark.parametrize(
    ("lines", "took"),
    [
        ((), False),
        (("2025-06-20 AAA BUY 1@5",), True),  # held when it was found
        (("2025-06-20 AAA SELL 1@5",), True),  # held short
        (("2025-06-20 AAA BUY 1@5", "2025-06-23 AAA SELL 1@5"), False),  # sold before it was found
        (("2025-06-24 AAA BUY 1@5",), True),  # traded in the window's first session
        (("2025-06-25 AAA BUY 1@5", "2025-06-25 AAA SELL 1@5"), True),  # bought and sold within its last
        (("2025-06-26 AAA BUY 1@5",), False),  # too late
        (("2025-06-24 BBB BUY 1@5",), False),
    ],
)
def test_a_candidate_is_taken_if_held_at_its_discovery_or_traded_within_the_window(lines, took):
    """Found on Monday, followed on Tuesday and Wednesday."""
    rows = followed(found("2025-06-23 AAA 0.5"), prices("AAA", "1-1 10-11 11-12"), horizons=(2,))
    assert taken(rows, account(*lines), calendar()).tolist() == [took]


def test_what_was_found_before_the_account_began_was_not_held():
    """A young account held nothing then, but may have traded it since."""
    rows = followed(found("2025-06-23 AAA 0.5", "2025-06-23 BBB 0.4"), prices("AAA", "1-1 10-11 11-12"), horizons=(5,))
    young = ledger_of(cash_flows=flows("2025-06-26 deposit 100"), fills=fills("2025-06-27 BBB BUY 1@5"))
    assert taken(rows, young, calendar()).tolist() == [False, True]
    assert taken(rows, ledger_of(), calendar()).tolist() == [False, False]


def test_what_was_missed_is_the_best_of_each_symbol_not_taken():
    """AAA was found twice, its better time counts; BBB lagged, and was spared; CCC was held; DDD is still open."""
    rows = followed(
        found(
            "2025-06-23 AAA 0.5", "2025-06-24 AAA 0.5", "2025-06-23 BBB 0.4", "2025-06-23 CCC 0.3", "2025-06-30 DDD 0.9"
        ),
        prices("AAA", "1-1 10-11 10-12"),
        prices("BBB", "1-1 10-9"),
        prices("CCC", "1-1 10-20"),
        prices("SPY", "1-1 1-1 1-1"),
    )
    left = missed(rows, rows["symbol"] == "CCC")
    assert left["symbol"].tolist() == ["AAA"]
    assert left["excess"].tolist() == near(0.2)
    assert left["session"].dt.day.tolist() == [24]
    assert missed(rows, rows["symbol"] == "CCC", worst=True)["symbol"].tolist() == ["BBB"]
    assert missed(rows, rows["symbol"] == "", worst=False)["symbol"].tolist() == ["CCC", "AAA"]


def test_turnover_is_the_share_of_candidates_that_are_new():
    """Monday has none before it; on Tuesday one of two is new; on Thursday nothing is known of Wednesday; on Friday none."""
    shown = candidate_turnover(
        found("2025-06-23 AAA 1", "2025-06-24 AAA 1", "2025-06-24 BBB 1", "2025-06-26 AAA 1", "2025-06-27 AAA 1")
    )
    assert shown["candidates"].tolist() == [1, 2, 1, 1]
    assert shown["new"].tolist() == near(NAN, 1, NAN, 0)
    assert shown["share"].tolist() == near(NAN, 0.5, NAN, 0)
    assert candidate_turnover(candidates(schema.empty("opportunities"), calendar())).empty
