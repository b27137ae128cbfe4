"""Alpaca over HTTP: with which keys, how patiently, page after page, and what counts as no answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from trade_dashboard.errors import NotReadyError, RequestError, SchemaError
from trade_dashboard.sources.alpaca.records import Record, instant
from trade_dashboard.sources.alpaca.window import rfc3339

__all__ = ["PATIENT", "Client", "Patience"]

KEYS = {"APCA_API_KEY_ID": "APCA-API-KEY-ID", "APCA_API_SECRET_KEY": "APCA-API-SECRET-KEY"}
TRADING = ("APCA_API_BASE_URL", "https://api.alpaca.markets")
DATA = ("APCA_API_DATA_URL", "https://data.alpaca.markets")
WORTH_ANOTHER_TRY = (429, 500, 502, 503, 504)
BROKEN_OFF = (requests.JSONDecodeError, requests.exceptions.ChunkedEncodingError)
ACCOUNT = "/v2/account"
READABLE = 200


@dataclass(frozen=True)
class Patience:
    """How long to wait for an answer, how often to ask, and how long to pause in between, whatever the server asks."""

    timeout_seconds: float = 20.0
    tries: int = 4
    backoff_seconds: float = 0.5
    longest_pause_seconds: float = 60.0


PATIENT = Patience()


class _Retry(Retry):
    """Waits as long as the server asks, by either of the headers Alpaca sends, but no longer than `backoff_max`."""

    def get_retry_after(self, response: urllib3.BaseHTTPResponse) -> float | None:
        try:
            asked = super().get_retry_after(response)
            reset = response.headers.get("X-RateLimit-Reset")
            if asked is None and reset is not None:
                asked = float(reset) - time.time()
        except (ValueError, urllib3.exceptions.InvalidHeader):
            return None
        return None if asked is None else min(max(asked, 0.0), self.backoff_max)


@dataclass(frozen=True)
class Client:
    """Both hosts of the API, as one account sees them."""

    session: requests.Session = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    trading_url: str
    data_url: str
    timeout_seconds: float

    @classmethod
    def of(cls, environment: Mapping[str, str], patience: Patience) -> Client:
        """Read keys and addresses.

        Raises
        ------
        RequestError
            If a key is not set or cannot be one, or an address is none; the message names the variable only.
        """
        keys = {name: environment.get(name, "").strip() for name in KEYS}
        wrong = [name for name, value in keys.items() if not (value and value.isascii() and value.isprintable())]
        if wrong:
            raise RequestError(
                f"Source alpaca takes an account's keys in {' and '.join(KEYS)}, but {' and '.join(wrong)} "
                f"{'holds' if len(wrong) == 1 else 'hold'} none. Make a pair on the broker's dashboard and export both."
            )
        session = requests.Session()
        session.headers.update({KEYS[name]: value for name, value in keys.items()})
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=_retry(patience)))
        urls = (_address(environment, *TRADING), _address(environment, *DATA))
        return cls(session, tuple(keys.values()), *urls, patience.timeout_seconds)

    def trading(self, path: str, **asked: str) -> Any:
        """Ask the trading host one question.

        Raises
        ------
        RequestError
            If the keys are refused.
        DataError
            If there is no answer, or none that can be read.
        """
        return self._get(self.trading_url, path, asked)

    def listed(self, path: str, **asked: str) -> list[Record]:
        """Ask the trading host for a list of records."""
        return _records(path, self.trading(path, **asked))

    def activities(self, path: str, asked: Mapping[str, str]) -> list[Record]:
        """Ask for activities, oldest first, page after page until one brings nothing new."""
        found: dict[str, Record] = {}
        onward = {"direction": "asc", "page_size": "100"}
        while fresh := _fresh(self.listed(path, **asked, **onward), found):
            found |= fresh
            onward["page_token"] = next(reversed(fresh))
        return list(found.values())

    def orders(self, path: str, asked: Mapping[str, str]) -> list[Record]:
        """Ask for orders, oldest first, page after page until one brings nothing new."""
        found: dict[str, Record] = {}
        plain = {"status": "all", "direction": "asc", "limit": "500", "nested": "false", **asked}
        onward: list[dict[str, str]] = [{}]
        while onward:
            page = self.listed(path, **{**plain, **onward.pop(0)})
            if fresh := _fresh(page, found):
                found |= fresh
                newest = [moment for one in page if (moment := instant(one.get("submitted_at")))]
                onward = _after(max(newest)) if newest else []
        return list(found.values())

    def pages(self, path: str, asked: Mapping[str, str], symbols: list[str]) -> Iterator[Record]:
        """Ask the data host about some symbols, page after page until there is no next one."""
        onward: dict[str, str] = {}
        seen = set()
        while True:
            page = self._get(self.data_url, path, {"symbols": ",".join(symbols), **asked, **onward})
            if not isinstance(page, dict):
                raise SchemaError(f"GET {path} answered {type(page).__name__} where an object belongs.")
            yield page
            token = page.get("next_page_token")
            if not token:
                return
            if token in seen:
                raise SchemaError(f"GET {path} answers the same page again and again.")
            seen.add(token)
            onward = {"page_token": str(token)}

    def _get(self, host: str, path: str, asked: Mapping[str, str]) -> Any:
        try:
            try:
                return self._ask(host, path, asked)
            except BROKEN_OFF:
                return self._ask(host, path, asked)
        except requests.JSONDecodeError as error:
            raise SchemaError(f"GET {path} answered what is no JSON.") from error
        except requests.RequestException as error:
            raise NotReadyError(f"GET {path}: {self._plainly(error)}.") from error

    def _ask(self, host: str, path: str, asked: Mapping[str, str]) -> Any:
        # a redirect would hand the keys to whoever it names
        response = self.session.get(
            host + path, params=dict(asked), timeout=self.timeout_seconds, allow_redirects=False
        )
        if response.status_code == requests.codes.ok:
            return response.json()
        said = f"GET {path} answered {response.status_code}: {self._said(response)}"
        if response.status_code == requests.codes.unauthorized or (response.status_code, path) == (403, ACCOUNT):
            raise RequestError(
                f"Alpaca refuses the keys in {' and '.join(KEYS)} ({said}). The keys of a paper account go with "
                "APCA_API_BASE_URL=https://paper-api.alpaca.markets."
            )
        raise NotReadyError(f"{said}.")

    def _said(self, response: requests.Response) -> str:
        try:
            text = str(response.json()["message"])
        except (requests.JSONDecodeError, KeyError, TypeError):
            text = ""
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return " ".join(text.split())[:READABLE].rstrip(".") or response.reason or "nothing"

    def _plainly(self, error: requests.RequestException) -> str:
        cause = getattr(error.args[0] if error.args else None, "reason", error)
        timeout = isinstance(cause, requests.Timeout | urllib3.exceptions.TimeoutError)
        if timeout and not isinstance(cause, urllib3.exceptions.NewConnectionError):
            return f"no answer in {self.timeout_seconds:g} seconds"
        if isinstance(cause, requests.exceptions.ChunkedEncodingError | urllib3.exceptions.ProtocolError):
            return "the answer broke off"
        return f"no connection ({type(cause).__name__})"


def _retry(patience: Patience) -> Retry:
    return _Retry(
        total=patience.tries - 1,
        backoff_factor=patience.backoff_seconds,
        backoff_max=patience.longest_pause_seconds,
        status_forcelist=WORTH_ANOTHER_TRY,
        allowed_methods=("GET",),
        raise_on_status=False,
    )


def _address(environment: Mapping[str, str], name: str, default: str) -> str:
    address = (environment.get(name, "").strip() or default).rstrip("/").removesuffix("/v2")
    if not address.startswith(("https://", "http://")):
        raise RequestError(f"{name} takes an address such as {default}, but it has no https://. Set it or unset it.")
    return address


def _records(path: str, answer: Any) -> list[Record]:
    if not (isinstance(answer, list) and all(isinstance(one, dict) for one in answer)):
        raise SchemaError(f"GET {path} answered {type(answer).__name__} where a list of records belongs.")
    return answer


def _fresh(page: list[Record], found: Mapping[str, Record]) -> dict[str, Record]:
    return {name: one for one in page if (name := str(one.get("id"))) not in found}


def _after(newest: datetime) -> list[dict[str, str]]:
    """Go on a little before the newest order, as orders that came together may be on two pages, and else after it."""
    return [{"after": rfc3339(newest + step)} for step in (timedelta(milliseconds=-1), timedelta(microseconds=1))]
