"""Pages, refusals, retries and half answers of a broker's API: what is told is stored, what is not told is named."""

import time
from datetime import date

import pandas as pd
import pytest
from build import at
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.alpaca import KEY, SECRET, Alpaca

from trade_dashboard import store
from trade_dashboard.errors import RequestError
from trade_dashboard.schema import PROVIDES
from trade_dashboard.sources import Options, alpaca

NOW = at("2025-07-01 02:00")  # Monday 2025-06-30, ten in the evening in New York
SOON = alpaca.Patience(timeout_seconds=5, tries=2, backoff_seconds=0, longest_pause_seconds=2)
HASTY = alpaca.Patience(timeout_seconds=0.75, tries=2, backoff_seconds=0)
USUAL = alpaca.Patience(timeout_seconds=5, tries=3, backoff_seconds=0, longest_pause_seconds=2)
ENDPOINTS = {
    "fills": "/v2/account/activities/FILL",
    "orders": "/v2/orders",
    "positions": "/v2/positions",
    "equity": "/v2/account/portfolio/history",
    "cash_flows": "/v2/account/activities",
    "bars": "/v2/stocks/bars",
    "corporate_actions": "/v1/corporate-actions",
}


@pytest.fixture
def broker():
    with Alpaca() as one:
        yield one


@pytest.fixture
def full(broker):
    """One record of everything."""
    broker.fills = [fill("2025-06-30T14:00:00Z")]
    broker.orders = [order("2025-06-30T13:59:00Z")]
    broker.positions = [position("AAA", "10")]
    broker.history = {"timestamp": [evening("2025-06-30")], "equity": [1000.5]}
    broker.flows = [flow("2025-06-30", "CSD", "1000")]
    broker.bars = {"AAA": [bar("2025-06-30")], "SPY": [bar("2025-06-30")]}
    broker.actions = {"cash_dividends": [action("AAA", "2025-06-30", rate=0.25)]}
    return broker


def fetch(broker, first=None, last=None, *, now=NOW, patience=USUAL, **environment):
    options = Options(environment=broker.environment | environment)
    return alpaca.fetch(options, first, last, now=now, patience=patience)


def fill(moment, symbol="AAA", side="buy", qty="10", price="11.5", **more):
    """Make a trade activity; its id begins with its time, as theirs do."""
    name = f"{''.join(sign for sign in moment if sign.isdigit())}::{symbol}-{side}-{qty}"
    words = {"activity_type": "FILL", "type": "fill", "cum_qty": qty, "leaves_qty": "0", "order_id": "order-1"}
    return (
        {"id": name, "transaction_time": moment, "symbol": symbol, "side": side, "qty": qty, "price": price}
        | words
        | more
    )


def order(moment, status="filled", name=None, **more):
    words = {"symbol": "AAA", "side": "buy", "type": "limit", "qty": "10", "limit_price": "12", "stop_price": None}
    done = (
        {"filled_qty": "10", "filled_avg_price": "11.5"}
        if status == "filled"
        else {"filled_qty": "0", "filled_avg_price": None}
    )
    return {"id": name or f"order-{moment}", "submitted_at": moment, "status": status} | words | done | more


def position(symbol, qty, side="long", value="110"):
    return {"symbol": symbol, "qty": qty, "side": side, "avg_entry_price": "11.5", "market_value": value}


def flow(day, kind, amount, **more):
    return {
        "id": f"{day}::{kind}{amount}",
        "activity_type": kind,
        "date": day,
        "net_amount": amount,
        "status": "executed",
    } | more


def bar(day, close=11.0):
    """Make a day's bar; it is dated midnight in New York, in summer."""
    return {"t": f"{day}T04:00:00Z", "o": 10, "h": 12.5, "l": 9, "c": close, "v": 1000, "n": 3, "vw": 10.9}


def action(symbol, ex_date, process_date=None, **terms):
    name = f"{symbol}-{ex_date}-{terms}"
    return {"id": name, "symbol": symbol, "ex_date": ex_date, "process_date": process_date or ex_date} | terms


def evening(day):
    """Name eight in the evening in New York, when the broker values a day."""
    return int(pd.Timestamp(f"{day} 20:00", tz="America/New_York").timestamp())


def test_an_account_becomes_records(full):
    """Text numbers become numbers, days sessions, and the account has the broker's name for it."""
    fetched = fetch(full)
    assert {name: len(frame) for name, frame in fetched.frames.items()} == dict.fromkeys(ENDPOINTS, 1) | {"bars": 2}
    assert set(fetched.frames) == set(PROVIDES["alpaca"])
    assert (fetched.notes, fetched.rejected, fetched.away) == ((), (), {})
    day = pd.Timestamp("2025-06-30")
    (one,) = fetched.frames["fills"].dropna(axis="columns").to_dict("records")
    assert one == {
        "account": "PA1",
        "fill_id": "20250630140000::AAA-buy-10",
        "session": day,
        "time": at("2025-06-30 14:00"),
        "symbol": "AAA",
        "side": "BUY",
        "quantity": 10.0,
        "price": 11.5,
        "commission": 0.0,
        "order_id": "order-1",
    }
    (one,) = fetched.frames["orders"].dropna(axis="columns").to_dict("records")
    assert (one["type"], one["status"], one["quantity"], one["limit_price"]) == ("limit", "filled", 10.0, 12.0)
    assert (one["filled_quantity"], one["average_price"], one["session"]) == (10.0, 11.5, day)
    assert fetched.frames["positions"].to_numpy().tolist() == [["PA1", "AAA", day, 10.0, 11.5, 110.0]]
    assert fetched.frames["equity"].iloc[0, :3].tolist() == ["PA1", day, 1000.5]
    assert fetched.frames["cash_flows"].iloc[0, [2, 3, 4]].tolist() == [day, "deposit", 1000.0]
    assert fetched.frames["bars"].to_numpy().tolist()[0] == ["AAA", day, 10.0, 12.5, 9.0, 11.0, 1000.0]
    assert fetched.frames["corporate_actions"].iloc[0, [0, 1, 2, 4]].tolist() == ["AAA", day, "dividend", 0.25]


def test_what_came_is_stored_once(full, tmp_path):
    """The next night's fetch repeats the account: nothing of it is new."""
    store.append(tmp_path / "store", fetch(full).frames, "alpaca")
    again = store.append(tmp_path / "store", fetch(full).frames, "alpaca")
    assert {counts.new for counts in again.values()} == {0}
    assert again["bars"].known == 2


def test_an_account_without_anything_is_no_error(broker):
    """Every dataset comes, empty."""
    fetched = fetch(broker)
    assert {name: len(frame) for name, frame in fetched.frames.items()} == dict.fromkeys(ENDPOINTS, 0)
    assert fetched.away == {}


@settings(max_examples=5, deadline=None)
@given(
    minutes=st.lists(st.integers(0, 40), max_size=12),
    days=st.lists(st.integers(23, 30), max_size=6),
    page=st.integers(3, 7),
)
def test_many_pages_hold_what_one_holds(minutes, days, page):
    """However small its pages, the broker's records come all, once, whole and in order."""
    with Alpaca() as broker:
        for place, minute in enumerate(sorted(minutes)):
            moment = f"2025-06-30T14:{minute:02}:00.{place:03}Z"
            broker.fills.append(fill(moment, qty=str(place + 1)))
            broker.orders.append(order(moment, name=f"order-{place}"))
        for place, day in enumerate(days):
            broker.flows.append(flow(f"2025-06-{day}", "INT", str(place)))
            broker.actions.setdefault("cash_dividends", []).append(action("AAA", f"2025-06-{day}", rate=place + 1))
        broker.bars = {symbol: [bar(f"2025-06-{day}") for day in {*days}] for symbol in ("AAA", "SPY")}
        whole = fetch(broker).frames
        broker.page = page
        parts = fetch(broker).frames
    assert whole["fills"]["quantity"].tolist() == [*range(1, len(minutes) + 1)]
    assert len(whole["orders"]) == len(minutes)
    assert len(whole["cash_flows"]) == len(days)
    for name, frame in whole.items():
        pd.testing.assert_frame_equal(parts[name], frame)


def test_orders_that_came_together_may_be_on_two_pages(broker):
    """The legs of a bracket have one instant; none is lost where a page ends between them."""
    moments = ["2025-06-30T14:00:00.123456789Z", *["2025-06-30T14:00:01.5Z"] * 2, "2025-06-30T14:00:02Z"]
    broker.orders = [order(moment, name=f"order-{place}") for place, moment in enumerate(moments)]
    broker.page = 2
    assert fetch(broker).frames["orders"]["order_id"].tolist() == ["order-0", "order-1", "order-2", "order-3"]


def test_a_fetch_is_cut_to_the_sessions_asked_for(full):
    """Both ends count, for every dataset; the day before and the day after stay out."""
    for day in ("2025-06-26", "2025-06-27"):
        full.fills.append(fill(f"{day}T14:00:00Z"))
        full.orders.append(order(f"{day}T14:00:00Z"))
        full.flows.append(flow(day, "FEE", "-1"))
        full.bars["AAA"].append(bar(day))
        full.actions["cash_dividends"].append(action("AAA", day, rate=1))
        full.history["timestamp"].append(evening(day))
        full.history["equity"].append(999.0)

    def sessions(first, last):
        frames = fetch(full, first, last).frames.values()
        return {day.day for frame in frames for day in frame["session"]}

    assert sessions(None, None) == {26, 27, 30}
    assert sessions(date(2025, 6, 27), date(2025, 6, 27)) == {27}
    assert sessions(date(2025, 6, 27), None) == {27, 30}
    assert sessions(None, date(2025, 6, 27)) == {26, 27}
    assert sessions(date(2025, 7, 1), None) == set()


@pytest.mark.parametrize(
    ("moment", "session"),
    [
        ("2025-07-01T00:30:00Z", "2025-06-30"),
        ("2025-06-28T15:00:00Z", "2025-06-27"),
        ("2025-06-30T03:59:59Z", "2025-06-27"),
        ("2025-06-30T04:00:00Z", "2025-06-30"),
    ],
)
def test_a_fill_belongs_to_the_session_of_its_day_in_new_york(broker, moment, session):
    """An evening's is of that day, a Saturday's of Friday; asked for that session alone it comes."""
    broker.fills = [fill(moment)]
    day = date.fromisoformat(session)
    assert fetch(broker, day, day).frames["fills"]["session"].tolist() == [pd.Timestamp(session)]


def test_a_session_that_has_not_closed_has_no_prices_yet(full):
    """At noon, today's fills are known; today's bar and value are not, and what is held is not of a close."""
    full.fills.append(fill("2025-07-01T15:00:00Z"))
    full.bars["AAA"].append(bar("2025-07-01"))
    full.history["timestamp"].append(evening("2025-07-01"))
    full.history["equity"].append(1.0)
    fetched = fetch(full, now=at("2025-07-01 16:00"))
    newest = {name: frame["session"].max().day for name, frame in fetched.frames.items() if len(frame)}
    assert newest == {"fills": 1, "orders": 30, "equity": 30, "cash_flows": 30, "bars": 30, "corporate_actions": 30}
    assert len(fetched.frames["positions"]) == 0
    assert fetched.notes == ("positions: left out, a session is under way and they are of this moment, not of a close",)


@pytest.mark.parametrize(
    ("now", "last", "newest"),
    [
        ("2025-07-01 16:00", None, 1),
        ("2025-07-01 16:00", date(2025, 7, 1), 1),
        ("2025-07-01 16:00", date(2025, 6, 30), 30),
        ("2025-07-01 13:29", None, 30),
        ("2025-07-01 20:00", None, 1),
    ],
)
def test_prices_of_the_open_session_come_when_they_are_wanted(full, now, last, newest):
    """From the opening on, unless the sessions asked for end before; what the account is worth at noon is of no close."""
    full.bars["AAA"].append(bar("2025-07-01", close=12))
    full.actions["cash_dividends"].append(action("AAA", "2025-07-01", rate=1))
    full.history["timestamp"].append(int(pd.Timestamp("2025-07-01 11:00", tz="America/New_York").timestamp()))
    full.history["equity"].append(1.0)
    options = Options(environment=full.environment, open_session=True)
    fetched = alpaca.fetch(options, None, last, now=at(now), patience=USUAL)
    for name in ("bars", "corporate_actions"):
        assert fetched.frames[name]["session"].max().day == newest
    assert (fetched.frames["equity"]["session"].max().day == 1) == (now == "2025-07-01 20:00")


@pytest.mark.parametrize("now", ["2025-06-27 20:00", "2025-06-28 15:00", "2025-06-30 07:59"])
def test_what_is_held_between_sessions_was_held_at_the_close(broker, now):
    """From the close of Friday to Monday's first trading, before the opening, at four."""
    broker.positions = [position("AAA", "10")]
    assert fetch(broker, now=at(now)).frames["positions"]["session"].tolist() == [pd.Timestamp("2025-06-27")]


def test_a_short_holding_is_negative(broker):
    """Whether the broker writes the sign or only the side."""
    broker.positions = [position("AAA", "-5", "short", "-50"), position("BBB", "5", "short", "50")]
    frame = fetch(broker).frames["positions"]
    assert frame[["quantity", "market_value"]].to_numpy().tolist() == [[-5.0, -50.0], [-5.0, -50.0]]


def test_sides_statuses_and_types_are_told_in_our_words(broker):
    """Also a short sale is a sale; an order that waits is open, one that lapsed is cancelled."""
    broker.fills = [fill("2025-06-30T14:00:00Z", side=side) for side in ("buy", "sell", "sell_short")]
    statuses = ["filled", "partially_filled", "canceled", "expired", "replaced", "rejected", "new", "accepted", "held"]
    broker.orders = [order(f"2025-06-30T14:00:0{place}Z", status) for place, status in enumerate(statuses)]
    broker.orders[0]["type"] = "trailing_stop"
    frames = fetch(broker).frames
    assert sorted(frames["fills"]["side"]) == ["BUY", "SELL", "SELL"]
    ours = ["filled", "partially_filled", "cancelled", "cancelled", "cancelled", "rejected", "open", "open", "open"]
    assert frames["orders"]["status"].tolist() == ours
    assert frames["orders"]["type"].tolist() == ["stop", *["limit"] * 8]


def test_an_order_in_dollars_is_as_large_as_its_fills(broker):
    """The broker does not say how many shares were meant."""
    broker.orders = [order("2025-06-30T14:00:00Z", qty=None, notional="100", filled_qty="8.695")]
    assert fetch(broker).frames["orders"]["quantity"].tolist() == [8.695]


def test_rows_that_are_wrong_are_told_and_the_others_kept(broker):
    """Each with its place in the answer, its column and what was there."""
    broker.fills = [
        fill("2025-06-30T14:00:00Z", price="-1"),
        fill("2025-06-30T14:00:01Z"),
        fill("2025-06-30T14:00:02Z", side="gift"),
        fill("2025-06-30T14:00:03Z", qty="many"),
    ]
    broker.orders = [order("2025-06-30T14:00:00Z", "lost"), order("2025-06-30T14:00:01Z")]
    broker.history = {"timestamp": ["noon", evening("2025-06-30")], "equity": [1.0, 2.0]}
    fetched = fetch(broker)
    assert [len(fetched.frames[name]) for name in ("fills", "orders", "equity")] == [1, 1, 1]
    assert [(one.dataset, one.origin, one.line, one.column, one.value) for one in fetched.rejected] == [
        ("fills", "/v2/account/activities/FILL", 1, "price", "-1.0"),
        ("fills", "/v2/account/activities/FILL", 3, "side", "gift"),
        ("fills", "/v2/account/activities/FILL", 4, "quantity", "many"),
        ("orders", "/v2/orders", 1, "status", "lost"),
        ("equity", "/v2/account/portfolio/history", 1, "session", "noon"),
    ]


def test_only_stocks_are_read(broker):
    """A contract is worth a hundred times its price, and coins never close: they are counted, not reckoned."""
    broker.fills = [fill("2025-06-30T14:00:00Z", one) for one in ("BRK.B", "AAPL250620C00100000", "BTC/USD")]
    broker.positions = [position("BRK.B", "1"), position("BTCUSD", "1")]
    fetched = fetch(broker)
    assert fetched.frames["fills"]["symbol"].tolist() == ["BRK.B"]
    assert fetched.frames["positions"]["symbol"].tolist() == ["BRK.B"]
    assert fetched.notes == (
        "fills: passed over 2 of what is no stock: AAPL250620C00100000, BTC/USD",
        "positions: passed over 1 of what is no stock: BTCUSD",
    )
    assert dict(broker.asked)["/v2/stocks/bars"]["symbols"] == "BRK.B,SPY"


def test_the_accounts_value_is_of_the_evenings_session(broker):
    """A day without a value is none; nor are the zeros before the first money, but one after it is."""
    days = ["2025-06-23", "2025-06-24", "2025-06-25", "2025-06-26", "2025-06-27", "2025-06-30"]
    broker.history = {"timestamp": [evening(day) for day in days], "equity": [0, None, "1000.10", None, 0, 5]}
    frame = fetch(broker).frames["equity"]
    assert frame["session"].dt.day.tolist() == [25, 27, 30]
    assert frame["equity"].tolist() == [1000.1, 0.0, 5.0]
    assert frame["cash"].isna().all()


def test_a_flow_keeps_its_sign(broker):
    """Money in is positive; tax withheld from a dividend is of its kind and negative."""
    told = ["CSD 8", "CSW -7", "JNLC 6", "JNLC -5", "DIV 4", "DIVNRA -3", "INT -2", "FEE -1"]
    broker.flows = [flow("2025-06-28", *one.split(), symbol="AAA") for one in told]
    frame = fetch(broker).frames["cash_flows"].sort_values("amount", key=abs, ascending=False)
    kinds = ["deposit", "withdrawal", "deposit", "withdrawal", "dividend", "dividend", "interest", "fee"]
    assert frame["kind"].tolist() == kinds
    assert frame["amount"].tolist() == [8, -7, 6, -5, 4, -3, -2, -1]
    assert {*frame["session"]} == {pd.Timestamp("2025-06-27")}


def test_a_cancelled_flow_moved_nothing(broker):
    """If it was stored before, this corrects it."""
    broker.flows = [flow("2025-06-30", "CSD", "5", status="canceled")]
    assert fetch(broker).frames["cash_flows"]["amount"].tolist() == [0.0]


def test_activities_that_are_no_flow_are_counted(broker):
    """A merger is neither money in nor out; the note says how many of what."""
    broker.flows = [flow("2025-06-30", kind, "0") for kind in ("MA", "SPIN")] + [flow("2025-06-27", "MA", "1")]
    fetched = fetch(broker)
    assert len(fetched.frames["cash_flows"]) == 0
    assert fetched.notes == ("cash_flows: passed over activities that are no flow we know: 2 of MA, 1 of SPIN",)


def test_prices_are_of_what_was_traded_or_is_held_and_of_the_benchmark(full):
    """Each symbol once, as traded."""
    full.fills.append(fill("2025-06-27T14:00:00Z", "BBB"))
    full.positions.append(position("CCC", "1"))
    fetch(full)
    asked = dict(full.asked)["/v2/stocks/bars"]
    assert (asked["symbols"], asked["adjustment"]) == ("AAA,BBB,CCC,SPY", "raw")
    fetch(full, TRADE_DASHBOARD_BENCHMARK="QQQ")
    assert dict(full.asked)["/v2/stocks/bars"]["symbols"] == "AAA,BBB,CCC,QQQ"


def test_splits_and_dividends_are_of_their_ex_date(broker):
    """New shares for each old one; a dividend counts long before it is processed and paid."""
    broker.actions = {
        "forward_splits": [action("SPY", "2025-06-26", new_rate=4, old_rate=1)],
        "reverse_splits": [action("SPY", "2025-06-27", new_rate="1", old_rate="8")],
        "cash_dividends": [action("SPY", "2025-06-30", "2025-08-15", rate=0.25)],
    }
    frame = fetch(broker).frames["corporate_actions"].sort_values("session")
    assert frame["kind"].tolist() == ["split", "split", "dividend"]
    assert frame["ratio"].tolist()[:2] == [4.0, 0.125]
    assert frame["amount"].tolist()[2] == 0.25
    assert frame["session"].dt.day.tolist() == [26, 27, 30]


def test_two_dividends_of_one_day_are_one_amount(broker):
    """An ordinary and a special one; the same one told twice counts once."""
    ordinary, special = (action("SPY", "2025-06-30", rate=rate) for rate in (0.25, 1.5))
    broker.actions = {"cash_dividends": [ordinary, special, ordinary]}
    assert fetch(broker).frames["corporate_actions"]["amount"].tolist() == [1.75]


def test_a_split_without_shares_is_told(broker):
    """Nothing can be divided by no old share."""
    broker.actions = {"forward_splits": [action("SPY", "2025-06-30", new_rate=4, old_rate=0)]}
    (one,) = fetch(broker).rejected
    assert (one.column, one.value, one.reason) == ("ratio", "4/0", "no number")


@pytest.mark.parametrize("name", ENDPOINTS)
def test_an_endpoint_that_fails_costs_its_own_dataset(full, name):
    """The others come whole; what it said is told under its name."""
    full.fails(ENDPOINTS[name], "500")
    fetched = fetch(full, patience=SOON)
    assert {*fetched.frames} == {*ENDPOINTS} - {name}
    assert [len(frame) for key, frame in fetched.frames.items() if key != "bars"] == [1] * (6 - (name != "bars"))
    (said,) = fetched.away.values()
    assert [*fetched.away] == [f"alpaca {name}"]
    assert said.startswith(f"GET {ENDPOINTS[name]}")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("500", "GET /v2/orders answered 500: internal server error occurred."),
        ("429", "GET /v2/orders answered 429: too many requests."),
        ("not permitted", "GET /v2/orders answered 403: subscription does not permit querying recent SIP data."),
        ("html", "GET /v2/orders answered what is no JSON."),
        ("half", "GET /v2/orders answered what is no JSON."),
        ("broken off", "GET /v2/orders: the answer broke off."),
        ("slow", "GET /v2/orders: no answer in 0.75 seconds."),
        ("closed", "GET /v2/orders: the answer broke off."),
        ("redirect", "GET /v2/orders answered 307: Temporary Redirect."),
    ],
)
def test_what_happened_is_said_in_a_sentence(broker, how, said):
    """Whoever reads it knows whom to ask."""
    broker.fails("/v2/orders", how)
    assert fetch(broker, patience=HASTY if how == "slow" else SOON).away == {"alpaca orders": said}


@pytest.mark.parametrize("document", [{}, {"message": "x"}, "orders", [1, 2], None])
def test_json_that_is_no_list_of_records_is_no_answer(broker, document):
    """An object, a word, a list of numbers and null are refused as they are."""
    broker.positions = document
    assert "where a list of records belongs" in fetch(broker).away["alpaca positions"]


def test_an_account_without_a_name_costs_what_is_the_accounts(full):
    """Whose fills would they be? Prices of the benchmark still come."""
    full.fails("/v2/account", "500")
    fetched = fetch(full, patience=SOON)
    assert {*fetched.frames} == {"bars", "corporate_actions"}
    assert {*fetched.away} == {f"alpaca {name}" for name in ENDPOINTS} - {"alpaca bars", "alpaca corporate_actions"}
    assert set(full.paths()) == {"/v2/account", "/v2/stocks/bars", "/v1/corporate-actions"}
    assert fetched.notes == ("bars, corporate_actions: symbols that only fills and positions name are not asked for",)


def test_a_broker_that_is_gone_costs_everything_and_raises_nothing(broker):
    """Nobody listens there any more."""
    options = Options(
        environment=broker.environment | dict.fromkeys(("APCA_API_BASE_URL", "APCA_API_DATA_URL"), closed_port())
    )
    fetched = alpaca.fetch(options, None, None, now=NOW, patience=SOON)
    assert (fetched.frames, {*fetched.away}) == ({}, {f"alpaca {name}" for name in ENDPOINTS})
    assert "no connection" in fetched.away["alpaca bars"]


def closed_port():
    with Alpaca() as gone:
        return gone.url


@pytest.mark.parametrize("how", ["500", "429", "closed", "broken off", "half"])
def test_what_fails_once_is_asked_again(broker, how):
    """A hiccup in the night is nobody's concern in the morning."""
    broker.fills = [fill("2025-06-30T14:00:00Z")]
    broker.fails(ENDPOINTS["fills"], how, times=1)
    fetched = fetch(broker)
    assert (len(fetched.frames["fills"]), fetched.away) == (1, {})


@pytest.mark.parametrize(("header", "seconds"), [("Retry-After", 1), ("X-RateLimit-Reset", 0.5)])
def test_the_broker_says_how_long_to_wait(broker, header, seconds):
    """Asked too often, it names the seconds, or the second, from which it answers again."""
    broker.pause = {header: str(seconds if header == "Retry-After" else time.time() + seconds)}
    broker.fails("/v2/account", "429", times=1)
    started = time.monotonic()
    assert fetch(broker).away == {}
    assert time.monotonic() - started > seconds * 0.9


@pytest.mark.parametrize("asked", ["86400", "whenever"])
def test_nobody_waits_for_a_day(broker, asked):
    """A pause has an end of our own, whatever the broker asks."""
    broker.pause = {"Retry-After": asked}
    broker.fails("/v2/positions", "429")
    patience = alpaca.Patience(timeout_seconds=5, tries=2, backoff_seconds=0, longest_pause_seconds=0.05)
    assert [*fetch(broker, patience=patience).away] == ["alpaca positions"]


@pytest.mark.parametrize("name", ["APCA_API_KEY_ID", "APCA_API_SECRET_KEY"])
@pytest.mark.parametrize("value", ["", "  ", "cut in\ntwo", "kéy"])
def test_a_key_that_is_none_is_refused_before_anything_is_asked(broker, name, value):
    """The message names the variable and not what is in it."""
    with pytest.raises(RequestError, match=f"but {name} holds none") as refused:
        fetch(broker, **{name: value})
    assert not (value.strip() and value in str(refused.value))
    assert broker.asked == []


def test_a_line_end_after_a_key_is_no_part_of_it(broker):
    """Files that hold secrets end with one."""
    assert fetch(broker, APCA_API_SECRET_KEY=SECRET + "\n").away == {}


def test_wrong_keys_are_refused_without_being_said(broker):
    """The message names the variables and what a paper account needs; the exit code is 2."""
    with pytest.raises(RequestError, match=r"refuses the keys in APCA_API_KEY_ID .*401.*paper") as refused:
        fetch(broker, APCA_API_SECRET_KEY="not the secret")
    assert "not the secret" not in str(refused.value)
    assert refused.value.exit_code == 2


def test_an_account_that_is_forbidden_is_a_refusal_too(broker):
    """Alpaca answers 403 to keys of the other kind of account."""
    broker.fails("/v2/account", "not permitted")
    with pytest.raises(RequestError, match="answered 403"):
        fetch(broker)


def test_no_secret_is_in_what_a_fetch_says(broker):
    """Not even when the broker repeats it."""
    broker.fails("/v2/orders", "echo")
    fetched = fetch(broker, patience=SOON)
    assert fetched.away == {"alpaca orders": "GET /v2/orders answered 500: cannot serve …."}
    assert not any(one in repr(fetched) for one in (KEY, SECRET))


def test_keys_do_not_follow_a_redirect(broker):
    """Whoever the redirect names is not asked, and never sees them."""
    with Alpaca() as stranger:
        broker.elsewhere = stranger.url
        broker.fails("/v2/orders", "redirect")
        fetch(broker, patience=SOON)
        assert stranger.asked == []


@pytest.mark.parametrize("address", ["paper-api.example", "ftp://broker", "file:///etc"])
def test_an_address_that_is_none_is_refused(broker, address):
    """The message names the variable."""
    with pytest.raises(RequestError, match="APCA_API_DATA_URL takes an address"):
        fetch(broker, APCA_API_DATA_URL=address)


def test_an_address_may_end_as_others_write_it(broker):
    """Other clients of the API take it with a version."""
    assert fetch(broker, APCA_API_BASE_URL=broker.url + "/v2/").away == {}
