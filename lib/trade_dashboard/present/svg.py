"""A matplotlib figure → markup that fills any width: its lines stretch, its text, strokes and dots keep their size.

Figures are drawn once, with axes from edge to edge. Lines go into an inner drawing that is stretched without keeping its
aspect; texts are placed by percent of the width; a marker becomes a line of no length with round ends. Colours become CSS
variables, so one figure serves both themes and print.
"""

from __future__ import annotations

import io
import re
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from trade_dashboard.present.markup import e
from trade_dashboard.present.theme import colours

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["OFFSET", "frame", "responsive"]

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
NUMBER = re.compile(r"-?\d+\.\d+")
OFFSET = "offset"
EDGE = 0.01
KEPT = ("fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "text-anchor")


def responsive(figure: Figure, name: str, title: str, description: str) -> str:
    """Write a figure as one `<svg>` of the figure's height and any width.

    Parameters
    ----------
    figure
        Its size in inches at 72 dots; axes reach from the left edge to the right one.
    name
        Prefix of the ids, one a page.
    title, description
        What the figure is, and what it shows, for those who do not see it.
    """
    import matplotlib as mpl

    file = io.StringIO()
    with (
        mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "path.simplify_threshold": 0.3}),
        warnings.catch_warnings(),
    ):
        # the reader's fonts write the text, whatever matplotlib's lack
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    root = ET.fromstring(file.getvalue())  # noqa: S314 - our own drawing
    width, height = (float(part) for part in root.attrib["viewBox"].split()[2:])
    said = {text: group.get("id", "") for group in root.iter(f"{SVG}g") for text in group.iter(f"{SVG}text")}
    texts = "".join(_text(text, width, said[text].split()) for text in root.iter(f"{SVG}text"))
    drawn = (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="100%" height="{height:.0f}" preserveAspectRatio="none">'
        f"{''.join(_shapes(root))}</svg>{texts}"
    )
    return f'<div class="plot">{frame(drawn, height, name, title, description)}</div>'


def frame(drawn: str, height: float, name: str, title: str, description: str) -> str:
    """Put the content of a drawing into an `<svg>` that is an image with a title and a description."""
    return (
        f'<svg role="img" height="{height:.0f}" aria-labelledby="{e(name)}-title {e(name)}-about">'
        f'<title id="{e(name)}-title">{e(title)}</title><desc id="{e(name)}-about">{e(description)}</desc>{drawn}</svg>'
    )


def _shapes(root: ET.Element) -> Iterator[str]:
    """Give lines, areas and dots in the order in which they were drawn; dots that look alike are one path."""
    sizes = {path.get("id"): _size(path) for path in root.iter(f"{SVG}path") if path.get("id")}
    drawn = [part for part in _drawn(root) if part.tag != f"{SVG}use" or part.get(LINK, "")[1:] in sizes]
    for (is_dot, _), parts in groupby(drawn, key=lambda part: (part.tag == f"{SVG}use", part.get("style"))):
        alike = list(parts)
        if is_dot:
            yield from _dots(alike, sizes[alike[0].get(LINK, "")[1:]])
        else:
            yield from map(_shape, alike)


def _drawn(element: ET.Element) -> Iterator[ET.Element]:
    for part in element:
        if part.tag in {f"{SVG}path", f"{SVG}use"}:
            yield part
        elif part.tag not in {f"{SVG}defs", f"{SVG}clipPath"}:
            yield from _drawn(part)


def _size(marker: ET.Element) -> float:
    across = [float(number) for number in NUMBER.findall(marker.get("d", ""))[::2]]
    return max(across, default=0.0) - min(across, default=0.0)


def _style(element: ET.Element) -> dict[str, str]:
    pairs = (part.partition(":") for part in element.get("style", "").split(";"))
    return {key.strip(): value.strip() for key, _, value in pairs if key.strip() in KEPT}


def _variables() -> dict[str, str]:
    return {value: f"var(--{name})" for name, value in colours().items()}


def _shape(path: ET.Element) -> str:
    style = _style(path)
    if style.get("fill", "none") == "none" and "stroke" not in style:
        return ""
    names = _variables()
    # a line goes on without being told to at every point
    line = NUMBER.sub(lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), " ".join(path.get("d", "").split()))
    line = line.replace(" L ", " ").replace("M ", "M")
    return (
        f'<path d="{line}"' + "".join(f' {key}="{names.get(style[key], style[key])}"' for key in sorted(style)) + "/>"
    )


def _dots(uses: list[ET.Element], size: float) -> Iterator[str]:
    """Draw dots that stay round however the drawing is stretched, each on a little paper."""
    at = " ".join(f"M{float(use.get('x', 0)):.0f} {float(use.get('y', 0)):.1f}h0" for use in uses)
    ink = _variables().get(_style(uses[0]).get("fill", ""), "currentColor")
    for colour, width in (("var(--paper)", size + 3), (ink, size)):
        yield f'<path d="{at}" fill="none" stroke="{colour}" stroke-linecap="round" stroke-width="{width:.1f}"/>'


def _text(text: ET.Element, width: float, said: list[str]) -> str:
    """Place a text by percent of the width; what its group says moves it on by pixels, and names more of its classes."""
    x, y = float(text.get("x", 0)), float(text.get("y", 0))
    inside = min(max(x, 0.0), width)
    moved = x - inside + (float(said[1]) if said[:1] == [OFFSET] else 0.0)
    place = f'x="{100 * inside / width:.2f}%" y="{y:.1f}"' + (f' dx="{moved:.1f}"' if moved else "")
    style = _style(text)
    # a stylesheet's colour wins over an attribute's: a label names its colour by class
    name = next((name for name, value in colours().items() if value == style.get("fill")), "")
    label = f' class="{" ".join(["label", name, *said[2:]])}"' if name else ""
    anchor = style.get("text-anchor", "start")
    if anchor == "middle" and inside < EDGE * width:
        # to the left of a figure there may be nothing but the edge of a phone
        anchor = "start"
    return f'<text {place} text-anchor="{anchor}"{label}>{e("".join(text.itertext()))}</text>'
