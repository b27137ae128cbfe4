"""What trips were worth: sums, groups, streaks, costs and plans; and the page's window over them."""

import numpy as np
import pandas as pd
import pytest
from build import actions, bars, book_of, fills, together
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from trade_dashboard import open_book
from trade_dashboard.errors import RequestError
from trade_dashboard.metrics import (
    Streaks,
    against_plan,
    around,
    by_group,
    costs,
    journal,
    journal_alerts,
    journal_kpis,
    largest,
    rolling,
    round_trips,
    streaks,
    summary,
)
from trade_dashboard.settings import Limits, Settings

NAN = float("nan")
repeatable = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


def closed_of(*lines):
    """Match fills as `build.fills` takes them."""
    return round_trips(fills(*lines), actions()).closed


def earned(*usd, day="2025-06-25"):
    """Make one trip of one share for each net P&L, in this order."""
    return closed_of(
        *(
            line
            for number, net in enumerate(usd)
            for line in (
                f"{day} S{number} BUY 1@1000 id={2 * number:04d} at={10 + number // 60}:{number % 60:02d}",
                f"{day} S{number} SELL 1@{1000 + net} id={2 * number + 1:04d} at={10 + number // 60}:{number % 60:02d}",
            )
        )
    )


EIGHT = (100, 200, 50, -150, 300, -100, 80, -30)


def test_expectancy_is_the_mean_of_the_trips():
    """100, 200, 50, −150, 300, −100, 80 and −30 are 56.25 a trip; 730 won against 280 lost; five of eight won."""
    found = summary(earned(*EIGHT))
    assert found["expectancy"].value == 56.25
    assert found["profit_factor"].value == pytest.approx(730 / 280)
    assert found["win_rate"].value == 0.625
    assert found["payoff"].value == pytest.approx(146 / (280 / 3))
    assert found["net_pnl"].value == 450
    assert found["round_trips"].value == found["expectancy"].n == 8


def test_a_win_rate_has_its_wilson_interval():
    """Five of eight: 0.3057 to 0.8632, as statsmodels reckons it; never beyond 0 and 1."""
    found = summary(earned(*EIGHT))["win_rate"]
    assert (found.low, found.high) == pytest.approx((0.305742, 0.863154), abs=1e-5)
    always = summary(earned(1, 1, 1))["win_rate"]
    assert 0 < always.low < 1
    assert always.high == pytest.approx(1)


def test_the_wilson_interval_is_that_of_statsmodels():
    """For other counts too."""
    from statsmodels.stats.proportion import proportion_confint

    for wins, losses in ((0, 3), (1, 1), (40, 60), (7, 0)):
        found = summary(earned(*[1] * wins, *[-1] * losses))["win_rate"]
        low, high = proportion_confint(wins, wins + losses, method="wilson")
        assert (found.low, found.high) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize("number", [5, 6, 8, 20, 200])
def test_an_expectancy_has_students_interval(number):
    """As scipy reckons it, to a thousandth of its width, from five trips on."""
    from scipy import stats

    usd = [float((7 * n * n) % 101 - 40) for n in range(number)]
    found = summary(earned(*usd))["expectancy"]
    low, high = stats.t.interval(0.95, number - 1, np.mean(usd), stats.sem(usd))
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-3 * (high - low))


def test_four_trips_have_a_mean_and_no_interval():
    """Too few to say how far it may be off."""
    found = summary(earned(1, 2, 3, 4))["expectancy"]
    assert found.value == 2.5
    assert np.isnan(found.low)
    assert np.isnan(found.high)


def test_no_trip_earned_nothing_and_says_why_it_has_no_rate():
    """Nothing was earned and nothing was paid; everything else is undefined with a reason."""
    found = summary(earned())
    assert {name: stat.value for name, stat in found.items() if stat.defined} == {
        "round_trips": 0,
        "net_pnl": 0,
        "fees": 0,
    }
    reasons = {stat.reason for stat in found.values() if not stat.defined}
    assert reasons == {"not enough data: no trip was closed"}


def test_without_a_loss_there_is_no_profit_factor():
    """Not infinite: undefined, and it says so; a trip that broke even is neither won nor lost."""
    found = summary(earned(10, 0))
    assert found["profit_factor"].reason == "none of these 2 trips lost"
    assert found["payoff"].reason == "none of these 2 trips lost"
    assert found["win_rate"].value == 0.5
    assert summary(earned(-10, 0))["payoff"].reason == "none of these 2 trips won"
    assert summary(earned(-10, 0))["profit_factor"].value == 0


def test_slippage_is_what_was_paid_beyond_the_arrival_price():
    """Bought 2 at 101 for 100, sold at 108 for 110: six dollars on 420 at arrival, 142.857 basis points, a cost."""
    trip = closed_of("2025-06-25 AAA BUY 2@101 arrival=100", "2025-06-25 AAA SELL 2@108 arrival=110")
    assert summary(trip)["slippage_bps"].value == pytest.approx(142.857, abs=1e-3)


def test_a_better_price_than_at_arrival_is_a_negative_cost():
    """Sold short at 51 for 50, covered at 47 for 48: two dollars gained on 98."""
    trip = closed_of("2025-06-25 AAA SELL 1@51 arrival=50", "2025-06-25 AAA BUY 1@47 arrival=48")
    assert summary(trip)["slippage_bps"].value == pytest.approx(-10_000 * 2 / 98)


def test_a_fill_without_an_arrival_price_has_no_slippage():
    """The other end of the trip counts alone; with none, the number is undefined."""
    half = closed_of("2025-06-25 AAA BUY 1@101 arrival=100", "2025-06-25 AAA SELL 1@99")
    assert summary(half)["slippage_bps"].value == pytest.approx(100)
    assert summary(earned(1))["slippage_bps"].reason == "no fill of these trips carries an arrival price"


def test_costs_stand_between_the_decision_and_the_money():
    """Twenty at the arrival prices, six slipped, one in fees: thirteen are left."""
    trip = closed_of("2025-06-25 AAA BUY 2@101 arrival=100 fee=1", "2025-06-25 AAA SELL 2@108 arrival=110")
    found = costs(trip)
    assert (found.before, found.slippage, found.gross, found.fees, found.net) == (20, 6, 14, 1, 13)
    assert (found.fills, found.arrived) == (2, 2)
    assert found.share(found.fees).value == 0.05
    assert found.share(found.slippage).value == 0.3


def test_slippage_that_nobody_measured_is_not_nothing():
    """Without arrival prices there is no number, and no share of it; fees are a share of gross."""
    found = costs(closed_of("2025-06-25 AAA BUY 2@100 fee=1", "2025-06-25 AAA SELL 2@105"))
    assert np.isnan(found.slippage)
    assert found.share(found.slippage).reason == "no fill of these trips carries an arrival price"
    assert found.share(found.fees).value == 0.1


def test_a_share_of_a_loss_is_no_share():
    """What lost before costs has nothing that costs could be a part of."""
    found = costs(earned(-5))
    assert found.share(found.fees).reason == "the trips earned nothing before costs"


def test_streaks_are_of_trips_in_order_of_closing():
    """Three won in a row, then two lost, the last of which still runs; breaking even ends a streak."""
    assert streaks(earned(1, 1, 1, -1, 1, -1, -1)) == Streaks(winning=3, losing=2, current=-2)
    assert streaks(earned(1, 1, 0, 1)) == Streaks(winning=2, losing=0, current=1)
    assert streaks(earned(-1, 0)) == Streaks(winning=0, losing=1, current=0)
    assert streaks(earned()) == Streaks(0, 0, 0)


GROUPED = (
    "2025-06-23 AAA BUY 1@10 strategy=trend tag=gap at=13:45",
    "2025-06-23 AAA SELL 1@12 strategy=trend at=14:45",
    "2025-06-24 BBB SELL 1@10 strategy=fade at=15:00",
    "2025-06-25 BBB BUY 1@11 strategy=fade at=15:00",
    "2025-06-24 CCC BUY 1@10 strategy=trend tag=gap at=19:59",
    "2025-06-27 CCC SELL 1@9 strategy=trend at=19:59",
)


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("strategy", {"trend": (2, 0.5, 1), "fade": (1, 0, -1)}),
        ("setup", {"trend · gap": (2, 0.5, 1), "fade": (1, 0, -1)}),
        ("tag", {"gap": (2, 0.5, 1), "none": (1, 0, -1)}),
        ("symbol", {"AAA": (1, 1, 2), "BBB": (1, 0, -1), "CCC": (1, 0, -1)}),
        ("side", {"long": (2, 0.5, 1), "short": (1, 0, -1)}),
        ("weekday", {"Monday": (1, 1, 2), "Tuesday": (2, 0, -2)}),
        ("hour", {"09:00": (1, 1, 2), "11:00": (1, 0, -1), "15:00": (1, 0, -1)}),
        ("holding", {"0": (1, 1, 2), "1": (1, 0, -1), "2 to 5": (1, 0, -1)}),
    ],
)
def test_trips_are_summed_up_by_what_they_have_in_common(group, expected):
    """Entry says the day and the hour, New York's; days and spans stand in their order, names by what they earned."""
    found = by_group(closed_of(*GROUPED), group, "America/New_York")
    told = found[["round_trips", "win_rate", "net_pnl"]].itertuples(name=None)
    assert {label: tuple(row) for label, *row in told} == expected
    assert [str(label) for label in found.index] == list(expected)


def test_groups_have_the_intervals_of_the_whole():
    """One group of all trips says what their sum says."""
    trips = earned(*EIGHT)
    (row,) = by_group(trips, "side").to_dict("records")
    whole = summary(trips)
    assert (row["low"], row["high"]) == (whole["expectancy"].low, whole["expectancy"].high)
    assert (row["win_low"], row["win_high"]) == (whole["win_rate"].low, whole["win_rate"].high)
    assert all(row[name] == pytest.approx(stat.value, nan_ok=True) for name, stat in whole.items())


def test_no_trip_falls_into_no_group():
    """The columns are there all the same."""
    for group in ("strategy", "tag", "symbol", "side", "weekday", "hour", "holding"):
        assert by_group(earned(), group).empty


def test_exits_are_held_against_the_plan():
    """Entry 100, stop 90, target 120: within a tenth of the way is at the level; a trip without a stop is not judged."""
    exits = {"85": "beyond the stop", "89.5": "at the stop", "101": "between", "118.5": "at the target", "123": "beyond the target"}  # fmt: skip
    lines = [
        line
        for number, price in enumerate(exits)
        for line in (
            f"2025-06-25 S{number} BUY 1@100 stop=90 target=120 at=14:00",
            f"2025-06-25 S{number} SELL 1@{price}",
        )
    ]
    found = against_plan(closed_of(*lines, "2025-06-25 ZZZ BUY 1@100 at=14:00", "2025-06-25 ZZZ SELL 1@90"))
    assert list(found.index) == list(exits.values())
    assert found["trips"].tolist() == [1] * 5
    assert found["r"].tolist() == pytest.approx([-1.5, -1.05, 0.1, 1.85, 2.3])
    assert found["net"].tolist() == pytest.approx([-15, -10.5, 1, 18.5, 23])
    assert found["planned"].tolist() == [2] * 5


def test_the_plan_of_a_short_is_above_and_below():
    """Sold at 100 with the stop at 105 and no target: 106 is beyond the stop, 80 is before any target."""
    lines = ("2025-06-25 {0} SELL 1@100 stop=105", "2025-06-25 {0} BUY 1@{1}")
    found = against_plan(closed_of(*(line.format(*one) for one in (("A", 106), ("B", 80)) for line in lines)))
    assert found["trips"].to_dict() == {"beyond the stop": 1, "between": 1}
    assert found["planned"].isna().all()


def test_the_largest_are_those_that_moved_most_money():
    """Lots of one symbol that came and went together are one; a loss counts as much as a gain."""
    trips = closed_of(
        "2025-06-23 AAA BUY 1@10",
        "2025-06-23 AAA BUY 3@14",
        "2025-06-24 AAA SELL 4@16",
        "2025-06-23 BBB BUY 1@30",
        "2025-06-25 BBB SELL 1@10",
        "2025-06-23 CCC BUY 1@30",
        "2025-06-25 CCC SELL 1@31",
    )
    found = largest(trips, 2)
    told = found[["symbol", "trips", "quantity", "net", "entry_price", "exit_price"]]
    assert list(told.itertuples(index=False, name=None)) == [("BBB", 1, 1, -20, 30, 10), ("AAA", 2, 4, 12, 13, 16)]


SESSIONS = pd.DatetimeIndex(["2025-06-23", "2025-06-24", "2025-06-25", "2025-06-26"], name="session").as_unit("us")


def test_every_session_tells_of_the_trips_up_to_it():
    """Two sessions back, its own included: what has gone out of the window leaves nothing behind, not even dust."""
    trips = pd.concat([earned(0.1, 0.2, day="2025-06-23"), earned(-0.3, day="2025-06-24")])
    found = rolling(trips, SESSIONS, 2)
    assert found["round_trips"].tolist() == [2, 3, 1, 0]
    assert found["net_pnl"].tolist() == [0.3, 0, -0.3, 0]
    assert found["win_rate"].tolist() == pytest.approx([1, 2 / 3, 0, NAN], nan_ok=True)
    assert found["profit_factor"].tolist() == pytest.approx([NAN, 1, 0, NAN], nan_ok=True)


@repeatable
@given(usd=st.lists(st.tuples(st.integers(0, 3), st.integers(-50, 50)), max_size=12), lookback=st.integers(1, 4))
def test_a_window_says_what_the_sum_of_its_trips_says(usd, lookback):
    """At every session, for every number."""
    parts = [earned(*(net for at, net in usd if at == day), day=str(SESSIONS[day].date())) for day in range(4)]
    found = rolling(pd.concat(parts), SESSIONS, lookback)
    for at in range(4):
        window = summary(pd.concat(parts[max(at - lookback + 1, 0) : at + 1]))
        assert found.iloc[at].to_dict() == pytest.approx(
            {name: stat.value for name, stat in window.items()}, nan_ok=True, abs=1e-6
        )


@repeatable
@given(usd=st.lists(st.integers(-50, 50), min_size=1, max_size=12), factor=st.sampled_from([0.5, 4]))
def test_money_in_another_unit_changes_no_rate(usd, factor):
    """Win rate, profit factor and payoff have no unit; expectancy and its interval have the money's."""
    trips = earned(*usd)
    scaled = trips.assign(**{name: trips[name] * factor for name in ("gross", "net", "fees")})
    one, other = summary(trips), summary(scaled)
    for name in ("win_rate", "profit_factor", "payoff"):
        assert other[name].value == pytest.approx(one[name].value, nan_ok=True)
    for part in ("value", "low", "high"):
        told = getattr(other["expectancy"], part), factor * getattr(one["expectancy"], part)
        assert told[0] == pytest.approx(told[1], nan_ok=True)


@repeatable
@given(usd=st.lists(st.integers(-50, 50), min_size=1, max_size=12))
def test_groups_add_up_to_the_whole(usd):
    """Every trip is in one group: counts, profit and fees add up."""
    trips = earned(*usd)
    found = by_group(trips, "symbol")
    assert found["round_trips"].sum() == len(usd)
    assert found["net_pnl"].sum() == pytest.approx(sum(usd))


THREE = (
    "2025-06-23 AAA BUY 1@10 strategy=trend",
    "2025-06-26 AAA SELL 1@12 strategy=trend",
    "2025-06-24 BBB BUY 1@10 strategy=fade",
    "2025-06-27 BBB SELL 1@9 strategy=fade",
    "2025-06-24 CCC BUY 1@10 strategy=trend",
    "2025-06-30 CCC SELL 1@15 strategy=trend",
    "2025-06-30 DDD BUY 1@15 strategy=trend",
)
PRICES = together(*(bars(symbol, {"2025-06-27": 10, "2025-06-30": 15}) for symbol in ("AAA", "BBB", "CCC", "DDD")))


def test_a_page_tells_of_the_exits_of_its_sessions(tmp_path):
    """Two sessions up to Monday: two trips; Friday's page had told of two others; lots opened long before are known."""
    told = journal(book_of(tmp_path, fills=fills(*THREE), bars=PRICES), 2)
    assert told.closed["symbol"].tolist() == ["BBB", "CCC"]
    assert told.before["symbol"].tolist() == ["AAA", "BBB"]
    assert told.open_lots["symbol"].tolist() == ["DDD"]
    assert told.closed["mfe"].tolist() == [0, 5]
    assert set(told.bars["symbol"]) == {"BBB", "CCC"}


def test_its_numbers_stand_beside_those_of_the_session_before(tmp_path):
    """Four earned over two trips on Monday, one on Friday; the trail ends with tonight's."""
    found = journal_kpis(journal(book_of(tmp_path, fills=fills(*THREE), bars=PRICES), 2))
    assert list(found) == [
        "round_trips", "win_rate", "expectancy", "profit_factor", "net_pnl", "fees", "slippage_bps",
    ]  # fmt: skip
    assert (found["net_pnl"].value, found["net_pnl"].previous) == (4, 1)
    assert found["net_pnl"].trail[-2:] == (1, 4)
    assert (found["profit_factor"].value, found["profit_factor"].previous) == (5, 2)
    assert found["slippage_bps"].reason == "no fill of these trips carries an arrival price"


def test_one_strategy_can_be_told_of_alone(tmp_path):
    """Its trips and its open lots; one that no fill carries is refused with the ones there are."""
    book = book_of(tmp_path, fills=fills(*THREE), bars=PRICES)
    assert journal(book, 5, "trend").closed["symbol"].tolist() == ["AAA", "CCC"]
    with pytest.raises(RequestError, match=r"expected a strategy of the fills \(fade, trend\), but got 'swing'"):
        journal(book, 5, "swing")
    with pytest.raises(RequestError, match="no fill carries a strategy"):
        journal(book_of(tmp_path / "other", fills=fills("2025-06-27 AAA BUY 1@10"), bars=PRICES), 5, "swing")


@pytest.mark.parametrize("lookback", [0, -5])
def test_no_session_is_no_window(tmp_path, lookback):
    """A page of no sessions is refused before anything is read."""
    with pytest.raises(RequestError, match=f"expected at least 1 session, but got {lookback}"):
        journal(book_of(tmp_path, fills=fills(*THREE), bars=PRICES), lookback)


def test_an_account_that_closed_nothing_has_a_journal(tmp_path):
    """Nothing before, nothing now, and nothing raises: with a lot still open, and without any fill."""
    for number, records in enumerate((fills("2025-06-27 DDD BUY 1@15"), fills())):
        told = journal(book_of(tmp_path / str(number), fills=records, bars=PRICES), 250)
        assert told.closed.empty
        found = journal_kpis(told)
        assert found["round_trips"].value == 0
        assert found["round_trips"].previous is None
        assert journal_alerts(told, Limits()) == []


def test_what_falls_short_is_noticed_from_twenty_trips_on(tmp_path):
    """Nineteen losers say nothing; the twentieth, on Monday, makes two notices since then."""
    lines = [
        f"2025-06-{day} S{number} {side} id={number:02d}{side[0]}"
        for number in range(20)
        for day, side in ((27, "BUY 1@10"), (30 if number == 19 else 27, "SELL 1@9"))
    ]
    told = journal(book_of(tmp_path, fills=fills(*lines), bars=PRICES), 5)
    found = journal_alerts(told, Limits())
    assert [(one.severity, one.kpi, one.value, one.limit, str(one.since)) for one in found] == [
        ("notice", "win_rate", 0, 0.55, "2025-06-30"),
        ("notice", "profit_factor", 0, 1.5, "2025-06-30"),
    ]
    assert journal_alerts(journal(book_of(tmp_path, "2025-06-27"), 5), Limits()) == []


def test_a_trip_is_seen_with_the_sessions_around_it(tmp_path):
    """Closes before a split are told in the shares of the exit."""
    closes = bars("AAA", {"2025-06-23": 96, "2025-06-24": 100, "2025-06-25": 52, "2025-06-26": 55, "2025-06-27": 27})
    told = journal(
        book_of(
            tmp_path,
            "2025-06-27",
            fills=fills("2025-06-24 AAA BUY 1@100", "2025-06-26 AAA SELL 2@55"),
            bars=closes,
            corporate_actions=actions("2025-06-25 AAA split 2", "2025-06-27 AAA split 2"),
        ),
        5,
    )
    seen = around(told, "AAA", pd.Timestamp("2025-06-24"), pd.Timestamp("2025-06-26"))
    assert seen.tolist() == [48, 50, 52, 55, 54]
    assert around(told, "ZZZ", pd.Timestamp("2025-06-24"), pd.Timestamp("2025-06-26")).empty


@pytest.mark.real_account
def test_the_real_accounts_journal_has_no_plan_and_no_costs(real_store):
    """Six years of fills without strategies, fees, stops or arrival prices: what is not there is said."""
    told = journal(open_book("2009-12-31", settings=Settings(store=real_store)), 250)
    found = journal_kpis(told)
    assert found["round_trips"].value == 1549
    assert found["fees"].value == 0
    assert found["slippage_bps"].value is None
    assert told.closed["closes_only"].all()
    assert against_plan(told.closed).empty
    assert by_group(told.closed, "strategy").index.tolist() == ["none"]
