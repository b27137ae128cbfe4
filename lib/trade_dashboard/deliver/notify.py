"""Send a message to wherever its reader is: mail, chat, push, or a webhook, each by an Apprise URL. The URLs are secrets."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trade_dashboard.deliver.message import Message
from trade_dashboard.errors import RequestError
from trade_dashboard.settings import NOTIFY, NOTIFY_CONNECTION
from trade_dashboard.sources.connections import connection

if TYPE_CHECKING:
    from apprise import NotifyBase

__all__ = ["Delivery", "send", "targets"]

TRIES = 3
PAUSE_SECONDS = 2.0


@dataclass(frozen=True)
class Delivery:
    """How one target took a message, and after how many tries; `target` is its kind and place in the list, never its URL."""

    target: str
    delivered: bool
    tries: int


def targets(environment: Mapping[str, str]) -> list[str]:
    """Find the URLs to send to, from the variable or the Airflow connection of that name.

    Raises
    ------
    RequestError
        If there is none; the message holds nothing of what was there.
    """
    password, extras = connection(environment, NOTIFY_CONNECTION)
    urls = extras.get("urls") or []
    told = urls.split() if isinstance(urls, str) else [str(url) for url in urls]
    found = [*environment.get(NOTIFY, "").split(), *password.split(), *told]
    if not found:
        raise RequestError(
            f"Expected targets as Apprise URLs in {NOTIFY}, or as `urls` in the extras of {NOTIFY_CONNECTION}, but found "
            "none. Try a line such as mailtos://user:password@example.org?to=me@example.org."
        )
    return found


def send(
    wanted: Callable[[str], Message | None],
    urls: Sequence[str],
    *,
    took: Callable[[str], None] = lambda _: None,
    pause_seconds: float = PAUSE_SECONDS,
) -> list[Delivery]:
    """Send to every target, each for itself: one that refuses is tried again, and keeps nobody else waiting long.

    Parameters
    ----------
    wanted
        Gives what is to be sent to a URL, or None for nothing.
    urls
        The targets.
    took
        Is told each URL that took its message, before the next target is asked.
    pause_seconds
        How long to wait before the second try; twice that before the third.

    Raises
    ------
    RequestError
        If a URL is none that Apprise knows; the message holds nothing of it.
    """
    done = []
    for number, (url, target) in enumerate(zip(urls, _reached(urls), strict=True), start=1):
        message = wanted(url)
        if message is None:
            continue
        done.append(_to(target, f"{target.service_name}, target {number}", message, pause_seconds))
        if done[-1].delivered:
            took(url)
    return done


def _reached(urls: Sequence[str]) -> list[NotifyBase]:
    import apprise

    # it logs what it sends to, secrets included
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    reached = [apprise.Apprise.instantiate(_inline(url), suppress_exceptions=True) for url in urls]
    if None in reached:
        raise RequestError(
            f"Expected Apprise URLs as targets, but number {reached.index(None) + 1} of {len(urls)} is none."
        )
    return reached


def _inline(url: str) -> str:
    """Let mail show its images in its text, where they belong."""
    if not url.startswith(("mailto:", "mailtos:")):
        return url
    return url + ("&" if "?" in url else "?") + "inline=yes&format=html"


def _to(target: NotifyBase, name: str, message: Message, pause_seconds: float) -> Delivery:
    import apprise

    is_mail = type(target).__name__ == "NotifyEmail"
    body, kind = (message.html, apprise.NotifyFormat.HTML) if is_mail else (message.text, apprise.NotifyFormat.TEXT)
    one = apprise.Apprise()
    one.add(target)
    with tempfile.TemporaryDirectory() as folder:
        images = [Path(folder) / image for image in message.images] if is_mail else []
        for path in images:
            path.write_bytes(message.images[path.name])
        for number in range(1, TRIES + 1):
            attached = apprise.AppriseAttachment([str(path) for path in images]) if images else None
            if one.notify(title=message.title, body=body, body_format=kind, attach=attached):
                return Delivery(name, delivered=True, tries=number)
            if number < TRIES:
                time.sleep(pause_seconds * 2 ** (number - 1))
    return Delivery(name, delivered=False, tries=TRIES)
