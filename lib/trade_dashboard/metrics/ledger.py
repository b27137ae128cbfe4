"""What an account held, owed and was worth at every close, from its flows, fills and prices alone.

No figure of the broker goes in but the opening cash; so the broker's later figures are an independent check.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from trade_dashboard.sessions import Calendar

__all__ = ["FILL_COLUMNS", "Ledger", "ledger"]

# what of a fill a ledger is reckoned from
FILL_COLUMNS = ("session", "symbol", "side", "quantity", "price", "commission")
SHARES_DECIMALS = 8
DUST = 6
OUTSIDE = ("deposit", "withdrawal")


@dataclass(frozen=True)
class Ledger:
    """An account, session by session; every frame has one row a session and one column a symbol ever held.

    Attributes
    ----------
    holdings
        Shares at the close, as traded that day (after its splits), negative = short.
    closes
        USD a share, as traded; of a session without a price the last known one, carried through splits. NaN before
        the first price.
    priced
        Whether the session has a price of its own.
    moves
        Change of the close against the session before as a fraction, splits taken out, dividends not put back.
    fill_cash
        USD that fills brought, fees not taken off; negative = paid.
    commissions
        USD of fees, positive = cost.
    income
        USD of dividends, by symbol.
    other_income
        USD of interest and fees that belong to no symbol, by session.
    outside_in, outside_out
        USD deposited (opening cash included) and withdrawn, both positive, by session.
    trades
        Number of fills.
    """

    holdings: pd.DataFrame
    closes: pd.DataFrame
    priced: pd.DataFrame
    moves: pd.DataFrame
    fill_cash: pd.DataFrame
    commissions: pd.DataFrame
    income: pd.DataFrame
    other_income: pd.Series
    outside_in: pd.Series
    outside_out: pd.Series
    trades: pd.DataFrame

    @property
    def sessions(self) -> pd.DatetimeIndex:
        """Every session from the starting capital on."""
        return pd.DatetimeIndex(self.holdings.index)

    @property
    def fills(self) -> pd.Series:
        """Number of fills, by session."""
        return self.trades.sum(axis="columns")

    @cached_property
    def worth(self) -> pd.DataFrame:
        """USD of each holding at the close, negative = short; 0 where nothing is held, NaN where held without a price."""
        return (self.holdings * self.closes).where(self.holdings != 0, 0.0)

    @cached_property
    def cash(self) -> pd.Series:
        """USD of cash at the close, negative = borrowed."""
        traded = (self.fill_cash - self.commissions + self.income).sum(axis="columns")
        return (self.outside_in - self.outside_out + self.other_income + traded).cumsum()

    @cached_property
    def equity(self) -> pd.Series:
        """USD of the account at the close; NaN while a holding has no price."""
        return (self.cash.round(DUST) + self.worth.sum(axis="columns", skipna=False)).round(DUST)

    def between(self, since: pd.Timestamp | None, until: pd.Timestamp) -> pd.Series:
        """Mark the sessions after `since` (all, if it is None) up to `until`."""
        marked = (self.sessions <= until) & (self.sessions > since if since is not None else True)
        return pd.Series(marked, index=self.sessions)

    def earned(self, since: pd.Timestamp | None, until: pd.Timestamp) -> pd.Series:
        """USD that each symbol made from the close of `since` (None: the beginning) to that of `until`, fees taken off.

        NaN where one is held without a price at either close.
        """
        rows = self.between(since, until)
        moved: pd.Series = (self.fill_cash - self.commissions + self.income)[rows].sum()
        worth = self.worth.T
        return moved + worth[until] - (worth[since] if since is not None else 0.0)


def ledger(
    calendar: Calendar,
    run_date: date,
    *,
    fills: pd.DataFrame,
    cash_flows: pd.DataFrame,
    equity: pd.DataFrame,
    bars: pd.DataFrame,
    corporate_actions: pd.DataFrame,
) -> Ledger:
    """Reckon an account from its records.

    Parameters
    ----------
    calendar, run_date
        The sessions to reckon: from the first record of the account to `run_date`.
    fills, cash_flows, bars, corporate_actions
        Records as in the schema, up to the run date.
    equity
        The broker's figures; of these only the first is used, for cash that no flow or fill explains: the opening cash.

    Returns
    -------
    Ledger
        Dated from the starting capital on: the session before the first that can have a return.
    """
    sessions = _sessions(calendar, run_date, fills, cash_flows, equity)
    fills, cash_flows = _onto(sessions, fills), _onto(sessions, cash_flows)
    flows = _opened(fills, cash_flows, equity, sessions)
    symbols = pd.Index(sorted({*fills["symbol"], *flows["symbol"].dropna()}), name="symbol")

    def by_symbol(records: pd.DataFrame, amounts: pd.Series) -> pd.DataFrame:
        table = amounts.groupby([records["session"], records["symbol"]]).sum().unstack()
        return table.reindex(index=sessions, columns=symbols).fillna(0.0)

    def by_session(records: pd.DataFrame, amounts: pd.Series) -> pd.Series:
        return amounts.groupby(records["session"]).sum().reindex(sessions, fill_value=0.0)

    signed = fills["quantity"] * _sign(fills)
    splits = _onto(sessions, corporate_actions[corporate_actions["kind"] == "split"]).pivot(
        index="session", columns="symbol", values="ratio"
    )
    basis = splits.reindex(index=sessions, columns=symbols).fillna(1.0).cumprod()
    prices = bars.pivot(index="session", columns="symbol", values="close").reindex(index=sessions, columns=symbols)
    comparable = prices * basis
    carried = comparable.ffill()
    inside = flows[~flows["kind"].isin(OUTSIDE)]
    outside = flows[flows["kind"].isin(OUTSIDE)]
    return Ledger(
        holdings=((by_symbol(fills, signed) / basis).cumsum() * basis).round(SHARES_DECIMALS),
        closes=carried / basis,
        priced=prices.notna(),
        moves=carried / carried.shift() - 1,
        fill_cash=by_symbol(fills, -signed * fills["price"]),
        commissions=by_symbol(fills, fills["commission"]),
        income=by_symbol(inside[inside["symbol"].notna()], inside["amount"]),
        other_income=by_session(inside[inside["symbol"].isna()], inside["amount"]),
        outside_in=by_session(outside, outside["amount"].clip(lower=0)),
        outside_out=by_session(outside, -outside["amount"].clip(upper=0)),
        trades=by_symbol(fills, fills["quantity"].notna().astype("int64")).astype("int64"),
    )


def _sessions(
    calendar: Calendar, run_date: date, fills: pd.DataFrame, cash_flows: pd.DataFrame, equity: pd.DataFrame
) -> pd.DatetimeIndex:
    firsts = [records["session"].min() for records in (fills, cash_flows, equity) if len(records)]
    first = min(firsts, default=pd.Timestamp(run_date)).date()
    # the starting capital is dated the session before the first return
    start = calendar.previous(first) if (fills["session"] == pd.Timestamp(first)).any() else first
    return pd.DatetimeIndex(calendar.between(start, run_date), name="session").as_unit("us")


def _opened(
    fills: pd.DataFrame, cash_flows: pd.DataFrame, equity: pd.DataFrame, sessions: pd.DatetimeIndex
) -> pd.DataFrame:
    """Date flows of the first day to the starting session, and add opening cash that nothing explains as a deposit."""
    first = min((records["session"].min() for records in (fills, cash_flows, equity) if len(records)), default=None)
    flows = cash_flows.assign(session=cash_flows["session"].mask(cash_flows["session"] == first, sessions[0]))
    told = equity.dropna(subset=["cash"]).head(1)
    if told.empty:
        return flows
    until = told["session"].iloc[0]
    earlier = fills[fills["session"] <= until]
    paid = (_sign(earlier) * earlier["quantity"] * earlier["price"] + earlier["commission"]).sum()
    explained = cash_flows.loc[cash_flows["session"] <= until, "amount"].sum() - paid
    opening = round(told["cash"].iloc[0] - explained, 2)
    deposit = pd.DataFrame({"session": [sessions[0]], "kind": ["deposit"], "amount": [opening]})
    return pd.concat([flows, deposit], ignore_index=True) if opening else flows


def _onto(sessions: pd.DatetimeIndex, records: pd.DataFrame) -> pd.DataFrame:
    """Date what happened while the exchange was closed to the next session; what came before the first one stays."""
    at = sessions.searchsorted(records["session"])
    inside = records["session"].isin(sessions) | (records["session"] < sessions[0]) | (at >= len(sessions))
    following = pd.Series(sessions[at.clip(max=len(sessions) - 1)], index=records.index)
    return records.assign(session=records["session"].where(inside, following))


def _sign(fills: pd.DataFrame) -> pd.Series:
    return fills["side"].map({"BUY": 1.0, "SELL": -1.0}).astype("float64")
