"""What is wrong with the data behind a page, for its banner."""

from __future__ import annotations

from dataclasses import dataclass

from trade_dashboard.metrics.alerts import Severity

__all__ = ["Notice"]


@dataclass(frozen=True)
class Notice:
    """One line of a banner: how grave, what, and the anchor of its evidence on the page."""

    severity: Severity
    message: str
    anchor: str = ""
