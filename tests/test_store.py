"""The store gives what was known at an instant, all of a batch or nothing, whatever comes later and whatever breaks."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from build import ACCOUNT, actions, bars, equity, fills, flows, known, store_with, together
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from needs import needs

from trade_dashboard import schema, store
from trade_dashboard.book import Book
from trade_dashboard.errors import SchemaError, StoreError
from trade_dashboard.settings import Settings

DAYS = ("2025-05-29", "2025-05-30", "2025-06-02", "2025-06-30", "2025-07-01")
MOMENTS = tuple(datetime(2025, 7, 2, hour, tzinfo=UTC) for hour in range(5))
LAST = date(2025, 12, 31)
repeatable = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)


@dataclass(frozen=True)
class Said:
    """One record of a key: a bar (its session in its key) or a fill (its session not), and when it became known."""

    dataset: str
    key: str
    day: str
    value: int
    moment: datetime


def frames_of(batch):
    """Make the frames of a batch; bars and fills that carry their own instant."""
    made = {}
    for one in batch:
        frame = (
            bars(one.key, {one.day: one.value})
            if one.dataset == "bars"
            else fills(f"{one.day} AAA BUY {one.value}@5 id={one.key}")
        )
        made.setdefault(one.dataset, []).append(known(frame, one.moment))
    return {name: together(*frames) for name, frames in made.items()}


def append_all(root, batches):
    for batch in batches:
        store.append(root, frames_of(batch), "test")


def read_all(root, name, until=LAST, moment=MOMENTS[-1]):
    return store.read(root, name, until=until, known_at=moment)


def told(root, name, until, moment):
    """Give what the store answers, as plain values."""
    frame = read_all(root, name, until, moment)
    key, value = ("symbol", "close") if name == "bars" else ("fill_id", "quantity")
    return sorted(zip(frame[key], frame["session"].dt.strftime("%Y-%m-%d"), frame[value], strict=True))


def replayed(records, name, until, moment):
    """Say what was known by listening from the beginning: the word of the promise, without a database."""
    newest = {}
    for one in sorted((one for one in records if one.dataset == name), key=lambda one: one.moment):
        if one.moment <= moment:
            newest[(one.key, one.day) if name == "bars" else one.key] = one
    return sorted((one.key, one.day, float(one.value)) for one in newest.values() if one.day <= until.isoformat())


def identity(one):
    return (one.dataset, one.key, one.day if one.dataset == "bars" else "", one.moment)


said = st.builds(
    Said,
    dataset=st.sampled_from(["bars", "fills"]),
    key=st.sampled_from(["K1", "K2"]),
    day=st.sampled_from(DAYS),
    value=st.integers(1, 3),
    moment=st.sampled_from(MOMENTS),
)
days = st.sampled_from([date.fromisoformat(day) for day in DAYS])
records = st.lists(said, min_size=1, max_size=8, unique_by=identity)


@st.composite
def batches_of(draw, most=3):
    """Deal records to a few batches, in any order."""
    dealt = [(one, draw(st.integers(1, most))) for one in draw(records)]
    return [batch for number in range(1, most + 1) if (batch := [one for one, to in dealt if to == number])]


def opened(root, run_date, moment):
    return Book(Settings(store=root), ACCOUNT, run_date, moment)


@repeatable
@given(before=batches_of(most=2), later=records, until=days, moment=st.sampled_from(MOMENTS[:-1]))
def test_nothing_that_comes_later_changes_a_byte(before, later, until, moment):
    """A book cut at (D, T) stays the same when records become known after T, or new ones are of sessions after D."""
    after = until.isoformat()
    unknown = [one for one in later if one.moment > moment or (one.dataset == "bars" and one.day > after)]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        append_all(root, before)
        first = opened(root, until, moment)
        was = [first.bars(), first.fills()]
        append_all(root, [[*unknown, Said("fills", "NEW", "2025-07-02", 1, MOMENTS[0])]])
        second = opened(root, until, moment)
        for old, new in zip(was, [second.bars(), second.fills()], strict=True):
            pd.testing.assert_frame_equal(old, new, check_exact=True)
        assert first.fingerprint == second.fingerprint


@repeatable
@given(batches=batches_of(), until=days, moment=st.sampled_from(MOMENTS), data=st.data())
def test_the_order_of_ingest_does_not_matter(batches, until, moment, data):
    """The store answers what a listener heard until the cut, in whatever order the batches were appended."""
    everything = [one for batch in batches for one in batch]
    with tempfile.TemporaryDirectory() as folder:
        append_all(Path(folder), data.draw(st.permutations(batches)))
        for name in ("bars", "fills"):
            assert told(Path(folder), name, until, moment) == replayed(everything, name, until, moment)


@repeatable
@given(batch=records, later=st.sampled_from([None, MOMENTS[-1] + timedelta(days=1)]))
def test_the_same_records_twice_add_nothing(batch, later):
    """Neither a file nor a commit, whether the records say themselves when they became known or are told again later."""
    frames = frames_of(batch)
    if later:
        frames = {
            name: frame.drop(columns="known_at").drop_duplicates(list(schema.dataset(name).key))
            for name, frame in frames.items()
        }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        first = store.append(root, frames, "test", MOMENTS[0])
        files = sorted(root.rglob("*"))
        again = store.append(root, frames, "test", later)
        assert sorted(root.rglob("*")) == files
        for name, frame in frames.items():
            assert vars(first[name]) == {"new": len(frame), "known": 0}
            assert vars(again[name]) == {"new": 0, "known": len(frame)}


@settings(repeatable, max_examples=15)
@given(old=st.integers(1, 9), new=st.integers(10, 19), moments=st.permutations(range(5)), at_cut=st.integers(0, 4))
def test_a_correction_counts_from_its_own_instant_on(old, new, moments, at_cut):
    """Before it the old answer stands for ever, from it on the new one, and before both there is nothing."""
    first, second = sorted(moments[:2])
    batches = [
        [Said("bars", "K1", DAYS[3], old, MOMENTS[first]), Said("fills", "K1", DAYS[3], old, MOMENTS[first])],
        [Said("bars", "K1", DAYS[3], new, MOMENTS[second]), Said("fills", "K1", DAYS[3], new, MOMENTS[second])],
    ]
    expected = [] if at_cut < first else [("K1", DAYS[3], old if at_cut < second else new)]
    with tempfile.TemporaryDirectory() as folder:
        append_all(Path(folder), batches)
        for name in ("bars", "fills"):
            assert told(Path(folder), name, LAST, MOMENTS[at_cut]) == expected


def test_an_old_record_that_comes_late_fills_the_past(tmp_path):
    """What is now known to have been known earlier is seen by earlier cuts, even if it repeats a newer record."""
    append_all(tmp_path, [[Said("bars", "K1", DAYS[3], 7, MOMENTS[3])], [Said("bars", "K1", DAYS[3], 7, MOMENTS[1])]])
    assert told(tmp_path, "bars", LAST, MOMENTS[2]) == [("K1", DAYS[3], 7.0)]


def test_a_correction_that_comes_late_does_not_outlive_what_followed_it(tmp_path):
    """7, then 8, then 7 again: told in the order 7, 7, 8 the last word is still 7."""
    seven, eight, again = (Said("bars", "K1", DAYS[3], value, MOMENTS[n]) for n, value in enumerate((7, 8, 7), start=1))
    append_all(tmp_path, [[seven], [again], [eight]])
    assert told(tmp_path, "bars", LAST, MOMENTS[2]) == [("K1", DAYS[3], 8.0)]
    assert told(tmp_path, "bars", LAST, MOMENTS[3]) == [("K1", DAYS[3], 7.0)]


def test_a_correction_back_to_the_first_value_counts(tmp_path):
    """10, then 11, then 10 again are three answers; only a repetition of the newest adds nothing."""
    for value, moment in ((10, 0), (11, 1), (10, 2), (10, 3)):
        store.append(tmp_path, {"bars": bars("AAA", {"2025-06-30": value})}, "test", MOMENTS[moment])
    assert [told(tmp_path, "bars", LAST, moment)[0][2] for moment in MOMENTS] == [10, 11, 10, 10, 10]
    assert len(list(store.parts(tmp_path))) == 3


@pytest.mark.parametrize("beside", ["2025-06-02", "2025-06-30", None])
@pytest.mark.parametrize("to", ["2025-06-30", "2025-07-01"])
def test_a_correction_can_move_a_record_to_a_later_session(tmp_path, to, beside):
    """It is in one session at a time: gone from the old one since then, whatever else came with the correction."""
    store.append(tmp_path, {"fills": fills("2025-06-27 AAA BUY 10@5 id=F1")}, "test", MOMENTS[0])
    company = [f"{beside} BBB BUY 1@1 id=F2"] if beside else []
    store.append(tmp_path, {"fills": fills(f"{to} AAA BUY 10@5 id=F1", *company)}, "test", MOMENTS[2])

    def sessions(until, moment):
        frame = read_all(tmp_path, "fills", date.fromisoformat(until), moment)
        return frame.loc[frame["fill_id"] == "F1", "session"].dt.strftime("%Y-%m-%d").tolist()

    assert sessions("2025-06-27", MOMENTS[1]) == ["2025-06-27"]
    assert sessions(to, MOMENTS[1]) == ["2025-06-27"]
    assert sessions(to, MOMENTS[2]) == [to]
    assert sessions("2025-06-27", MOMENTS[2]) == []


def test_a_correction_can_move_a_record_to_an_earlier_session(tmp_path):
    """The later session has it no more, also when only that session is asked for."""
    store.append(tmp_path, {"fills": fills("2025-07-01 AAA BUY 10@5 id=F1")}, "test", MOMENTS[0])
    store.append(tmp_path, {"fills": fills("2025-06-27 AAA BUY 10@5 id=F1")}, "test", MOMENTS[2])
    assert told(tmp_path, "fills", LAST, MOMENTS[2]) == [("F1", "2025-06-27", 10.0)]
    since = store.read(tmp_path, "fills", until=LAST, known_at=MOMENTS[2], since=date(2025, 7, 1))
    assert since.empty


def test_a_correction_of_what_is_asked_for_counts(tmp_path):
    """A fill that turned out to be of another symbol is no fill of the first one."""
    store.append(tmp_path, {"fills": fills("2025-06-27 AAA BUY 10@5 id=F1")}, "test", MOMENTS[0])
    store.append(tmp_path, {"fills": fills("2025-06-27 BBB BUY 10@5 id=F1")}, "test", MOMENTS[2])

    def of(symbol):
        return len(store.read(tmp_path, "fills", until=LAST, known_at=MOMENTS[2], only={"symbol": [symbol]}))

    assert (of("AAA"), of("BBB")) == (0, 1)


@repeatable
@given(batches=batches_of(), until=days, moment=st.sampled_from(MOMENTS))
def test_what_was_told_first_is_what_somebody_acted_on(batches, until, moment):
    """Of each key the record known first, whatever corrected it since, and in whatever order the batches came."""
    first = {}
    for one in sorted((one for batch in batches for one in batch), key=lambda one: one.moment):
        if one.dataset == "fills" and one.moment <= moment:
            first.setdefault(one.key, one)
    expected = sorted((one.key, one.day, float(one.value)) for one in first.values() if one.day <= until.isoformat())
    with tempfile.TemporaryDirectory() as folder:
        append_all(Path(folder), batches)
        cut = store.Cut(until, moment, as_first_told=True)
        found = store.records(Path(folder), "fills", cut, ["fill_id", "session", "quantity"])
        rows = zip(*(found[name].to_pylist() for name in found.column_names), strict=True)
        assert sorted((key, f"{day}", value) for key, day, value in rows) == expected


def test_two_different_records_of_one_key_are_refused(tmp_path):
    """A batch that contradicts itself stores nothing, not even its other datasets; the message names the key."""
    twice = together(bars("AAA", {"2025-06-30": 10}), bars("AAA", {"2025-06-30": 11}))
    with pytest.raises(SchemaError, match=r"one record for each symbol \+ session, but got two of AAA, 2025-06-30"):
        store.append(tmp_path, {"fills": fills("2025-06-30 AAA BUY 1@10"), "bars": twice}, "test", MOMENTS[0])
    assert list(store.parts(tmp_path)) == []
    assert not list(tmp_path.rglob("*.parquet"))


def test_the_same_record_twice_in_a_batch_is_one(tmp_path):
    """Exports repeat rows; the second one is known."""
    twice = together(bars("AAA", {"2025-06-30": 10}), bars("AAA", {"2025-06-30": 10}))
    assert vars(store.append(tmp_path, {"bars": twice}, "test", MOMENTS[0])["bars"]) == {"new": 1, "known": 1}


def test_a_batch_of_nothing_leaves_no_trace(tmp_path):
    """An empty frame is no file and no commit, and is counted as nothing."""
    done = store.append(tmp_path, {"bars": schema.empty("bars")}, "test", MOMENTS[0])
    assert vars(done["bars"]) == {"new": 0, "known": 0}
    assert list(store.parts(tmp_path)) == []


def test_records_come_back_as_they_went_in(tmp_path):
    """Every dataset, to the microsecond and the last digit, ordered by session and key, with where it came from."""
    exact = fills("2025-06-30 BBB BUY 0.1@4.82375000001", "2025-06-27 NAN SELL 3@1e-7 fee=-0.1")
    exact["time"] = pd.to_datetime(["2025-06-30T15:00:00.123456Z", "2025-06-27T15:00:00.5Z"]).as_unit("us")
    store.append(
        tmp_path,
        {
            "fills": exact,
            "cash_flows": flows("2025-06-30 fee -1 AAA"),
            "corporate_actions": actions("2025-06-30 A split 2"),
        },
        "test",
        MOMENTS[0],
    )
    back = read_all(tmp_path, "fills")
    pd.testing.assert_frame_equal(
        back.drop(columns=["known_at", "source"]), exact.iloc[::-1].reset_index(drop=True), check_exact=True
    )
    assert back["known_at"].tolist() == [MOMENTS[0]] * 2
    assert back["source"].tolist() == ["test"] * 2
    assert len(read_all(tmp_path, "cash_flows")) == len(read_all(tmp_path, "corporate_actions")) == 1


@pytest.mark.parametrize("name", schema.DATASETS)
def test_a_store_that_is_not_there_holds_nothing(tmp_path, name):
    """No folder yet: no records, with every column and the store's own two; reading makes no folder."""
    found = read_all(tmp_path / "none", name)
    assert list(found.columns) == [*schema.dataset(name).names, "known_at", "source"]
    assert [str(found[column].dtype) for column in ("known_at", "source")] == ["datetime64[us, UTC]", "str"]
    assert vars(store.extent(tmp_path / "none", name, until=LAST, known_at=MOMENTS[0])) == {
        "rows": 0,
        "first": None,
        "last": None,
    }
    assert not (tmp_path / "none").exists()


def test_an_extent_is_what_a_read_would_give(tmp_path):
    """Rows, first and last session at the cut; corrections are not counted twice."""
    store.append(tmp_path, {"bars": bars("AAA", {"2025-06-27": 10, "2025-06-30": 11})}, "test", MOMENTS[0])
    store.append(tmp_path, {"bars": bars("AAA", {"2025-06-30": 12, "2025-07-01": 13})}, "test", MOMENTS[1])

    def extent(until, moment, only=None):
        return tuple(vars(store.extent(tmp_path, "bars", until=until, known_at=moment, only=only)).values())

    assert extent(LAST, MOMENTS[0]) == (2, date(2025, 6, 27), date(2025, 6, 30))
    assert extent(LAST, MOMENTS[1]) == (3, date(2025, 6, 27), date(2025, 7, 1))
    assert extent(date(2025, 6, 29), MOMENTS[1]) == (1, date(2025, 6, 27), date(2025, 6, 27))
    assert extent(LAST, MOMENTS[1], {"symbol": ["BBB"]}) == (0, None, None)


@pytest.mark.parametrize("folder", ["it's", "sp ace", "a[1]", "q*", 'quo"te'])
def test_any_name_of_a_folder_will_do(tmp_path, folder):
    """The store's folder is nobody's pattern and no piece of a query."""
    store.append(tmp_path / folder, {"bars": bars("AAA", {"2025-06-30": 10})}, "test", MOMENTS[0])
    assert told(tmp_path / folder, "bars", LAST, MOMENTS[0]) == [("AAA", "2025-06-30", 10.0)]


def test_files_without_a_commit_are_invisible(tmp_path):
    """A batch is seen when its commit is in place, then whole."""
    batch = {"bars": bars("AAA", {"2025-05-30": 9, "2025-06-30": 10}), "equity": equity("2025-06-30 100")}
    store.append(tmp_path, batch, "test", MOMENTS[0])
    (commit,) = (tmp_path / "commits").glob("*.json")
    away = commit.rename(tmp_path / "away.json")
    assert len(list((tmp_path / "data").rglob("*.parquet"))) == 3
    assert len(read_all(tmp_path, "bars")) + len(read_all(tmp_path, "equity")) == 0
    assert vars(store.append(tmp_path, batch, "test", MOMENTS[1])["bars"]) == {"new": 2, "known": 0}
    away.rename(commit)
    assert len(read_all(tmp_path, "bars")) == 2


CROWD = """
import os, signal, sys, time
from pathlib import Path
from build import at, bars, equity
from trade_dashboard import store

frames = {"bars": bars("AAA", {"2025-05-30": 9, "2025-06-30": 10}), "equity": equity("2025-06-30 100")}
real, calls = os.fsync, 0

def ingest(root, death):
    def deadly(descriptor):
        global calls
        real(descriptor)
        calls += 1
        if calls == death:
            os.kill(os.getpid(), signal.SIGKILL)

    os.fsync = deadly
    while not Path("go").exists():
        time.sleep(0.001)
    done = store.append(Path(root), frames, "crowd", at("2025-07-01 00:00"))
    os._exit(sum(one.new for one in done.values()))

children = []
for root, death in zip(sys.argv[1::2], sys.argv[2::2]):
    children.append(os.fork())
    if not children[-1]:
        ingest(root, int(death))
Path("go").touch()
print(*(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children))
"""


def crowd(folder, *members):
    """Let processes append two bars and an account value at one moment.

    Each is given the name of its store and at which of its writes it kills itself, 0 at none. It ends with the number
    of records it added, or with the signal, negative.
    """
    path = os.pathsep.join(place for place in sys.path if place)
    words = [str(word) for member in members for word in member]
    command = [sys.executable, "-c", CROWD, *words]
    env = os.environ | {"PYTHONPATH": path}
    done = subprocess.run(command, cwd=folder, env=env, stdout=subprocess.PIPE, text=True, check=True, timeout=60)
    return [int(code) for code in done.stdout.split()]


def test_a_killed_process_leaves_nothing_or_everything(tmp_path):
    """Killed at any of its writes (each file, then its folder; the commit last): no record is seen, or all are.

    Three data files and a commit are made durable, each by itself and then by its folder: eight writes, and the commit
    takes effect between the last two. What a dead process left does no harm to the next one.
    """
    writes = range(1, 9)
    assert crowd(tmp_path, *((f"store{n}", n) for n in writes)) == [-signal.SIGKILL] * 8

    def seen(n):
        return len(read_all(tmp_path / f"store{n}", "bars")), len(read_all(tmp_path / f"store{n}", "equity"))

    assert [seen(n) for n in writes] == [(0, 0)] * 7 + [(2, 1)]
    batch = {"bars": bars("AAA", {"2025-05-30": 9, "2025-06-30": 10}), "equity": equity("2025-06-30 100")}
    for n in writes:
        store.append(tmp_path / f"store{n}", batch, "next", MOMENTS[0])
    assert [seen(n) for n in writes] == [(2, 1)] * 8


def test_two_processes_that_ingest_the_same_add_it_once(tmp_path):
    """Whoever comes first adds the three records, the other finds them known."""
    assert sorted(crowd(tmp_path, ("store", 0), ("store", 0))) == [0, 3]
    assert len(read_all(tmp_path / "store", "bars")) == 2
    assert len(list((tmp_path / "store" / "commits").glob("*.json"))) == 1


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"format": 1, "parts": []}', '{"format": 3, "parts": [{"path": 1}]}', "\xff"]
)
def test_a_commit_that_cannot_be_read_is_named(tmp_path, content):
    """Neither reading nor appending goes on without it: the store would have forgotten something."""
    store_with(tmp_path, bars=bars("AAA", {"2025-06-30": 10}))
    root = tmp_path / "store"
    (root / "commits" / "20990101T000000000000Z-0.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(StoreError, match=r"commits/20990101T000000000000Z-0\.json"):
        read_all(root, "bars")
    with pytest.raises(StoreError, match=r"commits/20990101T000000000000Z-0\.json"):
        store.append(root, {"bars": bars("BBB", {"2025-06-30": 10})}, "test", MOMENTS[0])


@pytest.fixture(params=["cut short", "not there"])
def broken(request, tmp_path):
    """Give a store of one bar whose only data file is broken, and that file."""
    store_with(tmp_path, bars=bars("AAA", {"2025-06-30": 10}), known_at=MOMENTS[0])
    (file,) = tmp_path.rglob("*.parquet")
    if request.param == "not there":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:100])
    return tmp_path / "store", file


def test_a_broken_data_file_is_named(broken):
    """Reading says which file it is and what to do, and looking after the store finds it unopened."""
    root, file = broken
    with pytest.raises(StoreError, match=file.name):
        read_all(root, "bars")
    assert store.damaged(root) == [str(file)]


def test_appending_to_a_broken_data_file_says_so(broken):
    """What is new cannot be told without it: nothing is stored, and the file is named."""
    root, file = broken
    with pytest.raises(StoreError, match=file.name):
        store.append(root, {"bars": bars("BBB", {"2025-06-30": 10})}, "test", MOMENTS[0])
    assert len(list((root / "commits").glob("*.json"))) == 1


def test_a_broken_file_of_one_dataset_leaves_the_others_readable(broken):
    """Only who asks for it hears of it."""
    root, _ = broken
    store.append(root, {"equity": equity("2025-06-30 100")}, "test", MOMENTS[0])
    assert len(read_all(root, "equity")) == 1


@pytest.mark.parametrize("place", ["store", "store/data", "store/commits"])
def test_a_folder_that_cannot_be_written_is_a_store_error(tmp_path, place):
    """A file stands where the folder should be; the message names the store and says that nothing was stored."""
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("in the way")
    with pytest.raises(
        StoreError, match=rf"The store at {tmp_path / 'store'} cannot be written.*Nothing of this batch"
    ):
        store.append(tmp_path / "store", {"bars": bars("AAA", {"2025-06-30": 10})}, "test", MOMENTS[0])


@pytest.fixture
def small_disk(tmp_path):
    """Folder of a file system of its own, of 400 KB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(place)], capture_output=True, text=True, check=False
    )
    needs(mounted.returncode == 0, f"needs to mount a small file system: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_leaves_the_store_as_it_was(small_disk):
    """Filled for real: an error of the store, nothing of the batch visible, no half file left; with room it goes on."""
    store.append(small_disk, {"bars": bars("AAA", {"2025-06-30": 10})}, "test", MOMENTS[0])
    days = pd.date_range("2015-01-01", periods=3000).strftime("%Y-%m-%d")
    many = bars("BBB", {day: 5 + n / 7 for n, day in enumerate(days)})
    files = sorted(small_disk.rglob("*"))
    with pytest.raises(StoreError, match=r"No space left on device.*Nothing of this batch was stored; make room"):
        store.append(small_disk, {"bars": many}, "test", MOMENTS[0])
    assert told(small_disk, "bars", LAST, MOMENTS[0]) == [("AAA", "2025-06-30", 10.0)]
    assert not list(small_disk.rglob("*.part"))
    left = [path for path in small_disk.rglob("*.parquet") if path not in files]
    assert left, "the disk was full before the first file"
    store.compact(small_disk)
    assert not [path for path in left if path.exists()], "what the failed batch left is cleared away"
    assert vars(store.append(small_disk, {"bars": many.head(30)}, "test", MOMENTS[0])["bars"]) == {
        "new": 30,
        "known": 0,
    }


def test_a_commit_says_what_is_in_its_files(tmp_path):
    """Enough to pass a file over unopened: rows, sessions, and when they became known; paths inside the store."""
    store.append(tmp_path, {"bars": bars("AAA", {"2025-06-27": 10, "2025-06-30": 11})}, "test", MOMENTS[1])
    (commit,) = (tmp_path / "commits").glob("*.json")
    record = json.loads(commit.read_text())
    (part,) = record["parts"]
    assert (record["format"], record["source"], commit.name) == (3, "test", "00000001.json")
    assert record["batch"].startswith("00000001-")
    assert part == {
        "path": f"data/bars/2025-06/{record['batch']}.parquet",
        "dataset": "bars",
        "rows": 2,
        "first": "2025-06-27",
        "last": "2025-06-30",
        "known_from": "2025-07-02T01:00:00+00:00",
        "known_to": "2025-07-02T01:00:00+00:00",
        "again": 0,
        "size": (tmp_path / part["path"]).stat().st_size,
        "owners": [["-", "test"]],
    }
