"""How trips were carried out: what stood between the decision and the money, and between the plan and the exit."""

from __future__ import annotations

import math
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
    """What trading cost, in USD: what the trips would have brought before costs, and what was left of it.

    Attributes
    ----------
    before
        Gross P&L and slippage together: P&L at the arrival prices. A fill without one counts with its own price.
    slippage
        Positive = cost; NaN where no fill carries an arrival price.
    gross, fees, net
        P&L at the prices of the fills, fees (positive = cost), and what is left.
    fills, arrived
        Fills of the trips, one for each end of a trip, and how many of them carry an arrival price.
    """

    before: float
    slippage: float
    gross: float
    fees: float
    net: float
    fills: int
    arrived: int

    def share(self, usd: float) -> Stat:
        """Give a part as a fraction of the P&L before costs, undefined unless that is above zero."""
        if math.isnan(usd):
            return undefined("no fill of these trips carries an arrival price", self.fills)
        if self.before > 0:
            return Stat(usd / self.before, self.fills)
        return undefined("the trips earned nothing before costs", self.fills)


def costs(closed: pd.DataFrame) -> Costs:
    """Add up what stands between the decision and the money."""
    sums = facts(closed)[["slippage", "gross", "fees", "net"]].sum()
    arrived = int(closed[["arrival", "exit_arrival"]].notna().sum().sum())
    return Costs(
        before=float(sums["gross"] + sums["slippage"]),
        slippage=float(sums["slippage"]) if arrived else math.nan,
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
