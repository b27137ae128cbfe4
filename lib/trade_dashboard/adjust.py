"""Prices as if every split and dividend that is known had always been."""

from __future__ import annotations

import numpy as np
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
    price, volume = np.ones(len(bars)), np.ones(len(bars))
    sessions, closes = bars["session"].to_numpy(), bars["close"].to_numpy(dtype="float64")
    happened = actions.groupby("symbol").indices
    for symbol, rows in bars.groupby("symbol").indices.items():
        if symbol in happened:
            its_own = actions.iloc[happened[symbol]]
            price[rows], volume[rows] = _factors(sessions[rows], closes[rows], its_own)
    adjusted = bars.copy()
    adjusted[PRICES] = bars[PRICES].mul(price, axis="index")
    adjusted["volume"] = bars["volume"] / volume
    return adjusted


def _factors(sessions: np.ndarray, closes: np.ndarray, actions: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Reckon by what prices and by what volumes of one symbol are multiplied and divided: the product of all that came after."""
    at = sessions.searchsorted(actions["session"].to_numpy())
    inside = (at > 0) & (at < len(sessions))
    at, kind = at[inside], actions["kind"].to_numpy()[inside]
    ratio, amount = (actions[name].to_numpy(dtype="float64")[inside] for name in ("ratio", "amount"))
    before = closes[at - 1]
    is_split, is_paid = (kind == "split") & ~np.isnan(ratio), (kind == "dividend") & (amount < before)
    by_split, by_paid = np.ones(len(sessions)), np.ones(len(sessions))
    np.multiply.at(by_split, at[is_split], 1 / ratio[is_split])
    np.multiply.at(by_paid, at[is_paid], 1 - amount[is_paid] / before[is_paid])
    split = _after(by_split)
    return split * _after(by_paid), split


def _after(factor: np.ndarray) -> np.ndarray:
    """Multiply, for each place, the factors of all later places."""
    return np.append(factor[:0:-1].cumprod()[::-1], 1.0)
