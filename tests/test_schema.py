"""Frames have the columns, order and types of their dataset, and bad records are told from good ones by name."""

import re

import pandas as pd
import pytest
from build import at, bars, fills

from trade_dashboard import schema
from trade_dashboard.errors import SchemaError

BAR = {"symbol": "AAA", "session": "2025-06-30", "open": 1, "high": 2, "low": 1, "close": 2, "volume": 3}
BAR_TYPES = ["str", "datetime64[us]", *["float64"] * 5]


@pytest.mark.parametrize("name", schema.DATASETS)
def test_every_dataset_has_the_columns_of_its_key(name):
    """Each key names columns that are there, needed, and no column is there twice."""
    spec = schema.dataset(name)
    needed = {column.name for column in spec.columns if not column.optional}
    assert spec.key
    assert set(spec.key) <= needed
    assert "session" in needed
    assert len(set(spec.names)) == len(spec.names)
    assert not {"known_at", "source"} & set(spec.names)


@pytest.mark.parametrize("name", schema.DATASETS)
def test_a_frame_of_nothing_is_what_the_schema_says(name):
    """No records, yet every column in its order and type, and nothing wrong with it."""
    frame = schema.empty(name)
    spec = schema.dataset(name)
    assert list(frame.columns) == spec.names
    assert [str(kind) for kind in frame.dtypes] == [schema.PANDAS_TYPES[column.kind] for column in spec.columns]
    good, wrong = schema.check(name, frame)
    assert (len(good), len(wrong)) == (0, 0)


@pytest.mark.parametrize("name", schema.DATASETS)
def test_every_money_and_size_says_its_unit(name):
    """A number without a unit is a number of something."""
    for column in schema.dataset(name).columns:
        assert column.meaning
        assert column.unit or column.kind != "float" or column.name in {"state_id", "market_state"}


def test_columns_come_in_order_and_type_whatever_came():
    """Text becomes numbers and dates; the order is the schema's."""
    frame = schema.conform("bars", [dict(reversed({name: str(value) for name, value in BAR.items()}.items()))])
    assert list(frame.columns) == ["symbol", "session", "open", "high", "low", "close", "volume"]
    assert [str(kind) for kind in frame.dtypes] == BAR_TYPES
    assert frame.iloc[0].tolist() == ["AAA", pd.Timestamp("2025-06-30"), 1.0, 2.0, 1.0, 2.0, 3.0]


def test_an_optional_column_may_be_left_out():
    """It is there all the same, and empty."""
    frame = schema.conform("bars", [{"symbol": "AAA", "session": "2025-06-30", "close": 2}])
    assert frame[["open", "high", "low", "volume"]].isna().all(axis=None)
    assert [str(kind) for kind in frame.dtypes] == BAR_TYPES
    assert fills("2025-06-27 AAA BUY 10@5")["strategy"].isna().all()


def test_an_instant_becomes_utc():
    """Ten in New York in June is two in the afternoon."""
    frame = schema.conform(
        "signals",
        [{"symbol": "A", "session": "2025-06-30", "time": "2025-06-30T10:00:00-04:00", "signal": "BUY"}],
    )
    assert frame["time"].tolist() == [at("2025-06-30 14:00")]
    assert str(frame["time"].dtype) == "datetime64[us, UTC]"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "red"}, "with colour"),
        ({"close": "ten"}, "ten"),
        ({"session": "someday"}, "someday"),
        ({"volume": "1,000"}, "1,000"),
    ],
)
def test_what_cannot_be_a_record_is_refused(change, said):
    """An unknown column or a value of another type; the message names the dataset and what came."""
    with pytest.raises(SchemaError, match=re.escape(said)) as refused:
        schema.conform("bars", [BAR | change])
    assert "bars" in str(refused.value)


def test_a_missing_column_is_refused():
    """The message lists the columns and names the one that is not there."""
    with pytest.raises(
        SchemaError, match=r"has columns symbol, session, open, high, low, close, volume, .* without close"
    ):
        schema.conform("bars", [{"symbol": "AAA", "session": "2025-06-30"}])


def test_an_unknown_dataset_is_refused():
    """The message lists those there are."""
    with pytest.raises(SchemaError, match=r"\(bars, instruments, .*quarantine\), but got 'candles'"):
        schema.dataset("candles")


def test_good_records_are_parted_from_bad_with_a_reason():
    """Each thing wrong is one row, by the label of its record; the good ones stay as they are."""
    frame = bars("AAA", {"2025-06-24": 10, "2025-06-25": -1, "2025-06-26": 12, "2025-06-27": 13, "2025-06-30": 14})
    frame.index = [10, 20, 30, 40, 50]
    frame.loc[30, "close"] = None
    frame.loc[30, "volume"] = -5
    frame.loc[40, "high"] = float("inf")
    good, wrong = schema.check("bars", frame)
    assert good["close"].tolist() == [10, 14]
    assert list(wrong.columns) == ["row", "column", "value", "reason"]
    assert wrong[["row", "column"]].to_numpy().tolist() == [
        [20, "close"],
        [20, "high"],
        [20, "low"],
        [20, "open"],
        [30, "close"],
        [30, "volume"],
        [40, "high"],
    ]
    assert wrong["reason"].tolist()[0] == "greater_than(0)"
    assert wrong["reason"].tolist()[4:6] == ["not_nullable", "greater_than_or_equal_to(0)"]
    assert wrong["value"].tolist()[0] == "-1.0"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("side", "HOLD"),
        ("side", "buy"),
        ("symbol", ""),
        ("symbol", "A" * 401),
        ("quantity", 0),
        ("quantity", -1),
        ("price", 0),
        ("price", float("inf")),
        ("commission", float("inf")),
        ("commission", None),
        ("account", None),
        ("time", pd.NaT),
        ("session", pd.Timestamp("1899-12-31")),
        ("session", pd.Timestamp("2101-01-01")),
        ("session", pd.Timestamp("2025-06-30 12:00")),
    ],
)
def test_a_fill_that_cannot_be_is_told(column, value):
    """A side there is not, no size, no price, nothing where something is needed, a day that is no day."""
    frame = fills("2025-06-30 AAA BUY 10@5")
    frame[column] = pd.Series([value], dtype=frame[column].dtype)
    good, wrong = schema.check("fills", frame)
    assert len(good) == 0
    assert set(wrong["column"]) == {column}


def test_a_commission_may_be_a_rebate():
    """Exchanges pay for liquidity: the one number of a fill that may be below zero."""
    good, wrong = schema.check("fills", fills("2025-06-30 AAA BUY 10@5 fee=-0.25"))
    assert (good["commission"].tolist(), len(wrong)) == ([-0.25], 0)


def test_a_frame_of_another_shape_is_refused():
    """A check is of records; a frame that never was conformed is a broken contract."""
    with pytest.raises(SchemaError, match="another shape"):
        schema.check("bars", bars("AAA", {"2025-06-30": 10}).astype({"close": "str"}))
    with pytest.raises(SchemaError, match="another shape"):
        schema.check("bars", bars("AAA", {"2025-06-30": 10})[["close", "symbol"]])
