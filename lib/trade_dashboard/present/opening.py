"""How a page begins: what is wrong, which account and session, the answer, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from trade_dashboard.book import Book
from trade_dashboard.metrics import Agreement, Alert, Kpi
from trade_dashboard.present.markup import Html, e
from trade_dashboard.present.spark import spark
from trade_dashboard.present.tables import delta
from trade_dashboard.present.theme import MINUS, count, day, listed, money, percent, place, signed, stylesheet
from trade_dashboard.present.words import agreement_in_words, alert_in_words, restated_in_words

__all__ = ["banner", "opening", "strip"]

EVIDENCE = {"drawdown": "account", "largest_position": "positions", "gross_exposure": "positions"}


def banner(alerts: Sequence[Alert], freshness: pd.DataFrame, agreement: Agreement, restated: pd.DataFrame) -> Html:
    """Show what is wrong, worst first, each line linked to its evidence; nothing when nothing is."""
    lines = [(alert.severity, alert_in_words(alert), EVIDENCE.get(alert.kpi, "changes")) for alert in alerts]
    stale = [str(name).replace("_", " ") for name in freshness.index[freshness["verdict"] == "stale"]]
    if stale:
        lines.append(("warning", f"Stale: {listed(stale)}.", "freshness"))
    if agreement.session is not None and not agreement.agrees:
        lines.append(("critical", agreement_in_words(agreement), "broker"))
    if len(restated):
        lines.append(("notice", f"{restated_in_words(restated)}.", "restated"))
    order = ("critical", "warning", "notice")
    shown = "".join(
        f'<p class="alert {severity}"><strong>{severity}</strong> <a href="#{anchor}">{e(text)}</a></p>'
        for severity, text, anchor in sorted(lines, key=lambda line: order.index(line[0]))
    )
    markup = f'<section class="td banner" aria-label="What is wrong">{shown}</section>' if shown else ""
    return Html(markup, "\n".join(text for _, text, _ in lines) or "nothing is wrong", place="banner")


def opening(book: Book, answer: str) -> Html:
    """Show which session and account this is, and the answer in one sentence."""
    exchange = book.calendar
    closed = exchange.closing(book.run_date).astimezone(exchange.zone)
    sample = ' · <strong class="sample">sample account</strong>: fictitious from end to end' if book.is_sample else ""
    facts = f"{book.run_date:%A} {day(book.run_date)} · session closed {closed:%H:%M} {place(exchange.zone.key)} · account {e(book.account)}"
    # JupyterLab has no page around it: the style comes along, and the page's template leaves it out
    style = f"<style>{stylesheet()}</style>"
    return Html(
        f'{style}<div class="td opening"><p class="facts">{facts}{sample}</p><p class="answer">{e(answer)}</p></div>',
        answer,
    )


def strip(kpis: Mapping[str, Kpi], names: Sequence[str]) -> Html:
    """Show some KPIs large: value, unit, change since the session before, and their trail."""
    cards = "".join(_card(kpis[name]) for name in names)
    return Html(
        f'<div class="td"><dl class="strip">{cards}</dl></div>',
        ", ".join(f"{name} {kpis[name].value}" for name in names),
    )


def _card(kpi: Kpi) -> str:
    value, unit = _value(kpi)
    change = f"{delta(kpi)} since {kpi.previous_session:%A}" if kpi.previous is not None else ""
    if kpi.value is None:
        change = kpi.reason or ""
    return (
        f"<div><dt>{e(kpi.meaning.label)}</dt>"
        f'<dd class="value">{value}<span class="unit">{unit}</span></dd>'
        f'<dd class="delta">{e(change)}</dd><dd>{spark(kpi.trail)}</dd></div>'
    )


def _value(kpi: Kpi) -> tuple[str, str]:
    if kpi.meaning.unit == "fraction":
        text, unit = percent(kpi.value).removesuffix("%").rstrip("\u202f"), "\u202f%" if kpi.value is not None else ""
    elif kpi.meaning.unit == "USD":
        text, unit = money(kpi.value), "\u202fUSD" if kpi.value is not None else ""
    else:
        text, unit = count(kpi.value), ""
    if kpi.name in {"day_pnl", "day_return"}:
        text = signed(text)
        tone = "loss" if text.startswith(MINUS) else "gain" if text.startswith("+") else ""
        text = f'<span class="{tone}">{text}</span>' if tone else text
    return text, unit
