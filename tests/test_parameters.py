"""The parameters cell is a contract: what may be declared, and what may be given."""

import pytest

from trade_dashboard.errors import RequestError
from trade_dashboard.runs.parameters import declared, iso_date, resolve

CELL = """
from typing import Literal
run_date: str = "2025-06-30"  # session to report, ISO date
lookback: int = 60  # sessions
threshold: float = 0.05
quiet: bool = False  # say less
symbol: str = "ON"
symbols: list[str] = ["ON", "NAN"]  # tickers # of interest
windows: list[int] = [1, 5]
side: "Literal['long', 'short', 'both']" = "both"
since: "date | None" = None  # first session
most: int | None = None
"""


def given(*texts: str) -> dict[str, object]:
    return resolve("toy", declared("toy", CELL), texts)


def test_a_declaration_gives_name_type_default_and_help():
    """Each line of the cell is `name: type = default  # help`; quotes around a type and a second # are no matter."""
    parameters = {one.name: one for one in declared("toy", CELL)}
    assert list(parameters) == [
        "run_date", "lookback", "threshold", "quiet", "symbol", "symbols", "windows", "side", "since", "most",
    ]  # fmt: skip
    assert parameters["lookback"].to_json() == {"name": "lookback", "type": "int", "default": 60, "help": "sessions"}
    assert parameters["symbols"].help == "tickers # of interest"
    assert parameters["side"].type == "Literal['long', 'short', 'both']"
    assert parameters["threshold"].help == ""


@pytest.mark.parametrize("text", ["ON", "NAN", "1E5", "007", "TRUE", "null", "1.10", "", "a=b", "<b>"])
def test_text_stays_text(text):
    """A ticker or a version that looks like something else stays what it is where text is declared."""
    assert given(f"symbol={text}") == {"symbol": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("lookback=5", {"lookback": 5}),
        ("threshold=1e-3", {"threshold": 0.001}),
        ("quiet=true", {"quiet": True}),
        ("quiet=off", {"quiet": False}),
        ("symbols=ON,NAN,1E5,007", {"symbols": ["ON", "NAN", "1E5", "007"]}),
        ('symbols=["ON","A,B"]', {"symbols": ["ON", "A,B"]}),
        ("symbols=", {"symbols": []}),
        ("windows=1,5,20", {"windows": [1, 5, 20]}),
        ("side=long", {"side": "long"}),
        ("since=2025-01-31", {"since": "2025-01-31"}),
        ("since=", {"since": None}),
        ("most=", {"most": None}),
        ("most=7", {"most": 7}),
    ],
)
def test_a_value_has_the_declared_type(text, value):
    """Values are read as the declared type, and are plain afterwards: a date is its ISO text."""
    assert given(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "lookback=sixty", "lookback=1.5", "lookback=", "lookback=nan", "threshold=nan", "threshold=inf", "quiet=maybe",
        "windows=1,x", "side=sideways", "since=2025-02-30", "since=yesterday", "most=some", "symbols=[7]", "symbols=[",
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused(text):
    """The refusal names report, parameter and value, and says what to type instead."""
    name, _, value = text.partition("=")
    with pytest.raises(RequestError) as refused:
        given(text)
    assert "Report `toy` takes" in str(refused.value)
    assert f"for `{name}`, but got {value!r}" in str(refused.value)
    assert f"Try `-p {name}=" in str(refused.value)


def test_an_unknown_name_is_refused_with_its_near_miss():
    """A misspelled parameter never runs with the default."""
    with pytest.raises(RequestError, match="Did you mean `-p lookback=…`"):
        given("lokback=5")
    with pytest.raises(RequestError, match="`trade-dashboard show toy` explains them"):
        given("zzz=5")


@pytest.mark.parametrize("texts", [["lookback"], ["lookback=1", "lookback=2"], ["run_date=2025-06-30"]])
def test_a_request_that_is_not_clear_is_refused(texts):
    """No value, two values, or the run date among the parameters: nothing is guessed."""
    with pytest.raises(RequestError):
        given(*texts)


@pytest.mark.parametrize(
    "cell",
    ["x = 1", "x: int", "x: int = 1 + 1", "x: dict = {}", "x: int = open('f')", "import os", "x: int ="],
)
def test_a_line_that_declares_nothing_is_refused(cell):
    """Only `name: type = literal` lines stand in the cell; the message names the report and the line."""
    with pytest.raises(RequestError, match="Report `toy`"):
        declared("toy", cell)


@pytest.mark.parametrize(
    ("text", "near"),
    [("2025-02-30", "2025-02-28"), ("2023-02-29", "2023-02-28"), ("2025-13-01", "2025-06-30"), ("today", "2025-06-30"),
     ("20250630", "2025-06-30"), ("2025-6-3", "2025-06-03")],
)  # fmt: skip
def test_an_impossible_date_is_refused_with_the_nearest(text, near):
    """A date is ISO and exists; the message names the nearest day that does."""
    with pytest.raises(RequestError, match=f"Try `--date {near}`"):
        iso_date(text, "--date")
