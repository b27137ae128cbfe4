"""A folder is read once: after that only what is new in it, and the answer is the one that reading all of it gives."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from datetime import date

import pytest
from build import at
from exports import BARS, FILLS, LATER, MONTH, POSITIONS, bar, fill, told, write
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from trade_dashboard import store
from trade_dashboard.errors import SchemaError
from trade_dashboard.ingest import ingest
from trade_dashboard.settings import Settings

TRADES, PRICES, LATER_PRICES = f"trades_{MONTH}.csv", f"market_data_{MONTH}.csv", f"market_data_{LATER}.csv"
LONG_AGO = 1_700_000_000


@pytest.fixture
def bring(place, tmp_path):
    """Ingest the folder; gives the summary with the names of the files that were read."""

    def call(**asked):
        read = []
        done = ingest(
            place, "broker-export", folder=tmp_path / "export", progress=lambda name, *_: read.append(name), **asked
        )
        return done | {"names": sorted(read)}

    return call


def settled(folder):
    """Date every file back: none was written just now."""
    for path in folder.iterdir():
        os.utime(path, (LONG_AGO, LONG_AGO))
    return folder


def told_of(root, name, *columns):
    """List what the store knows now."""
    found = store.read(root, name, until=date(2099, 12, 31), known_at=at("2199-01-01 00:00"))
    return [tuple(row) for row in found[list(columns)].to_numpy().tolist()]


def closes(place):
    return {f"{day:%d}": close for day, close in told_of(place.store, "bars", "session", "close")}


def test_a_file_that_is_the_same_is_not_even_opened(export, place, bring):
    """Size and time say so: content that was swapped behind their back is not noticed."""
    folder = settled(export({PRICES: [BARS, bar(close=10)]}))
    assert bring()["names"] == [PRICES]
    (folder / PRICES).write_text("\n".join([BARS, bar(close=99)]) + "\n")
    settled(folder)
    done = bring()
    assert (done["names"], closes(place)) == ([], {"30": 10.0})
    assert (done["files"]["read"], done["files"]["unchanged"]) == (0, 1)
    assert done["datasets"] == {"bars": {"new": 0, "known": 1}}


def test_a_file_that_was_touched_is_opened_but_not_read(export, bring):
    """The same bytes at another time are the same file."""
    folder = settled(export({PRICES: [BARS, bar()]}))
    bring()
    os.utime(folder / PRICES)
    assert bring()["names"] == []


def test_a_file_written_just_now_is_looked_into(export, place, bring):
    """It may change again within the same tick of the clock: until it is older its bytes are compared."""
    folder = export({PRICES: [BARS, bar(close=10)]})
    stat = (folder / PRICES).stat()
    bring()
    (folder / PRICES).write_text("\n".join([BARS, bar(close=99)]) + "\n")
    os.utime(folder / PRICES, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    bring()
    assert closes(place) == {"30": 99.0}


def test_only_what_is_new_is_read(export, place, bring):
    """The next evening's export is one file among many."""
    settled(export({PRICES: [BARS, bar("2025-06-27")], TRADES: [FILLS, fill()]}))
    bring()
    export({LATER_PRICES: [BARS, bar("2025-07-01", 11)]})
    done = bring()
    assert done["names"] == [LATER_PRICES]
    assert done["datasets"] == {"bars": {"new": 1, "known": 1}, "fills": {"new": 0, "known": 1}}
    assert closes(place) == {"27": 10.0, "01": 11.0}


def test_a_file_that_changed_is_a_correction(export, place, bring):
    """The new price counts, and the old one stays reachable."""
    export({PRICES: [BARS, bar(close=10)]})
    bring()
    before = max(part.known_to for part in store.parts(place.store))
    export({PRICES: [BARS, bar(close=11)]})
    assert bring()["datasets"] == {"bars": {"new": 1, "known": 0}}
    assert closes(place) == {"30": 11.0}
    old = store.read(place.store, "bars", until=date(2099, 12, 31), known_at=before)
    assert old["close"].tolist() == [10.0]


@pytest.mark.parametrize("is_gone", [False, True])
def test_an_older_file_that_comes_late_does_not_overwrite(export, place, bring, is_gone):
    """What a later export said counts, also when it was read before and is in the folder no more; the rest is added."""
    folder = export({LATER_PRICES: [BARS, bar("2025-06-27", 11), bar("2025-06-30", 12)]})
    bring()
    if is_gone:
        (folder / LATER_PRICES).unlink()
    export({PRICES: [BARS, bar("2025-06-26", 8), bar("2025-06-27", 9), bar("2025-06-30", 9, "BBB")]})
    done = bring()
    assert told_of(place.store, "bars", "symbol", "close") == [("AAA", 8.0), ("AAA", 11.0), ("AAA", 12.0), ("BBB", 9.0)]
    assert done["datasets"]["bars"]["new"] == 2
    assert bring()["datasets"]["bars"]["new"] == 0


def test_a_late_fill_keeps_its_place_among_its_likes(export, place, bring):
    """Two fills of one moment have names by their order: an older export that has both changes neither."""
    both = [fill(quantity=1, price=10.5), fill(quantity=2)]
    export({f"trades_{LATER}.csv": [FILLS, *both]})
    bring()
    export({TRADES: [FILLS, fill("2025-06-27T10:00:00-04:00"), fill(quantity=1), fill(quantity=2)]})
    assert bring()["datasets"]["fills"] == {"new": 1, "known": 2}
    assert told_of(place.store, "fills", "quantity", "price") == [(1.0, 10.0), (1.0, 10.5), (2.0, 10.0)]


def test_what_a_file_tells_no_more_an_earlier_one_may(export, place, bring):
    """A row taken out of the later export leaves the earlier export's word."""
    export({PRICES: [BARS, bar(close=10)], LATER_PRICES: [BARS, bar(close=11), bar("2025-07-01", 12)]})
    bring()
    export({LATER_PRICES: [BARS, bar("2025-07-01", 12)]})
    assert bring()["names"] == [PRICES, LATER_PRICES]
    assert closes(place) == {"30": 10.0, "01": 12.0}


def test_positions_and_equity_of_one_session_are_the_later_files(export, place, bring):
    """Saturday's figures are Friday's, corrected; Friday's own file, when it comes late, is not."""
    export(
        {
            "positions_2025-06-28.csv": [POSITIONS, "AAA,2,,"],
            "account_2025-06-28.json": told("2025-06-28T10:00:00-04:00", NetLiquidation=2),
        }
    )
    bring()
    export(
        {
            "positions_2025-06-27.csv": [POSITIONS, "AAA,1,,", "BBB,1,,"],
            "account_2025-06-27.json": told("2025-06-27T17:00:00-04:00", NetLiquidation=1),
        }
    )
    bring()
    assert told_of(place.store, "positions", "symbol", "quantity") == [("AAA", 2.0), ("BBB", 1.0)]
    assert told_of(place.store, "equity", "equity") == [(2.0,)]


def test_a_file_that_is_packed_later_is_the_same_export(export, place, bring):
    """With .gz at its end it is no later than without: whichever changed is the correction."""
    folder = export({PRICES: [BARS, bar(close=10)]})
    bring()
    (folder / PRICES).unlink()
    export({PRICES + ".gz": gzip.compress("\n".join([BARS, bar(close=11)]).encode())})
    bring()
    (folder / (PRICES + ".gz")).unlink()
    export({PRICES: [BARS, bar(close=12)]})
    bring()
    assert closes(place) == {"30": 12.0}


def test_sessions_that_were_not_asked_for_are_taken_later(export, place, bring):
    """A file of a month, read up to a day, still has the rest of the month; what was taken is not read again."""
    settled(export({PRICES: [BARS, *(bar(f"2025-06-{day}") for day in (25, 26, 27, 30))]}))
    bring(last=date(2025, 6, 26))
    assert sorted(closes(place)) == ["25", "26"]
    assert bring(last=date(2025, 6, 25))["names"] == []
    assert bring(last=date(2025, 6, 27))["names"] == [PRICES]
    assert bring(first=date(2025, 6, 26), last=date(2025, 6, 27))["names"] == []
    assert bring()["names"] == [PRICES]
    assert sorted(closes(place)) == ["25", "26", "27", "30"]
    assert bring()["names"] == []


def test_the_account_may_be_named_later(export, place, bring):
    """With the account's own file all records are read again as that account's."""
    settled(export({TRADES: [FILLS, fill()]}))
    bring()
    export({"account_2025-06-30.json": told(NetLiquidation=1)})
    assert TRADES in bring()["names"]
    assert sorted({account for (account,) in told_of(place.store, "fills", "account")}) == ["DU1", "broker"]


def test_an_account_once_named_is_not_forgotten(export, place, bring):
    """Its file may go: the next fills are still its own."""
    folder = settled(export({"account_2025-06-30.json": told(NetLiquidation=1), TRADES: [FILLS, fill()]}))
    bring()
    (folder / "account_2025-06-30.json").unlink()
    export({f"trades_{LATER}.csv": [FILLS, fill("2025-07-01T10:00:00-04:00")]})
    bring()
    assert {account for (account,) in told_of(place.store, "fills", "account")} == {"DU1"}


def test_a_file_that_breaks_keeps_its_word(export, place, bring):
    """What it told before counts against an older one that comes late; mended, it is read."""
    export({LATER_PRICES: [BARS, bar(close=11)], TRADES: [FILLS, fill()]})
    bring()
    export({LATER_PRICES: b"", PRICES: [BARS, bar(close=9)]})
    assert bring()["rejections"][0]["column"] == "whole file"
    assert closes(place) == {"30": 11.0}
    export({LATER_PRICES: [BARS, bar(close=12)]})
    done = bring()
    assert (done["rejected"], closes(place)) == (0, {"30": 12.0})


def test_wrong_rows_are_told_each_time(export, bring):
    """Nobody reads the file again, yet what is wrong in it is not forgotten, and --strict refuses it."""
    settled(export({PRICES: [BARS, bar(), bar("2025-06-27", "ten")]}))
    first, second = bring(), bring()
    assert second["names"] == []
    assert second["rejections"] == first["rejections"]
    assert second["datasets"] == {"bars": {"new": 0, "known": 1}, "quarantine": {"new": 0, "known": 1}}
    with pytest.raises(SchemaError, match="line 3 has close = 'ten'"):
        bring(strict=True)


def test_with_all_everything_is_read(export, bring):
    """And adds nothing."""
    settled(export({PRICES: [BARS, bar()], TRADES: [FILLS, fill()]}))
    bring()
    done = bring(again=True)
    assert done["names"] == [PRICES, TRADES]
    assert {one["new"] for one in done["datasets"].values()} == {0}


def lose_all(root):
    shutil.rmtree(root)


def lose_records(root):
    shutil.rmtree(root / "data")
    shutil.rmtree(root / "commits")


def lose_a_commit(root):
    min((root / "commits").iterdir()).unlink()


def other_records(root):
    lose_records(root)
    ingest(Settings(store=root), "sample", first=date(2025, 6, 30), last=date(2025, 6, 30))


def lose_memory(root):
    shutil.rmtree(root / "ingests")


def of_the_files(root):
    """Find the memory of what was read, beside that of an ingest that was complete."""
    (path,) = (one for one in (root / "ingests").rglob("*.json") if '"files"' in one.read_text())
    return path


def spoil_memory(root):
    path = of_the_files(root)
    path.write_text(path.read_text()[:200])


def strange_memory(root):
    path = of_the_files(root)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"content": {"account": "broker", "files": {PRICES: 1}}}))


@pytest.mark.parametrize(
    "lose", [lose_all, lose_records, lose_a_commit, other_records, lose_memory, spoil_memory, strange_memory]
)
def test_a_memory_that_is_not_true_is_not_believed(export, place, bring, lose):
    """The store is new, restored, mended by moving a commit away, or the memory itself is spoiled: all is read again."""
    settled(export({PRICES: [BARS, bar()], TRADES: [FILLS, fill()]}))
    bring()
    lose(place.store)
    assert bring()["names"] == [PRICES, TRADES]
    assert ("AAA", 10.0) in told_of(place.store, "bars", "symbol", "close")
    assert bring()["names"] == []


def test_a_store_that_was_merged_still_has_it(export, place, bring):
    """Compaction takes commits away and loses nothing."""
    settled(export({PRICES: [BARS, bar("2025-06-27")]}))
    bring()
    settled(export({LATER_PRICES: [BARS, bar("2025-07-01")]}))
    bring()
    store.compact(place.store)
    assert bring()["names"] == []


def test_killed_before_it_could_remember_it_reads_again(export, place, bring, monkeypatch):
    """The records are there, and the second time nothing of them is new."""
    settled(export({PRICES: [BARS, bar()]}))
    monkeypatch.setattr(store, "remember", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        bring()
    monkeypatch.undo()
    done = bring()
    assert (done["names"], done["datasets"]) == ([PRICES], {"bars": {"new": 0, "known": 1}})


def test_a_memory_that_cannot_be_written_is_a_note(export, place, bring):
    """The records are stored; it is said that they will be read again."""
    settled(export({PRICES: [BARS, bar()]}))
    place.store.mkdir()
    (place.store / "ingests").touch()
    done = bring()
    assert done["datasets"]["bars"]["new"] == 1
    assert "read again the next time" in done["notes"][0]


def test_two_folders_have_memories_of_their_own(place, tmp_path):
    """Files of one name in two folders are two files."""
    for folder, close in (("one", 10), ("two", 11)):
        write(tmp_path / folder, {PRICES: [BARS, bar(close=close)]})
        ingest(place, "broker-export", folder=tmp_path / folder)
    assert closes(place) == {"30": 11.0}
    assert ingest(place, "broker-export", folder=tmp_path / "one")["datasets"]["bars"] == {"new": 0, "known": 1}


PERIODS = (
    "2025-06-23_to_2025-06-25",
    "2025-06-24_to_2025-06-27",
    "2025-06-23_to_2025-06-27",
    "2025-06-26_to_2025-06-30",
)
CLOSES = st.dictionaries(st.sampled_from([23, 24, 25, 26, 27, 30]), st.integers(1, 3), max_size=4)
EVENINGS = st.lists(st.dictionaries(st.sampled_from(PERIODS), CLOSES, min_size=1, max_size=3), min_size=2, max_size=4)


@given(EVENINGS)
@hypothesis_settings(max_examples=25, deadline=None)
def test_reading_what_is_new_gives_what_reading_all_gives(tmp_path_factory, evenings):
    """Whatever files come, overlap and change from evening to evening: both stores know the same."""
    tmp_path = tmp_path_factory.mktemp("law")
    once, always = Settings(store=tmp_path / "once"), Settings(store=tmp_path / "always")
    for evening in evenings:
        files = {
            f"market_data_{period}.csv": [BARS, *(bar(f"2025-06-{day}", close) for day, close in rows.items())]
            for period, rows in evening.items()
        }
        folder = write(tmp_path / "export", files)
        ingest(once, "broker-export", folder=folder)
        ingest(always, "broker-export", folder=folder, again=True)
        assert closes(once) == closes(always)


def test_the_command_line_says_what_was_read(export, tmp_path):
    """How many files were the same and since when, and how many were read; --all reads them all."""
    settled(export({PRICES: [BARS, bar()], TRADES: [FILLS, fill()]}))

    def call(*words):
        done = subprocess.run(
            [sys.executable, "-m", "trade_dashboard", "--store", "store", "ingest", "broker-export", "--folder", "export", *words],
            cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120,
        )  # fmt: skip
        return done.stderr, json.loads(done.stdout.splitlines()[-1])["sources"][0]["files"]

    assert "0 files unchanged, 2 read" in call()[0]
    words, files = call()
    assert f"2 files unchanged since {files['since'][:10]}" in words
    assert (files["read"], files["unchanged"]) == (0, 2)
    assert call("--all")[1]["read"] == 2


@pytest.mark.real_account
def test_the_real_account_is_read_once(broker_export, tmp_path):
    """Neither file is opened for a second ingest, and all of it is still counted."""
    place, read = Settings(store=tmp_path / "store"), []
    ingest(place, "broker-export", folder=broker_export)
    done = ingest(place, "broker-export", folder=broker_export, progress=lambda name, *_: read.append(name))
    assert read == []
    assert done["datasets"] == {
        "bars": {"new": 0, "known": 11192},
        "fills": {"new": 0, "known": 9367},
        "positions": {"new": 0, "known": 7},
        "equity": {"new": 0, "known": 2},
    }
