"""Record numbers in the notebook, through scrapbook, in a form that survives: plain values with their unit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from trade_dashboard.book import Book
from trade_dashboard.metrics import Alert, Kpi
from trade_dashboard.present.changes import delta, shown
from trade_dashboard.present.words import alert_in_words
from trade_dashboard.startup import lean

__all__ = ["glue", "glue_run", "plain"]


def plain(value: Any) -> Any:
    """Turn numpy scalars, dates, frozen results and NaN into what JSON can hold; NaN and infinity become None."""
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):
        return value.isoformat() if value == value else None  # noqa: PLR0124 - NaT is the date that differs from itself
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(one) for one in value]
    return value


def glue(name: str, value: Any, unit: str, reason: str | None = None) -> None:
    """Glue one KPI: `{"value", "unit"}`, and `reason` where the value is undefined.

    Parameters
    ----------
    name
        The KPI's name.
    value
        Number, numpy scalar, date or text; NaN, NaT and None mean undefined.
    unit
        Such as "USD", "fraction", "count".
    reason
        Why it is undefined.
    """
    known = plain(value)
    said = {} if known is not None else {"reason": reason or "undefined"}
    _glue(name, {"value": known, "unit": unit, **said})


def glue_run(book: Book, kpis: Mapping[str, Kpi], alerts: Sequence[Alert]) -> None:
    """Glue what the run is judged and indexed by: every KPI, how a reader is told of it, the alerts, and what was read."""
    for kpi in kpis.values():
        glue(kpi.name, kpi.word or kpi.value, kpi.meaning.unit, kpi.reason)
    words = {
        name: {"label": kpi.meaning.label, "shown": shown(kpi), "change": delta(kpi)} for name, kpi in kpis.items()
    }
    _glue("told", words)
    told = [plain(asdict(alert)) | {"message": alert_in_words(alert)} for alert in alerts]
    _glue("alerts", told)
    facts = {
        "account": book.account,
        "sample": book.is_sample,
        "data_known_at": book.data_known_at,
        "fingerprint": book.fingerprint,
        "open_as_of": book.prices_known_at if book.is_open else None,
    }
    _glue("provenance", plain(facts))


def _glue(name: str, data: Any) -> None:
    with lean():
        import scrapbook

    scrapbook.glue(name, data, encoder="json")
