"""The symbols that are watched: what they did, where they stand, and what the service says of them."""

from __future__ import annotations

import pandas as pd

from trade_dashboard.metrics.breadth import Standing

__all__ = ["newest_signals", "watched", "watchlist"]

MOVES = (5, 20)
TRAIL = 60
SAID = ["signal", "confidence", "indicators", "market_state", "signal_session", "before"]


def watched(held: pd.Series, signals: pd.DataFrame, states: pd.DataFrame, benchmark: str = "") -> tuple[str, ...]:
    """Name the symbols of a watchlist: those held, largest first, then those market-analysis speaks of, by name.

    Parameters
    ----------
    held
        Worth by symbol, negative = short, 0 = not held.
    signals, states
        As in the schema, of the sessions that count.
    benchmark
        Symbol whose states are the market's own, and no reason to be watched.
    """
    largest = held[held != 0].abs().sort_values(ascending=False, kind="stable")
    spoken_of = {*signals["symbol"], *states["symbol"]} - {benchmark}
    return tuple(dict.fromkeys([*(str(one) for one in largest.index), *sorted(spoken_of)]))


def newest_signals(signals: pd.DataFrame) -> pd.DataFrame:
    """Take each symbol's newest signal.

    Returns
    -------
    pd.DataFrame
        Index `symbol`: `signal`, `confidence`, `indicators`, `market_state`, `signal_session`, and `before`: the signal
        before it, NaN where none is known.
    """
    ordered = signals.sort_values(["symbol", "time"], kind="stable")
    ordered = ordered.assign(before=ordered.groupby("symbol")["signal"].shift(), signal_session=ordered["session"])
    return ordered.groupby("symbol").tail(1).set_index("symbol")[SAID].sort_index()


def watchlist(
    standing: Standing, held: pd.Series, signals: pd.DataFrame, states: pd.DataFrame, benchmark: str = ""
) -> pd.DataFrame:
    """Tell of each watched symbol what it did, where it stands and what is said of it.

    Parameters
    ----------
    standing
        Where symbols stand; one without a bar is told with what else is known.
    held, signals, states, benchmark
        As for `watched`, which names the symbols.

    Returns
    -------
    pd.DataFrame
        Index `symbol`, as `watched` orders them: `held` (USD, negative = short, 0 = not held); `close` (USD, adjusted, the
        last there is) and `close_session`; `move`, `move_5`, `move_20` (fractions, over 1, 5 and 20 sessions of the exchange); `to_50`, `to_200` (distance of the close from the
        mean of the last 50 and 200, fractions) and `to_high` (from the highest close of 252 sessions, at most 0);
        `trail` (the last 60 closes, a tuple); the columns of `newest_signals` and `signal_age` (sessions, 0 = tonight's);
        and `state`, the newest market state of the symbol in words. Moves and distances are NaN without a bar of the last
        session.
    """
    names = list(watched(held, signals, states, benchmark))
    closes = standing.closes.reindex(columns=names)
    carried, now = closes.ffill(), closes.iloc[-1]
    frames = {name: frame.reindex(columns=names).iloc[-1] for name, frame in vars(standing).items()}
    rows = pd.DataFrame(
        {
            "held": held.reindex(names).fillna(0.0),
            "close": carried.iloc[-1],
            "close_session": [closes[one].last_valid_index() for one in names],
            "move": now / frames["before"] - 1,
            **{f"move_{n}": now / _ago(carried, n) - 1 for n in MOVES},
            "to_50": now / frames["mean_50"] - 1,
            "to_200": now / frames["mean_200"] - 1,
            "to_high": (now / frames["highest"] - 1).clip(upper=0.0),
            "trail": [tuple(one) for one in closes.tail(TRAIL).to_numpy().T],
        }
    ).rename_axis("symbol")
    rows["close_session"] = rows["close_session"].astype("datetime64[us]")
    rows = rows.join(newest_signals(signals))
    rows["signal_age"] = len(closes) - closes.index.searchsorted(rows["signal_session"]) - 1.0
    rows["signal_age"] = rows["signal_age"].where(rows["signal"].notna())
    newest = states.sort_values(["symbol", "session"], kind="stable").groupby("symbol")["description"].last()
    return rows.join(newest.rename("state"))


def _ago(carried: pd.DataFrame, sessions: int) -> pd.Series:
    return carried.iloc[-1 - sessions] if len(carried) > sessions else pd.Series(float("nan"), index=carried.columns)
