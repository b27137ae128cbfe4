"""A folder as it is now, beside what is remembered of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from trade_dashboard.errors import RequestError, SchemaError
from trade_dashboard.sources.broker_export.kinds import ACCOUNTS_FILE, Export, account_of
from trade_dashboard.sources.broker_export.readings import Reading
from trade_dashboard.sources.broker_export.seen import Past, Seen, digest

__all__ = ["Look", "looked"]

NOBODY = "broker"
MOST_REJECTED = 100


class Look(NamedTuple):
    """A file as it is now.

    Attributes
    ----------
    stat
        What tells from outside whether it is the same; None if it cannot be opened.
    content
        What it holds, or why it cannot be opened; None if there was no need to.
    at
        When that was.
    seen
        What is remembered of the same file.
    before
        What is remembered of a file of its name that was another.
    """

    stat: os.stat_result | None
    content: bytes | OSError | None
    at: datetime
    seen: Seen | None = None
    before: Seen | None = None

    def opened(self, one: Export) -> bytes | OSError:
        """Give what the file holds, opening it if nobody did."""
        try:
            return one.path.read_bytes() if self.content is None else self.content
        except OSError as error:
            return error

    def first_seen(self, one: Export, reading: Reading) -> Seen | None:
        """Describe the file for the next time; None where it is to be read again, as much is wrong with it."""
        if self.stat is None or not isinstance(self.content, bytes) or len(reading.rejected) > MOST_REJECTED:
            return None
        at = self.at.isoformat()
        return Seen(
            one.kind,
            one.end,
            one.stem,
            size=self.stat.st_size,
            mtime_ns=self.stat.st_mtime_ns,
            sha256=digest(self.content),
            read_at=at,
            looked_at=at,
            span=reading.span,
            account=reading.account,
            notes=reading.notes,
            rejected=reading.rejected,
        )


def looked(found: Iterable[Export], past: Past, now: datetime) -> tuple[dict[Export, Look], Past]:
    """Look at every file, opening those that may have changed.

    Returns
    -------
    tuple[dict[Export, Look], Past]
        The looks, and what is still true of the past. Its account is None where nobody can say whose the files are. What
        was remembered of another account is forgotten.

    Raises
    ------
    RequestError
        If the files are of several accounts.
    """
    looks = {one: _look(one, past, now) for one in found}
    account = _account(looks, past)
    if account == past.account:
        return looks, past
    nothing = Past(account)
    return {one: _look(one, nothing, now) for one in looks}, nothing


def _look(one: Export, past: Past, now: datetime) -> Look:
    before = past.files.get(one.path.name)
    try:
        stat = one.path.stat()
        if before and before.is_untouched(stat):
            return Look(stat, None, now, before)
        content = one.path.read_bytes()
    except OSError as error:
        return Look(None, error, now, None, before)
    if before and before.sha256 == digest(content):
        return Look(stat, content, now, before.after(stat, now))
    return Look(stat, content, now, None, before)


def _account(looks: Mapping[Export, Look], past: Past) -> str | None:
    named = [_named(look) for one, look in looks.items() if one.kind == ACCOUNTS_FILE]
    names = sorted({name for name in named if name})
    if len(names) > 1:
        raise RequestError(f"Expected the exports of one account in the folder, but got {', '.join(names)}.")
    if names:
        return names[0]
    if named:
        return None if past.account == NOBODY else past.account
    return past.account or NOBODY


def _named(look: Look) -> str | None:
    """Name the account of an account's file; None if it cannot be read."""
    if look.seen:
        return look.seen.account
    try:
        return account_of(look.content) if isinstance(look.content, bytes) else None
    except SchemaError:
        return None
