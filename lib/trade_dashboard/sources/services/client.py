"""One service over HTTP: patient with what passes, and never for long.

Only the service's own base URL is asked; proxies and `.netrc` of the environment are not.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, MaxRetryError, ReadTimeoutError
from urllib3.util import Retry

from trade_dashboard.errors import NotReadyError
from trade_dashboard.sources.connections import Address

__all__ = ["Answer", "AwayError", "Client", "Patience", "RefusedError", "SilentError"]

KEY_HEADER = "X-API-Key"
PASSING = (429, 500, 502, 503, 504)
LONGEST_WAIT_SECONDS = 60.0
SILENCES = 2
LARGEST_BYTES = 64_000_000
CHUNK_BYTES = 65_536
SHORTEST_SECRET = 6
READABLE = 200
BAD, BROKEN = 400, 500


class AwayError(NotReadyError):
    """A service did not answer as it should; the message says how."""


class SilentError(AwayError):
    """It did not answer at all: no connection, or not in time."""


class RefusedError(AwayError):
    """It answered that it will not: 4xx."""


@dataclass(frozen=True)
class Patience:
    """How long a service may take, and how often it is asked again after what may pass."""

    connect_seconds: float = 3.0
    read_seconds: float = 30.0
    retries: int = 2
    backoff_seconds: float = 0.5


@dataclass(frozen=True)
class Answer:
    """What a service answered, and the milliseconds it took."""

    body: Any
    latency_ms: float


class PatientRetry(Retry):
    """Ask again, but not after a time-out, and not when told to wait for longer than anybody here can."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: Any = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """Count one failure, or raise when there is to be no other attempt."""
        if isinstance(error, ReadTimeoutError):
            raise error
        if response is not None and (self.get_retry_after(response) or 0) > LONGEST_WAIT_SECONDS:
            raise MaxRetryError(_pool, url or "")
        return super().increment(method, url, response, error, _pool, _stacktrace)


class Session(requests.Session):
    """A session that gives its key to nobody but the service."""

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Drop the key where a redirect leads elsewhere."""
        if self.should_strip_auth(str(response.request.url), str(prepared_request.url)):  # type: ignore[no-untyped-call]
            prepared_request.headers.pop(KEY_HEADER, None)
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]


class Client:
    """Asks one service; after two silences it is not asked again."""

    def __init__(self, address: Address, patience: Patience) -> None:
        self.name, self.base_url = address.name, address.base_url
        self._key, self._patience = address.api_key, patience
        self._silences = 0
        self._session = Session()
        self._session.trust_env = False
        self._session.headers.update({"Accept": "application/json"} | ({KEY_HEADER: self._key} if self._key else {}))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=_retry(patience)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def url(self, path: str) -> str:
        """Give the whole address of a path."""
        return self.base_url + path

    def get(self, path: str, **parameters: int) -> Answer:
        """Ask for what is at a path."""
        return self._ask("GET", path, parameters=parameters)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Ask a question that changes nothing, however often it is asked."""
        return self._ask("POST", path, body=body)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Ask, and read the answer as JSON.

        Raises
        ------
        AwayError
            If no answer came, or one that is none.
        """
        where = f"{method} {self.url(path)}"
        if self._silences >= SILENCES:
            raise SilentError(f"{where} was not asked, after {SILENCES} requests without an answer")
        started = time.perf_counter()
        limits = (self._patience.connect_seconds, self._patience.read_seconds)
        try:
            with self._session.request(
                method, self.url(path), params=parameters, json=body, timeout=limits, stream=True
            ) as response:
                content = self._read(response)
        except (requests.ReadTimeout, ReadTimeoutError, TimeoutError):
            self._silences += 1
            raise SilentError(f"{where} did not answer within {self._patience.read_seconds:g} s") from None
        except (requests.RequestException, HTTPError, OSError) as error:
            self._silences += 1
            raise SilentError(self._plain(f"{where} got no answer: {_root(error)}")) from None
        return Answer(self._judged(where, response, content), round((time.perf_counter() - started) * 1000, 1))

    def _read(self, response: requests.Response) -> bytes:
        """Read a body piece by piece, so that one which trickles cannot hold us."""
        until = time.monotonic() + self._patience.read_seconds
        content = bytearray()
        while piece := response.raw.read1(CHUNK_BYTES, decode_content=True):
            content += piece
            if time.monotonic() > until:
                raise TimeoutError
            if len(content) > LARGEST_BYTES:
                raise OSError(f"more than {LARGEST_BYTES} bytes")
        return self._hidden(bytes(content))

    def _judged(self, where: str, response: requests.Response, content: bytes) -> Any:
        status = response.status_code
        try:
            body = json.loads(content)
        except (ValueError, RecursionError):
            if status < BAD:
                raise AwayError(self._plain(f"{where} answered no JSON: {_start(content)}")) from None
            body = {}
        if status < BAD:
            return body
        detail = body.get("detail") if isinstance(body, dict) else None
        kind = RefusedError if status < BROKEN and status not in PASSING else AwayError
        raise kind(self._plain(f"{where} answered {status}: {detail or response.reason or 'no word'}"))

    def _plain(self, message: str) -> str:
        """Cut a message to a readable length."""
        return message[: READABLE + len(self.base_url)]

    def _hidden(self, content: bytes) -> bytes:
        """Take the key out of an answer: a service that quotes it is not quoted."""
        return content.replace(self._key.encode(), "•••".encode()) if len(self._key) >= SHORTEST_SECRET else content


def _retry(patience: Patience) -> Retry:
    return PatientRetry(
        total=patience.retries,
        backoff_factor=patience.backoff_seconds,
        status_forcelist=PASSING,
        allowed_methods=None,
        raise_on_status=False,
    )


def _root(error: BaseException) -> str:
    """Name the innermost reason; the outer ones repeat the address."""
    inner: BaseException = error
    while True:
        reason = getattr(inner, "reason", None) or next(
            (one for one in inner.args if isinstance(one, BaseException)), None
        )
        if not isinstance(reason, BaseException):
            break
        inner = reason
    said = getattr(inner, "strerror", None) or inner.__cause__ or inner
    return str(said) or type(inner).__name__


def _start(content: bytes) -> str:
    text = " ".join(content[:READABLE].decode("utf-8", "replace").split())
    return repr(text[:60]) if text else "nothing"
