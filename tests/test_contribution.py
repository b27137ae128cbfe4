"""Who made the profit: by symbol and by strategy, to the cent."""

from datetime import date

import pandas as pd
import pytest
from build import actions, bars, book_of, fills, flows, ledger_of, together
from hypothesis import given, settings
from hypothesis import strategies as st
from laws import few

from trade_dashboard import open_book, schema
from trade_dashboard.metrics import contribution, history, reckon, reckon_parts, window
from trade_dashboard.metrics.contribution import ledger_of_parts
from trade_dashboard.sessions import calendar

START = "2025-06-26 deposit 1000"
FRIDAY, MONDAY = "2025-06-27", "2025-06-30"


def asked_for(frame, *strategies):
    """Say which strategy asked for each fill; None is nobody's."""
    return frame.assign(strategy=pd.Series(strategies, index=frame.index, dtype="str"))


def parted(since="2025-06-26", until=MONDAY, **records):
    """Part an account's profit, and give the profit of the whole beside it."""
    account = ledger_of(until, **records)
    given_too = {
        name: records.get(name, schema.empty(name)) for name in ("fills", "cash_flows", "equity", "corporate_actions")
    }
    parts = ledger_of_parts(account, calendar(), date.fromisoformat(until), **given_too)
    shown = history(account).loc[since:]
    return contribution(parts, shown), shown["pnl"].iloc[1:].sum()


def pnl(found, level):
    return found["pnl"].groupby(level).sum().round(6).to_dict()


def test_each_strategy_has_what_it_earned_in_each_symbol():
    """AAA up by 1: ten of trend's, five short of nobody's. BBB down by 2, two of trend's, less a fee of 1."""
    found, whole = parted(
        cash_flows=flows(START),
        fills=asked_for(
            fills("2025-06-27 AAA BUY 10@10", "2025-06-27 AAA SELL 5@10", "2025-06-27 BBB BUY 2@50 fee=1"),
            "trend", None, "trend",
        ),
        bars=together(bars("AAA", {FRIDAY: 10, MONDAY: 11}), bars("BBB", {FRIDAY: 50, MONDAY: 48})),
    )  # fmt: skip
    assert found["pnl"].to_dict() == {("trend", "AAA"): 10, ("trend", "BBB"): -5, ("unassigned", "AAA"): -5}
    assert found["fills"].to_dict() == {("trend", "AAA"): 1, ("trend", "BBB"): 1, ("unassigned", "AAA"): 1}
    assert pnl(found, "strategy") == {"trend": 5, "unassigned": -5}
    assert pnl(found, "symbol") == {"AAA": 5, "BBB": -5}
    assert whole == 0


def test_only_what_was_earned_between_the_closes_counts():
    """Bought at 10 on Friday, which closed at 12; Monday's part is from there."""
    found, whole = parted(
        since=FRIDAY,
        cash_flows=flows(START),
        fills=asked_for(fills("2025-06-27 AAA BUY 10@10", "2025-06-30 AAA SELL 4@15"), "trend", "trend"),
        bars=bars("AAA", {FRIDAY: 12, MONDAY: 13}),
    )
    assert found["pnl"].to_dict() == {("trend", "AAA"): 4 * 3 + 6 * 1}
    assert found["fills"].tolist() == [1]
    assert whole == 18


def test_a_dividend_goes_to_whoever_held_the_shares_the_evening_before():
    """12 for ten net shares: the fifteen long get 18, and the five short pay 6."""
    found, whole = parted(
        cash_flows=flows(START, "2025-06-30 dividend 12 AAA", "2025-06-30 interest 7"),
        fills=asked_for(
            fills("2025-06-27 AAA BUY 15@10", "2025-06-27 AAA SELL 5@10", "2025-06-30 AAA BUY 100@10"),
            "trend", "short_book", "late",
        ),
        bars=bars("AAA", {FRIDAY: 10, MONDAY: 10}),
    )  # fmt: skip
    assert pnl(found, "strategy") == {"trend": 18, "short_book": -6, "late": 0, "Other income": 7}
    assert whole == 19


def test_a_dividend_after_the_sale_goes_to_whoever_last_held():
    """Sold on Friday, paid on Monday."""
    found, _ = parted(
        cash_flows=flows(START, "2025-07-01 dividend 12 AAA"),
        fills=asked_for(fills("2025-06-27 AAA BUY 15@10", "2025-06-30 AAA SELL 15@10"), "trend", "trend"),
        bars=bars("AAA", {FRIDAY: 10}),
        until="2025-07-01",
    )
    assert found["pnl"].to_dict() == {("trend", "AAA"): 12}


def test_income_of_what_was_never_held_is_nobodys():
    """It was earned, so it is there."""
    found, whole = parted(cash_flows=flows(START, "2025-06-30 dividend 3 CCC"))
    assert found["pnl"].to_dict() == {("unassigned", "CCC"): 3}
    assert whole == 3


def test_a_split_is_no_profit_of_any_part():
    """Two for one: each part has twice the shares at half the price."""
    found, whole = parted(
        cash_flows=flows(START),
        fills=asked_for(fills("2025-06-27 AAA BUY 10@50", "2025-06-27 AAA BUY 4@50"), "trend", None),
        bars=bars("AAA", {FRIDAY: 50, MONDAY: 26}),
        corporate_actions=actions("2025-06-30 AAA split 2"),
    )
    assert found["pnl"].to_dict() == {("trend", "AAA"): 20, ("unassigned", "AAA"): 8}
    assert whole == 28


def test_an_account_of_cash_has_its_interest():
    """And one without any record has no part at all."""
    found, _ = parted(cash_flows=flows(START, "2025-06-30 interest 7"))
    assert found["pnl"].to_dict() == {("Other income", "Other income"): 7}
    nothing, whole = parted(since=MONDAY)
    assert nothing.empty
    assert list(nothing.columns) == ["pnl", "fills"]
    assert whole == 0


def test_what_has_no_value_is_not_parted():
    """Bought on Friday and never priced: the sessions up to then are, and had no profit."""
    found, _ = parted(cash_flows=flows(START), fills=asked_for(fills("2025-06-27 AAA BUY 10@10"), "trend"))
    assert found.empty
    assert list(found.columns) == ["pnl", "fills"]


def test_a_book_is_parted_as_its_records_say(tmp_path):
    """Read from the store: one part for each strategy and symbol."""
    book = book_of(
        tmp_path,
        cash_flows=flows(START),
        fills=asked_for(fills("2025-06-27 AAA BUY 10@10", "2025-06-30 AAA BUY 1@10"), "trend", None),
        bars=bars("AAA", {"2025-06-26": 9, FRIDAY: 10, MONDAY: 11}),
    )
    account = reckon(book)
    found = contribution(reckon_parts(book, account), history(account))
    assert found["pnl"].to_dict() == {("trend", "AAA"): 10, ("unassigned", "AAA"): 1}


@pytest.mark.parametrize("lookback", [0, 20, 250])
def test_the_samples_parts_are_its_profit_to_the_cent(sample_settings, lookback):
    """Three strategies, dividends, splits, interest and fees."""
    book = open_book("2025-06-30", settings=sample_settings)
    account = reckon(book)
    shown = window(history(account), lookback)
    found = contribution(reckon_parts(book, account), shown)
    assert found["pnl"].sum() == pytest.approx(shown["pnl"].sum(), abs=0.005)
    assert {"trend", "reversion", "short_book"} >= set(found.index.get_level_values("strategy")) - {"Other income"}
    by_symbol = account.earned(shown.index[0], shown.index[-1])
    assert by_symbol.reindex(pnl(found, "symbol")).drop("Other income", errors="ignore").to_dict() == pytest.approx(
        {symbol: usd for symbol, usd in pnl(found, "symbol").items() if symbol != "Other income"}, abs=0.005
    )


@pytest.mark.real_account
def test_a_real_accounts_parts_are_its_profit_to_the_cent(real_store):
    """9367 fills in seven symbols, without a strategy: 65404.25 USD."""
    from trade_dashboard.settings import Settings

    book = open_book("2009-12-31", settings=Settings(store=real_store))
    account = reckon(book)
    found = contribution(reckon_parts(book, account), history(account))
    assert found["pnl"].sum() == pytest.approx(65404.25, abs=0.005)
    assert set(found.index.get_level_values("strategy")) == {"unassigned"}
    assert found["fills"].sum() == 9367


trades = st.lists(
    st.tuples(
        st.sampled_from([FRIDAY, MONDAY]),
        st.sampled_from(["AAA", "BBB"]),
        st.sampled_from(["BUY", "SELL"]),
        st.integers(1, 20),
        st.integers(1, 60),
        st.sampled_from(["trend", "other", None]),
    ),
    min_size=1,
    max_size=6,
)
prices = st.tuples(st.integers(1, 60), st.integers(1, 60))


def told(trades, names=("AAA", "BBB")):
    name = dict(zip(("AAA", "BBB"), names, strict=True))
    lines = [f"{day} {name[symbol]} {side} {many}@{at} fee=1" for day, symbol, side, many, at, _ in trades]
    return asked_for(fills(*lines), *[one[-1] for one in trades])


def closing(one, other, names=("AAA", "BBB")):
    return together(
        *[
            bars(name, dict(zip((FRIDAY, MONDAY), at, strict=True)))
            for name, at in zip(names, (one, other), strict=True)
        ]
    )


@settings(few, max_examples=10)
@given(trades=trades, one=prices, other=prices, paid=st.integers(0, 9))
def test_the_parts_add_up_to_the_whole(trades, one, other, paid):
    """Whatever was traded for whom, at whatever prices, with a dividend."""
    records = {"cash_flows": flows(START, f"2025-06-30 dividend {paid} AAA"), "fills": told(trades)}
    found, whole = parted(**records, bars=closing(one, other))
    assert found["pnl"].sum() == pytest.approx(whole, abs=0.005)


@settings(few, max_examples=5)
@given(trades=trades, one=prices, other=prices)
def test_names_of_symbols_and_strategies_mean_nothing(trades, one, other):
    """Symbols that swap their names swap what they earned; strategies keep theirs."""
    plain, _ = parted(cash_flows=flows(START), fills=told(trades), bars=closing(one, other))
    names = ("ZZZ", "AAA")
    swapped, _ = parted(cash_flows=flows(START), fills=told(trades, names), bars=closing(one, other, names))
    assert pnl(swapped, "strategy") == pytest.approx(pnl(plain, "strategy"), abs=1e-6)
    back = {"ZZZ": "AAA", "AAA": "BBB"}
    assert {back[name]: usd for name, usd in pnl(swapped, "symbol").items()} == pytest.approx(
        pnl(plain, "symbol"), abs=1e-6
    )
