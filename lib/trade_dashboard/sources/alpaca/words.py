"""Alpaca's words for sides, orders, flows and symbols, and ours."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["FLOW_KINDS", "SIDES", "STATUSES", "TYPES", "flow_kind", "is_strange", "translated"]

# a contract is worth a hundred times its price, and coins trade while the exchange is closed: neither is reckoned here
STOCK = re.compile(r"[A-Z]{1,5}(\.[A-Z]{1,4})?")
SIDES = {"buy": "BUY", "sell": "SELL", "sell_short": "SELL"}
TYPES = {"trailing_stop": "stop"}
STATUSES = {
    "filled": "filled",
    "partially_filled": "partially_filled",
    "canceled": "cancelled",
    "expired": "cancelled",
    "replaced": "cancelled",
    "rejected": "rejected",
} | dict.fromkeys(
    (
        "new",
        "accepted",
        "accepted_for_bidding",
        "pending_new",
        "pending_cancel",
        "pending_replace",
        "done_for_day",
        "held",
        "stopped",
        "suspended",
        "calculated",
    ),
    "open",
)
KINDS = {
    "CSD": "deposit",
    "CSW": "withdrawal",
    "CIL": "dividend",
    "FEE": "fee",
    "CFEE": "fee",
    "PTC": "fee",
    "PTR": "fee",
    "DIVFEE": "fee",
}
BY_SIGN = ("TRANS", "JNL", "JNLC", "ACATC")
BY_FAMILY = {"DIV": "dividend", "INT": "interest"}
FLOW_KINDS = frozenset({*KINDS.values(), *BY_FAMILY.values()})


def translated(names: Mapping[str, str], word: str | None) -> str | None:
    """Translate a word; one that is not known stays, for the check to refuse."""
    return None if word is None else names.get(word, word)


def is_strange(symbol: str) -> bool:
    """Tell whether a symbol is no stock's: an option's, a coin's."""
    return STOCK.fullmatch(symbol) is None


def flow_kind(name: str | None, amount: str | None) -> str | None:
    """Name the kind of a flow; of an activity that is none we know, the activity's own name."""
    if name in BY_SIGN:
        return "withdrawal" if (amount or "").startswith("-") else "deposit"
    return name and (KINDS.get(name) or BY_FAMILY.get(name[:3]) or name)
