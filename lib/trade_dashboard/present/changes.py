"""What changed since the session before: every KPI, and which moved more than it usually does."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from statistics import median

import pandas as pd

from trade_dashboard.metrics import Kpi
from trade_dashboard.present.markup import Html, e
from trade_dashboard.present.tables import Column, reason, table
from trade_dashboard.present.theme import MINUS, NONE, changed, day, listed, number, points, written

__all__ = ["changes_rows", "delta", "kpi_changes", "moved_in_words", "moves", "shown", "value_of"]

UNUSUAL = 2.0
LEAST_VALUES = 10
MOST_NAMED = 4


def kpi_changes(kpis: Mapping[str, Kpi], *, name: str = "changes", since: date | None = None) -> Html:
    """Show every KPI now, the session before, and what lies between; the finding names those that moved more than usual.

    Parameters
    ----------
    kpis
        By name, in the order to show.
    name
        Anchor of the exhibit.
    since
        The session before; what the KPIs say when left out.
    """
    before = since or next((kpi.previous_session for kpi in kpis.values() if kpi.previous_session), None)
    rows, columns = changes_rows(list(kpis.values()))
    if before is None:
        note = "This is the account's first session: there is nothing to compare with yet."
    else:
        note = (
            f"Every KPI beside {before:%A} {day(before)}. Usual is the median of its changes from session to session."
        )
    return table(rows, columns, name=name, finding=moved_in_words(list(kpis.values())), note=note)


def changes_rows(kpis: Sequence[Kpi]) -> tuple[pd.DataFrame, list[Column]]:
    """Give the rows of a table of changes, and its columns."""
    rows = pd.DataFrame(
        {
            "label": [kpi.meaning.label for kpi in kpis],
            "now": [_now(kpi) for kpi in kpis],
            "before": [value_of(kpi, kpi.previous, kpi.previous_word) for kpi in kpis],
            "change": [f"<strong>{e(delta(kpi))}</strong>" if _moved(kpi) else e(delta(kpi)) for kpi in kpis],
            "usual": [_usual_in_words(kpi) for kpi in kpis],
        }
    )
    columns = [
        Column("label", "KPI"),
        Column("now", "Tonight", "written"),
        Column("before", "Before", "written"),
        Column("change", "Change", "written"),
        Column("usual", "Usual", "written"),
    ]
    return rows, columns


def _now(kpi: Kpi) -> str:
    if kpi.value is None and kpi.word is None and kpi.reason:
        return reason(kpi.reason)
    return value_of(kpi, kpi.value, kpi.word)


def value_of(kpi: Kpi, value: float | None, word: str | None) -> str:
    """Write a value of a KPI as a cell does."""
    return e(word or NONE) if kpi.meaning.unit == "word" else number(value, kpi.meaning.unit)


def shown(kpi: Kpi) -> str:
    """Write a KPI as a sentence does, with its unit."""
    return kpi.word or NONE if kpi.meaning.unit == "word" else written(kpi.value, kpi.meaning.unit)


def delta(kpi: Kpi) -> str:
    """Write the change of a KPI since the session before, with its sign; a dash where there is none to tell."""
    if kpi.meaning.unit != "word":
        return changed(kpi.value, kpi.previous, kpi.meaning.unit)
    if kpi.word is None or kpi.previous_word is None:
        return NONE
    return "the same" if kpi.word == kpi.previous_word else "changed"


def moves(change: str) -> bool:
    """Tell whether a change can be seen in what is written of it."""
    return change[:1] in {"+", MINUS}


def moved_in_words(kpis: Sequence[Kpi]) -> str:
    """Name the KPIs that moved by more than twice the median of their changes."""
    if all(kpi.previous is None and kpi.previous_word is None for kpi in kpis):
        return "Nothing to compare with yet"
    moved = [kpi.meaning.label for kpi in kpis if _moved(kpi)]
    if not moved:
        return "Nothing moved more than usual"
    rest = len(moved) - MOST_NAMED
    named = moved if rest <= 1 else [*moved[:MOST_NAMED], f"{rest} more"]
    return f"{listed(named)} moved more than usual"


def _moved(kpi: Kpi) -> bool:
    if kpi.meaning.unit == "word":
        return delta(kpi) == "changed"
    usual = _usual(kpi)
    if usual is None or kpi.value is None or kpi.previous is None:
        return False
    # a change that nobody can see is none
    return abs(kpi.value - kpi.previous) > UNUSUAL * usual and moves(delta(kpi))


def _usual(kpi: Kpi) -> float | None:
    """Give the median of the changes of a KPI's trail, without their sign; None where the trail is short."""
    known = [value for value in kpi.trail if math.isfinite(value)]
    if len(known) < LEAST_VALUES:
        return None
    return median(abs(after - before) for before, after in pairwise(known))


def _usual_in_words(kpi: Kpi) -> str:
    usual = _usual(kpi)
    if usual is None:
        return NONE
    return points(usual) if kpi.meaning.unit == "fraction" else number(usual, kpi.meaning.unit)
