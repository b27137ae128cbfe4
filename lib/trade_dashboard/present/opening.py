"""How a page begins: what is wrong, which account and session, the answer, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trade_dashboard.book import Book
from trade_dashboard.metrics import Alert, Kpi, Notice
from trade_dashboard.page.spark import spark
from trade_dashboard.present.changes import delta, moves, shown
from trade_dashboard.present.markup import Html, e
from trade_dashboard.present.theme import MINUS, NONE, day, number, signed, span, stylesheet
from trade_dashboard.present.words import alert_in_words

__all__ = ["banner", "opening", "strip"]

EVIDENCE = {"drawdown": "account", "largest_position": "positions", "gross_exposure": "positions", "var_95": "risk"}
ORDER = ("critical", "warning", "notice")
# KPIs whose sign is a gain or a loss
RESULTS = {
    "market_return_20",
    "day_pnl",
    "day_return",
    "total_return",
    "cagr",
    "alpha",
    "expectancy",
    "net_pnl",
    "median_excess_5",
}
UNIT_TEXTS = {"fraction": "%", "USD": "USD", "bps": "bps"}
LONG_WORD = 10


def banner(
    alerts: Sequence[Alert], notices: Sequence[Notice] = (), *, evidence: Mapping[str, str] | None = None
) -> Html:
    """Show what is wrong, worst first, each line linked to its evidence; nothing when nothing is.

    Parameters
    ----------
    alerts
        Limits that are crossed.
    notices
        What is wrong with the data.
    evidence
        By KPI, the anchor of the exhibit that shows why it crossed its limit, where that is not the nightly summary's.
    """
    anchors = EVIDENCE | dict(evidence or {})
    lines = [Notice(alert.severity, alert_in_words(alert), anchors.get(alert.kpi, "changes")) for alert in alerts]
    worst_first = sorted([*lines, *notices], key=lambda line: ORDER.index(line.severity))
    shown = "".join(_line(line) for line in worst_first)
    markup = f'<section class="td banner" aria-label="What is wrong">{shown}</section>' if shown else ""
    said = "\n".join(line.message for line in worst_first)
    return Html(markup, said or "nothing is wrong", place="banner")


def _line(line: Notice) -> str:
    text = f'<a href="#{e(line.anchor)}">{e(line.message)}</a>' if line.anchor else e(line.message)
    return f'<p class="alert {line.severity}"><strong>{line.severity}</strong> {text}</p>'


def opening(book: Book, answer: str) -> Html:
    """Show which session and account this is, and the answer in one sentence."""
    exchange = book.calendar
    moment = book.prices_known_at if book.is_open else exchange.closing(book.run_date)
    clock = f"{moment.astimezone(exchange.zone):%H:%M} {exchange.city}" if moment else "no price yet"
    state = f"session still open, as of {clock}" if book.is_open else f"session closed {clock}"
    sample = ' · <strong class="sample">sample account</strong>: fictitious from end to end' if book.is_sample else ""
    facts = f"{book.run_date:%A} {day(book.run_date)} · {state} · account {e(book.account)}"
    # JupyterLab has no page around it: the style comes along, and the page's template leaves it out
    style = f"<style>{stylesheet()}</style>"
    return Html(
        f'{style}<div class="td opening"><p class="facts">{facts}{sample}</p><p class="answer">{e(answer)}</p></div>',
        answer,
    )


def strip(kpis: Mapping[str, Kpi], names: Sequence[str]) -> Html:
    """Show some KPIs large: value, unit, interval, change since the session before, and their trail."""
    cards = "".join(_card(kpis[name]) for name in names)
    return Html(
        f'<div class="td"><dl class="strip">{cards}</dl></div>',
        ", ".join(f"{name} {shown(kpis[name])}" for name in names),
    )


def _card(kpi: Kpi) -> str:
    return (
        f"<div><dt>{e(kpi.meaning.label)}</dt>{_value(kpi)}{_interval(kpi)}"
        f'<dd class="delta">{e(_beneath(kpi))}</dd><dd>{spark(kpi.trail)}</dd></div>'
    )


def _value(kpi: Kpi) -> str:
    if kpi.meaning.unit == "word":
        word = kpi.word or NONE
        return f'<dd class="value{" long" if len(word) > LONG_WORD else ""}">{e(word)}</dd>'
    text = number(kpi.value, kpi.meaning.unit).removesuffix("%").rstrip("\u202f")
    if kpi.name in RESULTS:
        text = signed(text)
        tone = "loss" if text.startswith(MINUS) else "gain" if text.startswith("+") else ""
        text = f'<span class="{tone}">{text}</span>' if tone else text
    return f'<dd class="value">{text}<span class="unit">{_unit(kpi)}</span></dd>'


def _unit(kpi: Kpi) -> str:
    if kpi.value is None:
        return ""
    if kpi.meaning.unit == "sessions":
        return f"\u202f{'session' if kpi.value == 1 else 'sessions'}"
    said = UNIT_TEXTS.get(kpi.meaning.unit, "")
    return f"\u202f{said}" if said else ""


def _interval(kpi: Kpi) -> str:
    if kpi.value is None or kpi.low is None or kpi.high is None:
        return ""
    return f'<dd class="interval">{span(kpi.low, kpi.high, kpi.meaning.unit)}</dd>'


def _beneath(kpi: Kpi) -> str:
    """Say what changed, or why there is no value."""
    if kpi.value is None and kpi.word is None:
        return kpi.reason or ""
    if kpi.meaning.unit == "word":
        if kpi.previous_word is None or kpi.previous_session is None:
            return ""
        before = "as" if kpi.word == kpi.previous_word else f"was {kpi.previous_word}"
        return f"{before} on {kpi.previous_session:%A}"
    if kpi.previous is None or kpi.previous_session is None:
        return ""
    change = delta(kpi)
    return f"{change} since {kpi.previous_session:%A}" if moves(change) else f"as on {kpi.previous_session:%A}"
