"""The exhibits of the data quality report: feeds, prices, what was kept out, and the broker's figures."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from trade_dashboard.metrics import Comparison, Completeness, Prices, Quality
from trade_dashboard.present.heatmap import heatmap
from trade_dashboard.present.lines import line_chart
from trade_dashboard.present.markup import Html, exhibit, join
from trade_dashboard.present.missing import missing
from trade_dashboard.present.tables import Column, table
from trade_dashboard.present.theme import count, day, listed, number
from trade_dashboard.present.words import counted, dataset_in_words, days_in_words

__all__ = [
    "breaks_table",
    "completeness_map",
    "feeds_table",
    "flat_tails_table",
    "gaps_table",
    "misfits_table",
    "quarantine_table",
]

ORDER = ("broken", "stale", "fresh", "as it happens")
MOST_ROWS = 60
MOST_MONTHS = 13
KINDS = {
    "split": ("split nobody told", "splits nobody told"),
    "contradiction": ("bar that contradicts itself", "bars that contradict themselves"),
    "no session": ("bar of a day without trading", "bars of days without trading"),
    "spike": ("spike taken back", "spikes taken back"),
    "high": ("high far from its close", "highs far from their close"),
    "low": ("low far from its close", "lows far from their close"),
    "move": ("large move that stays", "large moves that stay"),
}


def feeds_table(found: Quality, *, name: str = "freshness") -> Html:
    """Show a verdict on each dataset: how old, how complete, what of it was kept out or restated."""
    feeds = found.feeds
    named = {verdict: _named(feeds, verdict) for verdict in ("broken", "stale", "none")}
    note = "Age in sessions of the newest record; complete, of what was due in the sessions shown; the rest since the session before."
    note += f" No source provides {listed(named['none'])}." if named["none"] else ""
    rows = feeds[feeds["verdict"] != "none"]
    rows = rows.assign(dataset=[dataset_in_words(str(one)) for one in rows.index])
    columns = [
        Column("dataset", "Records of"),
        Column("verdict", "Verdict"),
        Column("last", "Newest session", "day"),
        Column("age", "Age, sessions", "count"),
        Column("completeness", "Complete", "percent"),
        Column("quarantined", "Rows kept out", "count"),
        Column("restated", "Restated", "count"),
        Column("rows", "Records", "count"),
    ]
    ordered = rows.sort_values("verdict", key=lambda verdict: verdict.map(ORDER.index), kind="stable")
    return table(ordered, columns, name=name, finding=_feeds_finding(named), note=note, empty="The store holds nothing")


def _named(feeds: pd.DataFrame, verdict: str) -> list[str]:
    return [dataset_in_words(str(one)) for one in feeds.index[feeds["verdict"] == verdict]]


def _feeds_finding(named: dict[str, list[str]]) -> str:
    parts = [f"{verdict}: {listed(named[verdict])}" for verdict in ("broken", "stale") if named[verdict]]
    said = "; ".join(parts) or "everything that is due has come"
    return said[0].upper() + said[1:]


def completeness_map(found: Completeness, *, name: str = "completeness") -> Html:
    """Show by symbol and month the share of the bars that is missing, of symbols that lack any."""
    share = found.share
    if not share.defined:
        return missing(name, "No bars are due", share.reason)
    lacking = found.symbols.loc[found.symbols["share"] < 1, "share"]
    ended = found.symbols.index[found.symbols["ended"]].tolist()
    note = f"{counted(share.n, 'bar')} due: each symbol's from its first to its last, and while it is held."
    note += f" Ended before tonight: {listed(ended)}." if ended else ""
    if lacking.empty:
        return exhibit(name, "No bar is missing", note, "")
    there = found.by_month.reindex(lacking.index).iloc[:, -MOST_MONTHS:]
    shown = there.set_axis(pd.PeriodIndex(there.columns).strftime("%b %Y"), axis="columns") - 1
    absent = share.n - round(share.value * share.n)
    where = f"in {len(lacking)} of {counted(len(found.symbols), 'symbol')}"
    finding = f"{count(absent)} of {counted(share.n, 'bar')} {'is' if absent == 1 else 'are'} missing, {where}"
    note = f"Missing bars in percent of those due, by month, of symbols that lack any. {note}"
    return heatmap(shown, name=name, finding=finding, note=note, total=(lacking - 1).rename("All"))


def gaps_table(found: Completeness, *, name: str = "gaps") -> Html:
    """List the runs of missing bars, newest first."""
    gaps = found.gaps
    held = int(gaps["held"].sum())
    rows, note = _capped(gaps.assign(held=gaps["held"].map({True: "yes", False: "no"})))
    columns = [
        Column("symbol", "Symbol"),
        Column("sessions", "Sessions", "count"),
        Column("first", "From", "day"),
        Column("last", "To", "day"),
        Column("held", "Held then"),
    ]
    of_held = f", {held} of them while the symbol was held" if held else ", none of them while the symbol was held"
    note = f"The last known price stands in for a missing one. {note}".strip()
    finding = f"{counted(len(gaps), 'hole')}{of_held}"
    return table(rows, columns, name=name, finding=finding, note=note, empty="There is no hole")


def _capped(rows: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Keep as many rows as anyone reads, and say how many there are."""
    note = f"The first {MOST_ROWS} of {count(len(rows))}." if len(rows) > MOST_ROWS else ""
    return rows.head(MOST_ROWS), note


def misfits_table(found: Prices, *, name: str = "misfits") -> Html:
    """Name the prices that do not fit, the worst kind first."""
    misfits = found.misfits
    shown, more = _capped(misfits)
    rows = shown.assign(what=[_what(row) for _, row in shown.iterrows()])
    columns = [
        Column("symbol", "Symbol"),
        Column("what", "What"),
        Column("session", "Session", "day"),
        Column("price", "Price, USD", "price"),
        Column("against", "Against, USD", "price"),
        Column("change", "Change", "signed_percent"),
        Column("deviations", "Deviations", "ratio"),
    ]
    if not found.completeness.there.to_numpy(dtype="bool").any():
        return missing(name, "No price to judge", "no bars came in the sessions shown")
    note = " ".join(part for part in (_usual(found), _lacking(found.lacking), more) if part)
    if misfits.empty:
        return exhibit(name, "Every price fits what its symbol usually does", note, "")
    return table(rows, columns, name=name, finding=_kinds(misfits), note=note)


def _usual(found: Prices) -> str:
    beyond = number(found.beyond, "bps").removesuffix(".0")
    said = f"Beyond {beyond} robust deviations of the symbol's daily moves, splits and dividends taken out."
    young = list(found.unjudged)
    return f"{said} Too young to have a usual move: {listed(_few(young))}." if young else said


def _kinds(misfits: pd.DataFrame) -> str:
    counts = misfits["what"].value_counts()
    return listed([f"{counts[kind]} {words[int(counts[kind] > 1)]}" for kind, words in KINDS.items() if kind in counts])


def _what(row: pd.Series) -> str:
    if row["what"] == "split":
        new = Fraction(row["ratio"]).limit_denominator(50)
        return f"like a {new.numerator}-for-{new.denominator} split"
    if row["what"] == "contradiction":
        return "high below open or close" if row["price"] < row["against"] else "low above open or close"
    words = {"high": "high far above", "low": "low far below", "spike": "spike, taken back", "move": "move that stays"}
    return words.get(row["what"], "no session that day")


def _lacking(lacking: pd.DataFrame) -> str:
    """Say once which columns bars lack, however many do."""
    alike: dict[tuple[int, int, int], list[str]] = {}
    for column, *counts in lacking[["bars", "of", "symbols"]].itertuples():
        alike.setdefault(tuple(counts), []).append(column)
    return " ".join(
        f"{count(bars)} of {counted(of, 'bar')}, in {counted(symbols, 'symbol')}, came without {listed(columns)}."
        for (bars, of, symbols), columns in alike.items()
    )


def flat_tails_table(tails: pd.DataFrame, *, name: str = "flat") -> Html:
    """Show symbols whose price stands still at the end."""
    columns = [
        Column("symbol", "Symbol"),
        Column("closes", "Equal closes", "count"),
        Column("close", "Close, USD", "price"),
        Column("first", "From", "day"),
        Column("last", "To", "day"),
    ]
    rows, more = _capped(tails)
    finding = f"{listed(_few(tails['symbol'].tolist()))} {'stands' if len(tails) == 1 else 'stand'} still"
    note = f"Five equal closes or more at the end look carried forward, not traded. {more}".strip()
    return table(rows, columns, name=name, finding=finding, note=note, empty="No price stands still")


def _few(names: list[str], most: int = 4) -> list[str]:
    return names if len(names) <= most else [*names[: most - 1], f"{len(names) - most + 1} more"]


def quarantine_table(quarantine: pd.DataFrame, *, name: str = "quarantine") -> Html:
    """Show the rows that no dataset could take: file, line, value and the rule it breaks."""
    rows, more = _capped(quarantine.assign(dataset=[dataset_in_words(one) for one in quarantine["dataset"]]))
    columns = [
        Column("origin", "File or address"),
        Column("line", "Line", "count"),
        Column("column", "Column"),
        Column("value", "Value"),
        Column("reason", "Rule it breaks"),
        Column("dataset", "Would be"),
        Column("session", "Arrived after", "day"),
    ]
    kept_out = quarantine.drop_duplicates(["dataset", "origin", "line"])
    files = kept_out["origin"].nunique()
    finding = f"{counted(len(kept_out), 'row')} of {counted(files, 'file')} kept out"
    note = f"One line for each thing wrong, newest first; mend the source and ingest again. {more}".strip()
    return table(rows, columns, name=name, finding=finding, note=note, empty="No row was kept out")


def breaks_table(found: Comparison, *, name: str = "broker") -> Html:
    """Show where the broker's figures and ours differ, over time: equity to the cent, holdings to the share."""
    figures, breaks = found.equity, found.breaks
    if figures.empty:
        reason = "the broker gave no figure in the sessions shown, or none but the opening one"
        return missing(name, "Nothing yet to hold this against", reason)
    sessions = days_in_words(pd.DatetimeIndex(figures.index))
    checked = int(figures["positions_checked"].sum())
    note = (
        f"Equity is reckoned from flows, fills and prices alone; {counted(checked, 'holding')} compared by the share."
    )
    if breaks.empty:
        return exhibit(name, f"The broker agrees to the cent on {sessions}", note, "")
    finding = (
        f"The broker disagrees on {len(breaks)} of {counted(len(figures), 'session')}, last on {day(breaks.index[0])}"
    )
    line = figures["difference"].round(2).rename("Difference").to_frame()
    drawn = line_chart(line, name=name, finding=finding, note=f"Ours less the broker's. {note}", unit="USD", zero=True)
    return join(drawn, _equity_breaks(breaks, f"{name}-equity"), _share_breaks(found.positions, f"{name}-shares"))


def _equity_breaks(breaks: pd.DataFrame, name: str) -> Html:
    rows, more = _capped(breaks.reset_index())
    columns = [
        Column("session", "Session", "day"),
        Column("broker", "Broker's equity, USD", "price"),
        Column("ours", "Ours, USD", "price"),
        Column("difference", "Difference, USD", "price"),
        Column("positions_checked", "Holdings compared", "count"),
        Column("breaks", "Figures that differ", "count"),
    ]
    worst = breaks["difference"].abs().max()
    finding = f"At most {number(worst, 'USD')} USD apart" if worst >= 1 else "Less than a dollar apart"
    return table(rows, columns, name=name, finding=finding, note=more)


def _share_breaks(positions: pd.DataFrame, name: str) -> Html:
    rows, more = _capped(positions)
    columns = [
        Column("symbol", "Symbol"),
        Column("session", "Session", "day"),
        Column("broker", "Broker, shares", "shares"),
        Column("ours", "Ours, shares", "shares"),
        Column("difference", "Difference", "shares"),
    ]
    symbols = positions["symbol"].drop_duplicates().tolist()
    finding = f"Holdings of {listed(_few(symbols))} differ"
    return table(rows, columns, name=name, finding=finding, note=more, empty="Every holding agrees to the share")
