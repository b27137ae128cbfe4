"""Which reports there are."""

import json
import re
from pathlib import Path

import pytest
from toys import toy

from trade_dashboard.errors import RequestError
from trade_dashboard.runs.catalog import catalog, find_report

ROOT = Path(__file__).parents[1]


def test_a_report_is_a_notebook_with_parameters(tmp_path):
    """The stem is the name, the first heading the title, the line in italics the question; other notebooks are none."""
    toy(tmp_path, name="one")
    (tmp_path / "scratch.ipynb").write_text(
        json.dumps({"cells": [{"cell_type": "code", "source": "1", "metadata": {}}]})
    )
    found = catalog(tmp_path)
    assert list(found) == ["one"]
    assert (found["one"].title, found["one"].question) == ("Toy", "What happens?")
    assert [parameter.name for parameter in found["one"].parameters] == ["run_date", "say"]


def test_an_unknown_report_is_refused_with_its_near_miss(tmp_path):
    """A misspelled report is told its likely name; one that is like none is told where the names are."""
    toy(tmp_path, name="nightly_summary")
    with pytest.raises(RequestError, match="Did you mean `nightly_summary`"):
        find_report(tmp_path, "nightly_sumary")
    with pytest.raises(RequestError, match="`trade-dashboard reports` lists them"):
        find_report(tmp_path, "zzz")


def test_a_folder_or_notebook_that_cannot_be_read_is_refused(tmp_path):
    """The message names the folder or the file."""
    with pytest.raises(RequestError, match="nowhere"):
        catalog(tmp_path / "nowhere")
    (tmp_path / "broken.ipynb").write_text("{")
    with pytest.raises(RequestError, match=r"broken\.ipynb"):
        catalog(tmp_path)


def test_the_readme_lists_every_report_with_its_question():
    """Whoever comes first reads there what there is."""
    rows = re.findall(r"^\| `(\w+)` \| (.+\?) \|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert dict(rows) == {name: report.question for name, report in catalog(ROOT / "notebooks").items()}
