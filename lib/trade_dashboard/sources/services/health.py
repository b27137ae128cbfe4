"""Is a service up? Each build says it at another path and in another word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trade_dashboard.sources.services.client import Answer, AwayError, Client, RefusedError
from trade_dashboard.sources.services.reading import Asked, Batch, Told, first_of, mapped, text, words

__all__ = ["probe", "with_work"]

UP = {"up", "healthy", "operational", "alive", "ok", "ready"}
DOWN = {"down", "unhealthy", "error", "failed", "failing", "stopped", "offline", "unavailable"}
ABOUT = "/"
MISSING = "answered 404"


def probe(client: Client, paths: tuple[str, ...], asked: Asked) -> Told:
    """Ask the paths in turn, until one is not unknown to the service."""
    verdict: dict[str, str | float | None]
    away = ""
    try:
        answer = _first_known(client, paths)
        status, said = _judged(mapped(answer.body))
        version = _version(client, paths, mapped(answer.body))
        verdict = {"status": status, "said": said, "version": version, "latency_ms": answer.latency_ms}
    except AwayError as error:
        away = str(error)
        status = "degraded" if isinstance(error, RefusedError) else "down"
        verdict = {"status": status, "said": words(away), "version": None, "latency_ms": None}
    row = {"service": client.name, "session": asked.probed.isoformat(), "time": asked.now.isoformat()} | verdict
    return Told((Batch("service_health", client.base_url, [row]),), away)


def with_work(health: Told, failure: str) -> Told:
    """Call a service degraded that says it is up and then fails at its work."""
    (batch,) = health.batches
    (row,) = batch.rows
    if not failure or row["status"] != "up":
        return health
    row = row | {"status": "degraded", "said": words(failure)}
    return Told((Batch(batch.dataset, batch.origin, [row]),), health.away)


def _first_known(client: Client, paths: tuple[str, ...]) -> Answer:
    for path in paths[:-1]:
        try:
            return client.get(path)
        except RefusedError as error:
            if MISSING not in str(error):
                raise
    return client.get(paths[-1])


def _version(client: Client, paths: tuple[str, ...], body: Mapping[str, Any]) -> str | None:
    """Read the version, where need be from the service's front door."""
    if first_of(body, "version") is None and ABOUT in paths:
        try:
            return text(mapped(client.get(ABOUT).body).get("version"))
        except AwayError:
            return None
    return text(body.get("version"))


def _judged(body: Mapping[str, Any]) -> tuple[str, str | None]:
    """Give our verdict and the service's own word."""
    said = words(body.get("status"))
    if said is None and isinstance(body.get("checks"), dict):
        failing = sorted(str(name) for name, check in body["checks"].items() if not _passes(check))
        return ("degraded", words("failing: " + ", ".join(failing))) if failing else ("up", "ready")
    word = (said or "").lower()
    return "up" if word in UP else "down" if word in DOWN else "degraded", said


def _passes(check: Any) -> bool:
    """Tell whether one check passes: true, a good word, or an object that says either."""
    if isinstance(check, dict):
        check = first_of(check, "status", "healthy", "connected", "ok")
    return check is True or str(check).lower() in UP | {"connected", "pass", "passed", "true"}
