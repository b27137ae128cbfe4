"""market-analysis: signals, and the state of the market, for each symbol of the watchlist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from trade_dashboard.sources.services.client import AwayError, Client
from trade_dashboard.sources.services.reading import (
    Asked,
    Batch,
    Row,
    Told,
    first_of,
    instant,
    mapped,
    number,
    record_list,
    text,
    words,
)

__all__ = ["PROBES", "tell"]

PROBES = ("/health", "/health/ready", "/health/live", "/")
PATH = "/analyze"
QUESTION = {"indicators": ["RSI", "MACD", "BB", "STOCH"], "state_analysis": True, "num_states": 3}
AT_ONCE = 4


def tell(client: Client, asked: Asked, watchlist: Sequence[str]) -> Told:
    """Have every symbol analysed, a few at a time; one that fails costs only itself."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(lambda symbol: _one(client, asked, symbol), watchlist))
    batches = tuple(batch for one in told for batch in one.batches)
    if told and not batches:
        return Told(away=told[0].away)
    notes = [f"no analysis of {symbol}: {one.away}" for symbol, one in zip(watchlist, told, strict=True) if one.away]
    return Told(batches, notes=tuple(notes))


def _one(client: Client, asked: Asked, symbol: str) -> Told:
    try:
        body = client.post(PATH, {"symbol": symbol} | QUESTION).body
    except AwayError as error:
        return Told(away=str(error))
    if not isinstance(body, dict):
        return Told(away=f"POST {client.url(PATH)} answered no analysis of {symbol}")
    name = text(body.get("symbol")) or symbol
    time = instant(first_of(body, "timestamp", "time")) or asked.now.isoformat()
    origin = f"{client.url(PATH)} ({symbol})"
    states = record_list(first_of(body, "market_states", "market_state"))
    return Told(
        (
            Batch("signals", origin, [_signal(one, name, time, asked) for one in _signals(body)]),
            Batch("market_states", origin, [_state(one, name, time, asked) for one in states]),
        )
    )


def _signals(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Put together what the builds call by three names; the latest signal comes last."""
    return [one for key in ("historical_signals", "signals", "latest_signal") for one in record_list(body.get(key))]


def _signal(one: Mapping[str, Any], symbol: str, time: str, asked: Asked) -> Row:
    given = instant(first_of(one, "timestamp", "time")) or time
    advice = text(first_of(one, "signal_type", "signal", "type"))
    context = one.get("state_context")
    return {
        "symbol": symbol,
        "session": asked.session_of(given),
        "time": given,
        "signal": advice and advice.upper(),
        "confidence": number(one.get("confidence")),
        "indicators": _names(one.get("indicators")),
        "market_state": words(first_of(mapped(context), "description", "name", "state_id") or context),
    }


def _names(indicators: Any) -> str | None:
    """Join the names of indicators that come as text, as a list of names, or as objects with a name."""
    many = indicators if isinstance(indicators, list) else [indicators]
    names = [text(one.get("name")) if isinstance(one, dict) else text(one) for one in many]
    return words(",".join(name for name in names if name))


def _state(one: Mapping[str, Any], symbol: str, time: str, asked: Asked) -> Row:
    seen = {**one, **mapped(one.get("characteristics"))}
    return {
        "symbol": symbol,
        "session": asked.session_of(time),
        "time": time,
        "state_id": number(one.get("state_id")),
        "description": words(one.get("description")),
        "volatility": number(seen.get("volatility")),
        "trend_strength": number(seen.get("trend_strength")),
        "relative_volume": number(first_of(seen, "volume", "relative_volume")),
        "return_dispersion": number(seen.get("return_dispersion")),
        "confidence": number(one.get("confidence")),
    }
