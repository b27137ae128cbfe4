"""Put a run's results where readers look: all of it or nothing, and a failure beside the last success, never over it.

outputs/<report>/<run date>/report.html    the last success; replaced in one step
report.ipynb   its notebook, executed
run.json       its record
failure.html   only while the newest run failed; with failure.ipynb and failure.json
skipped.json   in the place of all that, where the run date was no session
.run-<id>/     a run at work, or what a killed one left; the next run clears it away
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

__all__ = [
    "FAILURE_RECORD",
    "RECORD",
    "SKIPPED",
    "clear_failure",
    "folder_of",
    "holding",
    "note",
    "publish",
    "published",
    "workplace",
]

WORK = ".run-"
RECORD, FAILURE_RECORD, SKIPPED = "run.json", "failure.json", "skipped.json"
MADE = {"report.ipynb": "failure.ipynb", RECORD: FAILURE_RECORD, "report.html": "failure.html"}


def folder_of(outputs: Path, report: str, session: date) -> Path:
    """Say where what a report makes of a session is published."""
    return outputs.absolute() / report / session.isoformat()


@contextmanager
def workplace(folder: Path, run_id: str) -> Iterator[Path]:
    """Open a folder for one run beside what is published, and clear away those of runs that died."""
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    work = folder / f"{WORK}{run_id}"
    work.mkdir()
    # held as long as this process lives: whoever finds it free knows that the run is dead
    with (work / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)


def publish(work: Path, *, success: bool) -> None:
    """Move what the run made beside or over what was there; the page comes last, in one step."""
    folder = work.parent
    with (folder / ".publishing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for made in MADE:
            if (work / made).exists():
                _durable(work / made)
                (work / made).replace(folder / published(made, success=success))
        if success:
            clear_failure(folder)
        _sync_folder(folder)


def published(made: str, *, success: bool) -> str:
    """Name what a run made as readers find it."""
    return made if success else MADE[made]


def clear_failure(folder: Path) -> None:
    """Take an earlier failure away: it is mended."""
    for name in MADE.values():
        (folder / name).unlink(missing_ok=True)


def note(folder: Path, name: str, record: str) -> None:
    """Leave the record of a run that left nothing else, for who looks for its page."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{name}.{os.getpid()}"
    aside.write_text(record)
    aside.replace(folder / name)


@contextmanager
def holding(folder: Path) -> Iterator[bool]:
    """Keep runs from publishing into a folder; tells whether none is at work there."""
    _sweep(folder)
    with (folder / ".publishing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not any(folder.glob(f"{WORK}*"))


def _sweep(folder: Path) -> None:
    for left in folder.glob(f"{WORK}*"):
        try:
            with (left / "lock").open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
        except OSError:
            continue


def _durable(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
