"""The broker's figures are held against ours: equity to the cent, holdings to the share."""

import math
from datetime import date

import pandas as pd
import pytest
from build import actions, bars, equity, fills, flows, ledger_of, positions, together

from trade_dashboard import open_book, schema
from trade_dashboard.metrics import compare, reckon, reconcile
from trade_dashboard.settings import Settings

NONE = schema.empty("positions")
NO_EQUITY = schema.empty("equity")


def held(deposit="1000", **more):
    """Reckon ten shares of AAA at 50 and five BBB short at 20, from Friday on: equity is the deposit."""
    return ledger_of(
        "2025-07-01",
        cash_flows=flows(f"2025-06-26 deposit {deposit}"),
        fills=fills("2025-06-27 AAA BUY 10@50", "2025-06-27 BBB SELL 5@20"),
        bars=together(bars("AAA", {"2025-06-27": 50}), bars("BBB", {"2025-06-27": 20})),
        **more,
    )


def test_what_agrees_agrees():
    """The same equity and the same two holdings, one of them short."""
    found = reconcile(held(), equity("2025-06-30 1000"), positions("2025-06-30 AAA 10", "2025-06-30 BBB -5"))
    assert found.agrees
    assert (found.session, found.broker_equity, found.our_equity, found.difference) == (
        date(2025, 6, 30),
        1000,
        1000,
        0,
    )
    assert (found.positions.empty, found.positions_checked, found.is_opening) == (True, 2, False)


@pytest.mark.parametrize(
    ("ours", "agrees"),
    [("1000.004", True), ("999.996", True), ("1000.006", False), ("999.99", False), ("1000.01", False)],
)
def test_equity_agrees_to_the_cent(ours, agrees):
    """Less than half a cent is rounding; a cent is a difference, with its sign."""
    found = reconcile(held(ours), equity("2025-06-30 1000"), NONE)
    assert found.agrees == agrees
    assert found.difference == pytest.approx(float(ours) - 1000)


@pytest.mark.parametrize(("quantity", "agrees"), [("10", True), ("10.0000005", True), ("10.001", False), ("11", False)])
def test_holdings_agree_to_the_share(quantity, agrees):
    """A thousandth of a share is a difference."""
    told = positions(f"2025-06-30 AAA {quantity}", "2025-06-30 BBB -5")
    assert reconcile(held(), equity("2025-06-30 1000"), told).agrees == agrees


def test_every_holding_that_differs_is_listed():
    """AAA is one more there, BBB is missing there, CCC is missing here; DDD, told as nothing, is nothing."""
    told = positions("2025-06-30 AAA 11", "2025-06-30 CCC 3", "2025-06-30 DDD 0")
    found = reconcile(held(), equity("2025-06-30 1000"), told)
    assert found.positions.to_dict("index") == {
        "AAA": {"broker": 11, "ours": 10},
        "BBB": {"broker": 0, "ours": -5},
        "CCC": {"broker": 3, "ours": 0},
    }
    assert (found.positions_checked, found.agrees) == (3, False)


def test_without_positions_only_equity_is_compared():
    """The broker listed none for that session: nothing is held against us, and the count says so."""
    told = positions("2025-06-27 AAA 99")
    found = reconcile(held(), equity("2025-06-30 1000"), told)
    assert (found.agrees, found.positions_checked) == (True, 0)


def test_the_newest_figure_counts():
    """An old difference is history; ours is taken of the same session, not of the run date."""
    found = reconcile(held(), equity("2025-06-27 1", "2025-06-30 1000"), NONE)
    assert (found.agrees, found.session) == (True, date(2025, 6, 30))
    paid = ledger_of("2025-07-01", cash_flows=flows("2025-06-26 deposit 1000", "2025-07-01 interest 5"))
    assert reconcile(paid, equity("2025-06-30 1000"), NONE).agrees


def test_holdings_are_compared_after_the_sessions_split():
    """Twice the shares since Monday, there and here."""
    account = held(corporate_actions=actions("2025-06-30 AAA split 2"))
    told = positions("2025-06-30 AAA 20", "2025-06-30 BBB -5")
    assert reconcile(account, equity("2025-06-30 1000"), told).agrees


def test_without_a_figure_there_is_nothing_to_agree_with():
    """No session, no difference, and no agreement."""
    found = reconcile(held(), schema.empty("equity"), positions("2025-06-30 AAA 10"))
    assert (found.session, found.positions_checked, found.agrees) == (None, 0, False)
    assert math.isnan(found.difference)


def test_an_account_that_cannot_be_valued_does_not_agree():
    """A holding without a price: our equity is undefined, and that is no agreement."""
    account = ledger_of(cash_flows=flows("2025-06-26 deposit 1000"), fills=fills("2025-06-27 AAA BUY 10@50"))
    found = reconcile(account, equity("2025-06-30 1000"), NONE)
    assert math.isnan(found.our_equity)
    assert not found.agrees


def test_agreement_with_the_opening_figure_says_nothing():
    """The reckoning starts from it: it is marked."""
    told = equity("2025-06-30 1000 cash=1000")
    found = reconcile(ledger_of(equity=told), told, NONE)
    assert (found.agrees, found.is_opening) == (True, True)


def test_a_figure_of_a_closed_day_is_held_against_the_close_before():
    """Saturday's account value and positions are Friday's close."""
    found = reconcile(held(), equity("2025-06-28 1000"), positions("2025-06-28 AAA 10", "2025-06-28 BBB -5"))
    assert (found.agrees, found.session, found.positions_checked) == (True, date(2025, 6, 28), 2)


def test_every_figure_is_compared():
    """Friday agrees, Monday is five dollars and a share off, Tuesday agrees again: one session, two breaks."""
    told = equity("2025-06-27 1000", "2025-06-30 995", "2025-07-01 1000")
    listed = positions("2025-06-27 AAA 10", "2025-06-27 BBB -5", "2025-06-30 AAA 11", "2025-06-30 BBB -5")
    found = compare(held(), told, listed)
    assert found.equity["breaks"].tolist() == [0, 2, 0]
    assert found.equity["difference"].tolist() == pytest.approx([0, 5, 0])
    assert found.equity["positions_checked"].tolist() == [2, 2, 0]
    assert found.breaks.index.tolist() == [pd.Timestamp("2025-06-30")]
    (row,) = found.positions.to_dict("records")
    assert (row["session"], row["symbol"], row["difference"]) == (pd.Timestamp("2025-06-30"), "AAA", -1)


def test_positions_are_compared_where_no_account_value_was_given():
    """A holding that differs is a break of its own; the equity of that session is not known."""
    found = compare(held(), NO_EQUITY, positions("2025-06-30 AAA 9", "2025-06-30 BBB -5"))
    assert found.equity["breaks"].tolist() == [1]
    assert math.isnan(found.equity["broker"].iloc[0])


def test_a_difference_of_less_than_a_cent_is_no_break():
    """As for the newest figure: to the cent, to the share."""
    found = compare(
        held("1000.004"), equity("2025-06-30 1000"), positions("2025-06-30 AAA 10.0000005", "2025-06-30 BBB -5")
    )
    assert found.breaks.empty
    assert found.positions.empty


def test_an_account_value_that_cannot_be_compared_is_a_break():
    """A holding without a price leaves ours unknown."""
    account = ledger_of(cash_flows=flows("2025-06-26 deposit 1000"), fills=fills("2025-06-27 AAA BUY 10@50"))
    assert compare(account, equity("2025-06-30 1000"), NONE).equity["breaks"].tolist() == [1]


def test_the_opening_figure_is_not_compared():
    """It would agree with itself: only what came later counts."""
    told = equity("2025-06-30 1000 cash=1000")
    assert compare(ledger_of(equity=told), told, NONE).equity.empty
    assert compare(held(), NO_EQUITY, NONE).equity.empty


@pytest.mark.real_account
def test_a_real_accounts_only_later_figure_agrees(real_store):
    """Of two account values one is the opening; the other agrees to the cent, with seven holdings to the share."""
    book = open_book("2009-12-31", settings=Settings(store=real_store))
    found = compare(reckon(book), book.equity(), book.positions())
    assert found.equity[["positions_checked", "breaks"]].to_numpy().tolist() == [[7, 0]]
