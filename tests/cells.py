"""Run a notebook's cells in this process: what each shows, without the seconds that a kernel takes."""

import ast
import json
from pathlib import Path
from typing import Any

from trade_dashboard.present import Html

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def cells(report: str, **parameters: Any) -> dict[str, Html]:
    """Give what each cell of a report shows, by the cell's id; settings come from the environment, nothing is glued."""
    seen: dict[str, Any] = {}
    found = {}
    for cell in json.loads((NOTEBOOKS / f"{report}.ipynb").read_text())["cells"]:
        if cell["cell_type"] == "code":
            found[cell["id"]] = _run("".join(cell["source"]), seen)
        if "parameters" in cell["metadata"].get("tags", []):
            seen.update(parameters)
    return {name: shown for name, shown in found.items() if isinstance(shown, Html)}


def _run(source: str, seen: dict[str, Any]) -> Any:
    """Execute statements, and give what the last one is worth."""
    *before, last = [one for one in ast.parse(source).body if "glue_run" not in ast.unparse(one)]
    exec(compile(ast.Module(before, []), "cell", "exec"), seen)
    if isinstance(last, ast.Expr):
        return eval(compile(ast.Expression(last.value), "cell", "eval"), seen)
    exec(compile(ast.Module([last], []), "cell", "exec"), seen)
    return None
