"""What the three services would have said about the invented market.

The opportunities peek: their scores lean a little on the five sessions that follow, because a discovery service that
knows nothing would make a dull report. That is fiction's privilege; nothing else here looks ahead.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from trade_dashboard.sessions import calendar
from trade_dashboard.sources.sample.market import BENCHMARK, YEAR, Floats, Market, Record
from trade_dashboard.sources.sample.strategies import View, view

SEED = 11
WATCHLIST = ("QBLX", "NULL", "NANO", "MEDZO", "PETRU", "FALSE", "1E52", "SNAQS")
EVERY_SESSIONS = 4
STATES = ("calm advance", "volatile advance", "drift", "sell-off")
VOLATILE, TREND, STRONG_SIGNAL = 0.17, 0.02, 0.45
DISCOVERY_SESSIONS, AHEAD = 250, 5
OUTAGE = slice(-92, -89)
SERVICES = {
    "market-analysis": ("0.4.2", "0.5.0", "0.5.1"),
    "trade-manager": ("1.8.0", "1.8.3", "1.9.0"),
    "trade-discovery": ("0.2.7", "0.3.0", "0.3.1"),
}
DEGRADED = 0.012


def speak(market: Market, seed: int = SEED) -> dict[str, list[Record]]:
    """Give the records of every service."""
    rng = np.random.Generator(np.random.PCG64(seed))
    states = list(_market_states(market))
    numbers = [int(str(state["state_id"])) for state in states]
    return {
        "market_states": states,
        "signals": list(_signals(rng, market, view(market), numbers)),
        "opportunities": list(_opportunities(rng, market, numbers)),
        "service_health": list(_service_health(rng, market)),
    }


def _after(market: Market, row: int, minutes: float) -> datetime:
    return calendar().closing(market.sessions[row]) + timedelta(seconds=int(minutes * 60))


def _market_states(market: Market) -> Iterator[Record]:
    close = market.close[:, -1]
    returns = pd.Series(close).pct_change()
    stocks = pd.DataFrame(np.where(market.traded, market.close * market.scale, np.nan)[:, :-1])
    volatility = (returns.rolling(20, min_periods=5).std() * np.sqrt(YEAR)).round(4)
    trend = (pd.Series(close) / pd.Series(close).rolling(60, min_periods=5).mean() - 1).round(4)
    volume = pd.Series(market.volume[:, -1])
    columns = {
        "volatility": volatility,
        "trend_strength": trend,
        "relative_volume": (volume / volume.rolling(20, min_periods=5).mean()).round(3),
        "return_dispersion": stocks.pct_change(fill_method=None).std(axis=1).round(4),
    }
    for row, day in enumerate(market.sessions):
        known = {name: float(values[row]) for name, values in columns.items()}
        number = _state(known["volatility"], known["trend_strength"])
        yield {
            "symbol": BENCHMARK,
            "session": day,
            "time": _after(market, row, 20),
            "state_id": number,
            "description": STATES[number],
            "confidence": round(min(0.5 + 6 * abs(np.nan_to_num(known["trend_strength"])), 0.95), 2),
        } | known


def _state(volatility: float, trend: float) -> int:
    if trend > TREND / 2:
        return 1 if volatility > VOLATILE else 0
    return 3 if trend < -TREND else 2


def _signals(rng: np.random.Generator, market: Market, seen: View, states: list[int]) -> Iterator[Record]:
    for row, day in enumerate(market.sessions):
        for order, symbol in enumerate(WATCHLIST):
            at = market.symbols.index(symbol)
            if (row + 3 * order) % EVERY_SESSIONS or np.isnan(seen.momentum[row, at]):
                continue
            strength = 5 * seen.momentum[row, at] - 0.15 * np.nan_to_num(seen.dip[row, at])
            strength = round(float(strength + 0.2 * rng.standard_normal()), 3)
            signal = "HOLD" if abs(strength) < STRONG_SIGNAL else "BUY" if strength > 0 else "SELL"
            yield {
                "symbol": symbol,
                "session": day,
                "time": _after(market, row, 25 + order),
                "signal": signal,
                "confidence": round(min(0.5 + abs(abs(strength) - STRONG_SIGNAL) / 3, 0.97), 2),
                "indicators": "RSI,MACD" if (row + order) % 3 else "RSI,MACD,SMA50",
                "market_state": STATES[states[row]],
            }


def _ahead(market: Market) -> Floats:
    """Measure each symbol's return over the next sessions against the fund's, 0 where there are none."""
    level = pd.DataFrame(market.close * market.scale)
    ahead = (level.shift(-AHEAD) / level - 1).fillna(0.0)
    return ahead.sub(ahead.iloc[:, -1], axis=0).to_numpy().round(4)


def _opportunities(rng: np.random.Generator, market: Market, states: list[int]) -> Iterator[Record]:
    ahead = _ahead(market)
    outage = market.sessions[OUTAGE]
    reasons = ("breakout on volume", "pullback to the 50-session mean", "relative strength", "range expansion")
    for row in range(len(market.sessions) - DISCOVERY_SESSIONS, len(market.sessions)):
        day = market.sessions[row]
        listed = np.flatnonzero(market.traded[row, :-1])
        found = rng.permutation(listed)[: int(rng.integers(3, 9))].tolist()
        if day in outage:
            continue
        for number, at in enumerate(found):
            yield {
                "opportunity_id": f"{day:%Y%m%d}-{number + 1:02d}",
                "symbol": market.symbols[at],
                "session": day,
                "time": _after(market, row, 40 + number / 2),
                "score": round(min(max(0.55 + 0.15 * rng.standard_normal() + 0.8 * ahead[row, at], 0.0), 1.0), 3),
                "market_state": states[row],
                "reason": reasons[int(rng.integers(len(reasons)))] if (row + at) % 11 else None,
            }


def _service_health(rng: np.random.Generator, market: Market) -> Iterator[Record]:
    outage = market.sessions[OUTAGE]
    for row, day in enumerate(market.sessions):
        for order, (service, versions) in enumerate(SERVICES.items()):
            latency = round(float(np.exp(3.6 + 0.3 * order + 0.35 * rng.standard_normal())), 1)
            status = "degraded" if rng.random() < DEGRADED else "up"
            version = versions[len(versions) * (row + 40 * order) // (len(market.sessions) + 80)]
            answer: Record = {"said": "healthy" if status == "up" else "degraded", "version": version}
            answer["latency_ms"] = latency if status == "up" else round(latency * 12, 1)
            if service == "trade-discovery" and day in outage:
                status, answer = "down", {}
            yield {
                "service": service,
                "session": day,
                "time": _after(market, row, 30 + order),
                "status": status,
            } | answer
