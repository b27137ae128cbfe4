"""What changed about sessions that had been told of before: each field, old and new, when and from where."""

from datetime import UTC, date, datetime

import pytest
from build import bars, equity, fills
from test_store import MOMENTS

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
