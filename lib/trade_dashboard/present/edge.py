"""Whether discovery has an edge: hit rates, excess returns by score and by market state, and the IC."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from trade_dashboard.metrics import Review, trailing_periods
from trade_dashboard.present.bars import bar_chart
from trade_dashboard.present.discovery_review import HALF, counted, moved, over, side_of
from trade_dashboard.present.histogram import histogram
from trade_dashboard.present.lines import line_chart
from trade_dashboard.present.markup import Html
from trade_dashboard.present.missing import missing
from trade_dashboard.present.tables import FEW
from trade_dashboard.present.theme import listed, number, percent

__all__ = ["decay_chart", "excess_histogram", "hit_rate_chart", "ic_chart", "score_chart", "state_chart"]

LEAST_POINTS = 3
NO_CANDIDATES = "no candidate was found in these sessions"


def excess_histogram(review: Review, *, name: str = "distribution") -> Html:
    """Show how excess returns over the chosen horizon are distributed."""
    known = review.chosen["excess"].dropna()
    if len(known) < FEW:
        title = f"Excess returns over {over(review.horizon)}"
        return missing(name, title, f"{len(known)} of {FEW} candidates followed")
    low, high = known.quantile([0.25, 0.75])
    finding = f"Half of all lie between {percent(low)} and {percent(high)} after {over(review.horizon)}"
    note = f"Return less that of {review.benchmark}; one value a candidate."
    return histogram(known, name=name, finding=finding, note=note, marks={"median": float(known.median())})


def hit_rate_chart(told: pd.DataFrame, review: Review, *, name: str = "hit-rate") -> Html:
    """Show by how much more, or less, than half of the candidates were ahead of the benchmark, over each horizon.

    Parameters
    ----------
    told
        Outcomes by horizon.
    review
        As `metrics.review` gives it.
    name
        Anchor of the exhibit.
    """
    rows = _by_horizon(told[[stat.defined for stat in told["hits_over_time"]]])
    if rows.empty:
        return missing(name, "How many were ahead", "five candidates followed make a hit rate")
    stats = rows["hits_over_time"]
    finding = "Over no horizon more, or fewer, than chance would give were ahead"
    if all(math.isnan(stat.low) for stat in stats):
        finding = "Too few sessions to tell a hit rate from one half"
    beyond = {side: [str(label) for label, stat in stats.items() if side_of(stat, HALF) == side] for side in (1, -1)}
    parts = [
        f"{word} than half were ahead {listed(beyond[side])}"
        for side, word in ((1, "more"), (-1, "fewer"))
        if beyond[side]
    ]
    if parts:
        finding = f"Beyond chance {listed(parts)}"
    note = (
        f"Share of candidates ahead of {review.benchmark}, less one half, by sessions followed. The intervals allow for "
        "windows that overlap and sessions that move as one: they are wider than those of the table. So many horizons are so "
        "many tries."
    )
    frame = _sides(stats) - HALF
    return bar_chart(
        frame["value"], name=name, finding=finding, note=note, n=rows["n"], low=frame["low"], high=frame["high"]
    )


def score_chart(told: pd.DataFrame, review: Review, *, name: str = "score") -> Html:
    """Show the median excess return by score, group by group.

    Parameters
    ----------
    told
        Outcomes by group of scores, the lowest first.
    review, name
        As for `hit_rate_chart`.
    """
    known = told[[stat.defined for stat in told["median"]]]
    if len(known) < 2:  # noqa: PLR2004 - one group has nothing beside it
        followed = int(told["n"].sum())
        reason = f"{counted(followed, 'candidate')} followed, and groups of five are compared"
        return missing(name, "The highest scores beside the lowest", reason)
    worst, best = known["median"].iloc[[0, -1]]
    finding = f"The highest scores {moved(best.value)}, the lowest {moved(worst.value)}, over {over(review.horizon)}"
    rows = told.iloc[::-1]
    note = (
        f"Median return less that of {review.benchmark}, in groups of equal size, each from the score on its left up to the "
        "next; intervals of 95 % as if candidates were independent."
    )
    labelled = rows.set_axis([f"≥\u202f{number(least, 'ratio')}" for least in rows["least"]])
    return _medians(labelled, name=name, finding=finding, note=note)


def state_chart(told: pd.DataFrame, review: Review, *, name: str = "state") -> Html:
    """Show the median excess return by the market state a candidate was found in.

    Parameters
    ----------
    told
        Outcomes by state in words.
    review, name
        As for `hit_rate_chart`.
    """
    rows = told.sort_values("n", ascending=False, kind="stable")
    known = rows[[stat.defined for stat in rows["median"]]]
    if known.empty:
        return missing(name, "One market state beside another", "no state has five candidates followed")
    # the interval of a median takes candidates for independent, that of a mean does not: a claim needs both
    beyond = [
        f"{moved(middle.value)} in {state}"
        for state, middle, mean in zip(known.index, known["median"], known["mean"], strict=True)
        if side_of(middle, 0.0) and side_of(middle, 0.0) == side_of(mean, 0.0)
    ]
    finding = f"Candidates {listed(beyond)}" if beyond else "In no market state candidates led or lagged beyond chance"
    note = (
        f"Median return less that of {review.benchmark} over {over(review.horizon)}, by the state told at discovery; "
        "intervals of 95 % as if candidates were independent."
    )
    return _medians(rows, name=name, finding=finding, note=note)


def ic_chart(trailing: pd.DataFrame, review: Review, *, name: str = "ic") -> Html:
    """Show the mean IC of the chosen horizon through time.

    Parameters
    ----------
    trailing
        As `metrics.ic_trailing` gives it for that horizon.
    review, name
        As for `hit_rate_chart`.
    """
    span = f"{trailing_periods(review.horizon, review.by)} {review.by}s"
    if len(trailing) < LEAST_POINTS:
        reason = f"a trailing mean needs more {review.by}s with five candidates followed"
        return missing(name, "The rank correlation through time", reason)
    value, low, high = (number(bound, "ratio") for bound in trailing[["ic", "low", "high"]].iloc[-1])
    finding = f"Over the last {span} the IC is {value} ({low} to {high})"
    note = (
        f"Rank correlation of score and excess return over {over(review.horizon)} among the candidates of one {review.by}: 1 is "
        f"the right order, 0 none, −1 upside down. Mean of the trailing {span}, with its interval of 95 %."
    )
    if review.by == "week":
        note += " Most sessions have fewer than five candidates, so a week's are ranked together, each symbol once."
    lines, band = trailing[["ic"]].set_axis(["IC"], axis="columns"), trailing[["low", "high"]]
    return line_chart(lines, name=name, finding=finding, note=note, unit="ratio", band=band, zero=True)


def decay_chart(decay: pd.DataFrame, review: Review, *, name: str = "decay") -> Html:
    """Show how the IC fades as the horizon grows.

    Parameters
    ----------
    decay
        As `metrics.ic_decay` gives it.
    review, name
        As for `hit_rate_chart`.
    """
    rows = _by_horizon(decay)
    frame = _sides(rows["ic"])
    if frame["value"].isna().all():
        reason = decay["ic"][review.horizon].reason if len(decay) else NO_CANDIDATES
        return missing(name, "How long the score tells", reason)
    beyond = [str(horizon) for horizon, stat in decay["ic"].items() if side_of(stat, 0.0)]
    finding = "Over no horizon the score tells more than chance would"
    if beyond:
        most = over(int(decay.index[int(frame["value"].abs().argmax())]))
        finding = f"The score tells most over {most}, and beyond chance over {listed(beyond)}"
        if len(beyond) == 1:
            finding = f"Over one horizon alone the score tells beyond chance: {over(int(beyond[0]))}"
    note = (
        f"Mean IC by sessions followed; n counts {review.by}s with five candidates. Intervals of 95 % allow for windows that "
        "overlap."
    )
    known = rows["t"].dropna()
    if len(known):
        ts = [f"{number(t, 'ratio')} {label}" for label, t in known.items()]
        note += f" t, by Newey and West's errors: {', '.join(ts)}."
    n = pd.Series([stat.n for stat in rows["ic"]], index=rows.index)
    return bar_chart(
        frame["value"], name=name, finding=finding, note=note, unit="ratio", n=n, low=frame["low"], high=frame["high"]
    )


def _by_horizon(rows: pd.DataFrame) -> pd.DataFrame:
    """Name rows of horizons as short as a phone wants them: "over 5"."""
    return rows.set_axis([f"over {horizon}" for horizon in rows.index])


def _medians(rows: pd.DataFrame, **said: Any) -> Html:
    frame = _sides(rows["median"])
    return bar_chart(frame["value"], n=rows["n"], low=frame["low"], high=frame["high"], **said)


def _sides(stats: pd.Series) -> pd.DataFrame:
    """Part statistics into value, low and high."""
    parts = {side: [getattr(stat, side) for stat in stats] for side in ("value", "low", "high")}
    return pd.DataFrame(parts, index=stats.index, dtype="float64")
