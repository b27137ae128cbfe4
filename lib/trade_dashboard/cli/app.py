"""The command line itself: what all verbs share, and every way out."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from trade_dashboard.cli.words import refuse, stopped
from trade_dashboard.errors import RequestError, StoppedError, TradeDashboardError
from trade_dashboard.runs.stop import StopSignal, stoppable, within

if TYPE_CHECKING:
    from trade_dashboard.settings import Settings

__all__ = ["app", "main", "settings_of", "store_app"]

LINGER_SECONDS = 0.5

app = typer.Typer(
    help="Reports from notebooks that a trader can trust.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

store_app = typer.Typer(help="Look after the store.", no_args_is_help=True)
app.add_typer(store_app, name="store")

Store = Annotated[
    str | None,
    typer.Option(
        help="Folder of the store, or its URL: s3://… or gs://….", envvar="TRADE_DASHBOARD_STORE", metavar="PLACE"
    ),
]
Outputs = Annotated[Path | None, typer.Option(help="Folder of the pages.", envvar="TRADE_DASHBOARD_OUTPUTS")]
Notebooks = Annotated[Path | None, typer.Option(help="Folder of the notebooks.", envvar="TRADE_DASHBOARD_NOTEBOOKS")]


@app.callback()
def _options(context: typer.Context, store: Store = None, outputs: Outputs = None, notebooks: Notebooks = None) -> None:
    context.obj = {"store": store, "outputs": outputs, "notebooks": notebooks}


def settings_of(context: typer.Context, known_at: str | None = None) -> Settings:
    from trade_dashboard.runs.parameters import instant
    from trade_dashboard.settings import Settings

    cut = instant(known_at, "--known-at") if known_at else None
    return Settings.from_environment(**context.obj, known_at=cut)


def main() -> NoReturn:
    """Run the command line; every way out ends in an exit code and, but for help and listings, a line of JSON."""
    # what is imported by now stays to the end, and nobody need look through it
    gc.freeze()
    try:
        with stoppable(stopped):
            code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except TradeDashboardError as error:
        refuse(error)
    except TyperException as error:
        refuse(RequestError(error.format_message()))
    except StopSignal as stop:
        stop.late.cancel()
        try:
            refuse(StoppedError(stop.signum))
        finally:
            # a thread may still wait for a service, and Python would wait for the thread
            within(LINGER_SECONDS, os._exit, 128 + stop.signum)
    except Exception as error:  # noqa: BLE001 - the only place that catches everything
        import traceback

        refuse(TradeDashboardError(f"{type(error).__name__}: {error}"), details=traceback.format_exc())
