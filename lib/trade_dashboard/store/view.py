"""One look at the store: its commits are read once, and one database in memory answers what is asked about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property
from typing import TypeVar

import duckdb

from trade_dashboard.commits import Part, parts
from trade_dashboard.errors import StoreError
from trade_dashboard.place import Place, Root, place
from trade_dashboard.reads import Question, note

__all__ = ["View", "connection", "view"]

T = TypeVar("T")


class View:
    """What was committed when it was first asked about; nothing is opened before.

    What is appended later is not in it. Files that a compaction takes away meanwhile are looked for anew in what replaced
    them, and then what was appended until then is in it too: a cut by `known_at` hides that.
    """

    def __init__(self, root: Root) -> None:
        self.root, self.where = root, place(root)

    @cached_property
    def parts(self) -> list[Part]:
        """Every committed file, oldest commit first."""
        return parts(self.where)

    def of(self, name: str) -> list[Part]:
        """Give the committed files of a dataset."""
        return [part for part in self.parts if part.dataset == name]

    def asked(self, question: Question, known_at: datetime) -> list[Part]:
        """Give the committed files of the dataset that a question is about, and note it."""
        note(self.root, self.parts, question, known_at)
        return self.of(question.dataset)

    def answer(self, ask: Callable[[], T]) -> T:
        """Ask again when a file is gone that was there: a compaction replaced it. What stays broken breaks in the same words."""
        said = ""
        while True:
            try:
                return ask()
            except StoreError as error:
                if str(error) == said:
                    raise
                said = str(error)
                vars(self).pop("parts", None)

    @contextmanager
    def database(self, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend the database; what it cannot read of a dataset is an error of the store."""
        with _told(self.where, name):
            yield self._database

    @cached_property
    def _database(self) -> duckdb.DuckDBPyConnection:
        return _opened()


def view(root: Root | View) -> View:
    """Look at a root; what is looked at already stays so."""
    return root if isinstance(root, View) else View(root)


@contextmanager
def connection(where: Place, name: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database of one's own in memory; what it cannot read of a dataset is an error of the store."""
    with _opened() as database, _told(where, name):
        yield database


def _opened() -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    # it would go to stdout, whose last line is promised to others; a kernel that cannot draw one cannot unset it
    with suppress(duckdb.Error):
        database.execute("SET enable_progress_bar = false")
    return database


@contextmanager
def _told(where: Place, name: str) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise StoreError(
            f"The store at {where.address('').rstrip('/')} has a file of {name} that cannot be read: {error}. Move "
            "that file and the commit that names it away, and ingest again."
        ) from error
