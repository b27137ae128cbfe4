"""How trips were carried out: what stood between the decision and the money, and between the plan and the exit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trade_dashboard.metrics.journal import facts
from trade_dashboard.metrics.stat import Stat, undefined

__all__ = ["Costs", "against_plan", "costs"]

NEAR_LEVEL = 0.1
OUTCOMES = ["beyond the stop", "at the stop", "between", "at the target", "beyond the target"]


@dataclass(frozen=True)
class Costs:
    """What trading cost, in USD: what the trips would have brought at their arrival prices, and what was left of it.

    Attributes
    ----------
    at_arrival
        Gross P&L and slippage together; a fill without an arrival price counts with its own.
    slippage, fees
        Positive = cost.
    gross, net
        P&L before and after fees.
    fills, arrived
        Fills of the trips, one for each end of a trip, and how many of them carry an arrival price.
    """

    at_arrival: float
    slippage: float
    gross: float
    fees: float
    net: float
    fills: int
    arrived: int

    def share(self, cost: float) -> Stat:
        """Give a cost as a fraction of the P&L at arrival prices, undefined unless that is above zero."""
        if self.at_arrival > 0:
            return Stat(cost / self.at_arrival, self.fills)
        return undefined("the trips earned nothing before costs", self.fills)


def costs(closed: pd.DataFrame) -> Costs:
    """Add up what stands between the decision and the money."""
    sums = facts(closed)[["slippage", "gross", "fees", "net"]].sum()
    arrived = int(closed[["arrival", "exit_arrival"]].notna().sum().sum())
    return Costs(
        at_arrival=float(sums["gross"] + sums["slippage"]),
        slippage=float(sums["slippage"]),
        gross=float(sums["gross"]),
        fees=float(sums["fees"]),
        net=float(sums["net"]),
        fills=2 * len(closed),
        arrived=arrived,
    )


def against_plan(closed: pd.DataFrame) -> pd.DataFrame:
    """Hold exits against the stops and targets that were planned.

    Returns
    -------
    pd.DataFrame
        Index: the outcomes that occurred, worst first: "beyond the stop", "at the stop", "between" (the trader left
        before either), "at the target", "beyond the target"; at means within a tenth of the way from entry to that level.
        Columns `trips` (count), `r` (mean net P&L by initial risk), `net` (USD) and `planned` (mean distance to the
        target by the distance to the stop, NaN without targets). Trips without a stop are not in it.
    """
    planned = closed[closed["r"].notna()]
    sign = pd.Series(np.where(planned["side"] == "short", -1.0, 1.0), index=planned.index)
    stop, target, left = (
        sign * (planned[name] - planned["entry_price"]) for name in ("stop_price", "target_price", "exit_price")
    )
    near_stop, near_target = NEAR_LEVEL * stop.abs(), NEAR_LEVEL * target.abs()
    places = [
        left < stop - near_stop,
        left <= stop + near_stop,
        left > target + near_target,
        left >= target - near_target,
    ]
    outcome = pd.Categorical.from_codes(
        np.select(places, [0, 1, 4, 3], 2), dtype=pd.CategoricalDtype(OUTCOMES, ordered=True)
    )
    told = planned.assign(planned=target / stop.abs(), outcome=outcome)
    grouped = told.groupby("outcome", observed=True)
    return grouped.agg(trips=("net", "size"), r=("r", "mean"), net=("net", "sum"), planned=("planned", "mean"))
