"""Time that every process would pay at its start, and need not."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["hidden", "lean", "skip_grammar"]

# places that papermill reads and writes notebooks in; ours are files, and the store opens its bucket without papermill
PLACES = ("boto3", "gcsfs", "azure", "github")


def skip_grammar() -> None:
    """Keep jsonschema from compiling a grammar (1.5 s) that comes with JupyterLab; call before nbformat is imported.

    The grammar checks addresses in schemas of other formats. A notebook has none, and without it jsonschema goes on.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Let imports in this block find none of these packages, unless they are imported already."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


@contextmanager
def lean() -> Iterator[None]:
    """Import papermill, or what stands on it, in this block: without the clients of clouds it would bring along (1.2 s)."""
    skip_grammar()
    with hidden(*PLACES):
        yield
