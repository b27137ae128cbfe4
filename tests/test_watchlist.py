"""The symbols that are watched: which they are, what they did, where they stand and what is said of them."""

import numpy as np
import pandas as pd
import pytest

from trade_dashboard import schema
from trade_dashboard.metrics import newest_signals, standing, watched, watchlist

NONE = float("nan")
NO_STATES = schema.empty("market_states")
SESSIONS = pd.bdate_range("2024-01-02", periods=300, name="session").as_unit("us")


def signals(*lines):
    rows = [dict(zip(("session", "symbol", "signal", "confidence"), line.split(), strict=True)) for line in lines]
    return schema.conform("signals", [row | {"time": f"{row['session']}T20:30:00Z"} for row in rows])


def stood(**symbols):
    longest = max(len(values) for values in symbols.values())
    padded = {name: [NONE] * (longest - len(values)) + list(values) for name, values in symbols.items()}
    return standing(pd.DataFrame(padded, index=SESSIONS[:longest], dtype="float64"))


def states(*lines):
    rows = [dict(zip(("session", "symbol", "description"), line.split(maxsplit=2), strict=True)) for line in lines]
    return schema.conform(
        "market_states", [row | {"time": f"{row['session']}T20:00:00Z", "state_id": 1} for row in rows]
    )


def held(**worth):
    return pd.Series(worth, dtype="float64")


def test_what_is_held_is_watched_first():
    """Largest first, long or short; then whatever market-analysis speaks of, by name, but not the market itself."""
    said = signals("2024-01-02 ZZZ BUY 0.6", "2024-01-02 AAA BUY 0.6")
    told = states("2024-01-02 IDX calm", "2024-01-02 MMM storm")
    assert watched(held(AAA=10, BBB=-30, SOLD=0), said, told, "IDX") == ("BBB", "AAA", "MMM", "ZZZ")


def test_the_newest_signal_of_each_symbol():
    """With the one before it, where it is known."""
    found = newest_signals(signals("2024-01-04 AAA SELL 0.7", "2024-01-02 AAA BUY 0.6", "2024-01-03 BBB HOLD 0.5"))
    assert found.index.tolist() == ["AAA", "BBB"]
    assert found["signal"].tolist() == ["SELL", "HOLD"]
    assert found.loc["AAA", "before"] == "BUY"
    assert pd.isna(found.loc["BBB", "before"])
    assert found["signal_session"].tolist() == [pd.Timestamp("2024-01-04"), pd.Timestamp("2024-01-03")]


def test_moves_and_distances():
    """At 110 after 199 closes of 100: +10 %, 10 % above its highest before, and above its means by what is left."""
    found = watchlist(stood(AAA=[100] * 260 + [110]), held(AAA=1), signals(), NO_STATES).loc["AAA"]
    assert found["close"] == 110
    assert found[["move", "move_5", "move_20"]].tolist() == pytest.approx([0.10] * 3)
    assert found["to_200"] == pytest.approx(110 / (100 + 10 / 200) - 1)
    assert found["to_50"] == pytest.approx(110 / (100 + 10 / 50) - 1)
    assert found["to_high"] == 0
    assert (len(found["trail"]), found["trail"][-1]) == (60, 110)


def test_below_the_high_of_the_year():
    """A quarter below the highest close of 252 sessions."""
    found = watchlist(stood(AAA=[80] * 100 + [100] + [75] * 199), held(AAA=1), signals(), NO_STATES).loc["AAA"]
    assert found["to_high"] == pytest.approx(-0.25)


def test_a_symbol_without_a_bar_tonight_has_a_last_close_and_no_move():
    """What is carried is named by its session; nothing is said of moves that nobody saw."""
    found = watchlist(stood(AAA=[1, 2, NONE], BBB=[1, 1, 1]), held(AAA=1), signals(), NO_STATES).loc["AAA"]
    assert (found["close"], found["close_session"]) == (2, SESSIONS[1])
    assert found[["move", "move_5", "to_50"]].isna().all()


def test_a_symbol_without_any_bar_is_still_watched():
    """It has a signal and no price."""
    found = watchlist(stood(BBB=[1, 1]), held(), signals("2024-01-02 AAA BUY 0.6"), NO_STATES).loc["AAA"]
    assert found["signal"] == "BUY"
    assert np.isnan(found["close"])
    assert pd.isna(found["close_session"])


def test_an_empty_watchlist():
    """Nothing held and nothing said: no rows, all columns."""
    found = watchlist(stood(BBB=[1, 1]), held(), signals(), NO_STATES)
    assert found.empty
    assert {"close", "move", "to_200", "signal", "trail"} <= set(found.columns)


def test_the_scale_of_a_price_changes_no_distance():
    """A split moves closes and trails, and nothing that is a fraction."""
    values = 50 * np.exp(0.02 * np.random.Generator(np.random.PCG64(2)).standard_normal(300).cumsum())
    one, other = (watchlist(stood(AAA=values * factor), held(AAA=1), signals(), NO_STATES) for factor in (1, 1 / 3))
    fractions = ["move", "move_5", "move_20", "to_50", "to_200", "to_high"]
    pd.testing.assert_frame_equal(one[fractions], other[fractions])


def test_what_is_held_and_said_stands_beside():
    """Its worth, and the newest state of the symbol itself in words; of one that is neither, nothing."""
    told = states("2024-01-02 AAA calm", "2024-01-03 AAA storm")
    found = watchlist(stood(AAA=[1, 1], BBB=[1, 1]), held(BBB=-5), signals(), told)
    assert found["held"].to_dict() == {"BBB": -5, "AAA": 0}
    assert found.loc["AAA", "state"] == "storm"
    assert pd.isna(found.loc["BBB", "state"])


def test_a_signal_has_an_age():
    """In sessions: tonight's is 0, the one before 1; without a signal there is none."""
    said = signals(f"{SESSIONS[2]:%Y-%m-%d} AAA BUY 0.6", f"{SESSIONS[1]:%Y-%m-%d} BBB BUY 0.6")
    found = watchlist(stood(AAA=[1, 1, 1], BBB=[1, 1, 1]), held(CCC=1), said, NO_STATES)["signal_age"]
    assert found.tolist() == pytest.approx([NONE, 0, 1], nan_ok=True)
