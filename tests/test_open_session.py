"""A session that is still trading: its prices are provisional, its page says so, and the evening's page takes its place."""

import shutil
from datetime import timedelta

import pytest
from build import at
from nightly import NOTEBOOKS

from trade_dashboard import open_book, store
from trade_dashboard.deliver import records
from trade_dashboard.errors import NotReadyError
from trade_dashboard.metrics import notices
from trade_dashboard.runs.plan import NOW, plan_runs
from trade_dashboard.runs.run import run
from trade_dashboard.settings import Settings

DAY, NOON, EVENING = "2025-07-01", at("2025-07-01 16:00"), at("2025-07-01 21:00")
STILL_OPEN = "As of 12:00 in New York: the session is still open; prices are provisional."


def priced(settings, moment, change):
    """Bring in prices of Tuesday, so much away from Monday's."""
    monday = open_book("2025-06-30", settings=settings).bars(lookback=1)
    prices = ["open", "high", "low", "close"]
    moved = monday.assign(session=monday["session"] + timedelta(days=1)).assign(**monday[prices] * change)
    store.append(settings.store, {"bars": moved}, "sample", moment)


@pytest.fixture
def settings(sample_store, tmp_path):
    """The sample's store of Monday evening, its own to write to."""
    shutil.copytree(sample_store, tmp_path / "store")
    return Settings(store=tmp_path / "store", outputs=tmp_path / "outputs", notebooks=NOTEBOOKS)


def made(settings, date, now):
    """Run the risk report; gives its record and its page."""
    (plan,) = plan_runs(settings, ["risk"], date, [], now)
    record = run(plan, settings)
    assert record.status == "done", record.reason
    return record, (settings.outputs / "risk" / DAY / "report.html").read_text()


def test_a_page_of_the_open_session_says_so_until_the_evening(settings):
    """Its banner and first line tell the hour; made again at its own cut it is the same bytes; the evening's has none."""
    priced(settings, NOON, 0.9)
    record, page = made(settings, NOW, NOON + timedelta(minutes=7))
    assert STILL_OPEN in page
    assert "session still open, as of 12:00 New York" in page
    assert "Stale" not in page
    assert record.provenance["open_as_of"] == record.provenance["data_known_at"] == NOON.isoformat()

    again, same = made(settings.model_copy(update={"known_at": NOON}), DAY, NOON + timedelta(hours=1))
    assert (again.page_sha256, same) == (record.page_sha256, page)
    (kept,) = records(settings.outputs)
    assert kept.open_as_of == NOON

    priced(settings, EVENING, 1.01)
    record, page = made(settings, DAY, EVENING)
    assert "still open" not in page
    assert "session closed 16:00 New York" in page
    assert "restated" not in page
    (kept,) = records(settings.outputs)
    assert kept.open_as_of is None


def test_prices_of_before_the_close_are_none_of_the_close(settings):
    """After it the report waits for the closing prices; before it, and at a cut before it, noon's will do."""
    with pytest.raises(NotReadyError, match=r"`trade-dashboard ingest SOURCE --now`"):
        open_book(DAY, NOON, settings=settings)
    priced(settings, NOON, 0.9)
    with pytest.raises(NotReadyError, match=r"from its close on, 20:00 UTC, but the newest are of 16:00 UTC"):
        open_book(DAY, EVENING, settings=settings)
    book = open_book(DAY, NOON, settings=settings)
    assert (book.is_open, book.prices_known_at, str(book.last_close)) == (True, NOON, "2025-06-30")
    priced(settings, EVENING, 0.9)  # the same prices, and now they are final
    book = open_book(DAY, EVENING, settings=settings)
    assert (book.is_open, book.prices_known_at, str(book.last_close)) == (False, EVENING, DAY)


def test_what_is_due_at_the_close_is_not_stale_before_it(settings):
    """Account value, positions and services of the session before are all there can be."""
    priced(settings, NOON, 1.0)
    told = notices(open_book(DAY, NOON, settings=settings), ["bars", "equity", "positions", "service_health"])
    assert [one.message for one in told] == [STILL_OPEN]
