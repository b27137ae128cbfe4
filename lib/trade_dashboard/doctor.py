"""What is set, what is reachable, what is missing, and what to do about it."""

from __future__ import annotations

import os
import platform
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import requests

from trade_dashboard import store
from trade_dashboard.errors import TradeDashboardError
from trade_dashboard.runs.catalog import catalog
from trade_dashboard.runs.manifest import versions
from trade_dashboard.schema import DATASETS
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import PREFIX, Settings
from trade_dashboard.sources.connections import addresses

__all__ = ["Finding", "examine"]

PATIENCE_SECONDS = 2


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `cure` says what to do where something is to be done."""

    what: str
    state: Literal["ok", "missing", "broken"]
    said: str
    cure: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything a run stands on; changes nothing."""
    return [
        Finding("versions", "ok", f"python {platform.python_version()}, {_versions()}"),
        _variables(),
        _calendar(settings),
        _store(settings),
        _notebooks(settings),
        _outputs(settings.outputs),
        _kernel(),
        _services(),
    ]


def _versions() -> str:
    return ", ".join(f"{name} {version}" for name, version in versions().items())


def _variables() -> Finding:
    names = sorted(name for name in os.environ if name.startswith(PREFIX))
    return Finding("variables set", "ok", ", ".join(names) or "none; every setting has its default")


def _calendar(settings: Settings) -> Finding:
    try:
        exchange = calendar(settings.exchange)
        last = exchange.last_closed(datetime.now(UTC))
    except TradeDashboardError as error:
        return Finding("calendar", "broken", str(error), "install a newer trade-dashboard, or choose another exchange")
    return Finding("calendar", "ok", f"{settings.exchange} to {exchange.sessions[-1]}, last closed session {last}")


def _store(settings: Settings) -> Finding:
    today, now = calendar(settings.exchange).sessions[-2], datetime.now(UTC)
    try:
        found = {name: store.extent(settings.store, name, until=today, known_at=now) for name in DATASETS}
        damaged = store.damaged(settings.store)
    except TradeDashboardError as error:
        return Finding("store", "broken", str(error), "move the file it names away, and ingest again")
    if damaged:
        return Finding(
            "store",
            "broken",
            f"{damaged[0]} is gone or not as it was written"
            + (f", and {len(damaged) - 1} more" if damaged[1:] else ""),
            "bring it back from a copy, or move the commit that names it away and ingest again",
        )
    lasts = [one.last for one in found.values() if one.last]
    if not lasts:
        return Finding("store", "missing", f"{settings.store} holds no records", "trade-dashboard ingest sample")
    counts = ", ".join(f"{one.rows:,} {name}" for name, one in found.items() if one.rows)
    return Finding("store", "ok", f"{settings.store} up to {max(lasts)}: {counts}")


def _notebooks(settings: Settings) -> Finding:
    try:
        found = catalog(settings.notebooks)
    except TradeDashboardError as error:
        return Finding("notebooks", "broken", str(error), "name the folder with --notebooks")
    if not found:
        return Finding(
            "notebooks", "broken", f"{settings.notebooks} holds no report", "name the folder with --notebooks"
        )
    return Finding("notebooks", "ok", f"{', '.join(found)} in {settings.notebooks}")


def _outputs(folder: Path) -> Finding:
    there = next(parent for parent in [folder.absolute(), *folder.absolute().parents] if parent.exists())
    if not os.access(there, os.W_OK):
        return Finding(
            "outputs", "broken", f"{there} cannot be written", "give write access, or name another --outputs"
        )
    return Finding("outputs", "ok", f"{folder} can be written")


def _services() -> Finding:
    """Ask each service's address for anything at all; only ingesting from them needs them."""
    try:
        found = {name: address.base_url for name, address in addresses(os.environ).items()}
    except TradeDashboardError as error:
        return Finding("services", "broken", str(error), "mend the variable it names")
    with ThreadPoolExecutor(len(found)) as pool:
        silent = [name for name, answers in zip(found, pool.map(_answers, found.values()), strict=True) if not answers]
    said = ", ".join(f"{name} at {url}{' does not answer' if name in silent else ''}" for name, url in found.items())
    cure = "start it, or set its _HOST and _PORT; only `trade-dashboard ingest services` needs it" if silent else ""
    return Finding("services", "missing" if silent else "ok", said, cure)


def _answers(url: str) -> bool:
    try:
        requests.get(url, timeout=PATIENCE_SECONDS)
    except requests.RequestException:
        return False
    return True


def _kernel() -> Finding:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding("kernel", "broken", "no kernel `python3`", "pip install -r requirements.txt")
    return Finding("kernel", "ok", f"python3 ({spec.display_name})")
