"""A long ingest says how far it is, and one that is killed goes on: nothing is lost, nothing is there twice."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime

import pytest
from build import at
from exports import BARS, FILLS, fill, write
from servers.alpaca import Alpaca
from servers.services import Services
from test_alpaca import action, bar, evening, flow, order
from test_alpaca import fill as trade
from test_services import found

from trade_dashboard import store
from trade_dashboard.ingest import arrived, gone, ingest
from trade_dashboard.progress import progress
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Settings

FIRST, LAST = date(2024, 3, 11), date(2024, 8, 30)
DAYS = [day.isoformat() for day in calendar().between(FIRST, LAST)]
DATASETS = ("fills", "orders", "positions", "equity", "cash_flows", "bars", "corporate_actions")
CLI = [sys.executable, "-m", "trade_dashboard"]


@pytest.fixture
def broker(monkeypatch):
    """Half a year of an account: a trade a week, a flow a month, three symbols of which one is new at the end."""
    with Alpaca() as one:
        one.account["created_at"] = f"{FIRST}T12:00:00Z"
        one.fills = [trade(f"{day}T15:00:00Z", "BBB" if at % 2 else "AAA") for at, day in enumerate(DAYS[::5])]
        one.orders = [order(f"{day}T14:59:00Z") for day in DAYS[::5]]
        one.flows = [flow(day, "CSD", "100") for day in DAYS[::21]]
        one.history |= {"timestamp": [evening(day) for day in DAYS], "equity": [1000.0 + at for at in range(len(DAYS))]}
        one.bars = {symbol: [bar(day) for day in DAYS] for symbol in ("AAA", "BBB", "CCC", "SPY")}
        one.actions = {"cash_dividends": [action("AAA", DAYS[90], rate=0.25)]}
        for name, value in one.environment.items():
            monkeypatch.setenv(name, value)
        yield one


def bring(place, last=LAST, **asked):
    return ingest(place, "alpaca", last=last, **asked)


def contents(root):
    """Give every record of a store, without the instants."""
    found = {}
    for name in (*DATASETS, "quarantine"):
        frame = store.read(root, name, until=date(2099, 12, 31), known_at=at("2199-01-01 00:00"))
        found[name] = frame.drop(columns="known_at").astype("str").to_numpy().tolist()
    return found


def asked_from(broker, path="/v2/account/activities/FILL"):
    """Name the day from which each question of a path asked, in New York's summer; None is the beginning."""
    return [asked.get("after", asked.get("start", "?"))[:10] for one, asked in broker.asked if one == path]


def test_pieces_make_what_one_fetch_makes(broker, place, tmp_path):
    """Half a year in pieces, each a commit of its own: the same records, and nothing came late."""
    whole = Settings(store=tmp_path / "whole")
    bring(whole, strict=True)
    done = bring(place)
    assert contents(place.store) == contents(whole.store)
    assert len(list((place.store / "commits").iterdir())) == 4
    assert done["datasets"]["bars"] == {"new": 3 * len(DAYS), "known": 0}
    assert (done["first"], done["last"], done["away"]) == (DAYS[0], DAYS[-1], {})
    changed = store.restatements(place.store, at("2000-01-01 00:00"), at("2199-01-01 00:00"), LAST)
    assert changed.empty


def test_the_next_evening_asks_only_for_the_last_sessions(broker, place):
    """Sixty-five sessions back, as orders wait and values are corrected; the note says from where on."""
    bring(place, date(2024, 8, 29))
    broker.asked.clear()
    done = bring(place)
    assert asked_from(broker)[0] == "2024-05-29"
    assert "asked from 2024-05-29 on" in done["notes"][0]
    assert done["datasets"]["equity"] == {"new": 1, "known": 64 + 1}
    broker.asked.clear()
    assert "asked from" not in str(bring(place, again=True)["notes"])
    assert asked_from(broker)[0] == "?"


def test_a_first_session_that_is_named_is_asked_for(broker, place):
    """Whatever is remembered."""
    bring(place)
    broker.asked.clear()
    bring(place, first=LAST)
    assert set(asked_from(broker, "/v2/stocks/bars")) == {"2024-08-30"}


def test_a_symbol_that_is_new_comes_with_its_past(broker, place):
    """Risk is reckoned over past returns: prices of a new symbol are asked for from the account's first day on."""
    bring(place, date(2024, 8, 29))
    broker.fills.append(trade("2024-08-30T16:00:00Z", "CCC"))
    broker.asked.clear()
    bring(place)
    old = [asked for path, asked in broker.asked if path == "/v2/stocks/bars" and asked["start"] < "2024-05"]
    assert {asked["symbols"] for asked in old} == {"CCC"}
    bars = store.read(place.store, "bars", until=LAST, known_at=at("2199-01-01 00:00"), only={"symbol": ["CCC"]})
    assert len(bars) == len(DAYS)


def test_what_an_endpoint_did_not_give_is_asked_for_again(broker, place):
    """It is asked once, the others are stored, and nothing counts as done."""
    broker.fails("/v2/orders", "not permitted")
    done = bring(place)
    assert list(done["away"]) == ["alpaca orders"]
    assert broker.paths().count("/v2/orders") == 1
    assert done["datasets"]["equity"]["new"] == len(DAYS)
    broker.faults.clear()
    broker.asked.clear()
    assert bring(place)["datasets"]["orders"]["new"] == len(broker.orders)
    assert asked_from(broker)[0] == "?"


def test_without_the_accounts_name_prices_come_all_the_same(broker, place):
    """What is the account's is away; nothing of it is remembered."""
    broker.fails("/v2/account", "500", 4)
    done = bring(place)
    assert sorted(done["away"]) == sorted(f"alpaca {name}" for name in DATASETS[:5])
    assert done["datasets"]["bars"]["new"] == len(DAYS)
    remembered = [json.loads(path.read_text())["name"] for path in (place.store / "ingests").glob("*/*.json")]
    assert sorted(remembered) == ["away since", "complete"]


@pytest.mark.parametrize(("path", "commits"), [("/v2/account/activities/FILL", 1), ("/v2/stocks/bars", 3)])
def test_killed_it_goes_on_where_it_was(broker, place, tmp_path, path, commits):
    """Killed for good in the middle: the next one asks for the rest, and the store is as if nothing had been."""
    whole = Settings(store=tmp_path / "whole")
    bring(whole, strict=True)
    broker.asked.clear()
    words = [*CLI, "--store", str(place.store), "ingest", "alpaca", "--to", str(LAST)]
    # on a busy machine it may be done before we make it slow: then it is told to do it all again
    while not killed_in_the_middle(words, broker, place, path, commits):
        shutil.rmtree(place.store)
        broker.faults.clear()
        broker.asked.clear()
    before = len(broker.asked)
    broker.faults.clear()
    assert contents(place.store) != contents(whole.store)
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    assert contents(place.store) == contents(whole.store)
    counted = json.loads(done.stdout.splitlines()[-1])["datasets"]
    assert {one["known"] for one in counted.values()} == {0}
    assert "?" not in [
        asked.get("after", "?") for one, asked in broker.asked[before:] if one == "/v2/account/activities/FILL"
    ]


def killed_in_the_middle(words, broker, place, path, commits):
    """Kill an ingest while it asks, once so much is stored; tells whether it had not ended before."""
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(lambda: len(list((place.store / "commits").glob("*.json"))) >= commits)
        broker.fails(path, "slow")
        asking = lambda: any(how for how, left in broker.faults.values() if left < 1_000_000)  # noqa: E731
        wait_for(lambda: asking() or process.poll() is not None)
        process.send_signal(signal.SIGKILL)
    return process.returncode == -signal.SIGKILL


def test_services_that_were_being_asked_are_asked_again(tmp_path):
    """They tell how things are now, in one piece: killed before its end nothing of it is there, and the rerun has it all."""
    with Services() as world:
        world.discovery.opportunities = [found(1)]
        world.analysis.knows("AAA")
        world.analysis.fails("/analyze", "slow")
        words = [*CLI, "--store", "store", "ingest", "services"]
        asked = {"cwd": tmp_path, "env": os.environ | world.environment}
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **asked) as process:
            wait_for(lambda: world.analysis.count("/analyze"))
            process.send_signal(signal.SIGKILL)
        assert not (tmp_path / "store").exists()
        world.analysis.faults.clear()
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120, **asked)
    counted = json.loads(done.stdout.splitlines()[-1])["datasets"]
    assert (counted["opportunities"]["new"], counted["service_health"]["new"]) == (1, 3)
    assert {one["known"] for one in counted.values()} == {0}


def test_a_session_has_arrived_once_it_was_asked_for_after_its_close(tmp_path):
    """Whether anything was new does not matter; a range says nothing of what is outside, and the past of nothing newer."""
    place = Settings(store=tmp_path / "store")
    assert not arrived(place, "sample", date(2025, 6, 30))
    ingest(place, "sample", first=date(2025, 6, 2), last=date(2025, 6, 27))
    assert [day for day in (2, 27, 30) if arrived(place, "sample", date(2025, 6, day))] == [2, 27]
    assert not arrived(place, "sample", date(2025, 5, 30))
    ingest(place, "sample", last=date(2025, 6, 30))
    ingest(place, "sample", last=date(2025, 6, 30))
    assert [day for day in (2, 27, 30) if arrived(place, "sample", date(2025, 6, day))] == [2, 27, 30]
    assert arrived(place, "sample", date(2025, 5, 30))
    ingest(place, "sample", last=date(2025, 6, 26))
    assert arrived(place, "sample", date(2025, 6, 30))
    assert not arrived(place, "broker-export", date(2025, 6, 30))


def test_a_session_that_was_open_when_it_was_asked_for_has_not_arrived(tmp_path):
    """What came in before the close is not all of it."""
    place, days = Settings(store=tmp_path / "store"), calendar()
    last = days.last_closed(datetime.now(UTC))
    ingest(place, "sample")
    assert arrived(place, "sample", last)
    assert not arrived(place, "sample", days.next(days.next(last)))


def test_what_is_away_altogether_has_not_arrived(tmp_path, monkeypatch):
    """That it did not answer is stored, and worth asking again; a service that answers is enough to go on."""
    with Services() as world, Alpaca() as broker:
        nobody = world.environment | broker.environment
    for name, value in nobody.items():
        monkeypatch.setenv(name, value)
    place, last = Settings(store=tmp_path / "store"), calendar().last_closed(datetime.now(UTC))
    for source, parts in (("services", 3), ("alpaca", 5)):
        told = ingest(place, source)
        assert (len(told["away"]) >= parts, gone(told), arrived(place, source, last)) == (True, True, False)
    with Services() as world:
        for name, value in (world.environment | {"TRADE_MANAGER_PORT": nobody["TRADE_MANAGER_PORT"]}).items():
            monkeypatch.setenv(name, value)
        told = ingest(place, "services")
    assert (list(told["away"]), gone(told), arrived(place, "services", last)) == (["trade-manager"], False, True)


def test_the_summary_says_since_when_a_part_is_away(tmp_path, monkeypatch):
    """Since the first of the ingests in a row that it did not answer, also when the store was merged meanwhile."""
    place = Settings(store=tmp_path / "store")
    with Services() as world:
        for name, value in world.environment.items():
            monkeypatch.setenv(name, value)
        assert ingest(place, "services")["away_since"] == {}
        world.discovery.fails("*", "500")
        first = ingest(place, "services")["away_since"]
        for _ in range(3):
            store.compact(place.store)
            assert ingest(place, "services")["away_since"] == first
        world.discovery.faults.clear()
        assert ingest(place, "services")["away_since"] == {}
        world.discovery.fails("*", "500")
        assert ingest(place, "services")["away_since"].keys() == first.keys() == {"trade-discovery"}


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.005)


@pytest.mark.parametrize("moment", ["data", "commits", "ingests"])
def test_a_folder_read_by_a_process_that_is_killed_is_read_again(tmp_path, moment):
    """Killed as records are written, as they are committed, or as it remembers: the rerun makes up for it."""
    rows = [f"{day},,,,{10 + at},,AAA" for at, day in enumerate(DAYS)]
    fills = [fill(f"{day}T10:00:00-04:00") for day in DAYS]
    name = f"{DAYS[0]}_to_{DAYS[-1]}.csv"
    write(tmp_path / "export", {f"market_data_{name}": [BARS, *rows], f"trades_{name}": [FILLS, *fills]})
    words = [*CLI, "--store", "store", "ingest", "broker-export", "--folder", "export"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for((tmp_path / "store" / moment).exists)
        process.send_signal(signal.SIGKILL)
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120)
    counted = json.loads(done.stdout.splitlines()[-1])["datasets"]
    assert {of: one["new"] + one["known"] for of, one in counted.items()} == {"bars": len(DAYS), "fills": len(DAYS)}
    found = contents(tmp_path / "store")
    assert (len(found["bars"]), len(found["fills"])) == (len(DAYS), len(DAYS))


def test_lines_say_now_and_then_how_far_it_is(capsys):
    """Where there is no terminal: not before some seconds, and not oftener than that."""
    said = []
    with progress("alpaca", said.append, every_seconds=0.05) as tell:
        for done in range(3):
            tell("2025-06-30 to now", done, 3)
        time.sleep(0.06)
        tell("2025-07-01 to now", 1234, 5678)
        tell("2025-07-02 to now", 3, 3)
    (line,) = said
    assert re.fullmatch(r"alpaca: 1,234 of 5,678, [\d,]+ a second, 0:00:\d\d left, next 2025-07-01 to now", line)
    assert capsys.readouterr() == ("", "")


def test_a_bar_shows_on_a_terminal_how_far_it_is(export):
    """And is gone when it is done; the last line of stdout is as ever."""
    pty = pytest.importorskip("pty")
    export({f"market_data_2025-06-0{at}_to_2025-06-30.csv": [BARS, f"2025-06-30,,,,1{at},,AAA"] for at in range(1, 8)})
    main, side = pty.openpty()
    words = [*CLI, "--store", "store", "ingest", "broker-export", "--folder", "export"]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "120"}
    folder = export({}).parent
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, stderr=side, env=environment) as process:
        os.close(side)
        shown = b"".join(read_all(main)).decode()
        line = process.communicate(timeout=60)[0]
    os.close(main)
    assert "/7" in shown
    assert "market_data_2025-06-0" in shown
    assert json.loads(line)["status"] == "done"


def read_all(terminal):
    """Read a terminal until nobody writes to it any more."""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            return
        if not piece:
            return
        yield piece


def test_the_last_line_of_a_great_folder_stays_below_8_kilobytes(tmp_path):
    """Notes of hundreds of files were said before; the line says that it is cut."""
    row = "2025-06-27,,,,,,AAA"
    files = {f"market_data_20{year:02}-01-01_to_20{year:02}-12-31.csv": [BARS, row] for year in range(100)}
    write(tmp_path / "export", files)
    words = [*CLI, "--store", "store", "ingest", "broker-export", "--folder", "export"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120)
    line = done.stdout.splitlines()[-1]
    assert len(line.encode()) < 4096
    assert json.loads(line)["truncated"] is True
    assert done.stderr.count("name a session and a symbol but no price") == 100
