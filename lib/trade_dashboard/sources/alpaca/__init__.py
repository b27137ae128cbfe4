"""Alpaca, a broker with a REST API: the account's records from the trading host, prices from the data host.

Only stocks are read. The broker's own figures come for sessions that have closed, and so do prices unless those of the open
session are asked for; fills, orders and flows come as they happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pandas as pd

from trade_dashboard.errors import DataError
from trade_dashboard.schema import dataset, empty
from trade_dashboard.settings import PREFIX
from trade_dashboard.sources import Fetched, Memory, Options, Rejected
from trade_dashboard.sources.alpaca import records
from trade_dashboard.sources.alpaca.client import PATIENT, Client, Patience
from trade_dashboard.sources.alpaca.records import Rows
from trade_dashboard.sources.alpaca.way import Step, account_steps, market_steps, recalled
from trade_dashboard.sources.alpaca.window import Window, rfc3339
from trade_dashboard.sources.intake import accept

__all__ = ["Patience", "fetch", "pieces"]

OF_THE_ACCOUNT = ("fills", "orders", "positions", "equity", "cash_flows")
BENCHMARK = "SPY"
FIRST_HISTORY = date(2016, 1, 1)
SYMBOLS_A_REQUEST = 100
# the data host finds corporate actions by the day they are processed: a dividend's is its pay day, long after the ex-date
PROCESSED_BEFORE = timedelta(days=10)
PROCESSED_AFTER = timedelta(days=180)


def fetch(
    options: Options,
    first: date | None,
    last: date | None,
    *,
    now: datetime | None = None,
    patience: Patience = PATIENT,
) -> Fetched:
    """Ask the broker.

    Parameters
    ----------
    options
        Of these, whether the open session is wanted, and the environment: `APCA_API_KEY_ID` and `APCA_API_SECRET_KEY`, and where they differ from the live
        account's, `APCA_API_BASE_URL` and `APCA_API_DATA_URL`.
    first, last
        Sessions; None is the account's first day, and now.
    now
        The instant that counts as now.
    patience
        How long to wait for an answer and how often to ask again.

    Returns
    -------
    Fetched
        An endpoint that does not answer costs its own dataset, which is then named in `away`.

    Raises
    ------
    RequestError
        If the keys are not set, or the broker refuses them.
    """
    client = Client.of(options.environment, patience)
    visit = _Visit(client, _window(options, first, last, now), {_benchmark(options)})
    with client.session:
        visit.introduce()
        visit.account()
        visit.market(visit.symbols)
    return visit.told()


def pieces(
    options: Options,
    first: date | None,
    last: date | None,
    *,
    now: datetime | None = None,
    patience: Patience = PATIENT,
) -> Iterator[Fetched]:
    """Ask the broker as `fetch` does, some sessions at a time: first for the account's records, then for prices.

    Without a first session it goes on where it stopped the last time or, where that was the end, a little before it.
    What is remembered is so only while every endpoint answers.
    """
    client = Client.of(options.environment, patience)
    asked = _window(options, first, last, now)
    visit = _Visit(client, asked, {_benchmark(options)})
    with client.session:
        name = visit.introduce()
        if not name:
            visit.market(visit.symbols)
            yield visit.told()
            return
        past = recalled(options.recall(name))
        way = past.way(asked, visit.opened)
        visit.symbols |= {*way.symbols}
        if way.start and not first:
            visit.notes.append(f"asked from {way.start} on: what is before is there, and --all asks for it again")
        for step in _announced(account_steps(way, asked, visit.opened), "the account", options):
            visit.window = replace(asked, first=step.first, last=step.last)
            visit.account(with_positions=step.last == asked.last)
            way = replace(way, account=visit.window.until.isoformat(), symbols=tuple(sorted(visit.symbols)))
            yield visit.told(Memory(name, replace(past, cut=way).content()))
        for step in _announced(market_steps(way, past, asked, visit.opened), "prices", options):
            visit.window = replace(asked, first=step.first, last=step.last)
            visit.market(step.symbols)
            if step.is_ahead:
                way = replace(way, market=visit.window.until.isoformat())
            yield visit.told(Memory(name, replace(past, cut=way).content()))
        yield visit.told(Memory(name, past.at_the_end(way, asked).content()))


def _window(options: Options, first: date | None, last: date | None, now: datetime | None) -> Window:
    return Window.of(first, last, now or datetime.now(UTC), with_open=options.open_session)


def _announced(steps: list[Step], what: str, options: Options) -> Iterator[Step]:
    total, done = sum(step.sessions for step in steps), 0
    for step in steps:
        options.progress(f"{what}, {step}", done, total)
        yield step
        done += step.sessions


def _benchmark(options: Options) -> str:
    return options.environment.get(PREFIX + "BENCHMARK") or BENCHMARK


@dataclass
class _Visit:
    """Rounds of questions about some sessions each, and what came of the last ones."""

    client: Client
    window: Window
    symbols: set[str]
    opened: date = FIRST_HISTORY
    name: str = ""
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    away: dict[str, str] = field(default_factory=dict)

    @property
    def since(self) -> date:
        return self.window.first or self.opened

    def introduce(self) -> str:
        """Ask for the account's name; without one none of its records can be kept."""
        try:
            self.name, opened = records.account(self.client.trading("/v2/account"))
            self.opened = opened or FIRST_HISTORY
        except DataError as error:
            self.away |= {f"alpaca {name}": f"the account's name did not come: {error}" for name in OF_THE_ACCOUNT}
        return self.name

    def account(self, *, with_positions: bool = True) -> None:
        """Take what is the account's."""
        self._take("fills", "/v2/account/activities/FILL", self._fills)
        self._take("orders", "/v2/orders", self._orders)
        if with_positions:
            self._take("positions", "/v2/positions", self._positions)
        self._take("equity", "/v2/account/portfolio/history", self._equity)
        self._take("cash_flows", "/v2/account/activities", self._cash_flows)

    def market(self, symbols: Iterable[str]) -> None:
        """Take prices and corporate actions of some symbols."""
        named = sorted(symbols)
        missing = [name for name in ("fills", "positions") if f"alpaca {name}" in self.away]
        if missing:
            self.notes.append(
                f"bars, corporate_actions: symbols that only {' and '.join(missing)} name are not asked for"
            )
        self._take("bars", "/v2/stocks/bars", lambda path: self._bars(path, named))
        self._take("corporate_actions", "/v1/corporate-actions", lambda path: self._corporate_actions(path, named))

    def told(self, memory: Memory | None = None) -> Fetched:
        """Give what came since this was asked last; something to remember only if nothing failed to come so far."""
        found = Fetched(
            self.frames,
            tuple(self.notes),
            tuple(self.rejected),
            dict(self.away),
            memory=None if self.away else memory,
        )
        self.frames, self.notes, self.rejected = {}, [], []
        return found

    def _take(self, name: str, path: str, ask: Callable[[str], Rows]) -> None:
        """Ask one endpoint for one dataset, and keep the records of the window; one that is away is not asked again."""
        if f"alpaca {name}" in self.away:
            return
        try:
            frame, note = ask(path)
            good, wrong = accept(name, frame, path, first_line=1) if len(frame) else (empty(name), [])
        except DataError as error:
            self.away[f"alpaca {name}"] = str(error)
            return
        self.rejected += wrong
        self.notes += [f"{name}: {note}"] if note else []
        single = records.together(good) if name == "corporate_actions" else good
        self.frames[name] = self.window.cut(name, single.drop_duplicates(list(dataset(name).key), keep="last"))

    def _fills(self, path: str) -> Rows:
        found = records.fills(self.client.activities(path, self.window.asked()), self.name)
        self.symbols |= {*found.frame["symbol"].dropna()}
        return found

    def _orders(self, path: str) -> Rows:
        return records.orders(self.client.orders(path, self.window.asked()), self.name)

    def _positions(self, path: str) -> Rows:
        found = records.positions(self.client.listed(path), self.name, self.window.closed)
        self.symbols |= {*found.frame["symbol"].dropna()}
        if self.window.under_way:
            return Rows(
                empty("positions"), "left out, a session is under way and they are of this moment, not of a close"
            )
        return found

    def _equity(self, path: str) -> Rows:
        if self.since > self.window.until:
            return Rows(empty("equity"))
        end = self.window.end(self.window.until)
        span = {"start": rfc3339(self.window.start(self.since)), "end": rfc3339(end)}
        return records.equity(self.client.trading(path, timeframe="1D", **span), self.name)

    def _cash_flows(self, path: str) -> Rows:
        # flows have a date and no time: which midnight counts for them is not told
        asked = {"category": "non_trade_activity", **self.window.asked(margin=timedelta(days=1))}
        return records.cash_flows(self.client.activities(path, asked), self.name)

    def _bars(self, path: str, symbols: list[str]) -> Rows:
        if self.since > self.window.priced:
            return Rows(empty("bars"))
        end = self.window.end(self.window.priced)
        span = {"start": rfc3339(self.window.start(self.since)), "end": rfc3339(end)}
        asked = {"timeframe": "1Day", "adjustment": "raw", "limit": "10000", **span}
        return records.bars([page for some in _some(symbols) for page in self.client.pages(path, asked, some)])

    def _corporate_actions(self, path: str, symbols: list[str]) -> Rows:
        span = {
            "start": (self.since - PROCESSED_BEFORE).isoformat(),
            "end": (self.window.priced + PROCESSED_AFTER).isoformat(),
        }
        asked = {"types": "forward_split,reverse_split,cash_dividend", "limit": "1000", **span}
        found = [page for some in _some(symbols) for page in self.client.pages(path, asked, some)]
        return records.corporate_actions(found)


def _some(symbols: list[str]) -> list[list[str]]:
    return [symbols[at : at + SYMBOLS_A_REQUEST] for at in range(0, len(symbols), SYMBOLS_A_REQUEST)]
