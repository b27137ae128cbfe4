"""Every notebook reads alike: what it asks, its parameters, one setup, then one idea a section, provenance last."""

import ast
import json
import re
from pathlib import Path

import nbformat
import papermill
import pytest

from trade_dashboard.runs.catalog import catalog

FOLDER = Path(__file__).parents[1] / "notebooks"
CHECKED = "# NBVAL_CHECK_OUTPUT"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    """One notebook of ours, as it is committed."""
    return nbformat.read(request.param, as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_a_notebook_opens_with_its_title_and_its_question(notebook):
    """The first cell is the title and, in italics, the question that the report answers."""
    assert re.fullmatch(r"# [^\n]+\n\n\*[^\n]+\?\*", notebook.cells[0].source)


def test_a_notebook_has_one_parameters_cell_with_a_help_for_each(notebook):
    """The second cell declares the parameters, `run_date` first; nobody has to guess what one means."""
    tagged = [n for n, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", [])]
    assert tagged == [1]
    declared = [node.target.id for node in ast.parse(notebook.cells[1].source).body]
    assert declared[0] == "run_date"
    assert all(re.search(r"=[^#=]+  # \S", line) for line in notebook.cells[1].source.splitlines())


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_papermill_sees_the_same_parameters(path):
    """papermill's own inspector, which drops lines it cannot read, agrees with ours."""
    assert set(papermill.inspect_notebook(path)) == {one.name for one in catalog(FOLDER)[path.stem].parameters}


def test_a_cell_is_small_and_straight(notebook):
    """At most twelve lines, and no def, class, loop, magic or print: that is what the package is for."""
    banned = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.AsyncFunctionDef, ast.Lambda)
    for cell in code(notebook):
        assert len(cell.source.splitlines()) <= 12
        assert not re.search(r"^\s*[%!]", cell.source, re.MULTILINE)
        tree = list(ast.walk(ast.parse(cell.source)))
        assert not [node for node in tree if isinstance(node, banned)]
        assert not [node for node in tree if isinstance(node, ast.Name) and node.id == "print"]


def test_imports_stand_in_the_setup_cell_alone(notebook):
    """The third cell imports and opens the book; no other cell imports."""
    importing = [n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code" and "import " in cell.source]
    assert importing == [2]
    assert "open_book(run_date)" in notebook.cells[2].source


def test_provenance_comes_last(notebook):
    """The last cell glues the KPIs and says what was read."""
    assert "present.glue_run(" in notebook.cells[-1].source
    assert notebook.cells[-1].source.splitlines()[-1].startswith("present.provenance(")


def test_only_checked_cells_keep_their_output(notebook):
    """Outputs are stripped, but for those that CI compares."""
    for cell in code(notebook):
        assert cell.execution_count == (1 if CHECKED in cell.source else None)
        assert bool(cell.outputs) == (CHECKED in cell.source)
    assert any(CHECKED in cell.source for cell in code(notebook)), "a number that must not move is checked"


def test_a_notebook_names_our_kernel_and_nothing_of_a_machine(notebook):
    """Metadata is the kernel's name and the language: nothing changes by opening and saving."""
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert set(notebook.metadata.language_info) == {"name"}


def test_the_catalogue_names_every_report_with_its_question():
    """notebooks/README.md lists each report, what it asks and its parameters; nothing else."""
    text = (FOLDER / "README.md").read_text()
    reports = catalog(FOLDER)
    assert re.findall(r"^## `(\w+)`", text, re.MULTILINE) == list(reports)
    for report in reports.values():
        assert report.question in text
        for parameter in report.parameters:
            assert f"`{parameter.name}`" in text


def test_notebooks_are_json_as_jupyter_writes_it():
    """Saving without a change changes no byte, so a diff shows what was meant."""
    for path in NOTEBOOKS:
        assert (
            path.read_text()
            == json.dumps(json.loads(path.read_text()), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        )
