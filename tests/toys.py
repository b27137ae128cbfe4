"""Small notebooks that do one thing, to see what runs make of it."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

PARAMETERS = 'run_date: str = "2025-06-30"  # session to report\nsay: str = "hello"  # what to say'


def toy(folder: Path, *cells: str, name: str = "toy", parameters: str = PARAMETERS) -> Path:
    """Write a report of some code cells."""
    opening = [new_markdown_cell("# Toy\n\n*What happens?*", id="title")]
    tagged = new_code_cell(parameters, id="parameters", metadata={"tags": ["parameters"]})
    code = [new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(cells)]
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ipynb"
    nbformat.write(new_notebook(cells=[*opening, tagged, *code], metadata={"kernelspec": spec}), path)
    return path
