"""The shipped calendar is the exchange's: which days are sessions, when they close, what lies around them."""

import json
from datetime import UTC, date, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

import trade_dashboard
from trade_dashboard.errors import RequestError
from trade_dashboard.sessions import calendar

FOLDER = Path(trade_dashboard.__file__).parent / "calendars"


@pytest.fixture(scope="module")
def exchange():
    return calendar()


def day(text):
    return date.fromisoformat(text)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# what the oracle thinks of the newest pandas is its own business
@pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")
def test_the_shipped_file_is_what_exchange_calendars_says():
    """Over its whole range; when this fails, the exchange changed its mind: run `calendars/make.py`."""
    spec = spec_from_file_location("make_calendar", FOLDER / "make.py")
    make = module_from_spec(spec)
    spec.loader.exec_module(make)
    assert json.loads((FOLDER / "XNYS.json").read_text()) == make.answers("XNYS")


@pytest.mark.parametrize("closed", ["2004-06-11", "2012-10-29", "2012-10-30", "2018-12-05", "2025-01-09"])
def test_a_day_of_mourning_or_storm_is_no_session(exchange, closed):
    """Closures that no rule foretells are known."""
    assert not exchange.is_session(day(closed))


@pytest.mark.parametrize(
    "holiday", ["2025-01-01", "2025-04-18", "2025-06-19", "2025-07-04", "2025-06-28", "2025-06-29"]
)
def test_holidays_and_weekends_are_no_sessions(exchange, holiday):
    """New Year, Good Friday, Juneteenth, Independence Day, a Saturday and a Sunday."""
    assert not exchange.is_session(day(holiday))


@pytest.mark.parametrize(("year", "count"), [(2023, 250), (2024, 252), (2025, 250)])
def test_a_year_has_its_sessions(exchange, year, count):
    """Counted by the exchange."""
    assert len(exchange.between(date(year, 1, 1), date(year, 12, 31))) == count


@pytest.mark.parametrize(
    ("session", "closes"),
    [
        ("2024-07-03", "2024-07-03 17:00"),
        ("2024-11-29", "2024-11-29 18:00"),
        ("2024-12-24", "2024-12-24 18:00"),
        ("2025-06-30", "2025-06-30 20:00"),
        ("2025-01-08", "2025-01-08 21:00"),
        ("2025-03-07", "2025-03-07 21:00"),
        ("2025-03-10", "2025-03-10 20:00"),
        ("2024-11-01", "2024-11-01 20:00"),
        ("2024-11-04", "2024-11-04 21:00"),
    ],
)
def test_a_session_closes_in_new_york_whatever_utc_says(exchange, session, closes):
    """16:00 local, 13:00 on an early day; UTC moves with summer time."""
    assert exchange.closing(day(session)) == utc(closes)


def test_neighbours_skip_weekends_and_holidays(exchange):
    """Before Monday comes Friday; after the 3rd of July comes Monday the 7th."""
    assert exchange.previous(day("2025-06-30")) == day("2025-06-27")
    assert exchange.previous(day("2025-06-29")) == day("2025-06-27")
    assert exchange.previous(day("2025-06-30"), 5) == day("2025-06-23")
    assert exchange.next(day("2025-06-27")) == day("2025-06-30")
    assert exchange.next(day("2025-06-28")) == day("2025-06-30")
    assert exchange.next(day("2025-07-03")) == day("2025-07-07")


def test_a_day_stands_for_itself_or_the_session_before(exchange):
    """A Sunday is answered by Friday."""
    assert exchange.on_or_before(day("2025-06-30")) == day("2025-06-30")
    assert exchange.on_or_before(day("2025-06-29")) == day("2025-06-27")


def test_both_ends_of_a_span_count(exchange):
    """A span without sessions is empty, and so is one that ends before it begins."""
    assert exchange.between(day("2025-06-27"), day("2025-07-01")) == (
        day("2025-06-27"),
        day("2025-06-30"),
        day("2025-07-01"),
    )
    assert exchange.between(day("2025-06-28"), day("2025-06-29")) == ()
    assert exchange.between(day("2025-07-01"), day("2025-06-27")) == ()


@pytest.mark.parametrize(
    ("now", "session"),
    [
        ("2025-06-30 19:59", "2025-06-27"),
        ("2025-06-30 20:00", "2025-06-30"),
        ("2025-07-01 03:59", "2025-06-30"),
        ("2025-06-29 12:00", "2025-06-27"),
        ("2025-06-30 08:00", "2025-06-27"),
        ("2025-07-03 16:59", "2025-07-02"),
        ("2025-07-03 17:00", "2025-07-03"),
        ("2025-07-04 20:00", "2025-07-03"),
        ("2025-03-07 20:30", "2025-03-06"),
        ("2025-03-10 20:30", "2025-03-10"),
    ],
)
def test_the_last_closed_session_is_the_one_whose_close_has_passed(exchange, now, session):
    """To the minute: on a Monday, over a weekend, on an early day, and on both sides of the change to summer time."""
    assert exchange.last_closed(utc(now)) == day(session)


def test_the_last_closed_session_is_the_same_in_every_zone(exchange):
    """The same instant written in Tokyo is the same answer."""
    assert exchange.last_closed(datetime.fromisoformat("2025-07-01T05:00:00+09:00")) == day("2025-06-30")
    assert exchange.last_closed(datetime.fromisoformat("2025-07-01T04:59:00+09:00")) == day("2025-06-27")


@pytest.mark.parametrize(
    ("session", "today", "age"),
    [
        ("2025-06-30", "2025-06-30", 0),
        ("2025-06-27", "2025-06-30", 1),
        ("2025-06-27", "2025-06-29", 0),
        ("2025-07-03", "2025-07-07", 1),
        ("2025-06-23", "2025-06-30", 5),
    ],
)
def test_age_counts_sessions_not_days(exchange, session, today, age):
    """A weekend makes nothing older."""
    assert exchange.age(day(session), day(today)) == age


@pytest.mark.parametrize("far", ["1969-12-31", "2036-01-02"])
@pytest.mark.parametrize("question", ["is_session", "previous", "next", "on_or_before"])
def test_what_the_calendar_does_not_reach_is_refused(exchange, question, far):
    """The message says how far it reaches."""
    with pytest.raises(RequestError, match=rf"XNYS reaches from 1990-01-02 to 2035-12-31, but was asked about {far}"):
        getattr(exchange, question)(day(far))


@pytest.mark.parametrize("back", [5, 20_000])
def test_a_step_back_beyond_the_calendar_is_refused(exchange, back):
    """No session lies so far back; the answer is never one of the far end."""
    with pytest.raises(RequestError, match="1990-01-02"):
        exchange.previous(day("1990-01-05"), back)


def test_an_exchange_without_a_calendar_is_refused():
    """The message names those there are and the variable that chooses."""
    with pytest.raises(RequestError, match=r"\(XNYS\), but got 'XLON'.*TRADE_DASHBOARD_EXCHANGE"):
        calendar("XLON")


@pytest.mark.parametrize(
    ("now", "opened", "trading"),
    [
        ("2025-06-30 13:29", "2025-06-27", None),
        ("2025-06-30 13:30", "2025-06-30", "2025-06-30"),
        ("2025-06-30 19:59", "2025-06-30", "2025-06-30"),
        ("2025-06-30 20:00", "2025-06-30", None),
        ("2025-07-03 16:59", "2025-07-03", "2025-07-03"),
        ("2025-07-03 17:00", "2025-07-03", None),
        ("2025-07-04 15:00", "2025-07-03", None),
        ("2025-06-29 15:00", "2025-06-27", None),
        ("2025-03-07 14:29", "2025-03-06", None),
        ("2025-03-10 13:30", "2025-03-10", "2025-03-10"),
    ],
)
def test_a_session_trades_from_its_opening_until_its_close(exchange, now, opened, trading):
    """To the minute: on a Monday, on an early day, on a holiday and a Sunday, and on both sides of summer time."""
    assert exchange.last_opened(utc(now)) == day(opened)
    assert exchange.trading(utc(now)) == (day(trading) if trading else None)
