"""Compaction makes few files of many, and changes no answer, whoever reads, writes or is killed meanwhile."""

import os
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from build import bars, equity, fills
from hypothesis import given, settings
from test_store import DAYS, LAST, MOMENTS, append_all, batches_of, read_all, repeatable, told

from trade_dashboard import store

NOW = datetime(2025, 7, 2, tzinfo=UTC)


@settings(repeatable, max_examples=8)
@given(batches=batches_of(most=3))
def test_no_answer_changes(batches):
    """Every cut, by session and by instant, gives the same records before and after, and after a second time."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        append_all(root, batches)
        days = [date.fromisoformat(DAYS[1]), LAST]
        cuts = [(name, day, moment) for name in ("bars", "fills") for day in days for moment in MOMENTS[::2]]
        before = [told(root, *cut) for cut in cuts]
        for _ in range(2):
            store.compact(root)
            assert [told(root, *cut) for cut in cuts] == before


def daily(root, days):
    for n in range(days):
        day = date(2022, 1, 3) + timedelta(days=n)
        store.append(root, {"equity": equity(f"{day} {100 + n}")}, "test", NOW + timedelta(minutes=n))


def test_a_store_stays_small_by_itself(tmp_path):
    """After some hundred daily ingests there are no more commits than a reader takes in at once, and a file a month or so."""
    daily(tmp_path, 200)
    assert len(list((tmp_path / "commits").glob("*.json"))) <= 65
    assert len(list((tmp_path / "data").rglob("*.parquet"))) <= 7 + 65
    assert len(read_all(tmp_path, "equity", moment=NOW + timedelta(days=9))) == 200
    done = store.compact(tmp_path)
    assert done.after == 7
    assert len(list(tmp_path.rglob("*.parquet"))) == 7
    assert len(list((tmp_path / "commits").glob("*.json"))) == 1


def test_a_compacted_store_goes_on(tmp_path):
    """What is known stays known, corrections count, and the old answer stays reachable."""
    for n, close in enumerate((10, 11)):
        store.append(tmp_path, {"bars": bars("AAA", {"2025-06-30": close})}, "test", MOMENTS[n])
    store.compact(tmp_path)
    assert vars(store.append(tmp_path, {"bars": bars("AAA", {"2025-06-30": 11})}, "test", MOMENTS[2])["bars"]) == {
        "new": 0,
        "known": 1,
    }
    store.append(tmp_path, {"bars": bars("AAA", {"2025-06-30": 12})}, "test", MOMENTS[3])
    assert [told(tmp_path, "bars", LAST, moment)[0][2] for moment in MOMENTS] == [10, 11, 11, 12, 12]


def test_a_foreign_file_is_let_alone(tmp_path):
    """What is not ours is nobody's to delete; what a dead process of ours left is cleared away."""
    daily(tmp_path, 3)
    folder = tmp_path / "data" / "equity" / "2022-01"
    (folder / "notes.txt").write_text("mine")
    (folder / "theirs.parquet").write_text("theirs")
    (folder / "00000002-20250101T000000Z-0123abcd.parquet").write_text("never committed")
    store.compact(tmp_path)
    assert {path.name for path in folder.iterdir()} >= {"notes.txt", "theirs.parquet"}
    assert not (folder / "00000002-20250101T000000Z-0123abcd.parquet").exists()
    assert len(read_all(tmp_path, "equity", moment=NOW + timedelta(days=1))) == 3


DEADLY = """
import os, signal, sys
from pathlib import Path
from trade_dashboard import store

calls, death = 0, int(sys.argv[2])

def deadly(real):
    def call(*args, **kwargs):
        global calls
        done = real(*args, **kwargs)
        calls += 1
        if calls == death:
            os.kill(os.getpid(), signal.SIGKILL)
        return done
    return call

os.fsync, Path.unlink = deadly(os.fsync), deadly(Path.unlink)
store.compact(Path(sys.argv[1]))
print(calls)
"""


def killed_at(root, death):
    env = os.environ | {"PYTHONPATH": os.pathsep.join(place for place in sys.path if place)}
    return subprocess.run(
        [sys.executable, "-c", DEADLY, str(root), str(death)],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("death", [1, 3, 5, 7, 9, 11])
def test_a_killed_compaction_loses_nothing(tmp_path, death):
    """Killed at any write or removal: every record is there, and the next compaction clears up."""
    daily(tmp_path, 3)
    ended = killed_at(tmp_path, death)
    assert ended.returncode in {0, -signal.SIGKILL}, ended.stderr
    moment = NOW + timedelta(days=1)
    assert len(read_all(tmp_path, "equity", moment=moment)) == 3
    store.append(tmp_path, {"bars": bars("AAA", {"2025-06-30": 10})}, "test", moment)
    store.compact(tmp_path)
    assert len(read_all(tmp_path, "equity", moment=moment)) == 3
    assert len(list(tmp_path.rglob("*.parquet"))) == 2


BUSY = """
import sys, time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from build import equity
from trade_dashboard import store

root, what = Path(sys.argv[1]), sys.argv[2]
now = datetime(2025, 8, 1, tzinfo=UTC)
until = time.monotonic() + 4
n = 0
while time.monotonic() < until:
    if what == "compact":
        store.compact(root)
    elif what == "write":
        day = date(2023, 1, 2) + timedelta(days=n)
        store.append(root, {"equity": equity(f"{day} {n + 1}")}, "test", now)
    else:
        found = store.read(root, "equity", until=date(2022, 12, 31), known_at=now)
        assert len(found) == 20, len(found)
    n += 1
print(n)
"""


def test_readers_and_writers_go_on_while_it_runs(tmp_path):
    """A reader sees every record at every moment, and no writer loses one, whatever is merged under them."""
    daily(tmp_path, 20)
    env = os.environ | {"PYTHONPATH": os.pathsep.join(place for place in sys.path if place)}
    busy = [
        subprocess.Popen(
            [sys.executable, "-c", BUSY, str(tmp_path), what],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for what in ("read", "compact", "write")
    ]
    said = [process.communicate(timeout=60) for process in busy]
    assert [process.returncode for process in busy] == [0, 0, 0], said
    written = int(said[2][0])
    found = store.read(tmp_path, "equity", until=date(2100, 1, 1), known_at=datetime(2030, 1, 1, tzinfo=UTC))
    assert len(found) == 20 + written


def test_a_withdrawn_record_was_never_there_from_then_on(tmp_path):
    """Before the withdrawal the record is there, from it on it is not; told again, it is back; voiding nothing is nothing."""
    records = {"fills": fills("2025-06-30 AAA BUY 10@5 id=F1", "2025-06-30 AAA BUY 1@5 id=F2")}
    store.append(tmp_path, records, "test", MOMENTS[0])
    key = records["fills"][["account", "fill_id"]].head(1)
    assert store.withdraw(tmp_path, "fills", key, "broker", MOMENTS[1]) == 1
    assert store.withdraw(tmp_path, "fills", key, "broker", MOMENTS[2]) == 0
    assert store.withdraw(tmp_path, "orders", key.rename(columns={"fill_id": "order_id"}), "broker", MOMENTS[2]) == 0
    store.append(tmp_path, records, "test", MOMENTS[3])
    store.compact(tmp_path)
    seen = [[one[0] for one in told(tmp_path, "fills", LAST, moment)] for moment in MOMENTS]
    assert seen == [["F1", "F2"], ["F2"], ["F2"], ["F1", "F2"], ["F1", "F2"]]
