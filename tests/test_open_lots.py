"""Lots that are open: first in, first out, of one strategy, in today's shares, and where their plan gives up."""

import pandas as pd
import pytest
from build import actions, bars, fills, flows, ledger_of
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from trade_dashboard.metrics import by_symbol
from trade_dashboard.metrics.open_lots import lot_ages, open_lots, stops
from trade_dashboard.schema import empty

NAN = float("nan")
NO_SPLITS = empty("corporate_actions")
START = flows("2025-06-23 deposit 10000")
DAYS = ("2025-06-24", "2025-06-25", "2025-06-26", "2025-06-27", "2025-06-30")


def reckon(traded, splits=NO_SPLITS, until="2025-06-30", **closes):
    prices = [bars(symbol, dict.fromkeys(DAYS, price)) for symbol, price in closes.items()]
    priced = {"bars": pd.concat(prices, ignore_index=True)} if prices else {}
    return ledger_of(until, cash_flows=START, fills=traded, corporate_actions=splits, **priced)


def lots_of(*lines, splits=NO_SPLITS, **given):
    traded = fills(*lines)
    for name, values in given.items():
        traded[name] = pd.Series(values, dtype=traded[name].dtype)
    return open_lots(traded, splits, reckon(traded, splits).sessions)


def test_the_first_in_is_the_first_out():
    """Ten and ten bought, twelve sold: eight are left of the second lot, as old as it is."""
    lots = lots_of("2025-06-24 AAA BUY 10@5", "2025-06-26 AAA BUY 10@5", "2025-06-27 AAA SELL 12@5")
    assert lots[["symbol", "quantity", "age"]].to_numpy().tolist() == [["AAA", 8, 2]]
    assert lots["opened"].tolist() == [pd.Timestamp("2025-06-26")]


def test_a_fill_that_turns_the_holding_opens_the_rest():
    """Ten long, thirteen sold: three short since then."""
    lots = lots_of("2025-06-24 AAA BUY 10@5", "2025-06-30 AAA SELL 13@5")
    assert lots[["quantity", "age"]].to_numpy().tolist() == [[-3, 0]]


def test_a_short_is_a_lot_too():
    """Sold first, half of it bought back: the rest is as old as the sale."""
    lots = lots_of("2025-06-25 AAA SELL 10@5", "2025-06-27 AAA BUY 5@5")
    assert lots[["quantity", "age"]].to_numpy().tolist() == [[-5, 3]]


def test_what_is_closed_is_no_lot():
    """To the last fraction of a share."""
    assert lots_of("2025-06-24 AAA BUY 0.1@5", "2025-06-25 AAA BUY 0.2@5", "2025-06-26 AAA SELL 0.3@5").empty
    assert lots_of().empty


def test_a_split_makes_more_shares_of_the_same_lot():
    """Ten bought and then split two for one are twenty, their stop is half as high, and they are as old as before."""
    lots = lots_of(
        "2025-06-24 AAA BUY 10@50",
        "2025-06-27 AAA SELL 5@25",
        splits=actions("2025-06-26 AAA split 2"),
        stop_price=[40, NAN],
    )
    assert lots[["quantity", "stop", "age"]].to_numpy().tolist() == [[15, 20, 4]]


def test_a_fill_of_the_day_of_a_split_is_in_new_shares():
    """Bought on the session that trades without it."""
    lots = lots_of("2025-06-26 AAA BUY 10@25", splits=actions("2025-06-26 AAA split 2"))
    assert lots["quantity"].tolist() == [10]


def test_a_fill_on_a_closed_day_is_of_the_next_session():
    """Saturday's is Monday's."""
    lots = lots_of("2025-06-27 AAA BUY 1@5", "2025-06-28 AAA BUY 10@5")
    assert lots["age"].tolist() == [1, 0]


def test_a_strategy_closes_its_own():
    """The second strategy's sale opens a short of its own, beside the first one's long."""
    lots = lots_of("2025-06-24 AAA BUY 10@5", "2025-06-25 AAA SELL 4@5", strategy=["trend", "fade"])
    assert lots.set_index("strategy")["quantity"].to_dict() == {"trend": 10, "fade": -4}


def test_ages_of_a_symbol():
    """One share four sessions old and three of today: a mean of one."""
    ages = lot_ages(lots_of("2025-06-24 AAA BUY 1@5", "2025-06-30 AAA BUY 3@5"))
    assert ages.loc["AAA"].to_dict() == {"lots": 2, "oldest": 4, "newest": 0, "mean": 1}


def stops_of(*lines, stop, close, **given):
    traded = fills(*lines)
    traded = traded.assign(stop_price=pd.Series(stop, dtype="float64"), **given)
    account = reckon(traded, AAA=close)
    return stops(open_lots(traded, NO_SPLITS, account.sessions), by_symbol(account)).loc["AAA"]


def test_the_way_to_the_stop():
    """Long at 50 with a stop at 45: a tenth away, and 50 USD of ten shares."""
    found = stops_of("2025-06-24 AAA BUY 10@40", stop=[45], close=50)
    assert found.to_dict() == {"stop": 45, "distance": pytest.approx(0.1), "loss": pytest.approx(-50), "plan": "stop"}


def test_the_stop_of_a_short_is_above():
    """Short at 50 with a stop at 60: a fifth away, and 100 USD of ten shares."""
    found = stops_of("2025-06-24 AAA SELL 10@40", stop=[60], close=50)
    assert (found["distance"], found["loss"]) == (pytest.approx(0.2), pytest.approx(-100))


def test_the_newest_stop_counts_for_all():
    """A lot without a stop changes nothing; of two stops the later one holds."""
    lines = ("2025-06-24 AAA BUY 10@40", "2025-06-25 AAA BUY 10@40", "2025-06-26 AAA BUY 10@40")
    found = stops_of(*lines, stop=[30, 45, NAN], close=50)
    assert (found["stop"], found["loss"]) == (45, pytest.approx(-150))


def test_the_stop_of_a_closed_lot_is_gone():
    """Only open lots have one."""
    found = stops_of("2025-06-24 AAA BUY 10@40", "2025-06-25 AAA SELL 10@40", "2025-06-26 AAA BUY 5@40", stop=[45, NAN, NAN], close=50)  # fmt: skip
    assert found["plan"] == "no plan"
    assert found[["stop", "distance", "loss"]].isna().all()


def test_a_stop_that_the_price_is_beyond_loses_nothing_more_that_we_know():
    """The close is below it and the holding is still there: it says so, and promises no gain."""
    found = stops_of("2025-06-24 AAA BUY 10@40", stop=[45], close=40)
    assert (found["plan"], found["distance"]) == ("passed", pytest.approx(-0.125))
    assert pd.isna(found["loss"])


def test_the_stop_of_the_other_side_is_not_ours():
    """Long ten, a small short beside it: the short's stop above the price protects nobody here."""
    strategies = {"strategy": pd.Series(["trend", "fade"], dtype="str")}
    found = stops_of("2025-06-24 AAA BUY 10@40", "2025-06-25 AAA SELL 2@40", stop=[NAN, 60], close=50, **strategies)
    assert found["plan"] == "no plan"


repeatable = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
trade = st.tuples(
    st.sampled_from(DAYS), st.sampled_from(["AAA", "BBB"]), st.sampled_from(["BUY", "SELL"]), st.integers(1, 9)
)


@repeatable
@given(
    trades=st.lists(trade, min_size=1, max_size=8),
    split=st.none() | st.tuples(st.sampled_from(DAYS), st.sampled_from(["2", "3", "0.5"])),
    strategies=st.lists(st.sampled_from(["trend", "fade", None]), min_size=8, max_size=8),
)
def test_open_lots_are_what_the_ledger_holds(trades, split, strategies):
    """Whatever was traded, split, and by whom: the lots of a symbol add up to its shares, and none is of the other side."""
    traded = fills(*(f"{day} {symbol} {side} {size}@10" for day, symbol, side, size in trades))
    traded = traded.assign(strategy=pd.Series(strategies[: len(trades)], dtype="str"))
    splits = actions(f"{split[0]} AAA split {split[1]}") if split else NO_SPLITS
    account = reckon(traded, splits)
    lots = open_lots(traded, splits, account.sessions)
    held = account.holdings.iloc[-1]
    assert lots.groupby("symbol")["quantity"].sum().reindex(held.index, fill_value=0).tolist() == pytest.approx(
        held.tolist()
    )
    sides = lots.groupby(["symbol", "strategy"], dropna=False)["quantity"].agg(["min", "max"])
    assert (sides["min"] * sides["max"] > 0).all()
