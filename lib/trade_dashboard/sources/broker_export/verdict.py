"""Of files that tell of the same things, what counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from trade_dashboard.schema import dataset, empty
from trade_dashboard.sources.broker_export.kinds import Export
from trade_dashboard.sources.broker_export.readings import Reading
from trade_dashboard.sources.broker_export.seen import Seen, Span, Window

__all__ = ["Verdict", "verdict"]


class Verdict(NamedTuple):
    """What counts of some files of one kind.

    Attributes
    ----------
    records
        Records that count.
    late
        Records that count only where there is none of their key yet: a later export that is gone told of their sessions.
    counted
        How many of each file's records these are.
    """

    records: pd.DataFrame
    late: pd.DataFrame
    counted: Mapping[Export, int]


def verdict(
    name: str, readings: Mapping[Export, Reading], spans: Iterable[Span], gone: Iterable[Seen], window: Window
) -> Verdict:
    """Choose of each key what the latest file says.

    Parameters
    ----------
    name
        The dataset.
    readings
        What each file held.
    spans
        Sessions of which these files tell all that is to be told.
    gone
        Files that were read before and are no more.
    window
        The sessions asked for.
    """
    files = sorted(one for one, reading in readings.items() if reading.records is not None)
    frames = [readings[one].records.assign(file=at) for at, one in enumerate(files)]  # type: ignore[union-attr]
    if not frames:
        return Verdict(empty(name), empty(name), {})
    everything = pd.concat(frames, ignore_index=True)
    last = everything.drop_duplicates(list(dataset(name).key), keep="last")
    chosen = last[_among(last["session"], spans) & window.holds(last["session"])]
    is_late = pd.Series(data=False, index=chosen.index)
    for one in gone:
        earlier = sum((file.end, file.stem) < (one.end, one.stem) for file in files)
        is_late |= (chosen["file"] < earlier) & _among(chosen["session"], [one.span] if one.span else [])
    counted = chosen["file"].value_counts()
    records = chosen.drop(columns="file")
    return Verdict(records[~is_late], records[is_late], {one: int(counted.get(at, 0)) for at, one in enumerate(files)})


def _among(sessions: pd.Series, spans: Iterable[Span]) -> pd.Series:
    inside = pd.Series(data=False, index=sessions.index)
    for low, high in spans:
        inside |= sessions.between(pd.Timestamp(low), pd.Timestamp(high))
    return inside
