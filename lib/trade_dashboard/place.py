"""Where the store's files are: a folder, or a bucket behind an fsspec URL. Nothing here knows what is in them.

A file is written whole or not at all and never changed; that, and that a file can be made only once, is all the store
asks of a place. Names are relative to its root, with slashes.
"""

from __future__ import annotations

import fcntl
import os
import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from trade_dashboard.errors import RequestError

__all__ = ["Bucket", "Folder", "Place", "Root", "Taken", "place"]

Root = Path | str
EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs"}


class Taken(Exception):  # noqa: N818 - no error: somebody else was quicker
    """There is a file of that name already."""


class Place(ABC):
    """What a store's root can do.

    Attributes
    ----------
    remains_after
        How old a file that no commit names must be, before it is what a dead writer left and not what a live one makes.
    """

    remains_after: timedelta

    @abstractmethod
    def sizes(self, folder: str) -> dict[str, int]:
        """Name every file below a folder, with its bytes; none if there is no such folder."""

    @abstractmethod
    def read(self, names: Sequence[str]) -> list[bytes]:
        """Read whole files; FileNotFoundError if one is gone."""

    @abstractmethod
    def write(self, name: str, content: bytes) -> None:
        """Make a file that no reader ever sees half of; `Taken` if there is one of that name."""

    @abstractmethod
    def remove(self, names: Sequence[str]) -> None:
        """Take files away; one that is gone is gone."""

    @abstractmethod
    def turn(self) -> Any:
        """Give a context in which no other writer of this machine works, where that is possible."""

    @abstractmethod
    def address(self, name: str) -> str:
        """Name a file as a person would look for it."""

    @abstractmethod
    def nearby(self, names: Sequence[str]) -> list[str]:
        """Give paths at which a database can read these files."""


class Folder(Place):
    """A folder of this machine. Writers take turns, so whatever no commit names is a dead one's."""

    remains_after = timedelta(0)

    def __init__(self, root: Path) -> None:
        self.root = root

    def sizes(self, folder: str) -> dict[str, int]:
        found = (path for path in (self.root / folder).rglob("*") if path.is_file())
        return {path.relative_to(self.root).as_posix(): path.stat().st_size for path in sorted(found)}

    def read(self, names: Sequence[str]) -> list[bytes]:
        return [(self.root / name).read_bytes() for name in names]

    def write(self, name: str, content: bytes) -> None:
        """Write aside, make it outlive a power cut, and give it its name in one step."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with aside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if path.exists():
                raise Taken(name)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            (self.root / name).unlink(missing_ok=True)

    @contextmanager
    def turn(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def address(self, name: str) -> str:
        return str(self.root / name)

    def nearby(self, names: Sequence[str]) -> list[str]:
        return [str(self.root / name) for name in names]


class Bucket(Place):
    """A place behind a URL, such as `s3://bucket/store`. Writers do not know of each other but by the commits they make."""

    remains_after = timedelta(days=1)

    def __init__(self, url: str) -> None:
        try:
            from fsspec.core import url_to_fs

            # a listing of a while ago is no answer to what is committed now
            self.files, root = url_to_fs(url, use_listings_cache=False, skip_instance_cache=True)
        except (ImportError, ValueError) as error:
            protocol = url.partition("://")[0]
            extra = EXTRAS.get(protocol)
            cure = f"Try `pip install 'trade-dashboard[{extra}]'`." if extra else "Name a folder, s3://… or gs://…"
            raise RequestError(
                f"Expected a store at {url}, but {protocol}:// cannot be opened: {error}. {cure}"
            ) from error
        self.root = str(root).rstrip("/")
        self._versions: dict[str, str] = {}
        self._read: dict[tuple[str, str], bytes] = {}

    def sizes(self, folder: str) -> dict[str, int]:
        try:
            with _as_os_errors():
                found: Mapping[str, Mapping[str, Any]] = self.files.find(f"{self.root}/{folder}", detail=True)
        except FileNotFoundError as error:
            # a folder without files is empty; what is not found is the bucket
            raise OSError(f"no bucket {self.root.partition('/')[0]}") from error
        named = {path.removeprefix(f"{self.root}/"): one for path, one in sorted(found.items())}
        self._versions |= {name: str(one.get("ETag") or one.get("etag") or "") for name, one in named.items()}
        return {name: int(one["size"]) for name, one in named.items()}

    def read(self, names: Sequence[str]) -> list[bytes]:
        """Read what was not read before; what a listing gave a version is the same as long as that is."""
        known = {name: self._read.get((name, self._versions.get(name, ""))) for name in names}
        unknown = [name for name, content in known.items() if content is None]
        with _as_os_errors():
            found = self.files.cat([f"{self.root}/{name}" for name in unknown]) if unknown else {}
        for name in unknown:
            known[name] = found[f"{self.root}/{name}"]
            if version := self._versions.get(name):
                self._read[name, version] = found[f"{self.root}/{name}"]
        return [content for content in known.values() if content is not None]

    def write(self, name: str, content: bytes) -> None:
        try:
            with _as_os_errors():
                self.files.pipe_file(f"{self.root}/{name}", content, mode="create")
        except FileExistsError as error:
            raise Taken(name) from error

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            with _as_os_errors():
                try:
                    self.files.rm_file(f"{self.root}/{name}")
                except FileNotFoundError:
                    continue

    @contextmanager
    def turn(self) -> Iterator[None]:
        yield

    def address(self, name: str) -> str:
        protocol = self.files.protocol
        return f"{protocol if isinstance(protocol, str) else protocol[0]}://{self.root}/{name}"

    def nearby(self, names: Sequence[str]) -> list[str]:
        """Fetch what was not fetched yet, whole, into a folder that goes when this process does: files never change."""
        paths = {name: self._copies / name.replace("/", "-") for name in names}
        far = [name for name, path in paths.items() if not path.exists()]
        with _as_os_errors():
            found = self.files.cat([f"{self.root}/{name}" for name in far]) if far else {}
        for name in far:
            aside = paths[name].with_suffix(".part")
            aside.write_bytes(found[f"{self.root}/{name}"])
            aside.replace(paths[name])
        return [str(path) for path in paths.values()]

    @cached_property
    def _copies(self) -> Path:
        folder = TemporaryDirectory(prefix="trade-dashboard-store-")
        weakref.finalize(self, folder.cleanup)
        return Path(folder.name)


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """Say what a service refuses as the disk would: each library has errors of its own."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{type(error).__name__}: {error}") from error


def place(root: Root | Place) -> Place:
    """Open a root: a folder, or the URL of a bucket; what is open already stays so.

    Raises
    ------
    RequestError
        If what the URL needs is not installed.
    """
    if isinstance(root, Place):
        return root
    return _bucket(root) if isinstance(root, str) and "://" in root else Folder(Path(root))


@cache
def _bucket(url: str) -> Bucket:
    return Bucket(url)
