"""The tables of the nightly summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from trade_dashboard.metrics import Kpi, Turnover
from trade_dashboard.present.changes import changes_rows, moved_in_words
from trade_dashboard.present.markup import Html
from trade_dashboard.present.tables import Column, table
from trade_dashboard.present.theme import listed, percent, place
from trade_dashboard.present.words import dataset_in_words

__all__ = ["changes_table", "fills_table", "freshness_table", "holdings_table"]

VERDICTS = {"broken": "Broken", "stale": "Stale", "none": "None"}


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
    done = {"opened": turnover.opened, "closed": turnover.closed, "turned": turnover.turned}
    parts = [f"{word} {listed(symbols)}" for word, symbols in done.items() if symbols]
    said = "; ".join(parts) or "the same positions as the session before"
    rows, columns = changes_rows(kpis)
    note = f"Every KPI tonight beside the session before. {moved_in_words(kpis)}."
    return table(rows, columns, name=name, finding=said[0].upper() + said[1:], note=note)


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
    named = {dataset: dataset_in_words(str(dataset)) for dataset in freshness.index}
    told = {word: [named[one] for one in freshness.index[freshness["verdict"] == word]] for word in VERDICTS}
    absent = told.pop("none")
    wrong = [f"{VERDICTS[word]}: {', '.join(names)}" for word, names in told.items() if names]
    finding = "; ".join(wrong) or "Everything that arrives is fresh"
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
