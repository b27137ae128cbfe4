"""Which symbols and strategies made the account's profit: the ledger's own arithmetic, cut by sessions and by strategy.

A part of an account is what one strategy did in one symbol. Fills without a strategy are of "unassigned".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from trade_dashboard import schema
from trade_dashboard.metrics.ledger import DUST, Ledger, ledger
from trade_dashboard.sessions import Calendar

__all__ = ["OTHER_INCOME", "UNASSIGNED", "contribution", "ledger_of_parts"]

OTHER_INCOME, UNASSIGNED = "Other income", "unassigned"
PARTS = ["strategy", "symbol"]
BETWEEN = "\x1f"  # stands in no name of a strategy or symbol


def contribution(parts: Ledger, shown: pd.DataFrame) -> pd.DataFrame:
    """Part the profit of some sessions by strategy and symbol.

    Parameters
    ----------
    parts
        As `ledger_of_parts` gives it.
    shown
        Rows of the account's `history`; the first one that has a value is the close that the profit is counted from.

    Returns
    -------
    pd.DataFrame
        One row for each part that earned, lost or was traded (index `strategy`, `symbol`): `pnl` (USD, after commissions,
        with dividends) and `fills` (count). A row `Other income` holds interest and fees of no symbol. The rows add up
        to the account's `pnl` of the sessions after the first. Empty where fewer than two sessions have a value.
    """
    valued = shown["equity"].dropna().index
    if len(valued) <= 1:
        return pd.DataFrame({"pnl": [], "fills": []}, index=_labelled([]))
    since, until = valued[0], valued[-1]
    rows = parts.between(since, until)
    made = pd.DataFrame({"pnl": parts.earned(since, until), "fills": parts.trades[rows].sum()})
    other = pd.DataFrame(
        {"pnl": [parts.other_income[rows].sum()], "fills": [0]}, index=_labelled([(OTHER_INCOME,) * 2])
    )
    found = pd.concat([made.set_axis(_labelled([tuple(name.split(BETWEEN)) for name in made.index])), other])
    return found[(found["pnl"].round(DUST) != 0) | (found["fills"] > 0)]


def _labelled(labels: list[tuple[str, ...]]) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([[label[level] for label in labels] for level in (0, 1)], names=PARTS)


def ledger_of_parts(
    account: Ledger,
    calendar: Calendar,
    run_date: date,
    *,
    fills: pd.DataFrame,
    cash_flows: pd.DataFrame,
    equity: pd.DataFrame,
    corporate_actions: pd.DataFrame,
) -> Ledger:
    """Reckon an account again, with a column for each part of it instead of each symbol.

    A dividend goes to the parts by what each held at the close before, the short ones paying it; one of a symbol that was
    never held belongs to "unassigned".

    Parameters
    ----------
    account
        The ledger of the same records.
    calendar, run_date, fills, cash_flows, equity, corporate_actions
        As `ledger` takes them.
    """
    named = _named(fills["strategy"].fillna(UNASSIGNED), fills["symbol"])
    nobody = [_named(UNASSIGNED, symbol) for symbol in account.income.columns[(account.income != 0).any()]]
    parts = pd.Index(sorted({*named, *nobody}), dtype="str", name="part")
    symbols = parts.str.split(BETWEEN).str[1]
    splits = corporate_actions.merge(pd.DataFrame({"symbol": symbols, "part": parts}), on="symbol")
    bare = ledger(
        calendar,
        run_date,
        fills=fills.assign(symbol=named),
        # of no symbol, they are cash all the same
        cash_flows=cash_flows.assign(symbol=None),
        equity=equity,
        bars=schema.empty("bars"),
        corporate_actions=splits.assign(symbol=splits["part"]),
    )
    own = ("holdings", "fill_cash", "commissions", "trades")
    every = {name: getattr(bare, name).reindex(columns=parts, fill_value=0) for name in own}
    alike = {name: getattr(account, name)[symbols].set_axis(parts, axis=1) for name in ("closes", "priced", "moves")}
    income = _dealt(account, every["holdings"], symbols)
    return replace(bare, **every, **alike, income=income, other_income=account.other_income)


def _named(strategy: Any, symbol: Any) -> Any:
    return strategy + BETWEEN + symbol


def _dealt(account: Ledger, holdings: pd.DataFrame, symbols: pd.Index) -> pd.DataFrame:
    """Deal each symbol's income out by what its parts held at the close before, or last held; the rest is nobody's."""
    together = account.holdings[symbols].set_axis(holdings.columns, axis=1)
    shares = (holdings / together.where(together != 0)).ffill().shift().fillna(0.0)
    dealt = shares * account.income[symbols].set_axis(holdings.columns, axis=1)
    rest = (account.income - dealt.T.groupby(symbols).sum().T).fillna(account.income).round(DUST)
    rest = rest.rename(columns=lambda symbol: _named(UNASSIGNED, symbol))
    return dealt.add(rest.loc[:, (rest != 0).any()], fill_value=0.0)
