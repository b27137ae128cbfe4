"""A banner's lines about the data: what a report uses and cannot trust, worst first, and nothing else."""

from datetime import date

import pytest
from accounts import ACCOUNTS
from build import ACCOUNT, at, bars, book_of, equity, fills, flows, positions, store_with
from stories import FRIDAY, MONDAY, bad, checks, good, walk

from trade_dashboard import store
from trade_dashboard.book import Book
from trade_dashboard.metrics import freshness, holds, notices, reckon
from trade_dashboard.schema import PROVIDED

CUT = at("2025-07-04 00:00")


def open_on(settings, day=MONDAY):
    return Book(settings, ACCOUNT, date.fromisoformat(day), CUT)


def lines(book, *uses, **more):
    return [f"{one.severity}: {one.message}" for one in notices(book, uses or list(PROVIDED), **more)]


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory):
    """A store of a bad evening, only to be read."""
    return bad(tmp_path_factory.mktemp("spoiled"))


def test_a_calm_evening_has_no_notice(tmp_path):
    """Whatever a report uses."""
    assert lines(open_on(good(tmp_path))) == []


def test_a_bad_evening_is_told_worst_first(spoiled):
    """The broker, the service, the restatements; each in one line."""
    told = lines(open_on(spoiled))
    assert told[0] == (
        "critical: The broker disagrees on 30 June 2025: our equity is 88.00 USD above its account value; "
        "holdings of AAA differ."
    )
    assert told[1] == "warning: analyst is away since 30 June 2025, 21:30 UTC."
    assert told[2].startswith("notice: 167 records of 1 May 2025 to 30 June 2025 were restated: 162 of bars, ")
    assert len(told) == 3
    assert not any("\n" in line for line in told)


def test_only_what_is_used_is_told(spoiled):
    """A report of signals says nothing of the broker, and one of bars nothing of services."""
    book = open_on(spoiled)
    assert lines(book, "signals") == []
    assert [line.partition(":")[0] for line in lines(book, "bars")] == ["notice"]
    assert [line.partition(":")[0] for line in lines(book, "service_health")] == ["warning", "notice"]
    assert [line.partition(":")[0] for line in lines(book, "positions")] == ["critical", "notice"]


def test_a_stale_feed_says_how_old(tmp_path):
    """In sessions, all in one line."""
    book = book_of(
        tmp_path,
        equity=equity("2025-06-26 100 cash=100"),
        cash_flows=flows("2025-06-26 deposit 100"),
        service_health=checks(f"{FRIDAY} 20:30 svc up 1"),
        bars=bars("SPY", {MONDAY: 1}),
    )
    assert lines(book, "bars", "equity", "service_health") == [
        "warning: Stale: equity (2 sessions old) and service health (1 session old)."
    ]


def test_without_prices_nothing_is_right(tmp_path):
    """Fills, and never a bar: critical; a broker that never told what is held is a warning."""
    book = book_of(tmp_path, fills=fills("2025-06-27 AAA BUY 1@5"))
    assert lines(book, "bars", "fills") == ["critical: Broken: bars never came, and are due every session."]
    assert lines(book, "positions") == ["warning: Broken: positions never came, and are due every session."]


def test_a_holding_without_a_price_is_said(tmp_path):
    """Equity is not known, so it cannot agree."""
    book = book_of(
        tmp_path,
        cash_flows=flows("2025-06-26 deposit 1000"),
        fills=fills("2025-06-27 AAA BUY 10@50"),
        equity=equity(f"{MONDAY} 1000"),
    )
    assert lines(book, "equity") == [
        "critical: The broker disagrees on 30 June 2025: a holding without a price leaves equity unknown."
    ]


def test_holdings_alone_may_differ(tmp_path):
    """Equity agrees, and a share is missing: no amount is made up."""
    book = book_of(
        tmp_path,
        cash_flows=flows("2025-06-26 deposit 1000"),
        fills=fills("2025-06-27 AAA BUY 10@50"),
        bars=bars("AAA", {FRIDAY: 50, MONDAY: 50}),
        equity=equity(f"{MONDAY} 1000"),
        positions=positions(f"{MONDAY} AAA 9"),
    )
    assert lines(book, "equity") == ["critical: The broker disagrees on 30 June 2025: holdings of AAA differ."]


def test_one_record_is_said_in_the_singular(tmp_path):
    """Of one session, of one dataset."""
    settings = good(tmp_path)
    store.append(settings.store, {"bars": bars("AAA", {FRIDAY: 99.0})}, "broker-export", at("2025-06-30 21:00"))
    assert lines(open_on(settings), "bars") == ["notice: 1 record of 27 June 2025 was restated: 1 of bars."]


def test_a_service_that_is_degraded_is_a_notice(tmp_path):
    """It answers; a page can be made."""
    book = book_of(tmp_path, service_health=checks(f"{MONDAY} 20:30 svc degraded 5 said=busy"))
    assert lines(book, "service_health") == ["notice: svc is degraded since 30 June 2025, 20:30 UTC."]


def test_a_notice_links_to_what_the_page_has(spoiled):
    """And to nothing else."""
    book = open_on(spoiled)
    assert {one.anchor for one in notices(book, list(PROVIDED))} == {""}
    linked = {one.anchor for one in notices(book, list(PROVIDED), evidence=["broker", "restated"])}
    assert linked == {"broker", "restated", ""}


def test_what_a_report_has_already_is_not_read_again(spoiled):
    """Given the account, the verdicts and the restatements, the same is said."""
    book = open_on(spoiled)
    account = reckon(book)
    judged = freshness(book.coverage(), book.calendar, book.run_date, held=holds(account))
    restated = book.restatements(since=book.calendar.closing(book.previous_session))
    given = lines(book, account=account, judged=judged, restated=restated)
    assert given == lines(book)


def test_what_comes_later_changes_no_notice(spoiled):
    """Seen from Friday evening, Monday's faults do not exist."""
    book = Book(spoiled, ACCOUNT, date(2025, 6, 27), at("2025-06-27 20:30"))
    assert lines(book) == []


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_account_can_be_judged(tmp_path, account):
    """Opened today, empty, short, bankrupt."""
    assert all(line.endswith(".") for line in lines(open_on(ACCOUNTS[account](tmp_path))))


def test_an_account_that_sold_everything_lacks_no_positions(tmp_path):
    """The broker lists nothing of nothing."""
    book = open_on(
        store_with(
            tmp_path,
            fills=fills("2025-06-26 AAA BUY 1@100", f"{MONDAY} AAA SELL 1@100 id=F2"),
            cash_flows=flows("2025-06-26 deposit 100"),
            equity=equity(f"{MONDAY} 100"),
            bars=walk("AAA"),
        )
    )
    assert lines(book, "bars", "positions", "equity", "fills") == []
