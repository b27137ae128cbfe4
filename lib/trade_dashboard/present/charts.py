"""Charts: drawn by matplotlib without pyplot, titled with what to see, described from their data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trade_dashboard.present.markup import Html, exhibit
from trade_dashboard.present.svg import responsive
from trade_dashboard.present.tables import Column, rows_of
from trade_dashboard.present.theme import colour, day, money, percent, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["account_chart"]

WIDTH, HEIGHT = 1000, 340
LEAST_SESSIONS = 3
MOST_TICKS = 5
TICK_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120)


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
    if len(shown) < LEAST_SESSIONS:
        return exhibit(
            name, "Equity and drawdown", f"Not enough data: {_sessions(len(shown))} so far, and a line needs three.", ""
        )
    scaled = _scaled(benchmark, shown)
    finding = _finding(shown, scaled)
    figure = _draw(shown, scaled)
    drawn = responsive(figure, name, "Equity, and drawdown beneath it", _describe(shown, scaled))
    against = f", {scaled.name} in grey from the same start" if scaled.notna().any() else "; no benchmark prices"
    note = f"Account value in USD over {_sessions(len(shown))}{against}; beneath, the distance below the best day since inception."
    return exhibit(name, finding, note, drawn + _numbers(shown, scaled))


def _sessions(number: int) -> str:
    return f"{number} {'session' if number == 1 else 'sessions'}"


def _scaled(benchmark: pd.Series, shown: pd.DataFrame) -> pd.Series:
    """Start the benchmark at the account's first value, and give it the account's flows no part in its moves."""
    closes = benchmark.reindex(shown.index).ffill()
    known = closes.notna()
    if not known.any():
        return closes
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
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), dpi=72)
    upper = figure.add_axes((0, 0.36, 1, 0.6))
    lower = figure.add_axes((0, 0.08, 1, 0.22))
    x = np.arange(len(shown))
    upper.plot(x, scaled, color=colour("grey"), linewidth=1.25)
    upper.plot(x, shown["equity"], color=colour("accent"), linewidth=2)
    ends = _label_ends(upper, shown, scaled)
    fall = 100 * shown["drawdown"].fillna(0.0).to_numpy()
    lower.fill(
        np.concatenate([x, x[::-1]]), np.concatenate([fall, 0 * fall]), facecolor=colour("shade"), edgecolor="none"
    )
    lower.plot(x, fall, color=colour("loss"), linewidth=1.25)
    lower.set_ylim(min(fall.min() * 1.15, -1.0), 0)
    _dress(upper, shown.index, "{x:,.0f}", labels=False, ends=ends)
    _dress(lower, shown.index, "{x:.0f} %", labels=True)
    return figure


def _label_ends(axes: Axes, shown: pd.DataFrame, scaled: pd.Series) -> list[float]:
    """Name both lines at their ends, apart from each other; gives the values they end at."""
    ends = [("Account", shown["equity"].iloc[-1], "accent")]
    if pd.notna(scaled.iloc[-1]):
        ends.append((str(scaled.name), scaled.iloc[-1], "grey"))
    higher = max(value for _, value, _ in ends)
    for name, value, ink in ends:
        near = len(ends) > 1 and abs(ends[0][1] - ends[1][1]) < 0.12 * (axes.get_ylim()[1] - axes.get_ylim()[0])
        nudge = (7 if value == higher else -7) if near else 0
        axes.annotate(
            name,
            (len(shown) - 1, value),
            xytext=(7, nudge),
            textcoords="offset points",
            color=colour(ink),
            va="center",
            annotation_clip=False,
        )
    return [value for _, value, _ in ends]


def _dress(axes: Axes, sessions: pd.Index, form: str, *, labels: bool, ends: Sequence[float] = ()) -> None:
    """Hairlines across, few ticks, no box; no value is written where the name of a line that ends there is."""
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(0, len(sessions) - 1)
    axes.set_frame_on(False)
    axes.grid(axis="y", color=colour("hairline"), linewidth=1)
    axes.tick_params(length=0)
    axes.yaxis.tick_right()
    low, high = axes.get_ylim()
    ticks = [y for y in MaxNLocator(3 if labels else 4).tick_values(low, high) if low <= y <= high]
    apart = 0.07 * (high - low)
    axes.set_yticks(ticks, ["" if any(abs(y - end) < apart for end in ends) else _axis_text(form, y) for y in ticks])
    at, names = _month_ticks(pd.DatetimeIndex(sessions))
    axes.set_xticks(at, names if labels else [""] * len(at))


def _axis_text(form: str, x: float) -> str:
    return form.format(x=x).replace("-", "\u2212").replace(",", "\u202f").replace("\u22120 %", "0 %")


def _month_ticks(sessions: pd.DatetimeIndex) -> tuple[list[int], list[str]]:
    """Tick the first session of every so many months, at most a handful, none at the very edges."""
    months = sessions.year * 12 + sessions.month - 1
    starts = [i for i in range(1, len(sessions)) if months[i] != months[i - 1]]
    step = next(step for step in TICK_STEPS if sum(months[i] % step == 0 for i in starts) <= MOST_TICKS)
    margin = len(sessions) * 0.04
    at = [i for i in starts if months[i] % step == 0 and margin < i < len(sessions) - margin]
    # the year stands at the first tick of each
    years = [sessions[i].year for i in at]
    return at, [
        f"{sessions[i]:%b %Y}" if n == 0 or years[n] != years[n - 1] else f"{sessions[i]:%b}" for n, i in enumerate(at)
    ]


def _numbers(shown: pd.DataFrame, scaled: pd.Series) -> str:
    monthly = shown.assign(benchmark=scaled).groupby(pd.DatetimeIndex(shown.index).to_period("M")).tail(1)
    columns = [
        Column("session", "Month's last session", "day"),
        Column("equity", "Equity, USD", "money"),
        *([Column("benchmark", f"{scaled.name}, same start, USD", "money")] if scaled.notna().any() else []),
        Column("drawdown", "Drawdown", "percent"),
    ]
    table = rows_of(monthly.tail(13).reset_index(), columns, "account-numbers")
    return f'<details><summary>The numbers</summary><div class="wide" tabindex="0">{table}</div></details>'
