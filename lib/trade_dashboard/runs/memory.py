"""When memory ends, the kernel of a run is what dies, and the run says so."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

__all__ = ["kills", "let_die_first", "told"]

# how a container sees itself, in version 2 and version 1 of control groups: kills so far, and bytes it may use
GROUPS = (
    (Path("/sys/fs/cgroup/memory.events"), Path("/sys/fs/cgroup/memory.max")),
    (Path("/sys/fs/cgroup/memory/memory.oom_control"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")),
)
NO_LIMIT = 1 << 60


def let_die_first(pid: int) -> None:
    """Make a process, and all that it starts from now on, the first to be killed when memory is short.

    Whoever runs the notebook has to live on: it tells what happened.
    """
    with suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text("1000")


def kills() -> int:
    """Count the processes of this container that were killed for want of memory; 0 where nobody counts them."""
    for counts, _ in GROUPS:
        with suppress(OSError):
            return next((int(line.split()[1]) for line in counts.read_text().splitlines() if "oom_kill " in line), 0)
    return 0


def told(before: int) -> str:
    """Say that memory ran out, if more processes were killed than `before`; empty if none were."""
    if kills() <= before:
        return ""
    limit = _limit()
    bound = f": all of this container may use {limit / 2**20:,.0f} MiB" if limit else ""
    return (
        f"The kernel ran out of memory and was killed{bound}. Give it more (`docker run -m 2g`; in the hub, Variable "
        "`trade_dashboard_memory`), or let the notebook hold less at once."
    )


def _limit() -> int | None:
    for _, most in GROUPS:
        with suppress(OSError, ValueError):
            found = int(most.read_text())
            return found if found < NO_LIMIT else None
    return None
