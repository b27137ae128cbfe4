"""What is said to whom: everything about a night, or only what changed about a report since a target was told last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from trade_dashboard.deliver.message import NOTHING, WORST_FIRST, Message, compose, written
from trade_dashboard.deliver.records import Record
from trade_dashboard.deliver.told import Standing
from trade_dashboard.sessions import Calendar

__all__ = ["Word", "changes_word", "night_word"]

IN_A_WORD = {
    "raised": "New, {severity}",
    "escalated": "Worse, now {severity}",
    "eased": "Better, now {severity}",
    "cleared": "No longer",
}


@dataclass(frozen=True)
class Word:
    """What there is to say.

    Attributes
    ----------
    to
        Gives the message for a target by what it was told of each report; None if that is everything.
    standings
        How the reports stand that it tells of.
    """

    to: Callable[[Mapping[str, Standing]], Message | None]
    standings: Mapping[str, Standing]

    def known(self, told: Mapping[str, Standing]) -> dict[str, Standing]:
        """Give what a target knows once it took its message: of a report in trouble the alerts of before, and never what is older."""
        return {report: _known(told.get(report), now) for report, now in self.standings.items()}


def night_word(found: Sequence[Record], session: date, titles: Mapping[str, str], *, link: str = "") -> Word:
    """Say everything about a session, the same to everybody.

    Parameters
    ----------
    found
        All records, oldest session first.
    session
        Which one.
    titles
        Titles by report, to tell of these alone, and of each that is not there; empty for all that are there.
    link
        As in `compose`.
    """
    message = compose(found, session, link, titles or None)
    tonight = [one for one in found if one.run_date == session and not one.open_as_of]
    # a failure beside a success came after it, and stands before it
    made = {one.report: _standing(one) for one in reversed(tonight) if one.status != "skipped"}
    skipped = {one.report for one in tonight} - set(made)
    standings = {name: made.get(name) or _missing(session) for name in titles or made if name not in skipped}
    return Word(lambda _: message, standings)


def changes_word(
    found: Sequence[Record], report: str, title: str, session: date, exchange: Calendar, *, link: str = ""
) -> Word:
    """Say what changed about the limits of one report, to each target what it does not know; of a run that failed, that alone.

    Parameters
    ----------
    found
        All records, oldest session first.
    report, title
        The report, and what it is called.
    session
        The one that its newest record is expected to be of, or a later one.
    exchange
        Whose clock counts.
    link
        As in `compose`.
    """
    runs = [one for one in found if one.report == report and one.status != "skipped" and one.run_date >= session]
    record = next((one for one in runs if one.run_date == runs[-1].run_date), None)
    now = _standing(record) if record else _missing(session)
    clock = record and record.open_as_of and f"{record.open_as_of.astimezone(exchange.zone):%H:%M} in {exchange.city}"
    as_of = [f"As of {clock}: the session is still open; prices are provisional."] if clock else []

    def to(told: Mapping[str, Standing]) -> Message | None:
        before = told.get(report) or Standing(now.session)
        changes = list(_changes(title, before, now)) if now.session >= before.session else []
        if not changes:
            return None
        lines = [*as_of, *(line for _, line in changes)]
        return written(_title(title, now, [kind for kind, _ in changes]), lines, [record] if record else [], link)

    return Word(to, {report: now})


def _standing(record: Record) -> Standing:
    session = record.run_date.isoformat()
    if not record.done:
        return Standing(session, trouble=f"{record.status.replace('_', ' ')}. {record.reason}")
    return Standing(
        session, {_key(alert): (str(alert.get("severity")), str(alert.get("message"))) for alert in record.alerts}
    )


def _missing(session: date) -> Standing:
    return Standing(session.isoformat(), trouble=f"not made. {NOTHING}")


def _key(alert: Mapping[str, object]) -> str:
    return f"{alert.get('kpi') or alert.get('message')} {alert.get('symbol') or ''}".rstrip()


def _known(before: Standing | None, now: Standing) -> Standing:
    if before and now.session < before.session:
        return before
    return replace(now, alerts=before.alerts if before else {}) if now.trouble else now


def _changes(title: str, before: Standing, now: Standing) -> Iterator[tuple[str, str]]:
    """Give what happened, in a word and in a line."""
    if now.trouble:
        if not before.trouble:
            yield now.trouble.partition(".")[0], f"{title}: {now.trouble} Its limits are as they were told."
        return
    if before.trouble:
        yield "works again", f"{title}: works again."
    for key, (severity, message) in now.alerts.items():
        kind = _kind(before.alerts[key][0], severity) if key in before.alerts else "raised"
        if kind:
            yield kind, f"{IN_A_WORD[kind].format(severity=severity)}: {message}"
    for key, (_, message) in before.alerts.items():
        if key not in now.alerts:
            yield "cleared", f"{IN_A_WORD['cleared']}: {message}"


def _kind(before: str, now: str) -> str:
    old, new = (WORST_FIRST.index(one) if one in WORST_FIRST else len(WORST_FIRST) for one in (before, now))
    return "escalated" if new < old else "eased" if new > old else ""


def _title(title: str, now: Standing, kinds: Sequence[str]) -> str:
    session = date.fromisoformat(now.session)
    said = [f"{number} {kind}" if kind in IN_A_WORD else kind for kind, number in Counter(kinds).items()]
    return f"{title}, {session.day} {session:%B %Y}: {', '.join(said)}"
