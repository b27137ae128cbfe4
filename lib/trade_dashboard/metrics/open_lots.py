"""What is open, lot by lot: since when, of which strategy, and where its plan gives up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trade_dashboard.metrics.round_trips import round_trips

__all__ = ["lot_ages", "open_lots", "stops"]


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
    lots = round_trips(fills, corporate_actions).open_lots
    at = sessions.searchsorted(lots["entry_session"]).clip(max=len(sessions) - 1)
    sign = lots["side"].map({"long": 1.0, "short": -1.0}).astype("float64")
    found = pd.DataFrame(
        {
            "symbol": lots["symbol"],
            "strategy": lots["strategy"],
            "quantity": sign * lots["quantity"],
            "stop": lots["stop_price"],
            "opened": sessions[at],
            "age": len(sessions) - 1 - at,
        }
    )
    return found.sort_values(["symbol", "strategy"], kind="stable", ignore_index=True)


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
