"""Run every notebook on the sample, and keep the outputs that CI compares; strip all others. `make notebooks` calls it."""

import os
import sys
from pathlib import Path

import nbformat

from trade_dashboard.runs.record import recorded


def main() -> None:
    """Write each notebook back as it is committed."""
    for path in sorted(Path(sys.argv[1]).glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        nbformat.write(recorded(notebook, {}, Path(os.devnull)), path)


if __name__ == "__main__":
    main()
