"""A broker's export folder: CSV and JSON files as the hub's extractor drops them.

Exports overlap, repeat rows, come late and leave fields empty. The same row read twice is one record; of rows that
describe one thing differently, the one in the later export counts, whenever each was read. A file that was read before
and is the same is not read again, unless one that is new tells of the same sessions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from trade_dashboard.errors import RequestError, SchemaError
from trade_dashboard.sources import Fetched, Memory, Options, Unread
from trade_dashboard.sources.broker_export.kinds import KINDS, Export, exports
from trade_dashboard.sources.broker_export.looks import Look, looked
from trade_dashboard.sources.broker_export.readings import Reading, read
from trade_dashboard.sources.broker_export.seen import Past, Seen, Span, Window, recalled, told
from trade_dashboard.sources.broker_export.verdict import Verdict, verdict

__all__ = ["fetch"]


def fetch(options: Options, first: date | None, last: date | None) -> Fetched:
    """Read what is new in the folder, or not yet taken for the sessions asked for.

    Raises
    ------
    RequestError
        If no folder was given, it holds no export, or those of several accounts.
    SchemaError
        If not one of its files is what its name says.
    """
    found = _found(options.folder)
    name, window = str(found[0].path.parent.resolve()), Window.of(first, last)
    looks, past = looked(found, recalled(options.recall(name)), datetime.now(UTC))
    fresh = [one for one, look in looks.items() if not (look.seen and look.seen.has(window))]
    kept = {one: look.seen for one, look in looks.items() if look.seen and one not in fresh}
    readings = _read(fresh, looks, past.account, options)
    spans = {one: _span(reading, looks[one]) for one, reading in readings.items()}
    readings |= _read(_besides(spans, kept, looks), looks, past.account, options)
    _expect_any(found, readings)
    gone = past.gone(found)
    verdicts = _verdicts(readings, spans, [*gone.values(), *_word_of_broken(readings, looks)], window)
    counted = {one: count for chosen in verdicts.values() for one, count in chosen.counted.items()}
    entries = {one: _entry(one, looks[one], readings[one], window, counted.get(one, 0)) for one in fresh}
    files = gone | {one.path.name: entry for one, entry in (kept | entries).items() if entry}
    said: list[Reading | Seen] = [kept[one] if one in kept else readings[one] for one in found]
    return Fetched(
        {of: one.records for of, one in verdicts.items()},
        notes=tuple(note for one in said for note in one.notes),
        rejected=tuple(wrong for one in said for wrong in one.rejected),
        late={of: one.late for of, one in verdicts.items() if len(one.late)},
        memory=Memory(name, told(Past(past.account, files))),
        unread=_unread(kept, counted, read=len(fresh)),
    )


def _found(folder: Path | None) -> list[Export]:
    if folder is None or not folder.is_dir():
        raise RequestError(f"Source broker-export takes a folder, but got {folder}. Try `--folder path/to/export`.")
    found = exports(folder)
    if not found:
        raise RequestError(f"Expected exports such as trades_2025-01-02_to_2025-06-30.csv in {folder}, but found none.")
    return found


def _read(
    some: Sequence[Export], looks: Mapping[Export, Look], account: str | None, options: Options
) -> dict[Export, Reading]:
    def contents() -> Iterator[tuple[Export, bytes | OSError]]:
        for number, one in enumerate(some):
            options.progress(one.path.name, number, len(some))
            yield one, looks[one].opened(one)

    return read(contents(), account)


def _span(now: Reading, look: Look) -> Span | None:
    """Give the sessions that a file tells of, or told of before it changed."""
    spans = [span for span in (now.span, look.before and look.before.span) if span]
    return (min(low for low, _ in spans), max(high for _, high in spans)) if spans else None


def _besides(
    spans: Mapping[Export, Span | None], kept: Mapping[Export, Seen], looks: Mapping[Export, Look]
) -> list[Export]:
    """Name the files that are known, and whose word counts for what a fresh one tells of.

    That is a later one; and of a file that changed any other, as of what it tells no more an earlier one may.
    """
    return [
        other
        for other, known in kept.items()
        if any(
            one.kind == other.kind and _meet(span, known.span) and (other > one or looks[one].before)
            for one, span in spans.items()
        )
    ]


def _meet(one: Span | None, other: Span | None) -> bool:
    return bool(one and other and one[0] <= other[1] and other[0] <= one[1])


def _word_of_broken(readings: Mapping[Export, Reading], looks: Mapping[Export, Look]) -> list[Seen]:
    """Give what files that are broken now were before: what they told then still counts."""
    broken = [looks[one] for one, reading in readings.items() if reading.records is None]
    return [before for look in broken if (before := look.seen or look.before)]


def _expect_any(found: Sequence[Export], readings: Mapping[Export, Reading]) -> None:
    if all(one in readings and readings[one].records is None for one in found):
        path, reason = found[0].path, readings[found[0]].rejected[0].reason
        raise SchemaError(f"Expected an export of the broker in {path}, but got {reason}. Export it again.")


def _verdicts(
    readings: Mapping[Export, Reading],
    spans: Mapping[Export, Span | None],
    told_before: Sequence[Seen],
    window: Window,
) -> dict[str, Verdict]:
    found = {}
    for kind, one in KINDS.items():
        mine = {export: reading for export, reading in readings.items() if export.kind == kind}
        told_of = [span for export, span in spans.items() if span and export.kind == kind]
        before = [seen for seen in told_before if seen.kind == kind]
        if mine:
            found[one.dataset] = verdict(one.dataset, mine, told_of, before, window)
    return found


def _entry(one: Export, look: Look, reading: Reading, window: Window, counted: int) -> Seen | None:
    """Describe a file for the next time; one that is broken as a whole stays what it was."""
    if reading.records is None:
        return look.seen or look.before
    entry = look.seen or look.first_seen(one, reading)
    return entry and entry.taking(window, counted)


def _unread(kept: Mapping[Export, Seen], counted: Mapping[Export, int], *, read: int) -> Unread:
    """Count the records of files that were not read, but for those that count among what was compared."""
    records: dict[str, int] = {}
    for one, seen in sorted(kept.items(), key=lambda pair: list(KINDS).index(pair[0].kind)):
        of = KINDS[one.kind].dataset
        records[of] = records.get(of, 0) + max(seen.records - counted.get(one, 0), 0)
    return Unread(read, len(kept), max((seen.read_at for seen in kept.values()), default=None), records)
