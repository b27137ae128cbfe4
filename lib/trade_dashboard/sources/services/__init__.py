"""The three services: what market-analysis, trade-manager and trade-discovery said, and whether they spoke at all.

One that is away, slow or talking nonsense costs only its own datasets: the rest is kept, and its health says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd

from trade_dashboard.schema import PROVIDES, dataset, empty
from trade_dashboard.sessions import calendar
from trade_dashboard.sources import Fetched, Options, Rejected
from trade_dashboard.sources.connections import addresses
from trade_dashboard.sources.intake import accept
from trade_dashboard.sources.services import market_analysis, trade_discovery, trade_manager
from trade_dashboard.sources.services.client import Client, Patience
from trade_dashboard.sources.services.health import probe, with_work
from trade_dashboard.sources.services.reading import Asked, Batch, Row, Told

__all__ = ["Patience", "fetch"]

ACCOUNT, WATCHLIST, EXCHANGE = "TRADE_DASHBOARD_ACCOUNT", "TRADE_DASHBOARD_WATCHLIST", "TRADE_DASHBOARD_EXCHANGE"
DATASETS = PROVIDES["services"]
OF_THE_MOMENT = ("positions", "market_states")
OF_NO_CLOSE = "positions: left out, a session is under way and they are of this moment, not of a close"
PROBES = {
    "market-analysis": market_analysis.PROBES,
    "trade-manager": trade_manager.PROBES,
    "trade-discovery": trade_discovery.PROBES,
}
NEWEST = 20
PATIENCE = Patience()


def fetch(
    options: Options,
    first: date | None,
    last: date | None,
    *,
    now: datetime | None = None,
    patience: Patience = PATIENCE,
) -> Fetched:
    """Ask the three services.

    Parameters
    ----------
    options
        `environment` says where they are, whose account it is and which symbols are watched.
    first, last
        Sessions to keep, both included; None leaves that end open.
    now
        The instant of asking, UTC; the clock's when left out.
    patience
        How long each may take.

    Raises
    ------
    RequestError
        If an address or the connection is broken. A service that is away raises nothing.
    """
    environment = options.environment
    asked = Asked(first, last, now or datetime.now(UTC), calendar(environment.get(EXCHANGE) or "XNYS"))
    with ExitStack() as stack:
        clients = {
            name: stack.enter_context(Client(address, patience)) for name, address in addresses(environment).items()
        }
        with ThreadPoolExecutor(len(clients)) as pool:
            probes = pool.map(lambda one: probe(one, PROBES[one.name], asked), clients.values())
            health = dict(zip(clients, probes, strict=True))
        work = _work(clients, asked, environment)
    seen = [with_work(health[name], work[name].away) for name in clients]
    return _fetched([*seen, *work.values()], asked, _away(health, work))


def _work(clients: Mapping[str, Client], asked: Asked, environment: Mapping[str, str]) -> dict[str, Told]:
    account = environment.get(ACCOUNT) or "trade-manager"
    positions = trade_manager.tell(clients["trade-manager"], asked, account)
    opportunities = trade_discovery.tell(clients["trade-discovery"], asked)
    symbols = _watched(environment.get(WATCHLIST, "")) or _of_interest(asked, opportunities, positions)
    analysis = market_analysis.tell(clients["market-analysis"], asked, symbols)
    return {"market-analysis": analysis, "trade-manager": positions, "trade-discovery": opportunities}


def _watched(watchlist: str) -> list[str]:
    return list(dict.fromkeys(symbol.strip() for symbol in watchlist.split(",") if symbol.strip()))


def _of_interest(asked: Asked, opportunities: Told, positions: Told) -> list[str]:
    """Name the symbols of the newest candidates, none after the sessions asked for, then those that are held."""
    until = asked.probed.isoformat()
    found = [row for row in opportunities.rows("opportunities") if str(row["session"] or "~") <= until]
    newest = sorted(found, key=lambda row: str(row["time"]), reverse=True)
    candidates = list(dict.fromkeys(str(row["symbol"]) for row in newest if row["symbol"]))[:NEWEST]
    held = [str(row["symbol"]) for row in positions.rows("positions") if row["symbol"]]
    return list(dict.fromkeys(candidates + held))


def _away(health: Mapping[str, Told], work: Mapping[str, Told]) -> dict[str, str]:
    """Say what happened to each service that did not answer as it should; the probe's word comes first."""
    return {name: health[name].away or work[name].away for name in health if health[name].away or work[name].away}


def _fetched(told: list[Told], asked: Asked, away: Mapping[str, str]) -> Fetched:
    frames: dict[str, pd.DataFrame] = {}
    rejected: list[Rejected] = []
    notes = [note for one in told for note in one.notes]
    for name in DATASETS:
        batches = [batch for one in told for batch in one.batches if batch.dataset == name]
        if name == "positions" and batches and asked.trading:
            batches = []
            notes.append(OF_NO_CLOSE)
        frames[name], wrong = _accepted(name, batches, asked)
        rejected += wrong
        if name in OF_THE_MOMENT:
            notes += [_outside(batch) for batch in batches if not all(asked.wants(_session(row)) for row in batch.rows)]
    return Fetched(frames, tuple(notes), tuple(rejected), away)


def _accepted(name: str, batches: list[Batch], asked: Asked) -> tuple[pd.DataFrame, list[Rejected]]:
    """Keep the good records of the sessions asked for; one that is wrong is told by its answer and its place there."""
    kept = [
        (row, batch.origin, place)
        for batch in batches
        for place, row in enumerate(batch.rows, 1)
        if asked.wants(_session(row))
    ]
    if not kept:
        return empty(name), []
    good, wrong = accept(name, pd.DataFrame([row for row, *_ in kept]), "", first_line=0)
    return _one_each(name, good), [replace(one, origin=kept[one.line][1], line=kept[one.line][2]) for one in wrong]


def _outside(batch: Batch) -> str:
    return f"{batch.origin}: its {batch.dataset} are not of the sessions asked for"


def _session(row: Row) -> str | None:
    session = row["session"]
    return None if session is None else str(session)


def _one_each(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Give each record once: the last told, and of the states the one that is surest."""
    if name == "market_states":
        frame = frame.sort_values("confidence", kind="stable", na_position="first")
    return frame.drop_duplicates(list(dataset(name).key), keep="last").sort_index().reset_index(drop=True)
