"""A book's account is reckoned from its own records, and compared with the benchmark that fits it."""

import pytest
from build import bars, book_of, equity, fills, flows, together

from trade_dashboard import schema
from trade_dashboard.metrics import benchmark, history, reckon

TWO = together(bars("SPY", {"2025-06-27": 600, "2025-06-30": 606}), bars("SMPX", {"2025-06-30": 100}))


def instruments(symbol, kind):
    return schema.conform(
        "instruments",
        [{"symbol": symbol, "session": "2025-06-27", "name": symbol, "kind": kind, "currency": "USD"}],
    )


def test_a_book_is_reckoned_from_its_records(tmp_path):
    """Of the account chosen, up to the run date; the prices of what it held, and no other account's trades."""
    book = book_of(
        tmp_path,
        fills=together(
            fills("2025-06-27 AAA BUY 10@50", "2025-07-01 AAA SELL 10@1"),
            fills("2025-06-27 AAA BUY 9@50", account="OTHER"),
        ),
        cash_flows=flows("2025-06-26 deposit 1000"),
        equity=equity("2025-06-30 1 cash=500"),
        bars=together(bars("AAA", {"2025-06-27": 50, "2025-06-30": 52, "2025-07-01": 1}), TWO),
    )
    account = reckon(book)
    assert account.holdings.columns.tolist() == ["AAA"]
    assert history(account)["equity"].tolist() == [1000, 1000, 1020]


@pytest.mark.parametrize(
    ("given", "chosen", "name", "closes"),
    [
        (instruments("AAA", "stock"), None, "SPY", [600, 606]),
        (instruments("SMPX", "benchmark"), None, "SMPX", [100]),
        (instruments("SMPX", "benchmark"), "SPY", "SPY", [600, 606]),
        (instruments("NONE", "benchmark"), None, "NONE", []),
    ],
)
def test_the_benchmark_is_chosen_named_or_usual(tmp_path, given, chosen, name, closes):
    """The settings' symbol, else the instrument that is one, else SPY; without prices it is empty."""
    book = book_of(tmp_path, bars=TWO, instruments=given)
    book = type(book)(
        book.settings.model_copy(update={"benchmark": chosen}), book.account, book.run_date, book.known_at
    )
    found = benchmark(book)
    assert (found.name, found.tolist(), found.index.name) == (name, closes, "session")
