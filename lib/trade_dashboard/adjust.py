"""Prices as if every split and dividend that is known had always been."""

from __future__ import annotations

import pandas as pd

__all__ = ["adjust"]

PRICES = ["open", "high", "low", "close"]


def adjust(bars: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """Adjust bars backwards, so that the newest prices are as traded and every change of the close is a return.

    Parameters
    ----------
    bars
        Records as in the schema, ordered by session.
    actions
        Corporate actions as in the schema; those after a symbol's newest bar are not used.

    Returns
    -------
    pd.DataFrame
        The bars with other prices (USD a share, as of each symbol's newest bar) and volumes (shares, by splits alone). A
        split divides what came before it by its ratio. A dividend takes its share of the close before it off
        (amount / close), as if it had been reinvested there; one without a close before it, or above it, changes nothing.
    """
    factors = pd.concat(
        [_factors(one, actions[actions["symbol"] == symbol]) for symbol, one in bars.groupby("symbol", sort=False)]
        or [pd.DataFrame({"price": [], "volume": []}, dtype="float64")]
    ).reindex(bars.index)
    adjusted = bars.copy()
    adjusted[PRICES] = bars[PRICES].mul(factors["price"], axis="index")
    adjusted["volume"] = bars["volume"] / factors["volume"]
    return adjusted


def _factors(bars: pd.DataFrame, actions: pd.DataFrame) -> pd.DataFrame:
    """Reckon by what each bar of one symbol is multiplied: the product of all that happened after it."""
    happened = actions.assign(at=bars["session"].searchsorted(actions["session"]))
    happened = happened[(happened["at"] > 0) & (happened["at"] < len(bars))]
    splits, paid = happened[happened["kind"] == "split"], happened[happened["kind"] == "dividend"]
    before = bars["close"].iloc[paid["at"] - 1].to_numpy()
    kept = (1 - paid["amount"] / before).where(paid["amount"] < before, 1.0)
    by_split = pd.Series(1.0, index=range(len(bars))).mul(_product(1 / splits["ratio"], splits["at"]), fill_value=1.0)
    by_paid = pd.Series(1.0, index=range(len(bars))).mul(_product(kept, paid["at"]), fill_value=1.0)
    after = [_after(by_split), _after(by_paid)]
    return pd.DataFrame({"price": (after[0] * after[1]).to_numpy(), "volume": after[0].to_numpy()}, index=bars.index)


def _product(values: pd.Series, at: pd.Series) -> pd.Series:
    return values.groupby(at.to_numpy()).prod()


def _after(factor: pd.Series) -> pd.Series:
    """Multiply, for each place, the factors of all later places."""
    return factor[::-1].cumprod()[::-1].shift(-1, fill_value=1.0)
