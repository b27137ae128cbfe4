"""Age is counted in sessions, and a feed is judged by what a healthy evening brings."""

from datetime import date

import pandas as pd
import pytest
from build import bars, book_of, fills, ledger_of, positions, together

from trade_dashboard import schema
from trade_dashboard.metrics import freshness, holds, holes
from trade_dashboard.sessions import calendar

MONDAY = date(2025, 6, 30)


def coverage(**lasts):
    """Say of each dataset its last session, None for no record."""
    last = pd.to_datetime(pd.Series(lasts)).astype("datetime64[us]")
    return pd.DataFrame({"rows": last.notna().astype("int64") * 7, "first": last, "last": last}).rename_axis("dataset")


def judged(name, last, today=MONDAY):
    (row,) = freshness(coverage(**{name: last}), calendar(), today).to_dict("records")
    return row["verdict"]


@pytest.mark.parametrize("name", ["bars", "positions", "equity", "market_states", "service_health"])
def test_what_every_evening_brings_is_stale_after_one_session(name):
    """Of the run date it is fresh, of the session before it is not."""
    assert judged(name, "2025-06-30") == "fresh"
    assert judged(name, "2025-06-27") == "stale"


@pytest.mark.parametrize(
    ("name", "fresh", "stale"), [("signals", "2025-06-23", "2025-06-20"), ("opportunities", "2025-06-27", "2025-06-26")]
)
def test_what_comes_on_most_evenings_may_be_late(name, fresh, stale):
    """Signals may be five sessions old, candidates one."""
    assert judged(name, fresh) == "fresh"
    assert judged(name, stale) == "stale"


@pytest.mark.parametrize("name", ["fills", "orders", "cash_flows", "corporate_actions", "instruments"])
def test_what_nobody_expects_is_never_stale(name):
    """No fill for a year is no fault of the feed."""
    assert judged(name, "2024-06-28") == "as it happens"


@pytest.mark.parametrize("name", schema.PROVIDED)
def test_nothing_ever_known_is_told_apart(name):
    """An empty feed is not a healthy one."""
    assert judged(name, None) == "none"


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("bars", "fills"),
        ("bars", "positions"),
        ("positions", "fills"),
        ("equity", "fills"),
        ("equity", "cash_flows"),
        ("market_states", "signals"),
        ("service_health", "opportunities"),
    ],
)
def test_an_empty_feed_that_is_due_is_broken(name, because):
    """What every evening should bring never came, though something that calls for it did: no healthy feed."""
    found = freshness(coverage(**{name: None, because: "2025-06-30"}), calendar(), MONDAY)
    assert found.loc[name, "verdict"] == "broken"


@pytest.mark.parametrize(
    ("name", "beside"), [("market_states", "fills"), ("service_health", "equity"), ("signals", "market_states")]
)
def test_an_empty_feed_that_nothing_calls_for_is_none(name, beside):
    """A broker's export has no services behind it; and of signals none is no fault."""
    found = freshness(coverage(**{name: None, beside: "2025-06-30"}), calendar(), MONDAY)
    assert found.loc[name, "verdict"] == "none"


def test_of_an_account_that_holds_nothing_no_positions_are_due():
    """All sold on Monday: Friday's positions are not stale; while something is held, they are."""
    cover = coverage(positions="2025-06-27", fills="2025-06-30")
    told = {held: freshness(cover, calendar(), MONDAY, held=held).loc["positions", "verdict"] for held in (True, False)}
    assert told == {True: "stale", False: "as it happens"}
    never = coverage(positions=None, fills="2025-06-30")
    assert freshness(never, calendar(), MONDAY, held=False).loc["positions", "verdict"] == "none"


def test_an_account_holds_what_its_last_close_has():
    """Long and short both count; what was sold does not."""
    bought = fills("2025-06-27 AAA BUY 1@5")
    assert holds(ledger_of(fills=bought))
    assert holds(ledger_of(fills=fills("2025-06-27 AAA SELL 1@5")))
    assert not holds(ledger_of(fills=together(bought, fills("2025-06-30 AAA SELL 1@5 id=F2"))))
    assert not holds(ledger_of())


def test_a_weekend_makes_nothing_older():
    """On Monday the 7th, after Independence Day and a weekend, Thursday's record is one session old."""
    found = freshness(coverage(bars="2025-07-03", signals="2025-07-02"), calendar(), date(2025, 7, 7))
    assert found["age"].tolist() == [1, 2]


def test_every_dataset_is_judged_with_its_count_and_last_session():
    """Index, count and last session are the coverage's; the age of nothing is undefined."""
    found = freshness(coverage(bars="2025-06-30", signals=None), calendar(), MONDAY)
    assert list(found.columns) == ["rows", "last", "age", "verdict"]
    assert (found.index.tolist(), found.index.name) == (["bars", "signals"], "dataset")
    assert found["rows"].tolist() == [7, 0]
    assert found["age"].tolist() == pytest.approx([0, float("nan")], nan_ok=True)
    assert found["last"].tolist() == [pd.Timestamp("2025-06-30"), pd.NaT]


def test_a_book_of_nothing_can_be_judged(tmp_path):
    """Every dataset of an empty store is there, and none of them is fresh."""
    found = freshness(book_of(tmp_path).coverage(), calendar(), MONDAY)
    assert found["verdict"].tolist() == ["none"] * len(schema.PROVIDED)


def test_columns_that_came_empty_tonight_are_named(tmp_path):
    """No volume of any held symbol, no cost of any position; what some have, and what other symbols lack, is no hole."""
    tonight = together(
        bars("AAA", {"2025-06-30": 10}), bars("BBB", {"2025-06-30": 10}), bars("CCC", {"2025-06-30": 10})
    )
    tonight.loc[tonight["symbol"] != "CCC", "volume"] = None
    tonight.loc[tonight["symbol"] == "AAA", "open"] = None
    held = positions("2025-06-30 AAA 1", "2025-06-30 BBB 1")
    held["market_value"] = [10.0, None]
    book = book_of(tmp_path, bars=tonight, positions=held)
    assert holes(book, ["AAA", "BBB"]) == {"bars": ["volume"], "positions": ["average_cost"]}
    assert holes(book, ["CCC"]) == {"positions": ["average_cost"]}


def test_holes_of_other_evenings_are_not_tonights(tmp_path):
    """Friday had no volume, Monday has; without a record tonight there is no hole to name."""
    both = bars("AAA", {"2025-06-27": 10, "2025-06-30": 10})
    both.loc[0, "volume"] = None
    assert holes(book_of(tmp_path, bars=both), ["AAA"]) == {}
    assert holes(book_of(tmp_path, "2025-07-01"), ["AAA"]) == {}
