"""Exports overlap, repeat, correct and leave out; what is stored is each record once, in its session, as last told."""

from datetime import date

import pandas as pd
import pytest
from build import at
from exports import BARS, FILLS, LATER, MONTH, POSITIONS, told

from trade_dashboard import store
from trade_dashboard.errors import RequestError, SchemaError
from trade_dashboard.ingest import ingest
from trade_dashboard.settings import Settings
from trade_dashboard.sources import Options
from trade_dashboard.sources import broker_export as reader

LAST = date(2099, 12, 31)
LATE = at("2099-12-31 00:00")


def fetch(folder, first=None, last=None):
    return reader.fetch(Options(folder=folder), first, last)


def test_an_export_becomes_records(export):
    """One file of each kind: bars, fills, positions and equity of the account that the account's file names."""
    frames = fetch(
        export(
            {
                f"market_data_{MONTH}.csv": [BARS, "2025-06-30,10,12,9,11,1000,AAA"],
                f"trades_{MONTH}.csv": [FILLS, "2025-06-30T10:00:00-04:00,AAA,SELL,5,11.5,0.35"],
                "positions_2025-06-30.csv": [POSITIONS, "AAA,-5,11.5,-55"],
                "account_2025-06-30.json": told(NetLiquidation="1002.15", TotalCashValue="1057.15"),
            }
        )
    ).frames
    assert list(frames) == ["bars", "fills", "positions", "equity"]
    day = pd.Timestamp("2025-06-30")
    assert frames["bars"].to_numpy().tolist() == [["AAA", day, 10.0, 12.0, 9.0, 11.0, 1000.0]]
    (fill,) = frames["fills"].to_dict("records")
    assert (fill["account"], fill["symbol"], fill["side"]) == ("DU1", "AAA", "SELL")
    assert (fill["quantity"], fill["price"], fill["commission"]) == (5.0, 11.5, 0.35)
    assert (fill["session"], fill["time"]) == (day, at("2025-06-30 14:00"))
    assert frames["positions"].to_numpy().tolist() == [["DU1", "AAA", day, -5.0, 11.5, -55.0]]
    assert frames["equity"].to_numpy().tolist() == [["DU1", day, 1002.15, 1057.15]]


def test_files_that_overlap_give_each_record_once(export, place):
    """Two exports share a fortnight: the bars and fills of it are not counted twice, then or ever after."""
    folder = export(
        {
            f"market_data_{MONTH}.csv": [BARS, "2025-06-13,,,,9,,AAA", "2025-06-30,,,,10,,AAA"],
            f"market_data_{LATER}.csv": [BARS, "2025-06-30,,,,10,,AAA", "2025-07-01,,,,11,,AAA"],
            f"trades_{MONTH}.csv": [
                FILLS,
                "2025-06-13T10:00:00-04:00,AAA,BUY,1,9,0",
                "2025-06-30T10:00:00-04:00,AAA,BUY,1,10,0",
            ],
            f"trades_{LATER}.csv": [
                FILLS,
                "2025-06-30T10:00:00-04:00,AAA,BUY,1,10,0",
                "2025-07-01T10:00:00-04:00,AAA,BUY,1,11,0",
            ],
        }
    )
    first = ingest(place, "broker-export", folder=folder)
    assert first["datasets"] == {"bars": {"new": 3, "known": 0}, "fills": {"new": 3, "known": 0}}
    assert (first["first"], first["last"], first["notes"]) == ("2025-06-13", "2025-07-01", [])
    again = ingest(place, "broker-export", folder=folder)
    assert again["datasets"] == {"bars": {"new": 0, "known": 3}, "fills": {"new": 0, "known": 3}}


def test_the_same_file_under_another_day_adds_nothing(export, place):
    """The next night's export repeats the month: its fills keep their names."""
    rows = [FILLS, "2025-06-30T10:00:00-04:00,AAA,BUY,1,10,0", "2025-06-30T10:00:00-04:00,AAA,BUY,2,10,0"]
    ingest(place, "broker-export", folder=export({f"trades_{MONTH}.csv": rows}))
    (place.store.parent / "export" / f"trades_{MONTH}.csv").unlink()
    earlier = "2025-05-30T10:00:00-04:00,AAA,BUY,7,10,0"
    folder = export({"trades_2025-05-02_to_2025-07-01.csv": [FILLS, earlier, *rows[1:]]})
    assert ingest(place, "broker-export", folder=folder)["datasets"]["fills"] == {"new": 1, "known": 2}


def test_repeated_rows_are_one_record_and_noted(export):
    """The same row read twice is one fill; the note says how many repeated and in which file."""
    row = "2025-06-30T10:00:00-04:00,AAA,BUY,1,10,0"
    fetched = fetch(export({f"trades_{MONTH}.csv": [FILLS, row, row, row]}))
    assert len(fetched.frames["fills"]) == 1
    assert fetched.notes == (f"trades_{MONTH}.csv: 2 rows repeat another",)


def test_fills_of_one_moment_are_several(export):
    """An order filled in parts at one time and side is as many fills as it has rows that differ."""
    rows = [f"2025-06-30T10:00:00-04:00,AAA,BUY,{size},{price},0" for size, price in ((1, 10), (2, 10), (1, 11))]
    frame = fetch(export({f"trades_{MONTH}.csv": [FILLS, *rows]})).frames["fills"]
    assert frame["quantity"].tolist() == [1, 2, 1]
    assert frame["fill_id"].is_unique


def test_fills_within_one_second_are_several(export):
    """A fraction of a second tells fills apart: none is lost."""
    rows = [f"2025-06-30T10:00:00.{part}-04:00,AAA,BUY,1,{price},0" for part, price in (("100", 10), ("200", 11))]
    assert fetch(export({f"trades_{MONTH}.csv": [FILLS, *rows]})).frames["fills"]["price"].tolist() == [10, 11]


def test_a_time_written_in_two_ways_is_one_time(export):
    """Two different fills of one instant stay two, whichever zone each row is written in."""
    rows = ["2025-06-30T10:00:00-04:00,AAA,BUY,1,10,0", "2025-06-30T14:00:00+00:00,AAA,BUY,2,10,0"]
    assert fetch(export({f"trades_{MONTH}.csv": [FILLS, *rows]})).frames["fills"]["quantity"].tolist() == [1, 2]


def test_a_row_corrected_in_a_later_export_counts(export, place):
    """Of two exports the one that ends later is believed, whatever order the folder lists them in."""
    folder = export(
        {
            f"trades_{LATER}.csv": [FILLS, "2025-06-30T10:00:00-04:00,AAA,BUY,1,10.5,1"],
            f"trades_{MONTH}.csv": [FILLS, "2025-06-30T10:00:00-04:00,AAA,BUY,1,10,0"],
            f"market_data_{LATER}.csv": [BARS, "2025-06-30,,,,12,,AAA"],
            f"market_data_{MONTH}.csv": [BARS, "2025-06-30,,,,11,,AAA"],
        }
    )
    frames = fetch(folder).frames
    assert frames["fills"][["price", "commission"]].to_numpy().tolist() == [[10.5, 1.0]]
    assert frames["bars"]["close"].tolist() == [12.0]
    ingest(place, "broker-export", folder=folder)
    assert len(store.read(place.store, "fills", until=LAST, known_at=at("2199-01-01 00:00"))) == 1


def test_a_correction_in_a_later_ingest_replaces_and_keeps_the_old_answer(export, place):
    """The book of yesterday evening still has the price that was known yesterday evening."""
    for price, moment in ((10, "2025-06-30 22:00"), (11, "2025-07-01 22:00")):
        folder = export({f"market_data_{MONTH}.csv": [BARS, f"2025-06-30,,,,{price},,AAA"]})
        store.append(place.store, fetch(folder).frames, "broker-export", at(moment))

    def close(moment):
        return store.read(place.store, "bars", until=LAST, known_at=at(moment))["close"].tolist()

    assert (close("2025-07-01 21:59"), close("2025-07-01 22:00")) == ([10.0], [11.0])


def test_empty_fields_are_missing_not_zero(export):
    """No volume is NaN, no cost is NaN; only a fee that is not told is none."""
    frames = fetch(
        export(
            {
                f"market_data_{MONTH}.csv": [BARS, "2025-06-30,,,,11,,AAA"],
                f"trades_{MONTH}.csv": [FILLS, "2025-06-30T10:00:00-04:00,AAA,BUY,5,11,"],
                "positions_2025-06-30.csv": [POSITIONS, "AAA,5,,"],
                "account_2025-06-30.json": told(NetLiquidation=1000),
            }
        )
    ).frames
    assert frames["bars"][["open", "high", "low", "volume"]].isna().all(axis=None)
    assert frames["fills"]["commission"].tolist() == [0.0]
    assert frames["positions"][["average_cost", "market_value"]].isna().all(axis=None)
    assert frames["equity"]["cash"].isna().all()
    assert frames["equity"]["account"].tolist() == ["DU1"]


def test_tickers_that_look_like_something_else_survive(export, place):
    """A missing value, a number, a number with zeros and a truth are symbols, in the frames and out of the store."""
    tickers = ["007", "1E5", "NAN", "NULL", "TRUE"]
    folder = export(
        {
            f"market_data_{MONTH}.csv": [BARS, *(f"2025-06-30,,,,10,,{ticker}" for ticker in tickers)],
            f"trades_{MONTH}.csv": [FILLS, *(f"2025-06-30T10:00:00-04:00,{one},BUY,1,10,0" for one in tickers)],
            "positions_2025-06-30.csv": [POSITIONS, *(f"{ticker},1,," for ticker in tickers)],
        }
    )
    ingest(place, "broker-export", folder=folder)
    for name in ("bars", "fills", "positions"):
        found = store.read(place.store, name, until=LAST, known_at=at("2199-01-01 00:00"))
        assert sorted(found["symbol"]) == tickers


@pytest.mark.parametrize(
    ("timestamp", "session"),
    [
        ("2025-07-01T01:00:00+00:00", "2025-06-30"),
        ("2025-07-01T01:00:00Z", "2025-06-30"),
        ("2025-07-01T03:59:59+00:00", "2025-06-30"),
        ("2025-07-01T04:00:00+00:00", "2025-07-01"),
        ("2025-01-08T04:59:59+00:00", "2025-01-07"),
        ("2025-06-30T16:00:00-04:00", "2025-06-30"),
    ],
)
def test_a_fill_belongs_to_the_day_in_new_york(export, timestamp, session):
    """One in the morning in UTC is the evening before, in summer and in winter."""
    frame = fetch(export({f"trades_{MONTH}.csv": [FILLS, f"{timestamp},AAA,BUY,1,10,0"]})).frames["fills"]
    assert frame["session"].tolist() == [pd.Timestamp(session)]


@pytest.mark.parametrize("kind", ["account", "positions"])
def test_what_the_broker_says_on_a_saturday_is_of_friday(export, kind):
    """Nothing is traded on a weekend: what is held then was held at Friday's close."""
    files = {
        "account_2025-06-28.json": told("2025-06-28T10:00:00-04:00", NetLiquidation=1000),
        "positions_2025-06-28.csv": [POSITIONS, "AAA,1,,"],
    }
    name, lines = next((name, lines) for name, lines in files.items() if name.startswith(kind))
    (frame,) = fetch(export({name: lines})).frames.values()
    assert frame["session"].tolist() == [pd.Timestamp("2025-06-27")]


def test_a_row_without_any_price_is_noted_not_stored(export):
    """Exports list symbols on days they did not trade; that is no bar and no error."""
    rows = ["2025-06-27,,,,,,AAA", "2025-06-30,,,,11,,AAA", "2025-06-30,,,,,,BBB"]
    fetched = fetch(export({f"market_data_{MONTH}.csv": [BARS, *rows]}))
    assert fetched.frames["bars"][["symbol", "close"]].to_numpy().tolist() == [["AAA", 11.0]]
    assert fetched.notes == (f"market_data_{MONTH}.csv: 2 rows name a session and a symbol but no price",)


WRONG = {"-1": "greater_than(0)", "0": "greater_than(0)", "ten": "no number", "inf": "finite"}


@pytest.mark.parametrize("bad", WRONG)
def test_a_bad_price_is_kept_out_and_told(export, place, bad):
    """The third line of the file is wrong: the good rows are stored, and file, line, value and reason are kept."""
    rows = ["2025-06-30T10:00:00-04:00,AAA,BUY,1,10,0", f"2025-06-30T11:00:00-04:00,AAA,BUY,1,{bad},0"]
    folder = export({f"trades_{MONTH}.csv": [FILLS, *rows]})
    done = ingest(place, "broker-export", folder=folder)
    assert done["datasets"]["fills"] == {"new": 1, "known": 0}
    assert done["rejected"] == 1
    (kept,) = store.read(place.store, "quarantine", until=LAST, known_at=LATE).to_dict("records")
    assert (kept["dataset"], kept["origin"], kept["line"], kept["column"]) == (
        "fills",
        f"trades_{MONTH}.csv",
        3,
        "price",
    )
    assert kept["reason"] == WRONG[bad]
    assert ingest(place, "broker-export", folder=folder)["datasets"]["quarantine"] == {"new": 0, "known": 1}


def test_a_strict_ingest_refuses_the_batch(export, place):
    """One bad row, and not even the good file before it is stored; the message names file, line and what to do."""
    bars_, rows = "2025-06-30,,,,11,,AAA", ["2025-06-30T10:00:00-04:00,AAA,BUY,1,ten,0", "soon,AAA,BUY,1,5,0"]
    folder = export({f"market_data_{MONTH}.csv": [BARS, bars_], f"trades_{MONTH}.csv": [FILLS, *rows]})
    with pytest.raises(
        SchemaError, match=rf"trades_{MONTH}\.csv, but line 2 has price = 'ten' \(no number\), and 1 more"
    ):
        ingest(place, "broker-export", folder=folder, strict=True)
    assert not place.store.exists()


def test_the_line_is_the_files_own(export):
    """Rows that are passed over before the bad one are counted, as an editor counts them."""
    rows = ["2025-06-26,,,,,,AAA", "2025-06-27,,,,10,,AAA", "2025-06-30,,,,-3,,AAA"]
    fetched = fetch(export({f"market_data_{MONTH}.csv": [BARS, *rows]}))
    assert [(one.line, one.column, one.value) for one in fetched.rejected] == [(4, "close", "-3.0")]
    assert len(fetched.frames["bars"]) == 1


@pytest.mark.parametrize(
    ("name", "header", "row", "column"),
    [
        (f"market_data_{MONTH}.csv", BARS, "2025-02-30,,,,11,,AAA", "session"),
        (f"market_data_{MONTH}.csv", BARS, "2204-01-02,,,,11,,AAA", "session"),
        (f"market_data_{MONTH}.csv", BARS, "2025-06-30,,,,11,,<b>A</b>", "symbol"),
        (f"market_data_{MONTH}.csv", BARS, "2025-06-30,,,,11,," + "A" * 10_000, "symbol"),
        (f"market_data_{MONTH}.csv", BARS, "2025-06-30,9,,,,,AAA", "close"),
        (f"trades_{MONTH}.csv", FILLS, "yesterday,AAA,BUY,1,10,0", "time"),
        (f"trades_{MONTH}.csv", FILLS, "2025-06-30T10:00:00-04:00,AAA,HOLD,1,10,0", "side"),
        (f"trades_{MONTH}.csv", FILLS, "2025-06-30T10:00:00-04:00,AAA,BUY,-1,10,0", "quantity"),
        ("positions_2025-06-30.csv", POSITIONS, "AAA,many,,", "quantity"),
    ],
)
def test_a_row_that_cannot_be_is_kept_out(export, name, header, row, column):
    """A day that is none, a symbol of markup or of ten kilobytes, an unknown side, a negative size, no price."""
    fetched = fetch(export({name: [header, row]}))
    assert column in {one.column for one in fetched.rejected}
    assert all(len(one.value) <= 80 and one.line == 2 for one in fetched.rejected)
    assert all(frame.empty for frame in fetched.frames.values())


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (f"market_data_{MONTH}.csv", [BARS + ",close", "2025-06-30,,,,11,,AAA,12"]),
        (f"market_data_{MONTH}.csv", ["date,open,symbol", "2025-06-30,11,AAA"]),
        (f"trades_{MONTH}.csv", ["symbol,action", "AAA,BUY"]),
        ("account_2025-06-30.json", ["{"]),
        ("account_2025-06-30.json", ["[]"]),
        ("account_2025-06-30.json", ["{}"]),
        ("account_2025-06-30.json", told(TotalCashValue=1)),
        ("account_2025-06-30.json", told(NetLiquidation="much")),
        ("account_2025-06-30.json", told(timestamp="yesterday", NetLiquidation=1)),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_named(export, name, lines):
    """A column missing or there twice, text where the account's figure belongs, half a JSON document."""
    with pytest.raises(SchemaError, match=name.replace(".", r"\.")):
        fetch(export({name: lines}))


@pytest.mark.parametrize(
    ("name", "lines", "dataset"),
    [
        (f"market_data_{MONTH}.csv", [BARS], "bars"),
        (f"trades_{MONTH}.csv", [FILLS], "fills"),
        ("positions_2025-06-30.csv", [POSITIONS], "positions"),
    ],
)
def test_a_file_of_a_header_alone_holds_nothing(export, place, name, lines, dataset):
    """A quiet month is no error; nothing is stored of it."""
    done = ingest(place, "broker-export", folder=export({name: lines}))
    assert done["datasets"] == {dataset: {"new": 0, "known": 0}}
    assert (done["first"], done["last"]) == (None, None)


def test_the_broker_says_more_than_we_ask(export):
    """Figures beside the two that are read may be anything, such as the kind of account."""
    lines = told(NetLiquidation=1000, TotalCashValue=10, AccountType="INDIVIDUAL")
    frame = fetch(export({"account_2025-06-30.json": lines})).frames["equity"]
    assert frame[["equity", "cash"]].to_numpy().tolist() == [[1000.0, 10.0]]


def test_no_folder_is_refused(tmp_path):
    """Neither none at all, nor one that is not there, nor a file; the message shows the option."""
    (tmp_path / "file").touch()
    for folder in (None, tmp_path / "not there", tmp_path / "file"):
        with pytest.raises(RequestError, match=r"takes a folder.*--folder"):
            fetch(folder)


def test_a_folder_without_exports_is_refused(export):
    """Other files are not exports; the message says what one is called."""
    with pytest.raises(RequestError, match=r"Expected exports such as trades_.*\.csv in .*found none"):
        fetch(export({"notes.txt": ["trades_"], "trades_latest.csv": [FILLS], f"old_trades_{MONTH}.csv": [FILLS]}))


def test_a_folder_of_two_accounts_is_refused(export):
    """Fills carry no account: whose would they be?"""
    files = {
        "account_2025-06-27.json": told(account="DU1", NetLiquidation=1),
        "account_2025-06-30.json": told(account="DU2", NetLiquidation=1),
    }
    with pytest.raises(RequestError, match="one account in the folder, but got DU1, DU2"):
        fetch(export(files))


def test_a_folder_without_an_accounts_file_is_of_some_account(export):
    """Records belong to an account named broker until the broker says its name."""
    folder = export({"positions_2025-06-30.csv": [POSITIONS, "AAA,1,,"]})
    assert fetch(folder).frames["positions"]["account"].tolist() == ["broker"]


def test_a_fetch_is_cut_to_the_sessions_asked_for(export):
    """Both ends count, each may be open, and what is outside leaves frames of no rows."""
    rows = [f"{day},,,,10,,AAA" for day in ("2025-06-26", "2025-06-27", "2025-06-30")]
    fills = [f"2025-06-{day}T10:00:00-04:00,AAA,BUY,1,10,0" for day in (26, 30)]
    folder = export({f"market_data_{MONTH}.csv": [BARS, *rows], f"trades_{MONTH}.csv": [FILLS, *fills]})

    def sizes(first, last):
        return [len(frame) for frame in fetch(folder, first, last).frames.values()]

    assert sizes(None, None) == [3, 2]
    assert sizes(date(2025, 6, 27), None) == [2, 1]
    assert sizes(None, date(2025, 6, 27)) == [2, 1]
    assert sizes(date(2025, 6, 27), date(2025, 6, 27)) == [1, 0]
    assert sizes(date(2025, 7, 1), None) == [0, 0]


@pytest.mark.real_account
def test_the_real_account_is_read_whole(real_store):
    """Six years of a broker's own files: every fill and every bar that has a price."""
    counted = {
        name: store.extent(real_store, name, until=LAST, known_at=at("2199-01-01 00:00"))
        for name in ("fills", "bars", "positions", "equity")
    }
    assert {name: one.rows for name, one in counted.items()} == {
        "fills": 9367,
        "bars": 11192,
        "positions": 7,
        "equity": 2,
    }
    assert (counted["bars"].first, counted["bars"].last) == (date(2004, 1, 2), date(2009, 12, 31))
    assert (counted["fills"].first, counted["fills"].last) == (date(2004, 1, 9), date(2009, 12, 31))


@pytest.mark.real_account
def test_the_real_account_a_second_time_adds_nothing(real_store, broker_export):
    """Neither record nor file; rows without a price are noted each time."""
    commits = sorted((real_store / "commits").iterdir())
    done = ingest(Settings(store=real_store), "broker-export", folder=broker_export)
    assert {name: one["new"] for name, one in done["datasets"].items()} == dict.fromkeys(done["datasets"], 0)
    assert done["datasets"]["fills"]["known"] == 9367
    assert done["notes"] == [
        "market_data_2004-01-02_to_2009-12-31.csv: 861 rows name a session and a symbol but no price"
    ]
    assert sorted((real_store / "commits").iterdir()) == commits
