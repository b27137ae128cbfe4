"""Every check at once: the feeds, the KPIs and what they were the session before, on stores with a story."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from accounts import ACCOUNTS
from build import ACCOUNT, at, bars, equity, fills, flows, store_with, together
from stories import DAYS, MONDAY, bad, good, rejected, walk
from test_completeness import sessions

from trade_dashboard import store
from trade_dashboard.book import Book
from trade_dashboard.errors import RequestError
from trade_dashboard.metrics import REPORTS, quality, quality_kpis, reckon
from trade_dashboard.metrics.feeds import ages, arrived, oldest, shares
from trade_dashboard.settings import Settings

CUT = at("2025-07-04 00:00")


def open_on(settings, day=MONDAY, known_at=CUT):
    return Book(settings, ACCOUNT, date.fromisoformat(day), known_at)


def check(settings, lookback=20, day=MONDAY, known_at=CUT):
    book = open_on(settings, day, known_at)
    return quality(book, reckon(book), lookback)


def kpis(settings, **how):
    found = check(settings, **how)
    return quality_kpis(found, open_on(settings, how.get("day", MONDAY)).previous_session)


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """A store of a calm evening, only to be read."""
    return good(tmp_path_factory.mktemp("calm"))


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory):
    """A store of a bad evening, only to be read."""
    return bad(tmp_path_factory.mktemp("spoiled"))


def test_a_calm_evening_has_nothing_to_tell(calm):
    """Every feed is fresh and whole, and no check finds anything."""
    found = check(calm)
    due = found.feeds.loc[["bars", "positions", "equity", "market_states", "service_health"]]
    assert due["verdict"].tolist() == ["fresh"] * 5
    assert due["completeness"].tolist() == [1.0] * 5
    assert found.prices.misfits.empty
    assert found.prices.flat_tails.empty
    assert found.comparison.breaks.empty
    assert found.held == ("AAA",)
    values = {name: (one.value, one.previous) for name, one in kpis(calm).items()}
    assert values == {
        "freshness_sessions": (0, 0),
        "completeness": (1.0, 1.0),
        "quarantined": (0, 0),
        "restatements": (0, 0),
        "breaks": (0, 0),
    }


def test_the_kpis_are_the_reports(calm):
    """Those that the reference names, in its order."""
    assert tuple(kpis(calm)) == REPORTS["data_quality"]


def test_a_bad_evening_is_told_in_every_way(spoiled):
    """One of each: a split nobody told, a spike, a contradiction, holes, a flat tail, rows kept out, breaks."""
    found = check(spoiled)
    told = found.prices.misfits.groupby("symbol")["what"].first().to_dict()
    assert told == {"BBB": "split", "CCC": "spike", "DDD": "contradiction", "EEE": "move"}
    assert found.prices.completeness.gaps[["symbol", "sessions"]].to_numpy().tolist() == [["DDD", 1], ["DDD", 2]]
    assert found.prices.flat_tails["symbol"].tolist() == ["EEE"]
    assert found.prices.lacking.index.tolist() == ["volume"]
    assert found.feeds.loc[["bars", "fills", "equity"], "quarantined"].tolist() == [1, 1, 0]
    assert found.services.loc["analyst", "status"] == "down"


def test_breaks_are_those_of_the_newest_figures(spoiled):
    """Equity and one holding differ tonight; on Friday equity and the holding of BBB did; on Thursday nothing."""
    one = kpis(spoiled)["breaks"]
    assert (one.value, one.previous) == (2, 2)
    assert one.trail[-3:] == (0, 2, 2)


def test_rows_kept_out_are_counted_once(tmp_path):
    """Two things wrong in one row are one row; Friday's are not tonight's."""
    settings = good(tmp_path)
    lines = (
        f"{MONDAY} fills t.csv 7 price -1",
        f"{MONDAY} fills t.csv 7 quantity -1",
        "2025-06-27 fills t.csv 3 price 0",
    )
    store.append(settings.store, {"quarantine": rejected(*lines)}, "broker-export", at("2025-06-30 21:00"))
    one = kpis(settings)["quarantined"]
    assert (one.value, one.previous) == (1, 1)
    assert len(check(settings).arrivals.quarantine) == 3


def test_restatements_are_those_since_the_close_before(tmp_path):
    """Two that became known after Friday's close, one before it: two, and one the session before."""
    settings = good(tmp_path)
    told = {"2025-06-27 19:30": ["2025-06-24"], "2025-06-30 21:00": ["2025-06-25", "2025-06-26"]}
    for moment, days in told.items():
        store.append(settings.store, {"bars": bars("AAA", dict.fromkeys(days, 99.0))}, "broker-export", at(moment))
    one = kpis(settings)["restatements"]
    assert (one.value, one.previous) == (2, 1)


def test_a_feed_that_stopped_gets_older_every_session(tmp_path):
    """The broker's figures end on Thursday: two sessions old on Monday, one on Friday, none on Thursday."""
    settings = store_with(
        tmp_path,
        cash_flows=flows("2025-05-01 deposit 5000"),
        bars=walk("AAA"),
        equity=equity(*(f"{day} 5000" for day in DAYS if day <= "2025-06-26")),
    )
    one = kpis(settings)["freshness_sessions"]
    assert (one.value, one.previous, one.trail[-3:]) == (2, 1, (0, 1, 2))


def test_while_a_feed_that_is_due_never_came_freshness_is_undefined(tmp_path):
    """No zero for an empty feed: null, and which one."""
    settings = store_with(tmp_path, fills=fills("2025-06-27 AAA BUY 1@5"), bars=walk("AAA"))
    one = kpis(settings)["freshness_sessions"]
    assert (one.value, one.reason) == (None, "never came: positions, equity")


def test_completeness_the_session_before_has_its_own_window(tmp_path):
    """Two sessions: tonight's bar is missing of two, on Friday neither was."""
    settings = store_with(tmp_path, fills=fills("2025-06-24 AAA BUY 1@5"), bars=walk("AAA", d30=None))
    one = kpis(settings, lookback=2)["completeness"]
    assert (one.value, one.previous) == (0.5, 1.0)


def test_what_comes_later_changes_nothing(calm, spoiled):
    """Seen from Friday, Monday's records and corrections do not exist."""
    then = at("2025-06-27 20:30")
    before = check(calm, day="2025-06-27", known_at=then)
    after = check(spoiled, day="2025-06-27", known_at=then)
    for one in ("feeds", "ages", "services", "latencies"):
        pd.testing.assert_frame_equal(getattr(before, one), getattr(after, one))
    for one in ("lacking", "misfits", "flat_tails"):
        pd.testing.assert_frame_equal(getattr(before.prices, one), getattr(after.prices, one))
    pd.testing.assert_frame_equal(before.prices.completeness.there, after.prices.completeness.there)
    pd.testing.assert_frame_equal(before.comparison.equity, after.comparison.equity)


def test_looking_back_further_judges_more_sessions_and_reads_no_more_than_a_month_before(tmp_path):
    """A hole in May is seen from sixty sessions, not from twenty."""
    settings = store_with(tmp_path, cash_flows=flows("2025-05-01 deposit 1"), bars=together(walk("AAA", d10=None)))
    assert check(settings, lookback=10).prices.completeness.gaps.empty
    assert len(check(settings, lookback=20).prices.completeness.gaps) == 1


def test_no_session_to_judge_is_a_bad_request(calm):
    """It says what to ask for."""
    with pytest.raises(RequestError, match="one session or more"):
        check(calm, lookback=0)


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_account_can_be_checked(tmp_path, account):
    """Opened today, empty, short, bankrupt: every KPI has a plain value or a reason."""
    for one in kpis(ACCOUNTS[account](tmp_path)).values():
        assert (one.value is None) == (one.reason is not None)


def test_sessions_with_any_record_are_marked():
    """Monday and Wednesday, whatever came twice."""
    came = arrived({"equity": pd.Series(pd.to_datetime(["2025-06-23", "2025-06-25", "2025-06-25"]))}, sessions())
    assert came["equity"].tolist() == [True, False, True, False, False, False]


def test_age_counts_up_from_the_last_record():
    """Nothing is known of the sessions before the first record shown; what is not due is left out."""
    came = pd.DataFrame({"equity": [False, True, False, False], "signals": [True] * 4})
    found = ages(came, pd.Series({"equity": "stale", "signals": "fresh"}))
    assert found.columns.tolist() == ["equity"]
    assert found["equity"].tolist() == pytest.approx([np.nan, 0, 1, 2], nan_ok=True)


def test_a_feed_is_measured_from_its_first_record():
    """Two of the last three; positions only where something was held."""
    came = pd.DataFrame(
        {"equity": [False, True, False, True], "positions": [False, True, False, False]}, index=sessions()[:4]
    )
    first = pd.Series(pd.Timestamp("2025-06-24"), index=["equity", "positions"])
    held = pd.Series([True, True, True, False], index=came.index)
    assert shares(came, first, held) == {"equity": pytest.approx(2 / 3), "positions": 0.5}


def test_the_oldest_feed_counts():
    """Of those due every session; what comes as it happens may be as old as it likes."""
    feeds = pd.DataFrame(
        {"age": [0.0, 3.0, 99.0], "verdict": ["fresh", "stale", "as it happens"]}, index=["bars", "equity", "fills"]
    )
    assert oldest(feeds).value == 3
    assert oldest(feeds.loc[["fills"]]).reason == "nothing that is due every session was ever known"


@pytest.mark.real_account
def test_a_real_account_is_checked_in_full(real_store):
    """SPY's wrong highs and Intel's bad news are found; 7 symbols without open, high, low and volume are one line each column."""
    book = Book(Settings(store=real_store), "DU000001", date(2006, 3, 1), datetime(2100, 1, 1, tzinfo=UTC))
    found = quality(book, reckon(book), 60)
    assert found.prices.misfits[["symbol", "what", "price"]].to_numpy().tolist() == [
        ["SPY", "high", 137.33],
        ["SPY", "high", 137.32],
        ["INTC", "move", 16.867606],
    ]
    assert found.prices.lacking.index.tolist() == ["open", "high", "low", "volume"]
    assert set(found.prices.lacking["symbols"]) == {7}
