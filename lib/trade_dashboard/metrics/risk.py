"""What the book holds and could lose, reckoned once for all that the risk report shows."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pandas as pd

from trade_dashboard.book import Book
from trade_dashboard.metrics.account import by_symbol, history
from trade_dashboard.metrics.alerts import alerts
from trade_dashboard.metrics.diversification import (
    adjusted_closes,
    betas,
    book_beta,
    effective_bets,
    risk_shares,
    symbol_returns,
)
from trade_dashboard.metrics.exposure import UNVALUED, days_to_sell, weights
from trade_dashboard.metrics.kpis import Kpi, kpis
from trade_dashboard.metrics.ledger import Ledger
from trade_dashboard.metrics.open_lots import lot_ages, open_lots, stops
from trade_dashboard.metrics.reckon import benchmark
from trade_dashboard.metrics.stat import Stat, undefined
from trade_dashboard.metrics.tail import LOOKBACK, tail_history, tail_stats
from trade_dashboard.settings import Limits

__all__ = ["Risk", "book_tail", "risk", "risk_kpis"]


@dataclass(frozen=True)
class Risk:
    """The book of one account at the close of a session, and its past.

    Attributes
    ----------
    account, history
        The ledger, and what `metrics.history` makes of it.
    weights
        As `metrics.weights` gives them.
    closes
        Adjusted, by session and symbol ever held.
    market
        Adjusted closes of the benchmark, named for it; all NaN without one.
    lookback
        Sessions of returns that statistics look back on.
    tail
        As `metrics.tail_history` gives it.
    lots
        As `metrics.open_lots` gives them.
    positions
        One row a holding (index `symbol`), largest first: `weight` (fraction of equity), `value` (USD), `beta`,
        `risk_share` (fraction of the book's variance), `days_to_sell` and `age` (sessions; the oldest open lot),
        `stop` (USD/share), `distance` (fraction of the price), `loss` (USD) and `plan`, as of `metrics.stops`.
    """

    account: Ledger
    history: pd.DataFrame
    weights: pd.DataFrame
    closes: pd.DataFrame
    market: pd.Series
    lookback: int
    tail: pd.DataFrame
    lots: pd.DataFrame
    positions: pd.DataFrame

    @property
    def returns(self) -> pd.DataFrame:
        """Returns of every symbol over the sessions looked back on."""
        return symbol_returns(self.closes.tail(self.lookback + 1)).iloc[-self.lookback :]

    @property
    def now(self) -> pd.Series:
        """Weights of the last session."""
        return self.weights.iloc[-1]

    @property
    def beta(self) -> Stat:
        """Beta-weighted net exposure."""
        return book_beta(self.now, self.positions["beta"])


def risk(book: Book, account: Ledger, lookback: int = LOOKBACK) -> Risk:
    """Reckon what a book holds and could lose.

    Parameters
    ----------
    book
        To read prices and fills from.
    account
        Its ledger, as `metrics.reckon` gives it.
    lookback
        Sessions of returns to look back on.
    """
    index = str(benchmark(book).name)
    symbols = [str(symbol) for symbol in account.holdings.columns]
    bars = book.adjusted_bars(symbols=[*symbols, index])
    closes = adjusted_closes(bars, book.calendar, book.run_date)
    market = closes[index] if index in closes else pd.Series(float("nan"), closes.index, name=index)
    closes = closes.reindex(columns=symbols)
    lots = open_lots(book.fills(), book.corporate_actions(), account.sessions)
    shares = weights(account)
    return Risk(
        account=account,
        history=history(account),
        weights=shares,
        closes=closes,
        market=market,
        lookback=lookback,
        tail=tail_history(shares, symbol_returns(closes), lookback),
        lots=lots,
        positions=_positions(account, closes.tail(lookback + 1), market.tail(lookback + 1), lots, bars),
    )


def book_tail(book: Book, account: Ledger, lookback: int = LOOKBACK) -> pd.DataFrame:
    """Reckon what a bad session could cost, as the `tail` of `risk`, for whoever wants that alone; arguments as there."""
    symbols = [str(symbol) for symbol in account.holdings.columns]
    closes = adjusted_closes(book.adjusted_bars(symbols=symbols), book.calendar, book.run_date)
    return tail_history(weights(account), symbol_returns(closes.reindex(columns=symbols)), lookback)


def _positions(
    account: Ledger, closes: pd.DataFrame, market: pd.Series, lots: pd.DataFrame, bars: pd.DataFrame
) -> pd.DataFrame:
    parts = by_symbol(account)
    held = parts[parts["quantity"] != 0]
    returns = symbol_returns(closes)[held.index]
    recent = bars[bars["symbol"].isin(held.index)]
    return held[["weight", "value"]].assign(
        beta=betas(returns, symbol_returns(market.to_frame())[market.name]),
        risk_share=risk_shares(held["weight"], returns),
        days_to_sell=days_to_sell(held, recent),
        age=lot_ages(lots)["oldest"].reindex(held.index),
        **{str(name): column for name, column in stops(lots, held).items()},
    )


def risk_kpis(found: Risk, limits: Limits) -> dict[str, Kpi]:
    """Name the risk of the last session, beside that of the session before.

    Parameters
    ----------
    found
        As `risk` gives it.
    limits
        What the account is held to.
    """
    so_far, sessions = found.history, found.account.sessions
    now, before = (
        (_stats(found, limits, back) for back in (0, 1)) if len(sessions) > 1 else (_stats(found, limits, 0), None)
    )
    trails = {name: so_far[name] for name in ("gross_exposure", "net_exposure", "largest_position")}
    losses = {"var_95": found.tail["var"], "cvar_95": found.tail["cvar"]}
    previous = sessions[-2].date() if before else None
    return kpis(now, before, previous_session=previous, trails=trails | losses)


def _stats(found: Risk, limits: Limits, back: int) -> dict[str, Stat]:
    """Give the statistics of so many sessions ago, from what was known then."""
    end = len(found.account.sessions) - back
    so_far, shares, tail = (frame.iloc[:end] for frame in (found.history, found.weights, found.tail))
    past = symbol_returns(found.closes.iloc[: len(found.closes) - back].tail(found.lookback + 1)).iloc[1:]
    var, cvar = tail_stats(tail, shares, past)
    crossed = alerts(_until(found.account, end), limits, tail["var"])
    exposures = {name: _share(so_far[name]) for name in ("gross_exposure", "net_exposure", "largest_position")}
    return {
        "gross_exposure": exposures["gross_exposure"],
        "net_exposure": exposures["net_exposure"],
        "var_95": var,
        "cvar_95": cvar,
        "largest_position": exposures["largest_position"],
        "effective_bets": effective_bets(shares.iloc[-1], past),
        "limits_crossed": Stat(float(len(crossed)), len(so_far)),
    }


def _share(values: pd.Series) -> Stat:
    last = float(values.iloc[-1])
    return undefined(UNVALUED) if pd.isna(last) else Stat(last, len(values))


def _until(account: Ledger, end: int) -> Ledger:
    """Cut every frame of a ledger after so many sessions."""
    cut = {field.name: getattr(account, field.name).iloc[:end] for field in dataclasses.fields(account)}
    return Ledger(**cut)
