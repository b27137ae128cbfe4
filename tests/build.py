"""Readable builders: records in one line each, and stores, books and ledgers made of them.

Sessions used throughout: Monday 2025-06-23 to Friday 27, Monday 30, then 2025-07-01, 02 and 03 (which closes early).
"""

from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pandas as pd

from trade_dashboard import schema, store
from trade_dashboard.book import Book
from trade_dashboard.metrics import Ledger, ledger
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Settings

ACCOUNT = "ACC"
KNOWN = datetime(2025, 7, 4, tzinfo=UTC)


def at(moment: str) -> datetime:
    """Name an instant, UTC: `at("2025-06-30 21:00")`."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def bars(symbol: str, closes: dict[str, float]) -> pd.DataFrame:
    """Make a symbol's bars: `bars("AAA", {"2025-06-27": 10, "2025-06-30": 11})`; each opened where it closed."""
    rows = [
        {"symbol": symbol, "session": day, "open": at, "high": at, "low": at, "close": at, "volume": 1000}
        for day, at in closes.items()
    ]
    return schema.conform("bars", rows)


SAID = {"tag": "tag", "strategy": "strategy"} | {word: f"{word}_price" for word in ("arrival", "stop", "target")}


def fills(*lines: str, account: str = ACCOUNT) -> pd.DataFrame:
    """Make fills: `fills("2025-06-27 AAA BUY 10@5", "2025-06-30 AAA SELL 10@6 fee=1 id=F7")`; numbered when unnamed.

    A line may also say `at` (UTC), `strategy`, `tag`, `arrival`, `stop` and `target`.
    """
    return schema.conform("fills", [_fill(line, number, account) for number, line in enumerate(lines, 1)])


def _fill(line: str, number: int, account: str) -> dict[str, object]:
    day, symbol, side, traded, *more = line.split()
    quantity, price = traded.split("@")
    said = {"id": str(number), "fee": "0", "at": "15:00"} | dict(word.split("=", 1) for word in more)
    time = f"{day}T{said['at']}:00Z"
    named = {"account": account, "fill_id": said["id"], "session": day, "time": time, "symbol": symbol, "side": side}
    plan = {column: said[word] for word, column in SAID.items() if word in said}
    return named | {"quantity": quantity, "price": price, "commission": said["fee"]} | plan


def flows(*lines: str, account: str = ACCOUNT) -> pd.DataFrame:
    """Make cash flows: `flows("2025-06-27 deposit 100", "2025-06-30 dividend 5 AAA")`."""
    words = [line.split() for line in lines]
    rows = [
        {
            "account": account,
            "flow_id": str(number),
            "session": word[0],
            "kind": word[1],
            "amount": word[2],
            "symbol": word[3] if word[3:] else None,
        }
        for number, word in enumerate(words, 1)
    ]
    return schema.conform("cash_flows", rows)


def equity(*lines: str, account: str = ACCOUNT) -> pd.DataFrame:
    """Make the broker's account values: `equity("2025-06-27 100", "2025-06-30 110 cash=40")`."""
    words = [line.replace("cash=", "").split() for line in lines]
    rows = [
        {"account": account, "session": word[0], "equity": word[1], "cash": word[2] if word[2:] else None}
        for word in words
    ]
    return schema.conform("equity", rows)


def positions(*lines: str, account: str = ACCOUNT) -> pd.DataFrame:
    """Make the broker's positions: `positions("2025-06-30 AAA -10")`."""
    rows = [dict(zip(("session", "symbol", "quantity"), line.split(), strict=True)) for line in lines]
    return schema.conform("positions", [{"account": account} | row for row in rows])


def actions(*lines: str) -> pd.DataFrame:
    """Make corporate actions: `actions("2025-06-30 AAA split 2", "2025-07-01 AAA dividend 0.5")`."""
    words = [line.split() for line in lines]
    means = {"split": "ratio", "dividend": "amount"}
    rows = [{"session": day, "symbol": symbol, "kind": kind, means[kind]: much} for day, symbol, kind, much in words]
    return schema.conform("corporate_actions", rows)


def opportunities(*lines: str) -> pd.DataFrame:
    """Make opportunities, found at 16:40 New York: `opportunities("2025-06-27 AAA 0.8", "2025-06-27 BBB 0.7 state=2 id=X")`."""
    return schema.conform("opportunities", [_opportunity(line, number) for number, line in enumerate(lines, 1)])


def _opportunity(line: str, number: int) -> dict[str, object]:
    day, symbol, score, *more = line.split()
    said = {"id": str(number), "state": None, "at": "20:40"} | dict(word.split("=") for word in more)
    named = {"opportunity_id": said["id"], "symbol": symbol, "session": day, "time": f"{day}T{said['at']}:00Z"}
    return named | {"score": score, "market_state": said["state"]}


def together(*frames: pd.DataFrame) -> pd.DataFrame:
    """Put frames of one dataset into one: `together(bars("AAA", …), bars("BBB", …))`."""
    return pd.concat(frames, ignore_index=True)


def known(frame: pd.DataFrame, moment: datetime) -> pd.DataFrame:
    """Say of records themselves when they became known."""
    return frame.assign(known_at=pd.Series(moment, index=frame.index, dtype="datetime64[us, UTC]"))


def store_with(
    root: Path, source: str = "broker-export", known_at: datetime = KNOWN, **frames: pd.DataFrame
) -> Settings:
    """Append records by dataset to the store in a folder: `store_with(tmp_path, bars=bars(…))`; call again for more."""
    store.append(root / "store", frames, source, known_at)
    return Settings(store=root / "store", outputs=root / "outputs")


def book_of(root: Path, run_date: str = "2025-06-30", known_at: datetime = KNOWN, **frames: pd.DataFrame) -> Book:
    """Open the book of an account on a store with these records besides what is there, asking nothing of prices."""
    settings = store_with(root, **frames)
    return Book(settings, ACCOUNT, date.fromisoformat(run_date), known_at)


def ledger_of(until: str = "2025-06-30", **frames: pd.DataFrame) -> Ledger:
    """Reckon an account of these records; what is left out is empty."""
    names = ("fills", "cash_flows", "equity", "bars", "corporate_actions")
    records = {name: frames.pop(name, schema.empty(name)) for name in names}
    assert not frames, frames
    return ledger(calendar(), date.fromisoformat(until), **records)


def worth(curve: str, first: str = "2025-06-23") -> Ledger:
    """Reckon an account of cash alone that was worth this at its closes: `worth("100 110 100")`, from interest and fees."""
    values = [float(value) for value in curve.split()]
    days = calendar().between(date.fromisoformat(first), date(2025, 12, 31))[: len(values)]
    earned = [now - before for before, now in pairwise(values)]
    lines = [
        f"{days[0]} deposit {values[0]}",
        *(f"{day} interest {usd}" for day, usd in zip(days[1:], earned, strict=True)),
    ]
    return ledger_of(str(days[-1]), cash_flows=flows(*lines))
