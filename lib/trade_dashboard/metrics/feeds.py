"""Each dataset through the last sessions: on which ones it came, how old its newest record was, how complete it is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from trade_dashboard.metrics.freshness import EVERY_SESSION
from trade_dashboard.metrics.stat import Stat, undefined

__all__ = ["ages", "arrived", "oldest", "shares"]


def arrived(seen: Mapping[str, pd.Series], sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Mark on which sessions (rows) any record of each dataset (columns) came.

    Parameters
    ----------
    seen
        By dataset, the sessions of its records.
    sessions
        The sessions to judge.
    """
    return pd.DataFrame({name: sessions.isin(days) for name, days in seen.items()}, index=sessions)


def shares(came: pd.DataFrame, first: pd.Series, held: pd.Series) -> dict[str, float]:
    """Measure each dataset by the sessions it came on.

    Parameters
    ----------
    came
        As `arrived` marks it.
    first
        First session of each dataset's records, however long ago; NaT without any.
    held
        By session, whether anything was held: on others no positions are due.

    Returns
    -------
    dict[str, float]
        By dataset, fraction of the sessions since its first record; NaN where none is due.
    """
    days = pd.Series(came.index, index=came.index)
    due = pd.DataFrame({name: days >= first.loc[name] for name in came.columns})
    if "positions" in due:
        due["positions"] &= held
    there, called = (came & due).sum(), due.sum()
    return {str(name): share for name, share in (there / called.where(called > 0)).items()}


def ages(came: pd.DataFrame, verdicts: pd.Series) -> pd.DataFrame:
    """Count, session by session, how old the newest record of each dataset was.

    Parameters
    ----------
    came
        As `arrived` marks it.
    verdicts
        As `freshness` gives them, by dataset.

    Returns
    -------
    pd.DataFrame
        Index of `came`, one column for each dataset that is due every session and ever came: sessions, 0 = its own; NaN
        before the first record of the sessions shown.
    """
    place = pd.Series(np.arange(len(came), dtype="float64"), index=came.index)
    return pd.DataFrame(
        {name: place - place.where(came[name]).ffill() for name in came if name in _due(verdicts)}, index=came.index
    )


def oldest(feeds: pd.DataFrame) -> Stat:
    """Take the age in sessions of the stalest dataset that is due every session; undefined while one of them never came.

    Parameters
    ----------
    feeds
        Index `dataset`, `age` and `verdict` as `freshness` gives them.
    """
    broken = [str(name).replace("_", " ") for name in feeds.index[feeds["verdict"] == "broken"]]
    if broken:
        return undefined(f"never came: {', '.join(broken)}")
    due = feeds.loc[_due(feeds["verdict"]), "age"]
    return Stat(due.max(), len(due)) if len(due) else undefined("nothing that is due every session was ever known")


def _due(verdicts: pd.Series) -> list[str]:
    return [name for name in EVERY_SESSION if verdicts.get(name) in {"fresh", "stale"}]
