"""What changed about sessions that had been told of before: restatements are news."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

import pandas as pd

from trade_dashboard.commits import Part
from trade_dashboard.place import Place, Root
from trade_dashboard.schema import DATASETS, Dataset
from trade_dashboard.sessions import Calendar, calendar
from trade_dashboard.store.closing import sql_closing
from trade_dashboard.store.read import question, sql_files, sql_name, sql_names
from trade_dashboard.store.view import View, view

__all__ = ["restatements"]

COLUMNS = ["dataset", "key", "session", "change", "field", "old", "new", "known_at", "source"]


def restatements(
    root: Root | View, since: datetime, known_at: datetime, until: date, exchange: str = "XNYS"
) -> pd.DataFrame:
    """List what became known after `since` about sessions that records had told of before.

    What became known of a session before it closed was provisional: it is no news, and what differs from it is none.

    Parameters
    ----------
    root
        Folder of the store.
    since, known_at
        What became known after the first and not after the second.
    until
        Last session to look at.
    exchange
        Whose sessions close.

    Returns
    -------
    pd.DataFrame
        One row for each field of each record that changed, by `known_at`: `dataset`, `key` (its values, joined by
        spaces), `session`, `change` ("corrected", "withdrawn", "restored", or "late": a record of a session of which, or
        of a later one, the dataset had records before), `field`, `old`, `new` (as text; None where there is none),
        `known_at`, `source`.
    """
    stored = view(root)
    asked = _Asked(since, known_at, until, calendar(exchange))
    return stored.answer(lambda: _all(stored, asked))


class _Asked(NamedTuple):
    since: datetime
    known_at: datetime
    until: date
    exchange: Calendar


def _all(stored: View, asked: _Asked) -> pd.DataFrame:
    rows = [row for spec in DATASETS.values() for row in _of(stored, spec, asked)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.sort_values(["known_at", "dataset", "key", "field"], ignore_index=True)


def _of(stored: View, spec: Dataset, asked: _Asked) -> list[dict[str, Any]]:
    """List the news of one dataset; only files that may hold an earlier record of a key of the news are opened."""
    told = stored.asked(question(spec, asked.until), asked.known_at)
    where, files = stored.where, [part for part in told if part.known_from <= asked.known_at]
    news = [part for part in files if part.known_to > asked.since]
    if not news:
        return []
    first, last = min(part.first for part in news), max(part.last for part in news)
    near = [part for part in files if "session" not in spec.key or (part.first <= last and part.last >= first)]
    held = "account" if "account" in spec.names else "'-'"
    query = f"""
        WITH news AS (SELECT * FROM {sql_files(where, news)} WHERE known_at > ? AND known_at <= ? AND {_final(asked, news)}),
        versions AS ({_versions(where, spec, near, asked)}),
        reached AS ({_reached(where, spec, files, asked)}),
        covered AS (
            SELECT {held} AS holder, known_at, max(max(session)) OVER (
                PARTITION BY {held} ORDER BY known_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS since FROM news GROUP BY {held}, known_at
        )
        SELECT versions.* FROM versions
        LEFT JOIN reached ON reached.holder = {held}
        LEFT JOIN covered ON covered.holder = {held} AND covered.known_at = versions.known_at
        WHERE versions.known_at > ? AND session <= ?
        AND (known_before IS NOT NULL OR session <= reached.last OR session <= covered.since)
    """  # noqa: S608
    with stored.database(spec.name) as database:
        values = [asked.since, asked.known_at, asked.since, asked.until]
        changed = database.sql(query, params=values).to_arrow_table().to_pylist()
    return [row for one in changed for row in _rows(spec, one)]


def _versions(where: Place, spec: Dataset, near: list[Part], asked: _Asked) -> str:
    """Say in SQL: the news, each record beside the one before it of its key; where no key comes again there is none."""
    if not any(part.again for part in near):
        return "SELECT *, NULL::TIMESTAMPTZ AS known_before FROM news"
    key = sql_names(spec.key)
    before = ", ".join(f"lag({sql_name(column)}) OVER version AS {sql_name(f'old {column}')}" for column in _told(spec))
    return f"""
        SELECT *, lag(known_at) OVER version AS known_before, lag(withdrawn) OVER version AS was_withdrawn, {before}
        FROM {sql_files(where, near)} SEMI JOIN news USING ({key})
        WHERE known_at <= TIMESTAMPTZ '{asked.known_at.isoformat()}' AND {_final(asked, near)}
        WINDOW version AS (PARTITION BY {key} ORDER BY known_at, batch)
    """  # noqa: S608


def _reached(where: Place, spec: Dataset, files: list[Part], asked: _Asked) -> str:
    """Say in SQL up to which closed session each account had been told of by `since`: the commits know, but for some files."""
    known, opened = _known_to_reach(files, asked)
    values = [f"SELECT {_quoted(account)} AS holder, DATE '{last}' AS last" for account, last in known.items()]
    holder = "account" if "account" in spec.names else "'-'"
    if opened:
        inside = f"known_at <= TIMESTAMPTZ '{asked.since.isoformat()}' AND {_final(asked, opened)}"
        values.append(f"SELECT {holder}, session FROM {sql_files(where, opened)} WHERE {inside}")  # noqa: S608
    every = values or ["SELECT '' AS holder, NULL::DATE AS last"]
    return f"SELECT holder, max(last) AS last FROM ({' UNION ALL '.join(every)}) AS told(holder, last) GROUP BY holder"  # noqa: S608


def _final(asked: _Asked, files: list[Part]) -> str:
    first, last = min(part.first for part in files), max(part.last for part in files)
    return f"known_at >= {sql_closing(asked.exchange, first, last)}"


def _known_to_reach(files: list[Part], asked: _Asked) -> tuple[dict[str, date], list[Part]]:
    """Tell which session each account reached at least, and the files of which only their records say whether they reach further."""
    reached: dict[str, date] = {}
    unsure = []
    for part in (part for part in files if part.known_from <= asked.since):
        closed, accounts = asked.exchange.closing(part.last), {account for account, _ in part.owners}
        is_whole = part.known_to <= asked.since and len(accounts) == 1
        is_final = is_whole and part.known_from >= closed
        if not is_final:
            unsure.append(part)
        if is_final or (is_whole and part.known_to >= closed):
            # where only the newest record is surely final, it may be of the first session
            least = part.last if is_final else part.first
            account = next(iter(accounts))
            reached[account] = max(least, reached.get(account, least))
    return reached, [
        part for part in unsure if any(part.last > reached.get(account, date.min) for account, _ in part.owners)
    ]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _told(spec: Dataset) -> list[str]:
    return [column for column in spec.names if column not in spec.key]


def _rows(spec: Dataset, one: dict[str, Any]) -> list[dict[str, Any]]:
    """Say what changed between a record and the one before it of its key."""
    about = {
        "dataset": spec.name,
        "key": " ".join(_text(one[column]) or "" for column in spec.key),
        "session": one["session"],
        "known_at": one["known_at"],
        "source": one["source"],
    }
    if one["known_before"] is None:
        return [about | {"change": "late", "field": None, "old": None, "new": None}]
    if one["withdrawn"] != one["was_withdrawn"]:
        change = "withdrawn" if one["withdrawn"] else "restored"
        return [about | {"change": change, "field": None, "old": None, "new": None}]
    return [
        about | {"change": "corrected", "field": column, "old": _text(one[f"old {column}"]), "new": _text(one[column])}
        for column in _told(spec)
        if one[column] != one[f"old {column}"]
    ]


def _text(value: object) -> str | None:
    if isinstance(value, float):
        return f"{value:.10g}"
    return None if value is None else str(value)
