"""However a broker packs, separates and writes its files, a row is read as what it is, or named with its line."""

import codecs
import gzip
import io
import json
import subprocess
import sys
import zipfile

import pandas as pd
import pytest
from build import at
from exports import BARS, FILLS, LATER, MONTH, POSITIONS, bar, fill, told, write

from trade_dashboard.errors import SchemaError
from trade_dashboard.sources import Options
from trade_dashboard.sources import broker_export as reader

TRADES, PRICES = f"trades_{MONTH}.csv", f"market_data_{MONTH}.csv"
ROWS = [FILLS, fill(price="11.5", quantity=448), fill("2025-06-30T11:00:00-04:00", price="4.82375000001")]
PLAIN = "\n".join(ROWS) + "\n"


def fetch(folder):
    return reader.fetch(Options(folder=folder), None, None)


def zipped(content):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("trades.csv", content)
    return packed.getvalue()


def semicolons(text):
    return text.replace(",", ";").replace(".", ",")


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        codecs.BOM_UTF8 + PLAIN.encode(),
        codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"),
        gzip.compress(PLAIN.encode()),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.rstrip().encode(),
        ("\n\n" + PLAIN + "\n\n,,,,,\n").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace(",", ";").encode(),
        semicolons(PLAIN).encode(),
        PLAIN.replace("timestamp", " Timestamp ").replace("commission", "COMMISSION").encode(),
        PLAIN.replace(",", " , ").encode(),
        PLAIN.replace("AAA", '"AAA"').encode(),
        PLAIN.replace("\n", ",\n").encode(),
    ],
    ids=[
        "plain", "utf-8 with a mark", "utf-16 little", "utf-16 big", "gzip", "windows", "old mac", "no last newline",
        "empty lines", "tabs", "semicolons", "decimal comma", "names in capitals", "padded", "quoted", "comma at the end",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", [TRADES, TRADES + ".gz"])
def test_a_table_is_read_however_it_is_written(export, name, content):
    """Packed or not, in any encoding that says so, with any line end and separator: the same two fills."""
    fetched = fetch(export({name: content}))
    assert fetched.rejected == ()
    frame = fetched.frames["fills"]
    assert frame[["symbol", "side", "quantity", "price", "commission"]].to_numpy().tolist() == [
        ["AAA", "BUY", 448.0, 11.5, 0.0],
        ["AAA", "BUY", 1.0, 4.82375000001, 0.0],
    ]
    assert frame["time"].tolist() == [at("2025-06-30 14:00"), at("2025-06-30 15:00")]


def test_an_accounts_file_may_be_packed_and_marked(export):
    """JSON as well."""
    document = told(NetLiquidation=1000)[0].encode()
    for content in (gzip.compress(document), codecs.BOM_UTF8 + document, document.decode().encode("utf-16")):
        frame = fetch(export({"account_2025-06-30.json.gz": content})).frames["equity"]
        assert frame["equity"].tolist() == [1000.0]


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["12,5", "1.234,56"], [12.5, 1234.56]),
        (["12,5", "1.234"], [12.5, 1234.0]),
        (["12,5", "1,234"], [12.5, 1.234]),
        (["12.5", "1,234.56"], [12.5, 1234.56]),
        (["12.5", "1,234"], [12.5, 1234.0]),
        (["12.5", "1.234"], [12.5, 1.234]),
        (["12,5", "12.5"], [12.5, 12.5]),
        (["0,234", "1e1"], [0.234, 10.0]),
    ],
)
def test_a_decimal_comma_is_one_where_the_file_tells(export, cells, read):
    """A number tells by itself, or the others tell for it, when they agree."""
    rows = [f"2025-06-{26 + at};;;;{cell};;AAA" for at, cell in enumerate(cells)]
    fetched = fetch(export({PRICES: [BARS.replace(",", ";"), *rows]}))
    assert fetched.frames["bars"]["close"].tolist() == read
    assert fetched.rejected == ()


@pytest.mark.parametrize(
    ("cells", "unclear"), [(["1,234", "7"], [2]), (["1,234", "1.234"], [2, 3]), (["12,5", "12.5", "1.234"], [4])]
)
def test_a_number_that_may_be_two_is_none(export, cells, unclear):
    """Where nothing tells, 1,234 is neither one and a bit nor more than a thousand; what is clear is kept."""
    rows = [f"2025-06-{25 + at};;;;{cell};;AAA" for at, cell in enumerate(cells)]
    fetched = fetch(export({PRICES: [BARS.replace(",", ";"), *rows]}))
    told_ = [(one.line, one.column, one.value, one.reason) for one in fetched.rejected]
    assert told_ == [(line, "close", cells[line - 2], "decimal comma, or thousands") for line in unclear]
    assert len(fetched.frames["bars"]) == len(cells) - len(unclear)


def test_commas_separate_and_are_no_decimals(export):
    """In a file of commas a quoted one is no number, as ever."""
    fetched = fetch(export({PRICES: [BARS, '2025-06-30,,,,"12,5",,AAA', bar("2025-06-27")]}))
    assert [(one.line, one.value, one.reason) for one in fetched.rejected] == [(2, "12,5", "no number")]


def test_lines_are_counted_as_an_editor_counts_them(export):
    """A cell of several lines, empty lines and repeated rows before it: the wrong row is where it is."""
    lines = [
        FILLS + ",note",
        "",
        fill() + ',"first\nsecond\n\nfourth"',
        fill() + ",x",
        fill() + ",x",
        fill(price="ten") + ",",
    ]
    fetched = fetch(export({TRADES: lines}))
    assert [(one.line, one.value) for one in fetched.rejected] == [(9, "ten")]
    assert fetched.notes == (f"{TRADES}: 1 rows repeat another", f"{TRADES}: passed over columns note")
    assert len(fetched.frames["fills"]) == 2


def test_what_a_file_says_besides_is_passed_over_and_noted(export):
    """An unknown column is no error; a row that differs only there is another row all the same."""
    lines = [FILLS + ",execId,currency", fill() + ",E1,USD", fill() + ",E2,USD"]
    fetched = fetch(export({TRADES: lines}))
    assert len(fetched.frames["fills"]) == 2
    assert fetched.notes == (f"{TRADES}: passed over columns execid, currency",)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2025-06-30T10:00:00-04:00,AAA,BUY,1", "4 cells where 6 belong"),
        (fill() + ",7", "7 cells where 6 belong"),
        (fill(symbol='"AAA"x'), "',' expected after '\"'"),
        (fill(symbol="A" * 200_000), "field larger than field limit (131072)"),
    ],
)
def test_a_row_that_is_none_costs_only_itself(export, row, reason):
    """Cut off, too long, quoted in half: the rows before and after it are kept."""
    later = fill("2025-06-30T11:00:00-04:00")
    fetched = fetch(export({TRADES: [FILLS, fill(), row, later]}))
    assert [(one.line, one.column, one.reason) for one in fetched.rejected] == [(3, "row", reason)]
    assert len(fetched.frames["fills"]) == 2


def test_a_quote_that_never_ends_costs_what_follows(export):
    """The rows before it are kept, and the line says where it began."""
    fetched = fetch(export({TRADES: [FILLS, fill(), fill(symbol='"AAA'), fill("2025-06-30T11:00:00-04:00")]}))
    assert [(one.line, one.reason) for one in fetched.rejected] == [(3, "unexpected end of data")]
    assert len(fetched.frames["fills"]) == 1


@pytest.mark.parametrize(
    ("written", "moment", "session"),
    [
        ("2025-06-30T19:30:00-04:00", "2025-06-30 23:30", "2025-06-30"),
        ("2025-06-30T23:30:00Z", "2025-06-30 23:30", "2025-06-30"),
        ("2025-07-01T01:30:00+02:00", "2025-06-30 23:30", "2025-06-30"),
        ("2025-06-30 19:30:00 -0400", "2025-06-30 23:30", "2025-06-30"),
        ("2025-06-30T19:30:00", "2025-06-30 23:30", "2025-06-30"),
        ("2025-01-07 19:30", "2025-01-08 00:30", "2025-01-07"),
        ("20250630T193000", "2025-06-30 23:30", "2025-06-30"),
        ("2025-06-30", "2025-06-30 04:00", "2025-06-30"),
    ],
)
def test_a_time_without_a_zone_is_new_yorks(export, written, moment, session):
    """The extractor writes the exchange's time with its offset; where that is left out it is the exchange's all the same."""
    frame = fetch(export({TRADES: [FILLS, fill(written)]})).frames["fills"]
    assert frame["time"].tolist() == [at(moment)]
    assert frame["session"].tolist() == [pd.Timestamp(session)]


@pytest.mark.parametrize(
    "written",
    ["1751292000", "1751292000.5", "2025-06", "2025-06-3", "30.06.2025", "2025-06-30T25:00:00", "10:00", "now"],
)
def test_a_time_that_is_none_is_kept_out(export, written):
    """Seconds since 1970 may be anything; half a date is none, and not the first of its month."""
    fetched = fetch(export({TRADES: [FILLS, fill(written)]}))
    assert {(one.line, one.column, one.value, one.reason) for one in fetched.rejected} >= {
        (2, "time", written, "no date")
    }
    assert fetched.frames["fills"].empty


@pytest.mark.parametrize("written", ["2025-06", "2025-06-30T00:00:00Z", "1751292000", "30/06/2025"])
def test_a_day_that_is_none_is_kept_out(export, written):
    """Midnight of another zone is another day; the days beside it are kept."""
    fetched = fetch(export({PRICES: [BARS, bar(written), bar("2025-06-27"), bar("2025-06-30T00:00:00")]}))
    assert [(one.line, one.column, one.value, one.reason) for one in fetched.rejected] == [
        (2, "session", written, "no date")
    ]
    assert len(fetched.frames["bars"]) == 2


def test_an_accounts_time_is_a_day_in_new_york(export):
    """Half past midnight in UTC is the evening before."""
    folder = export({"account_2025-07-01.json": told("2025-07-01T00:30:00+00:00", NetLiquidation=1)})
    assert fetch(folder).frames["equity"]["session"].tolist() == [pd.Timestamp("2025-06-30")]


def test_of_two_rows_of_one_thing_the_last_counts(export):
    """The other is kept out with its line and what the last one says; an exact repetition is only noted."""
    rows = [bar(close=10), bar(close=11), bar("2025-06-27"), bar("2025-06-27")]
    fetched = fetch(export({PRICES: [BARS, *rows]}))
    assert fetched.frames["bars"]["close"].tolist() == [11.0, 10.0]
    assert [(one.line, one.column, one.value, one.reason) for one in fetched.rejected] == [
        (2, "close", "10.0", "line 3 says 11.0")
    ]
    assert fetched.notes == (f"{PRICES}: 1 rows repeat another",)


BROKEN = {
    "empty": (b"", "nothing in it, not even a header"),
    "blank": (b"\n \n", "nothing in it, not even a header"),
    "half a gzip": (gzip.compress(PLAIN.encode() * 50)[:-20], "damaged gzip"),
    "a spoiled gzip": (gzip.compress(PLAIN.encode())[:-8] + b"12345678", "damaged gzip"),
    "a zip": (zipped(PLAIN), "a zip archive"),
    "bytes": (bytes(range(256)) * 4, "no text but bytes"),
    "another table": (b"a,b\n1,2\n", "no column timestamp, action, symbol"),
    "no text of ours": ("\u00e9\u00e8\n".encode("latin-1") * 9, "no column timestamp"),
}  # fmt: skip


@pytest.mark.parametrize("how", BROKEN)
def test_a_file_that_is_broken_as_a_whole_is_kept_out_as_a_whole(export, how):
    """It is one thing wrong, in line 0, with its size and the reason; the rest of the folder is read."""
    content, reason = BROKEN[how]
    fetched = fetch(export({TRADES: content, PRICES: [BARS, bar()]}))
    (one,) = fetched.rejected
    assert (one.dataset, one.origin, one.line, one.column) == ("fills", TRADES, 0, "whole file")
    assert one.value == f"{len(content):,} bytes"
    assert one.reason.startswith(reason)
    assert len(fetched.frames["bars"]) == 1
    assert "fills" not in fetched.frames or fetched.frames["fills"].empty


@pytest.mark.parametrize("how", BROKEN)
def test_a_folder_without_one_file_that_can_be_read_is_refused(export, how):
    """The message names the first of them and what is wrong with it."""
    content, reason = BROKEN[how]
    with pytest.raises(SchemaError, match=rf"trades_{MONTH}\.csv, but got {reason}.*Export it again"):
        fetch(export({TRADES: content}))


def test_a_name_with_a_day_that_is_none_is_kept_out(export):
    """Nor can the 31st of June be the day of positions."""
    fetched = fetch(export({"positions_2025-06-31.csv": [POSITIONS, "AAA,1,,"], PRICES: [BARS, bar()]}))
    assert [(one.origin, one.column) for one in fetched.rejected] == [("positions_2025-06-31.csv", "whole file")]


def test_a_day_of_no_calendar_is_kept_out(export):
    """Positions of the year 2204 belong to no session."""
    fetched = fetch(export({"positions_2204-01-03.csv": [POSITIONS, "AAA,1,,"], PRICES: [BARS, bar()]}))
    (one,) = fetched.rejected
    assert one.column == "whole file"
    assert "reaches from" in one.reason


def test_whose_records_they_are_must_be_told(export):
    """While the account's file cannot be read, prices are; fills and positions would be nobody's."""
    files = {"account_2025-06-30.json": ["{"], TRADES: [FILLS, fill()], PRICES: [BARS, bar()]}
    fetched = fetch(export(files))
    assert sorted(one.origin for one in fetched.rejected) == ["account_2025-06-30.json", TRADES]
    assert {one.reason for one in fetched.rejected if one.origin == TRADES} == {
        "whose it is: the account's file cannot be read"
    }
    assert len(fetched.frames["bars"]) == 1


BAD = {
    PRICES: [
        BARS,
        bar("2025-06-26"),
        bar("2025-06-27", close="abc"),
        bar("2204-01-02"),
        bar("2025-06-30", symbol="<b>A</b>"),
        bar("2025-06-30", symbol="A" * 10_240),
        bar("2025-06-30", close="NaN"),
        "2025-06-30,9,,,,,AAA",
        bar("2025-06-25", close=7),
        bar("2025-06-25", close=8),
    ],
    TRADES: [
        FILLS,
        fill(),
        fill(quantity=-1),
        fill().replace("BUY", "HOLD"),
        fill(price="inf"),
        "1751292000,AAA,BUY,1,10,0",
    ],
    f"trades_{LATER}.csv": b"PK\x03\x04....",
    "positions_2025-06-30.csv": [POSITIONS, "AAA,1,,", "BBB,many,,", ",1,,"],
}
KEPT_OUT = [
    (PRICES, 3, "close", "abc", "no number"),
    (PRICES, 4, "session", "2204-01-02 00:00:00", "plausible_year"),
    (PRICES, 5, "symbol", "<b>A</b>", "plausible_symbol"),
    (PRICES, 6, "symbol", "A" * 80, "plausible_symbol"),
    (PRICES, 7, "close", "NaN", "no number"),
    (PRICES, 8, "close", "(empty)", "not_nullable"),
    (PRICES, 9, "close", "7.0", "line 10 says 8.0"),
    ("positions_2025-06-30.csv", 3, "quantity", "many", "no number"),
    ("positions_2025-06-30.csv", 4, "symbol", "(empty)", "not_nullable"),
    (TRADES, 3, "quantity", "-1.0", "greater_than(0)"),
    (TRADES, 4, "side", "HOLD", "isin(('BUY', 'SELL'))"),
    (TRADES, 5, "price", "inf", "finite"),
    (TRADES, 6, "time", "1751292000", "no date"),
    (f"trades_{LATER}.csv", 0, "whole file", "8 bytes", "a zip archive: unpack it, or pack it with gzip"),
]


def test_every_bad_row_is_told_and_every_good_one_stored(tmp_path):
    """Through the command line: file, line, reason of each in the quarantine; the good rows of the same files are there."""
    write(tmp_path / "export", BAD)

    def call(*words):
        return subprocess.run(
            [sys.executable, "-m", "trade_dashboard", "--store", "store", *words],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    words = ("ingest", "broker-export", "--folder", "export")
    strict = call(*words, "--strict")
    assert strict.returncode == 3
    assert f"{PRICES}, but line 3 has close = 'abc' (no number), and {len(KEPT_OUT) - 1} more" in strict.stderr
    assert not (tmp_path / "store").exists()
    done = call(*words)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert {name: one["new"] for name, one in said["datasets"].items()} == {
        "bars": 2, "fills": 1, "positions": 1, "quarantine": len(KEPT_OUT),
    }  # fmt: skip
    assert f"kept out: {PRICES} line 3: close = 'abc' (no number)" in done.stderr
    kept = quarantine(tmp_path / "store")
    assert kept == KEPT_OUT
    again = call(*words)
    assert json.loads(again.stdout.splitlines()[-1])["datasets"]["quarantine"] == {"new": 0, "known": len(KEPT_OUT)}
    assert call(*words, "--strict").returncode == 3


def quarantine(root):
    """List what was kept out, by file and line."""
    from datetime import date

    from trade_dashboard import store

    found = store.read(root, "quarantine", until=date(2099, 12, 31), known_at=at("2099-12-31 00:00"))
    rows = found.sort_values(["origin", "line"])[["origin", "line", "column", "value", "reason"]]
    return [tuple(row) for row in rows.to_numpy().tolist()]
