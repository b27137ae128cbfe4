"""What a notebook sees: the store cut at a run date and an instant. Nothing later exists in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from trade_dashboard import store
from trade_dashboard.adjust import adjust
from trade_dashboard.errors import NotReadyError, RequestError
from trade_dashboard.schema import PROVIDED, dataset
from trade_dashboard.sessions import Calendar, calendar
from trade_dashboard.settings import Settings

__all__ = ["Book", "open_book"]

SAMPLE = "sample"
# bytes of an answer that is kept: a career of fills is asked for once, and need not stay in memory
MOST_KEPT = 2**23


@dataclass(frozen=True)
class Book:
    """One account as it was known at `known_at`, up to the session `run_date`.

    Every method that reads gives a frame with the columns, types and units of its dataset in `schema`, also when it is
    empty, ordered by session and key. `lookback` counts sessions up to the run date; None means all. What is not asked for is not
    read: symbols, sessions and columns are chosen in the files. A question asked again is answered from memory, unless the
    answer was a large one.

    Attributes
    ----------
    account
        The broker's name of the account.
    run_date
        Last session that exists in this book.
    known_at
        Records that entered the store after this instant do not exist in this book.
    """

    settings: Settings
    account: str
    run_date: date
    known_at: datetime
    _looked: store.View | None = field(default=None, repr=False)
    _reads: dict[str, str] = field(default_factory=dict, repr=False)
    _stamps: dict[str, tuple[datetime, frozenset[str]]] = field(default_factory=dict, repr=False)
    _answers: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    @cached_property
    def _stored(self) -> store.View:
        return self._looked or store.view(self.settings.store)

    @property
    def calendar(self) -> Calendar:
        """The calendar of the account's exchange."""
        return calendar(self.settings.exchange)

    @property
    def previous_session(self) -> date:
        """The session before the run date."""
        return self.calendar.previous(self.run_date)

    @property
    def is_open(self) -> bool:
        """Whether the run date's session had not closed yet at the cut: its prices are provisional then."""
        return self.known_at < self.calendar.closing(self.run_date)

    @property
    def last_close(self) -> date:
        """The newest session of this book that had closed at the cut."""
        return self.previous_session if self.is_open else self.run_date

    @cached_property
    def prices_known_at(self) -> datetime | None:
        """When the newest price of the run date became known; None without one."""
        cut = store.Cut(self.run_date, self.known_at, since=self.run_date)
        moment: datetime | None = pc.max(store.records(self._stored, "bars", cut, ["known_at"])["known_at"]).as_py()
        if moment and self.is_open:
            # what is shown of it has to be there again when the page is made again
            self._stamps["prices known at"] = (moment, frozenset())
        return moment

    @property
    def is_sample(self) -> bool:
        """Whether anything read so far came from the embedded sample."""
        return any(SAMPLE in sources for _, sources in self._stamps.values())

    @property
    def data_known_at(self) -> datetime | None:
        """When the newest record read so far became known; None before the first."""
        return max((moment for moment, _ in self._stamps.values()), default=None)

    @property
    def fingerprint(self) -> str:
        """Digest of exactly what was read so far, whatever the order: same data, same digest, on any machine."""
        reads = "\n".join(f"{question} {digest}" for question, digest in sorted(self._reads.items()))
        return hashlib.sha256(reads.encode()).hexdigest()[:16]

    def bars(
        self,
        lookback: int | None = None,
        symbols: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Read daily prices as traded, of all symbols or some, with all their columns or some."""
        return self._read("bars", lookback, columns, symbol=symbols)

    def adjusted_bars(self, lookback: int | None = None, symbols: Sequence[str] | None = None) -> pd.DataFrame:
        """Read daily prices as if every split and dividend known in this book had always been; see `adjust`."""
        return adjust(self.bars(lookback, symbols), self.corporate_actions(lookback))

    def instruments(self) -> pd.DataFrame:
        """Read what each symbol is."""
        return self._read("instruments")

    def corporate_actions(self, lookback: int | None = None) -> pd.DataFrame:
        """Read splits and dividends, by the first session that trades without them."""
        return self._read("corporate_actions", lookback)

    def fills(self, lookback: int | None = None, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read the account's executions, with all their columns or some."""
        return self._read("fills", lookback, columns)

    def orders(self, lookback: int | None = None) -> pd.DataFrame:
        """Read the account's orders and what became of them."""
        return self._read("orders", lookback)

    def positions(self, lookback: int | None = None) -> pd.DataFrame:
        """Read what the broker says was held at each close."""
        return self._read("positions", lookback)

    def equity(self, lookback: int | None = None) -> pd.DataFrame:
        """Read what the broker says the account was worth at each close."""
        return self._read("equity", lookback)

    def cash_flows(self, lookback: int | None = None) -> pd.DataFrame:
        """Read money in and out that is no trade."""
        return self._read("cash_flows", lookback)

    def signals(self, lookback: int | None = None) -> pd.DataFrame:
        """Read what market-analysis advised."""
        return self._read("signals", lookback)

    def market_states(self, lookback: int | None = None) -> pd.DataFrame:
        """Read the weather market-analysis saw."""
        return self._read("market_states", lookback)

    def opportunities(self, lookback: int | None = None, *, as_first_told: bool = False) -> pd.DataFrame:
        """Read the candidates of trade-discovery.

        To judge them they are wanted `as_first_told`: with no score that the service gave when it could know the outcome.
        """
        return self._read("opportunities", lookback, as_first_told=as_first_told)

    def service_health(self, lookback: int | None = None) -> pd.DataFrame:
        """Read whether each service answered."""
        return self._read("service_health", lookback)

    def quarantine(self, lookback: int | None = None) -> pd.DataFrame:
        """Read the rows that sources gave and no dataset could take; their session is the one they arrived after."""
        return self._read("quarantine", lookback)

    def restatements(self, since: datetime) -> pd.DataFrame:
        """List what became known after `since` about sessions told of before, as `store.restatements` does."""
        found = store.restatements(self._stored, since, self.known_at, self.run_date, self.settings.exchange)
        self._reads[f"restatements since {since.isoformat()}"] = found.to_json(date_format="iso")
        return found

    def coverage(self) -> pd.DataFrame:
        """Count what is here of each dataset.

        Returns
        -------
        pd.DataFrame
            One row a dataset that sources provide (index `dataset`): `rows`, `first` and `last` session (NaT without rows).
        """
        found = {name: self._extent(name) for name in PROVIDED}
        rows = {name: (one.rows, one.first, one.last) for name, one in found.items()}
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=["rows", "first", "last"]).rename_axis("dataset")
        return frame.astype({"rows": "int64", "first": "datetime64[us]", "last": "datetime64[us]"})

    def _extent(self, name: str) -> store.Extent:
        only = {"account": [self.account]} if "account" in dataset(name).names else {}
        found = store.extent(self._stored, name, until=self.run_date, known_at=self.known_at, only=only)
        self._reads[f"extent of {name}"] = f"{found}"
        return found

    def _read(
        self,
        name: str,
        lookback: int | None = None,
        columns: Sequence[str] | None = None,
        *,
        as_first_told: bool = False,
        **only: Sequence[str] | None,
    ) -> pd.DataFrame:
        wanted = {column: sorted(set(values)) for column, values in only.items() if values is not None}
        if "account" in dataset(name).names:
            wanted["account"] = [self.account]
        since = None if lookback is None else self.calendar.previous(self.calendar.next(self.run_date), lookback)
        cut = store.Cut(self.run_date, self.known_at, since, wanted, as_first_told)
        named = [*(dataset(name).names if columns is None else columns)]
        question = f"{name} {since} {wanted} {named}{' as first told' if as_first_told else ''}"
        if question in self._answers:
            return self._answers[question].copy(deep=False)
        found = store.records(self._stored, name, cut, [*named, *store.STAMPS])
        told = found.select(named)
        self._note(question, found, told)
        frame = store.as_frame(name, told)
        if told.nbytes <= MOST_KEPT:
            self._answers[question] = frame
        return frame.copy(deep=False)

    def _note(self, question: str, found: pa.Table, told: pa.Table) -> None:
        """Keep what a page says of its data: the digest of what was told, and when that became known, by whom."""
        self._reads[question] = store.digest(told)
        if len(found):
            newest, sources = pc.max(found["known_at"]).as_py(), pc.unique(found["source"]).to_pylist()
            self._stamps[question] = (newest, frozenset(sources))


def open_book(
    run_date: date | str,
    known_at: datetime | str | None = None,
    *,
    account: str | None = None,
    settings: Settings | None = None,
) -> Book:
    """Open the store as it was known.

    Parameters
    ----------
    run_date
        Session to report, a date or its ISO form.
    known_at
        The cut, tz-aware or ISO with its offset; from the settings, else now, when left out.
    account
        The broker's name of the account; from the settings when left out, and needed when the store holds several.
    settings
        From the environment when left out.

    Raises
    ------
    RequestError
        If the store holds several accounts and none was chosen, or the chosen one is not there.
    NotReadyError
        If the store holds nothing of any account, its prices end before the run date, or those of the run date are of
        before its close while the cut is after it.
    """
    settings = settings or Settings.from_environment()
    day = date.fromisoformat(run_date) if isinstance(run_date, str) else run_date
    moment = datetime.fromisoformat(known_at) if isinstance(known_at, str) else known_at
    cut = moment or settings.known_at or datetime.now(UTC)
    looked = store.view(settings.store)
    chosen = _choose_account(settings, looked, account or settings.account, day, cut)
    book = Book(settings, chosen, day, cut, looked)
    _expect_prices(looked, book)
    return book


def _choose_account(settings: Settings, looked: store.View, wanted: str | None, day: date, cut: datetime) -> str:
    found = store.owners(looked, ("equity", "fills", "cash_flows"), until=day, known_at=cut)
    accounts = sorted({account for account, _ in found})
    real = sorted({account for account, source in found if source != SAMPLE})
    if not accounts:
        raise NotReadyError(
            f"Expected records of an account up to {day} in the store at {settings.store}, but it holds none known at "
            f"{cut:%Y-%m-%d %H:%M} UTC. Try `trade-dashboard ingest sample`, or ingest your own."
        )
    if wanted and wanted not in accounts:
        raise RequestError(f"Expected an account of the store ({', '.join(accounts)}), but got {wanted!r}.")
    if not wanted and len(real) > 1:
        raise RequestError(
            f"The store holds several accounts ({', '.join(real)}): choose one with TRADE_DASHBOARD_ACCOUNT={real[0]}."
        )
    return wanted or (real or accounts)[0]


def _expect_prices(looked: store.View, book: Book) -> None:
    last = store.newest_session(looked, "bars", until=book.run_date, known_at=book.known_at)
    how = f"`trade-dashboard ingest SOURCE {'--now' if book.is_open else f'--from {book.run_date}'}`"
    if last is not None and last < book.run_date:
        raise NotReadyError(
            f"Expected prices of {book.run_date}, but the newest known at {book.known_at:%Y-%m-%d %H:%M} UTC are of "
            f"{last}. Ingest that session first: {how}."
        )
    known, closed = book.prices_known_at, book.calendar.closing(book.run_date)
    if known and known < closed <= book.known_at:
        raise NotReadyError(
            f"Expected prices of {book.run_date} from its close on, {closed:%H:%M} UTC, but the newest are of {known:%H:%M} "
            f"UTC, when it was still open. Ingest that session again: {how}."
        )
