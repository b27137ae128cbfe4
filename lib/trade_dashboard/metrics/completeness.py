"""Which bars there are of those that the exchange's calendar calls for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from trade_dashboard.metrics.stat import Stat, undefined

__all__ = ["Completeness", "completeness", "lacking"]


@dataclass(frozen=True)
class Completeness:
    """Bars called for and bars there are.

    Attributes
    ----------
    called, there
        Shape (n_sessions, n_symbols), bool, index `session`, columns `symbol`: which bars the calendar calls for, and which
        of these there are.
    held
        The same shape: whether the symbol was held at the close.
    """

    called: pd.DataFrame
    there: pd.DataFrame
    held: pd.DataFrame

    @property
    def share(self) -> Stat:
        """Fraction of the bars called for that there are."""
        called = int(self.called.to_numpy(dtype="bool").sum())
        if not called:
            return undefined("no bar is called for: nothing was held, and no prices came")
        return Stat(int(self.there.to_numpy(dtype="bool").sum()) / called, called)

    @property
    def by_session(self) -> pd.Series:
        """The fraction of each session; NaN where no bar is called for."""
        there, called = self.there.sum(axis="columns"), self.called.sum(axis="columns")
        return there / called.where(called > 0)

    @cached_property
    def symbols(self) -> pd.DataFrame:
        """Count by symbol (index), emptiest first: bars `called` and `there`, `share`, and whether it `ended` before the run date."""
        called, there = self.called.sum(), self.there.sum()
        ended = pd.Series(~self.called.to_numpy(dtype="bool")[-1:].any(axis=0), index=called.index)
        rows = pd.DataFrame({"called": called, "there": there, "share": there / called, "ended": ended})
        return rows[rows["called"] > 0].sort_values("share", kind="stable")

    @cached_property
    def by_month(self) -> pd.DataFrame:
        """The fraction by symbol (rows) and month (columns); NaN where no bar is called for."""
        month = pd.DatetimeIndex(self.called.index).to_period("M").rename("month")
        there, called = self.there.groupby(month).sum(), self.called.groupby(month).sum()
        return (there / called.where(called > 0)).T

    @cached_property
    def gaps(self) -> pd.DataFrame:
        """List runs of missing bars, newest first: `symbol`, `first`, `last` session, `sessions`, and `held` during any of them."""
        absent = (self.called & ~self.there).to_numpy(dtype="bool")
        before = np.vstack([np.zeros((1, absent.shape[1]), dtype="bool"), absent[:-1]])
        at, column = np.nonzero(absent)
        rows = pd.DataFrame(
            {
                "symbol": self.called.columns.to_numpy()[column],
                "session": self.called.index.to_numpy()[at],
                "run": (absent & ~before).cumsum(axis=0)[at, column],
                "held": self.held.to_numpy(dtype="bool")[at, column],
            }
        )
        runs = rows.groupby(["symbol", "run"], as_index=False).agg(
            first=("session", "min"), last=("session", "max"), sessions=("session", "size"), held=("held", "any")
        )
        return runs.drop(columns="run").sort_values(
            ["last", "sessions", "symbol"], ascending=[False, False, True], ignore_index=True
        )


def completeness(bars: pd.DataFrame, sessions: pd.DatetimeIndex, holdings: pd.DataFrame) -> Completeness:
    """Hold bars against the exchange's calendar.

    Parameters
    ----------
    bars
        Records as in the schema; those before `sessions` tell which symbols were there already.
    sessions
        The sessions to judge, the run date last.
    holdings
        Shares at the close, sessions × symbols, as a ledger has them.

    Returns
    -------
    Completeness
        A symbol's bars are called for from its first bar to its last, and from the first session it was held to the last:
        one that is held tonight is due tonight, one that was delisted ended with its last bar.
    """
    there = _mark(bars, sessions)
    held = holdings.reindex(sessions).fillna(0.0).ne(0.0)
    symbols = there.columns.union(held.columns[held.any()].astype("str")).rename("symbol")
    there = there.reindex(columns=symbols, fill_value=False)
    held = held.reindex(columns=symbols, fill_value=False)
    known = there.to_numpy(dtype="bool") | held.to_numpy(dtype="bool")
    already = bars.loc[bars["session"] < sessions[0], "symbol"].unique()
    begun = np.logical_or.accumulate(known, axis=0) | np.asarray(symbols.isin(already))
    going = np.logical_or.accumulate(known[::-1], axis=0)[::-1]
    called = pd.DataFrame(begun & going, index=sessions, columns=symbols)
    return Completeness(called, there, held)


def _mark(bars: pd.DataFrame, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    at = sessions.get_indexer(pd.DatetimeIndex(bars["session"]))
    column, symbols = pd.factorize(bars["symbol"].to_numpy()[at >= 0], sort=True)
    marks = np.zeros((len(sessions), len(symbols)), dtype="bool")
    marks[at[at >= 0], column] = True
    return pd.DataFrame(marks, index=sessions, columns=pd.Index(symbols, dtype="str"))


def lacking(bars: pd.DataFrame) -> pd.DataFrame:
    """Count the bars that lack a column, so that thousands of empty cells are one line.

    Returns
    -------
    pd.DataFrame
        Index `column`, of those that any bar lacks: `bars` without it, `of` how many, `symbols` with such bars.
    """
    optional = [column for column in ("open", "high", "low", "volume") if bars[column].isna().any()]
    counts = {
        column: (int(bars[column].isna().sum()), len(bars), bars.loc[bars[column].isna(), "symbol"].nunique())
        for column in optional
    }
    return pd.DataFrame.from_dict(counts, orient="index", columns=["bars", "of", "symbols"]).rename_axis("column")
