"""What a disk refuses, said so that somebody can act on it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from trade_dashboard.errors import TradeDashboardError

__all__ = ["cure", "full", "refusal", "writing"]

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
# less than this is no room: it would not hold one notebook
LEAST_BYTES = 65_536
MAKE_ROOM = "Make room there: `trade-dashboard prune --keep 60` takes old pages away."
# an engine leaves one of these in every container
CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))


def refusal(folder: Path, error: OSError) -> str:
    """Say that something in a folder cannot be written, why, and what to do, with a command to paste."""
    return f"{folder} cannot be written: {error}. {cure(folder, error)}".rstrip()


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses below a folder into an error that says what to do.

    Raises
    ------
    TradeDashboardError
        In place of any OSError.
    """
    try:
        yield
    except OSError as error:
        raise TradeDashboardError(refusal(folder, error)) from error


def full(folders: Iterable[Path]) -> str:
    """Name the folders whose disk has no room left, with what to do; empty if there are none."""
    found = list(dict.fromkeys(str(folder) for folder in folders if _room(folder) < LEAST_BYTES))
    return f"The disk of {' and '.join(found)} is full. {MAKE_ROOM}" if found else ""


def _room(folder: Path) -> float:
    try:
        disk = os.statvfs(folder)
    except OSError:
        return LEAST_BYTES
    return disk.f_bavail * disk.f_frsize


def cure(folder: Path, error: OSError) -> str:
    """Say what to do about a refusal, with a command to paste; empty where only the error itself helps."""
    if error.errno in NO_ROOM:
        return MAKE_ROOM
    if error.errno == errno.EROFS:
        return "It is mounted read-only: mount it without `:ro`, or `readOnly: false`."
    return _ownership(folder, error) if error.errno in (errno.EACCES, errno.EPERM) else ""


def _ownership(folder: Path, error: OSError) -> str:
    """Say whose it is, who we are, and how the two become one."""
    named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, (str, bytes)) else folder
    there = next((place for place in (named, *named.parents) if place.exists()), folder)
    owner, us = there.stat(), f"{os.getuid()}:{os.getgid()}"
    said = f"{there} belongs to {owner.st_uid}:{owner.st_gid}, and this process is {us}."
    if not any(mark.exists() for mark in CONTAINER_MARKS):
        return f"{said} Give it to this user, as root: `chown -R {us} {folder}`."
    give = f"docker run --rm --user 0 --entrypoint chown -v FOLDER_OR_VOLUME:{folder} trade-dashboard -R {us} {folder}"
    come = (
        f" Come as its owner, `docker run --user {owner.st_uid}:{owner.st_gid} …`, or give" if owner.st_uid else " Give"
    )
    return f"{said}{come} it to this user: `{give}`."
