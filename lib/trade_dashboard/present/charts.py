"""The chart of the account: equity beside a benchmark, and beneath it how far growth is below its best day."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from trade_dashboard.present.axes import canvas, panel, sessions_axis
from trade_dashboard.present.lines import draw_fall, draw_lines
from trade_dashboard.present.markup import Html, exhibit
from trade_dashboard.present.missing import missing, so_far
from trade_dashboard.present.numbers import folded
from trade_dashboard.present.svg import responsive
from trade_dashboard.present.tables import Column
from trade_dashboard.present.theme import day, money, percent, signed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["account_chart"]

HEIGHT = 340
LEAST_SESSIONS = 3


def account_chart(history: pd.DataFrame, benchmark: pd.Series, lookback: int, *, name: str = "account") -> Html:
    """Draw equity beside a benchmark that starts where it starts, and beneath it how far growth is below its best day.

    Parameters
    ----------
    history
        As `metrics.history` gives it.
    benchmark
        Closes of the benchmark by session, named for its label; may be empty or have holes.
    lookback
        Sessions to show.
    name
        Anchor of the exhibit.
    """
    shown = history.tail(lookback)
    if shown["equity"].notna().sum() < LEAST_SESSIONS:
        return missing(name, "Equity and drawdown", f"{so_far(len(shown))}, and a line needs three")
    scaled = _scaled(benchmark, shown)
    drawn = responsive(_draw(shown, scaled), name, "Equity, and drawdown beneath it", _describe(shown, scaled))
    against = f", {scaled.name} in grey from the same start" if scaled.notna().any() else "; no benchmark prices"
    note = f"Account value in USD over {_sessions(len(shown))}{against}; beneath, the distance below the best day since inception."
    return exhibit(name, _finding(shown, scaled), note, drawn + _numbers(shown, scaled, name))


def _sessions(number: int) -> str:
    return f"{number} {'session' if number == 1 else 'sessions'}"


def _scaled(benchmark: pd.Series, shown: pd.DataFrame) -> pd.Series:
    """Start the benchmark at the account's first value, and give it the account's flows no part in its moves."""
    closes = benchmark.reindex(shown.index).ffill()
    known = closes.notna() & shown["equity"].notna()
    if not known.any():
        return closes.where(known)
    grown: pd.Series = closes / closes[known].iloc[0] * shown["equity"][known].iloc[0]
    return grown


def _change(values: pd.Series) -> float:
    known = values.dropna()
    return known.iloc[-1] / known.iloc[0] - 1 if len(known) and known.iloc[0] > 0 else math.nan


def _finding(shown: pd.DataFrame, scaled: pd.Series) -> str:
    grown, market = _change(shown["growth"]), _change(scaled)
    text = f"{signed(percent(grown))} in {_sessions(len(shown))}"
    if not math.isnan(market):
        text += f", {scaled.name} {signed(percent(market))}"
    fall = shown["drawdown"].iloc[-1]
    return text + (f"; {percent(-fall)} below the best day" if fall < 0 else "; at its best day")


def _describe(shown: pd.DataFrame, scaled: pd.Series) -> str:
    first, last = shown.iloc[0], shown.iloc[-1]
    deepest = pd.DatetimeIndex(shown.index)[int(shown["drawdown"].argmin())]
    text = (
        f"Equity went from {money(first['equity'])} USD on {day(shown.index[0])} to {money(last['equity'])} USD on "
        f"{day(shown.index[-1])}. Deepest drawdown {percent(shown['drawdown'].min())} on {day(deepest)}; "
        f"now {percent(last['drawdown'])}."
    )
    market = _change(scaled)
    return text if math.isnan(market) else f"{text} {scaled.name} changed by {percent(market)}."


def _draw(shown: pd.DataFrame, scaled: pd.Series) -> Figure:
    figure = canvas(HEIGHT)
    upper, lower = panel(figure, 12, 216), panel(figure, 238, HEIGHT - 26)
    lines = pd.DataFrame({"Account": shown["equity"], str(scaled.name): scaled}).dropna(axis="columns", how="all")
    draw_lines(upper, lines, "USD", grey=[str(scaled.name)])
    draw_fall(lower, shown["drawdown"])
    sessions = pd.DatetimeIndex(shown.index)
    sessions_axis(upper, sessions, labels=False)
    sessions_axis(lower, sessions)
    return figure


def _numbers(shown: pd.DataFrame, scaled: pd.Series, name: str) -> str:
    monthly = shown.assign(benchmark=scaled).groupby(pd.DatetimeIndex(shown.index).to_period("M")).tail(1)
    columns = [
        Column("session", "Month's last session", "day"),
        Column("equity", "Equity, USD", "money"),
        *([Column("benchmark", f"{scaled.name}, same start, USD", "money")] if scaled.notna().any() else []),
        Column("drawdown", "Drawdown", "percent"),
    ]
    return folded(monthly.tail(13).reset_index(), columns, name)
