"""Measuring things beside each other: in turns, with medians and spread, and a table that says what was wanted."""

import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("pandas", "numpy", "matplotlib", "duckdb", "papermill", "nbclient", "nbconvert", "ipykernel")
HEADINGS = ("what", "beside", "ratio", "wanted", "reached")
Contender = Callable[[int], Sequence[float]]
Samples = Mapping[str, Sequence[float]]


class MissingError(Exception):
    """Something cannot be measured on this machine, for a reason."""


@dataclass(frozen=True)
class Bound:
    """How two figures are compared, and what is wanted of the result; without a limit it is for the record."""

    compare: Callable[[float, float], float]
    shown: str
    most: float | None = None
    least: float | None = None

    @property
    def wanted(self) -> str:
        """Say what is wanted."""
        if self.most is None and self.least is None:
            return "for the record"
        sign, limit = ("≤", self.most) if self.most is not None else ("≥", self.least)
        return f"{sign} {self.shown.replace('.2f', 'g').format(limit)}"

    def reached(self, value: float) -> str:
        """Say whether it is reached."""
        if self.most is None and self.least is None:
            return ""
        kept = (self.most is None or value <= self.most) and (self.least is None or value >= self.least)
        return "yes" if kept else "**no**"


def times(most: float | None = None) -> Bound:
    """Want ours to take at most so many times what the other takes."""
    return Bound(lambda ours, other: ours / other, "{:.2f} ×", most=most)


def faster(least: float | None = None) -> Bound:
    """Want ours to be at least so many times as fast as the other."""
    return Bound(lambda ours, other: other / ours, "{:.2f} × faster", least=least)


def seconds_more(most: float) -> Bound:
    """Want ours to take at most so many seconds more than the other."""
    return Bound(lambda ours, other: ours - other, "{:.2f} s more", most=most)


@dataclass(frozen=True)
class Term:
    """One side of a row: whose samples, what they are called, and by how much each is multiplied."""

    contender: str
    words: str
    factor: float = 1.0

    def figure(self, samples: Samples) -> float:
        """Give the median."""
        return statistics.median(samples[self.contender]) * self.factor

    def cell(self, samples: Samples, unit: str) -> str:
        """Write the median, and the least and the largest."""
        found = [sample * self.factor for sample in samples[self.contender]]
        middle, low, high = (_short(value) for value in (statistics.median(found), min(found), max(found)))
        return f"{self.words}: {middle} {unit} ({low}–{high})"


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    name: str
    ours: Term
    other: Term
    bound: Bound
    unit: str = "s"

    def cells(self, samples: Samples, missing: Mapping[str, str]) -> tuple[str, ...]:
        """Write it; where a side is missing it says why."""
        why = "; ".join(missing[one.contender] for one in (self.ours, self.other) if one.contender in missing)
        if why:
            return self.ours.words, self.other.words, "", self.bound.wanted, f"not measured: {why}"
        value = self.bound.compare(self.ours.figure(samples), self.other.figure(samples))
        sides = (self.ours.cell(samples, self.unit), self.other.cell(samples, self.unit))
        return *sides, self.bound.shown.format(value), self.bound.wanted, self.bound.reached(value)


def in_turns(contenders: Mapping[str, Contender], rounds: int, title: str) -> dict[str, list[float]]:
    """Measure all, one after the other, round by round: what slows the machine for a while slows all of them.

    Parameters
    ----------
    contenders
        By name; each is given the number of the round, and gives one or more figures.
    rounds
        How often; every other one in the opposite order.
    title
        What the lines that tell of it begin with.
    """
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name in list(contenders)[:: -1 if number % 2 else 1]:
            figures = contenders[name](number)
            found[name] += figures
            say(f"{title}, round {number + 1} of {rounds}: {name} {' '.join(_short(one) for one in figures)}")
    return found


def table(rows: Iterable[Sequence[str]]) -> str:
    """Write a table that is Markdown, and can be read as it is."""
    lines = [HEADINGS, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    written = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    return "\n".join([written[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *written[1:]])


def machine() -> str:
    """Say where and with what it is measured, and how busy the machine is now."""
    processor = next(_values(Path("/proc/cpuinfo"), "model name"), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    revision = subprocess.run(
        ["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    )
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores ({processor}), {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}, load {load} at the start.\n"
        f"Python {platform.python_version()}, {packages}; revision {revision.stdout.strip() or 'unknown'}."
    )


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, file=sys.stderr, flush=True)


def _values(path: Path, name: str) -> Iterator[str]:
    lines = path.read_text().splitlines() if path.exists() else []
    return (line.partition(":")[2].strip() for line in lines if line.startswith(name))


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 1 else f"{value:.2f}"  # noqa: PLR2004
