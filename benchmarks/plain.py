"""A notebook as the plain script that somebody would have written instead; and its cells again and again in one process.

    python benchmarks/plain.py NOTEBOOK DATE > report.py
    python benchmarks/plain.py NOTEBOOK DATE DATE…      (runs them here; prints the seconds of each)

The script has the notebook's code, with the run date set, and does what the notebook does: everything that a cell shows
is brought into its final form and written to a file. It needs neither IPython nor papermill.
"""

import ast
import json
import sys
import time
from pathlib import Path

ABOVE = Path(__file__).parent / "showing.py"
# scrapbook imports papermill, which a plain script would not pay for
WITHOUT_SCRAPBOOK = """
import sys
import types
sys.modules["scrapbook"] = types.ModuleType("scrapbook")
sys.modules["scrapbook"].glue = glue
"""


def script(notebook: Path, run_date: str, *, scrapbook: bool = False) -> str:
    """Write the script; it writes to its current folder.

    Parameters
    ----------
    notebook, run_date
        What to run.
    scrapbook
        Whether what is glued goes through scrapbook as in a notebook; a plain script would write it itself.
    """
    cells = [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]
    parts = [ABOVE.read_text(), "" if scrapbook else WITHOUT_SCRAPBOOK]
    for cell in cells:
        parts.append(_shown("".join(cell["source"])))
        if "parameters" in cell["metadata"].get("tags", []):
            parts.append(f"run_date = {run_date!r}")
    return "\n".join(parts)


def _shown(code: str) -> str:
    """Show the last expression of a cell, as a notebook does."""
    tree = ast.parse(code)
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        last.value = ast.Call(ast.Name("show", ast.Load()), [last.value], [])
    return ast.unparse(ast.fix_missing_locations(tree))


def warm(notebook: Path, run_dates: list[str]) -> list[float]:
    """Run the cells for each date in this process; gives the seconds of each, the first with all imports."""
    found = []
    for run_date in run_dates:
        begun = time.perf_counter()
        exec(compile(script(notebook, run_date), notebook.name, "exec"), {"__name__": "__main__"})
        found.append(time.perf_counter() - begun)
    return found


if __name__ == "__main__":
    path, dates = Path(sys.argv[1]), sys.argv[2:]
    print(json.dumps(warm(path, dates)) if dates[1:] else script(path, dates[0]))
