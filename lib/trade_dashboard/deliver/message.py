"""One short message a night: the numbers that matter and what changed, limits, what went wrong, and where to read on."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from datetime import date
from html import escape as e
from typing import Any

from trade_dashboard.deliver.records import Record

__all__ = ["Message", "alerts_of", "compose", "written"]

HEADLINE = ("day_return", "day_pnl", "equity", "drawdown", "gross_exposure")
LEADER = "nightly_summary"
MOST_NUMBERS = 4
WORST_FIRST = ("critical", "warning", "notice")
TREND = 60
WIDTH, HEIGHT, SHARPER = 120, 28, 4
INK, GREY = "#0d5f73", "#75716a"
CELL = "padding:6px 14px 6px 0;border-bottom:1px solid #dedad1"
PLAIN = "font:15px/1.5 system-ui,-apple-system,Segoe UI,Roboto,sans-serif;color:#1d1c1a"
NOTHING = "No run left a record for this session."


@dataclass(frozen=True)
class Message:
    """What is sent: a title, the same in plain text and for mail, and the images that the mail shows, by name."""

    title: str
    text: str
    html: str
    images: dict[str, bytes] = field(default_factory=dict)


def compose(found: Sequence[Record], session: date, link: str = "", asked: Mapping[str, str] | None = None) -> Message:
    """Write the message of one session.

    Parameters
    ----------
    found
        All records, oldest session first; those of earlier sessions make the trails. Pages of a session that was still open
        count for nothing: its evening tells.
    session
        Which one to tell of. A session of which there is no record is news as well.
    link
        Address that the outputs are published at; without one the pages are named by their path.
    asked
        Titles by report, to tell of these alone, and of each that is not there.
    """
    final = [one for one in found if not one.open_as_of and (asked is None or one.report in asked)]
    tonight = [one for one in final if one.run_date == session]
    done = [one for one in tonight if one.done]
    wrong = [one for one in tonight if not one.done and one.status != "skipped"]
    skipped = [one for one in tonight if one.status == "skipped"]
    missing = [title for name, title in (asked or {}).items() if name not in {one.report for one in tonight}]
    leader = next((one for one in done if one.report == LEADER), None)
    leaders = [leader] if leader else done if asked else []
    alerts = alerts_of(done)
    quiet = ["No limit is crossed."] if leaders and not alerts else []
    return written(
        _title(session, leader, alerts if done else None, (wrong, missing, skipped)),
        [f"{str(alert.get('severity')).capitalize()}: {alert.get('message')}" for alert in alerts]
        + quiet
        + [f"{one.title}: {one.status.replace('_', ' ')}. {one.reason}" for one in wrong]
        + [f"{title}: not made. {NOTHING}" for title in missing]
        + [one.reason for one in skipped[:1]],
        tonight,
        link,
        [number for one in leaders for number in _numbers(one, final)],
    )


def alerts_of(done: Iterable[Record]) -> list[dict[str, Any]]:
    """Put the limits crossed in some reports together, the worst first: each number of each symbol once, as its worst."""
    every = [alert for one in done for alert in one.alerts]
    order = {severity: place for place, severity in enumerate(WORST_FIRST)}
    found: dict[tuple[Any, Any], dict[str, Any]] = {}
    for one in sorted(every, key=lambda alert: order.get(str(alert.get("severity")), len(order))):
        found.setdefault((one.get("kpi") or one.get("message"), one.get("symbol")), one)
    return list(found.values())


@dataclass(frozen=True)
class _Number:
    label: str
    shown: str
    change: str
    image: str
    drawn: bytes


def _title(
    session: date,
    leader: Record | None,
    alerts: Sized | None,
    others: tuple[Sized, Sized, Sized],
) -> str:
    wrong, missing, skipped = map(len, others)
    said = [leader.told.get("day_return", {}).get("shown", "done")] if leader else []
    if alerts is not None:
        said.append(f"{_counted(len(alerts), 'limit')} crossed" if len(alerts) else "no limit crossed")
    said += [f"{_counted(wrong, 'report')} failed"] if wrong else []
    said += [f"{_counted(missing, 'report')} not made"] if missing else []
    if skipped and not said:
        said.append("no session")
    return f"{session.day} {session:%B %Y}: {', '.join(said or ['nothing was run'])}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _numbers(leader: Record, found: Sequence[Record]) -> list[_Number]:
    """Say a report's first numbers with their trails, or of the leader those that are wanted on top."""
    runs = [one for one in found if one.report == leader.report and one.done and one.run_date <= leader.run_date]
    names = HEADLINE if leader.report == LEADER else [*leader.told][:MOST_NUMBERS]
    numbers = []
    for name in (name for name in names if name in leader.told):
        words = leader.told[name]
        trail = [one.kpis.get(name, {}).get("value") for one in runs[-TREND:]]
        drawn = _line([float(value) for value in trail if isinstance(value, int | float) and math.isfinite(value)])
        numbers.append(_Number(words["label"], words["shown"], words["change"], f"{leader.report}.{name}.png", drawn))
    return numbers


def written(
    title: str, lines: Sequence[str], told: Sequence[Record], link: str, numbers: Sequence[_Number] = ()
) -> Message:
    """Write a message, as text and for mail: numbers, lines, and where to read on."""
    pages = [(one.title, f"{link.rstrip('/')}/{one.page}" if link else str(one.page)) for one in told if one.page]
    text = [
        *(f"{one.label} {one.shown} ({one.change})" for one in numbers),
        *lines,
        *(f"{name}: {where}" for name, where in pages),
    ]
    html = f'<div style="{PLAIN}"><h1 style="font-size:20px;margin:0 0 8px">{e(title)}</h1>' + "".join(
        (
            _table(numbers),
            *(f'<p style="margin:8px 0">{e(line)}</p>' for line in lines),
            _reading(pages, linked=bool(link)),
        )
    )
    if not text:
        text, html = [NOTHING], f"{html}<p>{NOTHING}</p>"
    images = {one.image: one.drawn for one in numbers if one.drawn}
    return Message(title, "\n".join(text), f"{html}</div>", images)


def _table(numbers: Sequence[_Number]) -> str:
    rows = "".join(
        f'<tr><td style="{CELL};color:#625e56">{e(one.label)}</td><td style="{CELL};text-align:right;font-size:18px">{e(one.shown)}</td>'
        f'<td style="{CELL};text-align:right;color:#625e56">{e(one.change)}</td><td style="{CELL}">{_image(one)}</td></tr>'
        for one in numbers
    )
    return f'<table role="presentation" cellspacing="0" style="border-collapse:collapse">{rows}</table>' if rows else ""


def _reading(pages: Sequence[tuple[str, str]], *, linked: bool) -> str:
    listed = "".join(
        f'<li><a href="{e(where)}" style="color:{INK}">{e(name)}</a></li>'
        if linked
        else f"<li>{e(name)}: {e(where)}</li>"
        for name, where in pages
    )
    return f'<ul style="padding-left:18px;margin:12px 0">{listed}</ul>' if listed else ""


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
