"""trade-manager: what is held now, which is what was held at the last close."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trade_dashboard.sources.services.client import AwayError, Client
from trade_dashboard.sources.services.reading import Asked, Batch, Row, Told, first_of, listed, number, text

__all__ = ["PROBES", "tell"]

PROBES = ("/status", "/health", "/")
PATH = "/positions"


def tell(client: Client, asked: Asked, account: str) -> Told:
    """Read the open positions; one of no quantity is not open."""
    try:
        held = listed(client.get(PATH).body, "positions", f"GET {client.url(PATH)}")
    except AwayError as error:
        return Told(away=str(error))
    rows = [_position(one, account, asked) for one in held if _size(one.get("quantity")) != 0]
    return Told((Batch("positions", client.url(PATH), rows),))


def _position(one: Mapping[str, Any], account: str, asked: Asked) -> Row:
    # its own time says when it last changed, not when it was held
    return {
        "account": account,
        "symbol": text(one.get("symbol")),
        "session": asked.closed.isoformat(),
        "quantity": number(one.get("quantity")),
        "average_cost": number(first_of(one, "entry_price", "avg_price", "average_price")),
        "market_value": _value(one),
    }


def _value(one: Mapping[str, Any]) -> str | float | None:
    """Read what a position is worth, or reckon it from its price."""
    if one.get("market_value") is not None:
        return number(one["market_value"])
    size, price = _size(one.get("quantity")), _size(one.get("current_price"))
    return None if size is None or price is None else size * price


def _size(value: Any) -> float | None:
    try:
        return float(text(value) or "")
    except ValueError:
        return None
