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

__all__ = ["Facts", "export", "style"]

FOLDER = Path(__file__).parent
FOREIGN = (
    re.compile(r"<(script|style|iframe|object|form|noscript)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL),
    re.compile(r"</?(script|style|iframe|object|form|noscript|link|meta|base|embed)\b[^>]*>", re.IGNORECASE),
)
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
        Why the run failed, one line, and the traceback; None for a page that is whole.
    """

    report: str
    title: str
    question: str
    run_date: str
    parameters: dict[str, Any] = field(default_factory=dict)
    command: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    failure: tuple[str, str] | None = None


def export(notebook: NotebookNode, facts: Facts) -> bytes:
    """Make the page of an executed notebook."""
    css, script = style(), _asset("page.js")
    resources = {"facts": facts, "css": css, "script": script, "policy": _policy(css, script)}
    body, _ = _exporter().from_notebook_node(notebook, resources=resources)
    return (str(body).strip() + "\n").encode()


def style() -> str:
    """Give the whole stylesheet."""
    return _asset("theme.css") + _asset("page.css")


@cache
def _asset(name: str) -> str:
    return (FOLDER / name).read_text()


def _policy(css: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _exporter() -> HTMLExporter:
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    exporter = HTMLExporter(
        config=Config({"HTMLExporter": {"exclude_input_prompt": True, "exclude_output_prompt": True}}),
        extra_template_basedirs=[str(FOLDER / "templates")],
        template_name="report",
    )
    exporter.register_filter("without_foreign", _without_foreign)
    exporter.register_filter("without_anchor", lambda text: ANCHOR.sub("", text))
    exporter.register_filter("e", html.escape)
    return exporter


def _without_foreign(markup: str) -> str:
    """Take out what the policy would refuse anyway: an output brings no style, script or request of its own."""
    for pattern in FOREIGN:
        markup = pattern.sub("", markup)
    return markup
