"""Pages have an end; the last success of each report never."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from trade_dashboard.deliver.records import Record, records
from trade_dashboard.runs.publish import holding
from trade_dashboard.sessions import calendar

__all__ = ["Pruned", "prune"]


@dataclass(frozen=True)
class Pruned:
    """Sessions whose pages were taken away, as `report/run date`, and the bytes that were freed."""

    folders: tuple[str, ...]
    freed: int


def prune(outputs: Path, exchange: str, keep: int) -> Pruned:
    """Take away what runs of old sessions left, but for each report's last success.

    Parameters
    ----------
    outputs
        Folder of the pages.
    exchange
        Whose sessions are counted.
    keep
        How many sessions stay, up to the newest that has a page. A session whose run is at work just now stays too.
    """
    found = records(outputs)
    newest = max((one.run_date for one in found if one.done), default=None)
    if newest is None:
        return Pruned((), 0)
    since = calendar(exchange).previous(newest, keep - 1) if keep > 1 else newest
    last = {one.report: one for one in found if one.done}
    kept = {_folder(one) for one in last.values()}
    old = dict.fromkeys(_folder(one) for one in found if one.run_date < since)
    gone = {folder: _remove(outputs / folder) for folder in old if folder not in kept}
    taken = {folder: size for folder, size in gone.items() if size is not None}
    return Pruned(tuple(taken), sum(taken.values()))


def _folder(record: Record) -> str:
    return f"{record.report}/{record.run_date}"


def _remove(folder: Path) -> int | None:
    """Remove a folder; gives its bytes, or None if a run is at work in it."""
    with holding(folder) as free:
        if not free:
            return None
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        shutil.rmtree(folder)
    return size
