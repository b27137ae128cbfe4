"""Make an ordinary kernel of a fork: its own descriptors, environment, folder and chance; then ipykernel's own start."""

from __future__ import annotations

import gc
import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from ipykernel.kernelapp import IPKernelApp

from trade_dashboard.cradle.serve import Born
from trade_dashboard.settings import Settings

__all__ = ["become"]

# the cradle's death is a signal already; a thread of ipykernel's need not look for it every second
NO_POLLER = "--IPKernelApp.parent_handle=1"


def become(born: Born, brought: Mapping[str, str]) -> None:
    """Be the kernel that was ordered, to its end.

    Parameters
    ----------
    born
        What the fork was born with.
    brought
        Variables that imports have set, as they do in any kernel.
    """
    gc.enable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for given, standard in ((born.stdout, 1), (born.stderr, 2)):
        os.dup2(given, standard)
        os.close(given)
    with os.fdopen(born.order) as paper:
        order = json.load(paper)
    os.umask(order["umask"])
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(brought | order["env"])
    time.tzset()
    _bound(Settings.from_environment().memory_mb)
    random.seed()
    np.random.seed()  # noqa: NPY002 - it is what notebooks without a generator of their own draw from
    sys.argv = order["argv"]
    IPKernelApp.launch_instance([*sys.argv[1:], NO_POLLER])


def _bound(memory_mb: int | None) -> None:
    """Take no more than this beyond what we hold: allocators reserve a gigabyte at their start and never use it."""
    if memory_mb is not None:
        held = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        most = held + memory_mb * 1_000_000
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
