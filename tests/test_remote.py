"""A store in a bucket answers as one in a folder does, whoever writes, is killed, or is slower; against real servers.

S3 is moto's server, Google's is gcp-storage-emulator; both speak the protocol over loopback. The emulator ignores the
condition that a new object must not exist, so what rests on it is tested on S3.
"""

import os
import signal
import subprocess
import sys
import uuid
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from build import bars, equity, fills
from nightly import nightly
from test_store import LAST, MOMENTS, Said, append_all, opened, read_all, told

from trade_dashboard import store
from trade_dashboard.errors import RequestError, StoreError
from trade_dashboard.ingest import ingest
from trade_dashboard.settings import Settings

# the libraries of the two services warn about themselves
pytestmark = pytest.mark.filterwarnings("default")
NOW = datetime(2025, 7, 2, tzinfo=UTC)


@pytest.fixture(params=["s3", "gs"])
def root(request):
    """URL of a store of the test's own."""
    return f"{request.getfixturevalue(request.param)}/{uuid.uuid4().hex}"


@pytest.fixture
def s3_root(s3):
    """URL of a store of the test's own on S3."""
    return f"{s3}/{uuid.uuid4().hex}"


def test_a_bucket_answers_as_a_folder_does(root, tmp_path):
    """The same batches, a correction, a withdrawal and a compaction: the same answers at every cut, and one fingerprint."""
    batches = [
        [Said("bars", "K1", "2025-06-30", 7, MOMENTS[0]), Said("fills", "K1", "2025-05-29", 1, MOMENTS[0])],
        [Said("bars", "K1", "2025-06-30", 8, MOMENTS[1]), Said("bars", "K2", "2025-06-02", 3, MOMENTS[1])],
        [Said("fills", "K1", "2025-06-30", 2, MOMENTS[2])],
    ]
    key = fills("2025-06-30 AAA BUY 1@5 id=K1")[["account", "fill_id"]]
    places = (tmp_path, root)
    for place in places:
        append_all(place, batches)
        assert store.withdraw(place, "fills", key, "broker", MOMENTS[3]) == 1
    assert store.parts(root)

    def answers(place):
        seen = [told(place, name, LAST, moment) for name in ("bars", "fills") for moment in MOMENTS]
        book = opened(place, LAST, MOMENTS[-1])
        book.bars(), book.fills(), book.coverage()
        changed = store.restatements(place, MOMENTS[0], MOMENTS[-1], LAST).to_csv()
        return seen, book.fingerprint, changed, store.newest_session(place, "bars", until=LAST, known_at=MOMENTS[1])

    assert answers(root) == answers(tmp_path)
    assert [vars(store.compact(place)) for place in places] == [{"before": 5, "after": 3}] * 2
    assert answers(root) == answers(tmp_path)
    assert store.damaged(root) == []


def test_the_same_again_adds_no_object(root):
    """A record that is known already makes neither a file nor a commit."""
    batch = {"bars": bars("AAA", {"2025-05-30": 9, "2025-06-30": 10}), "equity": equity("2025-06-30 100")}
    assert {name: one.new for name, one in store.append(root, batch, "test", NOW).items()} == {"bars": 2, "equity": 1}
    before = store.parts(root)
    assert {name: one.new for name, one in store.append(root, batch, "test").items()} == {"bars": 0, "equity": 0}
    assert store.parts(root) == before


WRITER = """
import os, signal, sys
from build import at, bars, equity
from trade_dashboard import store
from trade_dashboard.place import Bucket

root, death = sys.argv[1], int(sys.argv[2])
calls, real = 0, Bucket.write

def deadly(place, name, content):
    global calls
    calls += 1
    if calls == death:
        os.kill(os.getpid(), signal.SIGKILL)
    real(place, name, content)

Bucket.write = deadly
frames = {"bars": bars("AAA", {"2025-05-30": 9, "2025-06-30": 10}), "equity": equity("2025-06-30 100")}
done = store.append(root, frames, "crowd", at("2025-07-01 00:00"))
print(sum(one.new for one in done.values()))
"""


def start(code, *words):
    env = os.environ | {"PYTHONPATH": os.pathsep.join(place for place in sys.path if place)}
    command = [sys.executable, "-W", "ignore", "-c", code, *map(str, words)]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_killed_writer_leaves_nothing_that_is_seen(s3_root):
    """Killed before its last object, the commit: no record is there, and the next writer is not in its way."""
    killed = start(WRITER, s3_root, 4)
    said = killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL, said
    assert len(read_all(s3_root, "bars", moment=NOW)) == 0
    assert start(WRITER, s3_root, 0).communicate(timeout=60)[0] == "3\n"
    assert len(read_all(s3_root, "bars", moment=NOW)) == 2


def test_writers_at_once_add_what_is_new_once(s3_root):
    """They know nothing of each other: who finds the next commit taken looks again, and finds its records known."""
    crowd = [start(WRITER, s3_root, 0) for _ in range(3)]
    said = [one.communicate(timeout=90) for one in crowd]
    assert [one.returncode for one in crowd] == [0, 0, 0], said
    assert sorted(out for out, _ in said) == ["0\n", "0\n", "3\n"]
    assert len({part.path for part in store.parts(s3_root)}) == 3
    assert len(read_all(s3_root, "bars", moment=NOW)) == 2


BUSY = """
import sys, time
from datetime import UTC, date, datetime, timedelta
from build import equity
from trade_dashboard import store

root, what = sys.argv[1:]
now, until, n = datetime(2025, 8, 1, tzinfo=UTC), time.monotonic() + 3, 0
while time.monotonic() < until:
    if what == "compact":
        store.compact(root)
    elif what == "write":
        store.append(root, {"equity": equity(f"{date(2023, 1, 2) + timedelta(days=n)} {n + 1}")}, "test", now)
    else:
        found = store.read(root, "equity", until=date(2022, 12, 31), known_at=now)
        assert len(found) == 5, len(found)
    n += 1
print(n)
"""


def test_a_compaction_and_a_writer_who_race_lose_nothing(s3_root):
    """A reader sees every record at every moment; what was written while files were merged is there afterwards, once."""
    for n in range(5):
        store.append(s3_root, {"equity": equity(f"{date(2022, 1, 3) + timedelta(days=n)} {n + 1}")}, "test", NOW)
    busy = [start(BUSY, s3_root, what) for what in ("read", "compact", "write")]
    said = [one.communicate(timeout=90) for one in busy]
    assert [one.returncode for one in busy] == [0, 0, 0], said
    found = store.read(s3_root, "equity", until=date(2100, 1, 1), known_at=datetime(2030, 1, 1, tzinfo=UTC))
    assert len(found) == 5 + int(said[2][0])
    assert store.damaged(s3_root) == []


def test_a_page_from_a_bucket_is_the_page_from_a_folder(s3_root, sample_run, tmp_path):
    """The kernel gets what opens the bucket, the page the same bytes, and nothing written holds the key."""
    ingest(Settings(store=s3_root), "sample")
    record = nightly(s3_root, tmp_path, "2025-06-30")
    assert (record.status, record.reason) == ("done", None)
    assert record.page_sha256 == sample_run.page_sha256
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert left
    assert not [path for path in left if os.environ["AWS_SECRET_ACCESS_KEY"].encode() in path.read_bytes()]


def test_a_service_that_is_away_is_an_error_of_the_store(monkeypatch):
    """Neither reading nor appending pretends to an empty store; both name what was asked for."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "nobody")
    with pytest.raises(StoreError, match="cannot be reached"):
        store.read("s3://away/store", "bars", until=LAST, known_at=NOW)
    with pytest.raises(StoreError, match=r"Nothing of this batch was stored|cannot be reached"):
        store.append("s3://away/store", {"equity": equity("2025-06-30 100")}, "test")


def test_a_bucket_that_is_not_there_is_named(s3):
    """It is not made in passing: whoever misspells a name hears of it."""
    with pytest.raises(StoreError, match="no bucket misspelled-bucket"):
        store.read("s3://misspelled-bucket/store", "bars", until=LAST, known_at=NOW)


@pytest.mark.parametrize("url", ["nowhere://bucket/store", "s4://bucket"])
def test_a_place_of_no_known_kind_is_refused(url):
    """What a URL begins with names the library that opens it; the message says what is possible."""
    with pytest.raises(RequestError, match=r"Expected a store at .*Name a folder, s3://… or gs://…"):
        store.read(url, "bars", until=LAST, known_at=NOW)


def test_settings_keep_a_url_as_it_is():
    """It is no path: no slash is lost on the way to another process, and what opens it goes along, for it alone."""
    settings = Settings.from_environment({"TRADE_DASHBOARD_STORE": "s3://bucket/store"})
    assert settings.store == "s3://bucket/store"
    assert settings.to_environment()["TRADE_DASHBOARD_STORE"] == "s3://bucket/store"
    there = {"AWS_SECRET_ACCESS_KEY": "s", "GOOGLE_APPLICATION_CREDENTIALS": "/g", "BROKER_SECRET": "b"}
    assert settings.store_credentials(there) == {"AWS_SECRET_ACCESS_KEY": "s"}
    assert Settings(store="gs://bucket").store_credentials(there) == {"GOOGLE_APPLICATION_CREDENTIALS": "/g"}
    assert Settings().store_credentials(there) == {}


def test_records_come_back_from_a_bucket_as_they_went_in(root):
    """To the microsecond and the last digit."""
    exact = fills("2025-06-27 NAN SELL 3@1e-7 fee=-0.1", "2025-06-30 BBB BUY 0.1@4.82375000001")
    store.append(root, {"fills": exact}, "test", NOW)
    back = read_all(root, "fills", moment=NOW).drop(columns=["known_at", "source"])
    pd.testing.assert_frame_equal(back, exact, check_exact=True)
