"""The performance report: growth, falls, months, rolling numbers and contributions, and what they say."""

from __future__ import annotations

import math

import pandas as pd

from trade_dashboard.metrics import (
    OTHER_INCOME,
    UNASSIGNED,
    drawdown,
    episodes,
    monthly_returns,
    yearly_returns,
)
from trade_dashboard.present.bars import bar_chart
from trade_dashboard.present.heatmap import heatmap
from trade_dashboard.present.histogram import histogram
from trade_dashboard.present.lines import line_chart, underwater_chart
from trade_dashboard.present.markup import Html, join
from trade_dashboard.present.missing import missing
from trade_dashboard.present.tables import WRITERS, Column, table
from trade_dashboard.present.theme import count, day, money, number, percent, signed, written

__all__ = [
    "contribution_charts",
    "episodes_table",
    "growth_charts",
    "months_table",
    "returns_histogram",
    "rolling_charts",
]

WORST = 5
MOST = 19
CENT = 0.01
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def growth_charts(shown: pd.DataFrame, closes: pd.Series) -> Html:
    """Draw growth beside the benchmark's from the same start, and beneath it how far it is below its best session."""
    market = _from_start(closes, shown["growth"])
    lines = pd.DataFrame({"Account": shown["growth"] - 1, str(closes.name): market - 1})
    against = f"{closes.name} in grey, dividends put back" if market.notna().any() else "there is no benchmark"
    if len(market.dropna()) and pd.isna(market.iloc[0]):
        against += f", from its first price on {day(market.dropna().index[0])}"
    note = f"Deposits and withdrawals taken out; {against}."
    falls = drawdown(shown["growth"])
    return join(
        line_chart(lines, name="growth", finding=_growth_finding(lines), note=note, grey=[str(closes.name)], zero=True),
        underwater_chart(
            shown["growth"],
            name="drawdown",
            finding=_fall_finding(falls, drawdown(market).rename(str(closes.name))),
            note="How far growth is below its best session shown.",
        ),
    )


def _from_start(closes: pd.Series, growth: pd.Series) -> pd.Series:
    """Grow the benchmark from 1 at the first session at which both have a value."""
    levels = closes.reindex(growth.index).where(growth.notna().cummax())
    start = levels.dropna().head(1)
    return levels / (start.iloc[0] if len(start) else math.nan)


def _growth_finding(lines: pd.DataFrame) -> str:
    account, market = (lines[label] for label in lines)
    if account.count() <= 1:
        return "Growth"
    # what begins later is no match
    beside = f", {market.name} {signed(percent(market.dropna().iloc[-1]))}" if pd.notna(market.iloc[0]) else ""
    return f"{signed(percent(account.dropna().iloc[-1]))} in {written(len(lines) - 1, 'sessions')}{beside}"


def _fall_finding(falls: pd.Series, market: pd.Series) -> str:
    known = falls.dropna()
    if len(known) <= 1:
        return "Drawdown"
    deepest = known.min()
    if not deepest:
        return "No drawdown"
    beside = f" ({market.name} {percent(-market.min())})" if pd.notna(market.iloc[0]) else ""
    now = f"; {percent(-known.iloc[-1])} below the best now" if known.iloc[-1] else "; at the best now"
    return (
        f"Deepest drawdown {percent(-deepest)}, {pd.DatetimeIndex(known.index)[int(known.argmin())]:%B %Y}{beside}{now}"
    )


def episodes_table(shown: pd.DataFrame) -> Html:
    """Show the deepest falls, and the one that lasts: their dates, and how long they took."""
    found = episodes(shown["growth"]).sort_values("depth", kind="stable")
    lasting = found["recovery"].isna()
    rows = found[(found["depth"].rank(method="first") <= WORST) | lasting].copy()
    rows["until"] = [f"{WRITERS['day'](one)}" if pd.notna(one) else "ongoing" for one in rows["recovery"]]
    for unit in ("sessions", "days"):
        rows[unit] = rows[f"{unit}_to_recovery"].fillna(rows[f"{unit}_ongoing"])
    which = (
        f"The {WORST} deepest of {count(len(found))}, and the one that lasts"
        if len(found) > WORST
        else "All, deepest first"
    )
    columns = [
        Column("peak", "Peak", "day"),
        Column("depth", "Depth", "percent"),
        Column("valley", "Valley", "day"),
        Column("until", "Recovered", "written"),
        Column("sessions_to_valley", "Sessions to valley", "count"),
        Column("sessions", "Sessions in all", "count"),
        Column("days", "Calendar days", "count"),
    ]
    return table(
        rows,
        columns,
        name="episodes",
        finding=_episodes_finding(found, found[lasting]),
        note=f"{which}. Sessions in all and days are from the peak to the recovery, or so far.",
        empty="No session was below the best",
    )


def _episodes_finding(found: pd.DataFrame, lasting: pd.DataFrame) -> str:
    if found.empty:
        return "Drawdowns"
    worst = found.iloc[0]
    took = f"took {written(worst['sessions_to_recovery'], 'sessions')} to recover"
    said = f"The deepest fall, {percent(-worst['depth'])}, {took if pd.notna(worst['recovery']) else 'still lasts'}"
    if lasting.empty:
        return f"{said}; none lasts"
    age = written(lasting["sessions_ongoing"].iloc[0], "sessions")
    if pd.isna(worst["recovery"]):
        return f"{said}, after {age}"
    return f"{said}; the present one, {percent(-lasting['depth'].iloc[0])}, is {age} old"


def months_table(shown: pd.DataFrame) -> Html:
    """Show each month's return, and each year's."""
    months = monthly_returns(shown["return"])
    labels = [f"{month} {year}" for year in months.index for month in MONTHS]
    told = pd.Series(months.to_numpy().ravel(), index=labels, dtype="float64").dropna()
    finding = f"{told.index[0]} {signed(percent(told.iloc[0]))}" if len(told) else "Returns by month"
    if len(told) > 1:
        best, worst = (
            f"{told.index[int(at)]} {signed(percent(told.iloc[int(at)]))}" for at in (told.argmax(), told.argmin())
        )
        finding = f"{int((told > 0).sum())} of {len(told)} months rose; best {best}, worst {worst}"
    note = "Returns in percent, compounded; the first and last month may be in part. A year is its months."
    named = months.set_axis(MONTHS, axis="columns").set_axis(months.index.astype("str"))
    yearly = yearly_returns(shown["return"]).rename("Year")
    return heatmap(named, name="months", finding=finding, note=note, total=yearly.set_axis(named.index))


def rolling_charts(rolled: pd.DataFrame, market: str, over: int) -> Html:
    """Draw Sharpe ratio, volatility and beta as they were over the sessions before each.

    Parameters
    ----------
    rolled
        As `metrics.rolled` gives it.
    market
        Name of the benchmark.
    over
        How many sessions each value looks back at.
    """
    asked = (("sharpe", "Sharpe ratio", "ratio"), ("volatility", "Volatility", "fraction"), ("beta", "Beta", "ratio"))
    charts = []
    for name, label, unit in asked:
        if rolled[name].isna().all():
            beside = f" beside {market}" if name == "beta" else ""
            charts.append(missing(f"rolling-{name}", f"{label}, rolling", f"fewer than {over} sessions{beside} so far"))
            continue
        lines = rolled[[name]].set_axis(["Account"], axis="columns")
        if f"benchmark_{name}" in rolled:
            lines[market] = rolled[f"benchmark_{name}"]
        note = f"Over the {over} sessions up to each" + (f"; {market} in grey." if len(lines.columns) > 1 else ".")
        finding = _rolling_finding(lines["Account"].dropna(), label, unit)
        charts.append(line_chart(lines, name=f"rolling-{name}", finding=finding, note=note, unit=unit, grey=[market]))
    return join(*charts)


def _rolling_finding(values: pd.Series, label: str, unit: str) -> str:
    low, high = (number(value, unit) for value in (values.min(), values.max()))
    return f"{label} {number(values.iloc[-1], unit)} now, between {low} and {high} before"


def returns_histogram(returns: pd.Series) -> Html:
    """Show the distribution of session returns."""
    known = returns.dropna()
    finding = "No session moved the account" if len(known) else "Returns of a session"
    if known.any():
        worst, best = (day(pd.DatetimeIndex(known.index)[int(at)]) for at in (known.argmin(), known.argmax()))
        finding = (
            f"{percent((known > 0).mean(), 0)} of sessions rose; worst {percent(known.min())} on {worst}, "
            f"best {signed(percent(known.max()))} on {best}"
        )
    low, high = known.quantile([0.05, 0.95])
    marks = {"lowest 5\u202f%": low, "mean": float(known.mean()), "highest 5\u202f%": high}
    note = f"How many of {written(len(known), 'sessions')} returned how much; one in twenty fell below {percent(low)}."
    return histogram(known, name="distribution", finding=finding, note=note, marks=marks)


def contribution_charts(parts: pd.DataFrame) -> Html:
    """Show what each strategy and each symbol earned; each chart adds up to the account's P&L.

    Parameters
    ----------
    parts
        As `metrics.contribution` gives it.
    """
    if not (parts["pnl"].abs() >= CENT / 2).any():
        return missing("contribution", "Contribution", "nothing was earned or lost")
    strategies = set(parts.index.get_level_values("strategy")) - {OTHER_INCOME}
    by_strategy = (
        missing("strategies", "Contribution by strategy", "no fill names its strategy")
        if strategies <= {UNASSIGNED}
        else _contribution(parts, "strategy", "strategies")
    )
    return join(by_strategy, _contribution(parts, "symbol", "symbols"))


def _contribution(parts: pd.DataFrame, level: str, name: str) -> Html:
    made = parts.groupby(level).sum().sort_values("pnl", ascending=False, kind="stable")
    large = made["pnl"].abs().rank(ascending=False, method="first") <= MOST
    rest = made[~large].sum().to_frame(f"{(~large).sum()} others").T
    shown = made if large.all() else pd.concat([made[large], rest])
    ends = [at for at, counts in ((0, made["pnl"].iloc[0] > 0), (-1, made["pnl"].iloc[-1] < 0)) if counts]
    said = ", ".join(f"{made.index[at]} {signed(money(made['pnl'].iloc[at]))}" for at in ends)
    together = f", together {signed(money(made['pnl'].sum()))}" if len(made) > 1 else ""
    return bar_chart(
        shown["pnl"],
        name=name,
        finding=f"{said or made.index[0]}{together} USD",
        note="P&L in USD after fees, with dividends; together it is the account's. n counts fills.",
        unit="USD",
        n=shown["fills"].where(shown["fills"] > 0),
    )
