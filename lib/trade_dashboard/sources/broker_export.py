"""A broker's export folder: CSV and JSON files as the hub's extractor drops them.

Exports overlap, repeat rows, come late and leave fields empty. The same row read twice is one record; of rows that
describe one thing differently, the one in the later export counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from trade_dashboard.errors import RequestError, SchemaError
from trade_dashboard.schema import dataset
from trade_dashboard.sessions import calendar
from trade_dashboard.sources import Fetched, Options, Rejected
from trade_dashboard.sources.intake import accept

__all__ = ["fetch"]

PATTERNS = {
    "market_data": re.compile(r"market_data_\d{4}-\d\d-\d\d_to_(\d{4}-\d\d-\d\d)\.csv"),
    "trades": re.compile(r"trades_\d{4}-\d\d-\d\d_to_(\d{4}-\d\d-\d\d)\.csv"),
    "positions": re.compile(r"positions_(\d{4}-\d\d-\d\d)\.csv"),
    "account": re.compile(r"account_(\d{4}-\d\d-\d\d)\.json"),
}
ZONE = "America/New_York"


def fetch(options: Options, first: date | None, last: date | None) -> Fetched:
    """Read the folder.

    Raises
    ------
    RequestError
        If no folder was given, or it holds no export.
    SchemaError
        If a file cannot be read as what its name says.
    """
    folder = options.folder
    if folder is None or not folder.is_dir():
        raise RequestError(f"Source broker-export takes a folder, but got {folder}. Try `--folder path/to/export`.")
    exports = {kind: _exports(folder, pattern) for kind, pattern in PATTERNS.items()}
    if not any(exports.values()):
        raise RequestError(f"Expected exports such as trades_2025-01-02_to_2025-06-30.csv in {folder}, but found none.")
    account = _account(exports["account"])
    frames: dict[str, list[pd.DataFrame]] = {}
    notes: list[str] = []
    rejected: list[Rejected] = []
    for kind, reader in READERS.items():
        for path, end in exports[kind]:
            name, rows, note = _read(reader, path, end, account)
            good, wrong = _accepted(name, rows, path)
            frames.setdefault(name, []).append(good)
            rejected += wrong
            notes += [f"{path.name}: {note}"] if note else []
    records = {name: _cut(_newest(name, found), first, last) for name, found in frames.items()}
    return Fetched(records, tuple(notes), tuple(rejected))


def _exports(folder: Path, pattern: re.Pattern[str]) -> list[tuple[Path, date]]:
    """Find the files of one kind and the date each ends with, oldest first."""
    named = ((path, pattern.fullmatch(path.name)) for path in folder.iterdir())
    return sorted(
        ((path, date.fromisoformat(match[1])) for path, match in named if match), key=lambda one: (one[1], one[0].name)
    )


def _account(exports: list[tuple[Path, date]]) -> str:
    names = {str(_told(path)["account"]) for path, _ in exports}
    if len(names) > 1:
        raise RequestError(f"Expected the exports of one account in the folder, but got {', '.join(sorted(names))}.")
    return names.pop() if names else "broker"


class Read(NamedTuple):
    """One file as rows of a dataset, every cell as it stands there, and a note on the rows that are none."""

    dataset: str
    rows: pd.DataFrame
    note: str = ""


Reader = Callable[[Path, date, str], Read]


def _read(reader: Reader, path: Path, end: date, account: str) -> Read:
    try:
        return reader(path, end, account)
    except (OSError, ValueError, KeyError, TypeError, SchemaError) as error:
        raise SchemaError(f"Expected an export of the broker in {path}, but got {error}. Export it again.") from error


def _csv(path: Path) -> pd.DataFrame:
    """Read every cell as text: only the empty one is missing, and tickers such as NAN or 1E5 stay what they are."""
    return pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""])


def _bars(path: Path, _end: date, _account: str) -> Read:
    rows = _csv(path).rename(columns={"date": "session"})
    bare = rows.drop(columns=["session", "symbol"]).isna().all(axis="columns")
    note = f"{bare.sum()} rows name a session and a symbol but no price" if bare.any() else ""
    return Read("bars", rows[~bare], note)


def _fills(path: Path, _end: date, account: str) -> Read:
    rows = _csv(path)
    single = rows.drop_duplicates()
    instants = pd.to_datetime(single["timestamp"], utc=True, format="ISO8601", errors="coerce").dt.as_unit("us")
    # nothing in the file names a fill: its time, symbol, side and place among its likes do
    name = instants.dt.strftime("%Y%m%dT%H%M%SZ") + "-" + single["symbol"] + "-" + single["action"]
    place = name.groupby(name).cumcount().astype("str")
    fills = single.drop(columns=["timestamp"]).rename(columns={"action": "side"})
    frame = fills.assign(
        account=account,
        fill_id=name + "-" + place,
        session=instants.dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize(),
        time=single["timestamp"],
        commission=single["commission"].fillna("0"),
    )
    twice = len(rows) - len(single)
    return Read("fills", frame, f"{twice} rows repeat another" if twice else "")


def _told(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(path.read_text(encoding="utf-8-sig"))
        if isinstance(told, dict) and isinstance(told["account"], str) and isinstance(told["values"], dict):
            return told
    except (OSError, ValueError, KeyError) as error:
        raise SchemaError(f"Expected an account's values in {path}, but got {error!r}. Export it again.") from error
    raise SchemaError(f"Expected an account's name and values in {path}, but got others. Export it again.")


def _session(day: date) -> str:
    """Name the session that a broker's figure of `day` is of: on a weekend, Friday's."""
    return calendar().on_or_before(day).isoformat()


def _positions(path: Path, end: date, account: str) -> Read:
    names = {"position": "quantity", "avgCost": "average_cost", "marketValue": "market_value"}
    frame = _csv(path).rename(columns=names).assign(account=account, session=_session(end))
    return Read("positions", frame)


def _values(path: Path, _end: date, account: str) -> Read:
    told = _told(path)
    values = {
        name: told["values"][name]["value"] for name in ("NetLiquidation", "TotalCashValue") if name in told["values"]
    }
    frame = {
        "account": [account],
        "session": [_session(datetime.fromisoformat(told["timestamp"]).date())],
        "equity": [float(values["NetLiquidation"])],
        "cash": [float(values["TotalCashValue"]) if "TotalCashValue" in values else None],
    }
    return Read("equity", pd.DataFrame(frame))


READERS: Mapping[str, Reader] = {
    "market_data": _bars,
    "trades": _fills,
    "positions": _positions,
    "account": _values,
}


def _accepted(name: str, rows: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, list[Rejected]]:
    try:
        return accept(name, rows, path.name)
    except SchemaError as error:
        raise SchemaError(f"Expected an export of the broker in {path}, but got {error} Export it again.") from error


def _newest(name: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True).drop_duplicates(list(dataset(name).key), keep="last")


def _cut(frame: pd.DataFrame, first: date | None, last: date | None) -> pd.DataFrame:
    since = pd.Timestamp(first) if first else frame["session"].min()
    until = pd.Timestamp(last) if last else frame["session"].max()
    return frame[frame["session"].between(since, until)]
