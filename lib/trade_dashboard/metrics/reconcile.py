"""Whether the broker's own figures agree with what the account's records add up to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from trade_dashboard.metrics.account import history
from trade_dashboard.metrics.ledger import Ledger

__all__ = ["Agreement", "reconcile"]

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
    def agrees(self) -> bool:
        """Whether equity agrees to the cent and holdings to the share."""
        return abs(self.difference) < HALF_A_CENT and self.positions.empty


def reconcile(account: Ledger, equity: pd.DataFrame, positions: pd.DataFrame) -> Agreement:
    """Compare the ledger with the broker's newest account value, and with its positions of that session.

    Parameters
    ----------
    account
        Reckoned from flows, fills and prices.
    equity, positions
        The broker's records as in the schema.
    """
    none = pd.DataFrame(columns=["broker", "ours"])
    if equity.empty:
        return Agreement(None, float("nan"), float("nan"), none, 0)
    told = equity.iloc[-1]
    session = told["session"]
    listed = positions[positions["session"] == session].set_index("symbol")["quantity"]
    pair = pd.DataFrame({"broker": listed, "ours": account.holdings.loc[session]}).fillna(0.0)
    pair = pair[(pair != 0).any(axis="columns")] if len(listed) else none
    return Agreement(
        session=session.date(),
        broker_equity=told["equity"],
        our_equity=history(account)["equity"].loc[session],
        positions=pair[(pair["broker"] - pair["ours"]).abs() > SHARES],
        positions_checked=len(pair),
        is_opening=session == account.sessions[0],
    )
