"""Small accounts at the edges of what can be: each in a store of its own, the last session is Monday 2025-06-30."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from build import bars, equity, fills, flows, positions, store_with, together

from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Settings

RUN_DATE = "2025-06-30"
MANY = 60


def days(number: int) -> list[str]:
    """Name the last sessions up to the run date, oldest first."""
    found = calendar().between(date(2025, 1, 2), date.fromisoformat(RUN_DATE))
    return [str(day) for day in found[-number:]]


def prices(symbol: str, closes: Iterable[float]) -> object:
    """Make the bars of a symbol up to the run date."""
    values = list(closes)
    return bars(symbol, dict(zip(days(len(values)), values, strict=True)))


def one_day_old(root: Path) -> Settings:
    """Make an account that was opened and traded on the run date, and has no day before."""
    return store_with(
        root,
        cash_flows=flows(f"{RUN_DATE} deposit 1000"),
        fills=fills(f"{RUN_DATE} AAA BUY 10@20 fee=1"),
        equity=equity(f"{RUN_DATE} 1009 cash=799"),
        positions=positions(f"{RUN_DATE} AAA 10"),
        bars=prices("AAA", [21.0]),
    )


def empty(root: Path) -> Settings:
    """Make an account that the broker values, and nothing else: no fill, no flow, no price."""
    return store_with(root, equity=equity(f"{RUN_DATE} 1000 cash=1000"))


def all_cash(root: Path) -> Settings:
    """Make an account that never traded: it is worth the same in every session, so nothing deviates from anything."""
    return store_with(
        root,
        cash_flows=flows(f"{days(MANY)[0]} deposit 1000"),
        equity=equity(f"{RUN_DATE} 1000 cash=1000"),
        bars=prices("SPY", [500.0 + number % 7 for number in range(MANY)]),
    )


def all_short(root: Path) -> Settings:
    """Make an account that is short and nothing else, against a benchmark; no bar has more than a close."""
    closes = [50.0 + 2 * (number % 5) - number / 10 for number in range(MANY)]
    lean = together(prices("AAA", closes), prices("SPY", [500.0 + number % 7 for number in range(MANY)]))
    return store_with(
        root,
        cash_flows=flows(f"{days(MANY)[0]} deposit 10000"),
        fills=fills(f"{days(MANY)[1]} AAA SELL 100@52 fee=1", f"{days(9)[0]} AAA BUY 20@{closes[-9]} fee=1"),
        bars=lean.assign(open=float("nan"), high=float("nan"), low=float("nan"), volume=float("nan")),
    )


def bankrupt(root: Path) -> Settings:
    """Make an account that lost more than it had, half way through: it sold short what then rose without end."""
    half = MANY // 2
    closes = [10.0] * half + [10.0 + 4 * number for number in range(MANY - half)]
    return store_with(
        root,
        cash_flows=flows(f"{days(MANY)[0]} deposit 1000"),
        fills=fills(f"{days(MANY)[1]} AAA SELL 50@10"),
        bars=together(prices("AAA", closes), prices("SPY", [500.0 + number % 7 for number in range(MANY)])),
    )


ACCOUNTS: dict[str, Callable[[Path], Settings]] = {
    "one day old": one_day_old,
    "empty": empty,
    "all cash": all_cash,
    "all short": all_short,
    "bankrupt": bankrupt,
}
