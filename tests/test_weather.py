"""The market around an account: its universe, its sectors, what turned, and its two numbers."""

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from build import actions, bars, book_of, known, together

from trade_dashboard import schema
from trade_dashboard.errors import RequestError
from trade_dashboard.metrics import (
    average_correlation,
    breadth,
    dispersion,
    market,
    market_kpis,
    regimes,
    sector_moves,
    standing,
    turns,
)
from trade_dashboard.metrics.market import Market
from trade_dashboard.sessions import calendar

NONE = float("nan")
RUN_DATE = date(2025, 6, 30)
SESSIONS = pd.DatetimeIndex(calendar().between(date(2023, 6, 1), RUN_DATE), name="session").as_unit("us")
NO_STATES, NO_SIGNALS = schema.empty("market_states"), schema.empty("signals")


def priced(symbol, closes):
    """Make bars that end on the run date; None is a session without one."""
    days = SESSIONS[-len(closes) :]
    told = {f"{day:%Y-%m-%d}": close for day, close in zip(days, closes, strict=True) if close is not None}
    return bars(symbol, told)


def instruments(**symbols):
    """Name instruments: `instruments(AAA="stock Energy", IDX="benchmark")`."""
    rows = [
        {
            "symbol": symbol,
            "session": SESSIONS[0],
            "name": symbol,
            "currency": "USD",
            "kind": words[0],
            "sector": words[1:],
        }
        for symbol, words in ((symbol, said.split(maxsplit=1)) for symbol, said in symbols.items())
    ]
    return schema.conform("instruments", [row | {"sector": next(iter(row["sector"]), None)} for row in rows])


def made(benchmark=(), sectors=None, states=NO_STATES, **closes):
    """Make a market whose last session is the run date."""
    longest = max([len(benchmark), 2, *(len(values) for values in closes.values())])
    padded = {name: [NONE] * (longest - len(values)) + list(values) for name, values in closes.items()}
    sessions = SESSIONS[-longest:]
    return Market(
        closes=pd.DataFrame(padded, index=sessions, dtype="float64"),
        stocks=tuple(closes),
        sectors=pd.Series(sectors or {}, dtype="str"),
        benchmark=pd.Series([NONE] * (longest - len(benchmark)) + list(benchmark), index=sessions, name="IDX"),
        states=states,
    )


def signals(*lines):
    rows = [dict(zip(("session", "symbol", "signal", "confidence"), line.split(), strict=True)) for line in lines]
    return schema.conform("signals", [row | {"time": f"{row['session']}T20:30:00Z"} for row in rows])


def states(*lines):
    rows = [dict(zip(("session", "symbol", "description"), line.split(maxsplit=2), strict=True)) for line in lines]
    times = [row | {"time": f"{row['session']}T20:20:00Z", "state_id": 0} for row in rows]
    return schema.conform("market_states", times)


def test_the_universe_is_every_stock_with_a_bar(tmp_path):
    """Neither the benchmark nor a fund is one; a symbol of which nothing is known is taken for a stock."""
    book = book_of(
        tmp_path,
        bars=together(*(priced(symbol, [10, 11]) for symbol in ("AAA", "IDX", "FUND", "NEW", "SPY"))),
        instruments=instruments(AAA="stock Energy", IDX="benchmark", FUND="etf", GONE="stock Energy"),
        market_states=states("2025-06-30 IDX drift", "2025-06-30 AAA rally"),
    )
    found = market(book, 5)
    assert found.stocks == ("AAA", "NEW")
    assert found.sectors.to_dict() == {"AAA": "Energy"}
    assert (found.benchmark.name, found.benchmark.tolist()) == ("IDX", [10, 11])
    assert found.states["description"].tolist() == ["drift"]
    assert found.universe.closes.columns.tolist() == ["AAA", "NEW"]
    assert "FUND" in found.standing.closes


def test_without_instruments_all_but_the_benchmark_are_stocks(tmp_path):
    """A broker's export knows no instruments: SPY is the benchmark, and the rest is the universe, of no sector."""
    found = market(book_of(tmp_path, bars=together(priced("AAA", [1, 2]), priced("SPY", [3, 4]))), 5)
    assert (found.stocks, found.benchmark.name) == (("AAA",), "SPY")
    assert found.sectors.empty


def test_another_benchmark_can_be_asked_for(tmp_path):
    """It is a stock still where instruments say so; one without prices is refused."""
    given = {"bars": together(priced("AAA", [1, 2]), priced("SPY", [3, 4])), "instruments": instruments(AAA="stock")}
    book = book_of(tmp_path, **given)
    found = market(book, 5, "AAA")
    assert (found.benchmark.name, found.stocks) == ("AAA", ("AAA",))
    with pytest.raises(RequestError, match="the store holds none of 'NONE'"):
        market(book, 5, "NONE")


def test_a_split_moves_no_market(tmp_path):
    """Closes are adjusted: two for one on the run date is no fall."""
    book = book_of(tmp_path, bars=priced("AAA", [10, 10, 5]), corporate_actions=actions("2025-06-30 AAA split 2"))
    found = market(book, 5)
    assert found.closes["AAA"].tolist() == [5, 5, 5]
    assert breadth(found.universe)["declines"].tolist() == [0, 0, 0]


def test_what_becomes_known_later_changes_nothing(tmp_path):
    """A market of Friday is the same whatever Monday brings."""
    book = book_of(tmp_path, "2025-06-27", bars=priced("AAA", [*range(1, 300)]))
    before = market(book, 20)
    later = known(together(priced("AAA", [1e6]), priced("BBB", [1] * 300)), pd.Timestamp("2025-07-05", tz="UTC"))
    after = market(book_of(tmp_path, "2025-06-27", bars=later), 20)
    pd.testing.assert_frame_equal(before.closes, after.closes)
    assert before.closes.index[-1] == pd.Timestamp("2025-06-27")


def test_a_market_without_prices_is_empty(tmp_path):
    """An account of cash alone: one session, nobody in it, and every number undefined with its reason."""
    found = market(book_of(tmp_path), 5)
    assert found.closes.shape == (1, 0)
    named = market_kpis(found, breadth(found.universe), regimes(found.states, found.benchmark))
    assert named["breadth_200"].reason == "not enough data: 0 of 200 sessions"
    assert named["regime"].reason == "the benchmark has no prices"
    assert turns(found, NO_SIGNALS, regimes(found.states, found.benchmark)).regime is None


def test_a_sector_is_the_mean_of_its_members():
    """+10 % and −10 % are 0 %; then +10 % of the one and 0 % of the other are +5 %: compounded +5 %."""
    found = sector_moves(made((10, 10, 11), {"A": "X", "B": "X"}, A=[10, 11, 12.1], B=[10, 9, 9], C=[1, 1, 1.3]))
    assert found.index.tolist() == ["IDX", "all stocks", "X"]
    assert found["members"].tolist() == pytest.approx([NONE, 3, 2], nan_ok=True)
    assert found.loc["X", 1] == pytest.approx(0.05)
    assert found.loc["IDX", 1] == pytest.approx(0.10)
    assert found.loc["all stocks", 1] == pytest.approx((0.10 + 0.0 + 0.30) / 3)
    assert found[[5, 20, 60, 250]].isna().all(axis=None)


def test_a_sector_over_sessions_is_compounded():
    """Five sessions of +1 %, and one more before them that does not count."""
    found = sector_moves(made(A=[1.0, 2.0, *(2 * 1.01**n for n in range(1, 6))], sectors={"A": "X"}))
    assert found.loc["X", 5] == pytest.approx(1.01**5 - 1)
    assert np.isnan(found.loc["X", 20])


def test_a_delisted_member_counts_until_it_went():
    """It halved and was gone: the sector lost what it lost, and one member is left."""
    found = sector_moves(made(STAYS=[10] * 6, GOES=[10, 10, 5, NONE, NONE, NONE], sectors={"STAYS": "X", "GOES": "X"}))
    assert found.loc["X", "members"] == 1
    assert found.loc["X", 5] == pytest.approx(-0.25)


def test_a_hole_is_bridged_once():
    """A move over a session without a bar counts when the stock trades again."""
    found = sector_moves(made(A=[10, 10, 10, 10, NONE, 12], sectors={"A": "X"}))
    assert found.loc["X", [1, 5]].tolist() == pytest.approx([0.2, 0.2])


def test_sectors_are_ranked_by_their_month():
    """Best over 20 sessions first; the benchmark and all stocks lead."""
    flat, up = [10.0] * 25, [10.0] * 20 + [11.0] * 5
    found = sector_moves(made(flat, {"A": "Aaa", "B": "Bbb"}, A=flat, B=up))
    assert found.index.tolist() == ["IDX", "all stocks", "Bbb", "Aaa"]


def test_without_sectors_or_benchmark_there_is_the_universe():
    """What is there is told."""
    assert sector_moves(made(A=[1, 2])).index.tolist() == ["all stocks"]


def test_dispersion_is_how_far_apart_returns_are():
    """+10 % and −10 %: a sample deviation of 10 % × √2; one stock alone has none."""
    assert dispersion(made(A=[10, 11], B=[10, 9]).universe).iloc[-1] == pytest.approx(0.1 * 2**0.5)
    assert np.isnan(dispersion(made(A=[10, 11]).universe).iloc[-1])


def drawn(columns, seed=1):
    rng = np.random.Generator(np.random.PCG64(seed))
    moves = 0.01 * rng.standard_normal((60, columns)) + 0.01 * rng.standard_normal((60, 1))
    return {f"S{n}": 100 * np.cumprod([1, *(1 + moves[:, n])]) for n in range(columns)}


def test_average_correlation_is_the_mean_of_all_pairs():
    """What the whole matrix says, without the matrix."""
    closes = drawn(5)
    found = average_correlation(made(**closes).universe)
    matrix = np.corrcoef([np.diff(values) / values[:-1] for values in closes.values()])
    assert (found.value, found.n) == (pytest.approx(matrix[np.triu_indices(5, 1)].mean()), 5)


def test_stocks_that_move_alike_have_a_correlation_of_one():
    """And two that mirror each other of minus one, whatever their size."""
    up = [100 * 1.01 ** (n % 2) for n in range(61)]
    assert average_correlation(made(A=up, B=[3 * one for one in up]).universe).value == pytest.approx(1)
    down = np.cumprod([1.0] + [1 - (b / a - 1) for a, b in pairwise(up)])
    assert average_correlation(made(A=up, B=list(down)).universe).value == pytest.approx(-1)


def test_a_correlation_needs_two_stocks_that_traded_throughout():
    """One with a hole, and one that never moved, are left out; and sixty sessions are needed."""
    closes = {name: list(values) for name, values in drawn(3).items()}
    closes["S1"][5] = NONE
    closes["S2"] = [7] * 61
    assert average_correlation(made(**closes).universe).reason == "not enough data: 1 of 2 stocks traded throughout"
    assert average_correlation(made(A=[1, 2], B=[2, 3]).universe).reason == "not enough data: 2 of 60 sessions"


def test_an_earlier_correlation_looks_at_nothing_later():
    """Sixty sessions that ended before are what they were then."""
    closes = drawn(3)
    longer = {name: [*values, *(values[-1] * np.array([2, 1, 3]))] for name, values in closes.items()}
    assert average_correlation(made(**longer).universe, 3) == average_correlation(made(**closes).universe)


def test_what_crossed_its_mean_is_named():
    """From 1 below a mean of about 2 to 3 above it, and the other way; one that stays is not named."""
    past = [2.0] * 200
    found = turns(
        made(UP=[*past, 1, 3], DOWN=[*past, 3, 1], STAYS=[*past, 3, 3]),
        NO_SIGNALS,
        regimes(NO_STATES, pd.Series(dtype="float64")),
    )
    assert (found.rose, found.fell) == (("UP",), ("DOWN",))


def test_a_crossing_over_a_hole_is_seen_when_it_trades_again():
    """Against where it stood when it last traded; a session without a bar crosses nothing."""
    past = [2.0] * 200
    nothing = regimes(NO_STATES, pd.Series(dtype="float64"))
    assert turns(made(A=[*past, 1, NONE, 3]), NO_SIGNALS, nothing).rose == ("A",)
    assert turns(made(A=[*past, 1, 3, NONE]), NO_SIGNALS, nothing).rose == ()


def test_new_highs_and_lows_are_named():
    """Beyond a whole year of closes."""
    found = turns(
        made(HIGH=[1] * 251 + [2], LOW=[2] * 251 + [1]), NO_SIGNALS, regimes(NO_STATES, pd.Series(dtype="float64"))
    )
    assert (found.highs, found.lows) == (("HIGH",), ("LOW",))


def test_a_signal_that_flipped_tonight_is_news():
    """Another word than the one before, given tonight; an old flip, a repeated word and a first word are not."""
    said = signals(
        "2025-06-26 AAA BUY 0.6", "2025-06-30 AAA SELL 0.7",
        "2025-06-26 OLD BUY 0.6", "2025-06-27 OLD SELL 0.7",
        "2025-06-26 SAME BUY 0.6", "2025-06-30 SAME BUY 0.7",
        "2025-06-30 FIRST BUY 0.7",
    )  # fmt: skip
    found = turns(made(A=[1, 1]), said, regimes(NO_STATES, pd.Series(dtype="float64"))).signals
    assert found.to_dict("records") == [{"symbol": "AAA", "before": "BUY", "signal": "SELL", "confidence": 0.7}]


def test_a_regime_that_changed_is_news():
    """From one session to the next, by the same judge; a judge that fell silent is no change of the market."""
    told = states("2025-06-27 IDX calm", "2025-06-30 IDX storm")
    here = made((1, 1, 1), A=[1, 1, 1])
    assert turns(here, NO_SIGNALS, regimes(told, here.benchmark)).regime == ("calm", "storm")
    assert turns(here, NO_SIGNALS, regimes(told.head(1), here.benchmark)).regime is None


def test_the_two_numbers_of_the_market():
    """Half of two stocks above their mean, none the session before; the regime in words beside the one before."""
    past = [2.0] * 200
    told = states("2025-06-27 IDX calm", "2025-06-30 IDX storm")
    here = made((1, 1), A=[*past, 1, 3], B=[*past, 1, 1], states=told)
    found = market_kpis(here, breadth(here.universe), regimes(told, here.benchmark))
    assert (found["breadth_200"].value, found["breadth_200"].previous) == (0.5, 0)
    assert len(found["breadth_200"].trail) == 60
    regime = found["regime"]
    assert (regime.word, regime.previous_word, regime.value, regime.reason) == ("storm", "calm", None, None)
    assert {one.previous_session for one in found.values()} == {date(2025, 6, 27)}


def test_a_market_that_is_too_young_says_so():
    """How many sessions there are of those it takes."""
    here = made([1] * 100, A=[1] * 150)
    found = market_kpis(here, breadth(here.universe), regimes(NO_STATES, here.benchmark))
    assert found["breadth_200"].reason == "not enough data: 150 of 200 sessions"
    assert found["regime"].reason == "not enough data: 100 of 272 sessions"
    silent = made([*[1] * 300, NONE], A=[*[1] * 300, NONE])
    found = market_kpis(silent, breadth(silent.universe), regimes(NO_STATES, silent.benchmark))
    assert found["breadth_200"].reason == "no stock has a bar of this session"
    assert found["regime"].reason == "the benchmark has no price of this session"


def test_standing_is_of_all_symbols_and_breadth_of_stocks():
    """The benchmark may cross its mean, and is not counted among stocks."""
    here = made(A=[1, 2])
    assert standing(here.closes).closes.equals(here.standing.closes)
