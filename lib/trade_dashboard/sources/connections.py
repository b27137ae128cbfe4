"""Addresses and secrets of the services, from the environment.

Each service has a host and a port in two variables (`TRADE_MANAGER_HOST`, `TRADE_MANAGER_PORT`). The Airflow connection
`trade_dashboard_api_conn` wins over them, in either form Airflow exports: a URI or JSON. Its password is the API key, its
extras are base URLs. No message repeats any part of the connection, which may be a secret.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from trade_dashboard.errors import RequestError

__all__ = ["CONNECTION", "DEFAULT_PORTS", "Address", "addresses", "connection"]

CONNECTION = "AIRFLOW_CONN_TRADE_DASHBOARD_API_CONN"
DEFAULT_PORTS = {"market-analysis": 8000, "trade-manager": 8001, "trade-discovery": 8002}


@dataclass(frozen=True)
class Address:
    """Where a service is and what opens it.

    Attributes
    ----------
    name
        The service.
    base_url
        Without a slash at the end, and without a login.
    api_key
        Sent as `X-API-Key`; empty when there is none.
    """

    name: str
    base_url: str
    api_key: str = field(default="", repr=False)


def addresses(environment: Mapping[str, str]) -> dict[str, Address]:
    """Find every service.

    Raises
    ------
    RequestError
        If a variable or the connection does not hold what it should; the message holds nothing of the connection.
    """
    password, extras = connection(environment, CONNECTION)
    if not (password.isascii() and password.isprintable()):
        raise RequestError(f"Expected the password of {CONNECTION} to be an API key of printable ASCII, but it is not.")
    return {name: Address(name, _base_url(name, environment, extras), password) for name in DEFAULT_PORTS}


def _base_url(name: str, environment: Mapping[str, str], extras: Mapping[str, Any]) -> str:
    extra = name.replace("-", "_") + "_url"
    if extras.get(extra):
        return _checked(str(extras[extra]), f"extra `{extra}` of {CONNECTION} is no base URL")
    prefix = name.replace("-", "_").upper()
    host = environment.get(f"{prefix}_HOST") or name
    port = environment.get(f"{prefix}_PORT") or str(DEFAULT_PORTS[name])
    bare = f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host
    shown = host.rpartition("@")[2]
    url = f"http://{bare}:{port}" if "/" not in host and port.isdecimal() else ""
    return _checked(url, f"{prefix}_HOST is {shown!r} and {prefix}_PORT is {port!r}")


def _checked(url: str, problem: str) -> str:
    """Give a base URL without its last slash, or say what the problem is."""
    try:
        parts = urlsplit(url.strip())
        sound = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = False
    if not sound or "@" in parts.netloc or parts.query or parts.fragment or any(sign.isspace() for sign in url.strip()):
        raise RequestError(f"Expected an address such as http://trade-manager:8001, without a login, but {problem}.")
    return url.strip().rstrip("/")


def connection(environment: Mapping[str, str], name: str) -> tuple[str, Mapping[str, Any]]:
    """Read the password and the extras of an Airflow connection in either form; both are empty without one.

    Raises
    ------
    RequestError
        If the variable holds no connection; the message repeats nothing of it.
    """
    text = environment.get(name, "")
    if not text.strip():
        return "", {}
    try:
        password, extras = _from_json(text) if text.lstrip().startswith("{") else _from_uri(text)
    except (ValueError, TypeError, RecursionError):
        # the cause quotes what it could not read, and that may be the secret
        raise RequestError(
            f"Expected an Airflow connection in {name}, as a URI or as JSON, but it cannot be read. "
            f"Export it again with `airflow connections get {name.removeprefix('AIRFLOW_CONN_').lower()} -o json`."
        ) from None
    return password, {_plain(key): value for key, value in extras.items()}


def _from_json(text: str) -> tuple[str, Mapping[str, Any]]:
    told = json.loads(text)
    password, extras = told.get("password") or "", told.get("extra") or {}
    extras = json.loads(extras) if isinstance(extras, str) else extras
    if not (isinstance(password, str) and isinstance(extras, dict)):
        raise TypeError
    return password, extras


def _from_uri(text: str) -> tuple[str, Mapping[str, Any]]:
    parts = urlsplit(text.strip())
    if not parts.scheme:
        raise ValueError
    query = dict(parse_qsl(parts.query))
    extras = json.loads(query["__extra__"]) if "__extra__" in query else query
    if not isinstance(extras, dict):
        raise TypeError
    return unquote(parts.password or ""), extras


def _plain(name: str) -> str:
    """Take Airflow's old prefix off: `extra__http__trade_manager_url` is `trade_manager_url`."""
    return name.split("__", 2)[2] if name.startswith("extra__") and name.count("__") > 1 else name
