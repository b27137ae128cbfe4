"""Every report on every kind of account: it runs to its end, shows nothing undefined as a number, and glues what it owes."""

import json
import os
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import nbformat
import pytest
from accounts import ACCOUNTS, RUN_DATE
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from trade_dashboard.metrics import KPIS, REPORTS
from trade_dashboard.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:No kernel detected")  # scrapbook glues all the same

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
WRITTEN = [path for path in sorted(NOTEBOOKS.glob("*.ipynb")) if path.stem in REPORTS]
SCRAP = "application/scrapbook.scrap.json+json"
UNDEFINED = re.compile(r"\b(?:nan|NaN|NaT|inf|None|<NA>)\b(?! (?:of|for)\b)|[-−]0(?:\.0+)?(?![.\d])")


@dataclass(frozen=True)
class Shown:
    """What a report showed, as text, and what it glued, by name."""

    text: str
    markup: str
    glued: dict[str, object]


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """A shell like the kernel's, in this process: a report costs what its own work costs."""
    before = os.environ.get("IPYTHONDIR")
    os.environ["IPYTHONDIR"] = str(tmp_path_factory.mktemp("ipython"))
    made = InteractiveShell.instance()
    made.history_manager.enabled = False
    yield made
    InteractiveShell.clear_instance()
    os.environ.pop("IPYTHONDIR") if before is None else os.environ.update(IPYTHONDIR=before)


@pytest.fixture
def show(shell, monkeypatch):
    """Run a notebook's cells, one after the other, for an account and a date."""

    def run(path: Path, settings: Settings, run_date: str) -> Shown:
        for name, value in settings.to_environment().items():
            monkeypatch.setenv(name, value)
        shell.reset(new_session=False)
        outputs = []
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                outputs += _cell(shell, cell.source)
            if "parameters" in cell.metadata.get("tags", []):
                shell.user_ns["run_date"] = run_date
        return _shown(outputs)

    return run


def _cell(shell, source):
    with capture_output(stdout=False, stderr=False) as captured:
        done = shell.run_cell(source)
    done.raise_error()
    shown = captured.outputs
    if done.result is not None:
        shown = [*shown, type("Result", (), {"data": done.result._repr_mimebundle_()[0], "metadata": {}})]
    return shown


def _shown(outputs):
    glued = {
        one.metadata["scrapbook"]["name"]: one.data[SCRAP] for one in outputs if "scrapbook" in (one.metadata or {})
    }
    markup = "\n".join(one.data["text/html"] for one in outputs if "text/html" in one.data)
    bare = re.sub(r"<style>.*?</style>", "", markup, flags=re.DOTALL)
    return Shown(unescape(re.sub(r"<[^>]+>", " ", bare)), markup, glued)


def hold(report, shown):
    """Hold a report against what is true of every report."""
    wrong = [shown.text[max(found.start() - 60, 0) : found.end() + 30] for found in UNDEFINED.finditer(shown.text)]
    assert not wrong, "something undefined is shown as a number"
    assert "Infinity" not in json.dumps(shown.glued)
    for name in REPORTS[report]:
        scrap = shown.glued[name]["data"] if "data" in shown.glued[name] else shown.glued[name]
        assert scrap["unit"] == KPIS[name].unit
        assert scrap["value"] is not None or scrap["reason"], name
    assert {"alerts", "provenance"} <= set(shown.glued)
    anchors = set(re.findall(r' id="([^"]+)"', shown.markup))
    assert set(re.findall(r'href="#([^"]+)"', shown.markup)) <= anchors, "a link leads nowhere"
    assert len(re.findall(r' id="([^"]+)"', shown.markup)) == len(anchors), "an id is there twice"


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_a_report_survives_every_account(show, tmp_path, path, account):
    """A day old, nothing but a value, all cash, all short, bankrupt: said as it is, and nothing is made up."""
    hold(path.stem, show(path, ACCOUNTS[account](tmp_path), RUN_DATE))


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_a_report_shows_the_sample(show, sample_settings, path):
    """The whole of the embedded sample, up to its last session."""
    hold(path.stem, show(path, sample_settings, "2025-06-30"))


@pytest.mark.real_account
@pytest.mark.parametrize("run_date", ["2004-01-09", "2009-12-31"])
@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_a_report_shows_a_real_account(show, real_store, path, run_date):
    """Its second session, and its last: no service, no benchmark, nothing but closes."""
    hold(path.stem, show(path, Settings(store=real_store), run_date))
