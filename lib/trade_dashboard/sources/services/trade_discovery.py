"""trade-discovery: candidates, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trade_dashboard.sources.services.client import AwayError, Client
from trade_dashboard.sources.services.reading import (
    Asked,
    Batch,
    Row,
    Told,
    first_of,
    instant,
    listed,
    mapped,
    number,
    text,
    words,
)

__all__ = ["PROBES", "tell"]

PROBES = ("/health", "/")
PATH = "/api/v1/opportunities"
PAGE = 100
MOST_PAGES = 1000


def tell(client: Client, asked: Asked) -> Told:
    """Read the candidates until a page brings nothing new; pages that came before one that did not are kept."""
    batches: list[Batch] = []
    seen: set[str | float | None] = set()
    offset = longest = 0
    for _ in range(MOST_PAGES):
        origin = f"{client.url(PATH)}?limit={PAGE}&offset={offset}"
        try:
            page = listed(client.get(PATH, limit=PAGE, offset=offset).body, "opportunities", f"GET {origin}")
        except AwayError as error:
            return Told(tuple(batches), str(error))
        rows = [_opportunity(one, asked) for one in page]
        names = {row["opportunity_id"] for row in rows}
        if names <= seen:
            return Told(tuple(batches))
        batches.append(Batch("opportunities", origin, rows))
        # a service may give shorter pages than asked for: a short one is shorter than its own
        longest = max(longest, len(page))
        if len(page) < longest:
            return Told(tuple(batches))
        seen |= names
        offset += len(page)
    return Told(tuple(batches), notes=(f"opportunities were read up to number {offset}, not to their end",))


def _opportunity(one: Mapping[str, Any], asked: Asked) -> Row:
    time = instant(first_of(one, "timestamp", "time", "created_at"))
    analysis = one.get("analysis")
    return {
        "opportunity_id": text(first_of(one, "id", "opportunity_id")),
        "symbol": text(one.get("symbol")),
        "session": asked.session_of(time),
        "time": time,
        "score": number(one.get("score")),
        "market_state": number(one.get("market_state")),
        "reason": words(first_of({**mapped(analysis), **one}, "reason", "summary", "description") or analysis),
    }
