"""Every piece of the kit, on ordinary data and on the worst: rules that hold for all of them."""

import re

import pytest
from gallery import gallery

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
