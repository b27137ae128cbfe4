"""What each target was told last, so that nothing is told twice: one hidden file among the outputs.

It is replaced after each target that took a message, and locked from before the first is sent. Whoever is killed between a
delivery and that tells this one target once more; nothing is ever left untold.

A target's address is a secret, and the file holds none: a target is named by a digest that is salted and slow to make, so
that trying guesses costs, and cut so short that a guess which fits proves nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

__all__ = ["Standing", "Told", "told_so_far"]

STATE, LOCK = ".told.json", ".told.lock"
NAME_BYTES = 4


@dataclass(frozen=True)
class Standing:
    """How a report stands.

    Attributes
    ----------
    session
        Which one it is of, ISO.
    alerts
        Severity and message of each limit that is crossed, by its number and symbol.
    trouble
        Why the report is not there; its alerts are then those of before.
    """

    session: str
    alerts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    trouble: str = ""


@dataclass
class Told:
    """What the targets were told; `broken` is where a file went that could not be read, and nothing counts as told then."""

    folder: Path
    salt: str
    targets: dict[str, dict[str, Standing]]
    broken: Path | None = None

    def to(self, url: str) -> Mapping[str, Standing]:
        """Give what a target was told of each report."""
        return self.targets.get(self._name(url), {})

    def keep(self, url: str, standings: Mapping[str, Standing]) -> None:
        """Remember that a target was told how reports stand; it is on the disk when this returns."""
        name = self._name(url)
        self.targets[name] = {**self.targets.get(name, {}), **standings}
        plain = {of: {report: asdict(one) for report, one in kept.items()} for of, kept in self.targets.items()}
        _replace(self.folder / STATE, json.dumps({"salt": self.salt, "targets": plain}, indent=1, sort_keys=True))

    def _name(self, url: str) -> str:
        salt = bytes.fromhex(self.salt)
        return hashlib.scrypt(url.encode(), salt=salt, n=2**14, r=8, p=1, dklen=NAME_BYTES).hex()


@contextmanager
def told_so_far(outputs: Path) -> Iterator[Told]:
    """Open what was told, and keep everybody else waiting who wants to tell.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    outputs.mkdir(parents=True, exist_ok=True)
    with (outputs / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield _read(outputs)


def _read(outputs: Path) -> Told:
    state = outputs / STATE
    try:
        kept = json.loads(state.read_text())
        salt = bytes.fromhex(kept["salt"]).hex()
        return Told(outputs, salt, {name: _standings(one) for name, one in kept["targets"].items()})
    except FileNotFoundError:
        return Told(outputs, secrets.token_hex(16), {})
    except (ValueError, KeyError, TypeError, AttributeError):
        return Told(outputs, secrets.token_hex(16), {}, broken=state.replace(state.with_suffix(".broken")))


def _standings(kept: Mapping[str, Any]) -> dict[str, Standing]:
    return {
        report: Standing(
            date.fromisoformat(one["session"]).isoformat(),
            {of: (str(severity), str(message)) for of, (severity, message) in one["alerts"].items()},
            str(one["trouble"]),
        )
        for report, one in kept.items()
    }


def _replace(path: Path, content: str) -> None:
    aside = path.with_suffix(".part")
    with aside.open("w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
