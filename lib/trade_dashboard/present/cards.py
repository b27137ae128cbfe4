"""What stands beside the day on an evening's page, each in one small exhibit: limits, periods, trades, weather, services."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from trade_dashboard.metrics import KPIS, Alert, Kpi, concentration, exposure, measured_regime
from trade_dashboard.present.markup import Html, exhibit
from trade_dashboard.present.missing import missing
from trade_dashboard.present.regime import by_whom, capital
from trade_dashboard.present.risk import LIMITS
from trade_dashboard.present.tables import Column, table
from trade_dashboard.present.theme import count, day, listed, number, percent, points, signed, written

__all__ = [
    "alerts_table",
    "market_state",
    "opportunities_table",
    "recent_fills_table",
    "risk_table",
    "services_table",
    "to_date_table",
]

RECENT, TOP = 10, 5
NOBODY = "no holding"
DISCOVERY = "trade-discovery"


def alerts_table(alerts: Sequence[Alert], room: pd.DataFrame, *, name: str = "alerts") -> Html:
    """Show each limit that is crossed, and since when; on a quiet evening, which one is nearest.

    Parameters
    ----------
    alerts
        Worst first.
    room
        As `metrics.headroom` gives it.
    name
        Anchor of the exhibit.
    """
    if not alerts:
        return exhibit(name, "No limit is crossed", _nearest(room), "")
    rows = pd.DataFrame(
        {
            "what": [KPIS[one.kpi].label + (f", {one.symbol}" if one.symbol else "") for one in alerts],
            "severity": [one.severity for one in alerts],
            "value": [one.value for one in alerts],
            "since": pd.to_datetime([one.since for one in alerts]),
        }
    )
    columns = [
        Column("what", "Crossed"),
        Column("severity", "Severity", "severity"),
        Column("value", "Now", "percent"),
        Column("since", "Since", "day"),
    ]
    finding = "One limit is crossed" if len(alerts) == 1 else f"{len(alerts)} limits are crossed"
    return table(rows, columns, name=name, finding=finding)


def _nearest(room: pd.DataFrame) -> str:
    known = room[room["headroom"].notna()]
    if known.empty:
        return "None could be judged: equity is not known, or not above zero."
    first = known.iloc[0]
    return f"The nearest is {_limit(known)[0]}: {percent(first['now'])} of {percent(first['bound'], 0)}."


def _limit(room: pd.DataFrame) -> list[str]:
    symbols = room["symbol"].fillna(NOBODY)
    labels = [LIMITS[str(key)].format(symbol=symbol) for key, symbol in symbols.items()]
    return [label.replace(f"Size of {NOBODY}", "Largest position") for label in labels]


def risk_table(room: pd.DataFrame, history: pd.DataFrame, holdings: pd.DataFrame, *, name: str = "risk") -> Html:
    """Show what each limit bounds, and how much room is left.

    Parameters
    ----------
    room
        As `metrics.headroom` gives it.
    history, holdings
        As `metrics.history` and `metrics.by_symbol` give them.
    name
        Anchor of the exhibit.
    """
    now = exposure(history).iloc[-1]
    finding, note = "How much is at risk is not known", "A holding has no price, or equity is not above zero."
    if now.notna().all():
        finding = f"Gross exposure {percent(now['gross'], 0)}, net {percent(now['net'], 0)} of equity"
        top = concentration(holdings).top
        largest = f"; the {count(min(top.n, TOP))} largest positions are {percent(top.value, 0)}" if top.n > 1 else ""
        note = f"Long {percent(now['long'], 0)}, short {percent(now['short'], 0)}{largest}."
    rows = room.assign(
        label=_limit(room), room=[_room(*one) for one in zip(room["state"], room["headroom"], strict=True)]
    )
    columns = [
        Column("label", "Limit on"),
        Column("now", "Now", "percent"),
        Column("bound", "Limit", "percent"),
        Column("room", "Room", "written"),
    ]
    return table(rows, columns, name=name, finding=finding, note=note)


def _room(state: str, headroom: float) -> str:
    if state == "not known":
        return state
    left = f"{points(abs(headroom))} {'beyond' if state == 'crossed' else 'left'}"
    return f"{left}, near" if state == "near" else left


def to_date_table(periods: pd.DataFrame, benchmark: str, *, name: str = "to-date") -> Html:
    """Show what the day, the month, the year and all of the time brought; `periods` as `metrics.to_date` gives it."""
    columns = [
        Column("period", "Period"),
        Column("return", "Return", "signed_percent"),
        *([Column("benchmark", benchmark, "signed_percent")] if periods["benchmark"].notna().any() else []),
        Column("pnl", "P&L, USD", "signed_money"),
        Column("deepest", "Drawdown", "percent"),
    ]
    earned = periods["return"].dropna().to_dict()
    told = [f"{signed(percent(earned[when]))} {when}" for when in ("this month", "this year") if when in earned]
    note = "Time-weighted, after fees; the drawdown is the deepest below a period's own best."
    if not told:
        return missing(name, "Performance to date", "this is the account's first session, or its value is not known")
    rows = periods.reset_index().assign(period=[capital(str(one)) for one in periods.index])
    return table(rows, columns, name=name, finding=listed(told), note=note)


def recent_fills_table(fills: pd.DataFrame, run_date: pd.Timestamp, sessions: int, *, name: str = "recent") -> Html:
    """Show the last fills before tonight's, newest first.

    Parameters
    ----------
    fills
        As in the schema, of so many sessions.
    run_date
        Tonight's session, whose fills stand elsewhere.
    sessions
        How many sessions were looked at.
    name
        Anchor of the exhibit.
    """
    earlier = fills[fills["session"] < run_date].sort_values(["time", "fill_id"])
    shown = earlier.tail(RECENT)[::-1].assign(value=lambda frame: frame["quantity"] * frame["price"])
    columns = [
        Column("symbol", "Symbol"),
        Column("side", "Side"),
        Column("quantity", "Shares", "shares"),
        Column("price", "Price, USD", "price"),
        Column("session", "Session", "day"),
    ]
    n = len(earlier)
    finding = f"{n} {'fill' if n == 1 else 'fills'} in the {sessions} sessions before tonight"
    note = f"The last {RECENT}, newest first." if n > RECENT else "Newest first."
    empty = f"No fill in the {sessions} sessions before tonight"
    return table(shown, columns, name=name, finding=finding, note=note, empty=empty)


def market_state(kpi: Kpi, regimes: pd.DataFrame, closes: pd.Series, *, name: str = "market") -> Html:
    """Say in which state the market is, by whose word, and what the benchmark does.

    Parameters
    ----------
    kpi
        The regime, as `metrics.regime_kpi` gives it.
    regimes
        As `metrics.regimes` gives it.
    closes
        Adjusted closes of the benchmark, named for its symbol.
    name
        Anchor of the exhibit.
    """
    told = _benchmark_in_words(closes)
    if kpi.word is None:
        return exhibit(name, "The state of the market is not known", f"{capital(kpi.reason or '')}. {told}".strip(), "")
    before = f"; before: {kpi.previous_word}" if kpi.previous_word not in {None, kpi.word} else ""
    same = ", as the session before" if kpi.previous_word == kpi.word else ""
    finding = f"{capital(kpi.word)}{same}{before}"
    return exhibit(name, finding, f"{told} {by_whom(regimes.iloc[-1], closes)}".strip(), "")


def _benchmark_in_words(closes: pd.Series) -> str:
    if closes.dropna().empty:
        return f"No prices of {closes.name}."
    now = measured_regime(closes).iloc[-1]
    mean = f"{percent(abs(now['to_mean']))} {'above' if now['to_mean'] > 0 else 'below'} its 200-session mean"
    told = [
        f"{signed(percent(now['move']))} in its last session" if pd.notna(now["move"]) else "",
        mean if pd.notna(now["to_mean"]) else "",
        f"moving {percent(now['volatility'])} a year" if pd.notna(now["volatility"]) else "",
    ]
    return f"{closes.name} is {listed([one for one in told if one])}." if any(told) else ""


def opportunities_table(
    opportunities: pd.DataFrame, held: pd.Series, *, ever: bool, name: str = "opportunities"
) -> Html:
    """Show tonight's candidates, the best first, and which are held.

    Parameters
    ----------
    opportunities
        As in the schema, of one session.
    held
        Worth by symbol, negative = short, 0 = not held.
    ever
        Whether any source ever gave one.
    name
        Anchor of the exhibit.
    """
    best = opportunities.sort_values(["score", "symbol"], ascending=[False, True], kind="stable")
    rows = best.assign(held=[_side(held.get(str(symbol), 0.0)) for symbol in best["symbol"]])
    columns = [
        Column("symbol", "Symbol"),
        Column("held", "Held"),
        Column("score", "Score", "ratio"),
        *([Column("reason", "Found because of")] if rows["reason"].notna().any() else []),
    ]
    return table(
        rows,
        columns,
        name=name,
        finding=_candidates(rows),
        note="Best score first; a higher score is better.",
        empty=f"{DISCOVERY} found no candidate tonight" if ever else "No source provides opportunities",
    )


def _side(worth: float) -> str:
    return "long" if worth > 0 else "short" if worth < 0 else ""


def _candidates(rows: pd.DataFrame) -> str:
    if rows.empty:
        return "Opportunities"
    known = sorted(rows.loc[rows["held"] != "", "symbol"].astype("str").unique())
    holding = f"; {listed(known)} held already" if known else ""
    best, n = rows.iloc[0], len(rows)
    return f"{n} {'candidate' if n == 1 else 'candidates'}, {best['symbol']} best at {number(best['score'], 'ratio')}{holding}"


def services_table(services: pd.DataFrame, *, name: str = "health") -> Html:
    """Show whether each service is up, how fast it answered last, and since when one is not.

    Parameters
    ----------
    services
        As `metrics.services_tonight` gives it.
    name
        Anchor of the exhibit.
    """
    ill = services[services["status"] != "up"]
    rows = services.reset_index().assign(since=services["since"].where(services["status"] != "up").to_numpy())
    columns = [
        Column("service", "Service"),
        Column("status", "Status"),
        Column("latency_ms", "Latency, ms", "count"),
        Column("median_ms", "Usual, ms", "count"),
        Column("checked", "Last check", "day"),
        *([Column("since", "Since", "day")] if len(ill) else []),
        Column("said", "In its words"),
        Column("version", "Version"),
    ]
    told = [f"{service} is {one['status']} since {day(one['since'])}" for service, one in ill.iterrows()]
    told += [
        f"{service} was last checked on {day(one['checked'])}"
        for service, one in services[services["age"] > 0].iterrows()
    ]
    finding = listed(told) or ("All services are up" if len(services) > 1 else "The service is up")
    note = f"As of the last check; usual is the median of {written(20, 'sessions')}."
    empty = "No service is watched: no source gives service health"
    return table(rows, columns, name=name, finding=finding, note=note, empty=empty)
