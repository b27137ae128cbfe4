"""What stands where there is too little to show."""

from __future__ import annotations

from trade_dashboard.present.markup import Html, exhibit

__all__ = ["missing", "so_far"]

BEGINNING = "Not enough data: "


def missing(name: str, finding: str, reason: str) -> Html:
    """Keep the heading of a section that cannot be shown, and say why: "Not enough data: …".

    Parameters
    ----------
    name
        Anchor of the exhibit.
    finding
        Its heading.
    reason
        What is wanting, with or without the beginning that every such sentence has.
    """
    told = reason[len(BEGINNING) :] if reason.lower().startswith(BEGINNING.lower()) else reason
    return exhibit(name, finding, f"{BEGINNING}{told.rstrip('.')}.", "")


def so_far(sessions: int) -> str:
    """Say how many sessions there are: "2 sessions so far"."""
    return f"{sessions} {'session' if sessions == 1 else 'sessions'} so far"
