"""Records from a source into the store; rows that are wrong into quarantine."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from trade_dashboard import store
from trade_dashboard.errors import SchemaError
from trade_dashboard.schema import QUARANTINE, conform, dataset
from trade_dashboard.sessions import calendar
from trade_dashboard.settings import Settings
from trade_dashboard.sources import Fetched, Options, Rejected, Unread, pieces, source

__all__ = ["arrived", "gone", "ingest"]

SHOWN = 5
# the newest complete ingests, kept among the source's memories: one without a first session, one of a range
COMPLETE = ("complete", "complete from")
# since when parts of a source have not answered, kept there as well
AWAY = "away since"


def ingest(
    settings: Settings,
    name: str,
    *,
    first: date | None = None,
    last: date | None = None,
    folder: Path | None = None,
    open_session: bool = False,
    strict: bool = False,
    again: bool = False,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> dict[str, Any]:
    """Fetch the records of the sessions from `first` to `last` and append what is new.

    A source that gives its records piece by piece has each stored before it is asked for the next. What it wants to know
    the next time is remembered after that: killed in between, it tells something twice, and the second time adds nothing.

    Parameters
    ----------
    settings, name, first, last, folder, open_session
        The store, the source, and what it is asked.
    strict
        Refuse everything when a row is wrong.
    again
        Fetch everything again, whatever is remembered.
    progress
        Is told what is being fetched, how many of such are done, and of how many.

    Returns
    -------
    dict[str, Any]
        Plain values: `source`, `datasets` (by name: `new` and `known` records), `first` and `last` session that came,
        `notes` on what was passed over, `rejected` (how many things were wrong), `rejections` (the first of them), `away`
        (parts of the source that did not answer, and what each said last), `away_since` (the first of the ingests that each
        of them has not answered, one after the other, ISO), `silent` (whether nothing did; None where the source cannot
        tell), `files` (how many were `read` and how many `unchanged`, and `since` when; None of a source without files).

    Raises
    ------
    SchemaError
        If `strict`, and a row is wrong. Nothing is stored then.
    """
    begun = datetime.now(UTC)

    def recall(of: str) -> dict[str, Any]:
        return {} if again else store.recall(settings.store, name, of)

    options = Options(
        folder=folder, open_session=open_session, environment=os.environ, recall=recall, progress=progress
    )
    fetched = [source(name).fetch(options, first, last)] if strict else pieces(name, options, first, last)
    summary = _together(_stored(one, settings, name, strict=strict) for one in fetched)
    since, notes = _away_since(settings, name, summary["away"], begun)
    if not gone(summary):
        notes += _note_complete(settings, name, first, last, begun)
    return summary | {"away_since": since, "notes": [*summary["notes"], *notes]}


def gone(summary: Mapping[str, Any]) -> bool:
    """Tell whether a source gave nothing but word that it was away, so that it is worth asking again."""
    if summary["silent"] is not None:
        return bool(summary["silent"])
    return bool(summary["away"]) and not any(one["new"] + one["known"] for one in summary["datasets"].values())


def arrived(settings: Settings, name: str, session: date) -> bool:
    """Tell whether a source was asked for a session after its close, and its answer stored."""
    closed = calendar(settings.exchange).closing(session)
    told = (store.recall(settings.store, name, of) for of in COMPLETE)
    return any(
        datetime.fromisoformat(one["begun"]) >= closed and (one["first"] or str(session)) <= str(session) <= one["last"]
        for one in told
        if one
    )


def _away_since(
    settings: Settings, name: str, away: Iterable[str], begun: datetime
) -> tuple[dict[str, str], list[str]]:
    """Say of each part that is away when it was asked in vain first, since it last answered; and what went wrong with that."""
    told = store.recall(settings.store, name, AWAY)
    since = {part: told.get(part, begun.isoformat(timespec="seconds")) for part in away}
    if since or told:  # also what stays the same: compactions would outlive it
        try:
            store.remember(settings.store, name, AWAY, since)
        except OSError as error:
            return since, [f"since when something is away cannot be noted: {error}"]
    return since, []


def _note_complete(settings: Settings, name: str, first: date | None, last: date | None, begun: datetime) -> list[str]:
    of, reached = COMPLETE[first is not None], (last or calendar(settings.exchange).last_closed(begun)).isoformat()
    if store.recall(settings.store, name, of).get("last", "") > reached:
        # who asks for the past once more takes nothing back of what came since
        return []
    span = {"first": first and first.isoformat(), "last": reached, "begun": begun.isoformat()}
    try:
        store.remember(settings.store, name, of, span)
    except OSError as error:
        return [f"that this ingest is complete cannot be noted, and `ready` will wait for the next one: {error}"]
    return []


def _stored(fetched: Fetched, settings: Settings, name: str, *, strict: bool) -> dict[str, Any]:
    """Store one piece, remember it, and say what was in it."""
    if strict and fetched.rejected:
        raise SchemaError(f"{_in_words(fetched.rejected)} Nothing was stored; without --strict the good rows are.")
    once_only = dict(fetched.late)
    if fetched.rejected:
        once_only[QUARANTINE.name] = _quarantine(fetched.rejected, settings)
    unheard = {of: _unheard(of, frame, settings, name) for of, frame in once_only.items()}
    frames = {of: _one_frame(fetched.frames.get(of), unheard.get(of)) for of in {**fetched.frames, **unheard}}
    appended = store.append(settings.store, frames, name, exchange=settings.exchange) if frames else {}
    known = Counter({of: len(frame) - len(unheard[of]) for of, frame in once_only.items()})
    known.update(fetched.unread.records if fetched.unread else {})
    counts = {of: {"new": one.new, "known": one.known} for of, one in appended.items()}
    return {
        "source": name,
        "datasets": _sums([counts, {of: {"new": 0, "known": count} for of, count in known.items()}]),
        **_span(fetched),
        "notes": [*fetched.notes, *_remembered(fetched, settings, name)],
        "rejected": len(fetched.rejected),
        "rejections": [asdict(one) for one in fetched.rejected[:SHOWN]],
        "away": dict(fetched.away),
        "silent": fetched.silent,
        "files": _files(fetched.unread),
    }


def _unheard(of: str, late: pd.DataFrame, settings: Settings, name: str) -> pd.DataFrame:
    """Choose the records of whose key the source told nothing before."""
    key, now = list(dataset(of).key), datetime.now(UTC)
    until = calendar(settings.exchange).sessions[-1]
    there = store.read(settings.store, of, until=until, known_at=now, columns=key)
    told = pd.MultiIndex.from_frame(there.loc[there["source"] == name, key])
    return late[~pd.MultiIndex.from_frame(late[key]).isin(told)]


def _one_frame(*frames: pd.DataFrame | None) -> pd.DataFrame:
    return pd.concat([frame for frame in frames if frame is not None])


def _remembered(fetched: Fetched, settings: Settings, name: str) -> list[str]:
    """Remember what is to be recalled; where that is not possible nothing is lost, and a note says so."""
    memory = fetched.memory
    if memory is None or json.loads(json.dumps(memory.content)) == store.recall(settings.store, name, memory.name):
        return []
    try:
        store.remember(settings.store, name, memory.name, memory.content)
    except OSError as error:
        return [f"what was read cannot be remembered, and is read again the next time: {error}"]
    return []


def _together(summaries: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Put the summaries of a source's pieces into one."""
    every = list(summaries)
    return every[-1] | {
        "datasets": _sums([one["datasets"] for one in every]),
        "first": min((one["first"] for one in every if one["first"]), default=None),
        "last": max((one["last"] for one in every if one["last"]), default=None),
        "notes": list(dict.fromkeys(note for one in every for note in one["notes"])),
        "rejected": sum(one["rejected"] for one in every),
        "rejections": [wrong for one in every for wrong in one["rejections"]][:SHOWN],
        "away": {part: said for one in every for part, said in one["away"].items()},
    }


def _sums(counts: Sequence[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    """Add up new and known records, by dataset."""
    names = dict.fromkeys(of for one in counts for of in one)
    return {of: {word: sum(one[of][word] for one in counts if of in one) for word in ("new", "known")} for of in names}


def _files(unread: Unread | None) -> dict[str, Any] | None:
    return {"read": unread.read, "unchanged": unread.unchanged, "since": unread.since} if unread else None


def _span(fetched: Fetched) -> dict[str, str | None]:
    days = [day for frame in fetched.frames.values() for day in frame["session"].agg(["min", "max"]).dropna()]
    return {
        "first": min(days).date().isoformat() if days else None,
        "last": max(days).date().isoformat() if days else None,
    }


def _in_words(rejected: tuple[Rejected, ...]) -> str:
    one = rejected[0]
    rows = len({(other.origin, other.line) for other in rejected})
    what = f"line {one.line} has {one.column} = {one.value!r} ({one.reason})" if one.line else one.reason
    return f"Expected {one.dataset} in {one.origin}, but {what}" + (
        f", and {rows - 1} more rows are wrong." if rows > 1 else "."
    )


def _quarantine(rejected: tuple[Rejected, ...], settings: Settings) -> pd.DataFrame:
    arrived = calendar(settings.exchange).last_closed(datetime.now(UTC))
    rows = pd.DataFrame([asdict(one) for one in rejected]).drop_duplicates(list(QUARANTINE.key))
    return conform(QUARANTINE.name, rows.assign(session=str(arrived), value=rows["value"].replace("", "(empty)")))
