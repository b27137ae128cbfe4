"""What was asked is said to have the same answer only if it has."""

import os
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from build import ACCOUNT, at, bars, equity, fills, flows, known, opportunities, store_with
from hypothesis import given, settings
from hypothesis import strategies as st

from trade_dashboard import store
from trade_dashboard.book import Book
from trade_dashboard.commits import parts
from trade_dashboard.reads import READS, Question, hold, note, noted
from trade_dashboard.settings import Settings

DAY = date(2025, 6, 30)
NIGHT = at("2025-07-01 00:00")
LATER = at("2025-07-09 00:00")


def stored(root):
    found = {}
    for part in parts(root):
        found.setdefault(part.dataset, []).append(part)
    return found


def answers(root, cut):
    """Ask everything a report may ask, and give all that a page could show of it."""
    book = Book(Settings(store=root), ACCOUNT, DAY, cut)
    book.bars()
    book.bars(1)
    book.fills()
    book.fills(2)
    book.equity(1)
    book.opportunities(as_first_told=True)
    book.opportunities(2)
    book.restatements(at("2025-06-28 00:00"))
    book.coverage()
    owners = store.owners(root, ("equity", "fills", "cash_flows"), until=DAY, known_at=cut)
    newest = store.newest_session(root, "bars", until=DAY, known_at=cut)
    return book.fingerprint, book.data_known_at, book.is_sample, owners, newest


def ask(root, cut):
    """Ask as a kernel does, that notes what it asks; give the answers and the notes."""
    path = root.parent / "reads"
    path.unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, READS, str(path))
        told = answers(root, cut)
    return told, noted(path, root, cut)


@pytest.fixture
def root(tmp_path):
    """Folder of a store with a week of bars, fills and candidates, known on 30 June."""
    moment = at("2025-06-30 21:00")
    store_with(
        tmp_path,
        known_at=moment,
        bars=bars("AAA", {"2025-05-30": 9, "2025-06-27": 10, "2025-06-30": 11}),
        fills=fills("2025-06-27 AAA BUY 10@5", "2025-06-30 AAA SELL 10@6"),
        equity=equity("2025-06-30 100"),
        opportunities=opportunities("2025-06-27 AAA 0.8"),
    )
    return tmp_path / "store"


def test_the_next_evening_changes_no_older_page(root, tmp_path):
    """Records of later sessions, ordinary ones, leave what was read of an older one proved, at any later instant."""
    _, reads = ask(root, NIGHT)
    assert hold(reads, stored(root), NIGHT, LATER)
    store_with(
        tmp_path,
        known_at=at("2025-07-02 21:00"),
        bars=bars("AAA", {"2025-07-01": 12}),
        fills=fills("2025-07-01 AAA BUY 1@5 id=9"),
        equity=equity("2025-07-01 101"),
        opportunities=opportunities("2025-07-01 BBB 0.7 id=9"),
    )
    assert hold(reads, stored(root), NIGHT, LATER)


@pytest.mark.parametrize(
    "more",
    [
        {"bars": bars("AAA", {"2025-06-30": 11.5})},
        {"bars": bars("BBB", {"2025-06-26": 1})},
        {"fills": fills("2025-07-02 AAA SELL 10@6 id=2")},
        {"equity": equity("2025-06-30 99", account="OTHER")},
        {"opportunities": opportunities("2025-06-30 AAA 0.1 id=7")},
    ],
    ids=["a correction", "a late record", "a fill moved to a later session", "another account", "a candidate more"],
)
def test_what_may_change_the_answer_ends_the_proof(root, tmp_path, more):
    """A record that came late, was corrected or moved: whatever of it a page shows, it is made again."""
    _, reads = ask(root, NIGHT)
    store_with(tmp_path, known_at=at("2025-07-02 21:00"), **more)
    assert not hold(reads, stored(root), NIGHT, LATER)
    assert hold(reads, stored(root), NIGHT, NIGHT), "as known at the same instant nothing changed"


def test_a_month_that_was_merged_once_stays_proved(root, tmp_path):
    """Merging a month's files ends the proof of what read them; merging those of later months does not."""
    store_with(tmp_path, known_at=at("2025-06-30 22:00"), bars=bars("BBB", {"2025-06-30": 1}))
    _, reads = ask(root, NIGHT)
    store.compact(root)
    assert not hold(reads, stored(root), NIGHT, LATER)
    _, reads = ask(root, NIGHT)
    for day in ("2025-07-01", "2025-07-02"):
        store_with(tmp_path, known_at=at(f"{day} 22:00"), bars=bars("AAA", {day: 12}))
    store.compact(root)
    assert hold(reads, stored(root), NIGHT, LATER)


def test_a_file_that_is_cut_through_proves_nothing_of_another_instant(tmp_path):
    """Records that became known one after the other lie in one file: at each instant it shows others."""
    frame = bars("AAA", {"2025-06-27": 10, "2025-06-30": 11})
    moments = [at("2025-06-27 21:00"), at("2025-06-30 21:00")]
    store.append(tmp_path / "store", {"bars": frame.assign(known_at=known(frame, moments[0])["known_at"])[:1]}, "test")
    both = known(frame, moments[0])
    both.loc[1, "known_at"] = moments[1]
    store.append(tmp_path / "store", {"bars": both.assign(symbol="BBB")}, "test")
    early = moments[0] + timedelta(hours=1)
    _, reads = ask(tmp_path / "store", early)
    assert hold(reads, stored(tmp_path / "store"), early, early)
    assert not hold(reads, stored(tmp_path / "store"), early, NIGHT)


def test_what_became_known_earlier_may_make_a_record_late(root):
    """A later session that was replayed, and known before, changes what is told of the sessions before it."""
    both = flows("2025-06-30 deposit 5", "2025-07-01 deposit 5")
    store.append(root, {"cash_flows": known(both[:1], at("2025-07-02 21:00"))}, "sample")
    told, reads = ask(root, LATER)
    store.append(root, {"cash_flows": known(both[1:], at("2025-07-01 21:00"))}, "sample")
    assert answers(root, LATER) != told
    assert not hold(reads, stored(root), LATER, LATER)


def test_a_commit_that_was_moved_away_may_change_which_record_counts(root):
    """A fill was told of later in time and earlier in commits: without its first commit another record counts."""
    store.append(root, {"fills": known(fills("2025-07-01 AAA BUY 1@5 id=9"), at("2025-07-02 21:00"))}, "sample")
    store.append(root, {"fills": known(fills("2025-06-30 AAA BUY 1@5 id=9"), at("2025-07-01 21:00"))}, "sample")
    told, reads = ask(root, LATER)
    (root / "commits" / "00000002.json").unlink()
    assert answers(root, LATER) != told
    assert not hold(reads, stored(root), LATER, LATER)


def test_notes_of_two_minds_prove_nothing(root, tmp_path, monkeypatch):
    """Another store, another instant, a store that changed between two questions, or no notes: nothing is proved."""
    path = tmp_path / "notes"
    assert noted(path, root, NIGHT) == {}
    monkeypatch.setenv(READS, str(path))
    question = Question("bars", moves=False, until=DAY)
    note(root, parts(root), question, NIGHT)
    assert list(noted(path, root, NIGHT)) == [str(question)]
    assert noted(path, tmp_path / "elsewhere", NIGHT) == {}
    assert noted(path, root, LATER) == {}
    note(root, parts(root)[:1], question, NIGHT)
    assert noted(path, root, NIGHT) == {}


def test_a_question_is_read_back_from_its_text():
    """The record of a run holds questions as text."""
    for question in (Question("bars", False, DAY, date(2025, 6, 2)), Question("fills", True, DAY)):
        assert Question.parse(str(question)) == question


SESSIONS = st.sampled_from(["2025-05-30", "2025-06-27", "2025-06-30", "2025-07-01", "2025-07-02"])
MOMENTS = [at(f"2025-{day} 21:00") for day in ("06-27", "06-30", "07-01", "07-02", "07-03")]
NUMBERS = st.integers(1, 3)
BARS = st.builds(lambda day, price: ("bars", bars("AAA", {day: price})), SESSIONS, NUMBERS)
FILLS = st.builds(lambda day, name: ("fills", fills(f"{day} AAA BUY 1@5 id={name}")), SESSIONS, NUMBERS)
IDEAS = st.builds(
    lambda day, name, score: ("opportunities", opportunities(f"{day} AAA 0.{score} id={name}")),
    SESSIONS, NUMBERS, NUMBERS,
)  # fmt: skip
WORTH = st.builds(
    lambda day, usd, whose: ("equity", equity(f"{day} {usd}", account=whose)),
    SESSIONS, NUMBERS, st.sampled_from([ACCOUNT, "OTHER"]),
)  # fmt: skip
RECORDS = st.one_of(BARS, FILLS, IDEAS, WORTH)
DEEDS = st.one_of(
    st.tuples(st.just("append"), RECORDS, st.sampled_from(MOMENTS)),
    st.tuples(st.just("replay"), RECORDS, st.sampled_from(MOMENTS)),
    st.tuples(st.just("withdraw"), RECORDS, st.sampled_from(MOMENTS)),
    st.tuples(st.just("compact"), RECORDS, st.sampled_from(MOMENTS)),
)


def do(root: Path, deed: str, record, moment):
    name, frame = record
    if deed == "append":
        store.append(root, {name: frame}, "test", moment)
    elif deed == "replay":
        store.append(root, {name: known(frame, moment)}, "sample")
    elif deed == "withdraw":
        store.withdraw(root, name, frame, "test", moment)
    else:
        store.compact(root)


@settings(max_examples=int(os.environ.get("READS_EXAMPLES", "25")), deadline=None)
@given(st.lists(DEEDS, min_size=1, max_size=5), st.lists(DEEDS, max_size=3), st.sampled_from(MOMENTS))
def test_whatever_happens_to_the_store_what_is_proved_is_true(before, after, then):
    """Append, correct, replay, withdraw, compact, at any instants: where the proof holds, every answer is the same."""
    with TemporaryDirectory() as folder:
        root = Path(folder) / "store"
        for deed in before:
            do(root, *deed)
        told, reads = ask(root, then + timedelta(hours=1))
        assert reads
        for deed in after:
            do(root, *deed)
        for moment in MOMENTS:
            now = moment + timedelta(hours=1)
            if hold(reads, stored(root), then + timedelta(hours=1), now):
                assert answers(root, now) == told
