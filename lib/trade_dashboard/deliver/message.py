"""One short message a night: the numbers that matter and what changed, limits, what went wrong, and where to read on."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape as e

from trade_dashboard.deliver.records import Record

__all__ = ["Message", "compose"]

HEADLINE = ("day_return", "day_pnl", "equity", "drawdown", "gross_exposure")
LEADER = "nightly_summary"
TREND = 60
WIDTH, HEIGHT, SHARPER = 120, 28, 4
INK, GREY = "#0d5f73", "#75716a"
CELL = "padding:6px 14px 6px 0;border-bottom:1px solid #dedad1"
PLAIN = "font:15px/1.5 system-ui,-apple-system,Segoe UI,Roboto,sans-serif;color:#1d1c1a"


@dataclass(frozen=True)
class Message:
    """What is sent: a title, the same in plain text and for mail, and the images that the mail shows, by name."""

    title: str
    text: str
    html: str
    images: dict[str, bytes] = field(default_factory=dict)


def compose(found: Sequence[Record], session: date, link: str = "") -> Message:
    """Write the message of one session.

    Parameters
    ----------
    found
        All records, oldest session first; those of earlier sessions make the trails.
    session
        Which one to tell of. A session of which there is no record is news as well.
    link
        Address that the outputs are published at; without one the pages are named by their path.
    """
    tonight = [one for one in found if one.run_date == session]
    leader = next((one for one in tonight if one.report == LEADER and one.done), None)
    wrong = [one for one in tonight if not one.done and one.status != "skipped"]
    skipped = [one for one in tonight if one.status == "skipped"]
    alerts = leader.alerts if leader else []
    parts = _Parts(
        title=_title(session, leader, wrong, skipped, tonight),
        headline=_headline(leader, [one for one in found if one.report == LEADER and one.done]),
        alerts=[f"{alert['severity'].capitalize()}: {alert['message']}" for alert in alerts],
        wrong=[f"{one.title}: {one.status.replace('_', ' ')}. {one.reason}" for one in wrong],
        quiet=[one.reason for one in skipped[:1]],
        pages=[(one.title, f"{link.rstrip('/')}/{one.page}" if link else str(one.page)) for one in tonight if one.page],
    )
    return Message(
        parts.title,
        _text(parts),
        _html(parts, linked=bool(link)),
        {h.image: h.drawn for h in parts.headline if h.drawn},
    )


@dataclass(frozen=True)
class _Number:
    label: str
    shown: str
    change: str
    image: str
    drawn: bytes


@dataclass(frozen=True)
class _Parts:
    title: str
    headline: list[_Number]
    alerts: list[str]
    wrong: list[str]
    quiet: list[str]
    pages: list[tuple[str, str]]


def _title(
    session: date, leader: Record | None, wrong: Sequence[Record], skipped: Sequence[Record], tonight: Sequence[Record]
) -> str:
    said = []
    if leader:
        said.append(leader.told.get("day_return", {}).get("shown", "done"))
        crossed = len(leader.alerts)
        said.append("no limit crossed" if not crossed else f"{crossed} {'limit' if crossed == 1 else 'limits'} crossed")
    if wrong:
        said.append(f"{len(wrong)} {'report' if len(wrong) == 1 else 'reports'} failed")
    if skipped and not said:
        said.append("no session")
    if not tonight:
        said.append("nothing was run")
    return f"{session.day} {session:%B %Y}: {', '.join(said or ['done'])}"


def _headline(leader: Record | None, runs: Sequence[Record]) -> list[_Number]:
    if leader is None:
        return []
    numbers = []
    for name in (name for name in HEADLINE if name in leader.told):
        words = leader.told[name]
        trail = [one.kpis.get(name, {}).get("value") for one in runs if one.run_date <= leader.run_date][-TREND:]
        drawn = _line([float(value) for value in trail if isinstance(value, int | float) and math.isfinite(value)])
        numbers.append(_Number(words["label"], words["shown"], words["change"], f"{name}.png", drawn))
    return numbers


def _text(parts: _Parts) -> str:
    lines = [f"{one.label} {one.shown} ({one.change})" for one in parts.headline]
    lines += parts.alerts or (["No limit is crossed."] if parts.headline else [])
    lines += parts.wrong + parts.quiet
    lines += [f"{title}: {where}" for title, where in parts.pages]
    return "\n".join(lines) or "No run left a record for this session."


def _html(parts: _Parts, *, linked: bool) -> str:
    rows = "".join(
        f'<tr><td style="{CELL};color:#625e56">{e(one.label)}</td><td style="{CELL};text-align:right;font-size:18px">{e(one.shown)}</td>'
        f'<td style="{CELL};text-align:right;color:#625e56">{e(one.change)}</td><td style="{CELL}">{_image(one)}</td></tr>'
        for one in parts.headline
    )
    table = (
        f'<table role="presentation" cellspacing="0" style="border-collapse:collapse">{rows}</table>' if rows else ""
    )
    alerts = parts.alerts or (["No limit is crossed."] if parts.headline else [])
    said = "".join(f'<p style="margin:8px 0">{e(line)}</p>' for line in [*alerts, *parts.wrong, *parts.quiet])
    pages = "".join(
        f'<li><a href="{e(where)}" style="color:{INK}">{e(title)}</a></li>'
        if linked
        else f"<li>{e(title)}: {e(where)}</li>"
        for title, where in parts.pages
    )
    reading = f'<ul style="padding-left:18px;margin:12px 0">{pages}</ul>' if pages else ""
    nothing = "" if table or said else "<p>No run left a record for this session.</p>"
    return f'<div style="{PLAIN}"><h1 style="font-size:20px;margin:0 0 8px">{e(parts.title)}</h1>{table}{said}{nothing}{reading}</div>'


def _image(one: _Number) -> str:
    if not one.drawn:
        return ""
    return f'<img src="cid:{one.image}" width="{WIDTH}" height="{HEIGHT}" alt="{e(one.label)}, last {TREND} runs">'


def _line(values: Sequence[float]) -> bytes:
    """Draw values as a small PNG, which mail programs show and an SVG they do not; nothing of fewer than two."""
    if len(values) < 2:  # noqa: PLR2004 - a line needs two points
        return b""
    from PIL import Image, ImageDraw

    width, height, edge = WIDTH * SHARPER, HEIGHT * SHARPER, 4 * SHARPER
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = (width - 2 * edge) / (len(values) - 1)
    points = [
        (edge + step * n, height - edge - (height - 2 * edge) * (value - low) / span) for n, value in enumerate(values)
    ]
    image = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    draw.line(points, fill=GREY, width=int(1.5 * SHARPER), joint="curve")
    x, y = points[-1]
    draw.ellipse((x - 2.5 * SHARPER, y - 2.5 * SHARPER, x + 2.5 * SHARPER, y + 2.5 * SHARPER), fill=INK)
    file = io.BytesIO()
    image.resize((2 * WIDTH, 2 * HEIGHT), Image.Resampling.LANCZOS).save(file, "PNG", optimize=True)
    return file.getvalue()
