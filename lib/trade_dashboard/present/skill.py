"""Whether it is skill: the sentence, the statistics with their intervals, and what the benchmark explains."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from trade_dashboard.metrics import KPIS, Stat, capture, kurtosis, min_track_record, paired, skew
from trade_dashboard.present.markup import Html
from trade_dashboard.present.missing import missing
from trade_dashboard.present.tables import WRITERS, Column, table
from trade_dashboard.present.theme import day, number, percent, signed, written

__all__ = ["benchmark_table", "certainty_table", "skill_answer"]

SURE = 0.95


def skill_answer(found: Mapping[str, Stat], shown: pd.DataFrame, needed: Stat, trials: int, market: str) -> str:
    """Answer in one sentence whether it is skill, and no more surely than the numbers do.

    Parameters
    ----------
    found
        As `metrics.performance` gives it, with intervals.
    shown
        As `metrics.window` gives it.
    needed
        Minimum track record, in sessions.
    trials
        Strategies tried.
    market
        Name of the benchmark.
    """
    lost = shown.index[shown["growth"] == 0]
    if len(lost):
        return f"Everything was lost on {day(lost[0])}: what came before is no record of skill."
    ratio, beta, alpha = found["sharpe"], found["beta"], found["alpha"]
    if not ratio.defined:
        return f"No verdict on skill: {ratio.reason}."
    around = f", 95\u202f% between {number(ratio.low, 'ratio')} and {number(ratio.high, 'ratio')}"
    known = not math.isnan(ratio.low)
    said = f"Sharpe {number(ratio.value, 'ratio')} over {written(ratio.n, 'sessions')}{around if known else ''}: "
    said += _claim(found, needed, trials)
    if beta.defined and alpha.defined:
        said += f"; beside {market}, beta {number(beta.value, 'ratio')} and alpha {signed(percent(alpha.value))} a year"
    return f"{said}."


def _claim(found: Mapping[str, Stat], needed: Stat, trials: int) -> str:
    skilled, deflated = found["psr"], found["dsr"]
    if found["sharpe"].value <= 0:
        return "no sign of skill"
    if not skilled.defined or not deflated.defined:
        return "how sure that is cannot be told"
    tries = f"{percent(deflated.value, 0)} allowing for {trials} tries"
    if deflated.value >= SURE:
        return f"skill is the better explanation ({tries})"
    if skilled.value >= SURE:
        return f"probably skill, not yet proven ({percent(skilled.value, 0)} likely above zero, but {tries})"
    proof = (
        f", and 95\u202f% would take {written(math.ceil(needed.value), 'sessions')} like these"
        if needed.defined
        else ""
    )
    return f"luck is not ruled out ({percent(skilled.value, 0)} likely above zero, {tries}{proof})"


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
    names = ("total_return", "cagr", "volatility", "sharpe", "sortino", "calmar", "psr", "dsr")
    returns = shown["return"]
    told = {KPIS[name].label: (found[name], KPIS[name].unit) for name in names} | {
        "Minimum track record": (min_track_record(returns, risk_free_rate), "sessions"),
        "Skew": (skew(returns), "ratio"),
        "Kurtosis": (kurtosis(returns), "ratio"),
    }
    ratio = found["sharpe"]
    finding = "How sure is it?"
    if ratio.defined and not math.isnan(ratio.low):
        finding = (
            f"A Sharpe ratio of {number(ratio.value, 'ratio')} could as well be {number(ratio.low, 'ratio')} or "
            f"{number(ratio.high, 'ratio')}"
        )
    note = (
        f"Intervals hold 95\u202f% of {written(1000, 'count')} histories drawn from blocks of these sessions (stationary "
        f"bootstrap). Above a risk-free {percent(risk_free_rate)} a year. Deflated allows for {trials} strategies tried. The "
        "minimum track record is how many such sessions show a ratio above zero with 95\u202f%. A normal distribution has a "
        "kurtosis of 3."
    )
    return _stats(told, "statistics", finding, note)


def benchmark_table(found: Mapping[str, Stat], shown: pd.DataFrame, closes: pd.Series) -> Html:
    """Show what the account did beside its benchmark."""
    pair = paired(shown["growth"], closes)
    if pair.empty:
        return missing("benchmark", "Beside the benchmark", f"no session with a price of {closes.name}")
    told = {
        KPIS[name].label: (found[name], KPIS[name].unit)
        for name in ("beta", "alpha", "tracking_error", "information_ratio")
    }
    told |= {
        "Up capture": (capture(pair, up=True), "fraction"),
        "Down capture": (capture(pair, up=False), "fraction"),
    }
    beta, alpha = found["beta"], found["alpha"]
    finding = f"Beside {closes.name}"
    if beta.defined and alpha.defined:
        finding = f"Beta {number(beta.value, 'ratio')} to {closes.name}, and {signed(percent(alpha.value))} a year that it does not explain"
    note = (
        f"Of {written(len(pair), 'sessions')} with both values. Capture is the mean return by the benchmark's, of the sessions "
        "in which that rose or fell."
    )
    return _stats(told, "benchmark", finding, note)


def _stats(told: Mapping[str, tuple[Stat, str]], name: str, finding: str, note: str) -> Html:
    rows = pd.DataFrame(
        {
            "label": list(told),
            "value": [_value(stat, unit) for stat, unit in told.values()],
            "around": [_around(stat, unit) for stat, unit in told.values()],
            "n": [stat.n for stat, _ in told.values()],
        }
    )
    columns = [
        Column("label", "Statistic"),
        Column("value", "Value", "written"),
        Column("around", "95\u202f% between", "written"),
        Column("n", "Sessions", "count"),
    ]
    known = [column for column in columns if column.name != "around" or rows["around"].any()]
    return table(rows, known, name=name, finding=finding, note=note)


def _value(stat: Stat, unit: str) -> str:
    if unit in {"ratio", "fraction"} or not stat.defined:
        return WRITERS[f"stat_{'ratio' if unit == 'sessions' else unit}"](stat)
    return number(math.ceil(stat.value), unit)


def _around(stat: Stat, unit: str) -> str:
    return "" if math.isnan(stat.low) else f"{number(stat.low, unit)} to {number(stat.high, unit)}"
