"""What a page was made from."""

from __future__ import annotations

import pandas as pd

from trade_dashboard.book import Book
from trade_dashboard.metrics import Agreement
from trade_dashboard.present.markup import Html, e, exhibit
from trade_dashboard.present.tables import Column, table
from trade_dashboard.present.theme import count, day
from trade_dashboard.present.words import agreement_in_words, restated_in_words

__all__ = ["broker_check", "provenance", "restatements_table"]

MOST_ROWS = 60


def broker_check(agreement: Agreement, *, name: str = "broker") -> Html:
    """Say whether the broker's own figures agree."""
    agrees = "The broker agrees" if agreement.agrees else "The broker does not agree"
    finding = "Nothing yet to hold this against" if agreement.session is None or agreement.is_opening else agrees
    return exhibit(name, finding, agreement_in_words(agreement), "")


def restatements_table(restated: pd.DataFrame, *, name: str = "restated") -> Html:
    """Show what changed about sessions told of before: each field with its old and new value, and when that became known.

    Parameters
    ----------
    restated
        As a book's `restatements` gives it.
    name
        Anchor of the exhibit.
    """
    shown = restated.head(MOST_ROWS)
    rows = shown.assign(
        record=shown["dataset"] + " " + shown["key"],
        what=shown["field"].where(shown["field"].notna(), shown["change"]),
        known=[f"{moment:%d %b %Y %H:%M}" for moment in shown["known_at"]],
    )
    columns = [
        Column("record", "Record"),
        Column("what", "What"),
        Column("old", "Old"),
        Column("new", "New"),
        Column("known", "Known at, UTC"),
        Column("source", "From"),
    ]
    finding = restated_in_words(restated)
    rest = f" The first {MOST_ROWS} of {count(len(restated))} lines." if len(restated) > MOST_ROWS else ""
    note = f"Since the session before closed.{rest}"
    return table(rows, columns, name=name, finding=finding, note=note, empty=finding)


def provenance(book: Book) -> Html:
    """Say what was read: account, when it was known, and the digest of all of it."""
    known = book.data_known_at
    facts = {
        "Account": book.account + (" (sample account)" if book.is_sample else ""),
        "Data known at": f"{day(known)} {known:%H:%M} UTC" if known else "nothing was known",
        "Fingerprint of the data": book.fingerprint,
    }
    rows = "".join(f"<dt>{e(term)}</dt><dd>{e(value)}</dd>" for term, value in facts.items())
    return Html(
        f'<div class="td"><dl class="list">{rows}</dl></div>', f"data known at {known}, fingerprint {book.fingerprint}"
    )
