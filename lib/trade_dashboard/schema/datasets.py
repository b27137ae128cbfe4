"""What records there are: the datasets, their columns, types, units and keys, and which source gives which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trade_dashboard.errors import SchemaError

__all__ = ["DATASETS", "PROVIDED", "PROVIDES", "QUARANTINE", "Column", "Dataset", "dataset"]

Kind = Literal["str", "float", "date", "instant"]


@dataclass(frozen=True)
class Column:
    """One column: what it holds, in which unit, and what it may be."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    optional: bool = False
    least: float | None = None
    above: float | None = None
    among: tuple[str, ...] = ()
    pattern: str = ""


@dataclass(frozen=True)
class Dataset:
    """One kind of record: `key` names the columns that tell records apart."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Name the columns, in the order every frame has them."""
        return [column.name for column in self.columns]


def text(name: str, meaning: str, *, optional: bool = False, among: tuple[str, ...] = ()) -> Column:
    return Column(name, "str", meaning, optional=optional, among=among)


def number(
    name: str,
    meaning: str,
    unit: str,
    *,
    optional: bool = False,
    least: float | None = None,
    above: float | None = None,
) -> Column:
    return Column(name, "float", meaning, unit, optional, least, above)


SESSION = Column("session", "date", "session the record belongs to")
TIME = Column("time", "instant", "when it happened", "UTC")
ACCOUNT = text("account", "the broker's name of the account")
SYMBOL = Column("symbol", "str", "ticker as the exchange writes it", pattern=r"[A-Za-z0-9][A-Za-z0-9 .:/^=_\-]{0,31}")
SIDE = text("side", "direction of the trade", among=("BUY", "SELL"))
STRATEGY = text("strategy", "strategy that asked for it", optional=True)


def price(name: str, meaning: str, *, optional: bool = False) -> Column:
    return number(name, meaning, "USD/share", optional=optional, above=0)


_DATASETS = (
    Dataset(
        "bars",
        "daily prices as traded",
        ("symbol", "session"),
        (
            SYMBOL,
            SESSION,
            price("open", "first price", optional=True),
            price("high", "highest price", optional=True),
            price("low", "lowest price", optional=True),
            price("close", "last price"),
            number("volume", "shares traded", "shares", optional=True, least=0),
        ),
    ),
    Dataset(
        "instruments",
        "what each symbol is",
        ("symbol",),
        (
            SYMBOL,
            SESSION,
            text("name", "full name"),
            text("kind", "what it is", among=("stock", "etf", "benchmark")),
            text("sector", "industry sector", optional=True),
            text("currency", "trading currency, ISO 4217"),
        ),
    ),
    Dataset(
        "corporate_actions",
        "splits and dividends, by the first session that trades without them",
        ("symbol", "session", "kind"),
        (
            SYMBOL,
            SESSION,
            text("kind", "what happened", among=("split", "dividend")),
            number("ratio", "new shares for each old one", "shares", optional=True, above=0),
            number("amount", "cash for each share", "USD/share", optional=True, above=0),
        ),
    ),
    Dataset(
        "fills",
        "executions",
        ("account", "fill_id"),
        (
            ACCOUNT,
            text("fill_id", "the broker's name of the fill"),
            SESSION,
            TIME,
            SYMBOL,
            SIDE,
            number("quantity", "size, always positive", "shares", above=0),
            price("price", "price of the fill"),
            number("commission", "fees paid, positive = cost", "USD"),
            text("order_id", "order it belongs to", optional=True),
            STRATEGY,
            text("tag", "the trader's word for the setup", optional=True),
            price("arrival_price", "price when the order was decided", optional=True),
            price("stop_price", "where the plan gives up", optional=True),
            price("target_price", "where the plan takes profit", optional=True),
        ),
    ),
    Dataset(
        "orders",
        "orders and what became of them",
        ("account", "order_id"),
        (
            ACCOUNT,
            text("order_id", "the broker's name of the order"),
            SESSION,
            TIME,
            SYMBOL,
            SIDE,
            text("type", "kind of order", among=("market", "limit", "stop", "stop_limit")),
            number("quantity", "size asked for", "shares", above=0),
            price("limit_price", "worst price accepted", optional=True),
            price("stop_price", "price that triggers it", optional=True),
            text("status", "what became of it", among=("filled", "partially_filled", "cancelled", "rejected", "open")),
            number("filled_quantity", "size executed", "shares", least=0),
            price("average_price", "mean price of its fills", optional=True),
            STRATEGY,
        ),
    ),
    Dataset(
        "positions",
        "what the broker says is held at the close",
        ("account", "symbol", "session"),
        (
            ACCOUNT,
            SYMBOL,
            SESSION,
            number("quantity", "holding, negative = short", "shares"),
            price("average_cost", "mean entry price", optional=True),
            number("market_value", "value at the close, negative = short", "USD", optional=True),
        ),
    ),
    Dataset(
        "equity",
        "what the broker says the account is worth at the close",
        ("account", "session"),
        (
            ACCOUNT,
            SESSION,
            number("equity", "account value", "USD"),
            number("cash", "settled cash, negative = borrowed", "USD", optional=True),
        ),
    ),
    Dataset(
        "cash_flows",
        "money in and out of the account that is no trade",
        ("account", "flow_id"),
        (
            ACCOUNT,
            text("flow_id", "the broker's name of the flow"),
            SESSION,
            text(
                "kind",
                "deposit and withdrawal come from outside, the rest is earned or paid",
                among=("deposit", "withdrawal", "dividend", "interest", "fee"),
            ),
            number("amount", "positive = into the account", "USD"),
            text("symbol", "stock that paid it", optional=True),
        ),
    ),
    Dataset(
        "signals",
        "what market-analysis advises",
        ("symbol", "time"),
        (
            SYMBOL,
            SESSION,
            TIME,
            text("signal", "advice", among=("BUY", "SELL", "HOLD")),
            number("confidence", "how sure it is", "fraction", optional=True, least=0),
            text("indicators", "indicators behind it, comma separated", optional=True),
            text("market_state", "state of the market it was given in", optional=True),
        ),
    ),
    Dataset(
        "market_states",
        "the weather market-analysis sees for each symbol",
        ("symbol", "session"),
        (
            SYMBOL,
            SESSION,
            TIME,
            number("state_id", "number of the state", ""),
            text("description", "the state in words"),
            number("volatility", "annualised", "fraction", optional=True, least=0),
            number("trend_strength", "negative = falling", "fraction", optional=True),
            number("relative_volume", "against its mean", "ratio", optional=True, least=0),
            number("return_dispersion", "spread of returns", "fraction", optional=True, least=0),
            number("confidence", "how sure it is", "fraction", optional=True, least=0),
        ),
    ),
    Dataset(
        "opportunities",
        "candidates of trade-discovery",
        ("opportunity_id",),
        (
            text("opportunity_id", "the service's name of the candidate"),
            SYMBOL,
            SESSION,
            TIME,
            number("score", "higher is better", "fraction"),
            number("market_state", "number of the state it was found in", "", optional=True),
            text("reason", "why it was found", optional=True),
        ),
    ),
    Dataset(
        "service_health",
        "whether each service answered, and what it said",
        ("service", "time"),
        (
            text("service", "name of the service"),
            SESSION,
            TIME,
            text("status", "our verdict", among=("up", "degraded", "down")),
            text("said", "the service's own word", optional=True),
            text("version", "the service's version", optional=True),
            number("latency_ms", "time to answer", "ms", optional=True, least=0),
        ),
    ),
)

PROVIDED = {one.name: one for one in _DATASETS}

PROVIDES = {
    "sample": tuple(PROVIDED),
    "broker-export": ("bars", "fills", "positions", "equity"),
    "services": ("signals", "market_states", "positions", "opportunities", "service_health"),
    "alpaca": ("fills", "orders", "positions", "equity", "cash_flows", "bars", "corporate_actions"),
}
"""The datasets that each source gives."""

QUARANTINE = Dataset(
    "quarantine",
    "rows that sources gave and no dataset could take: they were kept out, and are kept here",
    ("dataset", "origin", "line", "column", "value"),
    (
        text("dataset", "where the row would have gone"),
        text("origin", "file or address it came from"),
        number("line", "its line in the file, or its place in the answer", "line", least=0),
        text("column", "what is wrong with it"),
        text("value", "what stands there"),
        text("reason", "which rule it breaks"),
        SESSION,
    ),
)
DATASETS = PROVIDED | {QUARANTINE.name: QUARANTINE}


def dataset(name: str) -> Dataset:
    """Look a dataset up.

    Raises
    ------
    SchemaError
        If there is none of that name.
    """
    try:
        return DATASETS[name]
    except KeyError:
        raise SchemaError(f"Expected a dataset ({', '.join(DATASETS)}), but got {name!r}.") from None
