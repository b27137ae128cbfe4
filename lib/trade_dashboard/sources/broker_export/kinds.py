"""The four kinds of file that an export has, and how each one's rows become records."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from trade_dashboard.errors import RequestError, SchemaError
from trade_dashboard.schema import dataset
from trade_dashboard.sessions import calendar
from trade_dashboard.sources.broker_export.tables import Table, Wrong, table, unpacked
from trade_dashboard.sources.intake import NAIVE_TIME

__all__ = ["ACCOUNTS_FILE", "KINDS", "Export", "Rows", "account_of", "exports", "rows"]

ZONE = calendar().zone
PERIOD = r"\d{4}-\d\d-\d\d_to_(?P<end>\d{4}-\d\d-\d\d)"
DAY = r"(?P<end>\d{4}-\d\d-\d\d)"
ACCOUNTS_FILE = "account"
BROKEN = (ValueError, KeyError, TypeError, OverflowError, RecursionError, RequestError, SchemaError)


class Export(NamedTuple):
    """A file of an export; of two that tell of one thing, the greater is believed.

    Attributes
    ----------
    kind
        Which of the kinds.
    end
        The date its name ends with, ISO.
    stem
        Its name without `.gz`.
    path
        Where it is.
    """

    kind: str
    end: str
    stem: str
    path: Path


class Rows(NamedTuple):
    """Rows of a dataset, cells as text, labelled by line; what is wrong with others; and notes."""

    frame: pd.DataFrame
    wrong: tuple[Wrong, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    Attributes
    ----------
    dataset
        What its rows are records of.
    pattern
        What its name is like.
    columns
        Our name of each column, by the broker's in lower case; of a file that is no table there are none.
    records
        Makes rows of the dataset of the file's rows, of the date it ends with and the account; with a note on the others.
    """

    dataset: str
    pattern: re.Pattern[str]
    columns: Mapping[str, str]
    records: Callable[[pd.DataFrame, str, str], tuple[pd.DataFrame, str]]

    @property
    def needed(self) -> frozenset[str]:
        """Name the columns that a file must have."""
        optional = {column.name for column in dataset(self.dataset).columns if column.optional}
        return frozenset(self.columns.values()) - optional

    @property
    def numbers(self) -> frozenset[str]:
        """Name the columns of numbers."""
        return frozenset(column.name for column in dataset(self.dataset).columns if column.kind == "float")


def exports(folder: Path) -> list[Export]:
    """Find the files of an export, each kind's oldest first; other files are none."""
    return sorted(
        Export(kind, match["end"], path.name.removesuffix(".gz"), path)
        for path in folder.iterdir()
        for kind, one in KINDS.items()
        if (match := one.pattern.fullmatch(path.name.removesuffix(".gz"))) and path.is_file()
    )


def account_of(content: bytes) -> str:
    """Name the account that an account's file is of.

    Raises
    ------
    SchemaError
        If the file is none.
    """
    try:
        return str(_told(content)["account"])
    except BROKEN as error:
        raise SchemaError(str(error)) from error


def rows(one: Export, content: bytes, account: str | None) -> Rows:
    """Give the rows of a file as the dataset names them.

    Raises
    ------
    SchemaError
        If the file is not what its name says; the message says what is wrong with it.
    """
    try:
        return _rows(KINDS[one.kind], one, content, account)
    except BROKEN as error:
        raise SchemaError(f"no {error}" if isinstance(error, KeyError) else str(error)) from error


def _rows(kind: Kind, one: Export, content: bytes, account: str | None) -> Rows:
    if account is None and "account" in dataset(kind.dataset).names:
        raise SchemaError("whose it is: the account's file cannot be read")
    date.fromisoformat(one.end)
    if kind.columns:
        found = table(content, kind.columns, kind.needed, kind.numbers)
    else:
        found = Table(_values(_told(content)), (), 0, ())
    frame, note = kind.records(found.rows, one.end, account or "")
    notes = [
        note,
        f"{found.repeated} rows repeat another" if found.repeated else "",
        f"passed over columns {', '.join(found.unknown)}" if found.unknown else "",
    ]
    return Rows(frame, found.wrong, tuple(text for text in notes if text))


def _bars(rows: pd.DataFrame, _end: str, _account: str) -> tuple[pd.DataFrame, str]:
    bare = rows.drop(columns=["session", "symbol"]).isna().all(axis="columns")
    return rows[~bare], f"{bare.sum()} rows name a session and a symbol but no price" if bare.any() else ""


def _fills(rows: pd.DataFrame, _end: str, account: str) -> tuple[pd.DataFrame, str]:
    time = _zoned(rows["time"])
    instants = pd.to_datetime(time, utc=True, format="ISO8601", errors="coerce").dt.as_unit("us")
    # nothing in the file names a fill: its time, symbol, side and place among its likes do
    name = instants.dt.strftime("%Y%m%dT%H%M%SZ") + "-" + rows["symbol"] + "-" + rows["side"]
    place = name.groupby(name).cumcount().astype("str")
    return rows.assign(
        account=account,
        fill_id=name + "-" + place,
        session=instants.dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize(),
        time=time,
        commission=rows["commission"].fillna("0"),
    ), ""


def _zoned(times: pd.Series) -> pd.Series:
    """Write the zone into times that say none: they are New York's, as a broker's are."""
    naive = times.str.fullmatch(NAIVE_TIME)
    if not naive.any():
        return times
    local = pd.to_datetime(times[naive], format="ISO8601", errors="coerce").dropna()
    zoned = [moment.isoformat() for moment in local.dt.tz_localize(ZONE, ambiguous=True, nonexistent="shift_forward")]
    return times.where(~times.index.isin(local.index), pd.Series(zoned, index=local.index, dtype="str"))


def _positions(rows: pd.DataFrame, end: str, account: str) -> tuple[pd.DataFrame, str]:
    return rows.assign(account=account, session=_session(date.fromisoformat(end))), ""


def _equity(rows: pd.DataFrame, _end: str, account: str) -> tuple[pd.DataFrame, str]:
    return rows.assign(account=account), ""


def _values(told: Mapping[str, Any]) -> pd.DataFrame:
    moment = datetime.fromisoformat(told["timestamp"])
    day = (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).astimezone(ZONE).date()
    values = {
        name: float(told["values"][name]["value"])
        for name in ("NetLiquidation", "TotalCashValue")
        if name in told["values"]
    }
    row = {"session": _session(day), "equity": values["NetLiquidation"], "cash": values.get("TotalCashValue")}
    return pd.DataFrame([row], index=[1])


def _told(content: bytes) -> dict[str, Any]:
    told = json.loads(unpacked(content))
    if isinstance(told, dict) and isinstance(told["account"], str) and isinstance(told["values"], dict):
        return told
    raise SchemaError("no account's name and values")


def _session(day: date) -> str:
    """Name the session that a broker's figure of `day` is of: on a weekend, Friday's."""
    return calendar().on_or_before(day).isoformat()


KINDS: Mapping[str, Kind] = {
    "market_data": Kind(
        "bars",
        re.compile(rf"market_data_{PERIOD}\.csv"),
        {"date": "session"} | {name: name for name in ("open", "high", "low", "close", "volume", "symbol")},
        _bars,
    ),
    "trades": Kind(
        "fills",
        re.compile(rf"trades_{PERIOD}\.csv"),
        {"timestamp": "time", "action": "side"}
        | {name: name for name in ("symbol", "quantity", "price", "commission")},
        _fills,
    ),
    "positions": Kind(
        "positions",
        re.compile(rf"positions_{DAY}\.csv"),
        {"symbol": "symbol", "position": "quantity", "avgcost": "average_cost", "marketvalue": "market_value"},
        _positions,
    ),
    ACCOUNTS_FILE: Kind("equity", re.compile(rf"account_{DAY}\.json"), {}, _equity),
}
