"""A book holds one account as it was known, up to its run date, and nothing later exists in it."""

import shutil
from datetime import date, timedelta

import pandas as pd
import pytest
from build import KNOWN, actions, at, bars, book_of, equity, fills, flows, positions, store_with, together

from trade_dashboard import open_book, schema, store
from trade_dashboard.book import Book
from trade_dashboard.errors import NotReadyError, RequestError
from trade_dashboard.settings import Settings

PRICES = bars("AAA", {"2025-06-26": 9, "2025-06-27": 10, "2025-06-30": 11, "2025-07-01": 12})


def reading(name):
    """Give the book's method that reads a dataset."""
    return getattr(Book, name)


def test_a_book_knows_neither_later_sessions_nor_later_corrections(tmp_path):
    """On Friday evening nobody knew Monday's price, nor that Friday's would be corrected on Tuesday."""
    friday = at("2025-06-27 22:00")
    settings = store_with(
        tmp_path,
        bars=bars("AAA", {"2025-06-26": 9, "2025-06-27": 10}),
        equity=equity("2025-06-27 100"),
        known_at=friday,
    )
    before = open_book("2025-06-27", friday, settings=settings)
    was = before.bars()
    store_with(tmp_path, bars=bars("AAA", {"2025-06-27": 10.5, "2025-06-30": 11}), known_at=at("2025-07-01 22:00"))
    after = open_book("2025-06-27", friday, settings=settings)
    assert after.bars()["close"].tolist() == was["close"].tolist() == [9.0, 10.0]
    assert after.fingerprint == before.fingerprint
    assert open_book("2025-06-27", KNOWN, settings=settings).bars()["close"].tolist() == [9.0, 10.5]
    assert open_book("2025-06-30", KNOWN, settings=settings).bars()["close"].tolist() == [9.0, 10.5, 11.0]


def test_an_open_book_outlives_a_compaction(tmp_path):
    """Files that were merged and taken away while it was open are asked for in what replaced them."""
    settings = store_with(tmp_path, bars=PRICES, equity=equity("2025-06-27 100"))
    store_with(tmp_path, bars=bars("AAA", {"2025-06-26": 9.5}), fills=fills("2025-06-30 AAA BUY 1@10"), known_at=KNOWN)
    book = open_book("2025-06-30", KNOWN, settings=settings)
    assert store.compact(settings.store).before > 2
    assert book.bars()["close"].tolist() == [9.5, 10.0, 11.0]
    assert book.fills()["price"].tolist() == [10.0]


def test_a_book_is_of_one_moment(tmp_path):
    """What is stored while it is open is not in it, though it says of itself that it was known before."""
    settings = store_with(tmp_path, bars=PRICES, equity=equity("2025-06-27 100"))
    book = open_book("2025-06-30", KNOWN, settings=settings)
    store_with(tmp_path, bars=bars("BBB", {"2025-06-30": 5}), fills=fills("2025-06-30 AAA BUY 1@10"))
    assert book.bars()["symbol"].unique().tolist() == ["AAA"]
    assert book.fills().empty
    assert book.coverage().loc["fills", "rows"] == 0
    assert len(open_book("2025-06-30", KNOWN, settings=settings).fills()) == 1


def test_a_question_asked_again_is_not_read_again(tmp_path):
    """The answer is there when the store is gone, and is what was stored, whatever was done to the first one."""
    book = book_of(tmp_path, bars=PRICES, equity=equity("2025-06-27 100"))
    first, before = book.bars(), book.fingerprint
    first.loc[0, ["symbol", "close"]] = ["BBB", 0.0]
    first.columns = list("abcdefg")
    shutil.rmtree(book.settings.store)
    again = book.bars()
    assert list(again.columns) == list(schema.empty("bars").columns)
    assert again.loc[0, ["symbol", "close"]].tolist() == ["AAA", 9.0]
    assert book.fingerprint == before


def test_everything_ends_with_the_run_date(tmp_path):
    """No method of a book gives a record of a later session."""
    both = ("2025-06-27", "2025-06-30")
    book = book_of(
        tmp_path,
        "2025-06-27",
        bars=bars("AAA", dict.fromkeys(both, 10)),
        fills=fills(*(f"{day} AAA BUY 1@10" for day in both)),
        cash_flows=flows(*(f"{day} deposit 1" for day in both)),
        equity=equity(*(f"{day} 1" for day in both)),
        positions=positions(*(f"{day} AAA 1" for day in both)),
        corporate_actions=actions(*(f"{day} AAA dividend 1" for day in both)),
    )
    for name in ("bars", "fills", "cash_flows", "equity", "positions", "corporate_actions"):
        assert reading(name)(book)["session"].tolist() == [pd.Timestamp("2025-06-27")], name


def test_a_book_of_nothing_known_has_no_account(tmp_path):
    """Data not ready: the message names the store and the instant, and what to paste."""
    settings = Settings(store=tmp_path / "none")
    with pytest.raises(NotReadyError, match=r"none known at 2025-07-01 04:00 UTC.*`trade-dashboard ingest sample`"):
        open_book("2025-06-30", at("2025-07-01 04:00"), settings=settings)


def test_an_account_that_became_known_later_is_not_there_yet(tmp_path):
    """The choice of the account is cut as everything else."""
    settings = store_with(tmp_path, equity=equity("2025-06-27 1"), bars=PRICES, known_at=at("2025-07-02 00:00"))
    with pytest.raises(NotReadyError):
        open_book("2025-06-30", at("2025-07-01 00:00"), settings=settings)
    with pytest.raises(NotReadyError):
        open_book("2025-06-26", KNOWN, settings=settings)


@pytest.mark.parametrize(
    "records",
    [
        {"equity": equity("2025-06-27 1")},
        {"fills": fills("2025-06-27 AAA BUY 1@1")},
        {"cash_flows": flows("2025-06-27 deposit 1")},
    ],
)
def test_an_account_is_there_with_its_first_record(tmp_path, records):
    """A value, a fill or a deposit is enough."""
    settings = store_with(tmp_path, bars=PRICES, **records)
    assert open_book("2025-06-30", KNOWN, settings=settings).account == "ACC"


def test_several_accounts_must_be_chosen_from(tmp_path):
    """Nobody is guessed: the message names them and the variable that chooses."""
    both = together(equity("2025-06-27 1", account="DU2"), equity("2025-06-27 1", account="DU1"))
    settings = store_with(tmp_path, equity=both, bars=PRICES)
    with pytest.raises(RequestError, match=r"\(DU1, DU2\).*TRADE_DASHBOARD_ACCOUNT=DU1"):
        open_book("2025-06-30", KNOWN, settings=settings)
    assert open_book("2025-06-30", KNOWN, account="DU2", settings=settings).account == "DU2"
    chosen = settings.model_copy(update={"account": "DU1"})
    assert open_book("2025-06-30", KNOWN, settings=chosen).account == "DU1"
    assert open_book("2025-06-30", KNOWN, account="DU2", settings=chosen).account == "DU2"


def test_an_account_that_is_not_there_is_refused(tmp_path):
    """The message names those there are."""
    settings = store_with(tmp_path, equity=equity("2025-06-27 1"), bars=PRICES)
    with pytest.raises(RequestError, match=r"\(ACC\), but got 'DU1'"):
        open_book("2025-06-30", KNOWN, account="DU1", settings=settings)


def test_the_sample_never_hides_a_real_account(tmp_path):
    """Beside a real account the fiction is shown only to who asks for it by name."""
    settings = store_with(tmp_path, "sample", equity=equity("2025-06-27 1", account="A SAMPLE"), bars=PRICES)
    assert open_book("2025-06-30", KNOWN, settings=settings).account == "A SAMPLE"
    store_with(tmp_path, equity=equity("2025-06-27 1", account="REAL"))
    assert open_book("2025-06-30", KNOWN, settings=settings).account == "REAL"
    assert open_book("2025-06-30", KNOWN, account="A SAMPLE", settings=settings).account == "A SAMPLE"


def test_a_book_reads_only_its_account(tmp_path):
    """What belongs to an account is of the book's; prices belong to nobody."""
    book = book_of(
        tmp_path,
        fills=together(fills("2025-06-30 AAA BUY 1@10"), fills("2025-06-30 BBB BUY 2@10", account="OTHER")),
        cash_flows=together(flows("2025-06-30 deposit 1"), flows("2025-06-30 deposit 2", account="OTHER")),
        equity=together(equity("2025-06-30 1"), equity("2025-06-30 2", account="OTHER")),
        positions=together(positions("2025-06-30 AAA 1"), positions("2025-06-30 BBB 2", account="OTHER")),
        bars=PRICES,
    )
    assert book.fills()["symbol"].tolist() == book.positions()["symbol"].tolist() == ["AAA"]
    assert book.cash_flows()["amount"].tolist() == book.equity()["equity"].tolist() == [1.0]
    assert book.coverage().loc[["fills", "cash_flows", "equity", "positions"], "rows"].tolist() == [1, 1, 1, 1]


def test_prices_that_end_before_the_run_date_are_not_ready(tmp_path):
    """The message says which session is there, which is missing, and how to get it."""
    settings = store_with(tmp_path, equity=equity("2025-06-27 1"), bars=bars("AAA", {"2025-06-27": 10}))
    with pytest.raises(NotReadyError, match=r"of 2025-06-30, but .* of 2025-06-27\..*ingest SOURCE --from 2025-06-30`"):
        open_book("2025-06-30", KNOWN, settings=settings)
    assert open_book("2025-06-27", KNOWN, settings=settings).run_date == date(2025, 6, 27)


def test_prices_that_are_not_known_yet_are_not_ready(tmp_path):
    """Tonight's price that arrives tomorrow is missing tonight."""
    settings = store_with(tmp_path, equity=equity("2025-06-27 1"), bars=bars("AAA", {"2025-06-27": 10}))
    store_with(tmp_path, bars=bars("AAA", {"2025-06-30": 11}), known_at=KNOWN + timedelta(hours=1))
    with pytest.raises(NotReadyError):
        open_book("2025-06-30", KNOWN, settings=settings)
    assert open_book("2025-06-30", KNOWN + timedelta(hours=1), settings=settings)


def test_a_book_opens_with_dates_and_instants_or_their_text(tmp_path):
    """Both say the same; the cut comes from the argument, else from the settings."""
    settings = store_with(tmp_path, equity=equity("2025-06-27 1"), bars=PRICES)
    by_text = open_book("2025-06-30", "2025-07-04T02:00:00+02:00", settings=settings)
    by_value = open_book(date(2025, 6, 30), KNOWN, settings=settings)
    assert (by_text.run_date, by_text.known_at) == (by_value.run_date, by_value.known_at)
    cut = settings.model_copy(update={"known_at": at("2025-07-05 00:00")})
    assert open_book("2025-06-30", settings=cut).known_at == at("2025-07-05 00:00")
    assert open_book("2025-06-30", KNOWN, settings=cut).known_at == KNOWN


def test_a_book_of_the_environment(tmp_path, monkeypatch):
    """Without settings they are resolved from the environment, as in a notebook."""
    settings = store_with(tmp_path, equity=equity("2025-06-27 1"), bars=PRICES)
    for name, value in settings.model_copy(update={"known_at": KNOWN}).to_environment().items():
        monkeypatch.setenv(name, value)
    assert open_book("2025-06-30").bars()["close"].tolist() == [9.0, 10.0, 11.0]


@pytest.mark.parametrize(("lookback", "closes"), [(1, [11]), (2, [10, 11]), (3, [9, 10, 11]), (None, [9, 10, 11])])
def test_lookback_counts_sessions(tmp_path, lookback, closes):
    """Over a weekend, two sessions to Monday are Friday and Monday."""
    assert book_of(tmp_path, bars=PRICES).bars(lookback)["close"].tolist() == closes


@pytest.mark.parametrize("lookback", [9_500, 100_000])
def test_a_lookback_beyond_the_calendar_is_refused_or_all(tmp_path, lookback):
    """Asking for more sessions than there ever were never gives fewer records."""
    book = book_of(tmp_path, bars=PRICES)
    try:
        closes = book.bars(lookback)["close"].tolist()
    except RequestError:
        return
    assert closes == [9, 10, 11]


def test_prices_can_be_of_some_symbols(tmp_path):
    """Named ones, none that is not there, and none at all for none."""
    book = book_of(tmp_path, bars=together(PRICES, bars("BBB", {"2025-06-30": 5})))
    assert book.bars(symbols=["BBB"])["close"].tolist() == [5]
    assert book.bars(symbols=["BBB", "BBB", "CCC"])["close"].tolist() == [5]
    assert book.bars(symbols=[]).empty
    assert len(book.bars()) == 4


def test_records_come_by_session_then_key(tmp_path):
    """Whatever order they were stored in."""
    mixed = together(bars("BBB", {"2025-06-30": 1, "2025-06-27": 2}), bars("AAA", {"2025-06-30": 3}))
    frame = book_of(tmp_path, bars=mixed).bars()
    assert frame["close"].tolist() == [2, 3, 1]
    assert frame.index.tolist() == [0, 1, 2]


@pytest.mark.parametrize("name", schema.PROVIDED)
def test_every_dataset_can_be_read_and_has_its_types_when_empty(tmp_path, name):
    """Columns, order and types of the schema, with no record at all."""
    frame = reading(name)(book_of(tmp_path))
    pd.testing.assert_frame_equal(frame, schema.empty(name))
    assert schema.check(name, frame)[1].empty


def test_types_are_the_schemas_when_there_are_records(tmp_path):
    """What was stored is checked again and found good."""
    book = book_of(tmp_path, bars=PRICES, fills=fills("2025-06-30 AAA BUY 1@10"), cash_flows=flows("2025-06-30 fee -1"))
    for name in ("bars", "fills", "cash_flows"):
        frame = reading(name)(book)
        assert frame.dtypes.to_dict() == schema.empty(name).dtypes.to_dict()
        assert (len(frame) > 0, len(schema.check(name, frame)[1])) == (True, 0)


def test_the_fingerprint_is_of_what_was_read_in_any_order(tmp_path):
    """Same data, same digest, also when it was read twice or another way round; more data, another digest."""
    store_with(tmp_path, bars=PRICES, fills=fills("2025-06-30 AAA BUY 1@10"))
    one, other = book_of(tmp_path), book_of(tmp_path)
    nothing = one.fingerprint
    _ = one.bars(), one.fills(), one.bars(2, ["AAA", "BBB"])
    _ = other.bars(2, ["BBB", "AAA"]), other.fills(), other.bars(), other.fills()
    assert one.fingerprint == other.fingerprint != nothing
    assert len(one.fingerprint) == 16
    one.equity()
    assert one.fingerprint != other.fingerprint


@pytest.mark.parametrize(
    "other",
    [
        {"2025-06-27": 10, "2025-06-30": 11.000001},
        {"2025-06-27": 11, "2025-06-30": 10},
        {"2025-06-26": 10, "2025-06-30": 11},
        {"2025-06-30": 11},
    ],
)
def test_the_fingerprint_differs_when_a_value_differs(tmp_path, other):
    """By a millionth, by the order of two values, by a session, by a record."""

    def fingerprint(place, closes):
        book = book_of(tmp_path / place, bars=bars("AAA", closes))
        book.bars()
        return book.fingerprint

    assert fingerprint("a", {"2025-06-27": 10, "2025-06-30": 11}) != fingerprint("b", other)


def test_the_fingerprint_is_the_same_on_any_machine(tmp_path):
    """Written down: where the store lies, when it was filled and by whom are no part of it."""
    book = book_of(tmp_path, bars=PRICES)
    book.bars()
    assert book.fingerprint == "bdd7b7578d14d75b"


def test_what_came_from_the_sample_is_told(tmp_path):
    """One record of the sample among those read is enough; before anything is read, nothing was fiction."""
    store_with(tmp_path, "sample", bars=PRICES)
    book = book_of(tmp_path, equity=equity("2025-06-27 1"))
    assert not book.is_sample
    book.equity()
    assert not book.is_sample
    book.bars(1)
    assert book.is_sample


def test_the_newest_record_read_dates_the_data(tmp_path):
    """None before the first; then the latest instant at which something that was read became known."""
    store_with(tmp_path, bars=PRICES, known_at=at("2025-07-02 00:00"))
    book = book_of(tmp_path, equity=equity("2025-06-27 1"))
    assert book.data_known_at is None
    book.bars()
    assert book.data_known_at == at("2025-07-02 00:00")
    book.equity()
    assert book.data_known_at == KNOWN


def test_coverage_counts_every_dataset(tmp_path):
    """One row each, in the schema's order; dates are missing where nothing is known."""
    book = book_of(tmp_path, bars=PRICES, equity=equity("2025-06-27 1"))
    coverage = book.coverage()
    assert coverage.index.tolist() == list(schema.PROVIDED)
    assert coverage.index.name == "dataset"
    assert [str(kind) for kind in coverage.dtypes] == ["int64", "datetime64[us]", "datetime64[us]"]
    assert coverage.loc["bars"].tolist() == [3, pd.Timestamp("2025-06-26"), pd.Timestamp("2025-06-30")]
    assert coverage.loc["equity"].tolist() == [1, pd.Timestamp("2025-06-27"), pd.Timestamp("2025-06-27")]
    assert coverage["rows"].sum() == 4
    assert coverage.loc["fills", ["first", "last"]].isna().all()


def test_coverage_is_part_of_the_fingerprint(tmp_path):
    """Counting is reading: one more record shows."""

    def fingerprint(place, closes):
        book = book_of(tmp_path / place, bars=bars("AAA", closes))
        book.coverage()
        return book.fingerprint

    assert fingerprint("a", {"2025-06-30": 11}) != fingerprint("b", {"2025-06-27": 10, "2025-06-30": 11})


def test_the_session_before_is_the_exchanges(tmp_path):
    """Before Monday comes Friday."""
    assert book_of(tmp_path).previous_session == date(2025, 6, 27)
