"""What discovery found, and what became of it: each candidate followed over the sessions after, beside the benchmark.

A candidate is entered after it was known: at the open of the first session after its discovery. No record of a later
session than the run date goes into anything here, and nobody is dropped for having failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from trade_dashboard.errors import RequestError
from trade_dashboard.metrics.ledger import Ledger
from trade_dashboard.sessions import Calendar

__all__ = ["HORIZONS", "candidate_turnover", "candidates", "follow", "marked", "missed", "taken"]

HORIZONS = (1, 2, 3, 5, 10, 20)


def candidates(opportunities: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Make candidates of opportunities: one a symbol a session, the one with the highest score, then the earliest.

    Parameters
    ----------
    opportunities
        Records as in the schema.
    calendar
        The sessions to count by.

    Returns
    -------
    pd.DataFrame
        Ordered by session and rank: `session`, `symbol`, `score`, `market_state`, `reason`, `rank` (1 is the session's
        best; of equal scores the earliest, then by symbol) and `at` (the number of the session, or of the last one before
        the date it names, in the calendar).
    """
    order = ["session", "score", "time", "symbol", "opportunity_id"]
    best = opportunities.sort_values(order, ascending=[True, False, True, True, True], ignore_index=True)
    best = best.drop_duplicates(["session", "symbol"], ignore_index=True)
    return best[["session", "symbol", "score", "market_state", "reason"]].assign(
        rank=best.groupby("session").cumcount() + 1,
        at=_days(calendar).searchsorted(best["session"], side="right") - 1,
    )


def marked(found: pd.DataFrame, account: Ledger, bars: pd.DataFrame) -> pd.DataFrame:
    """Mark those candidates of the account's last session that it holds or has traded.

    Parameters
    ----------
    found
        As `candidates` gives it.
    account
        Reckoned up to the session of interest.
    bars
        Adjusted bars of these symbols, for as many sessions as the sparkline shall have.

    Returns
    -------
    pd.DataFrame
        `found` of that session, and `held` (shares, negative = short, 0 = none), `traded` (session of the last fill, NaT
        = never) and `closes` (USD a share, adjusted, oldest first; a session without a price is left out).
    """
    tonight = found[found["session"] == account.sessions[-1]].reset_index(drop=True)
    last = {symbol: fills[fills > 0].index.max() for symbol, fills in account.trades.items()}
    closes = bars.groupby("symbol")["close"].agg(tuple)
    return tonight.assign(
        held=tonight["symbol"].map(account.holdings.iloc[-1]).fillna(0.0).astype("float64"),
        traded=pd.Series([last.get(symbol) for symbol in tonight["symbol"]], dtype="datetime64[us]"),
        closes=[closes.get(symbol, ()) for symbol in tonight["symbol"]],
    )


def follow(
    found: pd.DataFrame,
    bars: pd.DataFrame,
    benchmark: str,
    calendar: Calendar,
    run_date: date,
    *,
    horizons: Sequence[int] = HORIZONS,
) -> pd.DataFrame:
    """Follow each candidate from the first session after its discovery, over each horizon, beside the benchmark.

    A window of H sessions goes from the open of its first session to the close of its Hth. Where the candidate, or the
    benchmark, has no open then, both are entered at that session's close, and left H closes later.

    Parameters
    ----------
    found
        As `candidates` gives it; those discovered after the run date are not looked at.
    bars
        Adjusted bars of the candidates and the benchmark; those after the run date are not looked at.
    benchmark
        Symbol to compare with; it need not have bars.
    calendar, run_date
        The sessions to count, and the last one that is known.
    horizons
        Sessions, each at least 1.

    Returns
    -------
    pd.DataFrame
        One row a candidate and horizon, ordered by horizon, session and rank: the columns of `found`, and `horizon`;
        `exit_at` (number of the window's last session); `entered` ("open" or "close"); `status`: "followed"; "ended" (the
        symbol's prices end within the window: the last one stands); "open" (the window is not complete by the run date);
        "no price" (none in the session of entry: it could not be entered); `return` and `benchmark_return` (fractions,
        NaN unless followed or ended); `excess` (the first less the second, NaN without a benchmark too).

    Raises
    ------
    RequestError
        If a horizon is not at least 1.
    """
    if min(horizons) < 1:
        raise RequestError(f"A horizon is at least 1 session, but got {min(horizons)}. Try `-p horizon=5`.")
    days = _days(calendar)
    today = int(days.searchsorted(pd.Timestamp(run_date), side="right")) - 1
    rows = found[found["at"] <= today].merge(pd.DataFrame({"horizon": sorted(set(horizons))}), how="cross")
    rows = rows.sort_values(["horizon", "session", "rank"], ignore_index=True)
    known = bars[bars["session"].isin(days[: today + 1])]
    prices = known.assign(at=days.get_indexer(pd.Index(known["session"]))).set_index(["symbol", "at"])
    return _followed(rows, prices, benchmark, today)


def _followed(rows: pd.DataFrame, prices: pd.DataFrame, benchmark: str, today: int) -> pd.DataFrame:
    names, theirs, entry = rows["symbol"], pd.Series(benchmark, index=rows.index), rows["at"] + 1
    opens, closes = _look(prices["open"], names, entry), _look(prices["close"], names, entry)
    their_opens, their_closes = _look(prices["open"], theirs, entry), _look(prices["close"], theirs, entry)
    by_open = (opens.notna() & (their_opens.notna() | their_closes.isna())) | (entry > today)
    paid, they_paid = closes.mask(by_open, opens), their_closes.mask(by_open, their_opens)
    exit_at = entry + rows["horizon"] - by_open
    ends = names.map(prices.reset_index().groupby("symbol")["at"].max()).astype("float64")
    conditions = [(entry <= today) & paid.isna(), exit_at > today, ends < exit_at]
    status = pd.Series(np.select(conditions, ["no price", "open", "ended"], "followed"), index=rows.index, dtype="str")
    told = status.isin(["followed", "ended"])
    standing = _standing(prices["close"], int(rows["at"].min()) if len(rows) else today, today)
    gained = (_look(standing, names, exit_at) / paid - 1).where(told)
    they_gained = (_look(standing, theirs, exit_at) / they_paid - 1).where(told)
    entered = pd.Series(np.where(by_open, "open", "close"), index=rows.index, dtype="str")
    rows = rows.assign(exit_at=exit_at, entered=entered, status=status)
    return rows.assign(**{"return": gained, "benchmark_return": they_gained, "excess": gained - they_gained})


def _look(values: pd.Series, symbols: pd.Series, at: pd.Series) -> pd.Series:
    """Take the value of each symbol at each number, NaN where there is none."""
    keys = pd.MultiIndex.from_arrays([symbols, at], names=["symbol", "at"])
    return pd.Series(values.reindex(keys).to_numpy(), index=symbols.index, dtype="float64")


def _standing(closes: pd.Series, first: int, last: int) -> pd.Series:
    """Carry each symbol's closes over the sessions without one."""
    return _by_symbol(closes.unstack("symbol").reindex(pd.RangeIndex(first, last + 1, name="at")).ffill())


def _by_symbol(frame: pd.DataFrame) -> pd.Series:
    """Turn a frame of one column a symbol into values by symbol and row."""
    return pd.Series(frame.rename_axis("symbol", axis="columns").unstack())


def taken(followed: pd.DataFrame, account: Ledger, calendar: Calendar) -> pd.Series:
    """Tell which candidates the account took: held at the close of their discovery, or traded within the window so far.

    Parameters
    ----------
    followed
        As `follow` gives it.
    account
        Reckoned up to the run date.
    calendar
        The sessions to count.

    Returns
    -------
    pd.Series
        Shape (n,), bool, index of `followed`.
    """
    numbers = pd.Index(_days(calendar).get_indexer(account.sessions), name="at")
    held = _by_symbol(account.holdings.set_axis(numbers))
    fills = _by_symbol(account.trades.cumsum().set_axis(numbers))
    names, found, left = followed["symbol"], followed["at"], followed["exit_at"].clip(upper=numbers[-1])
    traded = _look(fills, names, left).fillna(0.0) - _look(fills, names, found).fillna(0.0)
    return (_look(held, names, found).fillna(0.0) != 0) | (traded > 0)


def missed(followed: pd.DataFrame, took: pd.Series, *, worst: bool = False) -> pd.DataFrame:
    """List what was not taken and beat the benchmark, one row a symbol: the discovery after which it led most.

    Parameters
    ----------
    followed, took
        As `follow` and `taken` give them, of one horizon.
    worst
        Whether to list what lagged instead, by the discovery after which it lagged most: what was spared.

    Returns
    -------
    pd.DataFrame
        Rows of `followed`, best (or worst) first.
    """
    rows = followed[((followed["excess"] < 0) if worst else (followed["excess"] > 0)) & ~took]
    best = rows.sort_values(["excess", "session", "symbol"], ascending=[worst, True, True])
    return best.drop_duplicates("symbol", ignore_index=True)


def candidate_turnover(found: pd.DataFrame) -> pd.DataFrame:
    """Count how many of each session's candidates were none in the session before.

    Returns
    -------
    pd.DataFrame
        Index `session`: `candidates`, `new` (counts) and `share` (fraction). Of a session whose session before has no
        candidate at all, `new` and `share` are NaN: there is nothing to hold it against, and the service may have been away.
    """
    before = found.assign(at=found["at"] + 1)[["at", "symbol"]]
    again = found[["at", "symbol"]].merge(before).groupby("at").size()
    told = found.groupby("at").agg(session=("session", "first"), candidates=("symbol", "size"))
    new = (told["candidates"] - again.reindex(told.index, fill_value=0)).astype("float64")
    told["new"] = new.where(pd.Series(told.index.isin(before["at"]), index=told.index))
    return told.assign(share=told["new"] / told["candidates"]).set_index("session")


def _days(calendar: Calendar) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(calendar.sessions, name="session").as_unit("us")
