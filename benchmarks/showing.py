"""What stands above the cells of a plain script: what they show and glue goes to files of the current folder.

Drawings are written once more, as files of their own. The text of this module is put into scripts by `plain`.
"""

import json
import re
from itertools import count
from pathlib import Path
from typing import Any

DRAWING = re.compile(r"<svg.*?</svg>", re.DOTALL)
numbers = count(1)


def show(value: Any) -> None:
    """Write what a notebook would display, in its final form."""
    if value is None:
        return
    stem = f"{next(numbers):02d}"
    if hasattr(value, "_repr_mimebundle_"):
        markup = value._repr_mimebundle_()[0]["text/html"]
    else:
        markup = value._repr_html_() if hasattr(value, "_repr_html_") else repr(value)
    Path(f"{stem}.html").write_text(markup)
    for number, drawing in enumerate(DRAWING.findall(markup), start=1):
        Path(f"{stem}-{number}.svg").write_text(drawing)


def glue(name: str, data: Any, **_: Any) -> None:
    """Write a number that a notebook would glue."""
    with Path("glued.jsonl").open("a") as file:
        file.write(json.dumps({name: data}) + "\n")
