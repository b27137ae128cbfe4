"""How an account did: time-weighted returns, drawdowns, exposures, and profit parted by symbol; and the laws they obey."""

from dataclasses import dataclass

import pandas as pd
import pytest
from build import actions, bars, fills, flows, ledger_of, together, worth
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from trade_dashboard.metrics import Turnover, by_symbol, history, turnover

NAN = float("nan")
DAYS = ("2025-06-24", "2025-06-25", "2025-06-26", "2025-06-27", "2025-06-30")
START = flows("2025-06-26 deposit 1000")
repeatable = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def near(*values):
    return pytest.approx(list(values), nan_ok=True, abs=1e-9)


def held(side="BUY", quantity=10, until="2025-06-30", **closes):
    """Reckon 1000 in cash on Thursday and one fill at 50 on Friday, at these closes (keys `d27`, `d30` …)."""
    return ledger_of(
        until,
        cash_flows=START,
        fills=fills(f"2025-06-27 AAA {side} {quantity}@50"),
        bars=bars("AAA", {f"2025-{'07' if day < 'd20' else '06'}-{day[1:]}": close for day, close in closes.items()}),
    )


def test_drawdown_is_measured_from_the_best_day():
    """Two falls: to 70 from 110, recovered at the new high, then to 150 from 180."""
    so_far = history(worth("100 110 100 80 70 110 180 150"))
    assert so_far["equity"].tolist() == [100, 110, 100, 80, 70, 110, 180, 150]
    assert so_far["drawdown"].tolist() == near(0, 0, -1 / 11, -3 / 11, -4 / 11, 0, 0, -1 / 6)
    assert so_far["max_drawdown"].tolist() == near(0, 0, -1 / 11, -3 / 11, -4 / 11, -4 / 11, -4 / 11, -4 / 11)


def test_the_deepest_drawdown_is_the_deepest_share_not_the_most_money():
    """500 of 1000 is half; 1000 of 11000 is a tenth of that again and more money."""
    so_far = history(worth("1000 500 1000 11000 10000"))
    assert so_far["max_drawdown"].iloc[-1] == pytest.approx(-0.5)
    assert so_far["drawdown"].iloc[-1] == pytest.approx(-0.090909, abs=1e-6)


def test_a_loss_on_the_first_day_is_a_drawdown():
    """The starting capital is the first peak, dated the session before the first trade."""
    account = ledger_of(
        cash_flows=flows("2025-06-30 deposit 1000"),
        fills=fills("2025-06-30 AAA BUY 10@50"),
        bars=bars("AAA", {"2025-06-30": 45}),
    )
    so_far = history(account)
    assert so_far["drawdown"].tolist() == near(0, -0.05)
    assert so_far["return"].tolist() == near(NAN, -0.05)
    assert so_far["pnl"].tolist() == near(NAN, -50)


def test_returns_are_time_weighted():
    """+10 %, a deposit of 100 onto 110, then −10 %: the account lost 1 %, though it has more money than ever."""
    account = ledger_of(
        cash_flows=flows(
            "2025-06-26 deposit 100", "2025-06-27 interest 10", "2025-06-30 deposit 100", "2025-06-30 fee -21"
        )
    )
    so_far = history(account)
    assert so_far["equity"].tolist() == [100, 110, 189]
    assert so_far["return"].tolist() == near(NAN, 0.1, -0.1)
    assert so_far["growth"].tolist() == near(1, 1.1, 0.99)
    assert so_far["pnl"].tolist() == near(NAN, 10, -21)
    assert so_far["drawdown"].tolist() == near(0, 0, -0.1)


def test_a_withdrawal_works_until_the_close():
    """100 earns 10, then 50 is taken out: +10 %, no drawdown, and a profit of 10."""
    so_far = history(
        ledger_of(
            cash_flows=flows("2025-06-27 deposit 100", "2025-06-30 interest 10", "2025-06-30 withdrawal -50"),
        )
    )
    assert so_far["equity"].tolist() == [100, 60]
    assert so_far["return"].tolist() == near(NAN, 0.1)
    assert so_far["pnl"].tolist() == near(NAN, 10)
    assert so_far["drawdown"].tolist() == near(0, 0)


def test_everything_taken_out_is_no_loss():
    """The account ends at zero with the growth it had."""
    so_far = history(
        ledger_of(cash_flows=flows("2025-06-26 deposit 100", "2025-06-27 interest 10", "2025-06-30 withdrawal -110"))
    )
    assert so_far["equity"].tolist() == [100, 110, 0]
    assert so_far["growth"].tolist() == near(1, 1.1, 1.1)
    assert so_far["drawdown"].tolist() == near(0, 0, 0)


def test_an_account_that_pauses_goes_on_where_it_was():
    """All withdrawn, later deposited anew: growth stands still in between, undefined returns are undefined."""
    so_far = history(
        ledger_of(
            "2025-07-02",
            cash_flows=flows(
                "2025-06-27 deposit 100", "2025-06-30 withdrawal -100", "2025-07-02 deposit 50", "2025-07-02 interest 5"
            ),
        )
    )
    assert so_far["equity"].tolist() == [100, 0, 0, 55]
    assert so_far["return"].tolist() == near(NAN, 0, NAN, 0.1)
    assert so_far["growth"].iloc[-1] == pytest.approx(1.1)


def test_exposure_is_of_equity():
    """Long 520 and short 240 of 1030: gross 760, net 280, the largest 520, cash 750."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-30 AAA BUY 10@50", "2025-06-30 BBB SELL 5@50"),
        bars=together(bars("AAA", {"2025-06-30": 52}), bars("BBB", {"2025-06-30": 48})),
    )
    now = history(account).iloc[-1]
    assert now["equity"] == 1030
    assert now["gross_exposure"] == pytest.approx(760 / 1030)
    assert now["net_exposure"] == pytest.approx(280 / 1030)
    assert now["largest_position"] == pytest.approx(520 / 1030)
    assert now["cash_share"] == pytest.approx(750 / 1030)
    assert (now["open_positions"], now["fills"]) == (2, 2)


def test_an_account_of_cash_has_no_exposure():
    """Zero, not undefined: nothing is held."""
    now = history(worth("100 100")).iloc[-1]
    assert now[["gross_exposure", "net_exposure", "largest_position", "open_positions", "fills"]].tolist() == [0] * 5
    assert now["cash_share"] == 1


def test_an_account_all_short_has_more_cash_than_equity():
    """Ten sold short at 50 and closing there: half of equity gross, minus half net, one and a half in cash."""
    now = history(held("SELL", d27=50, d30=50)).iloc[-1]
    assert now["equity"] == 1000
    assert now[["gross_exposure", "net_exposure", "largest_position", "cash_share"]].tolist() == near(
        0.5, -0.5, 0.5, 1.5
    )


def test_an_empty_account_has_no_fractions():
    """Worth nothing: no return, no share of anything, and no drawdown."""
    (now,) = history(ledger_of()).to_dict("records")
    undefined = {name for name, value in now.items() if pd.isna(value)}
    assert undefined == {
        "pnl",
        "return",
        "gross_exposure",
        "net_exposure",
        "largest_position",
        "cash_share",
    }
    assert (now["equity"], now["drawdown"], now["open_positions"]) == (0, 0, 0)


def test_the_first_session_has_no_return():
    """There is nothing before the starting capital: NaN, not zero."""
    first = history(worth("100")).iloc[0]
    assert first[["pnl", "return"]].isna().all()
    assert first[["equity", "growth", "drawdown", "max_drawdown"]].tolist() == [100, 1, 0, 0]


def test_a_holding_without_a_price_leaves_the_account_unvalued():
    """Equity, profit, growth and every fraction of that session are undefined; counts and cash are not."""
    now = history(held(d30=51)).iloc[1]
    undefined = ["equity", "pnl", "return", "growth", "drawdown", "gross_exposure", "largest_position", "cash_share"]
    assert now[undefined].isna().all()
    assert (now["cash"], now["open_positions"], now["fills"]) == (500, 1, 1)


def test_a_loss_over_an_unvalued_session_is_not_forgotten():
    """1000, then nobody knows, then 750: a quarter below the start, or undefined, never a new high."""
    so_far = history(held(d30=25))
    assert so_far["equity"].tolist() == near(1000, NAN, 750)
    assert pd.isna(so_far["drawdown"].iloc[-1]) or so_far["drawdown"].iloc[-1] == pytest.approx(-0.25)


def test_a_bankrupt_account_has_lost_everything_and_not_more():
    """A short that ran away: a drawdown is in [-1, 0], and shares of nothing are undefined."""
    so_far = history(held("SELL", d27=50, d30=200))
    assert so_far["equity"].iloc[-1] == -500
    assert -1 <= so_far["drawdown"].iloc[-1] < -0.99
    assert so_far[["gross_exposure", "net_exposure", "largest_position", "cash_share"]].iloc[-1].isna().all()


def test_a_bankrupt_account_has_no_return_afterwards():
    """Nothing is at work below zero: NaN, and no recovery out of a sign that changed."""
    so_far = history(held("SELL", until="2025-07-02", d27=50, d30=200, d01=100, d02=300))
    assert so_far["return"].iloc[3:].isna().tolist() == [True, False]
    assert so_far["drawdown"].dropna().between(-1, 0).all()
    assert so_far["equity"].iloc[-1] == -1500
    assert not so_far["drawdown"].iloc[-1] > -0.99


def test_profit_is_parted_by_symbol():
    """On Monday AAA earned 10 on ten shares less a fee of 1, BBB paid a dividend of 3, CCC lost 4 as a short."""
    account = ledger_of(
        cash_flows=flows("2025-06-26 deposit 1000", "2025-06-30 dividend 3 BBB", "2025-06-30 interest 7"),
        fills=fills(
            "2025-06-27 AAA BUY 8@10",
            "2025-06-27 BBB BUY 1@50",
            "2025-06-27 CCC SELL 2@20",
            "2025-06-30 AAA BUY 2@10 fee=1",
        ),
        bars=together(
            bars("AAA", {"2025-06-27": 10, "2025-06-30": 11}),
            bars("BBB", {"2025-06-27": 50}),
            bars("CCC", {"2025-06-27": 20, "2025-06-30": 22}),
        ),
    )
    parted = by_symbol(account)
    assert parted.index.tolist() == ["AAA", "BBB", "CCC"]
    assert parted["quantity"].tolist() == [10, 1, -2]
    assert parted["close"].tolist() == [11, 50, 22]
    assert parted["value"].tolist() == [110, 50, -44]
    assert parted["move"].tolist() == near(0.1, 0, 0.1)
    assert parted["pnl"].tolist() == near(9, 3, -4)
    assert parted["priced"].tolist() == [True, False, True]
    assert parted["weight"].tolist() == near(110 / 1015, 50 / 1015, -44 / 1015)
    assert history(account)["pnl"].iloc[-1] == pytest.approx(9 + 3 - 4 + 7)


def test_what_was_sold_today_is_still_of_today():
    """Closed on Monday: no holding left, its profit is Monday's; on Tuesday it is gone."""
    records = {
        "cash_flows": START,
        "fills": fills("2025-06-27 AAA BUY 10@50", "2025-06-30 AAA SELL 10@53"),
        "bars": bars("AAA", {"2025-06-27": 51, "2025-06-30": 60, "2025-07-01": 70}),
    }
    monday = by_symbol(ledger_of(**records))
    assert monday[["quantity", "value", "pnl"]].to_numpy().tolist() == [[0, 0, 20]]
    assert by_symbol(ledger_of("2025-07-01", **records)).empty


def test_what_was_bought_and_sold_within_the_day_is_there():
    """Traded between the closes, flat at both: its profit counts, and it is listed even if that is nothing."""
    account = ledger_of(
        cash_flows=START,
        fills=fills(
            "2025-06-30 AAA BUY 10@50", "2025-06-30 AAA SELL 10@52", "2025-06-30 BBB BUY 1@5", "2025-06-30 BBB SELL 1@5"
        ),
        bars=together(bars("AAA", {"2025-06-30": 51}), bars("BBB", {"2025-06-30": 5})),
    )
    assert by_symbol(account)["pnl"].to_dict() == {"AAA": 20, "BBB": 0}


def test_the_profit_since_a_session_without_a_price_is_no_windfall():
    """Bought for 500 on Friday, first priced on Monday at 510: its part is the account's profit, never the whole 510."""
    account = held(d30=51)
    assert by_symbol(account)["pnl"].tolist() == near(history(account)["pnl"].iloc[-1])
    assert not by_symbol(account)["pnl"].iloc[0] > 10


def test_a_holding_without_a_price_is_listed_without_value():
    """It is held, so it is there; value, weight and profit are undefined."""
    (row,) = by_symbol(held()).to_dict("records")
    assert row["quantity"] == 10
    assert all(pd.isna(row[name]) for name in ("close", "move", "value", "weight", "pnl"))
    assert not row["priced"]


def test_nothing_held_is_nothing_parted():
    """An account of cash, and one without any record, have no rows and all columns."""
    for account in (worth("100 110"), ledger_of()):
        parted = by_symbol(account)
        assert parted.empty
        assert list(parted.columns) == ["quantity", "close", "move", "value", "weight", "pnl", "priced"]


def test_what_the_session_opened_closed_and_turned():
    """AAA was kept, BBB is new, CCC gone, DDD went from long to short, EEE was opened and closed within the day."""
    account = ledger_of(
        cash_flows=START,
        fills=fills(
            "2025-06-27 AAA BUY 2@1",
            "2025-06-27 CCC BUY 2@1",
            "2025-06-27 DDD BUY 2@1",
            "2025-06-30 AAA SELL 1@1",
            "2025-06-30 BBB SELL 2@1",
            "2025-06-30 CCC SELL 2@1",
            "2025-06-30 DDD SELL 3@1",
            "2025-06-30 EEE BUY 1@1",
            "2025-06-30 EEE SELL 1@1",
        ),
    )
    assert turnover(account) == Turnover(opened=("BBB",), closed=("CCC",), turned=("DDD",))


def test_a_split_opens_and_closes_nothing():
    """More shares of the same are the same holding."""
    account = ledger_of(
        cash_flows=START,
        fills=fills("2025-06-27 AAA BUY 10@50"),
        bars=bars("AAA", {"2025-06-27": 50, "2025-06-30": 25}),
        corporate_actions=actions("2025-06-30 AAA split 2"),
    )
    assert turnover(account) == Turnover((), (), ())


def test_the_first_session_turns_nothing_over():
    """There is no session before it."""
    assert turnover(worth("100")) == turnover(ledger_of()) == Turnover((), (), ())


@dataclass(frozen=True)
class Story:
    """A little account: a deposit, some trades of two symbols over four sessions, perhaps a flow and a split."""

    trades: tuple[tuple[str, str, str, int, int, int], ...]
    closes: dict[str, tuple[int, ...]]
    flow: tuple[str, int] | None
    split: tuple[str, int] | None

    def reckon(self, money=1, shares=1, names=("AAA", "BBB")):
        """Reckon it with every amount of money multiplied, each fill dealt into so many, and the symbols named so."""
        name = dict(zip(("AAA", "BBB"), names, strict=True))
        traded = [
            f"{day} {name[symbol]} {side} {quantity / shares}@{price * money} fee={fee * money / shares} id={number}-{part}"
            for number, (day, symbol, side, quantity, price, fee) in enumerate(self.trades)
            for part in range(shares)
        ]
        moved = [f"{DAYS[0]} deposit {100_000 * money}"]
        if self.flow:
            day, amount = self.flow
            moved.append(f"{day} {'deposit' if amount > 0 else 'withdrawal'} {amount * money}")
        priced = [
            bars(name[symbol], {day: close * money for day, close in zip(DAYS, closes, strict=True)})
            for symbol, closes in self.closes.items()
        ]
        splits = actions(*([f"{self.split[0]} {name['AAA']} split {self.split[1]}"] if self.split else []))
        return ledger_of(
            fills=fills(*traded), cash_flows=flows(*moved), bars=together(*priced), corporate_actions=splits
        )

    def values(self):
        """Add it up by hand: cash and shares at their closes, session by session."""
        cash, shares, found = 0.0, {"AAA": 0.0, "BBB": 0.0}, []
        for at, day in enumerate(DAYS):
            cash += 100_000 if at == 0 else 0
            cash += self.flow[1] if self.flow and self.flow[0] == day else 0
            shares["AAA"] *= self.split[1] if self.split and self.split[0] == day else 1
            for traded, symbol, side, quantity, price, fee in self.trades:
                if traded == day:
                    change = quantity if side == "BUY" else -quantity
                    shares[symbol] += change
                    cash -= change * price + fee
            found.append(cash + sum(shares[symbol] * self.closes[symbol][at] for symbol in shares))
        return found


later = st.sampled_from(DAYS[1:])
trade = st.tuples(
    later,
    st.sampled_from(["AAA", "BBB"]),
    st.sampled_from(["BUY", "SELL"]),
    st.integers(1, 10).map(lambda half: 2 * half),
    st.integers(1, 100),
    st.integers(-1, 4),
)
prices = st.tuples(*[st.integers(1, 100)] * 5)
stories = st.builds(
    Story,
    trades=st.lists(trade, min_size=1, max_size=6).map(tuple),
    closes=st.fixed_dictionaries({"AAA": prices, "BBB": prices}),
    flow=st.none() | st.tuples(later, st.sampled_from([-5_000, 7_000])),
    split=st.none() | st.tuples(later, st.sampled_from([2, 3])),
)
FRACTIONS = [
    "return",
    "growth",
    "drawdown",
    "max_drawdown",
    "gross_exposure",
    "net_exposure",
    "largest_position",
    "cash_share",
]
COUNTS = ["open_positions", "fills"]


def assert_same(one, other, columns):
    pd.testing.assert_frame_equal(one[columns], other[columns], rtol=1e-9, atol=2e-6)


@repeatable
@given(story=stories)
def test_equity_is_cash_and_holdings(story):
    """Every session, whatever was traded, split, paid in or out: what a pencil adds up."""
    assert history(story.reckon())["equity"].tolist() == pytest.approx(story.values(), abs=1e-5)


@repeatable
@given(story=stories, factor=st.sampled_from([0.5, 10, 100]))
def test_money_in_another_unit_changes_no_fraction(story, factor):
    """In cents instead of dollars every amount is a hundred times as much, and every fraction and count the same."""
    plain, scaled = history(story.reckon()), history(story.reckon(money=factor))
    assert_same(scaled, plain, FRACTIONS + COUNTS)
    assert_same(scaled, plain * factor, ["equity", "cash", "pnl"])


@repeatable
@given(story=stories)
def test_a_fill_in_two_halves_is_the_same_trade(story):
    """Only the number of fills doubles."""
    plain, halved = history(story.reckon()), history(story.reckon(shares=2))
    assert_same(halved, plain, ["equity", "cash", "pnl", "open_positions", *FRACTIONS])
    assert halved["fills"].tolist() == (plain["fills"] * 2).tolist()


@repeatable
@given(story=stories)
def test_names_of_symbols_mean_nothing(story):
    """Two symbols that swap their names leave the account as it was."""
    plain, swapped = story.reckon(), story.reckon(names=("ZZZ", "AAA"))
    assert_same(history(swapped), history(plain), ["equity", "cash", "pnl", *FRACTIONS, *COUNTS])
    renamed = by_symbol(swapped).rename(index={"ZZZ": "AAA", "AAA": "BBB"}).sort_index()
    pd.testing.assert_frame_equal(renamed, by_symbol(plain).sort_index())


@repeatable
@given(story=stories)
def test_the_parts_add_up_to_the_whole(story):
    """Profit of all symbols and income of none is the profit of the day, to a millionth."""
    account = story.reckon()
    parted = by_symbol(account)["pnl"].sum() + account.other_income.iloc[-1]
    assert parted == pytest.approx(history(account)["pnl"].iloc[-1], abs=2e-6)


@repeatable
@given(story=stories)
def test_profit_and_flows_are_all_that_changes_equity(story):
    """What the account has more than at its start it earned or was given."""
    so_far = history(story.reckon())
    given_later = story.flow[1] if story.flow else 0
    assert so_far["equity"].iloc[-1] - 100_000 == pytest.approx(so_far["pnl"].sum() + given_later, abs=1e-5)
