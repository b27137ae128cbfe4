"""What an account held, owed and was worth, checked by hand against its flows, fills and prices."""

import pytest
from build import actions, bars, equity, fills, flows, ledger_of, together

from trade_dashboard import open_book
from trade_dashboard.metrics import history, reckon, reconcile
from trade_dashboard.settings import Settings

START = flows("2025-06-26 deposit 1000")
UNDEFINED = pytest.approx(float("nan"), nan_ok=True)


def worths(account):
    return (account.cash + account.worth.sum(axis="columns", skipna=False)).tolist()


def dates(account):
    return account.sessions.strftime("%m-%d").tolist()


def test_buying_and_selling():
    """Thursday 1000 in cash; Friday ten shares at 50, closing at 52; Monday four of them sold at 55, closing at 54."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-27 AAA BUY 10@50", "2025-06-30 AAA SELL 4@55"),
        bars=bars("AAA", {"2025-06-26": 49, "2025-06-27": 52, "2025-06-30": 54}),
    )
    assert dates(account) == ["06-26", "06-27", "06-30"]
    assert account.holdings["AAA"].tolist() == [0, 10, 6]
    assert account.cash.tolist() == [1000, 500, 720]
    assert account.worth["AAA"].tolist() == [0, 520, 324]
    assert worths(account) == [1000, 1020, 1044]
    assert account.fills.tolist() == [0, 1, 1]


def test_a_short_earns_when_the_price_falls():
    """Ten shares sold at 50 and bought back at 47 leave 30; in between they are a debt at the close."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-27 AAA SELL 10@50", "2025-06-30 AAA BUY 10@47"),
        bars=bars("AAA", {"2025-06-27": 48, "2025-06-30": 60}),
    )
    assert account.holdings["AAA"].tolist() == [0, -10, 0]
    assert account.worth["AAA"].tolist() == [0, -480, 0]
    assert worths(account) == [1000, 1020, 1030]


def test_one_fill_can_turn_long_to_short():
    """Ten bought at 50, fifteen sold at 52: five short, at 53 the account is worth 1015."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-27 AAA BUY 10@50", "2025-06-30 AAA SELL 15@52"),
        bars=bars("AAA", {"2025-06-27": 50, "2025-06-30": 53}),
    )
    assert account.holdings["AAA"].tolist() == [0, 10, -5]
    assert worths(account) == [1000, 1000, 1015]


@pytest.mark.parametrize(
    ("traded", "close", "left", "pnl"),
    [
        (("BUY 2@10", "SELL 4@15", "BUY 3@20"), 20, 1, 0.0),
        (("BUY 2@10", "BUY 2@15", "SELL 9@10"), 10, -5, -10.0),
        (("BUY 1.5@10", "SELL 1.5@15"), 99, 0, 7.5),
    ],
)
def test_round_trips_leave_what_they_earned(traded, close, left, pnl):
    """+10 then −10 with one share left at its price; −10 with five short at their price; +7.5 on a share and a half."""
    account = ledger_of(
        cash_flows=START,
        fills=fills(*(f"2025-06-30 AAA {trade}" for trade in traded)),
        bars=bars("AAA", {"2025-06-30": close}),
    )
    assert account.holdings["AAA"].iloc[-1] == left
    assert worths(account)[-1] == 1000 + pnl


def test_commissions_are_a_cost_and_rebates_are_not():
    """A fee of 1.50 and a rebate of 0.25, by symbol, in the session of their fill."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-27 AAA BUY 1@50 fee=1.5", "2025-06-30 BBB BUY 1@50 fee=-0.25"),
        bars=together(bars("AAA", {"2025-06-27": 50}), bars("BBB", {"2025-06-30": 50})),
    )
    assert account.commissions["AAA"].tolist() == [0, 1.5, 0]
    assert account.commissions["BBB"].tolist() == [0, 0, -0.25]
    assert worths(account) == [1000, 998.5, 998.75]


def test_dividends_belong_to_their_symbol_and_interest_to_none():
    """Long receives, short pays; a fee without a symbol is a cost of the account."""
    account = ledger_of(
        cash_flows=flows(
            "2025-06-26 deposit 1000",
            "2025-06-27 dividend 5 AAA",
            "2025-06-27 dividend -2 BBB",
            "2025-06-30 interest 1",
            "2025-06-30 fee -3",
        )
    )
    assert account.income["AAA"].tolist() == [0, 5, 0]
    assert account.income["BBB"].tolist() == [0, -2, 0]
    assert account.other_income.tolist() == [0, 0, -2]
    assert account.cash.tolist() == [1000, 1003, 1001]


def test_what_comes_from_outside_is_no_income():
    """Deposits and withdrawals are kept apart, both positive."""
    account = ledger_of(
        cash_flows=flows("2025-06-26 deposit 1000", "2025-06-27 deposit 50", "2025-06-30 withdrawal -200")
    )
    assert account.outside_in.tolist() == [1000, 50, 0]
    assert account.outside_out.tolist() == [0, 0, 200]
    assert account.cash.tolist() == [1000, 1050, 850]


def test_a_split_multiplies_what_is_held_before_its_session_trades():
    """10@100, two for one, 20 sold at 55: a hundred earned and nothing left."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-27 AAA BUY 10@100", "2025-06-30 AAA SELL 20@55"),
        bars=bars("AAA", {"2025-06-27": 100, "2025-06-30": 55}),
        corporate_actions=actions("2025-06-30 AAA split 2"),
    )
    assert account.holdings["AAA"].tolist() == [0, 10, 0]
    assert worths(account) == [1000, 1000, 1100]


def test_a_split_is_no_move():
    """A price that halves because there are twice the shares has not moved; the holding is worth the same."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-27 AAA BUY 10@100"),
        bars=bars("AAA", {"2025-06-27": 100, "2025-06-30": 51}),
        corporate_actions=actions("2025-06-30 AAA split 2"),
    )
    assert account.holdings["AAA"].tolist() == [0, 10, 20]
    assert account.closes["AAA"].tolist()[1:] == [100, 51]
    assert account.moves["AAA"].iloc[-1] == pytest.approx(0.02)
    assert worths(account) == [1000, 1000, 1020]


def test_a_short_holding_splits_too():
    """Ten short become thirty short at a third of the price."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-27 AAA SELL 10@30"),
        bars=bars("AAA", {"2025-06-27": 30, "2025-06-30": 10}),
        corporate_actions=actions("2025-06-30 AAA split 3"),
    )
    assert account.holdings["AAA"].tolist() == [0, -10, -30]
    assert worths(account) == [1000, 1000, 1000]


def test_a_reverse_split_leaves_fractions_of_a_share():
    """Ten shares, one for four: two and a half."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-27 AAA BUY 10@10"),
        bars=bars("AAA", {"2025-06-27": 10, "2025-06-30": 40}),
        corporate_actions=actions("2025-06-30 AAA split 0.25"),
    )
    assert account.holdings["AAA"].tolist() == [0, 10, 2.5]
    assert worths(account) == [1000, 1000, 1000]


def test_splits_before_and_of_others_change_nothing():
    """A split before the first fill, one of a symbol never held and a dividend announced leave shares as they are."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-27 AAA BUY 10@10"),
        bars=bars("AAA", {"2025-06-27": 10, "2025-06-30": 10}),
        corporate_actions=actions(
            "2025-06-20 AAA split 2", "2025-06-27 AAA split 2", "2025-06-30 BBB split 2", "2025-06-30 AAA dividend 1"
        ),
    )
    assert account.holdings["AAA"].tolist() == [0, 10, 10]
    assert account.cash.tolist() == [1000, 900, 900]


def test_a_session_without_a_price_carries_the_last():
    """The gap has no price of its own, is worth what it was, and does not move."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-27 AAA BUY 10@50"),
        bars=bars("AAA", {"2025-06-27": 50, "2025-07-01": 55}),
        until="2025-07-01",
    )
    assert account.closes["AAA"].tolist()[1:] == [50, 50, 55]
    assert account.priced["AAA"].tolist() == [False, True, False, True]
    assert account.moves["AAA"].tolist()[2:] == pytest.approx([0.0, 0.1])
    assert worths(account) == [1000, 1000, 1000, 1050]


def test_a_gap_is_carried_through_a_split():
    """No price on the day of a two for one split: half the last price for twice the shares."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-27 AAA BUY 10@50"),
        bars=bars("AAA", {"2025-06-27": 50, "2025-07-01": 26}),
        corporate_actions=actions("2025-06-30 AAA split 2"),
        until="2025-07-01",
    )
    assert account.closes["AAA"].tolist()[1:] == [50, 25, 26]
    assert account.moves["AAA"].tolist()[2:] == pytest.approx([0.0, 0.04])
    assert worths(account) == [1000, 1000, 1000, 1020]


def test_a_holding_without_any_price_yet_is_worth_nobody_knows_what():
    """NaN, not zero and not what was paid, until the first price."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-27 AAA BUY 10@50"),
        bars=bars("AAA", {"2025-06-30": 51}),
    )
    assert account.worth["AAA"].tolist() == pytest.approx([0, float("nan"), 510], nan_ok=True)
    assert account.moves["AAA"].isna().all()


def test_the_starting_capital_is_dated_before_the_first_return():
    """An account that trades on its first day starts the session before, with its deposit: that day has a return."""
    account = ledger_of(
        cash_flows=flows("2025-06-30 deposit 1000"),
        fills=fills("2025-06-30 AAA BUY 10@50"),
        bars=bars("AAA", {"2025-06-30": 45}),
    )
    assert dates(account) == ["06-27", "06-30"]
    assert worths(account) == [1000, 950]
    assert account.outside_in.tolist() == [1000, 0]


def test_an_account_that_first_waits_starts_with_its_deposit():
    """Nothing traded on the first day: no session is put before it."""
    assert dates(ledger_of(cash_flows=START)) == ["06-26", "06-27", "06-30"]


def test_opening_cash_is_what_flows_and_fills_do_not_explain():
    """Friday evening 350 in cash after buying for 501 and a dividend of 1: it began with 850, of which 400 came as a deposit."""
    account = ledger_of(
        cash_flows=flows("2025-06-26 deposit 400", "2025-06-27 dividend 1 AAA"),
        fills=fills("2025-06-27 AAA BUY 10@50 fee=1"),
        equity=equity("2025-06-27 870 cash=350"),
        bars=bars("AAA", {"2025-06-27": 52, "2025-06-30": 52}),
    )
    assert account.outside_in.tolist() == [850, 0, 0]
    assert worths(account) == [850, 870, 870]


def test_an_account_can_open_with_the_brokers_figure_alone():
    """No flow is told: the first cash figure is the starting capital, of that session."""
    account = ledger_of(equity=equity("2025-06-26 1000 cash=1000", "2025-06-30 1234 cash=1234"))
    assert dates(account) == ["06-26", "06-27", "06-30"]
    assert worths(account) == [1000, 1000, 1000]


def test_later_figures_of_the_broker_change_nothing():
    """Only the first cash figure is used: the later ones are what ours is checked against."""
    one = {"cash_flows": START, "fills": fills("2025-06-27 AAA BUY 1@50"), "bars": bars("AAA", {"2025-06-27": 50})}
    plain = ledger_of(**one, equity=equity("2025-06-26 1000 cash=1000"))
    told = ledger_of(**one, equity=equity("2025-06-26 1000 cash=1000", "2025-06-27 1 cash=1", "2025-06-30 2 cash=2"))
    assert worths(plain) == worths(told) == [1000, 1000, 1000]


def test_a_figure_without_cash_opens_nothing():
    """The broker's worth alone says nothing of cash; the first figure that has cash does."""
    account = ledger_of(equity=equity("2025-06-26 1000", "2025-06-27 990 cash=990"))
    assert worths(account) == [990, 990, 990]


def test_an_empty_account_is_worth_nothing():
    """No record at all: the run date alone, no symbol, no cash."""
    account = ledger_of()
    assert dates(account) == ["06-30"]
    assert account.holdings.shape == (1, 0)
    assert worths(account) == [0.0]
    assert account.fills.tolist() == [0]


@pytest.mark.parametrize("paid", ["2025-06-28", "2025-06-29"])
def test_money_that_moves_on_a_weekend_is_not_lost(paid):
    """Interest is credited on a Saturday: the next session has it."""
    account = ledger_of(cash_flows=flows("2025-06-26 deposit 1000", f"{paid} interest 1"))
    assert account.cash.tolist() == [1000, 1000, 1001]


def test_bars_of_symbols_never_held_are_passed_over():
    """The ledger has the columns of what was held or paid, in order."""
    account = ledger_of(
        cash_flows=flows("2025-06-26 deposit 1000", "2025-06-27 dividend 1 CCC"),
        fills=fills("2025-06-27 BBB BUY 1@10", "2025-06-27 AAA BUY 1@10"),
        bars=together(*(bars(one, {"2025-06-27": 10}) for one in ("AAA", "BBB", "CCC", "DDD"))),
    )
    assert account.holdings.columns.tolist() == ["AAA", "BBB", "CCC"]


@pytest.fixture(scope="module")
def sample_book(sample_store):
    return open_book("2025-06-30", settings=Settings(store=sample_store))


def test_the_samples_equity_is_the_brokers_on_every_session(sample_book):
    """Three years, to the cent, from flows, fills and prices alone."""
    ours = history(reckon(sample_book))["equity"]
    told = sample_book.equity().set_index("session")["equity"]
    assert len(told) == 751
    assert (ours.reindex(told.index) - told).abs().max() < 0.005
    assert ours.index.equals(told.index)


def test_the_samples_positions_are_the_brokers_on_every_session(sample_book):
    """Every holding of every close, to the share; what the broker does not list is not held."""
    ours = reckon(sample_book).holdings
    told = sample_book.positions().pivot(index="session", columns="symbol", values="quantity")
    told = told.reindex(index=ours.index, columns=ours.columns).fillna(0.0)
    assert (ours != 0).any(axis=None)
    assert (ours - told).abs().max(axis=None) < 1e-6


@pytest.mark.real_account
def test_the_real_accounts_equity_is_the_brokers(real_store):
    """Six years and 9367 fills later: 165,404.25 to the cent, and all seven holdings to the share."""
    book = open_book("2009-12-31", settings=Settings(store=real_store))
    account = reckon(book)
    assert history(account)["equity"].iloc[-1] == pytest.approx(165404.25, abs=0.005)
    agreement = reconcile(account, book.equity(), book.positions())
    assert (agreement.agrees, agreement.positions_checked, agreement.is_opening) == (True, 7, False)
    held = account.holdings.iloc[-1]
    assert held[held != 0].to_dict() == {
        "AMD": 2299,
        "CERN": 484,
        "COST": 955,
        "DELL": 3817,
        "GPS": 1466,
        "INTC": 1120,
        "MMM": -27,
    }
