"""How much memory a backfill holds after many runs beside after few: all its processes together, in quiet moments.

What processes share is counted once (PSS). Runs come and go, and a backfill is never at rest: a quiet moment is one of
those with the least memory, out of many while some runs in a row are made.
"""

import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from beside import MissingError, say
from contenders import Place

EVERY_SECONDS, TELL_SECONDS = 0.1, 10.0
MOMENTS = 10


def twins(place: Place, report: str | None) -> tuple[Place, list[str]]:
    """Make two reports that are the same, so that the sample has sessions enough for a thousand runs.

    Copies of one, or new ones as `trade-dashboard new` makes them: small, and yet with all that a report has.
    """
    among = replace(place, notebooks=place.folder / "twins")
    among.notebooks.mkdir()
    names = [f"{report or 'new'}_{twin}" for twin in ("a", "b")]
    for name in names:
        if report:
            shutil.copy(place.notebooks / f"{report}.ipynb", among.notebooks / f"{name}.ipynb")
        else:
            among.time("trade-dashboard", "new", name)
    return among, names


def held(
    place: Place, words: Sequence[str], windows: Mapping[str, tuple[int, int]], total: int
) -> dict[str, list[float]]:
    """Make a backfill, and look while certain runs are made.

    Parameters
    ----------
    place, words
        The command, without the program.
    windows
        By name the first and the last of the runs to look at, in the order in which they begin.
    total
        Of all runs.

    Returns
    -------
    dict[str, list[float]]
        By window the MiB of its quietest moments.
    """
    if not hasattr(psutil.Process().memory_full_info(), "pss"):
        raise MissingError("this system does not tell what processes share")
    seen: dict[str, list[float]] = {name: [] for name in windows}
    with TemporaryDirectory(dir=place.folder) as work, Path(work, "noise").open("w+") as noise:
        environment, told = place.environment(f"{work}/outputs"), time.monotonic()
        command = ["trade-dashboard", *words]
        with subprocess.Popen(command, cwd=work, env=environment, stdout=noise, stderr=noise) as process:
            while process.poll() is None:
                begun = sum(1 for _ in Path(work, "outputs").glob("*/*"))
                for name in (name for name, (first, last) in windows.items() if first <= begun <= last):
                    seen[name].append(_tree(process.pid))
                if time.monotonic() > told + TELL_SECONDS:
                    told = time.monotonic()
                    say(f"memory: run {begun:,} of {total:,}")
                time.sleep(EVERY_SECONDS)
        noise.seek(0)
        if process.returncode:
            raise SystemExit(f"{words} ended with {process.returncode}:\n{noise.read()[-3000:]}")
    return {name: sorted(moments)[:MOMENTS] for name, moments in seen.items()}


def _tree(pid: int) -> float:
    found = 0
    root = psutil.Process(pid)
    for process in [root, *root.children(recursive=True)]:
        # some end while we look
        with suppress(psutil.Error):
            found += process.memory_full_info().pss
    return found / 2**20
