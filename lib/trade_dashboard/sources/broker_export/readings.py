"""Files → records, and what is wrong in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from trade_dashboard.errors import SchemaError
from trade_dashboard.schema import empty
from trade_dashboard.sources import Rejected
from trade_dashboard.sources.broker_export.kinds import ACCOUNTS_FILE, KINDS, Export, Rows, rows
from trade_dashboard.sources.intake import accept, once

__all__ = ["Reading", "read"]

WHOLE_FILE = "whole file"


class Reading(NamedTuple):
    """What a file held: records of its dataset, things wrong, notes, and the account that an account's file names.

    Of a file broken as a whole there are no records, and it is one thing wrong, in line 0.
    """

    records: pd.DataFrame | None
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = ()
    account: str | None = None

    @property
    def span(self) -> tuple[str, str] | None:
        """Give the first and last session of its records."""
        if self.records is None or self.records.empty:
            return None
        sessions = self.records["session"]
        return sessions.min().date().isoformat(), sessions.max().date().isoformat()


def read(contents: Iterator[tuple[Export, bytes | OSError]], account: str | None) -> dict[Export, Reading]:
    """Read files.

    Parameters
    ----------
    contents
        Each file with what it holds, or why it cannot be opened.
    account
        Whose the records are; None if that is not known.
    """
    readings: dict[Export, Reading] = {}
    found: dict[Export, Rows] = {}
    for one, content in contents:
        if isinstance(content, OSError):
            readings[one] = _broken(one, "unreadable", str(content))
            continue
        try:
            found[one] = rows(one, content, account)
        except SchemaError as error:
            readings[one] = _broken(one, f"{len(content):,} bytes", str(error))
    # to check records costs much for each frame and little for each record: all files of a kind are one
    for kind in KINDS:
        readings |= _of_kind(kind, {one: told for one, told in found.items() if one.kind == kind}, account)
    return readings


def _broken(one: Export, size: str, reason: str) -> Reading:
    return Reading(None, (Rejected(KINDS[one.kind].dataset, one.path.name, 0, WHOLE_FILE, size, reason),))


def _of_kind(kind: str, found: Mapping[Export, Rows], account: str | None) -> dict[Export, Reading]:
    if not found:
        return {}
    of, files = KINDS[kind].dataset, list(found)
    frames = [found[one].frame for one in files]
    places = [(at, int(line)) for at, frame in enumerate(frames) for line in frame.index]
    good, unfit = accept(of, pd.concat(frames, ignore_index=True), "", first_line=0)
    records = _by_file(good, places)
    wrong: list[list[Rejected]] = [[] for _ in files]
    for one in unfit:
        at, line = places[one.line]
        wrong[at].append(replace(one, origin=files[at].path.name, line=line))
    named = account if kind == ACCOUNTS_FILE else None
    return {
        one: _reading(one, found[one], records.get(at, empty(of)), wrong[at], named) for at, one in enumerate(files)
    }


def _by_file(records: pd.DataFrame, places: Sequence[tuple[int, int]]) -> dict[int, pd.DataFrame]:
    """Part records by their file, and label them by their line."""
    files = pd.Series([places[label][0] for label in records.index], dtype="int64").to_numpy()
    lined = records.set_axis(pd.Index([places[label][1] for label in records.index], dtype="int64"))
    return {int(at): some for at, some in lined.groupby(files)}  # type: ignore[call-overload]


def _reading(one: Export, told: Rows, good: pd.DataFrame, unfit: list[Rejected], account: str | None) -> Reading:
    of, name = KINDS[one.kind].dataset, one.path.name
    single, differing = once(of, good, name)
    none = [Rejected(of, name, *wrong) for wrong in told.wrong]
    wrong = sorted([*none, *unfit, *differing], key=lambda one: (one.line, one.column))
    return Reading(single, tuple(wrong), tuple(f"{name}: {note}" for note in told.notes), account)
