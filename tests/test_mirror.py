"""A mirror shows what the outputs show, and at no moment a link to a page that is not there."""

import json
import os
import signal
import subprocess
import sys
import uuid
from datetime import date

import pytest
from outputs import career, leave

from trade_dashboard.deliver import build_index, prune
from trade_dashboard.deliver.mirror import mirror
from trade_dashboard.errors import RequestError, TradeDashboardError
from trade_dashboard.runs.publish import workplace

MONDAY = date(2025, 6, 30)
# the libraries of the service warn about themselves
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture
def outputs(tmp_path):
    """Some evenings of two reports, indexed, with a run at work among them."""
    folder = tmp_path / "outputs"
    career(folder, 20, ("nightly_summary", "risk"))
    build_index(folder)
    with workplace(folder / "risk" / "2025-06-30", "now") as work:
        (work / "kernel.log").write_text("noise")
        yield folder


def shown(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def pages_of(outputs):
    return {name: content for name, content in shown(outputs).items() if "/." not in f"/{name}"}


def test_a_folder_becomes_the_same_and_stays_so(outputs, tmp_path):
    """Everything at first, then only what is new; what is gone goes; runs at work are nobody's business."""
    there = tmp_path / "there"
    first = mirror(outputs, str(there))
    assert (first.copied, first.removed, first.unchanged) == (len(pages_of(outputs)), 0, 0)
    assert mirror(outputs, str(there)).copied == 0
    leave(outputs, "risk", date(2025, 7, 1))
    prune(outputs, "XNYS", keep=5)
    build_index(outputs)
    third = mirror(outputs, str(there))
    assert third.copied == 3, "a page, its record and the index"
    assert third.removed > 0
    found = shown(there)
    found.pop("published.json")
    assert found == pages_of(outputs)


def test_a_bucket_becomes_the_same_with_the_right_types(outputs, s3):
    """As static hosting serves it: pages are HTML, and nothing is copied twice."""
    place = f"{s3}/{uuid.uuid4().hex}"
    mirror(outputs, place)
    assert mirror(outputs, place).copied == 0
    import s3fs

    files = s3fs.S3FileSystem(skip_instance_cache=True)
    assert files.info(f"{place}/index.html")["ContentType"] == "text/html"
    assert files.cat_file(f"{place}/index.html") == (outputs / "index.html").read_bytes()


DEADLY = """
import os, signal, sys
from pathlib import Path
from trade_dashboard.deliver import mirror as module

calls, real = 0, module._put

def deadly(files, path, content):
    global calls
    calls += 1
    if calls == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    real(files, path, content)

module._put = deadly
module.mirror(Path(sys.argv[1]), sys.argv[2])
"""


@pytest.mark.parametrize("death", [1, 7, 41, 42])
def test_killed_at_any_file_no_link_leads_nowhere(outputs, tmp_path, death):
    """The index comes when all it names is there; the next call goes on where this one ended."""
    there = tmp_path / "there"
    code = DEADLY.replace(
        "from trade_dashboard.deliver import mirror as module", "import trade_dashboard.deliver.mirror as module"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join(place for place in sys.path if place)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(outputs), str(there), str(death)], env=env, check=False, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    found = shown(there) if there.exists() else {}
    assert ("index.html" in found) == (death == 42)
    assert set(found) <= set(pages_of(outputs))
    mirror(outputs, str(there))
    assert set(shown(there)) == {*pages_of(outputs), "published.json"}


def test_a_list_that_is_broken_is_made_anew(outputs, tmp_path):
    """Everything is copied once more."""
    there = tmp_path / "there"
    copied = mirror(outputs, str(there)).copied
    (there / "published.json").write_text("{")
    assert mirror(outputs, str(there)).copied == copied
    assert json.loads((there / "published.json").read_text())


def test_what_cannot_be_is_said(outputs, tmp_path):
    """No index, a place of no known kind, and one that cannot be written."""
    with pytest.raises(RequestError, match="Try `trade-dashboard index` first"):
        mirror(tmp_path / "empty", str(tmp_path / "there"))
    with pytest.raises(RequestError, match="Expected a folder, s3://"):
        mirror(outputs, "nowhere://bucket")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TradeDashboardError, match="Expected to write to"):
        mirror(outputs, str(tmp_path / "file" / "there"))
