"""Tables: the first column names the thing, the rest are numbers with their unit in the header."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from trade_dashboard.metrics import Kpi, Turnover
from trade_dashboard.present.markup import Html, e, exhibit
from trade_dashboard.present.theme import (
    NONE,
    count,
    day,
    listed,
    money,
    percent,
    place,
    points,
    price,
    shares,
    signed,
    undefined,
)

__all__ = ["Column", "changes_table", "fills_table", "freshness_table", "holdings_table", "rows_of", "table"]

UNFOLDED = 20


@dataclass(frozen=True)
class Column:
    """One column of a table: which of the frame's, its header with the unit, and how its cells are written."""

    name: str
    label: str
    kind: str = "text"


def _coloured(text: str) -> str:
    tone = "loss" if text.startswith("\u2212") else "gain" if text.startswith("+") else ""
    return f'<span class="{tone}">{text}</span>' if tone else text


def _bar(value: float | None, most: float) -> str:
    if undefined(value) or not most:
        return percent(value)
    share = 100 * abs(value or 0.0) / most
    side = ' class="short"' if (value or 0.0) < 0 else ""
    return f'{percent(value)}<svg class="bar" aria-hidden="true"><rect{side} width="{share:.0f}%" height="100%"/></svg>'


WRITERS: dict[str, Callable[[Any], str]] = {
    "text": lambda value: e(str(value)) if pd.notna(value) else "\u2013",
    "count": count,
    "money": money,
    "signed_money": lambda value: _coloured(signed(money(value))),
    "price": price,
    "shares": shares,
    "percent": percent,
    "signed_percent": lambda value: _coloured(signed(percent(value))),
    "day": lambda value: day(value) if pd.notna(value) else "\u2013",
    "time": lambda value: f"{value:%H:%M}" if pd.notna(value) else "",
    "written": str,
}


def rows_of(frame: pd.DataFrame, columns: Sequence[Column], name: str, total: dict[str, Any] | None = None) -> str:
    """Write the bare `<table>`; `total` is a last row that stays last."""
    from great_tables import GT

    wanted = frame[[column.name for column in columns]]
    if total is not None:
        wanted = pd.concat([wanted, pd.DataFrame([{**dict.fromkeys(wanted.columns), **total}])], ignore_index=True)
    built = GT(wanted.astype("object"), id=name).cols_label({column.name: column.label for column in columns})
    for column in columns:
        built = built.fmt(_writer(column, wanted), columns=column.name)
    built = built.cols_align("right", [column.name for column in columns[1:] if column.kind != "text"])
    built = built.cols_align("left", [column.name for column in columns if column.kind == "text"])
    markup = str(built.as_raw_html())
    bare = markup[markup.index("<table") : markup.index("</table>") + len("</table>")]
    if total is None:
        return bare
    body, _, last = bare.rpartition("<tr>")
    return body + '<tr class="total">' + last.replace(f">{NONE}<", "><")


def _writer(column: Column, frame: pd.DataFrame) -> Callable[[Any], str]:
    if column.kind == "bar":
        most = frame[column.name].dropna().astype("float64").abs().max()
        return lambda value: _bar(value, most)
    return WRITERS[column.kind]


def table(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    name: str,
    finding: str,
    note: str = "",
    empty: str = "",
    total: dict[str, Any] | None = None,
) -> Html:
    """Show a frame as an exhibit; an empty one is the sentence `empty`, and rows after the twentieth are folded."""
    if frame.empty:
        return exhibit(name, empty or finding, "", "")
    head, rest = frame.head(UNFOLDED), frame.iloc[UNFOLDED:]
    body = f'<div class="wide" tabindex="0">{rows_of(head, columns, f"{name}-rows", total)}</div>'
    if len(rest):
        folded = f'<div class="wide" tabindex="0">{rows_of(rest, columns, f"{name}-more")}</div>'
        body += f"<details><summary>{len(rest)} more</summary>{folded}</details>"
    return exhibit(name, finding, note, body)


def holdings_table(holdings: pd.DataFrame, other_income: float, *, name: str = "positions") -> Html:
    """Show what is held or was closed today, with the day's move and profit; the total is the day's P&L.

    Parameters
    ----------
    holdings
        As `metrics.by_symbol` gives it.
    other_income
        USD of interest and fees of the day.
    name
        Anchor of the exhibit.
    """
    held = holdings[holdings["quantity"] != 0]
    rows = holdings.reset_index()
    if other_income:
        rows = pd.concat([rows, pd.DataFrame([{"symbol": "Other income", "pnl": other_income}])], ignore_index=True)
    stale = [str(symbol) for symbol in held.index[~held["priced"].astype("bool")]]
    note = "Largest first; the day's P&L is after fees and adds up to the figure above."
    if stale:
        note += f" No price of this session for {', '.join(stale)}: the last known one stands in."
    return table(
        rows,
        [
            Column("symbol", "Symbol"),
            Column("weight", "Of equity", "bar"),
            Column("move", "Day's move", "signed_percent"),
            Column("pnl", "Day P&L, USD", "signed_money"),
            Column("value", "Value, USD", "money"),
            Column("quantity", "Shares", "shares"),
            Column("close", "Close, USD", "price"),
        ],
        name=name,
        finding=_holdings_finding(held),
        note=note,
        empty="Nothing is held, and nothing was traded",
        total={"symbol": "Total", "value": rows["value"].sum(), "pnl": rows["pnl"].sum()},
    )


def _holdings_finding(held: pd.DataFrame) -> str:
    if held.empty:
        return "Everything was sold: nothing is held at the close"
    if len(held) == 1:
        return f"One position: {held.index[0]}, {percent(held['weight'].abs().iloc[0])} of equity"
    gross = held["value"].abs()
    top = min(3, len(held))
    short = int((held["quantity"] < 0).sum())
    sides = f", {short} of them short" if short else ""
    words = {2: "two", 3: "three"}
    return f"{len(held)} positions{sides}; the largest {words[top]} are {percent(gross.head(top).sum() / gross.sum(), 0)} of gross exposure"


def fills_table(fills: pd.DataFrame, zone: str, *, name: str = "fills") -> Html:
    """Show the executions of one session, in the exchange's time.

    Parameters
    ----------
    fills
        As in the schema, of one session.
    zone
        Time zone to write times in.
    name
        Anchor of the exhibit.
    """
    rows = fills.sort_values(["time", "fill_id"]).assign(
        time=lambda frame: frame["time"].dt.tz_convert(zone),
        value=lambda frame: frame["quantity"] * frame["price"],
        strategy=lambda frame: frame["strategy"].fillna("\u2013"),
    )
    columns = [
        Column("symbol", "Symbol"),
        Column("side", "Side"),
        Column("time", f"{place(zone)} time", "time"),
        Column("quantity", "Shares", "shares"),
        Column("price", "Price, USD", "price"),
        Column("value", "Value, USD", "money"),
        Column("commission", "Fees, USD", "price"),
    ]
    if fills["strategy"].notna().any():
        columns.append(Column("strategy", "Strategy"))
    total = {"symbol": "Total", "value": rows["value"].sum(), "commission": rows["commission"].sum()}
    symbols = fills["symbol"].nunique()
    finding = (
        f"{len(fills)} {'fill' if len(fills) == 1 else 'fills'} in {symbols} {'symbol' if symbols == 1 else 'symbols'}"
    )
    return table(
        rows, columns, name=name, finding=finding, empty="No fills today", total=total if len(rows) > 1 else None
    )


def changes_table(kpis: Sequence[Kpi], turnover: Turnover, *, name: str = "changes") -> Html:
    """Show which holdings began and ended, and each KPI tonight, the session before, and what lies between."""
    rows = pd.DataFrame(
        {
            "label": [kpi.meaning.label for kpi in kpis],
            "now": [_kpi_text(kpi, kpi.value) for kpi in kpis],
            "before": [_kpi_text(kpi, kpi.previous) for kpi in kpis],
            "change": [delta(kpi) for kpi in kpis],
        }
    )
    columns = [
        Column("label", "KPI"),
        Column("now", "Tonight", "written"),
        Column("before", "Before", "written"),
        Column("change", "Change", "written"),
    ]
    done = {"opened": turnover.opened, "closed": turnover.closed, "turned": turnover.turned}
    parts = [f"{word} {listed(symbols)}" for word, symbols in done.items() if symbols]
    said = "; ".join(parts) or "the same positions as the session before"
    finding = said[0].upper() + said[1:]
    return table(rows, columns, name=name, finding=finding, note="Every KPI tonight beside the session before.")


def _kpi_text(kpi: Kpi, value: float | None) -> str:
    return {"USD": money, "fraction": percent, "count": count}[kpi.meaning.unit](value)


def delta(kpi: Kpi) -> str:
    """Write the change of a KPI since the session before, with its sign; a dash where there is none to tell."""
    if kpi.value is None or kpi.previous is None:
        return "\u2013"
    change = kpi.value - kpi.previous
    return signed({"USD": money, "fraction": points, "count": count}[kpi.meaning.unit](change))


def freshness_table(freshness: pd.DataFrame, holes: Mapping[str, Sequence[str]], *, name: str = "freshness") -> Html:
    """Show how old the newest record of each dataset is; what was never there is said.

    Parameters
    ----------
    freshness
        As `metrics.freshness` gives it.
    holes
        By dataset, the columns that tonight's records leave empty.
    name
        Anchor of the exhibit.
    """
    words = {
        "bars": "daily bars",
        "cash_flows": "cash flows",
        "corporate_actions": "splits and dividends",
        "service_health": "service health",
    }
    named = {dataset: words.get(str(dataset), str(dataset).replace("_", " ")) for dataset in freshness.index}
    absent = [named[one] for one in freshness.index[freshness["verdict"] == "none"]]
    stale = [named[one] for one in freshness.index[freshness["verdict"] == "stale"]]
    finding = f"Stale: {', '.join(stale)}" if stale else "Everything that arrives is fresh"
    note = "Age in sessions of the newest record."
    if absent:
        note += f" No source provides {listed(absent)}."
    for dataset, columns in holes.items():
        note += (
            f" {named[dataset].capitalize()} came without {listed([column.replace('_', ' ') for column in columns])}."
        )
    rows = freshness[freshness["verdict"] != "none"].reset_index().assign(dataset=lambda f: f["dataset"].map(named))
    shown = [
        Column("dataset", "Records of"),
        Column("verdict", "Verdict"),
        Column("last", "Newest session", "day"),
        Column("age", "Age, sessions", "count"),
        Column("rows", "Records", "count"),
    ]
    return table(rows, shown, name=name, finding=finding, note=note, empty="The store holds nothing")
