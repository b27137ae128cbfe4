"""Pieces of markup that notebooks show."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape as e
from typing import Any

__all__ = ["Html", "abreast", "e", "exhibit", "join"]

LONGEST_FINDING = 300


@dataclass(frozen=True)
class Html:
    """Markup that is ready to show; `plain` is what a terminal shows. `place` puts it elsewhere on the page."""

    markup: str
    plain: str = ""
    place: str | None = None

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, str]]:
        metadata = {"trade_dashboard": self.place} if self.place else {}
        return {"text/html": self.markup, "text/plain": self.plain or "(shown as HTML)"}, metadata


def exhibit(name: str, finding: str, note: str, body: str) -> Html:
    """Frame a table or chart: the finding as its heading, how to read it beneath, then the exhibit."""
    beneath = f'<p class="note">{e(note)}</p>' if note else ""
    return Html(
        f'<section class="td exhibit" aria-labelledby="{e(name)}"><h3 id="{e(name)}">{e(finding[:LONGEST_FINDING])}</h3>{beneath}{body}</section>',
        finding,
    )


def join(*pieces: Html) -> Html:
    """Show several pieces as one."""
    return Html("".join(piece.markup for piece in pieces), "\n".join(piece.plain for piece in pieces))


def abreast(*pieces: Html) -> Html:
    """Show pieces as one, two beside each other where the screen is wide enough."""
    beside = "".join(f"<div>{piece.markup}</div>" for piece in pieces)
    return Html(f'<div class="td abreast">{beside}</div>', join(*pieces).plain)
