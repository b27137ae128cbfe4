"""Fill the page's template: what the notebook shows, under a policy that allows our own style and script alone."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbconvert import HTMLExporter
    from nbformat import NotebookNode

__all__ = ["Facts", "asset", "export", "make_ready", "policy", "style"]

FOLDER = Path(__file__).parent
FOREIGN = ("script", "style", "link", "iframe", "object", "embed", "base", "meta", "form", "noscript", "template")
# of what a cell prints, this much of the beginning and of the end; all of it is in the notebook beside the page
SHOWN_CHARACTERS = 10_000
PAPERMILL_MARK = "papermill-error-cell-tag"
ANCHOR = re.compile(r'<a class="anchor-link"[^>]*>.*?</a>')


@dataclass(frozen=True)
class Facts:
    """What the page says about its run; nothing in here may differ between two runs of the same data.

    Attributes
    ----------
    title, question
        Of the report.
    parameters
        By name, as given and as declared.
    command
        What to type to make this page again.
    versions
        By package.
    failure
        In a word what happened, why in one line, and the traceback; None for a page that is whole.
    """

    report: str
    title: str
    question: str
    run_date: str
    parameters: dict[str, Any] = field(default_factory=dict)
    command: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    failure: tuple[str, str, str] | None = None


def export(notebook: NotebookNode, facts: Facts) -> bytes:
    """Make the page of an executed notebook; of a failed one, the part that ran."""
    css, script = style(), asset("page.js")
    resources = {"facts": facts, "css": css, "script": script, "policy": policy(css, script)}
    shown = {**notebook, "cells": _shown(notebook.cells, failed=facts.failure is not None)}
    body, _ = _exporter().from_notebook_node(type(notebook)(shown), resources=resources)
    return (str(body).strip() + "\n").encode()


def make_ready() -> None:
    """Make a first page now, for all that the next one would wait for: templates, lexers, parsers."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    shown = new_output("display_data", {"text/html": '<p class="ready">&eacute;</p>'})
    cells = [new_markdown_cell("# Ready"), new_code_cell("ready", execution_count=1, outputs=[shown])]
    export(new_notebook(cells=cells), Facts("ready", "Ready", "Ready?", "2025-01-01"))


def _shown(cells: list[NotebookNode], *, failed: bool) -> list[NotebookNode]:
    ours = [_brief(cell) for cell in cells if PAPERMILL_MARK not in cell.metadata.get("tags", [])]
    if not failed:
        return ours
    ran = [number for number, cell in enumerate(ours) if cell.get("execution_count") is not None]
    return ours[: max(ran, default=0) + 1]


def _brief(cell: NotebookNode) -> NotebookNode:
    if not any(output.output_type == "stream" for output in cell.get("outputs", [])):
        return cell
    outputs = [
        type(cell)({**output, "text": _ends(output.text)}) if output.output_type == "stream" else output
        for output in cell.outputs
    ]
    return type(cell)({**cell, "outputs": outputs})


def _ends(text: str) -> str:
    left = len(text) - 2 * SHOWN_CHARACTERS
    if left <= 0:
        return text
    return f"{text[:SHOWN_CHARACTERS]}\n… {left:,} characters more, in the notebook …\n{text[-SHOWN_CHARACTERS:]}"


def style() -> str:
    """Give the whole stylesheet."""
    return asset("theme.css") + asset("page.css")


@cache
def asset(name: str) -> str:
    """Read a file that lies beside this module."""
    return (FOLDER / name).read_text()


def policy(css: str, script: str) -> str:
    """Write the policy of a page that has this one style and this one script."""
    return (
        f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _exporter() -> HTMLExporter:
    from nbconvert import HTMLExporter, TemplateExporter
    from nbconvert.filters import Highlight2HTML
    from traitlets.config import Config

    class PageExporter(HTMLExporter):  # type: ignore[misc]
        def from_notebook_node(self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any) -> Any:
            # HTMLExporter would parse and print the whole page once more, only to describe images that have no text
            return TemplateExporter.from_notebook_node(self, nb, resources, **kw)

    exporter = PageExporter(
        config=Config({"HTMLExporter": {"exclude_input_prompt": True, "exclude_output_prompt": True}}),
        extra_template_basedirs=[str(FOLDER / "templates")],
        template_name="report",
    )
    exporter.register_filter("highlight_code", Highlight2HTML(pygments_lexer="ipython3", parent=exporter))
    exporter.register_filter("without_foreign", _without_foreign)
    exporter.register_filter("without_anchor", lambda text: ANCHOR.sub("", text))
    exporter.register_filter("e", html.escape)
    return exporter


def _without_foreign(markup: str) -> str:
    """Take out what the policy would refuse: an output brings no style, script, handler or request of its own."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(markup, "html.parser")
    for tag in soup.find_all(FOREIGN):
        tag.decompose()
    for tag in soup.find_all(True):
        tag.attrs = {name: value for name, value in tag.attrs.items() if _ours(name, str(value))}
    return str(soup)


def _ours(name: str, value: str) -> bool:
    if name in {"src", "srcset", "poster", "background", "action", "formaction", "xlink:href", "data"}:
        return value.startswith(("data:image/", "#"))
    return name != "style" and not name.startswith("on") and "javascript:" not in value.lower()
