"""What changed about sessions that had been told of before: each field, old and new, when and from where."""

import tempfile
from datetime import UTC, date, datetime

import pytest
from build import at, bars, book_of, equity, fills, opportunities
from hypothesis import given
from hypothesis import strategies as st
from test_store import MOMENTS, repeatable

from trade_dashboard import store

LATE = datetime(2100, 1, 1, tzinfo=UTC)


def told(root, since=MOMENTS[0], known_at=LATE, until=date(2100, 1, 1)):
    frame = store.restatements(root, since, known_at, until)
    return frame[["dataset", "key", "change", "field", "old", "new"]].values.tolist()


def closes(prices):
    """Bars of AAA without anything but a close."""
    return bars("AAA", prices).assign(open=float("nan"), high=float("nan"), low=float("nan"))


@pytest.fixture
def root(tmp_path):
    """A store that was told of two sessions at the first moment."""
    records = {
        "bars": closes({"2025-06-27": 10, "2025-06-30": 11}),
        "fills": fills("2025-06-27 AAA BUY 10@5 id=F1"),
        "equity": equity("2025-06-30 100"),
    }
    store.append(tmp_path, records, "first", MOMENTS[0])
    return tmp_path


def test_what_is_told_first_is_no_restatement(root):
    """The first batch, a new session, and the same again change nothing that was told."""
    store.append(root, {"bars": closes({"2025-06-30": 11, "2025-07-01": 12})}, "next", MOMENTS[1])
    assert told(root) == []
    assert told(root, since=datetime(2000, 1, 1, tzinfo=UTC)) == []


def test_a_correction_names_each_field_that_changed(root):
    """Old and new stand side by side, with the session, the instant and the source."""
    store.append(root, {"bars": closes({"2025-06-27": 10.5})}, "corrector", MOMENTS[2])
    assert told(root) == [["bars", "AAA 2025-06-27", "corrected", "close", "10", "10.5"]]
    (row,) = store.restatements(root, MOMENTS[0], LATE, date(2100, 1, 1)).to_dict("records")
    assert (row["session"], row["known_at"], row["source"]) == (date(2025, 6, 27), MOMENTS[2], "corrector")


def test_only_what_became_known_in_between_is_listed(root):
    """After `since`, not after the cut, and of sessions up to the last one asked for."""
    for n, close in ((1, 10.1), (2, 10.2), (3, 10.3)):
        store.append(root, {"bars": closes({"2025-06-27": close})}, "test", MOMENTS[n])
    assert [row[-2:] for row in told(root, since=MOMENTS[1], known_at=MOMENTS[2])] == [["10.1", "10.2"]]
    assert told(root, until=date(2025, 6, 26)) == []


def test_a_record_that_comes_late_is_a_restatement(root):
    """A fill of Friday that arrives after Friday had been told of changes Friday's page; one of a new session does not."""
    store.append(
        root, {"fills": fills("2025-06-27 AAA BUY 1@5 id=F2", "2025-07-01 AAA BUY 1@5 id=F3")}, "test", MOMENTS[1]
    )
    assert told(root) == [["fills", "ACC F2", "late", None, None, None]]


def test_a_withdrawal_and_a_return_are_restatements(root):
    """Voided, then told again: both are news, also after a compaction."""
    key = fills("2025-06-27 AAA BUY 10@5 id=F1")[["account", "fill_id"]]
    store.withdraw(root, "fills", key, "broker", MOMENTS[1])
    store.append(root, {"fills": fills("2025-06-27 AAA BUY 10@5 id=F1")}, "broker", MOMENTS[2])
    expected = [["fills", "ACC F1", "withdrawn", None, None, None], ["fills", "ACC F1", "restored", None, None, None]]
    assert told(root) == expected
    store.compact(root)
    assert told(root) == expected


NOON, EVENING, NEXT_DAY = at("2025-06-30 16:00"), at("2025-06-30 21:00"), at("2025-07-01 16:00")


def test_what_the_evening_corrects_is_no_restatement(tmp_path):
    """Prices and fills of a session that was still open, then those of its close: nobody was told the first."""
    for moment, price, bought in (
        (EVENING, {"2025-06-30": 8}, ["2025-06-30 AAA BUY 1@5 id=F0"]),
        (NEXT_DAY, {"2025-07-01": 9}, ["2025-07-01 AAA BUY 1@5"]),
        (at("2025-07-01 20:00"), {"2025-07-01": 12}, ["2025-07-01 AAA BUY 1@6", "2025-07-01 AAA BUY 2@7 id=2"]),
    ):
        store.append(tmp_path, {"bars": closes(price), "fills": fills(*bought)}, "test", moment)
    assert told(tmp_path, since=EVENING) == []
    store.append(tmp_path, {"bars": closes({"2025-07-01": 13})}, "later", MOMENTS[4])
    assert told(tmp_path, since=EVENING) == [["bars", "AAA 2025-07-01", "corrected", "close", "12", "13"]]


def test_the_close_confirms_what_was_known_before_it(tmp_path):
    """Noon's price is the closing price: the store keeps that it became final, once, so a later one restates it."""
    for moment, new in ((NOON, 1), (at("2025-06-30 17:00"), 0), (EVENING, 1), (at("2025-06-30 22:00"), 0)):
        done = store.append(tmp_path, {"bars": closes({"2025-06-30": 10})}, "test", moment)
        assert (done["bars"].new, done["bars"].known) == (new, 1 - new)
    assert told(tmp_path, since=at("2025-06-27 20:00")) == []
    store.append(tmp_path, {"bars": closes({"2025-06-30": 11})}, "test", NEXT_DAY)
    assert told(tmp_path, since=EVENING) == [["bars", "AAA 2025-06-30", "corrected", "close", "10", "11"]]


def test_a_session_that_was_told_of_only_while_open_is_not_late(tmp_path):
    """Fills of noon, in a file with earlier ones or compacted: those of the evening come in time, and after it too late."""
    store.append(tmp_path, {"fills": fills("2025-06-26 AAA BUY 1@5 id=F0")}, "test", at("2025-06-26 21:00"))
    store.append(
        tmp_path, {"fills": fills("2025-06-27 AAA BUY 1@5 id=F1", "2025-06-30 AAA BUY 1@5 id=F2")}, "test", NOON
    )
    store.compact(tmp_path)
    store.append(tmp_path, {"fills": fills("2025-06-30 AAA BUY 1@5 id=F3")}, "test", EVENING)
    assert told(tmp_path, since=NOON) == []
    store.append(tmp_path, {"fills": fills("2025-06-30 AAA BUY 1@5 id=F4")}, "test", at("2025-06-30 22:00"))
    assert told(tmp_path, since=NOON) == [["fills", "ACC F4", "late", None, None, None]]
    assert told(tmp_path, since=EVENING) == [["fills", "ACC F4", "late", None, None, None]]


hours = st.lists(
    st.tuples(st.sampled_from(["AAA", "BBB"]), st.integers(1, 3), st.sampled_from(["2025-06-27", "2025-06-30"])),
    max_size=4,
)


@repeatable
@given(noon=hours, evening=hours, later=hours)
def test_what_an_open_session_told_is_never_news(noon, evening, later):
    """Whatever became known of a session before it closed, the restatements are those of a store that never heard it."""

    def changed(*batches):
        with tempfile.TemporaryDirectory() as folder:
            for moment, batch in batches:
                for symbol, close, day in batch:
                    frame = bars(symbol, {day: close})
                    store.append(folder, {"bars": frame}, "test", moment)
            return told(folder, since=at("2025-06-26 20:00"))

    of_the_open_session = [one for one in noon if one[2] == "2025-06-30"]
    final = [(EVENING, evening), (NEXT_DAY, later)]
    assert changed((NOON, of_the_open_session), *final) == changed(*final)


def test_a_candidate_is_judged_as_it_was_first_told_also_at_noon(tmp_path):
    """The score of the hour it was found in, not the evening's; an early word is no look ahead, and a late one would be."""
    for moment, score in ((NOON, 0.5), (EVENING, 0.7), (NEXT_DAY, 0.9)):
        frame = opportunities(f"2025-06-30 AAA {score} at=15:00")
        store.append(tmp_path / "store", {"opportunities": frame}, "services", moment)
    book = book_of(tmp_path, known_at=at("2025-07-02 00:00"))
    assert book.opportunities()["score"].tolist() == [0.9]
    assert book.opportunities(as_first_told=True)["score"].tolist() == [0.5]
    assert told(tmp_path / "store", since=at("2025-06-27 20:00"))[0][-2:] == ["0.7", "0.9"]
