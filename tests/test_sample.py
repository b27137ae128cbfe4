from dataclasses import fields, replace
from datetime import date, datetime

import pandas as pd
import pytest

from trade_dashboard import schema
from trade_dashboard.sessions import calendar
from trade_dashboard.sources import Options, source
from trade_dashboard.sources.sample.account import live
from trade_dashboard.sources.sample.make import make
from trade_dashboard.sources.sample.market import invent

SESSIONS = [pd.Timestamp(day) for day in calendar().between(date(2022, 7, 1), date(2025, 6, 30))]


@pytest.fixture(scope="module")
def sample():
    return source("sample").fetch(Options(), None, None).frames


@pytest.fixture(scope="module")
def invented():
    return make()


def cents(money):
    """Count whole cents; the files hold no fraction of one."""
    return (money * 100).round().astype("int64")


def by_session(amounts, sessions):
    return cents(amounts).groupby(sessions).sum().reindex(SESSIONS, fill_value=0)


def signed(fills):
    return fills["quantity"].where(fills["side"] == "BUY", -fills["quantity"])


def splits(sample):
    actions = sample["corporate_actions"]
    return actions[actions["kind"] == "split"]


def position(sample, symbol, day):
    held = sample["positions"]
    return held.loc[(held["symbol"] == symbol) & (held["session"] == day), "quantity"].sum()


def last_closes(sample):
    """Give the last known close of each symbol at each session."""
    closes = sample["bars"].pivot_table(index="session", columns="symbol", values="close").ffill()
    return closes.melt(ignore_index=False, value_name="close").set_index("symbol", append=True)["close"]


@pytest.mark.parametrize("name", schema.PROVIDED)
def test_the_generator_makes_exactly_what_ships(sample, invented, name):
    """The files are what the code beside them writes: nobody edited one without the other."""
    pd.testing.assert_frame_equal(sample[name].drop(columns="known_at"), invented[name], check_exact=True)


@pytest.mark.parametrize("name", schema.PROVIDED)
def test_every_record_is_what_the_schema_says(sample, name):
    """Each dataset is there, passes its check whole, and no two records share a key."""
    frame = sample[name].drop(columns="known_at")
    good, wrong = schema.check(name, frame)
    assert (len(good), len(wrong)) == (len(frame), 0)
    assert len(frame) > 0
    assert not frame.duplicated(list(schema.dataset(name).key)).any()


def test_a_record_is_known_an_hour_after_its_session_closed(sample):
    """The close is 16:00 in New York, 13:00 on an early day; UTC moves with summer time."""
    equity = sample["equity"].set_index("session")["known_at"]
    assert equity["2022-07-01"] == datetime.fromisoformat("2022-07-01T21:00:00+00:00")
    assert equity["2022-12-01"] == datetime.fromisoformat("2022-12-01T22:00:00+00:00")
    assert equity["2024-07-03"] == datetime.fromisoformat("2024-07-03T18:00:00+00:00")
    assert {str(frame["known_at"].dtype) for frame in sample.values()} == {"datetime64[us, UTC]"}


def test_nothing_happened_after_it_was_known(sample):
    """Every instant lies on its session's day and before the record was known."""
    for name, frame in sample.items():
        if "time" in schema.dataset(name).names:
            assert (frame["time"] < frame["known_at"]).all(), name
            assert (frame["time"].dt.tz_convert("America/New_York").dt.normalize().dt.tz_localize(None)).equals(
                frame["session"].astype("datetime64[us]")
            ), name


def test_a_fetch_is_cut_to_the_sessions_asked_for():
    """Both ends count; a session without records gives empty frames, but what a symbol is stays true."""
    frames = source("sample").fetch(Options(), date(2024, 7, 3), date(2024, 7, 5)).frames
    assert sorted(frames["equity"]["session"].dt.strftime("%m-%d")) == ["07-03", "07-05"]
    none = source("sample").fetch(Options(), date(2024, 7, 4), date(2024, 7, 4)).frames
    assert {name: len(frame) for name, frame in none.items() if len(frame)} == {"instruments": 25}
    assert all(list(none[name].columns) == [*schema.dataset(name).names, "known_at"] for name in schema.PROVIDED)
    assert str(none["fills"]["known_at"].dtype) == "datetime64[us, UTC]"


def test_the_benchmark_and_the_account_have_every_session(sample):
    """Three years of the exchange's sessions, no other day and none missing."""
    bars = sample["bars"]
    assert bars.loc[bars["symbol"] == "SMPX", "session"].tolist() == SESSIONS
    assert sample["equity"]["session"].tolist() == SESSIONS
    assert (SESSIONS[0], SESSIONS[-1]) == (pd.Timestamp("2022-07-01"), pd.Timestamp("2025-06-30"))


def test_a_bar_holds_its_open_and_close(sample):
    """The low is the least and the high the most of the four prices."""
    bars = sample["bars"]
    assert (bars["low"] <= bars[["open", "close"]].min(axis=1)).all()
    assert (bars["high"] >= bars[["open", "close"]].max(axis=1)).all()


def test_equity_is_cash_and_holdings_to_the_cent(sample):
    """On every session the account is worth its cash and its shares at their last known closes."""
    held = sample["positions"].join(last_closes(sample), on=["session", "symbol"])
    assert cents(held["market_value"]).equals(cents(held["quantity"] * held["close"]))
    equity = sample["equity"].set_index("session")
    assert (cents(equity["equity"]) - cents(equity["cash"])).equals(by_session(held["market_value"], held["session"]))


def test_cash_is_what_flows_and_trades_left_to_the_cent(sample):
    """On every session cash is all flows, less what was bought, plus what was sold, less commissions."""
    fills, flows = sample["fills"], sample["cash_flows"]
    expected = (
        by_session(flows["amount"], flows["session"])
        - by_session(signed(fills) * fills["price"], fills["session"])
        - by_session(fills["commission"], fills["session"])
    ).cumsum()
    assert cents(sample["equity"].set_index("session")["cash"]).equals(expected)


def test_positions_are_what_fills_add_up_to(sample):
    """On every session, for every symbol; a split multiplies the holding before its session trades."""
    traded = sample["fills"].assign(change=signed(sample["fills"]))
    changes = traded.pivot_table(index="session", columns="symbol", values="change", aggfunc="sum", fill_value=0)
    ratio = splits(sample).set_index(["session", "symbol"])["ratio"].to_dict()
    held, rows = dict.fromkeys(changes.columns, 0.0), {}
    changes = changes.reindex(SESSIONS, fill_value=0).to_dict("index")
    for session in SESSIONS:
        held = {one: held[one] * ratio.get((session, one), 1) + changes[session][one] for one in held}
        rows |= {(session, one): quantity for one, quantity in held.items() if quantity}
    assert sample["positions"].set_index(["session", "symbol"])["quantity"].to_dict() == rows


def test_dividends_are_paid_for_shares_held_overnight(sample):
    """Long receives and short pays, on the ex session, for what was held at the close before."""
    flows, actions = sample["cash_flows"], sample["corporate_actions"]
    paid = flows[flows["kind"] == "dividend"].set_index(["session", "symbol"])["amount"]
    due = {}
    for one in actions[actions["kind"] == "dividend"].itertuples():
        held = position(sample, one.symbol, SESSIONS[SESSIONS.index(one.session) - 1])
        due |= {(one.session, one.symbol): round(held * one.amount, 2)} if held else {}
    assert paid.to_dict() == due
    assert (paid > 0).any()
    assert (paid < 0).any()


def test_fills_are_inside_their_bar_and_trading_hours(sample):
    """Nobody traded at a price the session did not have, or while the exchange was closed."""
    fills = sample["fills"].merge(sample["bars"], on=["symbol", "session"], how="left")
    assert fills["price"].between(fills["low"], fills["high"]).all()
    local = fills["time"].dt.tz_convert("America/New_York").dt.time.astype(str)
    assert local.between("09:30:00", "16:00:00").all()
    assert (fills["session"] > "2022-07-01").all()


def test_trades_know_nothing_of_what_comes_later(sample):
    """An account that lived only until 2024-06-28 had traded exactly the same until then."""
    market = invent()
    rows = market.sessions.index(date(2024, 6, 28)) + 1
    arrays = {field.name: getattr(market, field.name)[:rows] for field in fields(market) if field.name != "symbols"}
    fills = schema.conform("fills", live(replace(market, **arrays))["fills"])
    past = sample["fills"][sample["fills"]["session"] <= "2024-06-28"].drop(columns="known_at")
    pd.testing.assert_frame_equal(fills, past)


def test_orders_add_up_to_their_fills(sample):
    """Every fill has an order sent before it, and an order's filled quantity is the sum of its fills."""
    fills, orders = sample["fills"], sample["orders"].set_index("order_id")
    assert (fills["time"] >= fills["order_id"].map(orders["time"])).all()
    filled = fills.groupby("order_id")["quantity"].sum().reindex(orders.index, fill_value=0.0)
    assert filled.tolist() == orders["filled_quantity"].tolist()
    assert set(orders["status"]) == {"filled", "partially_filled", "cancelled", "rejected", "open"}
    assert (fills["order_id"].value_counts() == 3).any()


@pytest.mark.parametrize(
    ("symbol", "day", "before", "ratio"),
    [("LITHQ", "2023-08-15", "2023-08-14", 2), ("VYNT", "2024-10-10", "2024-10-09", 3)],
)
def test_two_splits_happen_to_shares_that_are_held(sample, symbol, day, before, ratio):
    """The raw price falls to its part on the split's session while the holding grows."""
    found = splits(sample)
    assert found.loc[found["symbol"] == symbol, "ratio"].tolist() == [ratio]
    assert len(found) == 2
    closes = sample["bars"].query("symbol == @symbol").set_index("session")["close"]
    assert closes[day] * ratio == pytest.approx(closes[before], rel=0.10)
    assert position(sample, symbol, before) > 0
    assert position(sample, symbol, day) == position(sample, symbol, before) * ratio


def test_some_bars_are_missing(sample):
    """Ten gaps in four symbols, one while held; one symbol comes late and one, left before, stops trading."""
    bars = sample["bars"].groupby("symbol")["session"].agg(["min", "max", "size"])
    whole = pd.Series({one: len(calendar().between(*bars.loc[one, ["min", "max"]].dt.date)) for one in bars.index})
    missing = whole - bars["size"]
    assert missing[missing > 0].to_dict() == {"GIRDQ": 3, "JUNQ": 2, "NULL": 3, "WATTZ": 2}
    assert position(sample, "NULL", "2024-03-05") > 0
    assert bars["min"].drop_duplicates().dt.strftime("%Y-%m-%d").tolist() == ["2022-07-01", "2023-06-14"]
    assert bars.loc["KRNQ", "max"] == pd.Timestamp("2025-02-14")
    left = sample["positions"].query("symbol == 'KRNQ'")["session"].max()
    assert left < pd.Timestamp("2025-02-14")


def test_symbols_that_look_like_something_else_stay_symbols(sample):
    """A reader that guesses types would lose a missing value, a truth and a number."""
    for name in ("bars", "instruments", "fills", "signals"):
        assert {"NULL", "FALSE", "1E52"} <= set(sample[name]["symbol"])
    assert sample["fills"]["fill_id"].iloc[0] == "000001"


def test_everybody_can_see_that_it_is_fiction(sample):
    """Every company says so in its name, and the account is called what it is."""
    instruments = sample["instruments"]
    assert instruments["name"].str.contains("(fictitious)", regex=False).all()
    assert instruments["kind"].value_counts().to_dict() == {"stock": 24, "benchmark": 1}
    assert instruments["sector"].nunique() == 6
    assert {one for name in ("fills", "orders", "equity") for one in sample[name]["account"]} == {"SAMPLE"}


def test_the_account_has_been_through_something(sample):
    """A drawdown deeper than 12 % within one year, and shallower than 19 % throughout, flows taken out."""
    equity, flows = sample["equity"].set_index("session")["equity"], sample["cash_flows"]
    outside = flows[flows["kind"].isin(["deposit", "withdrawal"])]
    moved = outside.groupby("session")["amount"].sum().reindex(equity.index, fill_value=0.0)
    growth = ((equity - moved) / equity.shift()).fillna(1.0)
    curve = growth.cumprod()
    years = [year / year.cummax() - 1 for _, year in curve.groupby(curve.index.year)]
    assert min(year.min() for year in years) < -0.12
    assert (curve / curve.cummax() - 1).min() > -0.19
    assert 0.004 < abs(growth.iloc[-1] - 1) < 0.015


def test_the_last_session_is_worth_a_report(sample):
    """Positions were opened and closed, some are short, one is above a tenth of equity, and exposure is above 0.80."""
    held = sample["positions"].pivot_table(index="session", columns="symbol", values="market_value").fillna(0.0)
    before, last = held.iloc[-2], held.iloc[-1]
    equity = sample["equity"]["equity"].iloc[-1]
    assert (sample["fills"]["session"] == SESSIONS[-1]).sum() >= 3
    assert ((before != 0) & (last == 0)).any()
    assert ((before == 0) & (last != 0)).any()
    assert 1 <= (last < 0).sum() <= 3
    assert last.abs().max() / equity > 0.10
    assert last.abs().sum() / equity > 0.80


def test_a_service_that_was_down_said_nothing(sample):
    """trade-discovery was out for three sessions, and those have no opportunities."""
    health = sample["service_health"]
    down = health[health["status"] == "down"]
    assert down["service"].tolist() == ["trade-discovery"] * 3
    assert down[["said", "version", "latency_ms"]].isna().all(axis=None)
    found = sample["opportunities"].groupby("session").size()
    assert not set(down["session"]) & set(found.index)
    assert (len(found), found.min(), found.max()) == (247, 3, 8)
