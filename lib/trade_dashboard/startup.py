"""Time that every process would pay at its start, and need not."""

import sys

__all__ = ["skip_grammar"]


def skip_grammar() -> None:
    """Keep jsonschema from compiling a grammar (1.5 s) that comes with JupyterLab; call before nbformat is imported.

    The grammar checks addresses in schemas of other formats. A notebook has none, and without it jsonschema goes on.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
