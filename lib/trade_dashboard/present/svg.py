"""A matplotlib figure → markup that fills any width: its lines stretch, its text and strokes keep their size.

Figures are drawn once, with axes from edge to edge. Lines go into an inner drawing that is stretched without keeping its
aspect; texts are placed by percent of the width. Colours become CSS variables, so one figure serves both themes and
print.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from trade_dashboard.present.markup import e
from trade_dashboard.present.theme import colours

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["responsive"]

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"-?\d+\.\d+")
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
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "path.simplify_threshold": 0.3}):
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    root = ET.fromstring(file.getvalue())  # noqa: S314 - our own drawing
    width, height = (float(part) for part in root.attrib["viewBox"].split()[2:])
    shapes = "".join(_shape(path) for path in root.iter(f"{SVG}path"))
    texts = "".join(_text(text, width) for text in root.iter(f"{SVG}text"))
    return (
        f'<div class="plot"><svg role="img" height="{height:.0f}" aria-labelledby="{e(name)}-title {e(name)}-about">'
        f'<title id="{e(name)}-title">{e(title)}</title><desc id="{e(name)}-about">{e(description)}</desc>'
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="100%" height="{height:.0f}" preserveAspectRatio="none">'
        f"{shapes}</svg>{texts}</svg></div>"
    )


def _style(element: ET.Element) -> dict[str, str]:
    pairs = (part.partition(":") for part in element.get("style", "").split(";"))
    return {key.strip(): value.strip() for key, _, value in pairs if key.strip() in KEPT}


def _shape(path: ET.Element) -> str:
    style = _style(path)
    if style.get("fill", "none") == "none" and "stroke" not in style:
        return ""
    names = {value: f"var(--{name})" for name, value in colours().items()}
    line = NUMBER.sub(lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), " ".join(path.get("d", "").split()))
    return (
        f'<path d="{line}"' + "".join(f' {key}="{names.get(style[key], style[key])}"' for key in sorted(style)) + "/>"
    )


def _text(text: ET.Element, width: float) -> str:
    x, y = float(text.get("x", 0)), float(text.get("y", 0))
    inside = min(max(x, 0.0), width)
    place = f'x="{100 * inside / width:.2f}%" y="{y:.1f}"' + (f' dx="{x - inside:.1f}"' if x != inside else "")
    style = _style(text)
    # a stylesheet's colour wins over an attribute's: a label names its colour by class
    name = next((name for name, value in colours().items() if value == style.get("fill")), "")
    label = f' class="label {name}"' if name else ""
    return (
        f'<text {place} text-anchor="{style.get("text-anchor", "start")}"{label}>{e("".join(text.itertext()))}</text>'
    )
