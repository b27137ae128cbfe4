"""A new report keeps every rule from its first minute, and what cannot be one is refused before anything is written."""

import inspect
import json
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import nbformat
import pytest
import test_notebooks as rules

from trade_dashboard.errors import RequestError
from trade_dashboard.runs.catalog import catalog
from trade_dashboard.runs.new import describe
from trade_dashboard.runs.plan import Plan
from trade_dashboard.runs.run import run
from trade_dashboard.settings import Settings

ROOT = Path(__file__).parents[1]


def new(folder, *words):
    """Call `trade-dashboard new` for a folder of notebooks."""
    command = [sys.executable, "-m", "trade_dashboard", "--notebooks", str(folder), "new", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A copy of our notebooks with one report more, and what the command said."""
    folder = tmp_path_factory.mktemp("new") / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".*"))
    return folder, new(folder, "costs", "--question", "What did I pay to trade?")


def test_the_command_says_where_the_report_is(made):
    """Words for people, and a last line for whoever started it."""
    folder, done = made
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said == {"status": "done", "report": "costs", "notebook": str(folder / "costs.ipynb")}
    assert "written and run on the sample" in done.stderr


def test_a_new_report_keeps_every_rule_of_notebooks(made, monkeypatch):
    """All that holds for the reports that are here holds for it, its recorded output and its section included."""
    folder, _ = made
    monkeypatch.setattr(rules, "FOLDER", folder)
    monkeypatch.setattr(rules, "NOTEBOOKS", sorted(folder.glob("*.ipynb")))
    about = {"notebook": nbformat.read(folder / "costs.ipynb", as_version=4), "path": folder / "costs.ipynb"}
    held = [rule for name, rule in inspect.getmembers(rules, inspect.isfunction) if name.startswith("test_")]
    for rule in held:
        rule(**{name: about[name] for name in inspect.signature(rule).parameters})
    assert len(held) >= 10


def test_a_new_report_runs(made, sample_store, tmp_path):
    """It is found, runs for a session, and its page has its title, its question and its KPIs."""
    folder, _ = made
    report = catalog(folder)["costs"]
    assert (report.title, report.question) == ("Costs", "What did I pay to trade?")
    settings = Settings(store=sample_store, outputs=tmp_path, notebooks=folder)
    record = run(Plan(report, date(2025, 6, 30), {}, datetime(2100, 1, 1, tzinfo=UTC)), settings)
    assert record.status == "done", record.reason
    assert record.kpis["equity"]["value"] == 139847.09
    assert "What did I pay to trade?" in Path(record.page).read_text()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Costs", "Try `trade-dashboard new costs`"),
        ("my costs!", "Try `trade-dashboard new my_costs`"),
        ("../costs", "Try `trade-dashboard new costs`"),
        ("2costs", "Try `trade-dashboard new costs`"),
        ("class", "lower-case letters"),
        ("kösten", "lower-case letters"),
        ("", "Try `trade-dashboard new my_report`"),
        ("nightly_summary", "is there already"),
    ],
)
def test_a_name_that_is_none_or_taken_is_refused(name, says):
    """Names are file names, folder names, task ids and anchors: lower-case, and one report each."""
    with pytest.raises(RequestError, match=says):
        describe(ROOT / "notebooks", name, None, "Why?")


@pytest.mark.parametrize("question", ["", "No question", "Two\nlines?", "*Bold*?"])
def test_a_question_asks_something(question):
    """It stands in italics under the title, so it is one line without asterisks, and ends in a question mark."""
    with pytest.raises(RequestError, match="ends in a question mark"):
        describe(ROOT / "notebooks", "costs", None, question)


def test_a_refused_report_writes_nothing(tmp_path):
    """Exit code 2, and the folder is as it was."""
    (tmp_path / "costs.ipynb").write_text('{"cells": []}')
    done = new(tmp_path, "costs")
    assert done.returncode == 2
    assert [path.name for path in tmp_path.iterdir()] == ["costs.ipynb"]
