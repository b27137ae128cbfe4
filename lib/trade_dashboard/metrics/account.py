"""How an account did, session by session, and which holdings made the day."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from trade_dashboard.metrics.ledger import Ledger

__all__ = ["Turnover", "by_symbol", "history", "turnover"]

DUST = 6


def history(account: Ledger) -> pd.DataFrame:
    """Reckon what the account was worth and how it did, for every session.

    Returns
    -------
    pd.DataFrame
        Index `session`, the first row is the starting capital. Columns: `equity` and `cash` (USD); `pnl` (USD, flows from
        outside taken out, NaN in the first row); `return` (fraction, time-weighted: deposits count from the open,
        withdrawals until the close); `growth` (of 1, from returns); `drawdown` (fraction in [-1, 0]) and `max_drawdown`
        so far; `gross_exposure`, `net_exposure`, `largest_position` and `cash_share` (fractions of equity, NaN where
        equity is not above zero); `open_positions` and `fills` (counts). Equity is NaN while a holding has no price.
    """
    values = account.worth
    cash = account.cash.round(DUST)
    equity = (cash + values.sum(axis="columns", skipna=False)).round(DUST)
    before = equity.shift()
    at_work = before + account.outside_in
    returns = (equity + account.outside_out) / at_work.where(at_work > 0) - 1
    growth = (1 + returns.fillna(0.0)).cumprod().where(equity.notna())
    drawdown = growth / growth.cummax() - 1
    capital = equity.where(equity > 0)
    return pd.DataFrame(
        {
            "equity": equity,
            "cash": cash,
            "pnl": (equity - before - account.outside_in + account.outside_out).round(DUST),
            "return": returns,
            "growth": growth,
            "drawdown": drawdown,
            "max_drawdown": drawdown.cummin(),
            "gross_exposure": values.abs().sum(axis="columns", skipna=False) / capital,
            "net_exposure": values.sum(axis="columns", skipna=False) / capital,
            "largest_position": values.abs().max(axis="columns").fillna(0.0) / capital,
            "cash_share": cash / capital,
            "open_positions": (account.holdings != 0).sum(axis="columns"),
            "fills": account.fills,
        }
    )


def by_symbol(account: Ledger) -> pd.DataFrame:
    """Part the last session's profit by symbol.

    Returns
    -------
    pd.DataFrame
        One row a symbol that was held at the last two closes or traded between them (index `symbol`), largest holding
        first: `quantity` (shares, negative = short), `close` (USD/share), `move` (fraction, against the close before),
        `value` (USD), `weight` (fraction of equity), `pnl` (USD, after commissions, with dividends), `priced` (whether the
        session has a price of its own). The `pnl` of all rows and the ledger's other income of the session add up to
        the session's `pnl` in `history`.
    """
    values = account.worth
    change = values.diff().fillna(values)
    pnl = change + account.fill_cash - account.commissions + account.income
    equity = history(account)["equity"].iloc[-1]
    today = pd.DataFrame(
        {
            "quantity": account.holdings.iloc[-1],
            "close": account.closes.iloc[-1],
            "move": account.moves.iloc[-1],
            "value": values.iloc[-1],
            "weight": values.iloc[-1] / equity if equity > 0 else float("nan"),
            "pnl": pnl.iloc[-1],
            "priced": account.priced.iloc[-1],
        }
    )
    involved = (account.holdings.tail(2) != 0).any() | (account.fill_cash.iloc[-1] != 0) | (pnl.iloc[-1] != 0)
    return today[involved].sort_values("value", key=lambda value: -value.abs(), kind="stable")


@dataclass(frozen=True)
class Turnover:
    """Symbols whose holding began, ended, or went from long to short or back, in the last session."""

    opened: tuple[str, ...]
    closed: tuple[str, ...]
    turned: tuple[str, ...]


def turnover(account: Ledger) -> Turnover:
    """Name what the last session opened, closed and turned; nothing in the account's first session."""
    last_two = account.holdings.tail(2)
    before, now = last_two.iloc[0], last_two.iloc[-1]
    return Turnover(
        opened=tuple(now.index[(before == 0) & (now != 0)]),
        closed=tuple(now.index[(before != 0) & (now == 0)]),
        turned=tuple(now.index[before * now < 0]),
    )
