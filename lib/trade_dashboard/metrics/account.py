"""How an account did, session by session, and which holdings made the day."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from trade_dashboard.metrics.drawdown import drawdown
from trade_dashboard.metrics.ledger import DUST, Ledger

__all__ = ["Turnover", "by_symbol", "history", "other_income", "turnover"]


def history(account: Ledger) -> pd.DataFrame:
    """Reckon what the account was worth and how it did, for every session.

    Returns
    -------
    pd.DataFrame
        Index `session`, the first row is the starting capital. Columns: `equity` and `cash` (USD); `pnl` (USD, flows from
        outside taken out, NaN in the first row); `return` (fraction, time-weighted: deposits count from the open,
        withdrawals until the close); `growth` (of 1, from returns; 0 for ever once everything was lost); `drawdown` (fraction in [-1, 0]) and `max_drawdown`
        so far; `gross_exposure`, `net_exposure`, `largest_position` and `cash_share` (fractions of equity, NaN where
        equity is not above zero); `open_positions` and `fills` (counts). Equity is NaN while a holding has no price.
    """
    values = account.worth
    cash = account.cash.round(DUST)
    equity = account.equity
    result = _result(account, equity)
    growth = result["growth"].reindex(equity.index)
    fall = drawdown(growth)
    capital = equity.where(equity > 0)
    return pd.DataFrame(
        {
            "equity": equity,
            "cash": cash,
            "pnl": result["pnl"].reindex(equity.index),
            "return": result["return"].reindex(equity.index),
            "growth": growth,
            "drawdown": fall,
            "max_drawdown": fall.cummin(),
            "gross_exposure": values.abs().sum(axis="columns", skipna=False) / capital,
            "net_exposure": values.sum(axis="columns", skipna=False) / capital,
            "largest_position": values.abs().max(axis="columns").fillna(0.0) / capital,
            "cash_share": cash / capital,
            "open_positions": (account.holdings != 0).sum(axis="columns"),
            "fills": account.fills,
        }
    )


def _result(account: Ledger, equity: pd.Series) -> pd.DataFrame:
    """Measure each valued session against the valued one before: over sessions without a value nothing is forgotten."""
    known = equity.dropna()
    put_in = account.outside_in.cumsum().reindex(known.index).diff()
    taken_out = account.outside_out.cumsum().reindex(known.index).diff()
    at_work = known.shift() + put_in
    returns = (known + taken_out) / at_work.where(at_work > 0) - 1
    growth = (1 + returns.fillna(0.0)).cumprod()
    bankrupt = ((growth <= 0) | (at_work < 0)).cummax()
    return pd.DataFrame(
        {"pnl": (known - at_work + taken_out).round(DUST), "return": returns, "growth": growth.mask(bankrupt, 0.0)}
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
    since, until = _since(account), account.sessions[-1]
    rows, equity = account.between(since, until), account.equity.iloc[-1]
    value = account.worth.iloc[-1]
    today = pd.DataFrame(
        {
            "quantity": account.holdings.iloc[-1],
            "close": account.closes.iloc[-1],
            "move": account.moves.iloc[-1],
            "value": value,
            "weight": value / equity if equity > 0 else float("nan"),
            "pnl": account.earned(since, until),
            "priced": account.priced.iloc[-1],
        }
    )
    lately = rows | rows.shift(-1, fill_value=False)
    involved = (
        (account.holdings[lately] != 0).any() | (account.trades[rows] > 0).any() | (account.income[rows] != 0).any()
    )
    return today[involved].sort_values("value", key=lambda value: -value.abs(), kind="stable")


def other_income(account: Ledger) -> float:
    """Add up the last session's interest and fees that belong to no symbol, in USD; the rest of `by_symbol`."""
    return float(account.other_income[account.between(_since(account), account.sessions[-1])].sum())


def _since(account: Ledger) -> pd.Timestamp | None:
    """Find the last valued session before the newest one: the day before, unless a price was missing; None at the beginning."""
    equity = account.equity.iloc[:-1].dropna()
    return pd.Timestamp(equity.index[-1]) if len(equity) else None


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
