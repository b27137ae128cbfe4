"""Which lots an account closed and what each one brought, first in, first out; and which are still open.

The one place where fills become profit: a trip is the part of one opening fill that one closing fill took. Everything is
reckoned in whole numbers, so nothing is lost on the way to the last division.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from trade_dashboard.metrics.fifo import Basis, Parts, Wholes, basis, match, shares_of, whole
from trade_dashboard.sessions import Calendar, calendar

__all__ = ["Trips", "open_profit", "round_trips"]

OWNER = ["account", "symbol", "strategy"]
IN_ORDER = ["session", "time", "fill_id"]
PRICES = {
    "entry_price": "price",
    "arrival": "arrival_price",
    "stop_price": "stop_price",
    "target_price": "target_price",
}
AMOUNTS = ["symbol", "session", "side", "quantity", "price", "commission"]
ENTERING = [*OWNER, "tag", "time", "session", "fill_id", *PRICES.values()]
LEAVING = ["time", "session", "price", "fill_id", "arrival_price"]
ENTRY = [*OWNER, "tag", "side", "quantity", "entry_time", "entry_session", "entry_price"]
PLAN = ["stop_price", "target_price", "initial_risk"]
CLOSED = [
    *ENTRY,
    "exit_time",
    "exit_session",
    "exit_price",
    "gross",
    "fees",
    "net",
    "sessions_held",
    "entry_fill_id",
    "exit_fill_id",
    "arrival",
    "exit_arrival",
    *PLAN,
    "r",
]
OPEN = [*ENTRY, "fees", "entry_fill_id", "arrival", *PLAN]
CENTS = 2
SAFE = 2.0**62


@dataclass(frozen=True)
class Trips:
    """What was closed, and what is open; quantities in shares, prices in USD a share, amounts in USD.

    Attributes
    ----------
    closed
        One row a trip, in order of closing, then of opening. `account`, `symbol`, `strategy` (NaN where the fills carry
        none), `tag` (of the opening fill), `side` ("long" or "short"), `quantity`, `entry_time`, `entry_session`,
        `entry_price`, `exit_time`, `exit_session`, `exit_price`, `gross` (before fees, gains positive), `fees` (of both
        fills, shared by quantity in whole cents, positive = cost), `net`, `sessions_held` (0 = closed in the session it
        was opened in), `entry_fill_id`, `exit_fill_id`, `arrival` and `exit_arrival` (prices when the two orders were
        decided), `stop_price`, `target_price` (of the opening fill), `initial_risk` (|entry − stop| × quantity) and `r`
        (net / initial risk). Quantity and prices are as of the exit: splits since the entry are in them. NaN where a
        fill does not say; `initial_risk` and `r` are NaN without a stop or with one at the entry.
    open_lots
        One row a lot or what is left of it, in order of opening, with the columns of an entry; `fees` are the entry's
        share. Quantity and prices are as of the newest split.
    """

    closed: pd.DataFrame
    open_lots: pd.DataFrame


def round_trips(fills: pd.DataFrame, splits: pd.DataFrame, exchange: Calendar | None = None) -> Trips:
    """Match what was closed with what was opened first, by account and symbol, and by strategy where fills carry one.

    Parameters
    ----------
    fills
        Records as in the schema, all since the account began; of one instant they count in the order of their `fill_id`.
    splits
        Corporate actions as in the schema, up to the same session; only splits count. A split comes before the fills of
        its session.
    exchange
        Whose sessions are counted; XNYS when left out.

    Returns
    -------
    Trips
        A fill beyond zero closes every lot there is and opens one on the other side. For every account and symbol
        closed and open P&L less fees is the change of equity that `metrics.ledger` knows, dividends apart.
    """
    in_time = fills.sort_values(IN_ORDER, ignore_index=True)
    groups = in_time.groupby(OWNER, dropna=False, sort=False).ngroup().to_numpy()
    order = np.argsort(groups, kind="stable")
    amounts = _amounts(in_time[AMOUNTS].iloc[order], splits)
    parts = match(amounts.units, groups[order])
    trips = parts.of(np.flatnonzero(parts.closed >= 0))
    trips = trips.of(np.lexsort((order[trips.opened], order[trips.closed])))
    left = parts.of(np.flatnonzero(parts.closed < 0))
    left = left.of(np.argsort(order[left.opened]))
    return Trips(
        _closed(in_time, order, amounts, trips, exchange or calendar()),
        _open(in_time, order, amounts, left),
    )


def open_profit(open_lots: pd.DataFrame, closes: pd.Series) -> pd.DataFrame:
    """Value what is open.

    Parameters
    ----------
    open_lots
        As `round_trips` gives them.
    closes
        USD a share by symbol, as traded after the newest split.

    Returns
    -------
    pd.DataFrame
        The lots with `close`, `gross` (USD since the entry, before fees) and `net` (after the entry's fees); NaN where
        a symbol has no close.
    """
    close = open_lots["symbol"].map(closes).astype("float64")
    sign = np.where(open_lots["side"] == "short", -1.0, 1.0)
    gross = sign * open_lots["quantity"] * (close - open_lots["entry_price"])
    return open_lots.assign(close=close, gross=gross, net=gross - open_lots["fees"])


@dataclass(frozen=True)
class _Amounts:
    """Fills in whole numbers: USD are units × grown × price / common, and as many decimals as quantity and price have."""

    units: Wholes
    price: Wholes
    fee: Wholes
    basis: Basis
    quantity_decimals: int
    price_decimals: int
    fee_decimals: int


def _amounts(fills: pd.DataFrame, splits: pd.DataFrame) -> _Amounts:
    quantity, of_quantity = whole(fills["quantity"].to_numpy())
    price, of_price = whole(fills["price"].to_numpy())
    fee, of_fee = whole(fills["commission"].to_numpy(), least=CENTS)
    known = basis(fills["symbol"], fills["session"], splits)
    sizes = (quantity * (known.common / known.grown)).astype("float64")
    worth = (price * np.maximum(known.grown, known.newest).astype("float64")).astype("float64")
    most = sizes.max(initial=0.0)
    quantity = quantity.astype(_kind(sizes.sum()))
    return _Amounts(
        np.where(fills["side"] == "BUY", 1, -1) * quantity * (known.common // known.grown).astype(quantity.dtype),
        price.astype(_kind(2 * most * worth.max(initial=0.0))),
        fee.astype(_kind(4 * most * np.abs(fee.astype("float64")).max(initial=0.0))),
        known,
        of_quantity,
        of_price,
        of_fee,
    )


def _kind(most: float) -> str:
    """Choose int64 where no sum or product can overflow it, else Python's own integers."""
    return "int64" if most < SAFE else "object"


def _closed(
    in_time: pd.DataFrame, order: npt.NDArray[np.intp], amounts: _Amounts, parts: Parts, exchange: Calendar
) -> pd.DataFrame:
    entry, out = parts.opened, parts.closed
    grown, common = amounts.basis.grown, amounts.basis.common[entry]
    gained = np.sign(amounts.units[entry]) * (grown[out] * amounts.price[out] - grown[entry] * amounts.price[entry])
    fees = _fee(amounts, entry, parts.opened_from, parts.units) + _fee(amounts, out, parts.closed_from, parts.units)
    trips = _entries(in_time, order, amounts, parts, grown[out])
    leaving = in_time[LEAVING].iloc[order[out]].reset_index(drop=True)
    trips = trips.assign(
        exit_time=leaving["time"],
        exit_session=leaving["session"],
        exit_price=leaving["price"],
        gross=_floats(parts.units * gained, common, amounts.quantity_decimals + amounts.price_decimals),
        fees=_floats(fees, 1, amounts.fee_decimals),
        sessions_held=_between(trips["entry_session"], leaving["session"], exchange),
        exit_fill_id=leaving["fill_id"],
        exit_arrival=leaving["arrival_price"],
    )
    net = trips["gross"] - trips["fees"]
    return trips.assign(net=net, r=net / trips["initial_risk"])[CLOSED]


def _open(in_time: pd.DataFrame, order: npt.NDArray[np.intp], amounts: _Amounts, parts: Parts) -> pd.DataFrame:
    lots = _entries(in_time, order, amounts, parts, amounts.basis.newest[parts.opened])
    fees = _fee(amounts, parts.opened, parts.opened_from, parts.units)
    return lots.assign(fees=_floats(fees, 1, amounts.fee_decimals))[OPEN]


def _entries(
    in_time: pd.DataFrame, order: npt.NDArray[np.intp], amounts: _Amounts, parts: Parts, now: Wholes
) -> pd.DataFrame:
    """Describe the opening fills, quantity and prices in shares of which `now` tells how many one has become."""
    fills = in_time[ENTERING].iloc[order[parts.opened]].reset_index(drop=True)
    common = amounts.basis.common[parts.opened]
    shrunk = (amounts.basis.grown[parts.opened] / now).astype("float64")
    prices = {new: fills[old] * shrunk for new, old in PRICES.items()}
    quantity = _floats(parts.units * now, common, amounts.quantity_decimals)
    risk = (prices["entry_price"] - prices["stop_price"]).abs() * quantity
    side = np.where(np.sign(amounts.units[parts.opened]) > 0, "long", "short")
    return fills[[*OWNER, "tag"]].assign(
        side=pd.Series(side, dtype="str"),
        quantity=quantity,
        entry_time=fills["time"],
        entry_session=fills["session"],
        entry_fill_id=fills["fill_id"],
        initial_risk=risk.where(risk > 0),
        **prices,
    )


def _fee(amounts: _Amounts, fills: npt.NDArray[np.intp], start: Wholes, units: Wholes) -> Wholes:
    return shares_of(amounts.fee[fills], np.abs(amounts.units[fills]), start, units)


def _floats(above: Wholes, below: Wholes | int, decimals: int) -> npt.NDArray[np.float64]:
    # Python's integers divide exactly by integers of any size, numpy's only by what a float can hold
    scale = 10**decimals if above.dtype == "object" else 10.0**decimals
    return np.asarray(above / (np.asarray(below, dtype=above.dtype) * scale)).astype("float64")


def _between(since: pd.Series, until: pd.Series, exchange: Calendar) -> npt.NDArray[np.int64]:
    """Count the sessions from one to the other: 0 within one session."""
    sessions = pd.DatetimeIndex(exchange.sessions)
    return np.asarray(sessions.searchsorted(until) - sessions.searchsorted(since), dtype="int64")
