"""The sample: three years of an account that never was, so that every report has something to show.

It is fiction from end to end. The companies, their prices, the account, its trades and what the services say of them
were drawn by `make.py` from fixed seeds; the only thing borrowed from the world is the calendar of the exchange.
Nothing in it is evidence for or against any way of trading.
"""

from datetime import date, timedelta
from importlib.resources import files

import pandas as pd

from trade_dashboard import schema
from trade_dashboard.sessions import calendar
from trade_dashboard.sources import Fetched, Options

__all__ = ["fetch"]

KNOWN_AFTER = timedelta(hours=1)


def fetch(options: Options, first: date | None, last: date | None) -> Fetched:  # noqa: ARG001
    """Read the records of the sample.

    Parameters
    ----------
    options
        Not asked: the sample ships with the package.
    first, last
        Sessions to read, both included; None leaves that end open.

    Returns
    -------
    Fetched
        One frame for each dataset, as `schema.conform` gives it, and `known_at`: one hour after its session closed.
    """
    # what a symbol is stays true in a later window
    frames = {name: _cut(_read(name), None if name == "instruments" else first, last) for name in schema.PROVIDED}
    return Fetched({name: _known(frame) for name, frame in frames.items()})


def _read(name: str) -> pd.DataFrame:
    """Read one file, every field as text first: symbols such as NULL, FALSE and 1E52 are symbols."""
    file = files(__name__) / f"{name}.csv.gz"
    with file.open("rb") as packed:
        columns = pd.read_csv(packed, compression="gzip", dtype="str", keep_default_na=False, na_values=[""])
    return schema.conform(name, columns)


def _cut(frame: pd.DataFrame, first: date | None, last: date | None) -> pd.DataFrame:
    wanted = pd.Series(data=True, index=frame.index)
    if first is not None:
        wanted &= frame["session"] >= pd.Timestamp(first)
    if last is not None:
        wanted &= frame["session"] <= pd.Timestamp(last)
    return frame[wanted].reset_index(drop=True)


def _known(frame: pd.DataFrame) -> pd.DataFrame:
    known = {session: calendar().closing(session.date()) + KNOWN_AFTER for session in frame["session"].unique()}
    return frame.assign(known_at=frame["session"].map(known).astype("datetime64[us, UTC]"))
