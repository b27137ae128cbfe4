"""Where things are and what the account is held to: environment variables → one frozen Settings.

Every field is read from `TRADE_DASHBOARD_<FIELD>` (limits from `TRADE_DASHBOARD_LIMIT_<NAME>`), in upper case.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from trade_dashboard.errors import RequestError

__all__ = ["NOTIFY", "NOTIFY_CONNECTION", "PREFIX", "Limits", "Settings", "secret_values"]

PREFIX = "TRADE_DASHBOARD_"
# where messages go; both are secrets
NOTIFY, NOTIFY_CONNECTION = PREFIX + "NOTIFY", "AIRFLOW_CONN_TRADE_DASHBOARD_NOTIFY"
# what the libraries behind a URL take from the environment, by its protocol
OPENS = {"s3": ("AWS_", "FSSPEC_S3"), "gs": ("GOOGLE_", "STORAGE_EMULATOR_HOST", "FSSPEC_G")}
Share = Annotated[float, Field(ge=0, allow_inf_nan=False)]


def _folder_or_url(given: Any) -> Any:
    return Path(given) if isinstance(given, str) and "://" not in given else given


class Limits(BaseModel):
    """Bounds that make an alert when crossed, as fractions where nothing else is said; the defaults are trade-manager's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    drawdown_warning: Share = Field(0.15, description="drawdown that warns")
    drawdown: Share = Field(0.20, description="drawdown that is critical")
    position_size: Share = Field(0.10, description="one position that warns")
    concentration: Share = Field(0.30, description="one position that is critical")
    heat: Share = Field(0.80, description="gross exposure that warns")
    cash_buffer: Share = Field(0.05, description="least cash; below it warns")
    value_at_risk: Share = Field(0.02, description="loss of one session in twenty that warns")
    sharpe: float = Field(1.5, allow_inf_nan=False, description="Sharpe ratio to reach; below it is a notice")
    sortino: float = Field(2.0, allow_inf_nan=False, description="Sortino ratio to reach; below it is a notice")
    profit_factor: Share = Field(1.5, description="profit factor to reach; below it is a notice")
    win_rate: Share = Field(0.55, description="win rate to reach; below it is a notice")


class Settings(BaseModel):
    """Everything that is configured, resolved once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    store: Annotated[Path | str, BeforeValidator(_folder_or_url)] = Field(
        Path("store"), description="folder of the point-in-time store, or its URL: s3://… or gs://…"
    )
    outputs: Path = Field(Path("outputs"), description="folder the pages are published in")
    notebooks: Path = Field(Path("notebooks"), description="folder of the reports' notebooks")
    exchange: str = Field("XNYS", description="exchange whose sessions count, by market identifier code")
    account: str | None = Field(None, description="account to report; needed when the store holds several")
    benchmark: str | None = Field(None, description="symbol to compare with; found among the instruments when unset")
    known_at: AwareDatetime | None = Field(None, description="see only what was known at this instant; now when unset")
    memory_mb: int | None = Field(
        None, gt=0, description="most memory a run's kernel may take, MB; no bound when unset"
    )
    risk_free_rate: float = Field(
        0.02, allow_inf_nan=False, description="return a year of what has no risk, a fraction"
    )
    limits: Limits = Limits()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
        """Read the environment; what is `given` and not None wins.

        Raises
        ------
        RequestError
            If a variable does not hold what its field takes.
        """
        environment = os.environ if environment is None else environment
        limits = _read(environment, PREFIX + "LIMIT_", Limits)
        values = _read(environment, PREFIX, cls) | {name: value for name, value in given.items() if value is not None}
        try:
            return cls.model_validate({**values, "limits": limits})
        except ValidationError as error:
            raise RequestError(_explain(error)) from error

    def to_environment(self) -> dict[str, str]:
        """Give the variables that make another process resolve the same settings."""
        plain = {name: value for name, value in self.model_dump(exclude={"limits"}).items() if value is not None}
        paths = {name: value.absolute() if isinstance(value, Path) else value for name, value in plain.items()}
        return {PREFIX + name.upper(): str(value) for name, value in paths.items()} | {
            f"{PREFIX}LIMIT_{name.upper()}": str(value) for name, value in self.limits.model_dump().items()
        }

    def store_credentials(self, environment: Mapping[str, str] | None = None) -> dict[str, str]:
        """Give the variables that open a store behind a URL; none for a folder. They go to whoever reads it, and no further."""
        environment = os.environ if environment is None else environment
        opening = OPENS.get(str(self.store).partition("://")[0], ()) if "://" in str(self.store) else ()
        return {name: value for name, value in environment.items() if name.startswith(opening)} if opening else {}


def _read(environment: Mapping[str, str], prefix: str, model: type[BaseModel]) -> dict[str, str]:
    named = {name: environment.get(prefix + name.upper(), "") for name in model.model_fields if name != "limits"}
    return {name: value for name, value in named.items() if value}


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    variable = PREFIX + "_".join(str(part) for part in first["loc"]).upper().replace("LIMITS_", "LIMIT_")
    return f"{variable} is {first['input']!r}: {first['msg']}. Set it to what it takes, or unset it for the default."


def secret_values(environment: Mapping[str, str] | None = None) -> list[str]:
    """Collect every value of the environment that must not be written anywhere, longest first."""
    environment = os.environ if environment is None else environment
    marks = ("SECRET", "TOKEN", "PASSWORD", "PASSWD", "API_KEY", "CREDENTIAL", "AIRFLOW_CONN_", "_CONN", NOTIFY)
    found = {value for name, value in environment.items() if any(mark in name.upper() for mark in marks)}
    inner = {secret for value in found for secret in _inside(value)}
    return sorted((value for value in found | inner if len(value) >= 6), key=len, reverse=True)  # noqa: PLR2004


def _inside(connection: str) -> list[str]:
    """Find the password within a connection, as it stands there and as it is sent; none if it is no connection."""
    try:
        told = json.loads(connection) if connection.lstrip().startswith("{") else {}
        password = str(told.get("password") or "") or urlsplit(connection).password or ""
    except (ValueError, AttributeError):
        return []
    return [password, unquote(password)]
