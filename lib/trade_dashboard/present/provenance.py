"""What a page was made from."""

from __future__ import annotations

from trade_dashboard.book import Book
from trade_dashboard.metrics import Agreement
from trade_dashboard.present.markup import Html, e, exhibit
from trade_dashboard.present.theme import day
from trade_dashboard.present.words import agreement_in_words

__all__ = ["broker_check", "provenance"]


def broker_check(agreement: Agreement, *, name: str = "broker") -> Html:
    """Say whether the broker's own figures agree."""
    agrees = "The broker agrees" if agreement.agrees else "The broker does not agree"
    finding = "Nothing yet to hold this against" if agreement.session is None or agreement.is_opening else agrees
    return exhibit(name, finding, agreement_in_words(agreement), "")


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
