"""Every error this package raises on purpose, and the exit code each one ends the command line with.

    TradeDashboardError            1    something failed
    ├── ReportError                1    a cell raised, or the kernel died
    ├── RequestError               2    what was asked for cannot be: unknown report, ill-typed parameter, impossible date
    ├── DataError                  3    the data is not ready, or broken
    │   ├── NotReadyError          3    records that the request needs have not arrived
    │   ├── SchemaError            3    records are not what the schema says
    │   └── StoreError             3    the store cannot be read or written
    ├── NoSessionError            99    nothing to do: the date is no session
    └── StoppedError         128 + N    signal N asked us to stop

A message says what was expected, what came, where, and what to do next.
"""

import signal
from datetime import date

__all__ = [
    "DataError",
    "NoSessionError",
    "NotReadyError",
    "ReportError",
    "RequestError",
    "SchemaError",
    "StoppedError",
    "StoreError",
    "TradeDashboardError",
    "exit_code_of",
    "said_by",
]


class TradeDashboardError(Exception):
    """Root of the tree; `exit_code` is what the command line ends with."""

    exit_code = 1


class ReportError(TradeDashboardError):
    """A report failed: one of its cells raised, or its kernel died."""


class RequestError(TradeDashboardError):
    """What was asked for cannot be, whatever the data."""

    exit_code = 2


class DataError(TradeDashboardError):
    """The data is not ready, or broken."""

    exit_code = 3


class NotReadyError(DataError):
    """Records that the request needs have not arrived yet."""


class SchemaError(DataError):
    """Records are not what the schema says."""


class StoreError(DataError):
    """The store cannot be read or written."""


class NoSessionError(TradeDashboardError):
    """There is no session to report: the date is none, and is then in `session`, or today's has not opened."""

    exit_code = 99

    def __init__(self, message: str = "", session: date | None = None) -> None:
        super().__init__(message)
        self.session = session


class StoppedError(TradeDashboardError):
    """A signal asked us to stop."""

    def __init__(self, signum: int) -> None:
        super().__init__(f"Stopped by {signal.Signals(signum).name}.")
        self.exit_code = 128 + signum


def exit_code_of(error_name: str) -> int:
    """Find the exit code of an error known only by its class name, as a notebook records it.

    Errors that are not ours are failures of the report: 1.
    """
    return (_ours(error_name) or TradeDashboardError).exit_code


def said_by(error_name: str, message: str) -> str:
    """Say an error known only by its class name and message: ours speak for themselves, others by name."""
    return message if _ours(error_name) and message else f"{error_name}: {message}" if message else error_name


def _ours(error_name: str) -> type[TradeDashboardError] | None:
    error = globals().get(error_name)
    return error if isinstance(error, type) and issubclass(error, TradeDashboardError) else None
