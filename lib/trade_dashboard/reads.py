"""What a process asked the store, and which files decided the answers: proof that it would read the same again.

Files of the store never change, so a question whose answer the same files decide has the same answer. A process is made
to note what it asks by the variable `TRADE_DASHBOARD_READS`; who started it can ask later whether `hold`, from the
commits alone. The proof errs to one side: a compaction, or a correction of another account, makes it fail.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from trade_dashboard.commits import Part
from trade_dashboard.place import Root

__all__ = ["READS", "Question", "hold", "note", "noted"]

READS = "TRADE_DASHBOARD_READS"


@dataclass(frozen=True)
class Question:
    """Which records were asked for: of a dataset, up to a session, and since one; `since` None means from the beginning.

    `moves` tells whether a correction can change a record's session.
    """

    dataset: str
    moves: bool
    until: date
    since: date | None = None

    def __str__(self) -> str:
        return f"{self.dataset} {'moving' if self.moves else 'fixed'} {self.since or '-'} {self.until}"

    @classmethod
    def parse(cls, text: str) -> Question:
        """Read the question back from its text."""
        name, moves, since, until = text.split()
        first = None if since == "-" else date.fromisoformat(since)
        return cls(name, moves == "moving", date.fromisoformat(until), first)

    def deciding(self, stored: Iterable[Part], known_at: datetime) -> list[Part]:
        """Choose the files that may decide the answer at an instant, in the order of their commits.

        A file matters when it has sessions that are asked for, or when it may move a record into or out of them. What was
        committed before such a file, or became known before its records did, may decide how these are taken (as told first,
        as late). What came after all of them is of other keys, other sessions and a later time.
        """
        visible = [part for part in stored if part.dataset == self.dataset and part.known_from <= known_at]
        matters = [number for number, part in enumerate(visible) if self._within(part) or (self.moves and part.again)]
        if not matters:
            return []
        newest = max(visible[number].known_to for number in matters)
        return [part for number, part in enumerate(visible) if number <= matters[-1] or part.known_from <= newest]

    def _within(self, part: Part) -> bool:
        return part.first <= self.until and (self.since is None or part.last >= self.since)


def note(root: Root, stored: Sequence[Part], question: Question, known_at: datetime) -> None:
    """Note a question in the file that `TRADE_DASHBOARD_READS` names; nothing where it names none."""
    path = os.environ.get(READS)
    if not path:
        return
    files = _digest(question.deciding(stored, known_at))
    line = {"store": str(root), "known_at": known_at.isoformat(), "question": str(question), "files": files}
    with Path(path).open("a") as file:
        file.write(json.dumps(line) + "\n")


def noted(path: Path, root: Root, known_at: datetime) -> dict[str, str]:
    """Give what a process asked, each question with a digest of the files that decided the answer.

    Empty where that proves nothing: it asked nothing, another store, or at another instant; or the store changed under it.
    """
    found: dict[str, str] = {}
    try:
        lines = [json.loads(line) for line in path.read_text().splitlines()]
    except (OSError, ValueError):
        return {}
    for line in lines:
        same = line["store"] == str(root) and datetime.fromisoformat(line["known_at"]) == known_at
        if not same or found.setdefault(line["question"], line["files"]) != line["files"]:
            return {}
    return found


def hold(reads: Mapping[str, str], stored: Mapping[str, Sequence[Part]], then: datetime, now: datetime) -> bool:
    """Tell whether questions asked as of `then` have the same answers as of `now`.

    Parameters
    ----------
    reads
        As `noted` gives them.
    stored
        The files of the store as they are, by dataset.
    then, now
        The instants at which the store is cut.
    """
    for text, files in reads.items():
        question = Question.parse(text)
        deciding = question.deciding(stored.get(question.dataset, ()), now)
        if _digest(deciding) != files:
            return False
        # a file that is cut through shows other records at another instant
        if then != now and any(part.known_to > min(then, now) for part in deciding):
            return False
    return True


def _digest(files: Iterable[Part]) -> str:
    return hashlib.sha256("\n".join(f"{part.path} {part.size}" for part in files).encode()).hexdigest()[:16]
