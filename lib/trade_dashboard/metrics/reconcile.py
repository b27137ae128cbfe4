"""Whether the broker's own figures agree with what the account's records add up to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from trade_dashboard.metrics.ledger import Ledger

__all__ = ["Agreement", "Comparison", "compare", "reconcile"]

HALF_A_CENT = 0.005
SHARES = 1e-6


@dataclass(frozen=True)
class Agreement:
    """The newest session of which the broker gave a figure, against ours.

    Attributes
    ----------
    session
        None when the broker never gave an account value.
    broker_equity, our_equity
        USD.
    positions
        Symbols whose holdings differ (index `symbol`): `broker` and `ours` in shares. Empty when all agree, or when the
        broker listed no position for that session.
    positions_checked
        How many holdings were compared.
    is_opening
        Whether that session is the one the reckoning starts from: then agreement says nothing.
    """

    session: date | None
    broker_equity: float
    our_equity: float
    positions: pd.DataFrame
    positions_checked: int
    is_opening: bool = False

    @property
    def difference(self) -> float:
        """USD by which ours is above the broker's; NaN when there is nothing to compare."""
        return self.our_equity - self.broker_equity

    @property
    def equity_agrees(self) -> bool:
        """Whether equity agrees to the cent."""
        return abs(self.difference) < HALF_A_CENT

    @property
    def agrees(self) -> bool:
        """Whether equity agrees to the cent and holdings to the share."""
        return self.equity_agrees and self.positions.empty


@dataclass(frozen=True)
class Comparison:
    """Every figure the broker gave, against ours.

    Attributes
    ----------
    equity
        Index `session`, of those the broker gave an account value or positions of: `broker` and `ours` (USD, NaN where one
        is not known), `difference` (ours above the broker's), `positions_checked` (holdings compared; 0 where the broker
        listed none), `breaks` (figures that differ: equity by a cent, each holding by a share's fraction). The session that
        the reckoning starts from is not there: its figure would agree with itself.
    positions
        Holdings that differ, newest first: `session`, `symbol`, `broker`, `ours` (shares), `difference`.
    """

    equity: pd.DataFrame
    positions: pd.DataFrame

    @property
    def breaks(self) -> pd.DataFrame:
        """The sessions on which any figure differs, newest first."""
        return self.equity[self.equity["breaks"] > 0].iloc[::-1]


def compare(account: Ledger, equity: pd.DataFrame, positions: pd.DataFrame) -> Comparison:
    """Hold every figure the broker gave against the ledger.

    Parameters
    ----------
    account
        Reckoned from flows, fills and prices.
    equity, positions
        The broker's records as in the schema; one dated while the exchange was closed is held against the close before.
    """
    pairs = _holdings(account, positions)
    differs = (pairs["ours"] - pairs["broker"]).abs() > SHARES
    told = equity.set_index("session")["equity"]
    sessions = pd.DatetimeIndex(told.index).union(pd.DatetimeIndex(pairs["session"].unique())).rename("session")
    sessions = sessions[_closes(account, sessions) > 0]
    ours = pd.Series(account.equity.to_numpy()[_closes(account, sessions)], index=sessions, dtype="float64")
    broker = told.reindex(sessions)
    checked = pairs.groupby("session").size().reindex(sessions, fill_value=0)
    wrong = differs.groupby(pairs["session"]).sum().reindex(sessions, fill_value=0)
    away = broker.notna() & ~((ours - broker).abs() < HALF_A_CENT)
    figures = {"broker": broker, "ours": ours, "difference": ours - broker, "positions_checked": checked}
    return Comparison(
        pd.DataFrame(figures | {"breaks": away.astype("int64") + wrong}),
        pairs[differs]
        .assign(difference=lambda rows: rows["ours"] - rows["broker"])
        .sort_values(["session", "symbol"], ascending=[False, True], ignore_index=True),
    )


def _closes(account: Ledger, sessions: pd.Index) -> np.ndarray:
    """Place dates among the account's closes: each at its own or the one before; -1 before the first."""
    return account.sessions.searchsorted(sessions, side="right") - 1


def _holdings(account: Ledger, positions: pd.DataFrame) -> pd.DataFrame:
    """Pair the holdings of each session that the broker listed any of, there and here; what is nothing on both sides is left out."""
    days = pd.DatetimeIndex(positions["session"].unique()).sort_values()
    days = days[_closes(account, days) >= 0]
    held = account.holdings.iloc[_closes(account, days)].set_axis(days.rename("session"), axis="index")
    ours = held.melt(var_name="symbol", value_name="ours", ignore_index=False).set_index("symbol", append=True)["ours"]
    listed = positions[positions["session"].isin(days)].set_index(["session", "symbol"])["quantity"]
    pairs = pd.DataFrame({"broker": listed, "ours": ours}).fillna(0.0)
    return pairs[(pairs != 0).any(axis="columns")].rename_axis(["session", "symbol"]).reset_index()


def reconcile(account: Ledger, equity: pd.DataFrame, positions: pd.DataFrame) -> Agreement:
    """Compare the ledger with the broker's newest account value, and with its positions of that session.

    Parameters
    ----------
    account
        Reckoned from flows, fills and prices.
    equity, positions
        The broker's records as in the schema; one dated while the exchange was closed is held against the close before.
    """
    none = pd.DataFrame(columns=["broker", "ours"])
    if equity.empty:
        return Agreement(None, float("nan"), float("nan"), none, 0)
    told = equity.iloc[-1]
    session = told["session"]
    pairs = _holdings(account, positions[positions["session"] == session]).set_index("symbol")[["broker", "ours"]]
    at = int(_closes(account, pd.DatetimeIndex([session]))[0])
    return Agreement(
        session=session.date(),
        broker_equity=told["equity"],
        our_equity=account.equity.iloc[at] if at >= 0 else float("nan"),
        positions=pairs[(pairs["broker"] - pairs["ours"]).abs() > SHARES],
        positions_checked=len(pairs),
        is_opening=at <= 0,
    )
