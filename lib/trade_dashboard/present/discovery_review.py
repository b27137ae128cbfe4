"""What the discovery review says: its answer, tonight's candidates, and what became of those before."""

from __future__ import annotations

import math

import pandas as pd

from trade_dashboard.metrics import Review, Stat
from trade_dashboard.present.lines import line_chart
from trade_dashboard.present.markup import Html
from trade_dashboard.present.missing import missing
from trade_dashboard.present.tables import FEW, Column, table
from trade_dashboard.present.theme import NONE, THIN, count, day, listed, number, percent

__all__ = [
    "HALF",
    "candidate_turnover_chart",
    "candidates_table",
    "counted",
    "discovery_answer",
    "follow_up_table",
    "missed_table",
    "moved",
    "over",
    "side_of",
    "taken_table",
]

SHOWN_HORIZONS = (1, 5, 20)
HALF = 0.5
SMOOTHED = 20
MOST_MISSED = 10
MOST_NAMED = 4
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def discovery_answer(review: Review, told: pd.DataFrame, decay: pd.DataFrame) -> str:
    """Answer in one sentence whether candidates beat the benchmark, whether their score tells, and whether chance would do.

    Parameters
    ----------
    review
        As `metrics.review` gives it.
    told, decay
        Its outcomes by horizon, and its IC by horizon.
    """
    found, against = len(review.found), review.benchmark
    if not found:
        return f"Nothing was discovered in the last {over(review.lookback)}: there are no candidates to review."
    hits: Stat = told["hit_rate"][review.horizon]
    if not hits.n and review.chosen["return"].notna().any():
        return f"{counted(found, 'candidate')}, but no prices of the benchmark {against} to hold them against."
    if not hits.defined:
        return (
            f"{counted(found, 'candidate')} so far, {count(hits.n)} of them followed over {over(review.horizon)}: too few "
            "to tell an edge from chance."
        )
    told_by_score = _whether_it_tells(hits, decay["ic"][review.horizon])
    return (
        f"Of {counted(hits.n, 'candidate')} followed over {over(review.horizon)}, {percent(hits.value, 0)} beat {against} "
        f"{_verdict(hits, told['hits_over_time'][review.horizon])}; {told_by_score}."
    )


def _verdict(hits: Stat, over_time: Stat) -> str:
    """Hold a hit rate against one half; where overlapping windows make the difference, that interval is told."""
    naive, honest = side_of(hits, HALF), side_of(over_time, HALF)
    if math.isnan(over_time.low):
        return f"({_between(hits)}): too few sessions to tell an edge from chance"
    if naive and not honest:
        return f"({_between(over_time)}, as windows overlap): no edge that chance would not give"
    words = {1: "an edge beyond chance", -1: "fewer than chance would give"}
    return f"({_between(hits)}): {words.get(naive, 'no edge that chance would not give')}"


def _between(stat: Stat) -> str:
    low, high = (percent(bound, 0) for bound in (stat.low, stat.high))
    return f"{low.removesuffix('%').rstrip(THIN)} to {high}"


def _whether_it_tells(hits: Stat, ic: Stat) -> str:
    if not ic.defined or math.isnan(ic.low):
        return "whether a higher score means more cannot be told yet"
    told = f"IC {number(ic.value, 'ratio')}, {number(ic.low, 'ratio')} to {number(ic.high, 'ratio')}"
    link = "and" if side_of(hits, HALF) > 0 else "but"
    words = {1: f"{link} a higher score did mean a higher return", -1: "and a higher score meant a lower return"}
    return f"{words.get(side_of(ic, 0.0), 'and the score does not tell good from bad')} ({told})"


def side_of(stat: Stat, middle: float) -> int:
    """Tell on which side of a value an interval lies: 1 above, −1 below, 0 across or unknown."""
    return int(stat.low > middle) - int(stat.high < middle)


def over(number_of: int) -> str:
    """Count sessions, in words where they are few: "five sessions", "20 sessions"."""
    words = WORDS[number_of] if number_of < len(WORDS) else count(number_of)
    return f"{words} {'session' if number_of == 1 else 'sessions'}"


def counted(number_of: int, thing: str) -> str:
    """Count things: "1 candidate", "2 candidates"."""
    return f"{count(number_of)} {thing}{'' if number_of == 1 else 's'}"


def moved(value: float) -> str:
    """Say how a return compares with the benchmark's: "led by 0.2 %"."""
    return f"{'led' if value > 0 else 'lagged'} by {percent(abs(value))}"


def candidates_table(tonight: pd.DataFrame, review: Review, *, name: str = "candidates") -> Html:
    """Show tonight's candidates, best score first, and which of them the account holds or has traded.

    Parameters
    ----------
    tonight
        As `metrics.marked` gives it.
    review
        As `metrics.review` gives it.
    name
        Anchor of the exhibit.
    """
    rows = tonight.assign(
        yours=[_yours(held, traded) for held, traded in zip(tonight["held"], tonight["traded"], strict=True)],
        reason=tonight["reason"].fillna(NONE),
    )
    held, newest = int((tonight["held"] != 0).sum()), review.found["session"].max()
    finding = f"{counted(len(rows), 'candidate')} tonight, {count(held) if held else 'none'} of them held"
    since = f"; the last were found on {day(newest)}" if pd.notna(newest) else ""
    columns = [
        Column("symbol", "Symbol"),
        Column("score", "Score", "ratio"),
        Column("closes", "60 sessions", "spark"),
        Column("yours", "In the account"),
        Column("reason", "Why"),
        Column("state", "Market state"),
    ]
    note = "Best score first. The line is the adjusted close."
    return table(rows, columns, name=name, finding=finding, note=note, empty=f"No candidates tonight{since}")


def _yours(held: float, traded: pd.Timestamp) -> str:
    if held:
        return "held" if held > 0 else "held short"
    return f"traded {traded.day} {traded:%b %Y}" if pd.notna(traded) else NONE


def follow_up_table(told: pd.DataFrame, review: Review, *, name: str = "follow-up") -> Html:
    """Show what became of candidates over one, five and twenty sessions, and over the chosen horizon.

    Parameters
    ----------
    told
        Outcomes by horizon.
    review, name
        As for `candidates_table`.
    """
    rows = told[told.index.isin([*SHOWN_HORIZONS, review.horizon])]
    if rows.empty:
        return missing(name, "The median candidate", "no candidate was found in these sessions")
    columns = [
        Column("label", "Over"),
        Column("n", "Followed", "count"),
        Column("median", "Median excess", "fraction_interval"),
        Column("mean", "Mean excess", "fraction_interval"),
        Column("hit_rate", "Hit rate", "fraction_interval"),
        Column("open", "Still open", "count"),
        Column("ended", "Prices ended", "count"),
        Column("no_price", "No price", "count"),
    ]
    return table(
        rows.assign(label=[over(horizon) for horizon in rows.index]),
        columns,
        name=name,
        finding=_median_in_words(rows["median"]),
        note=_how_followed(review),
        few="n",
    )


def _median_in_words(medians: pd.Series) -> str:
    """Say how the median candidate did over each horizon, the verb once where it is the same."""
    known = {over(int(str(horizon))): stat.value for horizon, stat in medians.items() if stat.defined}
    if not known:
        return "Too few candidates were followed so far"
    if len({value > 0 for value in known.values()}) > 1:
        return f"The median candidate {listed([f'{moved(value)} over {long}' for long, value in known.items()])}"
    verb = "led" if max(known.values()) > 0 else "lagged"
    return f"The median candidate {verb} by {listed([f'{percent(abs(value))} over {long}' for long, value in known.items()])}"


def _how_followed(review: Review) -> str:
    rows = review.chosen
    text = (
        "From the open of the session after discovery to the close of the last, adjusted for splits and dividends, less "
        f"{review.benchmark} over the same. Intervals of 95 %: the mean's allows for windows that overlap, the others take "
        "candidates for independent."
    )
    closes = int((rows["return"].notna() & (rows["entered"] == "close")).sum())
    if closes:
        text += f" {counted(closes, 'candidate')} without an open to compare entered at that session's close."
    for status, words in (("ended", "Prices end, and the last one stands:"), ("no price", "Could not be entered:")):
        names = sorted(rows.loc[rows["status"] == status, "symbol"].unique())
        more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
        text += f" {words} {listed([*names[:MOST_NAMED], *more])}." if names else ""
    return text


def candidate_turnover_chart(turnover: pd.DataFrame, *, name: str = "turnover") -> Html:
    """Show how many of a session's candidates are new.

    Parameters
    ----------
    turnover
        As `metrics.candidate_turnover` gives it.
    name
        Anchor of the exhibit.
    """
    share = turnover["share"].dropna()
    if share.empty:
        return missing(name, "How many are new", "no two sessions in a row have candidates")
    note = (
        f"Share that was none the session before, mean of the trailing {SMOOTHED} sessions that have one before. A session "
        f"has {counted(int(turnover['candidates'].median()), 'candidate')} at the median."
    )
    finding = f"{percent(share.mean(), 0)} of a session's candidates are new"
    smooth = share.rolling(SMOOTHED, min_periods=FEW).mean().dropna().rename("New")
    return line_chart(smooth.to_frame(), name=name, finding=finding, note=note, zero=True)


def missed_table(best: pd.DataFrame, worst: pd.DataFrame, review: Review, *, name: str = "missed") -> Html:
    """Show the candidates that led most and were neither held nor traded, and say how much those lagged that lagged most.

    Parameters
    ----------
    best, worst
        As `metrics.missed` gives them over the chosen horizon.
    review, name
        As for `candidates_table`.
    """
    shown, spared = best.head(MOST_MISSED), worst.head(MOST_MISSED)
    columns = [
        Column("symbol", "Symbol"),
        Column("session", "Discovered", "day"),
        Column("score", "Score", "ratio"),
        Column("rank", "Rank", "count"),
        Column("excess", "Excess", "signed_percent"),
        Column("return", "Return", "signed_percent"),
        Column("reason", "Why"),
    ]
    finding, note = "", ""
    if len(shown):
        finding = f"The best passed over {_reach(shown['excess'])} over {over(review.horizon)}"
        note = (
            "Each symbol's best discovery that was neither held then nor traded within the window. Hindsight chose them"
            + (f": the worst passed over, chosen alike, {_reach(spared['excess'])}." if len(spared) else ".")
        )
    return table(shown, columns, name=name, finding=finding, note=note, empty="Nothing that led was passed over")


def _reach(excess: pd.Series) -> str:
    """Say how far apart the least and the most lie of what all led, or all lagged."""
    least, most = (percent(value) for value in (excess.abs().min(), excess.abs().max()))
    verb = "led" if excess.iloc[0] > 0 else "lagged"
    return f"{verb} by {least}" if least == most else f"{verb} by {least} to {most}"


def taken_table(told: pd.DataFrame, review: Review, *, name: str = "taken") -> Html:
    """Show candidates that were held or traded beside those that were not.

    Parameters
    ----------
    told
        Outcomes by whether they were: True and False.
    review, name
        As for `candidates_table`.
    """
    rows = told.assign(label=["Held or traded" if took else "Passed over" for took in told.index]).iloc[::-1]
    columns = [
        Column("label", "In the account"),
        Column("n", "Followed", "count"),
        Column("median", "Median excess", "fraction_interval"),
        Column("mean", "Mean excess", "fraction_interval"),
        Column("hit_rate", "Hit rate", "fraction_interval"),
    ]
    stats = {bool(took): stat for took, stat in told["median"].items() if stat.defined}
    finding = "Too few to compare what was taken with what was passed over"
    if len(stats) > 1:
        finding = (
            f"What was held or traded {moved(stats[True].value)}, what was passed over {moved(stats[False].value)}"
        )
    note = (
        f"Medians over {over(review.horizon)}. Held, long or short, at the close of the discovery, or traded within the "
        "window: a trade late in it counts too, so this compares, and proves nothing about the choice."
    )
    return table(rows, columns, name=name, finding=finding, note=note, empty="No candidates to compare", few="n")
