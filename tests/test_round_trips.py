"""First in, first out: which lots were closed and what each one brought, to the cent; and the laws it obeys."""

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from build import actions, bars, fills, flows, ledger_of, together
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from trade_dashboard import open_book, schema
from trade_dashboard.metrics import history, open_profit, reckon, round_trips
from trade_dashboard.metrics.fifo import whole
from trade_dashboard.settings import Settings

DAYS = ("2025-06-25", "2025-06-26", "2025-06-27", "2025-06-30")
NAN = float("nan")
repeatable = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def trips_of(*lines, splits=()):
    """Match fills as `build.fills` takes them, and splits as `build.actions` does."""
    return round_trips(fills(*lines), actions(*splits))


def rows(frame, *columns):
    """Give some columns as tuples."""
    return list(frame[list(columns)].itertuples(index=False, name=None))


def test_a_fill_beyond_zero_closes_and_opens():
    """2@10, −4@15, 3@20: ten earned long, ten lost short, one long left."""
    trips = trips_of("2025-06-25 AAA BUY 2@10", "2025-06-26 AAA SELL 4@15", "2025-06-27 AAA BUY 3@20")
    assert rows(trips.closed, "side", "quantity", "gross") == [("long", 2, 10), ("short", 2, -10)]
    assert rows(trips.open_lots, "side", "quantity", "entry_price") == [("long", 1, 20)]


def test_one_fill_closes_several_lots():
    """2@10, 2@15, −9@10: nothing on the first lot, ten lost on the second, five short left."""
    trips = trips_of("2025-06-25 AAA BUY 2@10", "2025-06-26 AAA BUY 2@15", "2025-06-27 AAA SELL 9@10")
    assert rows(trips.closed, "entry_price", "quantity", "gross") == [(10, 2, 0), (15, 2, -10)]
    assert rows(trips.open_lots, "side", "quantity", "entry_price") == [("short", 5, 10)]


def test_shares_may_be_fractions():
    """1.5@10, −1.5@15 earns 7.50 and leaves nothing, not even dust."""
    trips = trips_of("2025-06-25 AAA BUY 1.5@10", "2025-06-26 AAA SELL 1.5@15")
    assert trips.closed["gross"].tolist() == [7.5]
    assert trips.open_lots.empty


def test_tenths_that_no_float_holds_cancel_out():
    """0.1 and 0.2 bought, 0.3 sold: the position is nothing, though 0.1 + 0.2 is not 0.3 for a machine."""
    trips = trips_of("2025-06-25 AAA BUY 0.1@10", "2025-06-25 AAA BUY 0.2@10", "2025-06-26 AAA SELL 0.3@11")
    assert trips.open_lots.empty
    assert trips.closed["gross"].tolist() == [0.1, 0.2]


def test_a_split_changes_the_lot_and_no_money():
    """10@100, two for one, −20@55: a hundred earned, nothing left; told in shares of the exit."""
    trips = trips_of(
        "2025-06-25 AAA BUY 10@100 stop=90", "2025-06-27 AAA SELL 20@55", splits=["2025-06-26 AAA split 2"]
    )
    assert rows(trips.closed, "quantity", "entry_price", "stop_price", "gross") == [(20, 50, 45, 100)]
    assert trips.closed["initial_risk"].tolist() == [100]
    assert trips.open_lots.empty


def test_a_split_comes_before_the_fills_of_its_session():
    """What is sold on the day of the split is sold in new shares."""
    trips = trips_of("2025-06-25 AAA BUY 10@100", "2025-06-26 AAA SELL 20@55", splits=["2025-06-26 AAA split 2"])
    assert trips.closed["gross"].tolist() == [100]


def test_a_third_of_a_share_is_a_third():
    """Ten shares, one for three, three sold: a third of a share is left, and no decimal is lost on it."""
    trips = trips_of(
        "2025-06-25 AAA BUY 10@100", "2025-06-27 AAA SELL 3@330", splits=["2025-06-26 AAA split 0.3333333333"]
    )
    assert rows(trips.closed, "entry_price", "gross") == [(300, 90)]
    assert trips.open_lots["quantity"].tolist() == [1 / 3]


def test_splits_of_a_symbol_multiply():
    """Twelve shares, three for two, then one for nine: two are left, at six times the price."""
    splits = ["2025-06-26 AAA split 1.5", "2025-06-27 AAA split 0.1111111111", "2025-06-26 BBB split 7"]
    trips = trips_of("2025-06-25 AAA BUY 12@10", "2025-06-30 AAA SELL 1@70", splits=splits)
    assert rows(trips.closed, "quantity", "entry_price", "gross") == [(1, 60, 10)]
    assert rows(trips.open_lots, "quantity", "entry_price") == [(1, 60)]


def test_an_open_lot_is_told_in_the_newest_shares():
    """A split that no fill followed is in what is still open, and its worth is what it was."""
    trips = trips_of("2025-06-25 AAA BUY 10@100 fee=1", splits=["2025-06-26 AAA split 2"])
    assert rows(trips.open_lots, "quantity", "entry_price") == [(20, 50)]
    (lot,) = open_profit(trips.open_lots, pd.Series({"AAA": 52.0})).to_dict("records")
    assert (lot["gross"], lot["net"]) == (40, 39)


def test_a_lot_without_a_close_has_no_profit():
    """What has no price is not worth nothing."""
    trips = trips_of("2025-06-25 AAA BUY 10@100", "2025-06-25 BBB SELL 10@100")
    valued = open_profit(trips.open_lots, pd.Series({"BBB": 90.0}))
    assert valued["net"].tolist() == pytest.approx([NAN, 100], nan_ok=True)


def test_fees_are_shared_by_quantity_in_whole_cents():
    """One dollar for three shares closed one by one: 33, 34 and 33 cents, and not a cent more."""
    trips = trips_of("2025-06-25 AAA BUY 3@10 fee=1", *["2025-06-26 AAA SELL 1@11"] * 3)
    assert trips.closed["fees"].tolist() == [0.33, 0.34, 0.33]
    assert trips.closed["net"].tolist() == pytest.approx([0.67, 0.66, 0.67], abs=1e-12)


def test_the_fee_of_a_fill_beyond_zero_is_shared_by_both_its_parts():
    """Four of nine shares close, five open: the fee of 0.90 is 0.40 here and 0.50 there."""
    trips = trips_of("2025-06-25 AAA BUY 4@10 fee=0.1", "2025-06-26 AAA SELL 9@10 fee=0.9")
    assert trips.closed["fees"].tolist() == [0.5]
    assert trips.open_lots["fees"].tolist() == [0.5]


def test_a_fee_finer_than_a_cent_keeps_its_decimals():
    """A broker that charges by the share in tenths of a cent is not rounded; a rebate is a negative fee."""
    trips = trips_of("2025-06-25 AAA BUY 2@10 fee=0.007", "2025-06-26 AAA SELL 1@10 fee=-0.002")
    assert trips.closed["fees"].tolist() == [0.002]
    assert trips.open_lots["fees"].tolist() == [0.003]


def test_fills_of_one_instant_count_in_the_order_of_their_names():
    """Both bought at 15:00: F1 is sold first, wherever it stands in the records."""
    trips = trips_of("2025-06-25 AAA BUY 1@12 id=F2", "2025-06-25 AAA BUY 1@10 id=F1", "2025-06-26 AAA SELL 1@15 id=F3")
    assert trips.closed["gross"].tolist() == [5]
    assert trips.open_lots["entry_fill_id"].tolist() == ["F2"]


def test_time_goes_before_names():
    """Bought at 14:00 and at 16:00: the earlier one is sold first."""
    trips = trips_of("2025-06-25 AAA BUY 1@12 at=16:00", "2025-06-25 AAA BUY 1@10 at=14:00", "2025-06-26 AAA SELL 1@15")
    assert trips.closed["entry_price"].tolist() == [10]


def test_strategies_do_not_close_each_others_lots():
    """One is long and one is short the same symbol: nothing is closed; fills of no strategy are one by themselves."""
    trips = trips_of(
        "2025-06-25 AAA BUY 1@12 strategy=trend",
        "2025-06-25 AAA SELL 1@12 strategy=fade",
        "2025-06-25 AAA BUY 1@10",
        "2025-06-26 AAA SELL 1@11",
    )
    assert trips.closed["gross"].tolist() == [1]
    assert trips.open_lots["strategy"].tolist() == ["trend", "fade"]


def test_accounts_and_symbols_do_not_close_each_others_lots():
    """A sale of the same symbol elsewhere opens a short there."""
    records = together(fills("2025-06-25 AAA BUY 1@12"), fills("2025-06-26 AAA SELL 1@12", account="OTHER"))
    assert round_trips(records, actions()).closed.empty
    assert trips_of("2025-06-25 AAA BUY 1@12", "2025-06-26 BBB SELL 1@12").closed.empty


def test_a_trip_says_what_its_fills_said():
    """Setup and plan are the opening fill's, times and names are both fills'; friday to monday is one session."""
    trips = trips_of(
        "2025-06-27 AAA SELL 10@50 id=IN strategy=fade tag=gap arrival=50.5 stop=52 target=46 fee=1 at=14:31",
        "2025-06-30 AAA BUY 10@48 id=OUT strategy=fade tag=rules arrival=47.9",
    )
    (trip,) = trips.closed.to_dict("records")
    assert (trip["side"], trip["strategy"], trip["tag"], trip["sessions_held"]) == ("short", "fade", "gap", 1)
    assert (trip["entry_fill_id"], trip["exit_fill_id"]) == ("IN", "OUT")
    assert (trip["arrival"], trip["exit_arrival"], trip["stop_price"], trip["target_price"]) == (50.5, 47.9, 52, 46)
    assert (trip["gross"], trip["fees"], trip["net"]) == (20, 1, 19)
    assert (trip["initial_risk"], trip["r"]) == (20, 0.95)
    assert str(trip["entry_time"]) == "2025-06-27 14:31:00+00:00"


def test_without_a_stop_there_is_no_r():
    """No plan is not a plan of nothing; and a stop at the entry risks nothing to measure by."""
    trips = trips_of(
        "2025-06-25 AAA BUY 1@10",
        "2025-06-25 BBB BUY 1@10 stop=10",
        "2025-06-26 AAA SELL 1@11",
        "2025-06-26 BBB SELL 1@11",
    )
    assert trips.closed["r"].isna().all()
    assert trips.closed["initial_risk"].isna().all()


def test_nothing_traded_is_no_trip():
    """The frames have their columns and types all the same."""
    nothing, something = trips_of(), trips_of("2025-06-25 AAA BUY 2@1", "2025-06-25 AAA SELL 1@1")
    assert nothing.closed.dtypes.equals(something.closed.dtypes)
    assert nothing.open_lots.dtypes.equals(something.open_lots.dtypes)


def test_numbers_too_long_for_a_machine_word_are_exact_too():
    """A billionth of a share against a price of sixteen digits: the units are Python's own integers, and cancel out."""
    trips = trips_of(
        "2025-06-25 AAA BUY 123456789.000000001@1.234567890123456",
        "2025-06-26 AAA SELL 123456789.000000001@2.234567890123456",
    )
    assert trips.closed["gross"].tolist() == [123456789.000000001]
    assert trips.open_lots.empty


@pytest.mark.parametrize(
    ("values", "wholes", "decimals"),
    [
        ([1.0, 20.0], [1, 20], 0),
        ([0.1, 4.82375000001], [10000000000, 482375000001], 11),
        ([1e-18, 1.0], [1, 10**18], 18),
        ([1e22], [10**22], 0),
        ([], [], 0),
    ],
)
def test_a_float_stands_for_its_shortest_decimal(values, wholes, decimals):
    """Whatever the decimals, whole numbers hold them all."""
    found, places = whole(np.array(values, dtype="float64"))
    assert (found.tolist(), places) == (wholes, decimals)


def naive(records):
    """Loop over the fills of each owner with a queue of lots in decimals, as one would by hand."""
    lots, closed = defaultdict(deque), []
    for fill in records.sort_values(["session", "time", "fill_id"]).itertuples():
        queue = lots[fill.account, fill.symbol, fill.strategy if isinstance(fill.strategy, str) else ""]
        size, price = Decimal(repr(fill.quantity)), Decimal(repr(fill.price))
        left = size if fill.side == "BUY" else -size
        while left and queue and (queue[0][0] > 0) != (left > 0):
            lot = queue[0]
            taken = min(abs(lot[0]), abs(left))
            closed.append(
                (lot[2], fill.fill_id, float(taken), float((price - lot[1]) * taken * (1 if lot[0] > 0 else -1)))
            )
            lot[0] += taken if lot[0] < 0 else -taken
            left += taken if left < 0 else -taken
            if not lot[0]:
                queue.popleft()
        if left:
            queue.append([left, price, fill.fill_id])
    return closed, sorted((lot[2], float(abs(lot[0]))) for queue in lots.values() for lot in queue)


def assert_naive(records):
    trips, (closed, left) = round_trips(records, actions()), naive(records)
    found = rows(trips.closed, "entry_fill_id", "exit_fill_id", "quantity", "gross")
    assert [one[:3] for one in found] == [one[:3] for one in closed]
    assert [one[3] for one in found] == pytest.approx([one[3] for one in closed], rel=1e-12, abs=1e-12)
    assert sorted(rows(trips.open_lots, "entry_fill_id", "quantity")) == left


@dataclass(frozen=True)
class Story:
    """Some fills of two symbols: day, symbol, strategy, side, tenths of a share, cents of the price, cents of the fee."""

    trades: tuple[tuple[int, str, str, str, int, int, int], ...]

    def fills(self, *, money=1, pieces=1, split=None):
        """Write them, with prices and fees multiplied, each fill dealt in so many, or as if a split had come on a day."""
        ratio, day = split or (1, len(DAYS))
        return fills(
            *(
                f"{DAYS[when]} {symbol} {side} {tenths / 10 / pieces * (ratio if when >= day else 1)!r}"
                f"@{cents / 100 * money / (ratio if when >= day else 1)!r}"
                f" fee={fee / 100 * money / pieces!r} id={number:02d}-{piece} strategy={strategy}"
                for number, (when, symbol, strategy, side, tenths, cents, fee) in enumerate(sorted(self.trades))
                for piece in range(pieces)
            )
        )


trade = st.tuples(
    st.integers(0, len(DAYS) - 1),
    st.sampled_from(["AAA", "BBB"]),
    st.sampled_from(["trend", "fade"]),
    st.sampled_from(["BUY", "SELL"]),
    st.integers(1, 40).map(lambda half: 2 * half),
    st.integers(1, 200).map(lambda step: 12 * step),
    st.integers(-2, 60).map(lambda half: 2 * half),
)
stories = st.builds(Story, st.lists(trade, min_size=1, max_size=12).map(tuple))


@repeatable
@given(story=stories)
def test_a_loop_by_hand_finds_the_same(story):
    """Whatever was bought and sold, the same fills close the same lots and bring the same."""
    assert_naive(story.fills())


@repeatable
@given(story=stories)
def test_gross_less_fees_is_net_and_no_fee_is_lost(story):
    """Every cent that a fill cost is on a trip or on an open lot."""
    records = story.fills()
    trips = round_trips(records, actions())
    assert trips.closed["net"].tolist() == (trips.closed["gross"] - trips.closed["fees"]).tolist()
    shared = trips.closed["fees"].sum() + trips.open_lots["fees"].sum()
    assert shared == pytest.approx(records["commission"].sum(), abs=1e-9)


@repeatable
@given(story=stories)
def test_a_fill_in_two_halves_brings_the_same(story):
    """Gross by pair of fills, and what is left of each, do not know in how many pieces they came."""

    def told(trips):
        whole_names = {name: frame.assign(entry=frame["entry_fill_id"].str[:2]) for name, frame in vars(trips).items()}
        closed = whole_names["closed"].assign(out=trips.closed["exit_fill_id"].str[:2])
        brought = closed.groupby(["entry", "out"])[["quantity", "gross"]].sum()
        return brought, whole_names["open_lots"].groupby("entry")["quantity"].sum()

    plain, halved = (told(round_trips(story.fills(pieces=pieces), actions())) for pieces in (1, 2))
    pd.testing.assert_frame_equal(plain[0], halved[0])
    pd.testing.assert_series_equal(plain[1], halved[1])


@repeatable
@given(story=stories, ratio=st.sampled_from([2, 3, 1.5, 0.25]), day=st.integers(1, len(DAYS) - 1))
def test_a_split_changes_no_profit(story, ratio, day):
    """As many more shares at as much less a share: every trip brings what it would have."""
    happened = actions(*(f"{DAYS[day]} {symbol} split {ratio}" for symbol in ("AAA", "BBB")))
    plain, split = round_trips(story.fills(), actions()), round_trips(story.fills(split=(ratio, day)), happened)
    columns = ["gross", "fees", "entry_fill_id", "exit_fill_id", "sessions_held"]
    pd.testing.assert_frame_equal(plain.closed[columns], split.closed[columns])
    value = [lots["quantity"] * lots["entry_price"] for lots in (plain.open_lots, split.open_lots)]
    pd.testing.assert_series_equal(*value)


@repeatable
@given(story=stories, factor=st.sampled_from([0.5, 10, 100]))
def test_money_in_another_unit_scales_every_trip(story, factor):
    """Ten times the prices bring ten times the profit on the same shares."""
    plain, scaled = (round_trips(story.fills(money=money), actions()).closed for money in (1, factor))
    np.testing.assert_allclose(scaled["gross"], factor * plain["gross"], atol=1e-9)
    assert scaled["quantity"].tolist() == plain["quantity"].tolist()


@repeatable
@given(story=stories)
def test_a_symbol_does_not_know_the_others(story):
    """Its trips alone are its trips among all; and the order of the records says nothing."""
    records = story.fills()
    together_ = round_trips(records.sample(frac=1, random_state=1), actions())
    for symbol in ("AAA", "BBB"):
        alone = round_trips(records[records["symbol"] == symbol], actions())
        for one, all_ in ((alone.closed, together_.closed), (alone.open_lots, together_.open_lots)):
            pd.testing.assert_frame_equal(one, all_[all_["symbol"] == symbol].reset_index(drop=True))


@repeatable
@given(story=stories, closes=st.tuples(st.integers(1, 2400), st.integers(1, 2400)), split=st.booleans())
def test_closed_and_open_profit_is_what_the_ledger_earned(story, closes, split):
    """One profit for the house: trips and open lots, after fees, are the change of equity."""
    close = {"AAA": closes[0] / 100, "BBB": closes[1] / 100}
    happened = actions(*(["2025-06-27 AAA split 3"] if split else []))
    records = story.fills()
    account = ledger_of(
        fills=records,
        cash_flows=flows("2025-06-24 deposit 100000"),
        bars=together(*(bars(symbol, {DAYS[-1]: price}) for symbol, price in close.items())),
        corporate_actions=happened,
    )
    trips = round_trips(records, happened)
    earned = trips.closed["net"].sum() + open_profit(trips.open_lots, pd.Series(close))["net"].sum()
    assert earned == pytest.approx(history(account)["equity"].iloc[-1] - 100_000, abs=0.005)


def assert_identity(store, day):
    """Hold trips and open lots of a book against its ledger."""
    book = open_book(day, settings=Settings(store=store))
    account, trips = reckon(book), round_trips(book.fills(), book.corporate_actions())
    still = open_profit(trips.open_lots, account.closes.iloc[-1])
    assert still["net"].notna().all()
    income = account.income.sum().sum() + account.other_income.sum()
    flows_ = account.outside_in.sum() - account.outside_out.sum()
    earned = history(account)["equity"].iloc[-1] - flows_
    assert trips.closed["net"].sum() + still["net"].sum() + income == pytest.approx(earned, abs=0.005)


# the first fills, the eve and the day of each split, and the last session
@pytest.mark.parametrize("day", ["2022-08-09", "2023-08-14", "2023-08-15", "2024-10-09", "2024-10-10", "2025-06-30"])
def test_the_samples_trips_are_its_change_of_equity(sample_store, day):
    """On any evening, with dividends and interest beside them, to the cent."""
    assert_identity(sample_store, day)


@pytest.mark.real_account
@pytest.mark.parametrize("day", ["2004-01-09", "2006-05-05", "2008-10-10", "2009-12-31"])
def test_the_real_accounts_trips_are_its_change_of_equity(real_store, day):
    """Six years of 9,367 fills, to the cent."""
    assert_identity(real_store, day)


@pytest.mark.real_account
def test_the_real_accounts_trips_are_those_of_a_loop_by_hand(real_store):
    """9,367 fills of seven stocks: the same pairs, shares and dollars as a queue of decimals finds."""
    records = open_book(date(2009, 12, 31), settings=Settings(store=real_store)).fills()
    assert len(records) == 9367
    assert_naive(records)


def test_no_fill_of_the_sample_is_lost(sample_store):
    """Every share that opened is closed or open, and every fee is shared out."""
    book = open_book("2025-06-30", settings=Settings(store=sample_store))
    records, trips = book.fills(), round_trips(book.fills(), schema.empty("corporate_actions"))
    touched = 2 * trips.closed["quantity"].sum() + trips.open_lots["quantity"].sum()
    assert touched == pytest.approx(records["quantity"].sum())
    assert trips.closed["fees"].sum() + trips.open_lots["fees"].sum() == pytest.approx(records["commission"].sum())
