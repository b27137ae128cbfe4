"""Copy the pages to where readers are: a folder, or a bucket behind a URL, pages first and the index last."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trade_dashboard.deliver.index import INDEX
from trade_dashboard.disk import cure
from trade_dashboard.errors import RequestError, TradeDashboardError

__all__ = ["Mirrored", "mirror"]

LIST = "published.json"
SHOWN = {".html", ".json", ".ipynb"}


@dataclass(frozen=True)
class Mirrored:
    """Files that were copied, taken away, and there already."""

    copied: int
    removed: int
    unchanged: int


def mirror(outputs: Path, url: str, progress: Callable[[str], None] = lambda _: None) -> Mirrored:
    """Make a place show what the outputs show.

    A reader never meets a link to a page that is not there yet: pages are copied first, then the index, and what is gone
    goes last. What is there already with the same bytes is not copied: the list of it is the mirror's last file.

    Parameters
    ----------
    outputs
        Folder of the pages.
    url
        A folder, `s3://…` or `gs://…`.
    progress
        Is told the name of each file that is copied.

    Raises
    ------
    RequestError
        If there is nothing to copy, or what the URL needs is not installed.
    TradeDashboardError
        If the place cannot be written; what was copied stays, and the next call goes on.
    """
    here = {path.relative_to(outputs).as_posix(): path for path in _pages(outputs)}
    if INDEX not in here:
        raise RequestError(f"Expected an index in {outputs}, but there is none. Try `trade-dashboard index` first.")
    files, root = _open(url)
    try:
        there = _listed(files, root)
        digests = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in here.items()}
        new = sorted(
            (name for name in here if there.get(name) != digests[name]), key=lambda name: (name == INDEX, name)
        )
        for name in new:
            progress(name)
            _put(files, f"{root}/{name}", here[name].read_bytes())
        gone = [name for name in there if name not in here]
        _put(files, f"{root}/{LIST}", json.dumps(digests, indent=1, sort_keys=True).encode())
        for name in gone:
            _take(files, f"{root}/{name}")
    except Exception as error:
        # each library has errors of its own
        todo = cure(Path(root), error) if isinstance(error, OSError) and "://" not in url else ""
        said = f"Expected to write to {url}, but got {type(error).__name__}: {error}. {todo}"
        raise TradeDashboardError(said.rstrip()) from error
    return Mirrored(len(new), len(gone), len(here) - len(new))


def _pages(outputs: Path) -> Iterator[Path]:
    """Find what readers may see: no run at work, no log, no lock."""
    for path in sorted(outputs.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(outputs).parts)
        if path.is_file() and not hidden and path.suffix in SHOWN:
            yield path


def _open(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    try:
        files, root = url_to_fs(url, use_listings_cache=False, skip_instance_cache=True)
    except (ImportError, ValueError) as error:
        raise RequestError(f"Expected a folder, s3://… or gs://… to publish to, but got {url!r}: {error}.") from error
    return files, str(root).rstrip("/")


def _listed(files: Any, root: str) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(files.cat_file(f"{root}/{LIST}"))
    except (FileNotFoundError, ValueError):
        return {}
    return found


def _put(files: Any, path: str, content: bytes) -> None:
    """Write a file that no reader sees half of: a bucket does so by itself, a folder by a rename."""
    if "file" in files.protocol:
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name}.part")
        aside.write_bytes(content)
        aside.replace(target)
        return
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    words = {"ContentType": kind} if "s3" in files.protocol else {"content_type": kind}
    files.pipe_file(path, content, **words)


def _take(files: Any, path: str) -> None:
    try:
        files.rm_file(path)
    except FileNotFoundError:
        return
