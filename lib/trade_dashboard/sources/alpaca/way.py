"""A long way in pieces: which sessions are asked for next, and where a way that was cut short goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from trade_dashboard.sessions import calendar
from trade_dashboard.sources.alpaca.window import Window

__all__ = ["Cut", "Past", "Step", "account_steps", "market_steps", "recalled"]

SESSIONS_A_PIECE = 80
# an order may wait for ninety days, and the broker corrects what it said of the last ones
REACH_BACK = 65


class Step(NamedTuple):
    """One piece.

    Attributes
    ----------
    first, last
        Its sessions; None is open.
    sessions
        How many these are.
    symbols
        Whose prices are asked for.
    is_ahead
        Whether it is part of the way itself, and not what new symbols need before it.
    """

    first: date | None
    last: date | None
    sessions: int
    symbols: tuple[str, ...] = ()
    is_ahead: bool = True

    def __str__(self) -> str:
        """Say which sessions."""
        return f"{self.first or 'the beginning'} to {self.last or 'now'}"


@dataclass(frozen=True)
class Cut:
    """A way that is not at its end; ISO dates.

    Attributes
    ----------
    asked
        First session that was asked for; None is open.
    start
        First session of the way; None is the account's first.
    account, market
        Up to where each is done; None is nowhere yet.
    symbols
        Symbols that were met.
    """

    asked: str | None
    start: str | None
    account: str | None = None
    market: str | None = None
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True)
class Past:
    """What is remembered of an account.

    Attributes
    ----------
    until
        Every session up to it is in the store, ISO; None if that is so of none.
    symbols
        Whose prices are, from the account's first session on.
    cut
        The way that was cut short.
    """

    until: str | None = None
    symbols: tuple[str, ...] = ()
    cut: Cut | None = None

    def content(self) -> dict[str, Any]:
        """Write it as plain values."""
        return asdict(self)

    def way(self, window: Window, opened: date) -> Cut:
        """Go on where the same way was cut short, or else begin, a little before what is in the store already."""
        asked = window.first.isoformat() if window.first else None
        if self.cut and self.cut.asked == asked:
            return self.cut
        return Cut(asked, asked or self._reaching_back(window, opened))

    def _reaching_back(self, window: Window, opened: date) -> str | None:
        if self.until is None:
            return None
        known = min(date.fromisoformat(self.until), window.until)
        back = calendar().between(opened, known)[-REACH_BACK:]
        return back[0].isoformat() if len(back) == REACH_BACK else None

    def at_the_end(self, way: Cut, window: Window) -> Past:
        """Remember that a way is done."""
        end = window.until.isoformat()
        if way.asked is None:
            return Past(max(self.until or end, end), tuple(sorted({*self.symbols, *way.symbols})))
        joins = self.until is not None and calendar().next(date.fromisoformat(self.until)).isoformat() >= way.asked
        return replace(self, until=max(self.until or end, end) if joins else self.until, cut=None)


def recalled(content: Mapping[str, Any]) -> Past:
    """Read what was written; of anything else nothing is known."""
    try:
        cut = content["cut"] and Cut(**content["cut"] | {"symbols": tuple(content["cut"]["symbols"])})
        for day in (content["until"], *((cut.start, cut.account, cut.market) if cut else ())):
            date.fromisoformat(day or "2025-06-30")
        return Past(content["until"], tuple(content["symbols"]), cut)
    except (KeyError, TypeError, ValueError):
        return Past()


def account_steps(way: Cut, window: Window, opened: date) -> list[Step]:
    """Give the pieces in which the account's records are still to be asked for."""
    return list(_steps(_day(way.start), _day(way.account), window, opened))


def market_steps(way: Cut, past: Past, window: Window, opened: date) -> list[Step]:
    """Give the pieces in which prices are still to be asked for.

    A symbol that is new is asked for from the account's first session on, unless a first session was asked for.
    """
    ahead = [step._replace(symbols=way.symbols) for step in _steps(_day(way.start), _day(way.market), window, opened)]
    start, fresh = _day(way.start), tuple(sorted({*way.symbols} - {*past.symbols}))
    if way.asked or start is None or way.market or not fresh:
        return ahead
    before = replace(window, first=None, last=start - timedelta(days=1))
    return [*(step._replace(symbols=fresh, is_ahead=False) for step in _steps(None, None, before, opened)), *ahead]


def _steps(start: date | None, done: date | None, window: Window, opened: date) -> Iterator[Step]:
    """Part the sessions of a way; the ends stay as open as they are."""
    first = calendar().next(done) if done else start
    days = calendar().between(first or opened, window.until)
    if not days:
        if done is None:
            yield Step(first, window.last, 0)
        return
    for at in range(0, len(days), SESSIONS_A_PIECE):
        some, is_last = days[at : at + SESSIONS_A_PIECE], at + SESSIONS_A_PIECE >= len(days)
        yield Step(some[0] if at else first, window.last if is_last else some[-1], len(some))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
