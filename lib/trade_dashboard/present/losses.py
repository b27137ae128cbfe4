"""What the risk report says of losses: a bad session, whether its forecast held, the market, bad weeks, and the way out."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from trade_dashboard.metrics import Kpi, Kupiec, Risk, Stat, book_returns, kupiec, undefined
from trade_dashboard.present.bars import bar_chart
from trade_dashboard.present.histogram import histogram
from trade_dashboard.present.lines import line_chart
from trade_dashboard.present.markup import Html, exhibit
from trade_dashboard.present.missing import missing
from trade_dashboard.present.risk import days_in_words, unweighed
from trade_dashboard.present.tables import Column, table
from trade_dashboard.present.theme import count, day, listed, money, number, percent, signed

__all__ = [
    "beta_chart",
    "exceedance_chart",
    "liquidity_table",
    "shock_chart",
    "stops_table",
    "stress_table",
    "tail_chart",
]

REJECTED = 0.05
LONG = 1.0
MOST_NAMED = 4
SHOWN = 250
NO_TIME = 0.1


def tail_chart(risk: Risk, kpis: Mapping[str, Kpi], *, name: str = "tail") -> Html:
    """Draw what today's positions would have done on each session looked back on, and mark the bad ones."""
    var, cvar = kpis["var_95"].value, kpis["cvar_95"].value
    if var is None or cvar is None:
        return missing(name, "What a bad session costs", str(kpis["var_95"].reason))
    returns, equity = book_returns(risk.now, risk.returns), float(risk.history["equity"].iloc[-1])
    finding = f"One session in twenty would have cost more than {percent(-var)}, and {percent(-cvar)} on average"
    note = (
        f"Today's positions held over {len(returns)} of the last {risk.lookback} sessions, those in which every holding has a "
        f"return. Of today's equity that is {money(-var * equity)} and {money(-cvar * equity)} USD; the worst was "
        f"{percent(returns.min())} on {day(returns.index[int(returns.argmin())])}."
    )
    marks = {f"Value at risk {percent(var)}": var, f"Expected shortfall {percent(cvar)}": cvar}
    return histogram(returns, name=name, finding=finding, note=note, marks=marks)


def exceedance_chart(exceedances: pd.DataFrame, *, name: str = "backtest") -> Html:
    """Draw what each session's book did in the next one against the forecast, and say whether the forecast held.

    Parameters
    ----------
    exceedances
        As `metrics.exceedances` gives it; the last 250 are drawn and judged, and all of them in the note.
    name
        Anchor of the exhibit.
    """
    shown = exceedances.tail(SHOWN)
    lately, ever = (kupiec(int(told["exceeded"].sum()), len(told)) for told in (shown, exceedances))
    if not lately.p_value.defined:
        return missing(name, "Whether the forecast held", lately.p_value.reason)
    note = (
        "Return of each close's positions over the next session, had they been left alone, and the value at risk forecast "
        f"at that close from what was known then; dots are below it. Kupiec's test: {_tested(lately)}."
    )
    if ever.sessions > lately.sessions:
        note += f" Of all {count(ever.sessions)} sessions {count(ever.exceeded)} fell below it, {_share(ever)} ({_tested(ever)})."
    beyond = shown.loc[shown["exceeded"], "realised"]
    marks = dict.fromkeys(pd.DatetimeIndex(beyond.index), "")
    if len(beyond):
        marks[pd.DatetimeIndex(beyond.index)[int(beyond.argmin())]] = percent(beyond.min())
    lines = shown[["realised", "forecast"]].set_axis(["Return", "Value at risk"], axis="columns")
    return line_chart(lines, name=name, finding=_held(lately), note=note, zero=True, marks=marks, grey=["Return"])


def _held(test: Kupiec) -> str:
    verdict = {"": "The forecast held", "more": "Losses were worse than forecast", "fewer": "The forecast was too dark"}
    fell = f"{count(test.exceeded)} of {count(test.sessions)} sessions fell below it, {_share(test)}"
    return f"{verdict[_rejected(test)]}: {fell} where it says {percent(test.expected / test.sessions, 0)}"


def _rejected(test: Kupiec) -> str:
    if test.p_value.value >= REJECTED:
        return ""
    return "more" if test.exceeded > test.expected else "fewer"


def _share(test: Kupiec) -> str:
    return percent(test.exceeded / test.sessions)


def _tested(test: Kupiec) -> str:
    p, least = test.p_value.value, 0.01
    told = f"p = {number(p, 'ratio')}" if p >= least else f"p under {number(least, 'ratio')}"
    return told + {"": ", within chance", "more": ", more than chance", "fewer": ", fewer than chance"}[_rejected(test)]


def beta_chart(risk: Risk, *, name: str = "beta") -> Html:
    """Draw what each holding adds to the book's beta."""
    beta, market = risk.beta, str(risk.market.name)
    if not beta.defined:
        return missing(name, f"Beta against {market}", beta.reason)
    parts = (risk.now.reindex(risk.positions.index) * risk.positions["beta"]).sort_values(key=lambda part: -part.abs())
    finding = f"When {market} moves {percent(0.01, 0)}, the book moves {percent(0.01 * beta.value, 2)}"
    net = number(float(risk.now.sum()), "ratio")
    note = (
        f"Weight times beta of each holding; they add up to {number(beta.value, 'ratio')}, where net exposure is {net}. Slope of "
        f"daily returns over up to {risk.lookback} sessions."
    )
    return bar_chart(parts, name=name, finding=finding, note=note, unit="ratio", by_sign=False)


def stress_table(replayed: pd.DataFrame, risk: Risk, *, name: str = "stress") -> Html:
    """Show what named stretches of history would do to today's book, and what each number rests on.

    Parameters
    ----------
    replayed
        As `metrics.replay` gives it.
    risk
        The book it was done to.
    name
        Anchor of the exhibit.
    """
    if lacking := unweighed(risk):
        return missing(name, "Bad weeks of history", lacking)
    known, equity = replayed["change"].dropna(), float(risk.history["equity"].iloc[-1])
    rows = replayed.reset_index().assign(
        book=pd.Series(map(_known, replayed["change"]), dtype="object"),
        usd=pd.Series(map(_known, replayed["change"] * equity), dtype="object"),
        basis=[_basis(*row) for row in zip(replayed["own"], replayed["by_beta"], replayed["without"], strict=True)],
    )
    columns = [
        Column("window", "Stretch of history"),
        Column("book", "Today's book", "stat_fraction"),
        Column("usd", "Today's book, USD", "stat_money"),
        Column("market", str(risk.market.name), "signed_percent"),
        Column("basis", "By prices or beta"),
        Column("first", "From the close of", "day"),
        Column("last", "To the close of", "day"),
    ]
    finding = "No price reaches any bad week of history"
    if len(known):
        worst = str(known.idxmin())
        finding = f"{worst}: {_change(known.min())} of equity, {signed(money(known.min() * equity))} USD"
    note = (
        "Today's weights held through each stretch, unchanged: by a holding's own adjusted prices where they reach both ends, "
        "else by its beta and the benchmark's move, else it is left out."
    )
    return table(rows, columns, name=name, finding=finding, note=note)


def _known(value: float) -> Stat:
    return undefined("no data") if pd.isna(value) else Stat(value, 1)


def _change(value: float) -> str:
    return signed(percent(value))


def _basis(own: int, by_beta: int, without: int) -> str:
    parts = {"own": own, "beta": by_beta, "none": without}
    known = [f"{number} {words}" for words, number in parts.items() if number]
    return ", ".join(known) if own or by_beta else ""


def shock_chart(shocks: pd.DataFrame, risk: Risk, *, name: str = "shocks") -> Html:
    """Draw what plain shocks would do to today's book; `shocks` as `metrics.shocks` gives it."""
    if lacking := unweighed(risk):
        return missing(name, "Plain shocks", lacking)
    equity, market = float(risk.history["equity"].iloc[-1]), str(risk.market.name)
    words = {"market": f"{market} {{}}", "every holding": "All {}", "against the book": "Against us {}"}
    sizes = [percent(abs(size) if key == "against the book" else size, 0) for key, size in shocks["size"].items()]
    labels = [words[str(key)].format(size) for key, size in zip(shocks.index, sizes, strict=True)]
    changes = shocks["change"].set_axis(labels)
    worst = str(changes.idxmin())
    finding = f"{worst}: {_change(changes.min())} of equity, {signed(money(changes.min() * equity))} USD"
    note = (
        f"Fractions of equity. {market} moves each holding by its beta; all move alike, so short ones earn; against us each "
        "moves against its own side."
    )
    if changes.isna().any():
        note += " Where a holding has no beta that is not known."
    return bar_chart(changes, name=name, finding=finding, note=note)


def liquidity_table(risk: Risk, *, name: str = "liquidity") -> Html:
    """Show how long each holding takes to sell, but for those that take next to no time."""
    held = risk.positions
    days = held["days_to_sell"].sort_values(ascending=False, kind="stable")
    if days.isna().all():
        reason = "nothing is held" if held.empty else "no source gives volumes of what is held"
        return missing(name, "How long a sale takes", reason)
    slow, shown = days[days > LONG], days[(days >= NO_TIME) | days.isna()]
    finding = (
        f"{_listed(slow.index)} {'takes' if len(slow) == 1 else 'take'} more than one session to sell"
        if len(slow)
        else f"No holding takes longer to sell than {'a session' if days.max() >= NO_TIME else 'a tenth of a session'}"
    )
    note = "At a tenth of the median volume of the last 20 sessions."
    if shown.empty:
        return exhibit(name, finding, note, "")
    rows = held.loc[shown.index].reset_index().assign(days=[days_in_words(value) for value in shown])
    columns = [
        Column("symbol", "Symbol"),
        Column("days", "Sessions to sell", "written"),
        Column("value", "Value, USD", "money"),
        Column("weight", "Of equity", "percent"),
    ]
    others = len(days) - len(shown)
    note += f" Slowest first; the other {others} take less than a tenth of a session." if others else " Slowest first."
    return table(rows.astype({"symbol": "str"}), columns, name=name, finding=finding, note=note)


def _listed(symbols: pd.Index) -> str:
    names = [str(symbol) for symbol in symbols]
    return listed(names[:MOST_NAMED] + ([f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []))


def stops_table(risk: Risk, *, name: str = "stops") -> Html:
    """Show where each plan gives up, and what that would cost."""
    held, equity = risk.positions.sort_values("distance", kind="stable"), float(risk.history["equity"].iloc[-1])
    bare, planned = held.index[held["plan"] == "no plan"], held[held["plan"] != "no plan"]
    if planned.empty:
        reason = "nothing is held" if held.empty else "no open lot was bought with a stop, so there is no plan"
        return missing(name, "What the stops would cost", reason)
    lost = -float(planned["loss"].sum())
    part = f" ({percent(lost / equity)} of equity)" if equity > 0 else ""
    without = f"; {_listed(bare)} {'has' if len(bare) == 1 else 'have'} no plan" if len(bare) else ""
    rows = planned.reset_index().assign(
        symbol=planned.index.astype("str"), usd=pd.Series(map(_cost, planned["loss"], planned["plan"]), dtype="object")
    )
    columns = [
        Column("symbol", "Symbol"),
        Column("distance", "Away", "percent"),
        Column("usd", "If hit, USD", "stat_money"),
        Column("stop", "Stop, USD/share", "price"),
        Column("value", "Value, USD", "money"),
        Column("age", "Oldest lot, sessions", "count"),
    ]
    note = (
        "Nearest first; the newest stop that an open lot was bought with. Away: what the price may still move against the "
        "holding. Prices may gap through a stop."
    )
    return table(
        rows,
        columns,
        name=name,
        finding=f"If every stop is hit, {money(lost)} USD{part} are lost{without}",
        note=note,
        total={"symbol": "Total", "usd": Stat(-lost, len(planned)), "value": planned["value"].sum()},
    )


def _cost(loss: float, plan: str) -> Stat:
    return Stat(loss, 1) if plan == "stop" else undefined("stop passed")
