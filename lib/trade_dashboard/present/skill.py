"""Whether it is skill: the sentence, the statistics with their intervals, and what the benchmark explains."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from trade_dashboard.metrics import KPIS, Stat, capture, kurtosis, min_track_record, paired, skew
from trade_dashboard.metrics.inference import DRAWS
from trade_dashboard.metrics.kpis import Meaning
from trade_dashboard.present.markup import Html
from trade_dashboard.present.missing import missing
from trade_dashboard.present.tables import WRITERS, Column, table
from trade_dashboard.present.theme import count, day, number, percent, signed, span, written

__all__ = ["benchmark_table", "certainty_table", "skill_answer"]

SURE = 0.95
RECORD = Meaning(
    "Minimum track record",
    "sessions",
    "Sessions over which this Sharpe ratio would be above zero with 95\u202f% probability.",
)
SKEW = Meaning("Skew", "ratio", "How lopsided returns are; below zero, losses are the larger ones.")
KURTOSIS = Meaning("Kurtosis", "ratio", "How heavy the tails are; a normal distribution has 3.")
UP = Meaning("Up capture", "fraction", "Mean return by the benchmark's, of the sessions in which that rose.")
DOWN = Meaning("Down capture", "fraction", "Mean return by the benchmark's, of the sessions in which that fell.")


def skill_answer(found: Mapping[str, Stat], history: pd.DataFrame, needed: Stat, trials: int, market: str) -> str:
    """Answer in one sentence whether it is skill, and no more surely than the numbers do.

    Parameters
    ----------
    found
        As `metrics.performance` gives it, with intervals.
    history
        As `metrics.history` gives it.
    needed
        Minimum track record, in sessions.
    trials
        Strategies tried.
    market
        Name of the benchmark.
    """
    lost = history.index[history["growth"] == 0]
    if len(lost):
        return f"Everything was lost on {day(lost[0])}: what came before is no record of skill."
    ratio, beta, alpha = found["sharpe"], found["beta"], found["alpha"]
    if not ratio.defined:
        return f"No verdict on skill: {ratio.reason}."
    said = f"Sharpe {number(ratio.value, 'ratio')} over {written(ratio.n, 'sessions')}"
    if not math.isnan(ratio.low):
        said += f", 95\u202f% between {number(ratio.low, 'ratio')} and {number(ratio.high, 'ratio')}"
    said += f": {_claim(found, needed, trials)}"
    if beta.defined and alpha.defined:
        said += f"; alpha {signed(percent(alpha.value))} a year at beta {number(beta.value, 'ratio')} to {market}"
    return f"{said}."


def _claim(found: Mapping[str, Stat], needed: Stat, trials: int) -> str:
    skilled, deflated = found["psr"], found["dsr"]
    if found["sharpe"].value <= 0:
        return "no sign of skill"
    if not skilled.defined or not deflated.defined:
        return "how sure that is cannot be told"
    allowing = f"{percent(deflated.value, 0)} sure" + (f" after {trials} tries" if trials > 1 else "")
    if deflated.value >= SURE and not found["sharpe"].low <= 0:
        return f"skill is the better explanation, {allowing}"
    # an interval that reaches below zero takes a probability of 95 % back
    if skilled.value >= SURE and not found["sharpe"].low <= 0:
        return f"probably skill, not yet proven, {allowing}"
    if not needed.defined or needed.value <= found["sharpe"].n:
        return "luck is not ruled out"
    return f"luck is not ruled out; it would take {written(math.ceil(needed.value), 'sessions')} like these to tell"


def certainty_table(found: Mapping[str, Stat], shown: pd.DataFrame, risk_free_rate: float, trials: int) -> Html:
    """Show the statistics with what they could as well have been, and how far luck explains them.

    Parameters
    ----------
    found
        As `metrics.performance` gives it, with intervals.
    shown
        As `metrics.window` gives it.
    risk_free_rate
        Fraction a year.
    trials
        Strategies tried.
    """
    if not found["cagr"].defined:
        return missing("statistics", "How sure is it?", found["cagr"].reason)
    names = ("total_return", "cagr", "volatility", "sharpe", "sortino", "calmar", "psr", "dsr")
    returns, ratio = shown["return"], found["sharpe"]
    rows = [
        *(_row(found[name], KPIS[name]) for name in names),
        _row(min_track_record(returns, risk_free_rate), RECORD),
        _row(skew(returns), SKEW),
        _row(kurtosis(returns), KURTOSIS),
    ]
    finding = "How sure is it?"
    if ratio.defined and not math.isnan(ratio.low):
        value, low, high = (number(one, "ratio") for one in (ratio.value, ratio.low, ratio.high))
        finding = f"A Sharpe ratio of {value} could as well be {low} or {high}"
    note = f"Of {written(ratio.n, 'sessions')}. Risk-free {percent(risk_free_rate)} a year; "
    note += f"{trials} {'strategy' if trials == 1 else 'strategies'} tried."
    if any(row["around"] for row in rows):
        note += (
            f" Intervals hold 95\u202f% of {count(DRAWS)} histories redrawn from blocks of these sessions (stationary "
            "bootstrap)."
        )
    return _stats(rows, "statistics", finding, note)


def benchmark_table(found: Mapping[str, Stat], shown: pd.DataFrame, closes: pd.Series) -> Html:
    """Show what the account did beside its benchmark."""
    pair = paired(shown["growth"], closes)
    if not found["tracking_error"].defined:
        reason = f"{found['tracking_error'].reason} with a price of {closes.name}"
        return missing("benchmark", "Beside the benchmark", reason)
    rows = [
        *(_row(found[name], KPIS[name]) for name in ("beta", "alpha", "tracking_error", "information_ratio")),
        _row(capture(pair, up=True), UP),
        _row(capture(pair, up=False), DOWN),
    ]
    beta, alpha = found["beta"], found["alpha"]
    finding = f"Beside {closes.name}"
    if beta.defined and alpha.defined:
        finding = (
            f"Beta {number(beta.value, 'ratio')} to {closes.name}, and {signed(percent(alpha.value))} a year that it "
            "does not explain"
        )
    return _stats(rows, "benchmark", finding, f"Of {written(len(pair), 'sessions')} with both values.")


def _row(stat: Stat, meaning: Meaning) -> dict[str, str]:
    unit = meaning.unit
    if not stat.defined:
        value = WRITERS["stat_ratio"](stat)
    else:
        value = number(math.ceil(stat.value) if unit == "sessions" else stat.value, unit)
    around = "" if math.isnan(stat.low) else span(stat.low, stat.high, unit)
    return {"label": meaning.label, "value": value, "around": around, "means": meaning.definition}


def _stats(rows: Sequence[Mapping[str, str]], name: str, finding: str, note: str) -> Html:
    frame = pd.DataFrame(rows)
    columns = [
        Column("label", "Statistic"),
        Column("value", "Value", "written"),
        Column("around", "95\u202f% between", "written"),
        Column("means", "What it is"),
    ]
    told = [column for column in columns if column.name != "around" or frame["around"].any()]
    return table(frame, told, name=name, finding=finding, note=note)
