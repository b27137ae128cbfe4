"""Import what notebooks need, and use each once: a figure with its fonts, a table, a query, the calendar, pyplot."""

from __future__ import annotations

import io
from importlib import import_module

import duckdb
import pandas as pd

from trade_dashboard import metrics, open_book, present  # noqa: F401 - every report imports them
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Settings
from trade_dashboard.startup import hidden, lean

__all__ = ["warm"]

# what a kernel imports at its start, most of it by name
AT_START = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
)


def warm() -> None:
    """Do what every kernel would do at its first figure and its first table, and leave no thread behind."""
    with lean():
        import scrapbook  # noqa: F401
    for name in AT_START:
        import_module(name)
    # nobody attaches a debugger to a run
    with hidden("debugpy"):
        import ipykernel.debugger  # noqa: F401
    sessions = pd.date_range("2025-01-01", periods=30)
    values = pd.DataFrame({"a": range(30), "b": range(30)}, index=sessions, dtype="float64")
    present.line_chart(values, name="warm", finding="Warm")
    columns = [present.Column("a", "A", "written"), present.Column("b", "B", "money")]
    present.table(values.head(), columns, name="warm", finding="Warm")
    calendar(Settings.from_environment().exchange)
    # its threads end with it
    with duckdb.connect() as database:
        database.execute("SELECT count(*) FROM range(3)").df()
    _draw()


def _draw() -> None:
    """Draw as a notebook's own `plt.plot` does; pyplot itself must find its backend in the kernel, where IPython is."""
    import matplotlib.pyplot  # noqa: ICN001 - only to have it imported

    figure = matplotlib.figure.Figure()
    figure.add_subplot().plot([1, 2])
    figure.savefig(io.BytesIO(), format="png")
