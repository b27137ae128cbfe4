"""What sources want to know the next time, kept beside the records: nothing is lost without it.

    <root>/ingests/<source>-<digest of a name>/<number>.json     the highest number counts

A memory names the commits that were there when it was made. It is believed only while the store still has them, so a
store that is new, restored, or mended by moving a commit away makes every source tell everything again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from trade_dashboard.commits import commits
from trade_dashboard.place import Place, Root, Taken, place

__all__ = ["recall", "remember"]

INGESTS = "ingests"
FORMAT = 1
OURS = re.compile(r"\d{8}\.json")


def recall(root: Root, source: str, name: str) -> dict[str, Any]:
    """Give what a source remembers of what has this name; nothing if there is none, or it is not to be believed."""
    where = place(root)
    try:
        newest = max(_there(where, _folder(source, name)), default=None)
        if newest is None:
            return {}
        found = json.loads(where.read([newest])[0])
        content: dict[str, Any] = found["content"]
        return content if found["format"] == FORMAT and _has(where, found["commits"]) else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def remember(root: Root, source: str, name: str, content: Mapping[str, Any]) -> None:
    """Keep plain values of a source, once what they tell of is stored.

    Raises
    ------
    OSError
        If they cannot be written. What was remembered before is, then.
    """
    where, folder = place(root), _folder(source, name)
    old = _there(where, folder)
    number = max((int(one.rpartition("/")[2].removesuffix(".json")) for one in old), default=0) + 1
    batches = {commit: one["batch"] for commit, one in _commits(where).items()}
    record = {"format": FORMAT, "source": source, "name": name, "commits": batches, "content": content}
    try:
        where.write(f"{folder}/{number:08d}.json", json.dumps(record, indent=1).encode())
    except Taken:
        # somebody else ingested the same meanwhile, and remembers it
        return
    where.remove(old)


def _folder(source: str, name: str) -> str:
    return f"{INGESTS}/{source}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def _there(where: Place, folder: str) -> list[str]:
    return [name for name in where.sizes(folder) if OURS.fullmatch(name.rpartition("/")[2])]


def _has(where: Place, claimed: Mapping[str, str]) -> bool:
    """Tell whether these commits are there, or were merged into one that is; of what was merged twice nobody knows."""
    live = _commits(where)
    merged = {name for one in live.values() for name in one.get("replaces", [])}
    return all(live[name]["batch"] == batch if name in live else name in merged for name, batch in claimed.items())


def _commits(where: Place) -> dict[str, dict[str, Any]]:
    names = commits(where)
    return {name: json.loads(content) for name, content in zip(names, where.read(names), strict=True)}
