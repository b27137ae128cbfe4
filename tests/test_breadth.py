"""How many stocks take part: who counts, since when, and what does not matter."""

import numpy as np
import pandas as pd
import pytest

from trade_dashboard.metrics import breadth, standing

NONE = float("nan")
SESSIONS = pd.bdate_range("2023-01-02", periods=300, name="session")


def closes(**symbols):
    """Make closes of symbols, the newest last; shorter ones were listed late."""
    longest = max(len(values) for values in symbols.values())
    padded = {name: [NONE] * (longest - len(values)) + list(values) for name, values in symbols.items()}
    return pd.DataFrame(padded, index=SESSIONS[:longest], dtype="float64")


def last(**symbols):
    return breadth(standing(closes(**symbols))).iloc[-1]


def market(seed=7):
    """Draw 300 sessions of five stocks: one listed late, one delisted, one with holes."""
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn = 50 * np.exp(0.02 * rng.standard_normal((300, 5)).cumsum(axis=0))
    frame = pd.DataFrame(drawn.round(2), index=SESSIONS, columns=list("ABCDE"))
    frame.loc[SESSIONS[:30], "B"] = NONE
    frame.loc[SESSIONS[280:], "C"] = NONE
    frame.loc[rng.choice(SESSIONS, 40, replace=False), "D"] = NONE
    return frame


def test_a_stock_is_above_its_mean_or_not():
    """Two at 2 after 199 times 1 or 3: one is above the mean of its last 200 closes, one is not, so a half is."""
    found = last(UP=[1] * 199 + [2], DOWN=[3] * 199 + [2])
    assert found[["above_200", "of_200"]].tolist() == [0.5, 2]
    assert found[["above_50", "of_50"]].tolist() == [0.5, 2]


def test_at_its_mean_is_not_above_it():
    """A price that never moved takes no part, and neither rises nor falls nor is new."""
    found = last(FLAT=[5] * 260)
    assert found[["above_50", "above_200", "advances", "declines", "highs", "lows"]].tolist() == [0] * 6
    assert found["of_252"] == 1


def test_a_stock_counts_once_it_has_that_many_sessions():
    """With 199 closes it counts for 50 sessions and not for 200; where nobody counts the share is undefined."""
    found = last(YOUNG=range(1, 200))
    assert found[["listed", "of_50", "of_200"]].tolist() == [1, 1, 0]
    assert found["above_50"] == 1
    assert np.isnan(found["above_200"])
    assert last(YOUNG=range(1, 201))["of_200"] == 1


def test_a_hole_is_no_session_of_the_stock():
    """It counts its own sessions: 50 closes with a hole among them are 50, and the close before a hole is the one before."""
    holed = [*range(1, 26), NONE, *range(26, 51)]
    found = breadth(standing(closes(HOLED=holed)))
    assert found["of_50"].tolist() == [0] * 50 + [1]
    assert found["listed"].iloc[25] == 0
    assert found["advances"].iloc[24:28].tolist() == [1, 0, 1, 1]


def test_advances_and_declines_make_a_line():
    """Two up and one down is one up; then one up and two down; an unchanged one counts for neither."""
    found = breadth(standing(closes(A=[1, 2, 1], B=[1, 2, 1], C=[2, 1, 2], D=[1, 1, 1])))
    assert found["advances"].tolist() == [0, 2, 1]
    assert found["declines"].tolist() == [0, 1, 2]
    assert found["line"].tolist() == [0, 1, 0]


def test_a_new_high_is_beyond_a_whole_year():
    """Above every one of the 251 closes before, so at the 252nd session at the earliest, and a tie is none."""
    assert last(NEW=[1] * 251 + [2])[["highs", "lows", "of_252"]].tolist() == [1, 0, 1]
    assert last(TIE=[2] + [1] * 250 + [2])["highs"] == 0
    assert last(FORGOTTEN=[9] + [1] * 251 + [2])["highs"] == 1
    assert last(LOW=[2] * 251 + [1])[["highs", "lows"]].tolist() == [0, 1]
    assert last(YOUNG=range(1, 252))[["highs", "of_252"]].tolist() == [0, 0]


def test_new_highs_of_a_month_are_added_up():
    """Every session of a rise is one; 20 of them at most, and none is told before anybody has a year."""
    found = breadth(standing(closes(UP=range(1, 281))))
    assert found["highs_20"].iloc[[250, 251, 255, 279]].tolist() == pytest.approx([NONE, 1, 5, 20], nan_ok=True)
    assert found["lows_20"].iloc[-1] == 0


def test_a_delisted_stock_counts_only_while_it_traded():
    """It is in the sessions it traded in, also when it is known to have gone; afterwards it is not."""
    found = breadth(standing(closes(STAYS=range(1, 61), GOES=[*range(60, 3, -1), NONE, NONE, NONE])))
    assert found["of_50"].iloc[-4:].tolist() == [2, 1, 1, 1]
    assert found["above_50"].iloc[-4:].tolist() == [0.5, 1, 1, 1]


def test_a_stock_listed_late_counts_from_then_on():
    """The sessions before know nothing of it."""
    found = breadth(standing(closes(OLD=range(1, 61), LATE=range(50, 0, -1))))
    assert found["listed"].iloc[[9, 10]].tolist() == [1, 2]
    assert found["of_50"].iloc[-2:].tolist() == [1, 2]
    assert found["above_50"].iloc[-2:].tolist() == [1, 0.5]


def test_a_universe_of_nobody():
    """No stock at all: counts are zero and shares undefined."""
    found = breadth(standing(pd.DataFrame(index=SESSIONS[:2])))
    assert found["listed"].tolist() == [0, 0]
    assert found["above_200"].isna().all()


def test_shares_are_shares():
    """Between nobody and everybody; and no more advance and decline than are listed."""
    found = breadth(standing(market()))
    for share in ("above_50", "above_200"):
        assert found[share].dropna().between(0, 1).all()
        assert found[share].notna().any()
    assert (found["advances"] + found["declines"] <= found["listed"]).all()
    assert (found["of_200"] <= found["of_50"]).all()
    assert (found["of_50"] <= found["listed"]).all()


def test_the_order_of_symbols_does_not_matter():
    """Breadth counts heads, not places."""
    pd.testing.assert_frame_equal(breadth(standing(market())), breadth(standing(market()[list("DBEAC")])))


@pytest.mark.parametrize("factor", [1e-3, 1 / 3, 1.1, 7.0, 1e4])
def test_the_scale_of_a_price_does_not_matter(factor):
    """A split, or another currency, changes nobody's standing."""
    scaled = market().assign(A=lambda frame: frame["A"] * factor, D=lambda frame: frame["D"] * factor)
    pd.testing.assert_frame_equal(breadth(standing(market())), breadth(standing(scaled)))


@pytest.mark.parametrize("until", [1, 50, 199, 260])
def test_nothing_looks_ahead(until):
    """What comes later changes no session before it."""
    whole, cut = breadth(standing(market())), breadth(standing(market().head(until)))
    pd.testing.assert_frame_equal(whole.head(until), cut)


def test_some_of_all():
    """A part of the symbols stands where it stood; one that is not there is left out."""
    whole = standing(market())
    part = whole.of(["C", "A", "Z"])
    assert part.closes.columns.tolist() == ["A", "C"]
    pd.testing.assert_frame_equal(part.mean_200, standing(market()[["A", "C"]]).mean_200)
