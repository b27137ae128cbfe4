"""Make an ordinary kernel of a fork: its own descriptors, environment, folder and chance; then ipykernel's own start."""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import sys
import time
from collections.abc import Mapping

import numpy as np
from ipykernel.kernelapp import IPKernelApp

from trade_dashboard.cradle.serve import Born

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
    random.seed()
    np.random.seed()  # noqa: NPY002 - it is what notebooks without a generator of their own draw from
    sys.argv = order["argv"]
    IPKernelApp.launch_instance([*sys.argv[1:], NO_POLLER])
