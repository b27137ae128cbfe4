"""What is open, lot by lot: since when, of which strategy, and where its plan gives up."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trade_dashboard.metrics.ledger import SHARES_DECIMALS

__all__ = ["lot_ages", "open_lots", "stops"]

COLUMNS = {"symbol": "str", "strategy": "str", "at": "int64", "quantity": "float64", "stop": "float64"}


@dataclass
class _Lot:
    at: int
    quantity: float
    stop: float


def open_lots(fills: pd.DataFrame, corporate_actions: pd.DataFrame, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Find what of the fills is still open, first in, first out, by symbol and strategy.

    Parameters
    ----------
    fills, corporate_actions
        Records as in the schema.
    sessions
        The account's, the last of them today's; what happened on a closed day is of the next session.

    Returns
    -------
    pd.DataFrame
        One row a lot, oldest first within its symbol and strategy: `symbol`, `strategy` (NaN where the fill names none),
        `opened` (session), `age` (sessions, 0 = today), `quantity` (today's shares, after splits; negative = short) and
        `stop` (USD a share of today's, NaN without one). Quantities of a symbol add up to what the ledger holds.
    """
    traded = _in_todays_shares(fills, corporate_actions, sessions).sort_values(["at", "time", "fill_id"])
    rows = [
        (symbol, strategy, lot.at, lot.quantity, lot.stop)
        for (symbol, strategy), own in traded.groupby(["symbol", "strategy"], dropna=False)
        for lot in _remaining(own)
    ]
    lots = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    return lots.assign(opened=sessions[lots["at"]], age=len(sessions) - 1 - lots["at"]).drop(columns="at")


def _in_todays_shares(fills: pd.DataFrame, corporate_actions: pd.DataFrame, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Sign quantities, and say them and their stops as if every later split had always been."""
    at = pd.Series(sessions.searchsorted(fills["session"]).clip(max=len(sessions) - 1), index=fills.index)
    since = pd.Series(1.0, index=fills.index)
    splits = corporate_actions[corporate_actions["kind"] == "split"]
    for symbol, ratio, when in zip(
        splits["symbol"], splits["ratio"], sessions.searchsorted(splits["session"]), strict=True
    ):
        since = since.mask((fills["symbol"] == symbol) & (at < when), since * ratio)
    sign = fills["side"].map({"BUY": 1.0, "SELL": -1.0}).astype("float64")
    return fills.assign(at=at, quantity=sign * fills["quantity"] * since, stop=fills["stop_price"] / since)


def _remaining(fills: pd.DataFrame) -> Iterator[_Lot]:
    lots: deque[_Lot] = deque()
    for at, quantity, stop in zip(fills["at"], fills["quantity"], fills["stop"], strict=True):
        left = quantity
        while lots and left * lots[0].quantity < 0:
            closed = min(abs(left), abs(lots[0].quantity)) * np.sign(left)
            left = round(left - closed, SHARES_DECIMALS)
            lots[0].quantity = round(lots[0].quantity + closed, SHARES_DECIMALS)
            if not lots[0].quantity:
                lots.popleft()
        if left:
            lots.append(_Lot(at, left, stop))
    return iter(lots)


def lot_ages(lots: pd.DataFrame) -> pd.DataFrame:
    """Tell how long each symbol has been open.

    Parameters
    ----------
    lots
        As `open_lots` gives it.

    Returns
    -------
    pd.DataFrame
        Index `symbol`: `lots` (count), `oldest`, `newest` and `mean` (sessions; the mean by shares).
    """
    sized = lots.assign(size=lots["quantity"].abs(), aged=lots["quantity"].abs() * lots["age"]).groupby("symbol")
    return pd.DataFrame(
        {
            "lots": sized["age"].count(),
            "oldest": sized["age"].max().astype("float64"),
            "newest": sized["age"].min().astype("float64"),
            "mean": sized["aged"].sum() / sized["size"].sum(),
        }
    )


def stops(lots: pd.DataFrame, holdings: pd.DataFrame) -> pd.DataFrame:
    """Measure each holding's way to its stop: the newest that an open lot of its direction was given.

    Parameters
    ----------
    lots
        As `open_lots` gives it.
    holdings
        As `metrics.by_symbol` gives it.

    Returns
    -------
    pd.DataFrame
        Index `symbol`, every holding: `stop` (USD a share, NaN without one), `distance` (fraction of the price that it may
        still move against the holding; negative = the close is beyond the stop), `loss` (USD lost from the close to the
        stop, negative; NaN without a stop ahead) and `plan`: "stop", "passed" when the close is at the stop or beyond it,
        else "no plan".
    """
    held = holdings[holdings["quantity"] != 0]
    direction = np.sign(held["quantity"])
    planned = lots[lots["stop"].notna() & (np.sign(lots["quantity"]) == direction.reindex(lots["symbol"]).to_numpy())]
    stop = planned.sort_values("age", ascending=False, kind="stable").groupby("symbol")["stop"].last()
    stop = stop.reindex(held.index)
    distance = direction * (held["close"] - stop) / held["close"]
    plan = pd.Series("no plan", index=held.index).mask(distance > 0, "stop").mask(distance <= 0, "passed")
    loss = (-held["value"].abs() * distance).where(distance > 0)
    return pd.DataFrame({"stop": stop, "distance": distance, "loss": loss, "plan": plan})
