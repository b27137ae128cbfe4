"""Whether the services answered, how fast, and since when one is away."""

from __future__ import annotations

import pandas as pd

__all__ = ["latencies", "services"]

# services say it in many words
UP_WORDS = {"up", "healthy", "operational", "alive", "ok", "ready"}


def services(health: pd.DataFrame, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Judge each service by its checks.

    Parameters
    ----------
    health
        Records of service health as in the schema.
    sessions
        The sessions to judge, the run date last.

    Returns
    -------
    pd.DataFrame
        Index `service`, the one that is up least first: `checks` (count), `up` (fraction of the checks; UP, healthy,
        operational, alive, ok and ready all count), `unchecked` (sessions since its first without a check), `median_ms` and
        `p95_ms` (of the checks that have a latency), `status` ("up", "degraded", "down"), `said` and `version` of the
        newest check, `checked` (its instant), `since` (first of the checks up to it that all have its status).
    """
    checks = health[health["session"].isin(sessions)].sort_values(["service", "time"], kind="stable")
    status = _status(checks)
    grouped = checks.assign(status=status, is_up=status.eq("up"), since=_since(checks, status)).groupby("service")
    newest = grouped.last()[["status", "since"]]
    told = grouped.tail(1).set_index("service")[["said", "version"]]
    days = grouped["session"].agg(["min", "nunique"])
    called = len(sessions) - sessions.searchsorted(days["min"])
    rows = pd.DataFrame(
        {
            "checks": grouped.size(),
            "up": grouped["is_up"].mean(),
            "unchecked": called - days["nunique"],
            "median_ms": grouped["latency_ms"].median(),
            "p95_ms": grouped["latency_ms"].quantile(0.95),
            "checked": grouped["time"].max(),
        }
    )
    return rows.join(newest).join(told).sort_values("up", kind="stable")


def _status(checks: pd.DataFrame) -> pd.Series:
    return checks["status"].mask(checks["said"].str.lower().isin(UP_WORDS).fillna(False), "up")


def _since(checks: pd.DataFrame, status: pd.Series) -> pd.Series:
    """Give each check the instant since which its service's status has been the same."""
    turned = status.ne(status.groupby(checks["service"]).shift())
    return checks["time"].where(turned).groupby(checks["service"]).ffill()


def latencies(health: pd.DataFrame, sessions: pd.DatetimeIndex) -> pd.DataFrame:
    """Take the median latency by session (rows) and service (columns), in ms; NaN where a service did not answer."""
    table = health.groupby(["session", "service"])["latency_ms"].median().unstack()
    return table.reindex(sessions).rename_axis(index="session", columns="service")
