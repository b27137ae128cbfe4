"""Every piece of the kit, on ordinary data and on the worst: rules that hold for all of them."""

import re

import pandas as pd
import pytest
from gallery import gallery, sessions

from trade_dashboard.present import line_chart
from trade_dashboard.present.theme import tick

PIECES = gallery()


@pytest.mark.parametrize("name", PIECES)
def test_a_piece_brings_no_style_and_no_colour_of_its_own(name):
    """The policy allows one style: colours are classes and the theme's variables."""
    assert " style=" not in PIECES[name].markup
    assert not re.findall(r"#[0-9a-fA-F]{6}\b", PIECES[name].markup)


def test_the_same_pieces_are_the_same_bytes():
    """No random id, no clock: drawn twice, every piece is the same."""
    assert {name: piece.markup for name, piece in gallery().items()} == {
        name: piece.markup for name, piece in PIECES.items()
    }


def test_no_two_pieces_share_an_id():
    """All pieces may stand on one page."""
    ids = re.findall(r' id="([^"]+)"', "".join(piece.markup for piece in PIECES.values()))
    assert len(ids) == len(set(ids))


def test_a_line_that_never_left_zero_is_drawn():
    """An account of cash had no exposure in any session: that is a line, not an error."""
    flat = pd.DataFrame({"Gross": 0.0}, index=sessions(5))
    assert "<path" in line_chart(flat, name="flat", finding="Nothing held", zero=True).markup


@pytest.mark.parametrize(
    ("step", "texts"),
    [
        (0.025, ["\u22122.5\u202f%", "0.0\u202f%", "2.5\u202f%"]),
        (0.05, ["\u22125\u202f%", "0\u202f%", "5\u202f%"]),
        (0.0025, ["\u22120.25\u202f%", "0.00\u202f%", "0.25\u202f%"]),
    ],
)
def test_an_axis_has_the_decimals_of_its_steps(step, texts):
    """Steps of 2.5 are not written as 2 and 3."""
    assert [tick(place * step, step, "fraction") for place in (-1, 0, 1)] == texts
