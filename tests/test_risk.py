"""The risk of a book, reckoned once: what is held, what it could lose, and what a small or broken account has of it."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from build import ACCOUNT, KNOWN, actions, bars, book_of, fills, flows, together

from trade_dashboard import metrics
from trade_dashboard.book import Book, open_book
from trade_dashboard.metrics import REPORTS
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Limits, Settings

SESSIONS = calendar().between(date(2025, 1, 2), date(2025, 7, 3))
START = flows("2025-03-03 deposit 10000")


def walk(symbol, seed, first=0, volume=1000.0):
    """Bars of a random walk from the n-th session of the year on."""
    days = SESSIONS[first:]
    moves = np.random.default_rng(seed).normal(0, 0.02, len(days))
    closes = 50 * np.cumprod(1 + moves)
    frame = bars(symbol, {str(day): close for day, close in zip(days, closes, strict=True)})
    return frame.assign(volume=volume)


MARKET = walk("SPY", 1)
PRICES = together(MARKET, walk("AAA", 2), walk("BBB", 3))
TRADES = fills("2025-06-02 AAA BUY 60@50", "2025-06-27 BBB SELL 20@50").assign(stop_price=[10.0, np.nan])


def risk_of(book, lookback=500):
    return metrics.risk(book, metrics.reckon(book), lookback)


def kpis_of(book):
    return metrics.risk_kpis(risk_of(book), Limits())


def test_a_position_in_one_row(tmp_path):
    """Weight and value are the day's; age (19 June was a holiday), stop and liquidity are its own; shares of risk add up to one."""
    book = book_of(tmp_path, bars=PRICES, fills=TRADES, cash_flows=START)
    found = risk_of(book)
    rows = found.positions
    assert rows.index.tolist() == ["AAA", "BBB"]
    assert rows["age"].tolist() == [19, 1]
    assert rows["plan"].tolist() == ["stop", "no plan"]
    assert rows["days_to_sell"].tolist() == pytest.approx([0.6, 0.2])
    assert rows["risk_share"].sum() == pytest.approx(1)
    assert rows["weight"].sum() == pytest.approx(found.history["net_exposure"].iloc[-1])
    assert found.beta.value == pytest.approx((rows["weight"] * rows["beta"]).sum())


def test_every_kpi_of_the_report_is_there_beside_the_one_before(tmp_path):
    """In its order, with a trail where the account has one; the value at risk is that of today's book."""
    found = kpis_of(book_of(tmp_path, bars=PRICES, fills=TRADES, cash_flows=START))
    assert tuple(found) == REPORTS["risk"]
    assert {one.previous_session for one in found.values()} == {date(2025, 6, 27)}
    assert all(one.value is not None and one.previous is not None for one in found.values())
    assert found["cvar_95"].value < found["var_95"].value < 0
    assert found["effective_bets"].value >= 1
    for name in ("gross_exposure", "net_exposure", "largest_position", "var_95", "cvar_95"):
        assert found[name].trail[-1] == found[name].value
        assert found[name].trail[-2] == found[name].previous


def test_the_numbers_of_the_session_before_are_those_it_had(tmp_path):
    """What a book of the 27th says is what a book of the 30th says of the session before."""
    settings = book_of(tmp_path, bars=PRICES, fills=TRADES, cash_flows=START).settings
    tonight, before = (kpis_of(Book(settings, ACCOUNT, date(2025, 6, day), KNOWN)) for day in (30, 27))
    assert {name: one.previous for name, one in tonight.items()} == pytest.approx(
        {name: one.value for name, one in before.items()}
    )


def test_a_later_session_changes_nothing_of_an_earlier_one(tmp_path):
    """Bars, fills and a split of July: the book of June is the same to the last bit."""
    settings = book_of(tmp_path, bars=PRICES, fills=TRADES, cash_flows=START).settings
    june = Book(settings, ACCOUNT, date(2025, 6, 30), KNOWN)
    before = risk_of(june)
    later = fills("2025-07-01 AAA SELL 30@50 id=late")
    book_of(tmp_path, fills=later, corporate_actions=actions("2025-07-02 AAA split 2", "2025-07-01 BBB dividend 1"))
    after = risk_of(Book(settings, ACCOUNT, date(2025, 6, 30), KNOWN))
    for name in ("history", "weights", "closes", "tail", "lots", "positions"):
        pd.testing.assert_frame_equal(getattr(after, name), getattr(before, name))


def test_returns_look_back_so_far_and_no_further(tmp_path):
    """Seventy sessions of returns: as many, ending today, and value at risk of no more."""
    found = risk_of(book_of(tmp_path, bars=PRICES, fills=TRADES, cash_flows=START), 70)
    assert len(found.returns) == 70
    assert found.returns.notna().all(axis=None)
    assert found.tail["observations"].iloc[-1] == 70


def test_a_split_is_no_loss(tmp_path):
    """Two for one, the price halves: neither the value at risk nor a beta sees a fall of a half."""
    split = PRICES.copy()
    late = (split["symbol"] == "AAA") & (split["session"] >= "2025-06-10")
    split.loc[late, ["open", "high", "low", "close"]] /= 2
    plain = risk_of(book_of(tmp_path / "plain", bars=PRICES, fills=TRADES, cash_flows=START))
    other = book_of(
        tmp_path / "split",
        bars=split,
        fills=TRADES,
        cash_flows=START,
        corporate_actions=actions("2025-06-10 AAA split 2"),
    )
    pd.testing.assert_frame_equal(risk_of(other).tail, plain.tail)
    assert risk_of(other).positions["beta"].tolist() == pytest.approx(plain.positions["beta"].tolist())


def story(tmp_path, **frames):
    return kpis_of(book_of(tmp_path, **{"bars": PRICES, "cash_flows": START} | frames))


def test_an_account_of_cash_holds_nothing(tmp_path):
    """Its exposures are zero; what needs a holding says that there is none."""
    found = story(tmp_path)
    assert [found[name].value for name in ("gross_exposure", "net_exposure", "largest_position")] == [0, 0, 0]
    assert {found[name].reason for name in ("var_95", "cvar_95", "effective_bets")} == {"nothing is held"}
    assert found["limits_crossed"].value == 0


def test_an_account_all_short_has_risk(tmp_path):
    """Net is minus gross, and it loses on some sessions like any other."""
    found = story(tmp_path, fills=fills("2025-06-02 AAA SELL 60@50", "2025-06-27 BBB SELL 20@50"))
    assert found["net_exposure"].value == pytest.approx(-found["gross_exposure"].value)
    assert found["var_95"].value < 0


def test_a_bankrupt_account_says_why(tmp_path):
    """Fractions of less than nothing are undefined; only that limits are crossed is known."""
    found = story(tmp_path, fills=fills("2025-06-02 AAA SELL 2000@5"))
    for name in ("gross_exposure", "var_95", "effective_bets"):
        assert found[name].value is None
        assert found[name].reason == "a holding has no price, or equity is not above zero"
    assert found["limits_crossed"].value == 1


def test_an_account_of_one_session_has_nothing_before(tmp_path):
    """No previous session, and a value at risk all the same: its holdings have a past."""
    found = story(tmp_path, cash_flows=flows("2025-06-30 deposit 1000"))
    assert {one.previous for one in found.values()} == {None}
    assert {one.previous_session for one in found.values()} == {None}
    bought = story(
        tmp_path / "bought",
        cash_flows=flows("2025-06-30 deposit 10000"),
        fills=fills("2025-06-30 AAA BUY 60@50"),
    )
    assert bought["var_95"].value < 0


def test_an_account_without_records_has_no_fractions(tmp_path):
    """Nothing is known, nothing is invented, nothing fails."""
    found = story(tmp_path, cash_flows=flows())
    assert found["gross_exposure"].value is None
    assert found["var_95"].value is None


def test_without_a_benchmark_there_is_no_beta(tmp_path):
    """The book's says which holdings lack one; everything else is there."""
    book = book_of(tmp_path, bars=PRICES[PRICES["symbol"] != "SPY"], fills=TRADES, cash_flows=START)
    found = risk_of(book)
    assert found.positions["beta"].isna().all()
    assert "AAA, BBB" in found.beta.reason
    assert found.market.isna().all()
    assert kpis_of(book)["var_95"].value < 0


def test_without_any_bars_a_holding_is_counted_and_nothing_else(tmp_path):
    """Prices are missing: the reason is that, and not too short a past."""
    book = Book(Settings(store=tmp_path / "store"), ACCOUNT, date(2025, 6, 30), KNOWN)
    book_of(tmp_path, fills=TRADES, cash_flows=START)
    found = risk_of(book)
    assert found.positions.index.tolist() == ["AAA", "BBB"]
    assert found.positions[["weight", "beta", "days_to_sell", "distance"]].isna().all(axis=None)
    assert kpis_of(book)["var_95"].reason == "a holding has no price, or equity is not above zero"


def test_a_holding_too_young_is_named(tmp_path):
    """BBB has been traded for twenty sessions: no value at risk, and it says for want of what."""
    young = together(MARKET, walk("AAA", 2), walk("BBB", 3, first=len(SESSIONS) - 24))
    found = story(tmp_path, bars=young, fills=TRADES)
    assert found["var_95"].reason == (
        "not enough data: 20 of 60 sessions in which every holding has a return; the fewest, BBB's, are 20"
    )


def test_the_evening_judges_as_the_risk_report_does(sample_store):
    """What a bad session could cost is the same for whoever asks for that alone, and so are the limits it crosses."""
    book = open_book("2025-06-30", settings=Settings(store=sample_store))
    account = metrics.reckon(book)
    pd.testing.assert_frame_equal(metrics.book_tail(book, account), metrics.risk(book, account).tail)


def test_nothing_held_could_cost_nothing(tmp_path):
    """An account that never traded has no prices to look back on."""
    book = book_of(tmp_path, cash_flows=flows("2025-06-26 deposit 1000"))
    assert metrics.book_tail(book, metrics.reckon(book))["observations"].tolist() == [0, 0, 0]
