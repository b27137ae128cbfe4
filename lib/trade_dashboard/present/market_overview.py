"""The market overview: what the market did, who took part, what state it is in, and what each exhibit says."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from trade_dashboard.metrics import Kpi, Market, Stat, average_correlation, dispersion, realised_volatility
from trade_dashboard.metrics.weather import EVERY_STOCK
from trade_dashboard.present.heatmap import heatmap
from trade_dashboard.present.lines import line_chart
from trade_dashboard.present.markup import Html, join
from trade_dashboard.present.missing import missing
from trade_dashboard.present.multiples import small_multiples
from trade_dashboard.present.regime import capital
from trade_dashboard.present.theme import clipped, count, listed, number, percent, price, signed, written

__all__ = [
    "benchmark_chart",
    "breadth_chart",
    "market_answer",
    "participation_charts",
    "sectors_heatmap",
    "volatility_charts",
]

MONTH = 20
LONGEST_GROUP = 18
FEW_STOCKS = 20
CORRELATED = 60
HALF = 0.5


def market_answer(kpis: Mapping[str, Kpi], moves: pd.DataFrame, stretches: pd.DataFrame, benchmark: str) -> str:
    """Answer the question in one sentence: what the benchmark did, in which regime, and how many stocks took part."""
    regime, breadth = kpis["regime"].word, kpis["breadth_200"].value
    told = [_benchmark_in_words(moves, benchmark)]
    if regime is not None:
        told.append(f"{regime} for {written(float(stretches['sessions'].iloc[-1]), 'sessions')}")
    if breadth is not None:
        told.append(f"{percent(breadth, 0)} of stocks are above their 200-session mean")
    return "; ".join(told) + "."


def _benchmark_in_words(moves: pd.DataFrame, benchmark: str) -> str:
    known = moves.loc[benchmark].dropna().to_dict() if benchmark in moves.index else {}
    told = [
        f"{_rise(known[one])} {when}" for one, when in ((1, "today"), (MONTH, f"in {MONTH} sessions")) if one in known
    ]
    return f"{benchmark} {listed(told)}" if told else f"There are too few prices of {benchmark} to tell the market by"


def _rise(move: float) -> str:
    return signed(percent(move))


def benchmark_chart(market: Market, lookback: int, *, name: str = "benchmark") -> Html:
    """Draw the benchmark with the means of its last 50 and 200 closes."""
    label = str(market.benchmark.name)
    where = market.standing.of([label])
    if label not in where.closes or not where.closes[label].notna().any():
        return missing(name, f"No prices of {label}", f"the store holds no bar of {label} up to this session")
    lines = pd.DataFrame(
        {label: where.closes[label], "50-session mean": where.mean_50[label], "200-session mean": where.mean_200[label]}
    ).tail(lookback)
    now = lines.ffill().iloc[-1]
    sides = [
        f"{percent(abs(now.iloc[0] / now[mean] - 1))} {'above' if now.iloc[0] > now[mean] else 'below'} its {mean}"
        for mean in lines.columns[1:]
        if pd.notna(now[mean])
    ]
    finding = f"{label} is {listed(sides)}" if sides else f"{label} closed at {price(now.iloc[0])} USD"
    note = "Closes in USD, splits and dividends taken out; a mean begins with the session that has as many before it."
    return line_chart(lines, name=name, finding=finding, note=note, unit="USD")


def sectors_heatmap(moves: pd.DataFrame, *, name: str = "sectors") -> Html:
    """Show what each sector did over several horizons; `moves` as `metrics.sector_moves` gives it."""
    horizons = [column for column in moves.columns if column != "members"]
    labels = [
        clipped(capital(str(group)), LONGEST_GROUP) + ("" if pd.isna(members) else f" ({count(members)})")
        for group, members in moves["members"].items()
    ]
    shown = (
        moves[horizons].set_axis(labels).set_axis([written(float(one), "sessions") for one in horizons], axis="columns")
    )
    at = list(moves.index).index(EVERY_STOCK)
    sectors = moves.iloc[at + 1 :]
    note = (
        "Returns in %, over so many sessions. A sector is the mean of its members, of which so many trade now; one that was "
        "delisted counts until it went."
    )
    if sectors.empty:
        note = "Returns in %. No source says which sector a stock is of, so there is only the mean of all that trade."
    return heatmap(shown, name=name, finding=_sectors_finding(sectors), note=note)


def _sectors_finding(sectors: pd.DataFrame) -> str:
    ranked = sectors[MONTH].dropna()
    if len(ranked) > 1:
        best, worst = (f"{where} ({_rise(ranked[where])})" for where in (ranked.index[0], ranked.index[-1]))
        return f"{best} leads over {MONTH} sessions, {worst} trails"
    return "Sectors" if len(sectors) else "All stocks, by horizon"


def breadth_chart(breadth: pd.DataFrame, lookback: int, *, name: str = "breadth") -> Html:
    """Draw how many stocks are above their means."""
    shown = breadth.tail(lookback)
    now = shown.iloc[-1]
    if not now["of_200"]:
        finding = "How many stocks take part"
    else:
        month_ago = breadth["above_200"].shift(MONTH).iloc[-1]
        then = "" if pd.isna(month_ago) else f", {percent(month_ago, 0)} were {MONTH} sessions ago"
        finding = f"{percent(now['above_200'], 0)} of {_stocks(now['of_200'])} are above their 200-session mean{then}"
    lines = shown[["above_200", "above_50"]].rename(
        columns={"above_200": "200-session mean", "above_50": "50-session mean"}
    )
    note = (
        f"Share of all stocks above their mean; one counts while it trades and once it has as many sessions.{_few(now)}"
    )
    return line_chart(lines, name=name, finding=finding, note=note, zero=True)


def _few(now: pd.Series) -> str:
    if now["listed"] >= FEW_STOCKS:
        return ""
    return f" The store has prices of {_stocks(now['listed'])} alone: they are no market, and the measure is coarse."


def _stocks(number_of: float) -> str:
    return f"{count(number_of)} {'stock' if number_of == 1 else 'stocks'}"


def participation_charts(breadth: pd.DataFrame, lookback: int, *, name: str = "participation") -> Html:
    """Draw the line of advances less declines, and the new highs and lows of twenty sessions."""
    shown = breadth.tail(lookback)
    now = shown.iloc[-1]
    traded = breadth["listed"].gt(0).cummax()
    line = (shown["line"] - shown["line"].iloc[0]).where(traded).to_frame("Added up")
    highs = shown[["highs_20", "lows_20"]].rename(columns={"highs_20": "New highs", "lows_20": "New lows"})
    return join(
        line_chart(
            line,
            name=name,
            finding=_advances_finding(now),
            note="Advances less declines, added up from the first session shown: falling while the market rises, few carry it.",
            unit="count",
        ),
        line_chart(
            highs,
            name=f"{name}-extremes",
            finding=_extremes_finding(now),
            note=f"Closes beyond every one of the 251 before, added up over {MONTH} sessions; of {_stocks(now['of_252'])} with a year of sessions.",
            unit="count",
            zero=True,
        ),
    )


def _advances_finding(now: pd.Series) -> str:
    if not now["listed"]:
        return "Who advanced and who declined"
    rest = now["listed"] - now["advances"] - now["declines"]
    neither = f", {count(rest)} did neither" if rest else ""
    return f"{_stocks(now['advances'])} advanced, {count(now['declines'])} declined{neither}"


def _extremes_finding(now: pd.Series) -> str:
    if not now["of_252"]:
        return "New highs and lows of the year"
    return f"New highs of the year: {count(now['highs'])}, new lows: {count(now['lows'])}"


def volatility_charts(market: Market, lookback: int, *, name: str = "volatility") -> Html:
    """Draw how much the benchmark moves, how unusual that is, and how far apart stocks move."""
    label = str(market.benchmark.name)
    moved = realised_volatility(market.benchmark).reindex(market.closes.index).tail(lookback)
    apart = dispersion(market.universe).rolling(MONTH).mean().tail(lookback)
    panels = {
        f"Volatility of {label}": moved[["volatility"]].rename(columns={"volatility": "a year"}),
        "Its rank within a year": moved[["rank"]].rename(columns={"rank": "rank"}),
        "How far apart stocks move": apart.to_frame("dispersion"),
    }
    note = (
        f"Deviation of {MONTH} session returns, times √252; the share of the 251 sessions before that were calmer; and the "
        f"deviation of stocks' returns from each other, mean of {MONTH} sessions. {_together(market)}"
    )
    drawn = {title: lines for title, lines in panels.items() if lines.notna().any(axis=None)}
    return small_multiples(drawn, name=name, finding=_volatility_finding(label, moved), note=note, unit="fraction")


def _volatility_finding(label: str, moved: pd.DataFrame) -> str:
    now = moved.ffill().iloc[-1]
    if pd.isna(now["volatility"]):
        return f"How much {label} moves"
    said = f"{label} moves {percent(now['volatility'])} a year"
    if pd.isna(now["rank"]):
        return said
    if round(now["rank"], 2) in {0, 1}:
        return f"{said}, {'the most' if now['rank'] > HALF else 'the least'} in a year or nearly"
    return f"{said}, more than on {percent(now['rank'], 0)} of the year's sessions"


def _together(market: Market) -> str:
    now, before = average_correlation(market.universe), average_correlation(market.universe, CORRELATED)
    if not now.defined:
        return ""
    said = f"Over {CORRELATED} sessions stocks' mean correlation is {_ratio(now)} ({_stocks(now.n)})"
    return f"{said}, {_ratio(before)} in the {CORRELATED} before." if before.defined else f"{said}."


def _ratio(stat: Stat) -> str:
    return number(stat.value, "ratio")
