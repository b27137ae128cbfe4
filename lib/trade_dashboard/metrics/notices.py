"""What is wrong with the data behind a page, for its banner."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from trade_dashboard.book import Book
from trade_dashboard.metrics.alerts import Severity
from trade_dashboard.metrics.freshness import freshness, holds
from trade_dashboard.metrics.health import services
from trade_dashboard.metrics.ledger import Ledger
from trade_dashboard.metrics.reckon import reckon
from trade_dashboard.metrics.reconcile import Agreement, reconcile

__all__ = ["Notice", "notices"]

WORST_FIRST = ("critical", "warning", "notice")
BROKERS = {"equity", "positions"}
WEEKS = 20


@dataclass(frozen=True)
class Notice:
    """One line of a banner: how grave, what, and the anchor of its evidence on the page."""

    severity: Severity
    message: str
    anchor: str = ""


def notices(
    book: Book,
    uses: Sequence[str],
    *,
    account: Ledger | None = None,
    judged: pd.DataFrame | None = None,
    restated: pd.DataFrame | None = None,
    evidence: Collection[str] = (),
) -> list[Notice]:
    """Say what is wrong with the data that a report uses, worst first.

    Parameters
    ----------
    book
        What the report reads.
    uses
        Datasets that it uses; the broker's figures are held against ours if equity or positions are among them, and
        services that are away are told if `service_health` is.
    account, judged, restated
        The account as reckoned, the datasets as `freshness` judges them, and the book's restatements since the session
        before closed, of a report that has them anyway; else they are read.
    evidence
        Anchors that the page has, of "freshness", "broker", "restated" and "health": a notice links to no other.
    """
    told_by_broker = not BROKERS.isdisjoint(uses)
    if account is None and told_by_broker:
        account = reckon(book)
    if judged is None:
        held = account is None or holds(account)
        judged = freshness(book.coverage(), book.calendar, book.last_close, held=held)
    if restated is None:
        restated = book.restatements(since=book.calendar.closing(book.previous_session))
    found = [
        *_still_open(book),
        *_feeds(judged[judged.index.isin(uses)]),
        *_restated(restated[restated["dataset"].isin(uses)]),
    ]
    if account is not None and told_by_broker:
        found += _breaks(_agreement(book, account))
    if "service_health" in uses:
        found += _away(book)
    linked = [Notice(one.severity, one.message, one.anchor if one.anchor in evidence else "") for one in found]
    return sorted(linked, key=lambda one: WORST_FIRST.index(one.severity))


def _still_open(book: Book) -> list[Notice]:
    if not book.is_open or book.prices_known_at is None:
        return []
    now = book.prices_known_at.astimezone(book.calendar.zone)
    said = f"As of {now:%H:%M} in {book.calendar.city}: the session is still open; prices are provisional."
    return [Notice("warning", said)]


def _feeds(judged: pd.DataFrame) -> list[Notice]:
    """Tell feeds that are broken or stale; without prices nothing on a page is right."""
    broken = [_named(name) for name in judged.index[judged["verdict"] == "broken"]]
    stale = judged.loc[judged["verdict"] == "stale", "age"]
    old = [f"{_named(name)} ({_counted(int(age), 'session')} old)" for name, age in stale.items()]
    found = []
    if broken:
        severity: Severity = "critical" if "bars" in broken else "warning"
        found.append(Notice(severity, f"Broken: {_listed(broken)} never came, and are due every session.", "freshness"))
    if old:
        found.append(Notice("warning", f"Stale: {_listed(old)}.", "freshness"))
    return found


def _agreement(book: Book, account: Ledger) -> Agreement:
    """Reconcile with the newest figure, reading no positions before it."""
    equity = book.equity()
    since = equity["session"].max().date() if len(equity) else book.run_date
    return reconcile(account, equity, book.positions(len(book.calendar.between(since, book.run_date)) or 1))


def _breaks(agreement: Agreement) -> list[Notice]:
    if agreement.session is None or agreement.is_opening or agreement.agrees:
        return []
    gap, wrong = agreement.difference, [str(symbol) for symbol in agreement.positions.index]
    said = [f"holdings of {_listed(wrong)} differ"] if wrong else []
    if math.isnan(gap):
        said.insert(0, "a holding without a price leaves equity unknown")
    elif not agreement.equity_agrees:
        usd = f"{abs(gap):,.2f}".replace(",", "\u202f")
        said.insert(0, f"our equity is {usd} USD {'above' if gap > 0 else 'below'} its account value")
    return [Notice("critical", f"The broker disagrees on {_day(agreement.session)}: {'; '.join(said)}.", "broker")]


def _restated(restated: pd.DataFrame) -> list[Notice]:
    records = restated.drop_duplicates(["dataset", "key"])
    if records.empty:
        return []
    counts = [f"{count} of {_named(name)}" for name, count in records["dataset"].value_counts(sort=False).items()]
    first, last = min(records["session"]), max(records["session"])
    span = _day(first) if first == last else f"{_day(first)} to {_day(last)}"
    were = f"{_counted(len(records), 'record')} of {span} {'was' if len(records) == 1 else 'were'} restated"
    return [Notice("notice", f"{were}: {_listed(counts)}.", "restated")]


def _away(book: Book) -> list[Notice]:
    sessions = book.calendar.between(book.calendar.previous(book.run_date, WEEKS), book.run_date)
    found = services(book.service_health(WEEKS), pd.DatetimeIndex(sessions))
    ill = found[found["status"] != "up"]
    words: dict[str, tuple[Severity, str]] = {"down": ("warning", "is away"), "degraded": ("notice", "is degraded")}
    return [
        Notice(words[status][0], f"{service} {words[status][1]} since {_day(since)}, {since:%H:%M} UTC.", "health")
        for service, status, since in ill[["status", "since"]].itertuples()
    ]


def _named(dataset: object) -> str:
    return str(dataset).replace("_", " ")


def _day(moment: date) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
