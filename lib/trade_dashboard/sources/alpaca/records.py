"""What Alpaca answers → rows with the schema's columns, every cell text or missing, in the order of the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, DecimalException
from typing import Any, NamedTuple

import pandas as pd

from trade_dashboard.errors import RequestError, SchemaError
from trade_dashboard.schema import conform, dataset
from trade_dashboard.sessions import calendar
from trade_dashboard.sources.alpaca.window import CALENDAR_ZONE
from trade_dashboard.sources.alpaca.words import FLOW_KINDS, SIDES, STATUSES, TYPES, flow_kind, is_strange, translated

__all__ = [
    "Record",
    "Rows",
    "account",
    "bars",
    "cash_flows",
    "corporate_actions",
    "equity",
    "fills",
    "instant",
    "orders",
    "positions",
    "together",
]

Record = Mapping[str, Any]


class Rows(NamedTuple):
    """Rows of one dataset, labelled by their place in the answer from 0, and a note on what was passed over."""

    frame: pd.DataFrame
    note: str = ""


def instant(text: Any) -> datetime | None:
    """Read an instant; one without a zone is UTC, and what is none is None."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def account(answer: Any) -> tuple[str, date | None]:
    """Give the account's name and the day it was opened."""
    name = _cell(answer, "account_number") if isinstance(answer, dict) else None
    if name is None:
        raise SchemaError("GET /v2/account answered no account_number.")
    opened = instant(answer.get("created_at"))
    return name, opened and opened.astimezone(CALENDAR_ZONE).date()


def fills(found: Iterable[Record], account: str) -> Rows:
    """Read trade activities."""
    rows = [
        {
            "account": account,
            "fill_id": _cell(one, "id"),
            "session": _session(one, "transaction_time"),
            "time": _cell(one, "transaction_time"),
            "symbol": _cell(one, "symbol"),
            "side": translated(SIDES, _cell(one, "side")),
            "quantity": _cell(one, "qty"),
            "price": _cell(one, "price"),
            "commission": "0",
            "order_id": _cell(one, "order_id"),
        }
        for one in found
    ]
    return _stocks(_frame("fills", rows))


def orders(found: Iterable[Record], account: str) -> Rows:
    """Read orders; one in dollars is as large as what was filled of it."""
    rows = [
        {
            "account": account,
            "order_id": _cell(one, "id"),
            "session": _session(one, "submitted_at"),
            "time": _cell(one, "submitted_at"),
            "symbol": _cell(one, "symbol"),
            "side": translated(SIDES, _cell(one, "side")),
            "type": translated(TYPES, _cell(one, "type")),
            "quantity": _cell(one, "qty") or _cell(one, "filled_qty"),
            "limit_price": _cell(one, "limit_price"),
            "stop_price": _cell(one, "stop_price"),
            "status": translated(STATUSES, _cell(one, "status")),
            "filled_quantity": _cell(one, "filled_qty"),
            "average_price": _cell(one, "filled_avg_price"),
        }
        for one in found
    ]
    return _stocks(_frame("orders", rows))


def positions(found: Iterable[Record], account: str, session: date) -> Rows:
    """Read what is held; a short holding and its value are negative."""
    rows = [
        {
            "account": account,
            "symbol": _cell(one, "symbol"),
            "session": session.isoformat(),
            "quantity": _signed(one, "qty"),
            "average_cost": _cell(one, "avg_entry_price"),
            "market_value": _signed(one, "market_value"),
        }
        for one in found
    ]
    return _stocks(_frame("positions", rows))


def equity(answer: Any, account: str) -> Rows:
    """Read the account's daily value; the zeros before it was funded, and days without a value, are none."""
    moments, values = (answer.get("timestamp"), answer.get("equity")) if isinstance(answer, dict) else (None, None)
    if not (isinstance(moments, list) and isinstance(values, list) and len(moments) == len(values)):
        raise SchemaError("GET /v2/account/portfolio/history answered no values by time.")
    rows = [
        {"account": account, "session": _session_at(moment), "equity": None if value is None else str(value)}
        for moment, value in zip(moments, values, strict=True)
    ]
    frame = _frame("equity", rows)
    told = frame[frame["equity"].notna()]
    funded = (pd.to_numeric(told["equity"], errors="coerce") != 0).cummax()
    return Rows(told[funded])


def cash_flows(found: Iterable[Record], account: str) -> Rows:
    """Read activities that are no trades; one that was cancelled moved nothing."""
    rows = [
        {
            "account": account,
            "flow_id": _cell(one, "id"),
            "session": _session_on(_cell(one, "date")),
            "kind": flow_kind(_cell(one, "activity_type"), _cell(one, "net_amount")),
            "amount": "0" if one.get("status") == "canceled" else _cell(one, "net_amount"),
            "symbol": _cell(one, "symbol"),
        }
        for one in found
    ]
    frame = _frame("cash_flows", rows)
    strange = ~frame["kind"].isin(FLOW_KINDS)
    counts = frame.loc[strange, "kind"].fillna("no type").value_counts().sort_index()
    told = ", ".join(f"{count} of {kind}" for kind, count in counts.items())
    return Rows(frame[~strange], f"passed over activities that are no flow we know: {told}" if told else "")


def bars(pages: Iterable[Record]) -> Rows:
    """Read daily prices."""
    names = {"open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"}
    rows = [
        {"symbol": symbol, "session": _day(one, "t"), **{name: _cell(one, short) for name, short in names.items()}}
        for page in pages
        for symbol, found in _members(page, "bars")
        for one in found
    ]
    return Rows(_frame("bars", rows))


def corporate_actions(pages: Iterable[Record]) -> Rows:
    """Read splits and dividends."""
    rows = [
        {
            "symbol": _cell(one, "symbol"),
            "session": _cell(one, "ex_date"),
            "kind": "dividend" if group == "cash_dividends" else "split",
            "ratio": None if group == "cash_dividends" else _ratio(one),
            "amount": _cell(one, "rate") if group == "cash_dividends" else None,
            "id": _cell(one, "id"),
        }
        for page in pages
        for group, found in _members(page, "corporate_actions")
        if group in ("cash_dividends", "forward_splits", "reverse_splits")
        for one in found
    ]
    frame = pd.DataFrame(rows, columns=[*dataset("corporate_actions").names, "id"])
    repeated = frame["id"].notna() & frame["id"].duplicated()
    return Rows(frame[~repeated].drop(columns="id"))


def together(actions: pd.DataFrame) -> pd.DataFrame:
    """Make one record of a symbol's dividends of one day, as of an ordinary and a special one, and of its splits."""
    by = actions.groupby(list(dataset("corporate_actions").key), sort=False)
    whole = {"ratio": by["ratio"].prod(min_count=1), "amount": by["amount"].sum(min_count=1)}
    return conform("corporate_actions", pd.DataFrame(whole).reset_index())


def _frame(name: str, rows: list[dict[str, str | None]]) -> pd.DataFrame:
    """Make a frame that has its columns even without rows."""
    columns = rows[0].keys() if rows else dataset(name).names
    return pd.DataFrame(rows, columns=list(columns))


def _cell(record: Record, name: str) -> str | None:
    value = record.get(name)
    return None if value is None or value == "" else str(value)


def _stocks(frame: pd.DataFrame) -> Rows:
    strange = frame["symbol"].map(is_strange, na_action="ignore").eq(other=True)
    names = ", ".join(sorted(set(frame.loc[strange, "symbol"])))
    return Rows(frame[~strange], f"passed over {strange.sum()} of what is no stock: {names}" if names else "")


def _signed(record: Record, name: str) -> str | None:
    text = _cell(record, name)
    return f"-{text.lstrip('-')}" if text and record.get("side") == "short" else text


def _ratio(record: Record) -> str | None:
    new, old = _cell(record, "new_rate"), _cell(record, "old_rate")
    try:
        return None if new is None or old is None else str(Decimal(new) / Decimal(old))
    except DecimalException:
        return f"{new}/{old}"


def _day(record: Record, name: str) -> str | None:
    """Name the day in New York on which an instant is; what is no instant stays as it is, to be told."""
    moment = instant(record.get(name))
    return moment.astimezone(CALENDAR_ZONE).date().isoformat() if moment else _cell(record, name)


def _session(record: Record, name: str) -> str | None:
    return _session_on(_day(record, name))


def _session_at(seconds: Any) -> str | None:
    try:
        return _session_on(datetime.fromtimestamp(seconds, CALENDAR_ZONE).date().isoformat())
    except (TypeError, ValueError, OverflowError, OSError):
        return str(seconds)


def _session_on(day: str | None) -> str | None:
    """Name the session a day belongs to: itself, or the one before."""
    try:
        return calendar().on_or_before(date.fromisoformat(day or "")).isoformat()
    except (ValueError, RequestError):
        return day


def _members(page: Record, name: str) -> list[tuple[str, list[Record]]]:
    groups = page.get(name) or {}
    if not isinstance(groups, dict):
        raise SchemaError(f"Expected {name} by name, but got {type(groups).__name__}.")
    found = [(group, members or []) for group, members in groups.items()]
    if not all(isinstance(members, list) and all(isinstance(one, dict) for one in members) for _, members in found):
        raise SchemaError(f"Expected {name} by name, each a list of records, but got others.")
    return found
