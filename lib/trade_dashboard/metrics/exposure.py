"""How much of the account stands in the market, in what, and how fast it could be sold."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from trade_dashboard.metrics.contribution import UNASSIGNED
from trade_dashboard.metrics.ledger import Ledger
from trade_dashboard.metrics.stat import Stat, undefined

__all__ = [
    "NO_SECTOR",
    "Concentration",
    "by_sector",
    "by_strategy",
    "concentration",
    "days_to_sell",
    "exposure",
    "weights",
]

NO_SECTOR = "no sector"
UNVALUED = "a holding has no price, or equity is not above zero"
TOP = 5
VOLUME_SESSIONS, LEAST_VOLUMES = 20, 10
PARTICIPATION = 0.10


def weights(account: Ledger) -> pd.DataFrame:
    """Reckon every holding as a fraction of equity.

    Returns
    -------
    pd.DataFrame
        Shape (n_sessions, n_symbols), negative = short, 0 where nothing is held. A session whose equity is unknown or not
        above zero is NaN throughout.
    """
    return account.worth.div(account.equity.where(account.equity > 0), axis="index")


def exposure(history: pd.DataFrame) -> pd.DataFrame:
    """Part gross and net exposure into long and short.

    Parameters
    ----------
    history
        As `metrics.history` gives it.

    Returns
    -------
    pd.DataFrame
        Index `session`; `gross`, `net`, `long` and `short`, fractions of equity. Short is a size, positive: long and short
        add up to gross, and net is long less short. NaN where equity is unknown or not above zero.
    """
    gross, net = history["gross_exposure"], history["net_exposure"]
    return pd.DataFrame({"gross": gross, "net": net, "long": (gross + net) / 2, "short": (gross - net) / 2})


def by_sector(holdings: pd.DataFrame, instruments: pd.DataFrame) -> pd.DataFrame:
    """Add exposures up by sector.

    Parameters
    ----------
    holdings
        As `metrics.by_symbol` gives it.
    instruments
        Records as in the schema; a symbol without a sector, or without a record, is of "no sector".

    Returns
    -------
    pd.DataFrame
        Index `sector`, largest gross first: `long`, `short` (positive), `gross`, `net` (fractions of equity, they add up to
        the account's) and `positions` (count).
    """
    held = holdings[holdings["quantity"] != 0]
    known = instruments.set_index("symbol")["sector"]
    sector = known.reindex(held.index).fillna(NO_SECTOR).to_numpy()
    return _grouped(held["weight"].to_numpy(), sector, "sector")


def by_strategy(lots: pd.DataFrame, holdings: pd.DataFrame) -> pd.DataFrame:
    """Add exposures up by the strategy that opened them.

    Parameters
    ----------
    lots
        As `metrics.open_lots` gives it; without a strategy it is "unassigned".
    holdings
        As `metrics.by_symbol` gives it; symbols that are not held count nowhere.

    Returns
    -------
    pd.DataFrame
        Index `strategy`, columns as of `by_sector`. Net adds up to the account's; gross is above it where one strategy is
        long what another is short.
    """
    held = holdings[holdings["quantity"] != 0]
    a_share = held["weight"] / held["quantity"]
    open_now = lots[lots["symbol"].isin(held.index)]
    quantity = open_now.groupby([open_now["strategy"].fillna(UNASSIGNED), "symbol"])["quantity"].sum()
    quantity = quantity[quantity != 0]
    weight = quantity.to_numpy() * a_share.reindex(quantity.index.get_level_values("symbol")).to_numpy()
    return _grouped(weight, quantity.index.get_level_values("strategy").to_numpy(), "strategy")


def _grouped(weight: object, key: object, name: str) -> pd.DataFrame:
    """Add weights up by a key; where the account has no weights, neither has a group."""
    one = pd.DataFrame({name: key, "net": weight}).astype({name: "str", "net": "float64"})
    parts = one.assign(
        long=one["net"].clip(lower=0), short=one["net"].clip(upper=0).abs(), gross=one["net"].abs(), positions=1
    ).groupby(name)
    sums = parts[["long", "short", "gross", "net"]].sum(min_count=1)
    return sums.assign(positions=parts["positions"].sum()).sort_values("gross", ascending=False, kind="stable")


@dataclass(frozen=True)
class Concentration:
    """How much of the book a few holdings are; all undefined where nothing is held or the account has no value.

    Attributes
    ----------
    symbol, largest
        The largest holding ("" without one), and its size as a fraction of equity.
    top
        The five largest together, fraction of equity.
    herfindahl
        Sum of the squared shares of gross exposure, in (0, 1]; 1 is one holding.
    effective_number
        Its inverse: how many equal holdings would be as concentrated (Adelman 1969, Review of Economics and Statistics 51).
    """

    symbol: str
    largest: Stat
    top: Stat
    herfindahl: Stat
    effective_number: Stat


def concentration(holdings: pd.DataFrame) -> Concentration:
    """Measure how concentrated the holdings are; `holdings` as `metrics.by_symbol` gives it."""
    sizes = holdings.loc[holdings["quantity"] != 0, "weight"].abs().sort_values(ascending=False, kind="stable")
    if lacking := unweighed(sizes):
        return Concentration("", lacking, lacking, lacking, lacking)
    squared, n = float(((sizes / sizes.sum()) ** 2).sum()), len(sizes)
    return Concentration(
        symbol=str(sizes.index[0]),
        largest=Stat(float(sizes.iloc[0]), n),
        top=Stat(float(sizes.head(TOP).sum()), n),
        herfindahl=Stat(squared, n),
        effective_number=Stat(1 / squared, n),
    )


def unweighed(held: pd.Series) -> Stat | None:
    """Say why holdings have no weights; None when they have."""
    if held.empty:
        return undefined("nothing is held")
    return undefined(UNVALUED) if held.isna().any() else None


def days_to_sell(holdings: pd.DataFrame, bars: pd.DataFrame) -> pd.Series:
    """Reckon how many sessions it takes to close each holding without being more than a tenth of its trading.

    Parameters
    ----------
    holdings
        As `metrics.by_symbol` gives it.
    bars
        Records as in the schema, volumes adjusted for splits, of the last 20 sessions; more are not looked at.

    Returns
    -------
    pd.Series
        Sessions by held symbol, against 10 % of the median volume of the last 20 sessions. NaN where fewer than 10 of them
        have a volume, or where half of them traded nothing.
    """
    volumes = bars.pivot(index="session", columns="symbol", values="volume").sort_index().tail(VOLUME_SESSIONS)
    usual = volumes.median().where(volumes.count() >= LEAST_VOLUMES)
    shares = holdings.loc[holdings["quantity"] != 0, "quantity"].abs()
    a_session = PARTICIPATION * usual.reindex(shares.index)
    return (shares / a_session.where(a_session > 0)).rename("days_to_sell")
